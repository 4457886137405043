//! The only room that knows the SDK: reading the fleet, the changing calls, error classes, pacing.
//!
//! Nothing of the SDK leaves it: types become the domain's in `convert`, errors become [`AwsError`]. What changes
//! something asks for a [`Permit`](crate::aurora::Permit) and lives in `mutate.rs` alone.

mod classify;
mod connect;
mod convert;
pub mod error;
pub mod events;
mod identity;
pub mod metrics;
mod mutate;
mod pace;
mod parameters;
mod read;
mod secrets;
mod stacks;

use std::sync::{Arc, OnceLock};

use tokio::time::Instant;

pub use connect::{Connection, Timeouts};
pub use error::{AwsError, ErrorKind};
pub use events::{FleetEvent, History, Place};
pub use identity::Identity;
pub use metrics::Metrics;
pub use pace::Calls;

/// A connection to RDS in one region, as one identity. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Aws {
    rds: aws_sdk_rds::Client,
    /// Absent where it is switched off.
    cloudwatch: Option<aws_sdk_cloudwatch::Client>,
    /// Absent where RDS is an emulator and CloudFormation would be AWS.
    stacks: Option<aws_sdk_cloudformation::Client>,
    /// Set once CloudWatch was refused.
    no_metrics: Arc<OnceLock<()>>,
    /// What clients are made from that are rarely needed.
    config: aws_config::SdkConfig,
    place: Place,
    /// The account, once an ARN has named it.
    account: Arc<OnceLock<String>>,
    /// Set once a cluster with a clone group was seen; an emulator may report none.
    groups: Arc<OnceLock<()>>,
    pace: pace::Pace,
    /// After this moment no change goes out any more.
    until: Option<Instant>,
}

impl Aws {
    /// The account that this leads to, as far as anything that was read has named it.
    pub fn account(&self) -> Option<&str> {
        self.account.get().map(String::as_str)
    }

    /// Whether this endpoint is known to tell which clusters were cloned from one another. AWS does; an emulator may not.
    pub fn reports_groups(&self) -> bool {
        self.place.endpoint.is_none() || self.groups.get().is_some()
    }

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
