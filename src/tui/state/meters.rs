//! Change records as every listing of the fleet reports them: the write rate comes from their growth.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::State;
use crate::aurora::cluster::Cluster;
use crate::aurora::fleet::Fleet;
use crate::aurora::ids::ResourceId;
use crate::aurora::pressure::{self, Pressure, Sample, Samples};

/// Samples by cluster, of clusters with a window only.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meters {
    samples: BTreeMap<ResourceId, Samples>,
}

impl Meters {
    /// The samples of this cluster.
    pub fn of(&self, id: &ResourceId) -> Option<&Samples> {
        self.samples.get(id)
    }

    /// Takes a complete listing in; what is not listed any more is forgotten.
    pub(in super::super) fn read(&mut self, fleet: &Fleet, now: Timestamp) {
        self.samples.retain(|id, _| fleet.get(id).is_some());
        for cluster in fleet.iter() {
            if let Some(sample) = Sample::of(cluster, now) {
                self.samples.entry(cluster.resource_id.clone()).or_default().push(sample);
            }
        }
    }
}

impl State {
    /// How the window of `cluster` stands and where it is going.
    pub fn pressure(&self, cluster: &Cluster) -> Option<Pressure> {
        let none = Samples::default();
        let samples = self.meters.of(&cluster.resource_id).unwrap_or(&none);
        Pressure::of(cluster, samples, &self.setup.prices, self.now())
    }

    /// How long `at` can still be rewound to on `cluster`; nothing if it is out of reach.
    pub fn reachable_for(&self, cluster: &Cluster, at: Timestamp) -> Option<SignedDuration> {
        let reach = cluster.reach(self.now())?;
        pressure::reachable_for(at, &reach, self.pressure(cluster).as_ref())
    }
}
