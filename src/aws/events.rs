//! What the room tells its consumers: pages as they arrive.

use std::net::IpAddr;

use super::error::AwsError;
use crate::aurora::cluster::{Binlog, Cluster, Instance};
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

impl Place {
    /// Whether the endpoint is on this machine: an emulator, which nobody has to go easy on.
    pub fn is_local(&self) -> bool {
        is_local(self.endpoint.as_deref())
    }
}

/// Whether `endpoint` is a URL on this machine.
pub(super) fn is_local(endpoint: Option<&str>) -> bool {
    let Some((_, rest)) = endpoint.and_then(|url| url.split_once("://")) else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
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
    /// Whether binary logging is on; not asked for a cluster without Backtrack.
    pub binlog: Binlog,
    /// What could not be read, and why: an emulator or a policy may lack one of the two calls.
    pub missing: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[rstest::rstest]
    #[case(Some("http://127.0.0.1:4566"), true)]
    #[case(Some("http://localhost:4566/"), true)]
    #[case(Some("http://[::1]:4566"), true)]
    #[case(Some("http://localhost.example.com"), false)]
    #[case(Some("https://rds.eu-west-1.amazonaws.com"), false)]
    #[case(Some("nonsense"), false)]
    #[case(None, false)]
    fn only_this_machine_is_local(#[case] endpoint: Option<&str>, #[case] want: bool) {
        assert_eq!(is_local(endpoint), want);
    }
}
