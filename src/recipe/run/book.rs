//! What has come of a run so far.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::ready::Site;
use crate::recipe::database::{Beat, Snapshot};
use crate::recipe::environment::Feeds;
use crate::recipe::model::{Against, Role};
use crate::recipe::outcome::{RewindOutcome, StepEnd, StepOutcome, Verdict};

/// A mark of the run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marked {
    /// The moment.
    pub(super) at: Timestamp,
    /// The last beat before it, where there is SQL.
    pub(super) beat: Option<Beat>,
}

/// What has come of a run so far.
#[derive(Default)]
pub(super) struct Book {
    /// The steps, each round of a repeated one by itself.
    pub(super) steps: Vec<StepOutcome>,
    /// The worst that happened, and why.
    fate: Option<(Verdict, String)>,
    /// The marks.
    pub(super) marks: BTreeMap<String, Marked>,
    /// The mark that was set or rewound to last.
    pub(super) mark: Option<String>,
    /// Schemas to compare with, some of them with row counts.
    pub(super) snapshots: Vec<(Against, bool, Snapshot)>,
    /// How long release steps took: those of each round, and under 0 those that are not repeated.
    released: BTreeMap<u32, SignedDuration>,
    /// What the outputs of the stack are to the run.
    pub(super) feeds: Feeds,
    /// The clone, once it can be used.
    pub(super) site: Option<Site>,
    /// What could not be confirmed gone.
    pub(super) leaked: Vec<String>,
    /// Until when the clone is kept.
    pub(super) kept_until: Option<Timestamp>,
    /// When the clone was asked for, and when it was gone, or left.
    pub(super) lived: (Option<Timestamp>, Option<Timestamp>),
}

impl Book {
    /// Takes note of something that went wrong. The worst counts.
    pub(super) fn judge(&mut self, verdict: Verdict, reason: impl Into<String>) {
        if self.fate.as_ref().is_none_or(|(known, _)| *known < verdict) {
            self.fate = Some((verdict, reason.into()));
        }
    }

    /// The verdict so far, and why.
    pub(super) fn verdict(&self) -> (Verdict, Option<String>) {
        self.fate.clone().map_or((Verdict::Passed, None), |(verdict, reason)| (verdict, Some(reason)))
    }

    /// Adds a step that is over.
    pub(super) fn add(&mut self, mut step: StepOutcome) {
        // Reports say the same of a comparison and of a rewind, from what is known of them.
        let told = |rewind: &RewindOutcome| step.end == StepEnd::Passed || rewind.proved.is_some();
        if step.diff.is_some() || step.rewind.as_ref().is_some_and(told) {
            step.message = None;
        }
        if let (Some(Role::Release), Some(from), Some(to)) = (step.role, step.started_at, step.ended_at) {
            *self.released.entry(step.round.unwrap_or_default()).or_default() += to.duration_since(from);
        }
        self.steps.push(step);
    }

    /// How long the release steps took, once each: in the round in which they took longest.
    pub(super) fn released(&self) -> Option<SignedDuration> {
        let once = self.released.get(&0).copied();
        let rounds = self.released.iter().filter(|(round, _)| **round > 0).map(|(_, took)| *took).max();
        match (once, rounds) {
            (None, None) => None,
            (once, rounds) => Some(once.unwrap_or_default() + rounds.unwrap_or_default()),
        }
    }

    /// The longest that a statement was seen to wait for a lock, in seconds; and whether every step that was to be watched
    /// could be.
    pub(super) fn longest_lock(&self) -> (Option<f64>, bool) {
        let watched = || self.steps.iter().filter_map(|step| step.locks.as_ref());
        let longest = watched().filter(|locks| locks.samples > 0).map(|locks| locks.longest_seconds).reduce(f64::max);
        (longest, watched().all(|locks| locks.samples > 0))
    }

    /// A snapshot to compare with.
    pub(super) fn snapshot(&self, against: &Against, rows: bool) -> Option<&Snapshot> {
        let found = self.snapshots.iter().find(|(of, counted, _)| of == against && *counted == rows);
        found.map(|(_, _, snapshot)| snapshot)
    }

    /// The rounds before the one that passed were only tries.
    pub(super) fn allow_since(&mut self, first: usize) {
        for step in self.steps.iter_mut().skip(first) {
            if matches!(step.end, StepEnd::Failed | StepEnd::TimedOut) {
                step.end = StepEnd::Allowed;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::outcome::LockOutcome;

    fn release(round: Option<u32>, seconds: i64) -> StepOutcome {
        let at = |second| Timestamp::from_second(second).ok();
        StepOutcome {
            role: Some(Role::Release),
            round,
            started_at: at(0),
            ended_at: at(seconds),
            ..StepOutcome::new("release", "sql")
        }
    }

    #[test]
    fn the_worst_that_happened_is_the_verdict() {
        let mut book = Book::default();
        assert_eq!(book.verdict(), (Verdict::Passed, None));
        book.judge(Verdict::ReleaseFailed, "first");
        book.judge(Verdict::Failed, "second");
        book.judge(Verdict::ReleaseFailed, "third");
        assert_eq!(book.verdict(), (Verdict::ReleaseFailed, Some("first".into())));
    }

    #[rstest::rstest]
    #[case(&[], None)]
    #[case(&[(None, 3), (None, 4)], Some(7))]
    #[case(&[(None, 3), (Some(1), 10), (Some(1), 1), (Some(2), 5)], Some(14))]
    fn a_release_is_measured_once(#[case] steps: &[(Option<u32>, i64)], #[case] want: Option<i64>) {
        let mut book = Book::default();
        for (round, seconds) in steps {
            book.add(release(*round, *seconds));
        }
        assert_eq!(book.released().map(|took| took.as_secs()), want);
    }

    #[rstest::rstest]
    #[case(&[], (None, true))]
    #[case(&[(3, 0.0), (9, 1.5)], (Some(1.5), true))]
    #[case(&[(3, 0.5), (0, 0.0)], (Some(0.5), false))]
    #[case(&[(0, 0.0)], (None, false))]
    fn what_was_never_looked_at_is_no_measure(#[case] steps: &[(u32, f64)], #[case] want: (Option<f64>, bool)) {
        let mut book = Book::default();
        for (samples, longest_seconds) in steps.iter().copied() {
            let locks = LockOutcome { longest_seconds, statement: None, ddl: Vec::new(), samples, notes: Vec::new() };
            book.add(StepOutcome { locks: Some(locks), ..StepOutcome::new("watched", "sql") });
        }
        assert_eq!(book.longest_lock(), want);
    }
}
