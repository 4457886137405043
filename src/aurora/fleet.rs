//! All clusters of one account and region, as far as they have been read.

use std::collections::{BTreeMap, BTreeSet};

use super::cluster::{Cluster, Instance};
use super::ids::{ClusterId, ResourceId};
use super::lineage::{self, Parent};

/// The clusters read so far. Pages are merged as they arrive; what a complete listing no longer has is dropped at its
/// end, never before, so that a cursor keeps its cluster while a refresh is under way.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fleet {
    clusters: BTreeMap<ResourceId, Cluster>,
    names: BTreeMap<ClusterId, ResourceId>,
    instances: BTreeMap<ClusterId, Vec<Instance>>,
    seen: BTreeSet<ResourceId>,
    arriving: BTreeMap<ClusterId, Vec<Instance>>,
}

impl Fleet {
    /// A fleet of these clusters.
    pub fn of(clusters: impl IntoIterator<Item = Cluster>) -> Self {
        let mut fleet = Self::default();
        fleet.merge(clusters.into_iter().collect());
        fleet
    }

    /// Starts a new complete listing.
    pub fn begin(&mut self) {
        self.seen.clear();
        self.arriving.clear();
    }

    /// Takes a page of clusters.
    pub fn merge(&mut self, page: Vec<Cluster>) {
        for cluster in page {
            self.seen.insert(cluster.resource_id.clone());
            self.put(cluster);
        }
    }

    /// Takes one cluster that was read by itself.
    pub fn put(&mut self, cluster: Cluster) {
        if let Some(old) = self.clusters.get(&cluster.resource_id).filter(|old| old.id != cluster.id) {
            let name = old.id.clone();
            self.forget_name(&name, &cluster.resource_id);
        }
        self.names.insert(cluster.id.clone(), cluster.resource_id.clone());
        self.clusters.insert(cluster.resource_id.clone(), cluster);
    }

    /// Takes a page of instances.
    pub fn merge_instances(&mut self, page: Vec<Instance>) {
        for instance in page {
            self.arriving.entry(instance.cluster.clone()).or_default().push(instance);
        }
    }

    /// Ends a complete listing: clusters that it did not have are gone.
    pub fn finish(&mut self) {
        let seen = std::mem::take(&mut self.seen);
        self.clusters.retain(|id, _| seen.contains(id));
        self.names.retain(|_, id| seen.contains(id));
        self.instances = std::mem::take(&mut self.arriving);
        for instances in self.instances.values_mut() {
            instances.sort_by(|a, b| a.id.cmp(&b.id));
        }
    }

    /// A name may belong to another cluster by now.
    fn forget_name(&mut self, name: &ClusterId, bearer: &ResourceId) {
        if self.names.get(name) == Some(bearer) {
            self.names.remove(name);
            self.instances.remove(name);
        }
    }

    /// Number of clusters.
    pub fn len(&self) -> usize {
        self.clusters.len()
    }

    /// Whether nothing has been read.
    pub fn is_empty(&self) -> bool {
        self.clusters.is_empty()
    }

    /// All clusters.
    pub fn iter(&self) -> impl Iterator<Item = &Cluster> {
        self.clusters.values()
    }

    /// The cluster with this resource id.
    pub fn get(&self, id: &ResourceId) -> Option<&Cluster> {
        self.clusters.get(id)
    }

    /// The cluster with this identifier.
    pub fn named(&self, id: &ClusterId) -> Option<&Cluster> {
        self.clusters.get(self.names.get(id)?)
    }

    /// Instances of a cluster, by name.
    pub fn instances(&self, id: &ClusterId) -> &[Instance] {
        self.instances.get(id).map_or(&[], Vec::as_slice)
    }

    /// Members of a clone group, the cluster itself included.
    pub fn group(&self, group: &str) -> Vec<&Cluster> {
        self.iter().filter(|c| c.clone_group.as_deref() == Some(group)).collect()
    }

    /// The clusters that a lineage of `cluster` is read from.
    pub fn kin(&self, cluster: &Cluster) -> Vec<&Cluster> {
        lineage::kin(cluster, self.iter())
    }

    /// The cluster that `cluster` was made from, as far as anything says so.
    pub fn parent(&self, cluster: &Cluster) -> Parent {
        if let Some(group) = &cluster.clone_group {
            return lineage::parent(cluster, &self.group(group));
        }
        // Only the source that the tags name matters here; looking for clones as well would look at everybody.
        let ownership = cluster.ownership();
        let named = ownership.ours().and_then(|ours| ours.parent_resource.as_ref()).and_then(|id| self.get(id));
        lineage::parent(cluster, &named.into_iter().collect::<Vec<_>>())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::aurora::cluster::{ClusterStatus, Engine, Member, Network, Settings};
    use crate::aurora::window::Backtrack;

    /// An ordinary cluster for tests, made at midnight of 2026-11-22.
    pub(crate) fn cluster(id: &str) -> Cluster {
        Cluster {
            id: id.parse().unwrap(),
            resource_id: ResourceId::new(format!("cluster-{}", id.to_uppercase().replace('-', ""))),
            arn: format!("arn:aws:rds:eu-west-1:123456789012:cluster:{id}"),
            engine: Engine::AuroraMysql,
            engine_version: "8.0.mysql_aurora.3.08.2".into(),
            status: ClusterStatus::Available,
            created_at: "2026-11-22T00:00:00Z".parse().ok(),
            clone_group: None,
            global: false,
            members: vec![Member { id: format!("{id}-1"), writer: true }],
            backtrack: Backtrack::default(),
            restorable: None,
            restarts_at: None,
            network: Network::default(),
            settings: Settings::default(),
            tags: BTreeMap::new(),
        }
    }

    #[test]
    fn a_listing_drops_what_is_gone_only_at_its_end() {
        let mut fleet = Fleet::of([cluster("a"), cluster("b")]);
        fleet.begin();
        fleet.merge(vec![cluster("b")]);
        assert_eq!(fleet.len(), 2);
        fleet.finish();
        assert_eq!(fleet.len(), 1);
        assert!(fleet.named(&"a".parse().unwrap()).is_none());
    }

    #[test]
    fn clusters_that_swap_names_keep_one_each() {
        let (mut a, mut b) = (cluster("a"), cluster("b"));
        let mut fleet = Fleet::of([a.clone(), b.clone()]);
        std::mem::swap(&mut a.id, &mut b.id);
        fleet.put(a.clone());
        fleet.put(b.clone());
        assert_eq!(fleet.named(&a.id).map(|c| &c.resource_id), Some(&a.resource_id));
        assert_eq!(fleet.named(&b.id).map(|c| &c.resource_id), Some(&b.resource_id));
    }

    #[test]
    fn a_renamed_cluster_is_the_same_cluster() {
        let mut fleet = Fleet::of([cluster("old")]);
        let mut renamed = cluster("old");
        renamed.id = "new".parse().unwrap();
        fleet.put(renamed);
        assert_eq!(fleet.len(), 1);
        assert!(fleet.named(&"old".parse().unwrap()).is_none());
        assert!(fleet.named(&"new".parse().unwrap()).is_some());
    }
}
