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
mod pace;
mod read;

use tokio::time::Instant;

pub use connect::{Connection, Timeouts};
pub use error::{AwsError, ErrorKind};
pub use events::{FleetEvent, History, Place};
pub use pace::Calls;

/// A connection to RDS in one region, as one identity. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Aws {
    rds: aws_sdk_rds::Client,
    place: Place,
    pace: pace::Pace,
    /// After this moment no change goes out any more.
    until: Option<Instant>,
}

impl Aws {
    /// Where this leads to.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The same connection, but a change that is not on its way by `until` is not made: a process that was stopped between
    /// the announcement of a call and the call must not make it when it comes back.
    #[must_use]
    pub fn until(&self, until: Instant) -> Self {
        Self { until: Some(until), ..self.clone() }
    }

    /// How many calls have gone out, and how many may.
    pub fn calls(&self) -> Calls {
        self.pace.calls()
    }
}
