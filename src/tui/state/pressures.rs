//! Samples of change records, gathered with every listing of the fleet.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::aurora::cluster::Cluster;
use crate::aurora::fleet::Fleet;
use crate::aurora::ids::ResourceId;
use crate::aurora::pressure::{Sample, Samples};

/// The most clusters that are sampled: a bound for the memory, far above the default quota of an account.
const MOST: usize = 500;

/// Samples by cluster; of clusters with a window only.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pressures {
    samples: BTreeMap<ResourceId, Samples>,
}

impl Pressures {
    /// What was sampled of this cluster.
    pub fn get(&self, id: &ResourceId) -> Option<&Samples> {
        self.samples.get(id)
    }

    /// Takes what was read at `at`.
    pub(in super::super) fn take(&mut self, clusters: &[Cluster], at: Timestamp) {
        for cluster in clusters {
            let Some(sample) = Sample::of(cluster, at) else {
                self.samples.remove(&cluster.resource_id);
                continue;
            };
            if self.samples.len() < MOST || self.samples.contains_key(&cluster.resource_id) {
                self.samples.entry(cluster.resource_id.clone()).or_default().push(sample);
            }
        }
    }

    /// Forgets clusters that are not there any more.
    pub(in super::super) fn retain(&mut self, fleet: &Fleet) {
        self.samples.retain(|id, _| fleet.get(id).is_some());
    }
}
