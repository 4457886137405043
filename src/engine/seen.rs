//! What was read of AWS at one moment, and what has to be read for a step.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::aurora::cluster::{Cluster, Instance};
use crate::aurora::fleet::Fleet;
use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aurora::lineage;
use crate::aurora::rewind::Rewind;
use crate::aurora::stack::Stack;

/// What a step needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// These clusters with their instances.
    pub clusters: BTreeSet<ClusterId>,
    /// The clone group of this cluster.
    pub group_of: Option<ClusterId>,
    /// The past rewinds of this cluster.
    pub rewinds_of: Option<ClusterId>,
    /// The cluster with this resource id, if its name does not lead to it: it may have been renamed.
    pub resource: Option<ResourceId>,
    /// The stack with this name or id.
    pub stack: Option<String>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// When.
    pub at: Timestamp,
    /// What was asked for: a cluster that was asked for and is not among `clusters` is not there.
    pub needs: Needs,
    /// Clusters, the clone group included.
    pub clusters: Vec<Cluster>,
    /// Their instances.
    pub instances: Vec<Instance>,
    /// Past rewinds, if they were asked for and the cluster has Backtrack.
    pub rewinds: Vec<Rewind>,
    /// The stack, if it was asked for and is there.
    pub stack: Option<Stack>,
}

impl Seen {
    /// The cluster with this identifier.
    pub fn cluster(&self, id: &ClusterId) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| cluster.id == *id)
    }

    /// The cluster with this resource id, whatever its name.
    pub fn resource(&self, id: &ResourceId) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| cluster.resource_id == *id)
    }

    /// The instances of a cluster.
    pub fn instances_of<'a>(&'a self, id: &'a ClusterId) -> impl Iterator<Item = &'a Instance> {
        self.instances.iter().filter(move |instance| instance.cluster == *id)
    }

    /// The clusters that the lineage of `cluster` is read from.
    pub fn kin(&self, cluster: &Cluster) -> Vec<&Cluster> {
        lineage::kin(cluster, self.clusters.iter())
    }

    /// The same as a fleet, for plans.
    pub fn fleet(&self) -> Fleet {
        let mut fleet = Fleet::default();
        fleet.merge(self.clusters.clone());
        fleet.merge_instances(self.instances.clone());
        fleet.finish();
        fleet
    }

    /// Whether everything in `needs` was read.
    pub fn covers(&self, needs: &Needs) -> bool {
        needs.clusters.is_subset(&self.needs.clusters)
            && (needs.group_of.is_none() || needs.group_of == self.needs.group_of)
            && (needs.rewinds_of.is_none() || needs.rewinds_of == self.needs.rewinds_of)
            && (needs.resource.is_none() || needs.resource == self.needs.resource)
            && (needs.stack.is_none() || needs.stack == self.needs.stack)
    }
}
