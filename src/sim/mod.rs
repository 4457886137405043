//! The simulated account: an HTTP server on loopback that speaks the RDS query protocol as the real service does, with
//! copy-on-write clones and Backtrack; and beside it what CloudWatch, CloudFormation and STS say of the same account.
//!
//! It is used over HTTP only, as AWS is, and shares nothing with the rooms that call AWS. Inside, `protocol` knows forms
//! and XML but no clusters, `rules` are Aurora's rules as plain functions, `account` is the state and its passing of
//! time, `actions` are the API, `fleet` fills an account, and `service` puts a request through all of them.

mod account;
mod actions;
mod clock;
mod cloudformation;
mod control;
#[cfg(unix)]
mod dataplane;
mod faults;
mod fleet;
#[cfg(any(test, fuzzing))]
#[allow(clippy::expect_used, reason = "it panics where it finds something")]
pub mod fuzzing;
mod keep;
mod ledger;
mod options;
mod protocol;
mod rules;
mod server;
mod service;
mod twists;

pub use clock::Clock;
#[cfg(unix)]
pub use dataplane::{DataPlane, DataPlaneError, FLEET_PASSWORD, FreeSpace, KEEPER, become_server};
pub use faults::Fault;
pub use fleet::FleetSpec;
pub use options::{Options, SimError};
pub use server::Simulator;

#[cfg(test)]
mod tests;
