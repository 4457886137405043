//! RDS events: what DescribeEvents keeps for fourteen days (User Guide, Events).

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::clock::before;

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A cluster.
    Cluster,
    /// An instance.
    Instance,
    /// A snapshot of a cluster.
    Snapshot,
}

impl Source {
    /// The source type on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cluster => "db-cluster",
            Self::Instance => "db-instance",
            Self::Snapshot => "db-cluster-snapshot",
        }
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Counts up; paging continues behind it.
    pub serial: u64,
    pub at: Timestamp,
    pub source: Source,
    pub id: String,
    pub category: String,
    pub message: String,
}

/// The events of an account, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLog {
    events: VecDeque<Event>,
    recorded: u64,
}

/// How long events are kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

impl EventLog {
    /// Adds an event; they arrive in the order of their times.
    pub fn record(&mut self, at: Timestamp, source: Source, id: &str, category: &str, message: &str) {
        self.recorded += 1;
        self.events.push_back(Event {
            serial: self.recorded,
            at,
            source,
            id: id.to_owned(),
            category: category.to_owned(),
            message: message.to_owned(),
        });
    }

    /// Forgets what is older than fourteen days.
    pub fn expire(&mut self, now: Timestamp) {
        let oldest = before(now, KEPT);
        while self.events.pop_front_if(|event| event.at < oldest).is_some() {}
    }

    /// The events of a time range, behind the one with the serial `behind`.
    pub fn between(&self, from: Timestamp, to: Timestamp, behind: u64) -> impl Iterator<Item = &Event> {
        let start = self.events.partition_point(|event| event.at < from || event.serial <= behind);
        self.events.range(start..).take_while(move |event| event.at <= to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::clock::after;

    #[test]
    fn events_are_found_by_time_and_forgotten_after_two_weeks() {
        let start: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let day = |n: i64| after(start, SignedDuration::from_hours(24 * n));
        let mut log = EventLog::default();
        for n in 0..20 {
            log.record(day(n), Source::Cluster, "a", "creation", "DB cluster created.");
        }
        assert_eq!(log.between(day(5), day(7), 0).count(), 3);
        assert_eq!(log.between(day(5), day(7), 6).count(), 2);
        log.expire(day(20));
        assert_eq!(log.between(start, day(20), 0).count(), 14);
    }
}
