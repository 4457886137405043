//! The snapshots of one database, dense for the last minutes and thinner with age, within a budget of bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::snapshot::Snapshot;

/// Every snapshot is kept so long.
const DENSE: SignedDuration = SignedDuration::from_secs(120);
/// Up to this age, in seconds, one snapshot is kept in so many seconds.
const STEPS: [(i64, i64); 3] = [(1_800, 10), (6 * 3_600, 60), (i64::MAX, 600)];
/// So many of the last snapshots decide how often the next ones are taken.
const RECENT: usize = 5;
/// The longest time between two snapshots of a database that is written to.
const SLOWEST: SignedDuration = SignedDuration::from_secs(60);
/// The shortest.
const FASTEST: SignedDuration = SignedDuration::from_secs(1);

/// The snapshots of a database, oldest first.
#[derive(Debug)]
pub struct Ring {
    entries: Vec<Entry>,
    /// How many bytes of copies they may hold.
    budget: u64,
    /// Each copied file by its inode: its bytes, and how many snapshots link to it.
    copies: BTreeMap<u64, (u64, u32)>,
    bytes: u64,
}

#[derive(Debug)]
struct Entry {
    snapshot: Arc<Snapshot>,
    /// Nothing was written between the snapshot and this moment.
    until: Timestamp,
    /// Not thinned with age: a state that a rewind left, which an undo has to find.
    kept: bool,
}

/// A moment that can be gone to.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The database as it was.
    pub snapshot: Arc<Snapshot>,
    /// The moment asked for if the database is known to have been the same then, or the nearest one before.
    pub at: Timestamp,
}

impl Ring {
    /// An empty ring that may hold so many bytes of copies.
    pub fn new(budget: u64) -> Self {
        Self { entries: Vec::new(), budget, copies: BTreeMap::new(), bytes: 0 }
    }

    /// Adds the newest snapshot.
    pub fn push(&mut self, snapshot: Arc<Snapshot>, kept: bool) {
        for file in snapshot.files() {
            let copy = self.copies.entry(file.inode).or_insert((file.bytes, 0));
            copy.1 += 1;
            if copy.1 == 1 {
                self.bytes += file.bytes;
            }
        }
        let until = snapshot.at;
        self.entries.push(Entry { snapshot, until, kept });
    }

    /// Nothing was written from the newest snapshot to `until`.
    pub fn unchanged(&mut self, until: Timestamp) {
        if let Some(entry) = self.entries.last_mut() {
            entry.until = entry.until.max(until);
        }
    }

    /// The last moment that is known of.
    pub fn latest(&self) -> Option<Timestamp> {
        self.entries.last().map(|entry| entry.until)
    }

    /// The newest snapshot.
    pub fn newest(&self) -> Option<&Arc<Snapshot>> {
        self.entries.last().map(|entry| &entry.snapshot)
    }

    /// All snapshots, oldest first.
    pub fn snapshots(&self) -> impl Iterator<Item = &Arc<Snapshot>> {
        self.entries.iter().map(|entry| &entry.snapshot)
    }

    /// The state at a moment: the last snapshot that is not after it, or the oldest.
    pub fn at(&self, asked: Timestamp) -> Option<Moment> {
        let behind = self.entries.partition_point(|entry| entry.snapshot.at <= asked);
        let entry = self.entries.get(behind.saturating_sub(1))?;
        Some(Moment { snapshot: entry.snapshot.clone(), at: asked.clamp(entry.snapshot.at, entry.until) })
    }

    /// The bytes of copies that it holds; a file that several snapshots link to counts once.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Lets go of what is older than `window`, of what is too dense for its age, and then of the oldest until the rest
    /// fits. The newest always stays.
    pub fn thin(&mut self, now: Timestamp, window: SignedDuration) {
        let times: Vec<_> = self.entries.iter().map(|entry| (entry.snapshot.at, entry.kept)).collect();
        let keep = kept(&times, now);
        // A snapshot stands for the time until the next one, so the last one before the window's edge is still needed.
        let edge = now.checked_sub(window).unwrap_or(Timestamp::MIN);
        let inside = times.partition_point(|(at, _)| *at <= edge).saturating_sub(1);
        let newest = times.len().saturating_sub(1);
        let mut place = 0..;
        let stays = |place: usize| place == newest || (place >= inside && keep[place]);
        let gone: Vec<Entry> =
            self.entries.extract_if(.., |_| place.next().is_none_or(|place| !stays(place))).collect();
        for entry in &gone {
            self.forget(entry);
        }
        self.shrink(self.budget);
    }

    /// Lets go of the oldest until the rest has no more than so many bytes. The newest always stays.
    pub fn shrink(&mut self, bytes: u64) {
        while self.entries.len() > 1 && self.bytes > bytes {
            let oldest = self.entries.remove(0);
            self.forget(&oldest);
        }
    }

    fn forget(&mut self, entry: &Entry) {
        for file in entry.snapshot.files() {
            let Some(copy) = self.copies.get_mut(&file.inode) else { continue };
            copy.1 -= 1;
            if copy.1 == 0 {
                self.bytes -= copy.0;
                self.copies.remove(&file.inode);
            }
        }
    }

    /// Takes the newest snapshot back out.
    pub fn pop(&mut self) {
        if let Some(entry) = self.entries.pop() {
            self.forget(&entry);
        }
    }

    /// How long to wait from one snapshot to the next: a second, or longer if the copies are so big that the budget
    /// would not hold the dense minutes.
    pub fn interval(&self) -> SignedDuration {
        let recent = self.entries.len().min(RECENT);
        let bytes: u64 = self.entries.iter().rev().take(recent).map(|entry| entry.snapshot.copied).sum();
        interval(bytes / recent.max(1) as u64, self.budget)
    }
}

fn interval(each: u64, budget: u64) -> SignedDuration {
    let fitting = budget.checked_div(each).unwrap_or(u64::MAX).max(1);
    let seconds = DENSE.as_secs().unsigned_abs() / 2 / fitting.min(1_000);
    SignedDuration::from_secs(seconds as i64).clamp(FASTEST, SLOWEST)
}

/// Which of these moments, oldest first, are kept at `now`: the first of each step that their age has.
fn kept(times: &[(Timestamp, bool)], now: Timestamp) -> Vec<bool> {
    let mut last = None;
    times
        .iter()
        .map(|(at, always)| {
            let age = now.duration_since(*at);
            if age <= DENSE {
                return true;
            }
            let step = STEPS.iter().find(|(oldest, _)| age.as_secs() <= *oldest).map_or(1, |(_, step)| *step);
            let place = Some((step, at.as_second().div_euclid(step)));
            let first = place != last;
            last = place;
            first || *always
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn snapshots_are_dense_then_one_in_ten_seconds_then_one_a_minute() {
        let times: Vec<_> = (0..7200).map(|second| (at(second), false)).collect();
        let keep = kept(&times, at(7200));
        let count = |from: usize, to: usize| keep[from..to].iter().filter(|keep| **keep).count();
        assert_eq!(count(7080, 7200), 120);
        assert_eq!(count(6000, 7000), 100);
        assert_eq!(count(0, 3600), 60);
        assert!(keep[0], "the oldest stays, so that the window does not jump");
    }

    #[test]
    fn what_a_rewind_left_is_not_thinned() {
        assert_eq!(kept(&[(at(0), false), (at(1), true), (at(2), false)], at(9000)), [true, true, false]);
    }

    #[rstest::rstest]
    #[case::small(4 << 20, 1 << 30, 1)]
    #[case::nothing(0, 1 << 30, 1)]
    #[case::big(130 << 20, 1 << 30, 8)]
    #[case::bigger_than_the_budget(2 << 30, 1 << 30, 60)]
    fn big_copies_are_taken_less_often(#[case] each: u64, #[case] budget: u64, #[case] seconds: i64) {
        assert_eq!(interval(each, budget), SignedDuration::from_secs(seconds));
    }

    proptest! {
        /// Thinning again later never brings back or needs what was let go: each step's first stays the first.
        #[test]
        fn thinning_in_steps_is_thinning_at_once(gaps in prop::collection::vec(1i64..40, 1..200), wait in 0i64..3000) {
            let times: Vec<_> = gaps.iter().scan(0, |sum, gap| { *sum += gap; Some((at(*sum), false)) }).collect();
            let now = times.last().unwrap().0;
            let later = now + SignedDuration::from_secs(wait);
            let survivors = |times: &[(Timestamp, bool)], now| -> Vec<_> {
                times.iter().zip(kept(times, now)).filter(|(_, keep)| *keep).map(|(time, _)| *time).collect()
            };
            let at_once = survivors(&times, later);
            let in_steps = survivors(&survivors(&times, now), later);
            prop_assert_eq!(at_once.first(), in_steps.first());
            // No gap between two kept moments grows by more than a step and the gap that was there.
            let widest = |times: &[(Timestamp, bool)]| {
                times.windows(2).map(|two| two[1].0.duration_since(two[0].0).as_secs()).max().unwrap_or(0)
            };
            prop_assert!(widest(&in_steps) <= widest(&times).max(1) + 2 * STEPS[2].1);
        }
    }
}
