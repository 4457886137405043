//! What was read about clusters that somebody looked at closely.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::aurora::ids::ResourceId;
use crate::aurora::mark::Mark;
use crate::aws::{AwsError, History};
use crate::engine::Estimate;

/// What is known of one cluster's history.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// The last reading that succeeded.
    pub history: Option<History>,
    /// Why the latest reading failed.
    pub error: Option<AwsError>,
    /// When the latest reading came; none while the first one is under way.
    pub read_at: Option<Timestamp>,
    /// A reading is under way.
    pub loading: bool,
    /// Connections open on its writer, as far as CloudWatch tells, and when it told.
    connections: Option<(u64, Timestamp)>,
    /// How long rewinds of its kind took.
    pub usual: Option<Estimate>,
    /// The marks that the journal keeps of it.
    pub marks: Vec<Mark>,
    /// Something happened since: read it again.
    stale: bool,
}

/// Histories by cluster.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Histories {
    known: BTreeMap<ResourceId, Known>,
}

/// How long a reading is good enough.
const GOOD_FOR: SignedDuration = SignedDuration::from_secs(60);

/// How long a count of connections says anything about the present.
const COUNTED_LATELY: SignedDuration = SignedDuration::from_mins(5);

impl Known {
    /// Connections open on its writer at `now`, if that was told lately.
    pub fn connections(&self, now: Timestamp) -> Option<u64> {
        let (count, at) = self.connections?;
        (now.duration_since(at) < COUNTED_LATELY).then_some(count)
    }
}

impl Histories {
    /// What is known of this cluster.
    pub fn get(&self, id: &ResourceId) -> Option<&Known> {
        self.known.get(id)
    }

    /// From when on the history of `id` should be read; none while that is under way.
    pub fn due(&self, id: &ResourceId) -> Option<Timestamp> {
        let Some(known) = self.known.get(id) else { return Some(Timestamp::MIN) };
        if known.loading {
            return None;
        }
        match known.read_at {
            Some(at) if !known.stale => Some(at + GOOD_FOR),
            _ => Some(Timestamp::MIN),
        }
    }

    pub(in super::super) fn begin(&mut self, id: &ResourceId) {
        let known = self.known.entry(id.clone()).or_default();
        known.loading = true;
        known.stale = false;
    }

    pub(in super::super) fn put(&mut self, id: ResourceId, result: Result<History, AwsError>, now: Timestamp) {
        let known = self.known.entry(id).or_default();
        known.loading = false;
        known.read_at = Some(now);
        match result {
            Ok(history) => {
                known.history = Some(history);
                known.error = None;
            }
            Err(error) => known.error = Some(error),
        }
    }

    pub(in super::super) fn put_usual(&mut self, id: ResourceId, usual: Estimate) {
        self.known.entry(id).or_default().usual = Some(usual);
    }

    pub(in super::super) fn put_connections(&mut self, id: &ResourceId, connections: Option<u64>, now: Timestamp) {
        if let Some(known) = self.known.get_mut(id) {
            known.connections = connections.map(|count| (count, now));
        }
    }

    pub(in super::super) fn put_marks(&mut self, id: ResourceId, marks: Vec<Mark>) {
        self.known.entry(id).or_default().marks = marks;
    }

    /// Something happened to the cluster: what was read is out of date.
    pub(in super::super) fn expire(&mut self, id: &ResourceId) {
        if let Some(known) = self.known.get_mut(id) {
            known.stale = true;
        }
    }
}
