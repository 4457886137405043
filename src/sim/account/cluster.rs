//! A cluster as the account holds it.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::clock::{after, before};
use super::super::rules::engine::Engine;
use super::super::rules::roles::Role;
use super::super::rules::tags::Tags;
use super::backtrack::Backtrack;
use super::lifecycle::Lifecycle;

/// The statuses that this simulator can put a cluster into (User Guide, cluster status).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClusterStatus {
    Available,
    Backtracking,
    CloningFailed,
    Creating,
    Deleting,
    Modifying,
    Renaming,
    ResettingMasterCredentials,
    Starting,
    Stopped,
    Stopping,
}

impl ClusterStatus {
    /// The status on the wire. There is no `cloning`: a clone is `creating`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Backtracking => "backtracking",
            Self::CloningFailed => "cloning-failed",
            Self::Creating => "creating",
            Self::Deleting => "deleting",
            Self::Modifying => "modifying",
            Self::Renaming => "renaming",
            Self::ResettingMasterCredentials => "resetting-master-credentials",
            Self::Starting => "starting",
            Self::Stopped => "stopped",
            Self::Stopping => "stopping",
        }
    }
}

/// How a cluster came to be. The service has no field that tells; the fifteen-clone rule needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Made empty.
    New,
    /// A copy-on-write clone that shares its source's pages.
    Clone,
    /// A point-in-time restore, or a clone beyond the fifteenth.
    FullCopy,
}

/// What can be chosen when a cluster is made and mostly changed later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub port: u16,
    pub parameter_group: String,
    pub subnet_group: String,
    pub security_groups: Vec<String>,
    pub kms_key: Option<String>,
    pub iam_authentication: bool,
    pub log_exports: Vec<String>,
    pub deletion_protection: bool,
    pub copy_tags_to_snapshot: bool,
    pub io_optimized: bool,
    pub network_type: String,
    pub backup_retention_days: i64,
    pub backup_window: String,
    pub maintenance_window: String,
    pub serverless: Option<Capacity>,
    /// The three zones that its storage is in.
    #[serde(default)]
    pub zones: Vec<String>,
    #[serde(default)]
    pub roles: Vec<Role>,
    /// The tags of its automated backup.
    #[serde(default)]
    pub backup_tags: Tags,
    /// Whether it does without Extended Support.
    #[serde(default)]
    pub unextended: bool,
    /// Whether it is reached over an internet access gateway instead of a VPC.
    #[serde(default)]
    pub internet: bool,
    /// The static parameters that somebody changed, as the writer started with them.
    pub in_effect: BTreeMap<String, String>,
}

/// The range of a Serverless v2 cluster, in capacity units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    pub least: f64,
    pub most: f64,
}

/// What Secrets Manager keeps of a cluster.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Secret {
    pub arn: String,
    pub password: String,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("arn", &self.arn).finish_non_exhaustive()
    }
}

/// One cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    pub id: String,
    pub resource_id: String,
    pub created: Timestamp,
    pub origin: Origin,
    pub engine: Engine,
    pub version: String,
    pub master_username: String,
    /// Where its master password is kept, if Secrets Manager keeps it. No restore carries it over (User Guide, Password
    /// management with Amazon Aurora and AWS Secrets Manager).
    #[serde(default)]
    pub secret: Option<Secret>,
    pub database: Option<String>,
    pub life: Lifecycle<ClusterStatus>,
    pub settings: Settings,
    pub clone_group: Option<String>,
    /// Absent when Backtrack was never enabled or was disabled for ever.
    pub backtrack: Option<Backtrack>,
    /// Instance identifiers, in the order of their creation.
    pub members: Vec<String>,
    pub writer: Option<String>,
    pub tags: Tags,
    /// When its creation or restore was done; no backup exists before.
    pub restored: Option<Timestamp>,
    /// When a stopped cluster starts by itself.
    pub restart: Option<Timestamp>,
    /// What DescribeDBClusters reports instead of the invented endpoint.
    pub endpoint: Option<(String, u16)>,
}

impl Cluster {
    /// The present status.
    pub fn status(&self) -> ClusterStatus {
        self.life.status()
    }

    /// The backups' range: the latest is within five minutes of now (API reference, DBCluster.LatestRestorableTime);
    /// both are absent until the restore is done (User Guide, Backups).
    pub fn restorable(&self, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let first = self.restored?;
        let retention = SignedDuration::from_hours(24 * self.settings.backup_retention_days);
        let earliest = first.max(before(now, retention));
        let step = SignedDuration::from_mins(5);
        let phase = self.created.as_second().rem_euclid(step.as_secs());
        let since = (now.as_second() - phase).rem_euclid(step.as_secs());
        let latest = after(now, SignedDuration::from_secs(-since));
        Some((earliest, latest.max(earliest)))
    }

    /// Nothing earlier can be rewound to: what the change records reach, and never before the cluster existed
    /// (User Guide, Backtracking).
    pub fn floor(&self, now: Timestamp) -> Option<Timestamp> {
        self.backtrack.as_ref().map(|backtrack| backtrack.earliest(now).max(self.created))
    }
}
