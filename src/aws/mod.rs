//! The only room that knows the SDK: reading the fleet, the changing calls, error classes, pacing.

pub mod error;
pub mod events;

pub use error::{AwsError, ErrorKind};
pub use events::{FleetEvent, History, Place};
