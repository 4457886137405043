//! A cluster as AWS reports it.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::ids::{ClusterId, ResourceId};
use super::ownership::Ownership;
use super::secure::MasterSecret;
use super::window::{Backtrack, Reach};

/// The engines that this program knows. DescribeDBClusters also answers Neptune, DocumentDB and Multi-AZ clusters
/// (API reference, DescribeDBClusters); those are never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    /// `aurora-mysql`: clones and Backtrack.
    AuroraMysql,
    /// `aurora-postgresql`: clones only.
    AuroraPostgresql,
}

impl Engine {
    /// The engine with this wire name, if it is one of Aurora's.
    pub fn from_wire(name: &str) -> Option<Self> {
        match name {
            "aurora-mysql" => Some(Self::AuroraMysql),
            "aurora-postgresql" => Some(Self::AuroraPostgresql),
            _ => None,
        }
    }

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuroraMysql => "aurora-mysql",
            Self::AuroraPostgresql => "aurora-postgresql",
        }
    }

    /// Backtrack exists for Aurora MySQL only (User Guide, Backtracking an Aurora DB cluster).
    pub fn can_backtrack(self) -> bool {
        self == Self::AuroraMysql
    }

    /// The port that RDS takes when a request names none.
    pub fn default_port(self) -> u16 {
        match self {
            Self::AuroraMysql => 3306,
            Self::AuroraPostgresql => 5432,
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The status of a cluster or an instance. AWS adds new ones without notice, so an unknown word is kept as it came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClusterStatus {
    /// Ready.
    Available,
    /// Being made; a clone is `creating` too, there is no `cloning`.
    Creating,
    /// A rewind is under way.
    Backtracking,
    /// Parameters are being changed.
    Modifying,
    /// On its way out.
    Deleting,
    /// Comes back by itself after seven days.
    Stopped,
    /// On its way to `stopped`.
    Stopping,
    /// On its way from `stopped`.
    Starting,
    /// The clone could not be made.
    CloningFailed,
    /// Any other word, in lower case.
    Other(String),
}

/// What a status means to somebody who wants to work with the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Health {
    /// Can be worked with.
    Ready,
    /// Something is under way; also every status we do not know.
    Busy,
    /// Stopped: start it first.
    Stopped,
    /// Needs a person.
    Broken,
}

/// Words that mean trouble (User Guide, cluster and instance status; and what providers' code waits for).
const BROKEN: [&str; 9] = [
    "failed",
    "migration-failed",
    "restore-failed",
    "restore-error",
    "storage-full",
    "insufficient-capacity",
    "upgrade_failed",
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
];

impl ClusterStatus {
    /// Reads the word of AWS, whatever its case.
    pub fn from_wire(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "available" => Self::Available,
            "creating" => Self::Creating,
            "backtracking" => Self::Backtracking,
            "modifying" => Self::Modifying,
            "deleting" => Self::Deleting,
            "stopped" => Self::Stopped,
            "stopping" => Self::Stopping,
            "starting" => Self::Starting,
            "cloning-failed" => Self::CloningFailed,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The word of AWS.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Available => "available",
            Self::Creating => "creating",
            Self::Backtracking => "backtracking",
            Self::Modifying => "modifying",
            Self::Deleting => "deleting",
            Self::Stopped => "stopped",
            Self::Stopping => "stopping",
            Self::Starting => "starting",
            Self::CloningFailed => "cloning-failed",
            Self::Other(word) => word,
        }
    }

    /// What the status means for work with the cluster.
    pub fn health(&self) -> Health {
        match self {
            Self::Available => Health::Ready,
            Self::Stopped => Health::Stopped,
            Self::CloningFailed => Health::Broken,
            Self::Other(word) if BROKEN.contains(&word.as_str()) || word.starts_with("incompatible-") => Health::Broken,
            _ => Health::Busy,
        }
    }
}

impl fmt::Display for ClusterStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether a cluster writes a binary log: its cluster parameter `binlog_format` (User Guide, Replication with MySQL).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Binlog {
    /// It could not be read.
    #[default]
    Unknown,
    /// Off, as by default.
    Off,
    /// On, in whatever format.
    On,
}

/// An entry of `DBClusterMembers`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Instance identifier.
    pub id: String,
    /// Whether it is the writer.
    pub writer: bool,
}

/// A DB instance of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Instance identifier.
    pub id: String,
    /// The cluster that it belongs to.
    pub cluster: ClusterId,
    /// `db.r6g.large` …
    pub class: String,
    /// Its own status.
    pub status: ClusterStatus,
    /// DB parameter group, which is not the cluster's.
    pub parameter_group: Option<String>,
    /// Whether it has an address outside of the VPC.
    pub public: bool,
}

/// How clients reach a cluster, and what a clone must be told to be reachable in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Network {
    /// Writer endpoint.
    pub endpoint: Option<String>,
    /// Reader endpoint.
    pub reader_endpoint: Option<String>,
    /// TCP port.
    pub port: Option<u16>,
    /// DB subnet group.
    pub subnet_group: Option<String>,
    /// VPC security groups.
    pub security_groups: Vec<String>,
    /// Storage availability zones.
    pub availability_zones: Vec<String>,
}

/// Settings that a restore does not carry over unless they are sent (API reference, RestoreDBClusterToPointInTime).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// Cluster parameter group.
    pub parameter_group: Option<String>,
    /// Whether an instance waits for a restart to take parameters of it over.
    pub parameters_pending: bool,
    /// Authentication through IAM.
    pub iam_auth: bool,
    /// Log types exported to CloudWatch.
    pub log_exports: Vec<String>,
    /// Deletion protection.
    pub deletion_protection: bool,
    /// `aurora` or `aurora-iopt1`.
    pub storage_type: Option<String>,
    /// Serverless v2 capacity, lowest and highest ACU.
    pub serverless: Option<(f64, f64)>,
    /// Days of automatic backups.
    pub backup_retention_days: Option<u16>,
    /// Whether the storage is encrypted.
    pub encrypted: bool,
    /// Where Secrets Manager keeps the master user's password, if it does.
    pub master_secret: Option<MasterSecret>,
    /// Whether a change was taken that is not in force yet.
    pub changes_pending: bool,
    /// The master user; a clone has the source's.
    pub master_user: Option<String>,
}

/// A DB cluster as AWS reported it. Every text in it is free of control characters.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Identifier; may be renamed.
    pub id: ClusterId,
    /// Never changes.
    pub resource_id: ResourceId,
    /// Amazon resource name.
    pub arn: String,
    /// Engine.
    pub engine: Engine,
    /// Engine version, as AWS writes it.
    pub engine_version: String,
    /// Status.
    pub status: ClusterStatus,
    /// When the cluster was made; for a clone the wall before which no rewind goes.
    pub created_at: Option<Timestamp>,
    /// Shared by a source, its clones and their full copies; absent before the first clone.
    pub clone_group: Option<String>,
    /// Member of a global database, which cannot be rewound.
    pub global: bool,
    /// Instances, writer or reader.
    pub members: Vec<Member>,
    /// Backtrack settings and state.
    pub backtrack: Backtrack,
    /// Earliest and latest moment of point-in-time restore.
    pub restorable: Option<(Timestamp, Timestamp)>,
    /// When a stopped cluster starts by itself.
    pub restarts_at: Option<Timestamp>,
    /// How it is reached.
    pub network: Network,
    /// Settings a clone would lose.
    pub settings: Settings,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Cluster {
    /// How far back this cluster can be rewound at `now`, if Backtrack is on.
    pub fn reach(&self, now: Timestamp) -> Option<Reach> {
        self.backtrack.reach(self.created_at, now)
    }

    /// What our tags prove about this cluster.
    pub fn ownership(&self) -> Ownership {
        Ownership::of(self)
    }

    /// Time since it was made.
    pub fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        self.created_at.map(|at| now.duration_since(at))
    }

    /// Account that the ARN names.
    pub fn account(&self) -> Option<&str> {
        self.arn.split(':').nth(4).filter(|part| !part.is_empty())
    }

    /// Region that the ARN names.
    pub fn region(&self) -> Option<&str> {
        self.arn.split(':').nth(3).filter(|part| !part.is_empty())
    }

    /// The writer's instance id, if there is an instance at all.
    pub fn writer(&self) -> Option<&str> {
        self.members.iter().find(|m| m.writer).or(self.members.first()).map(|m| m.id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("available", Health::Ready)]
    #[case("Available", Health::Ready)]
    #[case("creating", Health::Busy)]
    #[case("stopped", Health::Stopped)]
    #[case("cloning-failed", Health::Broken)]
    #[case("incompatible-parameters", Health::Broken)]
    #[case("inaccessible-encryption-credentials", Health::Broken)]
    #[case("a-word-of-2031", Health::Busy)]
    fn every_status_has_a_meaning_and_keeps_its_word(#[case] word: &str, #[case] health: Health) {
        let status = ClusterStatus::from_wire(word);
        assert_eq!(status.health(), health);
        assert_eq!(status.as_str(), word.to_ascii_lowercase());
    }

    #[rstest::rstest]
    #[case("aurora-mysql", true)]
    #[case("aurora-postgresql", true)]
    #[case("neptune", false)]
    #[case("docdb", false)]
    #[case("mysql", false)]
    fn only_aurora_is_shown(#[case] name: &str, #[case] shown: bool) {
        assert_eq!(Engine::from_wire(name).is_some(), shown);
    }
}
