//! Aurora's rules as plain functions: no account, no protocol beyond the errors they end in, no clock.

pub mod catalogue;
pub mod chance;
pub mod connections;
pub mod engine;
pub mod identifier;
pub mod landing;
pub mod load;
pub mod metrics;
pub mod parameters;
pub mod password;
pub mod regions;
pub mod roles;
pub mod snapshot;
pub mod support;
pub mod tags;
pub mod timing;
pub mod window;
