//! The Backtrack side of a cluster: its change records and its past rewinds.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::clock::{after, before, next_whole_second, whole_second};
use super::super::rules::landing;
use super::super::rules::load::Load;
use super::measured::Measured;

/// What makes a cluster rewindable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backtrack {
    /// The target window, in seconds.
    pub target: i64,
    /// No record is older than this: the cluster's creation, or what a shorter target threw away.
    pub kept_since: Timestamp,
    /// How the cluster writes.
    pub load: Load,
    /// How many records there is room for.
    pub capacity: f64,
    /// Nothing is written before the first instance works, nor while the cluster has none.
    pub writing: Writing,
    /// Whether the last look found the records short of the target.
    pub short: bool,
    /// When somebody looks again.
    pub next_look: Timestamp,
    /// Past rewinds, oldest first.
    pub rewinds: Vec<Rewind>,
    /// What the last look counted, to go on from.
    #[serde(skip)]
    pub counted: Option<Counted>,
    /// What a real database has, in place of all that is computed.
    #[serde(skip)]
    pub measured: Option<Measured>,
}

/// The records within the target at some moment, and what they were counted from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counted {
    load: Load,
    writing: Writing,
    oldest: Timestamp,
    at: Timestamp,
    records: f64,
}

/// When a cluster wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writing {
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

impl Backtrack {
    /// The furthest reachable moment: shorter than the target when the cluster is young or writes more than there is
    /// room for (User Guide, Backtracking: actual window).
    pub fn earliest(&self, now: Timestamp) -> Timestamp {
        let oldest = self.oldest(now).min(now);
        if let Some(measured) = &self.measured {
            return whole(measured.earliest().max(oldest), now);
        }
        match self.writes_between(oldest, now) {
            Some((from, to)) => {
                let reach = self.load.reach(from, to, self.capacity);
                // Everything fits: the quiet time before the first write is reachable too.
                if reach <= next_whole_second(from) { whole(oldest, now) } else { reach }
            }
            None => whole(oldest, now),
        }
    }

    /// The change records held now.
    pub fn consumed(&self, now: Timestamp) -> u64 {
        if let Some(measured) = &self.measured {
            return measured.written(self.earliest(now), now) as u64;
        }
        let span = self.writes_between(self.earliest(now), now);
        span.map_or(0, |(from, to)| self.load.records(from, to) as u64)
    }

    /// The change records written between two moments.
    pub fn written(&self, from: Timestamp, to: Timestamp) -> f64 {
        if let Some(measured) = &self.measured {
            return measured.written(from, to);
        }
        self.records(from, to)
    }

    /// The furthest moment that the target asks for.
    fn oldest(&self, now: Timestamp) -> Timestamp {
        before(now, SignedDuration::from_secs(self.target)).max(self.kept_since)
    }

    /// How many records there is no room for, of those that the target asks for; negative where there is room to spare.
    /// A young cluster lacks none: what it never wrote it can't be short of. Of a real database it is the seconds that
    /// its past falls short of the target, but for one, which is rounding.
    pub fn lack(&self, at: Timestamp) -> f64 {
        let oldest = self.oldest(at);
        if let Some(measured) = &self.measured {
            return measured.earliest().duration_since(oldest).as_secs_f64() - 1.0;
        }
        self.records(oldest, at) - self.capacity
    }

    /// The same for somebody who looks again and again: from the last look on only what came and what went is counted.
    pub fn lack_since(&mut self, at: Timestamp) -> f64 {
        if self.measured.is_some() {
            return self.lack(at);
        }
        let oldest = self.oldest(at);
        let near = |last: &Counted| {
            last.load == self.load
                && last.writing == self.writing
                && (last.at..=after(last.at, SignedDuration::from_secs(self.target / 2))).contains(&at)
                && last.oldest <= oldest
        };
        let records = match self.counted.filter(near) {
            Some(last) => last.records + self.records(last.at, at) - self.records(last.oldest, oldest),
            None => self.records(oldest, at),
        };
        self.counted = Some(Counted { load: self.load, writing: self.writing, oldest, at, records });
        records - self.capacity
    }

    /// The records of the load between two moments.
    fn records(&self, from: Timestamp, to: Timestamp) -> f64 {
        self.writes_between(from, to).map_or(0.0, |(from, to)| self.load.records(from, to))
    }

    /// Takes in what a real database has written. Nothing is missed of the time before it was there.
    pub fn measure(&mut self, measured: Option<Measured>) {
        if let (None, Some(first)) = (&self.measured, &measured) {
            self.kept_since = self.kept_since.max(first.earliest());
        }
        self.measured = measured;
    }

    /// Changes the target window. What a shorter one throws away does not come back.
    pub fn retarget(&mut self, target: i64, now: Timestamp) {
        self.target = target.min(self.target);
        self.kept_since = self.earliest(now).max(self.kept_since);
        self.target = target;
    }

    fn writes_between(&self, from: Timestamp, to: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let from = from.max(self.writing.from?);
        let to = self.writing.until.map_or(to, |until| until.min(to));
        (from < to).then_some((from, to))
    }
}

fn whole(at: Timestamp, now: Timestamp) -> Timestamp {
    next_whole_second(at).min(now)
}

/// One rewind; its status is a matter of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewind {
    pub id: String,
    /// What was asked for, in whole seconds.
    pub asked: Timestamp,
    /// Where it ends: the nearest consistent moment.
    pub landed: Timestamp,
    pub requested: Timestamp,
    /// When the work begins.
    pub begins: Timestamp,
    /// When the database is taken back: later than the request, and the moment that an undo has to name.
    pub taken_back: Timestamp,
    pub done: Timestamp,
    /// Whether it ends as `failed`, with everything as it was.
    pub fails: bool,
}

/// What is needed to lay out a rewind.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    pub resource_id: &'a str,
    pub seed: u64,
    pub aim: Timestamp,
    /// The first moment that it may land on.
    pub floor: Timestamp,
    /// It lands before this; without one, before it is taken back.
    pub ceiling: Option<Timestamp>,
    pub requested: Timestamp,
    pub takes: SignedDuration,
    pub fails: bool,
    /// How far from the nearest consistent moment it is made to land.
    pub off: Option<SignedDuration>,
}

impl Rewind {
    /// Lays out a rewind from its request to its end.
    pub fn plan(id: String, order: Order<'_>) -> Self {
        let share = |part: f64| after(order.requested, order.takes.mul_f64(part));
        let taken_back = share(0.85);
        let latest = order.ceiling.map_or(taken_back, |at| after(at, SignedDuration::from_millis(-1)).min(taken_back));
        let nearest = landing::nearest(order.seed, order.resource_id, order.aim, order.floor, latest);
        let landed = landing::off(nearest, order.off.unwrap_or_default(), order.floor, latest);
        Self {
            id,
            asked: whole_second(order.aim),
            landed,
            requested: order.requested,
            begins: share(0.1),
            taken_back,
            done: after(order.requested, order.takes),
            fails: order.fails,
        }
    }

    /// `pending`, `applying`, then `completed` or `failed` (API reference, DBClusterBacktrack.Status).
    pub fn status(&self, now: Timestamp) -> &'static str {
        if now < self.begins {
            "pending"
        } else if now < self.done {
            "applying"
        } else if self.fails {
            "failed"
        } else {
            "completed"
        }
    }

    /// The moment the rewind goes to, as far as it is known: asked for, then landed on.
    pub fn to(&self, now: Timestamp) -> Timestamp {
        if self.fails || now < self.done { self.asked } else { self.landed }
    }

    /// When the database was taken back, once it was; a rewind that failed was itself taken back.
    pub fn from(&self, now: Timestamp) -> Option<Timestamp> {
        (now >= self.taken_back && !(self.fails && now >= self.done)).then_some(self.taken_back)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn young(capacity: f64) -> Backtrack {
        Backtrack {
            target: 86_400,
            kept_since: at(0),
            load: Load { seed: 1, per_second: 100.0, bursts: 0.0, surge: None },
            capacity,
            writing: Writing { from: Some(at(600)), until: None },
            short: false,
            next_look: at(0),
            counted: None,
            rewinds: Vec::new(),
            measured: None,
        }
    }

    #[test]
    fn a_young_cluster_reaches_its_creation_and_not_further() {
        assert_eq!(young(1e12).earliest(at(3600)), at(0));
        assert_eq!(young(1e12).earliest(at(86_400 + 50)), at(50));
    }

    #[test]
    fn nothing_is_consumed_before_the_first_instance_writes() {
        assert_eq!(young(1e12).consumed(at(600)), 0);
        assert!(young(1e12).consumed(at(1200)) > 0);
    }

    #[test]
    fn heavy_writes_shorten_the_actual_window() {
        let heavy = young(100_000.0);
        let now = at(7200);
        assert!(heavy.earliest(now) > at(5000));
        assert!(heavy.consumed(now) <= 100_000);
    }

    #[test]
    fn a_longer_target_does_not_bring_records_back() {
        let mut backtrack = young(1e12);
        let now = at(40_000);
        backtrack.retarget(3600, now);
        assert_eq!(backtrack.earliest(now), at(36_400));
        backtrack.retarget(86_400, now);
        assert_eq!(backtrack.earliest(now), at(36_400));
        assert_eq!(backtrack.target, 86_400);
    }

    #[test]
    fn what_is_counted_from_look_to_look_is_what_is_counted_at_once() {
        let mut backtrack = young(1e6);
        backtrack.load.bursts = 5.0;
        for step in 0..400 {
            let now = at(step * 977);
            if step == 200 {
                backtrack.load.per_second = 300.0;
            }
            let (once, since) = (backtrack.lack(now), backtrack.lack_since(now));
            assert!((once - since).abs() < 0.01, "{step}: {once} {since}");
        }
    }

    #[test]
    fn the_nearest_moment_is_on_this_side_of_an_earlier_rewind() {
        for second in 1000..1200 {
            let order = Order {
                resource_id: "cluster-A",
                seed: 1,
                aim: at(second),
                floor: at(second - 1),
                ceiling: Some(at(second + 1)),
                requested: at(5000),
                takes: SignedDuration::from_secs(100),
                fails: false,
                off: None,
            };
            let landed = Rewind::plan("r".into(), order).landed;
            assert!((at(second - 1)..=at(second)).contains(&landed), "{second} {landed}");
        }
    }

    #[test]
    fn a_rewind_goes_through_its_states() {
        let order = Order {
            resource_id: "cluster-A",
            seed: 1,
            aim: at(1000),
            floor: at(0),
            ceiling: None,
            requested: at(5000),
            takes: SignedDuration::from_secs(100),
            fails: false,
            off: None,
        };
        let rewind = Rewind::plan("r".into(), order);
        let seen = |second| (rewind.status(at(second)), rewind.from(at(second)).is_some());
        assert_eq!(seen(5000), ("pending", false));
        assert_eq!(seen(5050), ("applying", false));
        assert_eq!(seen(5090), ("applying", true));
        assert_eq!(seen(5100), ("completed", true));
        assert!(rewind.taken_back > rewind.requested);
        assert_eq!(rewind.to(at(5000)), at(1000));
        assert_eq!(rewind.to(at(5100)), rewind.landed);
    }
}
