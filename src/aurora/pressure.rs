//! How writes press on the backtrack window: rate, forecast, cost. Pure arithmetic on what was read over time.
//!
//! Aurora does not document how many change records it has room for. It is only seen once a window has become shorter than
//! its target (User Guide, Backtracking: actual window); before that nothing is foretold from it.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::cluster::Cluster;
use super::cost::Prices;
use super::window::{Reach, SLACK};

/// What was read of a cluster at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// `BacktrackConsumedChangeRecords`: stored at that moment.
    pub records: i64,
    /// `EarliestBacktrackTime`: older records are gone.
    pub earliest: Timestamp,
    /// The target window at that moment. ModifyDBCluster changes it.
    pub target: SignedDuration,
}

impl Sample {
    /// What `cluster`, read at `at`, says; nothing for a cluster without a window.
    pub fn of(cluster: &Cluster, at: Timestamp) -> Option<Self> {
        let backtrack = &cluster.backtrack;
        let known = backtrack
            .enabled()
            .then_some(())
            .and_then(|()| Some((backtrack.change_records?, cluster.reach(at)?.floor)));
        known.map(|(records, earliest)| Self { at, records: records.max(0), earliest, target: backtrack.target() })
    }

    /// Whether the window was shorter than its target, for a cluster that was made at `created`.
    fn short(&self, created: Option<Timestamp>) -> bool {
        let Ok(ghost) = self.at.checked_sub(self.target) else { return false };
        self.earliest.duration_since(created.map_or(ghost, |made| made.max(ghost))) > SLACK
    }
}

/// A sample, and how many records were written between the first one and it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    sample: Sample,
    written: f64,
}

/// The most samples kept of a cluster. When they are full the older half is thinned out: recent times stay fine, and the
/// past is not lost.
const MOST: usize = 256;

/// Samples of one cluster, oldest first, bounded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples {
    points: VecDeque<Point>,
    /// What somebody else saw: mean rates from a moment to the next one, the oldest first.
    told: Vec<(Timestamp, f64)>,
}

impl Samples {
    /// Whether there is no rate to be shown yet: that takes two samples.
    pub fn is_empty(&self) -> bool {
        self.points.len() < 2 && self.told.is_empty()
    }

    /// Takes mean rates that somebody else has seen (CloudWatch), each from its moment on for [`TOLD_FOR`], the oldest
    /// first; own samples go before them.
    pub fn tell(&mut self, rates: Vec<(Timestamp, f64)>) {
        self.told = rates;
    }

    /// The mean of what was told of the time between two moments.
    fn heard(&self, from: Timestamp, to: Timestamp) -> Option<f64> {
        let first = self.told.partition_point(|(at, _)| from.duration_since(*at) >= TOLD_FOR);
        let within: Vec<f64> =
            self.told[first..].iter().take_while(|(at, _)| *at < to).map(|(_, rate)| *rate).collect();
        if within.is_empty() { None } else { Some(within.iter().sum::<f64>() / within.len() as f64) }
    }

    /// Adds a sample; one that is not newer than the last says nothing.
    pub fn push(&mut self, sample: Sample) {
        let Some(last) = self.points.back().copied() else {
            self.points.push_back(Point { sample, written: 0.0 });
            return;
        };
        if sample.at <= last.sample.at {
            return;
        }
        let grown = (sample.records - last.sample.records) as f64;
        let written = (grown + self.expired(&last.sample, sample.earliest)).max(0.0);
        self.points.push_back(Point { sample, written: last.written + written });
        if self.points.len() > MOST {
            let mut index = 0;
            self.points.retain(|_| {
                index += 1;
                index > MOST / 2 || index % 2 == 1
            });
        }
    }

    /// Records that went when the floor moved from where `last` saw it to `earliest`: as many as our own samples saw being
    /// written in that time, or else as many as are stored for such a length on average.
    fn expired(&self, last: &Sample, earliest: Timestamp) -> f64 {
        if earliest <= last.earliest {
            return 0.0;
        }
        if let (Some(before), Some(after)) = (self.written_by(last.earliest), self.written_by(earliest)) {
            return after - before;
        }
        let (gone, held) = (seconds(last.earliest, earliest), seconds(last.earliest, last.at));
        if held <= 0.0 { 0.0 } else { last.records as f64 * (gone / held).min(1.0) }
    }

    /// Records written from the first sample to `at`; nothing outside of what was sampled.
    fn written_by(&self, at: Timestamp) -> Option<f64> {
        let index = self.points.partition_point(|point| point.sample.at < at);
        let after = self.points.get(index)?;
        if after.sample.at == at {
            return Some(after.written);
        }
        let before = self.points.get(index.checked_sub(1)?)?;
        let share = seconds(before.sample.at, at) / seconds(before.sample.at, after.sample.at);
        Some((after.written - before.written).mul_add(share, before.written))
    }

    /// Mean records per second between two moments, as far as samples cover them.
    fn rate(&self, from: Timestamp, to: Timestamp) -> Option<f64> {
        let (first, last) = (self.points.front()?.sample.at, self.points.back()?.sample.at);
        let (from, to) = (from.max(first), to.min(last));
        if from >= to {
            return None;
        }
        Some((self.written_by(to)? - self.written_by(from)?).max(0.0) / seconds(from, to))
    }

    /// Mean records per second in each of `buckets` equal parts of the time between two moments; nothing for a part where
    /// nothing was seen.
    pub fn rates(&self, from: Timestamp, to: Timestamp, buckets: usize) -> Vec<Option<f64>> {
        let whole = to.duration_since(from);
        let edge = |index: usize| from.checked_add(whole.mul_f64(index as f64 / buckets as f64)).unwrap_or(to);
        let seen = |from, to| self.rate(from, to).or_else(|| self.heard(from, to));
        (0..buckets).map(|index| seen(edge(index), edge(index + 1))).collect()
    }

    /// How long samples cover.
    fn covered(&self) -> SignedDuration {
        match (self.points.front(), self.points.back()) {
            (Some(first), Some(last)) => last.sample.at.duration_since(first.sample.at),
            _ => SignedDuration::ZERO,
        }
    }

    /// The samples that show a full window, oldest first: it was shorter than its target, its floor moved forward all the
    /// same, and records were written. A window that only grows, because it is young or its target was raised, keeps its
    /// floor.
    fn full(&self, cluster: &Cluster) -> impl Iterator<Item = &Sample> {
        let created = cluster.created_at;
        let pairs = self.points.iter().zip(self.points.iter().skip(1));
        let full = move |(before, after): &(&Point, &Point)| {
            before.sample.target == after.sample.target
                && before.sample.short(created)
                && after.sample.short(created)
                && after.sample.earliest > before.sample.earliest
                && after.written > before.written
        };
        pairs.filter(full).map(|(_, after)| &after.sample)
    }

    /// How many records there is room for, where the window has shown it: as many as are stored while it is full, or else
    /// the most that were stored when it was. `reach` is that of the present.
    fn room(&self, cluster: &Cluster, reach: &Reach, stored: i64) -> Option<i64> {
        let target = cluster.backtrack.target();
        let now = |sample: &&Sample| sample.target == target && reach.now.duration_since(sample.at) <= RECENT;
        if reach.shrunk() && self.full(cluster).any(|sample| now(&sample)) {
            return Some(stored);
        }
        self.full(cluster).map(|sample| sample.records).max().map(|most| most.max(stored))
    }

    fn last(&self) -> Option<Timestamp> {
        self.points.back().map(|point| point.sample.at)
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

/// For how long each of the rates that somebody else tells holds: CloudWatch counts change records over five minutes (User
/// Guide, CloudWatch metrics for Aurora: BacktrackChangeRecordsCreationRate).
pub const TOLD_FOR: SignedDuration = SignedDuration::from_mins(5);
/// The write rate is what samples saw over this long.
const RECENT: SignedDuration = SignedDuration::from_mins(15);
/// Samples over less than this say nothing about a rate.
const TOO_SHORT: SignedDuration = SignedDuration::from_secs(50);

/// How a window stands and where it is going, if writes go on as they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pressure {
    /// Change records written in a second.
    pub rate_per_second: f64,
    /// Over how long the rate was sampled; absent: it is the average of the whole window.
    pub sampled: Option<SignedDuration>,
    /// Change records stored.
    pub stored: i64,
    /// How many records there is room for, where the window has shown it by becoming shorter while records were written.
    pub room: Option<i64>,
    /// The actual window that this rate leads to; the target, where nothing speaks against it.
    pub expected_window: SignedDuration,
    /// When the target is no longer met for want of room; now, if it is so already. Absent: nothing says that it will be.
    pub below_target_at: Option<Timestamp>,
    /// What the stored records cost an hour, in the currency of the price table.
    pub cost_per_hour: Option<f64>,
}

impl Pressure {
    /// How the window of `cluster` stands at `now`; nothing where Backtrack is off or reports no records.
    pub fn of(cluster: &Cluster, samples: &Samples, prices: &Prices, now: Timestamp) -> Option<Self> {
        let reach = cluster.reach(now)?;
        let stored = cluster.backtrack.change_records?.max(0);
        let held = reach.actual().as_secs_f64();
        let density = if held > 0.0 { stored as f64 / held } else { 0.0 };
        let recent = (samples.covered() >= TOO_SHORT).then(|| samples.covered().min(RECENT));
        let measured = recent.and_then(|span| Some((span, samples.rate(samples.last()? - span, samples.last()?)?)));
        let measured = measured.or_else(|| Some((RECENT, samples.heard(now - RECENT, now)?)));
        let rate = measured.map_or(density, |(_, rate)| rate);
        let room = samples.room(cluster, &reach, stored);
        let target = cluster.backtrack.target();
        let expected_window = match room {
            Some(room) if rate > 0.0 => target.min(span(room as f64 / rate)),
            _ => target,
        };
        // Until the window is full nothing goes; from then on as much goes as was written at its far end.
        let going = if reach.wall.is_some() { 0.0 } else { density };
        let below_target_at = match room {
            Some(_) if reach.shrunk() => Some(now),
            Some(room) if expected_window < target && rate > going => {
                now.checked_add(span((room - stored) as f64 / (rate - going))).ok()
            }
            _ => None,
        };
        let cost_per_hour = prices.change_records(stored);
        Some(Self {
            rate_per_second: rate,
            sampled: measured.map(|(span, _)| span),
            stored,
            room,
            expected_window,
            below_target_at,
            cost_per_hour,
        })
    }
}

/// `seconds` as a length, as long as ten years at most.
fn span(seconds: f64) -> SignedDuration {
    SignedDuration::from_secs(seconds.clamp(0.0, 315_360_000.0) as i64)
}

/// Whether [`reachable_for`] counts with the write rate. If not, what it says is the most that it can be: until the window
/// slides past the moment.
pub fn by_rate(pressure: Option<&Pressure>) -> bool {
    pressure.is_some_and(|pressure| pressure.room.is_some() && pressure.rate_per_second > 0.0)
}

/// How long `at` can still be rewound to: until the target window slides past it, or, where the room for records is known,
/// until as much has been written. What is estimated is estimated low. Nothing if it is out of reach already.
pub fn reachable_for(at: Timestamp, reach: &Reach, pressure: Option<&Pressure>) -> Option<SignedDuration> {
    if at < reach.floor || at > reach.now {
        return None;
    }
    let slides = at.duration_since(reach.ghost);
    let counts = pressure.filter(|pressure| by_rate(Some(pressure)));
    let Some((pressure, room)) = counts.and_then(|pressure| Some((pressure, pressure.room?))) else {
        return Some(slides);
    };
    let since = reach.now.duration_since(at).as_secs_f64();
    let held = reach.actual().as_secs_f64();
    let even = if held > 0.0 { pressure.stored as f64 * since / held } else { 0.0 };
    let written = even.max(pressure.rate_per_second * since).min(pressure.stored as f64);
    Some(slides.min(span((room as f64 - written) / pressure.rate_per_second)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::fleet::tests::cluster;
    use crate::aurora::window::Backtrack;
    use proptest::prelude::*;

    fn noon() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn ago(minutes: i64) -> Timestamp {
        noon() - SignedDuration::from_mins(minutes)
    }

    /// A cluster with a window of `target` hours that reaches back `actual` minutes and holds `records`.
    fn windowed(target: i64, actual: i64, records: i64) -> Cluster {
        let mut cluster = cluster("c");
        cluster.created_at = Some(ago(100_000));
        cluster.backtrack =
            Backtrack { target_seconds: target * 3600, earliest: Some(ago(actual)), change_records: Some(records) };
        cluster
    }

    fn prices() -> Prices {
        Prices { change_records_million_hour: 0.012, ..Prices::default() }
    }

    /// A sample of a cluster with a target of an hour.
    fn sample(at: Timestamp, records: i64, earliest: Timestamp) -> Sample {
        Sample { at, records, earliest, target: SignedDuration::from_hours(1) }
    }

    /// Samples a minute apart of a cluster that writes `rate` records a second and keeps `window` minutes of `target` hours.
    fn aimed(target: i64, rate: i64, window: i64, minutes: i64) -> Samples {
        let mut samples = Samples::default();
        for minute in (0..=minutes).rev() {
            let at = ago(minute);
            let earliest = at - SignedDuration::from_mins(window);
            let target = SignedDuration::from_hours(target);
            samples.push(Sample { target, ..sample(at, rate * window * 60, earliest) });
        }
        samples
    }

    /// The same with a target of an hour.
    fn steady(rate: i64, window: i64, minutes: i64) -> Samples {
        aimed(1, rate, window, minutes)
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-6 * b.abs().max(1.0)
    }

    #[test]
    fn one_sample_gives_the_average_of_the_window() {
        let samples = steady(100, 60, 0);
        let pressure = Pressure::of(&windowed(1, 60, 360_000), &samples, &prices(), noon()).unwrap();
        assert!(near(pressure.rate_per_second, 100.0) && pressure.sampled.is_none(), "{pressure:?}");
        assert!(near(pressure.cost_per_hour.unwrap(), 0.36 * 0.012));
        assert_eq!((pressure.room, pressure.below_target_at), (None, None));
        assert_eq!(pressure.expected_window, SignedDuration::from_hours(1));
    }

    #[test]
    fn while_the_floor_stands_growth_is_the_rate() {
        let mut samples = Samples::default();
        samples.push(sample(ago(10), 1000, ago(60)));
        samples.push(sample(ago(5), 4000, ago(60)));
        samples.push(sample(ago(0), 34_000, ago(60)));
        let rates = samples.rates(ago(10), ago(0), 2);
        assert!(near(rates[0].unwrap(), 10.0) && near(rates[1].unwrap(), 100.0), "{rates:?}");
        let half = samples.rates(ago(30), ago(0), 3);
        assert_eq!(half[..2], [None, None]);
        assert!(near(half[2].unwrap(), 55.0), "{half:?}");
    }

    #[test]
    fn while_the_floor_moves_what_went_is_added() {
        let pressure = Pressure::of(&windowed(1, 60, 360_000), &steady(100, 60, 30), &prices(), noon()).unwrap();
        assert!(near(pressure.rate_per_second, 100.0), "{pressure:?}");
        assert_eq!(pressure.sampled, Some(SignedDuration::from_mins(15)));
        // Once the floor comes into the time that was sampled, our own samples say what went.
        let long = steady(100, 60, 180).rates(ago(30), ago(0), 1);
        assert!(near(long[0].unwrap(), 100.0), "{long:?}");
    }

    #[rstest::rstest]
    // Target hours, actual minutes, records stored, sampled rate: expected window in minutes, minutes until below target.
    #[case::met(1, 60, 360_000, 100, 60, None)]
    #[case::shrunk(2, 60, 360_000, 100, 60, Some(0))]
    #[case::shrunk_and_busier_than_before(2, 60, 360_000, 200, 30, Some(0))]
    #[case::shrunk_and_quiet_again(2, 60, 360_000, 10, 120, Some(0))]
    fn forecasts(
        #[case] target: i64,
        #[case] actual: i64,
        #[case] stored: i64,
        #[case] rate: i64,
        #[case] window: i64,
        #[case] below: Option<i64>,
    ) {
        let cluster = windowed(target, actual, stored);
        let mut samples = Samples::default();
        // Every ten minutes the floor of a full window moves by one, and the records of that minute go.
        let moves = i64::from(actual < target * 60);
        let mut records = stored as f64;
        let mut seen = Vec::new();
        for step in 0..3 {
            let (minute, floor) = (step * 10, actual + step * moves);
            let aim = SignedDuration::from_hours(target);
            seen.push(Sample { target: aim, ..sample(ago(minute), records.round() as i64, ago(floor)) });
            let held = (floor + moves - minute - 10) as f64;
            records = (records - (rate * 600) as f64) / (1.0 - moves as f64 / held);
        }
        seen.into_iter().rev().for_each(|sample| samples.push(sample));
        let found = Pressure::of(&cluster, &samples, &prices(), noon()).unwrap();
        assert!((found.rate_per_second - rate as f64).abs() < 0.01, "{found:?}");
        assert!((found.expected_window.as_secs_f64() / 60.0 - window as f64).abs() < 0.1, "{found:?}");
        assert_eq!(found.below_target_at, below.map(|minutes| noon() + SignedDuration::from_mins(minutes)));
    }

    #[test]
    fn room_that_was_seen_before_foretells_the_next_time() {
        let cluster = windowed(1, 60, 180_000);
        let mut samples = Samples::default();
        // An hour ago the window was down to 40 minutes at 360,000 records, and went on so.
        samples.push(sample(ago(65), 360_000, ago(105)));
        samples.push(sample(ago(60), 360_000, ago(100)));
        samples.push(sample(ago(10), 90_000, ago(60)));
        samples.push(sample(ago(0), 180_000, ago(60)));
        let pressure = Pressure::of(&cluster, &samples, &prices(), noon()).unwrap();
        assert_eq!(pressure.room, Some(360_000));
        let below = pressure.below_target_at.unwrap();
        assert!(below > noon() && below < noon() + SignedDuration::from_hours(2), "{below}");
    }

    /// The target goes from 6 to 24 hours, and the window grows: that it is short says nothing about room.
    #[test]
    fn a_window_that_grows_to_a_raised_target_is_not_full() {
        let grown = windowed(24, 400, 2_400_000);
        let reach = grown.reach(noon()).unwrap();
        assert!(reach.shrunk());
        let mut samples = Samples::default();
        for minute in (0..=60).rev() {
            let (target, floor) = if minute > 40 { (6, minute + 360) } else { (24, 400) };
            let target = SignedDuration::from_hours(target);
            samples.push(Sample { target, ..sample(ago(minute), (floor - minute) * 6_000, ago(floor)) });
        }
        let pressure = Pressure::of(&grown, &samples, &prices(), noon()).unwrap();
        assert_eq!((pressure.room, pressure.below_target_at), (None, None), "{pressure:?}");
        assert_eq!(pressure.expected_window, SignedDuration::from_hours(24));
        assert!(!by_rate(Some(&pressure)));
        // Nor does a single reading of it.
        let mut once = Samples::default();
        once.push(Sample::of(&grown, noon()).unwrap());
        let pressure = Pressure::of(&grown, &once, &prices(), noon()).unwrap();
        assert_eq!((pressure.room, by_rate(Some(&pressure))), (None, false));
    }

    #[test]
    fn figures_out_of_all_bounds_do_no_harm() {
        let mut odd = windowed(1, 60, i64::MAX);
        odd.backtrack.target_seconds = i64::MAX;
        let mut samples = steady(i64::MAX / 3_600, 60, 20);
        samples.tell(vec![(Timestamp::MIN, 1.0), (Timestamp::MAX, f64::MAX)]);
        for minute in [0, 10] {
            let early = Timestamp::MIN + SignedDuration::from_mins(minute);
            samples.push(Sample {
                at: early,
                records: i64::MAX,
                earliest: Timestamp::MAX,
                target: SignedDuration::MAX,
            });
            let mut other = Samples::default();
            other.push(Sample { at: early, records: 1, earliest: Timestamp::MIN, target: SignedDuration::MAX });
            other.push(Sample { at: noon(), records: i64::MAX, earliest: noon(), target: SignedDuration::MAX });
            assert!(Pressure::of(&odd, &other, &prices(), noon()).is_some());
        }
        let pressure = Pressure::of(&odd, &samples, &prices(), noon()).unwrap();
        assert!(pressure.expected_window <= crate::aurora::window::MAX_WINDOW, "{pressure:?}");
        assert_eq!(samples.rates(noon(), Timestamp::MAX, 3).len(), 3);
    }

    #[test]
    fn a_moment_stays_until_the_window_slides_past_it_or_writes_push_it_out() {
        let calm = windowed(2, 120, 720_000);
        let reach = calm.reach(noon()).unwrap();
        let pressure = Pressure::of(&calm, &steady(100, 120, 20), &prices(), noon());
        assert_eq!(reachable_for(ago(30), &reach, pressure.as_ref()), Some(SignedDuration::from_mins(90)));
        assert_eq!(reachable_for(ago(121), &reach, pressure.as_ref()), None);
        let shrunk = windowed(2, 60, 360_000);
        let reach = shrunk.reach(noon()).unwrap();
        let pressure = Pressure::of(&shrunk, &aimed(2, 200, 60, 20), &prices(), noon());
        assert!(by_rate(pressure.as_ref()));
        // 360,000 records fit, 200 a second: 30 minutes in all, and 10 of them are over.
        assert_eq!(reachable_for(ago(10), &reach, pressure.as_ref()), Some(SignedDuration::from_mins(20)));
        assert_eq!(reachable_for(ago(10), &reach, None), Some(SignedDuration::from_mins(110)));
    }

    #[test]
    fn a_cluster_without_a_window_has_no_pressure() {
        assert_eq!(Pressure::of(&cluster("c"), &Samples::default(), &prices(), noon()), None);
        assert_eq!(Sample::of(&cluster("c"), noon()), None);
    }

    #[test]
    fn what_is_told_fills_in_where_nothing_was_sampled() {
        let mut samples = Samples::default();
        samples.tell(vec![(ago(20), 50.0), (ago(15), 100.0), (ago(10), 200.0), (ago(5), 300.0)]);
        assert_eq!(samples.rates(ago(30), ago(0), 3), [None, Some(75.0), Some(250.0)]);
        let pressure = Pressure::of(&windowed(1, 60, 360_000), &samples, &prices(), noon()).unwrap();
        assert!(near(pressure.rate_per_second, 200.0) && pressure.sampled == Some(RECENT), "{pressure:?}");
        samples.push(sample(ago(10), 0, ago(60)));
        samples.push(sample(ago(0), 600, ago(60)));
        assert_eq!(samples.rates(ago(30), ago(0), 3), [None, Some(75.0), Some(1.0)], "own samples go before");
    }

    #[test]
    fn samples_are_bounded_and_keep_their_sum() {
        let mut samples = Samples::default();
        for minute in (0..5_000).rev() {
            samples.push(sample(ago(minute), (5_000 - minute) * 60, ago(6_000)));
        }
        assert!(samples.points.len() <= MOST);
        let rates = samples.rates(ago(4_000), ago(0), 40);
        assert!(rates.iter().all(|rate| near(rate.unwrap(), 1.0)), "{rates:?}");
    }

    proptest! {
        #[test]
        fn whatever_is_sampled_rates_are_never_negative(
            given in proptest::collection::vec((0i64..600, 0i64..1_000_000_000, 0i64..5_000), 0..400), buckets in 1usize..50,
        ) {
            let mut samples = Samples::default();
            let mut at = ago(4_000);
            for (gap, records, window) in given {
                at += SignedDuration::from_secs(gap);
                samples.push(sample(at, records, at - SignedDuration::from_mins(window)));
            }
            let rates = samples.rates(ago(5_000), noon(), buckets);
            prop_assert_eq!(rates.len(), buckets);
            prop_assert!(rates.iter().flatten().all(|rate| rate.is_finite() && *rate >= 0.0));
        }

        #[test]
        fn a_later_moment_stays_at_least_as_long_and_none_longer_than_the_target(
            target in 1i64..72, actual in 1i64..4_000, records in 0i64..100_000_000, rate in 0i64..10_000, a in 0i64..4_000, b in 0i64..4_000,
        ) {
            let cluster = windowed(target, actual.min(target * 60), records);
            let reach = cluster.reach(noon()).unwrap();
            let pressure = Pressure::of(&cluster, &steady(rate, 30, 20), &prices(), noon()).unwrap();
            let stays = |minutes| reachable_for(ago(minutes), &reach, Some(&pressure));
            let (early, late) = (stays(a.max(b)), stays(a.min(b)));
            prop_assert!(early <= late, "{early:?} {late:?}");
            prop_assert!(late.is_none_or(|left| left <= cluster.backtrack.target() && left >= SignedDuration::ZERO));
            prop_assert!(pressure.expected_window <= cluster.backtrack.target());
        }
    }
}
