//! States that last until a database is ready, however early their end was planned.

use jiff::Timestamp;

use super::{Account, Subject};

impl Account {
    /// Keeps a cluster and its instances in their states until they are released.
    pub fn hold(&mut self, resource_id: &str) {
        self.held.insert(resource_id.to_owned());
    }

    /// Lets a cluster and its instances go on from `now`.
    pub fn release(&mut self, resource_id: &str, now: Timestamp) {
        if !self.held.remove(resource_id) {
            return;
        }
        let Some(cluster) = self.clusters.values_mut().find(|cluster| cluster.resource_id == resource_id) else {
            return;
        };
        cluster.life.put_off(now);
        let (id, due, members) = (cluster.id.clone(), cluster.life.next_due(), cluster.members.clone());
        self.schedule(due, Subject::Cluster(id));
        for member in members {
            if let Some(instance) = self.instances.get_mut(&member) {
                instance.life.put_off(now);
                let due = instance.life.next_due();
                self.schedule(due, Subject::Instance(member));
            }
        }
    }

    pub(super) fn is_held(&self, subject: &Subject) -> bool {
        if self.held.is_empty() {
            return false;
        }
        let cluster = match subject {
            Subject::Cluster(id) => self.clusters.get(id),
            Subject::Instance(id) => self.instances.get(id).and_then(|instance| self.clusters.get(&instance.cluster)),
            Subject::Snapshot(_) | Subject::Window(_) => None,
        };
        cluster.is_some_and(|cluster| self.held.contains(&cluster.resource_id))
    }
}
