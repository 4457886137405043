//! Stopping, starting and renaming a cluster.

use jiff::{SignedDuration, Timestamp};

use super::super::clock::after;
use super::super::rules::timing::Work;
use super::Account;
use super::cluster::ClusterStatus;
use super::instance::InstanceStatus;
use super::lifecycle::{Lifecycle, Next};

/// How long a stopped cluster stays stopped before it starts by itself (User Guide, stopping a cluster).
pub const STOPPED: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Account {
    /// Stops a cluster with its instances; after seven days it starts by itself.
    pub fn stop_cluster(&mut self, id: &str, now: Timestamp) {
        let Some((resource_id, members)) = self.parts(id) else { return };
        let stopped = self.end_of(Work::Stop, &resource_id, now);
        let restart = after(stopped, STOPPED);
        let started = self.end_of(Work::Start, &resource_id, restart);
        let life = Lifecycle::moving(
            ClusterStatus::Stopping,
            [
                (stopped, Next::Become(ClusterStatus::Stopped)),
                (restart, Next::Become(ClusterStatus::Starting)),
                (started, Next::Become(ClusterStatus::Available)),
            ],
        );
        self.steer_cluster(id, life);
        for member in members {
            let upcoming = [
                (stopped, Next::Become(InstanceStatus::Stopped)),
                (restart, Next::Become(InstanceStatus::Starting)),
                (started, Next::Become(InstanceStatus::Available)),
            ];
            self.steer_instance(&member, Lifecycle::moving(InstanceStatus::Stopping, upcoming));
        }
        if let Some(cluster) = self.clusters.get_mut(id) {
            cluster.restart = Some(restart);
            if let Some(backtrack) = cluster.backtrack.as_mut() {
                backtrack.writing.until = Some(now);
            }
        }
    }

    /// Starts a stopped cluster with its instances.
    pub fn start_cluster(&mut self, id: &str, now: Timestamp) {
        let Some((resource_id, members)) = self.parts(id) else { return };
        let started = self.end_of(Work::Start, &resource_id, now);
        self.steer_cluster(id, Lifecycle::until(ClusterStatus::Starting, started, ClusterStatus::Available));
        for member in members {
            let life = Lifecycle::until(InstanceStatus::Starting, started, InstanceStatus::Available);
            self.steer_instance(&member, life);
        }
        if let Some(cluster) = self.clusters.get_mut(id) {
            cluster.restart = None;
        }
    }

    fn parts(&self, id: &str) -> Option<(String, Vec<String>)> {
        self.clusters.get(id).map(|cluster| (cluster.resource_id.clone(), cluster.members.clone()))
    }

    /// Begins to rename a cluster. Until it is done it answers to its old name, and both names are taken.
    pub fn rename_cluster(&mut self, id: &str, to: &str, now: Timestamp) {
        let Some((resource_id, _)) = self.parts(id) else { return };
        let done = self.end_of(Work::Rename, &resource_id, now);
        self.steer_cluster(id, Lifecycle::until(ClusterStatus::Renaming, done, ClusterStatus::Available));
        self.renames.insert(id.to_owned(), to.to_owned());
    }

    /// Gives a cluster the name that was chosen for it. Its resource id stays.
    pub(super) fn finish_rename(&mut self, id: &str) {
        let Some(to) = self.renames.remove(id) else { return };
        let Some(mut cluster) = self.clusters.remove(id) else { return };
        for member in &cluster.members {
            if let Some(instance) = self.instances.get_mut(member) {
                instance.cluster.clone_from(&to);
            }
        }
        cluster.id.clone_from(&to);
        let look = cluster.backtrack.as_ref().map(|backtrack| backtrack.next_look);
        self.clusters.insert(to.clone(), cluster);
        if let Some(look) = look {
            self.watch_window(&to, look);
        }
    }
}
