//! Manual snapshots of clusters.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::protocol::{ApiError, Code};
use super::super::rules::engine::Engine;
use super::super::rules::tags::Tags;
use super::super::rules::timing::Work;
use super::cluster::{Cluster, Settings};
use super::event::Source;
use super::{Account, Subject};

/// The most manual snapshots of an account (User Guide, Quotas).
pub const MOST_SNAPSHOTS: usize = 100;

/// One snapshot. It outlives its cluster and remembers what a restore needs to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    pub id: String,
    /// The identifier that the cluster had.
    pub cluster: String,
    pub resource_id: String,
    pub cluster_created: Timestamp,
    pub created: Timestamp,
    /// When it has been taken; `creating` until then.
    pub ready: Timestamp,
    pub engine: Engine,
    pub version: String,
    pub master_username: String,
    pub database: Option<String>,
    pub vpc: String,
    /// All bytes of the cluster's database, shared ones too: a restore pays for each of them.
    pub size: f64,
    pub settings: Settings,
    pub tags: Tags,
}

impl Snapshot {
    /// Whether it can be restored from and deleted.
    pub fn is_available(&self, now: Timestamp) -> bool {
        now >= self.ready
    }

    /// How much of it has been taken.
    pub fn percent(&self, now: Timestamp) -> i64 {
        let whole = self.ready.duration_since(self.created).as_secs().max(1);
        (now.duration_since(self.created).as_secs() * 100 / whole).clamp(0, 100)
    }
}

impl Account {
    /// All snapshots by identifier, behind `after`.
    pub fn snapshots(&self, after: Option<&str>) -> impl Iterator<Item = &Snapshot> {
        super::behind(&self.snapshots, after)
    }

    /// The snapshot of an identifier or ARN.
    pub fn snapshot(&self, reference: &str) -> Result<&Snapshot, ApiError> {
        self.snapshots.get(&self.key("cluster-snapshot", reference)).ok_or_else(|| no_snapshot(reference))
    }

    /// The snapshot of an identifier or ARN, to change.
    pub fn snapshot_mut(&mut self, reference: &str) -> Result<&mut Snapshot, ApiError> {
        let key = self.key("cluster-snapshot", reference);
        self.snapshots.get_mut(&key).ok_or_else(|| no_snapshot(reference))
    }

    /// Whether a new snapshot may have this identifier.
    pub fn check_room_for_snapshot(&self, id: &str) -> Result<(), ApiError> {
        if self.snapshots.contains_key(id) {
            return Err(ApiError::new(
                Code::ClusterSnapshotAlreadyExists,
                format!("Cannot create the cluster snapshot because one with the identifier {id} already exists."),
            ));
        }
        if self.snapshots.len() >= MOST_SNAPSHOTS {
            let message = format!("Cannot create more than {MOST_SNAPSHOTS} manual snapshots");
            return Err(ApiError::new(Code::SnapshotQuotaExceeded, message));
        }
        self.check_storage()
    }

    /// Takes a snapshot. The tags of the cluster come with it when the cluster says so
    /// (API reference, CreateDBCluster, CopyTagsToSnapshot); those of the request go before them.
    pub fn take_snapshot(&mut self, cluster: &Cluster, id: &str, tags: Tags, now: Timestamp) {
        let mut all = if cluster.settings.copy_tags_to_snapshot { cluster.tags.clone() } else { Tags::new() };
        all.extend(tags);
        let group = self.surroundings.subnet_group(&cluster.settings.subnet_group);
        let ready = self.end_of(Work::FinalSnapshot, &cluster.resource_id, now);
        let snapshot = Snapshot {
            id: id.to_owned(),
            cluster: cluster.id.clone(),
            resource_id: cluster.resource_id.clone(),
            cluster_created: cluster.created,
            created: now,
            ready,
            engine: cluster.engine,
            version: cluster.version.clone(),
            master_username: cluster.master_username.clone(),
            database: cluster.database.clone(),
            vpc: group.map(|group| group.vpc.clone()).unwrap_or_default(),
            size: self.database_bytes(cluster, now),
            settings: cluster.settings.clone(),
            tags: all,
        };
        self.events.record(now, Source::Snapshot, id, "backup", "Creating manual cluster snapshot");
        self.schedule(Some(ready), Subject::Snapshot(id.to_owned()));
        self.snapshots.insert(id.to_owned(), snapshot);
    }

    /// Throws a snapshot away.
    pub fn remove_snapshot(&mut self, id: &str, now: Timestamp) {
        if self.snapshots.remove(id).is_some() {
            self.events.record(now, Source::Snapshot, id, "deletion", "Deleted manual cluster snapshot");
        }
    }

    pub(super) fn snapshot_taken(&mut self, id: &str, due: Timestamp) {
        // One of the same name may have been deleted and made again since.
        if self.snapshots.get(id).is_some_and(|snapshot| snapshot.ready == due) {
            self.events.record(due, Source::Snapshot, id, "backup", "Manual cluster snapshot created");
        }
    }
}

fn no_snapshot(reference: &str) -> ApiError {
    ApiError::new(Code::ClusterSnapshotNotFound, format!("DBClusterSnapshot not found: {reference}"))
}
