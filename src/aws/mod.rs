//! The only room that knows the SDK: reading the fleet, the changing calls, error classes, pacing.
//!
//! Nothing of the SDK leaves it: types become the domain's in `convert`, errors become [`AwsError`]. What changes
//! something asks for a [`Permit`](crate::aurora::Permit) and lives in `mutate.rs` alone.

mod classify;
mod connect;
mod convert;
pub mod error;
pub mod events;
mod mutate;
mod read;

pub use connect::{Connection, Timeouts};
pub use error::{AwsError, ErrorKind};
pub use events::{FleetEvent, History, Place};

/// A connection to RDS in one region, as one identity. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Aws {
    rds: aws_sdk_rds::Client,
    place: Place,
}

impl Aws {
    /// Where this leads to.
    pub fn place(&self) -> &Place {
        &self.place
    }
}
