//! What the room tells its consumers: pages as they arrive.

use super::error::AwsError;
use crate::aurora::cluster::{Cluster, Instance};
use crate::aurora::event::ClusterEvent;
use crate::aurora::rewind::Rewind;

/// Which account is looked at, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Profile, if one was named.
    pub profile: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Endpoint, if not AWS's own.
    pub endpoint: Option<String>,
    /// Whether it is the simulator of `aurewind demo`.
    pub demo: bool,
}

/// The progress of one listing of the fleet. A listing is one `Begun`, then pages in any number, then `Done` or
/// `Failed`.
#[derive(Debug, Clone, PartialEq)]
pub enum FleetEvent {
    /// A listing begins.
    Begun,
    /// A page of clusters; other engines than Aurora's are left out.
    Clusters(Vec<Cluster>),
    /// A page of instances.
    Instances(Vec<Instance>),
    /// The listing is complete.
    Done,
    /// The listing ended early; what was read before stays valid.
    Failed(AwsError),
}

/// What is read for one cluster when somebody looks at it closely.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// Past rewinds, the newest first; empty for a cluster without Backtrack.
    pub rewinds: Vec<Rewind>,
    /// Events of the last days, the newest first.
    pub events: Vec<ClusterEvent>,
    /// What could not be read, and why: an emulator or a policy may lack one of the two calls.
    pub missing: Vec<String>,
}
