//! Change records as every listing of the fleet reports them: the write rate comes from their growth.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::State;
use crate::aurora::cluster::Cluster;
use crate::aurora::fleet::Fleet;
use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aurora::mark::{self, LAST_CALL, MarkName};
use crate::aurora::pressure::{self, Pressure, Sample, Samples};

/// From how little time left on a mark of `cluster` is warned about. A short window has a short last call: otherwise a mark
/// would be warned about as it is made.
pub fn last_call(cluster: &Cluster) -> SignedDuration {
    LAST_CALL.min(cluster.backtrack.target() / 8)
}

/// The most clusters that are sampled: a bound for the memory, far above the default quota of an account.
const MOST: usize = 500;

/// Samples by cluster, of clusters with a window only.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meters {
    samples: BTreeMap<ResourceId, Samples>,
    /// Marks that were warned about; one that is set anew under its name is another one.
    warned: BTreeSet<(ResourceId, MarkName, Timestamp)>,
}

impl Meters {
    /// The samples of this cluster.
    pub fn of(&self, id: &ResourceId) -> Option<&Samples> {
        self.samples.get(id)
    }

    /// Takes what CloudWatch tells of a cluster that is sampled.
    pub(in super::super) fn tell(&mut self, id: &ResourceId, rates: Vec<(Timestamp, f64)>) {
        if let Some(samples) = self.samples.get_mut(id) {
            samples.tell(rates);
        }
    }

    /// Takes a complete listing in; what is not listed any more is forgotten.
    pub(in super::super) fn read(&mut self, fleet: &Fleet, now: Timestamp) {
        self.samples.retain(|id, _| fleet.get(id).is_some());
        self.warned.retain(|(id, ..)| fleet.get(id).is_some());
        for cluster in fleet.iter() {
            let Some(sample) = Sample::of(cluster, now) else { continue };
            if self.samples.len() < MOST || self.samples.contains_key(&cluster.resource_id) {
                self.samples.entry(cluster.resource_id.clone()).or_default().push(sample);
            }
        }
    }
}

/// A mark that is about to fall off its window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Falling {
    /// Its cluster.
    pub cluster: ClusterId,
    /// The mark.
    pub mark: MarkName,
    /// How long it can still be reached.
    pub left: SignedDuration,
}

impl State {
    /// The marks that have come to their last hour since this was last asked, the most urgent first.
    pub(in super::super) fn newly_falling(&mut self) -> Vec<Falling> {
        let mut found = Vec::new();
        for cluster in self.fleet.data.iter() {
            let journal = self.histories.get(&cluster.resource_id).map_or(&[][..], |known| &known.marks);
            for mark in mark::marks(cluster, journal) {
                let left = self.reachable_for(cluster, mark.at);
                if let Some(left) = left.filter(|left| *left < last_call(cluster)) {
                    found.push((cluster.resource_id.clone(), cluster.id.clone(), mark, left));
                }
            }
        }
        let warned = &mut self.meters.warned;
        let mut news: Vec<_> = found
            .into_iter()
            .filter(|(id, _, mark, _)| warned.insert((id.clone(), mark.name.clone(), mark.at)))
            .map(|(_, cluster, mark, left)| Falling { cluster, mark: mark.name, left })
            .collect();
        news.sort_by_key(|falling| falling.left);
        news
    }

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
