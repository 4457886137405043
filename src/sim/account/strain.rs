//! What the machine behind the account has no room for: real databases take real memory and disk.

use super::super::protocol::{ApiError, Code};
use super::Account;
use super::cluster::Cluster;

/// Why there can be no more; empty where nothing real stands behind the account.
#[derive(Clone, Debug, Default)]
pub struct Strain {
    /// Why no other server can run.
    pub servers: Option<String>,
    /// Why no more data can be kept.
    pub storage: Option<String>,
    /// The clusters, by resource id, whose servers run.
    pub running: Vec<String>,
}

impl Account {
    /// Whether a cluster can have a server; one that runs already can.
    pub fn check_server_for(&self, cluster: &Cluster) -> Result<(), ApiError> {
        let needed = cluster.engine.has_backtrack() && !self.strain.running.contains(&cluster.resource_id);
        refuse(self.strain.servers.as_ref().filter(|_| needed), Code::InsufficientInstanceCapacity)
    }

    /// Whether there is room for another copy of data.
    pub(super) fn check_storage(&self) -> Result<(), ApiError> {
        refuse(self.strain.storage.as_ref(), Code::StorageQuotaExceeded)
    }
}

fn refuse(reason: Option<&String>, code: Code) -> Result<(), ApiError> {
    reason.map_or(Ok(()), |reason| Err(ApiError::new(code, reason.clone())))
}
