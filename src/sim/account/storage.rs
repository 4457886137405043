//! Whose pages are whose: a clone is billed for the pages that it allocates, its source for those that both still share
//! (User Guide, Cloning: how storage is billed).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::rules::chance;
use super::Account;
use super::cluster::{Cluster, Origin};

/// The pages of one cluster's volume, in bytes. A copy-on-write clone begins with none of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Volume {
    /// What it is billed for, whatever is written.
    own: f64,
    /// What it had in common with `with` when it was cloned, and is not billed for.
    shared: f64,
    /// The resource id of the cluster that is billed for what is shared.
    with: Option<String>,
    /// The part of `own` that other heirs of the same gone source still share.
    pooled: f64,
    /// What it allocates: bytes per second.
    growth: f64,
    since: Timestamp,
    /// What a real database has, in place of all that is computed.
    #[serde(skip)]
    measured: Option<u64>,
}

const GIB: f64 = 1_073_741_824.0;

impl Volume {
    /// A volume that shares nothing: of some size when it comes with a fleet, nearly empty when it is new.
    fn fresh(seed: u64, cluster: &Cluster, empty: bool) -> Self {
        let mut rng = chance::of(seed, &[&cluster.resource_id, "volume"]);
        // Most databases are small and some are huge: 2 GiB to 2 TiB.
        let size = 2.0 * GIB * 1024f64.powf(rng.f64());
        let own = if empty { 0.04 * GIB } else { size };
        let writes = cluster.backtrack.as_ref().map(|backtrack| backtrack.load.per_second);
        // A change record stands for some hundred bytes, and few writes touch a page for the first time.
        let growth = 40.0 * writes.unwrap_or(2.0 + 98.0 * rng.f64());
        Self { own, shared: 0.0, with: None, pooled: 0.0, growth, since: cluster.created, measured: None }
    }

    /// Pages that were written since it was made. Those that were shared are allocated anew.
    fn written(&self, now: Timestamp) -> f64 {
        self.growth * now.duration_since(self.since).as_secs_f64().max(0.0)
    }

    /// What it is billed for.
    fn billed(&self, now: Timestamp) -> f64 {
        self.measured.map_or_else(|| self.own + self.written(now), |bytes| bytes as f64)
    }

    /// What it still has in common with its source.
    fn common(&self, now: Timestamp) -> f64 {
        (self.shared - self.written(now)).max(0.0)
    }

    /// All that its database holds: its own pages and those that it shares.
    fn logical(&self, now: Timestamp) -> f64 {
        self.billed(now) + self.common(now)
    }
}

impl Account {
    /// Gives a new cluster its volume.
    pub(super) fn new_volume(&mut self, cluster: &Cluster) {
        let volume = Volume::fresh(self.pace.seed, cluster, cluster.restored.is_none());
        self.volumes.insert(cluster.resource_id.clone(), volume);
    }

    /// Makes the volume of a copy from its source's: a clone shares its pages, a full copy pays for its own.
    pub fn copy_volume(&mut self, source: &str, copy: &str) {
        let (Some(source), Some(copy)) = (self.clusters.get(source), self.clusters.get(copy)) else {
            return;
        };
        let size = self.database_bytes(source, copy.created);
        if let Some(volume) = self.volumes.get_mut(&copy.resource_id) {
            let clones = copy.origin == Origin::Clone;
            (volume.own, volume.shared) = if clones { (0.0, size) } else { (size, 0.0) };
            volume.with = clones.then(|| source.resource_id.clone());
        }
    }

    /// All bytes of a cluster's database, whoever is billed for them.
    pub fn database_bytes(&self, cluster: &Cluster, at: Timestamp) -> f64 {
        self.volumes.get(&cluster.resource_id).map_or(0.0, |volume| volume.logical(at))
    }

    /// Fills the volume of a cluster that was made from a snapshot of so many bytes.
    pub fn fill_volume(&mut self, id: &str, bytes: f64) {
        let resource_id = self.clusters.get(id).map(|cluster| &cluster.resource_id);
        if let Some(volume) = resource_id.and_then(|resource_id| self.volumes.get_mut(resource_id)) {
            volume.own = bytes;
        }
    }

    /// `VolumeBytesUsed` of a cluster: only what it is billed for.
    pub fn volume_bytes(&self, cluster: &Cluster, at: Timestamp) -> f64 {
        self.volumes.get(&cluster.resource_id).map_or(0.0, |volume| volume.billed(at))
    }

    /// Has a cluster billed for what its real database has in pages of its own.
    pub fn set_volume(&mut self, resource_id: &str, bytes: u64) {
        if let Some(volume) = self.volumes.get_mut(resource_id) {
            volume.measured = Some(bytes);
        }
    }

    /// What all clusters are billed for.
    #[cfg(test)]
    pub fn all_bytes(&self, at: Timestamp) -> f64 {
        self.volumes.values().map(|volume| volume.billed(at)).sum()
    }

    /// When a cluster goes, the pages that its clones still need become theirs, in equal parts.
    pub(super) fn leave_volume(&mut self, resource_id: &str, now: Timestamp) {
        let Some(gone) = self.volumes.remove(resource_id) else {
            return;
        };
        let source = gone.with.as_deref().unwrap_or(resource_id).to_owned();
        let source_lives = self.volumes.contains_key(&source);
        let mut left = gone.billed(now);
        if gone.with.is_some() && !source_lives {
            left -= self.hand_down(now, gone.pooled, &source, &source);
        }
        self.hand_down(now, left, resource_id, &source);
    }

    /// Bills what is `left` of a volume to those who have it in common with `from`, in equal parts. Each keeps sharing the
    /// rest, from now on with `then`. Answers how much found an heir.
    fn hand_down(&mut self, now: Timestamp, left: f64, from: &str, then: &str) -> f64 {
        let mut given = 0.0;
        let sharing = |volume: &&mut Volume| volume.with.as_deref() == Some(from);
        let heirs: Vec<&mut Volume> = self.volumes.values_mut().filter(sharing).collect();
        let count = heirs.len() as f64;
        for heir in heirs {
            let common = heir.common(now);
            let part = common.min(left) / count;
            heir.own = heir.billed(now) + part;
            heir.shared = common - part;
            heir.pooled += if count > 1.0 { part } else { 0.0 };
            heir.since = now;
            heir.with = Some(then.to_owned());
            given += part;
        }
        given
    }
}
