//! The passing of time: whatever fell due since the last request happens now, in the order of its times.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::cluster::ClusterStatus;
use super::event::Source;
use super::instance::InstanceStatus;
use super::lifecycle::Next;
use super::{Account, Subject};

impl Account {
    /// Brings the account to `now`.
    pub fn settle(&mut self, now: Timestamp) {
        while self.agenda.peek().is_some_and(|Reverse((due, _))| *due <= now) {
            let Some(Reverse((due, subject))) = self.agenda.pop() else {
                break;
            };
            if self.is_held(&subject) {
                continue;
            }
            // An entry from before somebody changed the plan finds nothing due; the new plan has its own.
            let (moved, next) = match &subject {
                Subject::Window(id) => {
                    self.look_at_window(id, due, now);
                    continue;
                }
                Subject::Cluster(id) => {
                    (self.turn_cluster(id, due), self.clusters.get(id).and_then(|cluster| cluster.life.next_due()))
                }
                Subject::Instance(id) => {
                    (self.turn_instance(id, due), self.instances.get(id).and_then(|instance| instance.life.next_due()))
                }
                Subject::Snapshot(id) => {
                    self.snapshot_taken(id, due);
                    (false, None)
                }
            };
            if moved {
                self.schedule(next, subject);
            }
        }
        self.events.expire(now);
    }

    fn turn_cluster(&mut self, id: &str, due: Timestamp) -> bool {
        let Some(cluster) = self.clusters.get_mut(id) else {
            return false;
        };
        let before = cluster.status();
        let Some(next) = cluster.life.advance(due) else {
            return false;
        };
        match next {
            Next::Vanish => {
                let resource_id = cluster.resource_id.clone();
                self.clusters.remove(id);
                self.leave_volume(&resource_id, due);
                self.events.record(due, Source::Cluster, id, "deletion", "DB cluster deleted.");
            }
            Next::Become(ClusterStatus::Available) => {
                cluster.restart = None;
                let message = match before {
                    ClusterStatus::Creating => {
                        cluster.restored = Some(due);
                        Some(("creation", "DB cluster created."))
                    }
                    ClusterStatus::Starting => Some(("notification", "DB cluster started.")),
                    ClusterStatus::ResettingMasterCredentials => {
                        Some(("configuration change", "Reset master credentials."))
                    }
                    _ => None,
                };
                if let Some((category, message)) = message {
                    self.events.record(due, Source::Cluster, id, category, message);
                }
                if before == ClusterStatus::Renaming {
                    self.finish_rename(id);
                }
            }
            Next::Become(ClusterStatus::Stopped) => {
                self.events.record(due, Source::Cluster, id, "notification", "DB cluster stopped.");
            }
            Next::Become(ClusterStatus::Starting) => {
                let message = "DB cluster is being started due to it exceeding the maximum allowed time being stopped.";
                self.events.record(due, Source::Cluster, id, "notification", message);
            }
            Next::Become(_) => {}
        }
        true
    }

    fn turn_instance(&mut self, id: &str, due: Timestamp) -> bool {
        let Some(instance) = self.instances.get_mut(id) else {
            return false;
        };
        let before = instance.status();
        let owner = instance.cluster.clone();
        let Some(next) = instance.life.advance(due) else {
            return false;
        };
        match next {
            Next::Vanish => {
                self.instances.remove(id);
                self.leave(&owner, id, due);
                self.events.record(due, Source::Instance, id, "deletion", "DB instance deleted.");
            }
            Next::Become(_) if before == InstanceStatus::Creating => {
                instance.created = Some(due);
                self.started(id, &owner, due);
                self.events.record(due, Source::Instance, id, "creation", "DB instance created.");
            }
            Next::Become(InstanceStatus::Available)
                if matches!(before, InstanceStatus::Rebooting | InstanceStatus::Starting) =>
            {
                self.started(id, &owner, due);
                let message = if before == InstanceStatus::Rebooting { "restarted" } else { "started" };
                self.events.record(due, Source::Instance, id, "availability", &format!("DB instance {message}"));
            }
            Next::Become(_) => {}
        }
        true
    }

    /// The cluster writes from its first working instance on.
    pub(super) fn begin_writing(&mut self, cluster: &str, at: Timestamp) {
        if let Some(backtrack) = self.clusters.get_mut(cluster).and_then(|cluster| cluster.backtrack.as_mut()) {
            backtrack.writing.from.get_or_insert(at);
            backtrack.writing.until = None;
        }
    }

    fn leave(&mut self, cluster: &str, id: &str, at: Timestamp) {
        let Some(cluster) = self.clusters.get_mut(cluster) else {
            return;
        };
        cluster.members.retain(|member| member != id);
        if cluster.writer.as_deref() == Some(id) {
            cluster.writer = cluster.members.first().cloned();
        }
        if let (true, Some(backtrack)) = (cluster.members.is_empty(), cluster.backtrack.as_mut()) {
            backtrack.writing.until = Some(at);
        }
    }
}
