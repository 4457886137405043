//! The actions of the APIs, one file per family, and the table that names them.

pub mod api;
pub mod backtracks;
pub mod backups;
pub mod call;
pub mod clusters;
pub mod delete;
pub mod events;
pub mod instances;
pub mod metrics;
pub mod modify;
pub mod offers;
pub mod parameters;
pub mod power;
mod refused;
mod replicas;
pub mod restore;
pub mod restore_snapshot;
pub mod roles;
pub mod secrets;
mod settings;
pub mod snapshots;
pub mod sts;
pub mod subnet_groups;
pub mod table;
pub mod tags;
pub mod view;

#[cfg(test)]
mod tests;

pub use call::Call;
