//! How much a cluster writes, as a pure function of time: a base rate that follows the day, with bursts.

use std::f64::consts::TAU;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::clock::next_whole_second;
use super::chance;

const DAY: f64 = 86_400.0;
const HOUR: f64 = 3_600.0;
/// The day's peak is in the early afternoon, UTC.
const PEAK: f64 = 14.0 * HOUR;
/// How much of the base rate the day takes and gives.
const SWING: f64 = 0.6;
/// How long a burst lasts, within one hour.
const BURST: f64 = 900.0;

/// The writes of one cluster, in change records.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// Makes the bursts of one cluster its own.
    pub seed: u64,
    /// The mean rate without bursts, records per second.
    pub per_second: f64,
    /// How many times the base rate a burst adds at most; 0 for a cluster without.
    pub bursts: f64,
    /// Something that wrote much, once.
    #[serde(default)]
    pub surge: Option<Surge>,
}

/// A time of more writes than ever.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Surge {
    /// When it began.
    pub from: Timestamp,
    /// When it was over.
    pub to: Timestamp,
    /// How many times the base rate it adds.
    pub times: f64,
}

impl Load {
    /// No second writes more records than this.
    pub fn fastest(&self) -> f64 {
        self.per_second * (1.0 + SWING + self.bursts)
    }

    /// The change records written between two moments.
    pub fn records(&self, from: Timestamp, to: Timestamp) -> f64 {
        self.between(seconds(from), seconds(to))
    }

    /// How far back `capacity` records reach from `now`, but not before `oldest`; a whole second.
    pub fn reach(&self, oldest: Timestamp, now: Timestamp, capacity: f64) -> Timestamp {
        let (oldest_s, now_s) = (seconds(oldest), seconds(now));
        let (mut high, mut left) = (now_s, capacity);
        while high > oldest_s {
            let low = (((high / HOUR).ceil() - 1.0) * HOUR).max(oldest_s);
            let hour = self.between(low, high);
            if hour > left {
                let edge = self.edge(low, high, left);
                return Timestamp::from_second(edge.ceil() as i64).unwrap_or(now).min(now);
            }
            left -= hour;
            high = low;
        }
        next_whole_second(oldest).min(now.max(oldest))
    }

    /// The moment within one hour from which on `records` were written until `high`.
    fn edge(&self, low: f64, high: f64, records: f64) -> f64 {
        let (mut early, mut late) = (low, high);
        for _ in 0..24 {
            let middle = f64::midpoint(early, late);
            if self.between(middle, high) > records {
                early = middle;
            } else {
                late = middle;
            }
        }
        late
    }

    fn between(&self, from: f64, to: f64) -> f64 {
        if to <= from {
            return 0.0;
        }
        let angle = |at: f64| TAU * (at - PEAK) / DAY;
        let wave = SWING * DAY / TAU * (angle(to).sin() - angle(from).sin());
        self.per_second * (to - from + wave + self.burst_seconds(from, to) + self.surge_seconds(from, to))
    }

    /// Seconds of base rate that the surge adds.
    fn surge_seconds(&self, from: f64, to: f64) -> f64 {
        let overlap = |surge: Surge| (to.min(seconds(surge.to)) - from.max(seconds(surge.from))).max(0.0);
        self.surge.map_or(0.0, |surge| overlap(surge) * surge.times)
    }

    /// Seconds of base rate that bursts add.
    fn burst_seconds(&self, from: f64, to: f64) -> f64 {
        if self.bursts <= 0.0 {
            return 0.0;
        }
        let (first, last) = ((from / HOUR).floor() as i64, (to / HOUR).floor() as i64);
        (first..=last).map(|hour| self.burst_in(hour, from, to)).sum()
    }

    fn burst_in(&self, hour: i64, from: f64, to: f64) -> f64 {
        let mut rng = chance::numbered(self.seed, "burst", hour);
        if rng.u8(0..8) != 0 {
            return 0.0;
        }
        let start = (HOUR - BURST).mul_add(rng.f64(), hour as f64 * HOUR);
        let overlap = (to.min(start + BURST) - from.max(start)).max(0.0);
        overlap * self.bursts * rng.f64()
    }
}

fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::clock::{after, before};
    use jiff::SignedDuration;

    fn noon() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn hours(n: i64) -> SignedDuration {
        SignedDuration::from_hours(n)
    }

    const BUSY: Load = Load { seed: 5, per_second: 100.0, bursts: 8.0, surge: None };

    #[test]
    fn a_surge_adds_its_share_and_only_in_its_time() {
        let (from, to) = (before(noon(), hours(3)), before(noon(), hours(2)));
        let surge = Load { surge: Some(Surge { from, to, times: 9.0 }), ..BUSY };
        let more = |from, to| surge.records(from, to) - BUSY.records(from, to);
        assert!((more(before(noon(), hours(5)), noon()) - 9.0 * 3_600.0 * 100.0).abs() < 1.0);
        assert!(more(to, noon()).abs() < 1.0 && more(before(noon(), hours(5)), from).abs() < 1.0);
    }

    #[test]
    fn records_add_up() {
        let (start, middle, end) = (before(noon(), hours(30)), before(noon(), hours(7)), noon());
        let whole = BUSY.records(start, end);
        let parts = BUSY.records(start, middle) + BUSY.records(middle, end);
        assert!((whole - parts).abs() < 1.0, "{whole} {parts}");
        assert!(BUSY.records(end, start).abs() < f64::EPSILON);
    }

    #[test]
    fn a_day_has_its_mean_and_its_peak() {
        let calm = Load { bursts: 0.0, ..BUSY };
        let day = calm.records(before(noon(), hours(24)), noon());
        assert!((day - 100.0 * DAY).abs() < 1.0, "{day}");
        let afternoon = calm.records(noon(), after(noon(), hours(4)));
        let night = calm.records(before(noon(), hours(12)), before(noon(), hours(8)));
        assert!(afternoon > 2.0 * night);
    }

    #[test]
    fn bursts_come_on_top() {
        let calm = Load { bursts: 0.0, ..BUSY };
        let span = (before(noon(), hours(72)), noon());
        assert!(BUSY.records(span.0, span.1) > calm.records(span.0, span.1));
    }

    #[test]
    fn room_for_all_records_reaches_the_oldest_moment() {
        let oldest = before(noon(), hours(24));
        assert_eq!(BUSY.reach(oldest, noon(), 1e12), oldest);
        assert_eq!(BUSY.reach(after(noon(), hours(1)), noon(), 1e12), after(noon(), hours(1)));
    }

    #[test]
    fn little_room_reaches_only_as_far_as_its_records() {
        let oldest = before(noon(), hours(72));
        let capacity = 2_000_000.0;
        let earliest = BUSY.reach(oldest, noon(), capacity);
        assert!(earliest > oldest);
        let held = BUSY.records(earliest, noon());
        assert!(held <= capacity && held > capacity * 0.99, "{held}");
    }

    #[test]
    fn the_reach_never_moves_back_in_time() {
        let mut last = Timestamp::MIN;
        for minute in 0..600 {
            let now = after(noon(), SignedDuration::from_mins(minute));
            let earliest = BUSY.reach(before(now, hours(72)), now, 3_000_000.0);
            assert!(earliest >= last, "{minute}");
            last = earliest;
        }
    }
}
