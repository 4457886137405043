//! What a person asks for, and what is sent for it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::cluster::Cluster;
use super::ids::{ClusterId, ResourceId};
use super::mark::MarkName;

/// A clone, or a full copy of a past moment, as asked for. What is absent follows the source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CloneRequest {
    /// Identifier of the source.
    pub source: ClusterId,
    /// Resource id of the source, if it was known when the request was made: then no other cluster will do.
    pub source_resource: Option<ResourceId>,
    /// Identifier of the clone.
    pub name: ClusterId,
    /// Instance class; absent: the class of the source's writer.
    pub class: Option<String>,
    /// How long it lives; absent: for ever.
    pub ttl: Option<SignedDuration>,
    /// Backtrack window; zero: off; absent: the source's, [`DEFAULT_WINDOW`] at most.
    pub window: Option<SignedDuration>,
    /// DB subnet group.
    pub subnet_group: Option<String>,
    /// Security groups; none: the source's.
    pub security_groups: Vec<String>,
    /// Cluster parameter group.
    pub parameter_group: Option<String>,
    /// Whether an instance is added.
    pub instance: bool,
    /// The past moment of a full copy; absent: a clone of the present.
    pub full_copy_at: Option<Timestamp>,
    /// Who asks: `user@host`.
    pub owner: String,
    /// Tags besides those that prove whose it is.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// The window of a clone whose source has a longer one and whose request names none.
pub const DEFAULT_WINDOW: SignedDuration = SignedDuration::from_hours(24);

impl CloneRequest {
    /// A request for a clone of `source` with everything else left to the source.
    pub fn new(source: ClusterId, name: ClusterId, owner: impl Into<String>) -> Self {
        Self {
            source,
            source_resource: None,
            name,
            class: None,
            ttl: None,
            window: None,
            subnet_group: None,
            security_groups: Vec::new(),
            parameter_group: None,
            instance: true,
            full_copy_at: None,
            owner: owner.into(),
            tags: BTreeMap::new(),
        }
    }
}

/// How a copy is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CopyKind {
    /// `RestoreType=copy-on-write` with the latest restorable time: the only time a clone can have.
    CopyOnWrite,
    /// `RestoreType=full-copy` at this moment.
    FullCopy(Timestamp),
}

/// Every parameter of a clone. All of them are sent: RestoreDBClusterToPointInTime falls back to defaults of the
/// account, not to the source's settings, for what is left out (API reference).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CloneSpec {
    /// Source identifier.
    pub source: ClusterId,
    /// Source resource id.
    pub source_resource: ResourceId,
    /// Identifier of the clone.
    pub name: ClusterId,
    /// Clone or full copy.
    pub kind: CopyKind,
    /// TCP port.
    pub port: u16,
    /// DB subnet group.
    pub subnet_group: Option<String>,
    /// Security groups.
    pub security_groups: Vec<String>,
    /// Cluster parameter group.
    pub parameter_group: Option<String>,
    /// Authentication through IAM.
    pub iam_auth: bool,
    /// Log types exported to CloudWatch.
    pub log_exports: Vec<String>,
    /// `aurora` or `aurora-iopt1`.
    pub storage_type: Option<String>,
    /// Serverless v2 capacity.
    pub serverless: Option<(f64, f64)>,
    /// Backtrack window in seconds; 0 is off.
    pub window_seconds: i64,
    /// Tags that prove whose it is.
    pub tags: BTreeMap<String, String>,
    /// The instance to add.
    pub instance: Option<InstanceSpec>,
}

/// The instance of a clone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceSpec {
    /// Instance identifier.
    pub id: ClusterId,
    /// Instance class.
    pub class: String,
    /// Engine, as on the wire.
    pub engine: String,
    /// DB parameter group; absent: the engine's default one.
    #[serde(default)]
    pub parameter_group: Option<String>,
    /// Whether it gets an address outside of the VPC. Always sent: what RDS takes otherwise depends on the network (API
    /// reference, CreateDBInstance), and a clone has production's data.
    #[serde(default)]
    pub public: bool,
}

/// A rewind as asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RewindRequest {
    /// Identifier of the cluster.
    pub cluster: ClusterId,
    /// Its resource id: the request is bound to it.
    pub resource: ResourceId,
    /// The moment to go to.
    pub to: Timestamp,
    /// Go to the earliest moment that can be reached when the call goes out; `to` is then what it was when asked.
    pub earliest: bool,
    /// Go on although binary logging is on: what reads the binary log never hears of a rewind (User Guide, Backtracking).
    #[serde(default)]
    pub force: bool,
}

impl RewindRequest {
    /// A rewind of `cluster` to `to`.
    pub fn new(cluster: &Cluster, to: Timestamp) -> Self {
        let (id, resource) = (cluster.id.clone(), cluster.resource_id.clone());
        Self { cluster: id, resource, to, earliest: false, force: false }
    }
}

/// A mark to be set or taken off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkRequest {
    /// Identifier of the cluster.
    pub cluster: ClusterId,
    /// Its resource id: the request is bound to it.
    pub resource: ResourceId,
    /// What the mark is called.
    pub name: MarkName,
    /// The moment that it stands for; absent: it is taken off.
    pub at: Option<Timestamp>,
}

/// A deletion as asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteRequest {
    /// Identifier of the cluster.
    pub cluster: ClusterId,
    /// Its resource id: the request is bound to it.
    pub resource: ResourceId,
    /// Name of a final snapshot; absent: none is made.
    pub final_snapshot: Option<ClusterId>,
    /// Only if it has expired by then, as a sweep wants: somebody may extend it meanwhile.
    #[serde(default)]
    pub expired: bool,
}

impl DeleteRequest {
    /// A deletion of `cluster`, without a final snapshot.
    pub fn new(cluster: &Cluster) -> Self {
        let (id, resource) = (cluster.id.clone(), cluster.resource_id.clone());
        Self { cluster: id, resource, final_snapshot: None, expired: false }
    }
}
