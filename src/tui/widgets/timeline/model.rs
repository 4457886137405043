//! What there is to show: rewinds as seams, the history that they left, the moments worth jumping to.

use jiff::Timestamp;

use crate::aurora::{ClusterEvent, Reach, Rewind, RewindStatus, span};
use crate::engine::TaskState;

/// Everything that the timeline shows of one cluster.
#[derive(Debug, Clone, Copy)]
pub struct TimelineData<'a> {
    /// The present moment.
    pub now: Timestamp,
    /// Where a rewind may land; nothing when Backtrack is off.
    pub reach: Option<Reach>,
    /// When the cluster was made.
    pub created_at: Option<Timestamp>,
    /// Past rewinds, in any order.
    pub rewinds: &'a [Rewind],
    /// Named moments, in any order.
    pub marks: &'a [(String, Timestamp)],
    /// What RDS reported, in any order.
    pub events: &'a [ClusterEvent],
    /// What this program did with the cluster, in any order.
    pub tasks: &'a [TaskSpan],
    /// When the clone may be swept.
    pub expires_at: Option<Timestamp>,
    /// Earliest and latest moment of point-in-time restore.
    pub restorable: Option<(Timestamp, Timestamp)>,
}

/// A stretch of time in which a task of ours worked on the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskSpan {
    /// When it was asked for.
    pub from: Timestamp,
    /// When it ended; none while it runs.
    pub to: Option<Timestamp>,
    /// What it is: `clone clone-orders-x7k2`.
    pub label: String,
    /// How it went.
    pub state: TaskState,
}

/// A past or running rewind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seam {
    /// Where it landed.
    pub to: Timestamp,
    /// Where the cluster was taken back from.
    pub from: Timestamp,
    /// It went back to work that an earlier rewind had undone: seen from its state, forward.
    pub forward: bool,
    /// It is still under way.
    pub running: bool,
}

/// A stretch of time.
pub(super) type Stretch = (Timestamp, Timestamp);

/// The seams, oldest first. A failed rewind left none; of a running one the end is now.
pub fn seams(data: &TimelineData<'_>) -> Vec<Seam> {
    let mut seams: Vec<Seam> = data.rewinds.iter().filter_map(|rewind| seam(rewind, data.now)).collect();
    seams.sort_by_key(|seam| seam.from);
    for index in 0..seams.len() {
        let (before, rest) = seams.split_at_mut(index);
        if let Some(seam) = rest.first_mut() {
            seam.forward = !history(before, seam.from).iter().any(|(start, end)| (*start..=*end).contains(&seam.to));
        }
    }
    seams
}

fn seam(rewind: &Rewind, now: Timestamp) -> Option<Seam> {
    let running = match rewind.status {
        RewindStatus::Completed => false,
        RewindStatus::Pending | RewindStatus::Applying => true,
        RewindStatus::Failed | RewindStatus::Other(_) => return None,
    };
    let to = rewind.to?;
    let from = if running { now } else { rewind.from? };
    // A rewind that ends where it began would make the history below endless.
    (to < from).then_some(Seam { to, from, forward: false, running })
}

/// The stretches of wall-clock time that the state at `at` consists of, oldest first.
///
/// A rewind appends the old state at its own moment: what came between its two ends is no part of the state any more,
/// yet stays reachable (User Guide, Backtracking an Aurora DB cluster).
fn history(seams: &[Seam], at: Timestamp) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut end = at;
    while let Some(seam) = seams.iter().rev().find(|seam| seam.from <= end) {
        stretches.push((seam.from, end));
        end = seam.to;
    }
    stretches.push((Timestamp::MIN, end));
    stretches.reverse();
    stretches
}

/// The stretches that are no part of the present state, oldest first.
pub fn undone(seams: &[Seam], now: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    let history = history(seams, now);
    history.windows(2).map(|pair| (pair[0].1, pair[1].0)).filter(|(start, end)| start < end).collect()
}

/// What kind of moment it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MomentKind {
    /// The earliest reachable moment.
    Floor,
    /// A mark.
    Mark,
    /// Just before a rewind: going there undoes it.
    Undo,
    /// A task of ours began.
    Task,
    /// Something that RDS reported.
    Event,
}

/// A moment worth jumping to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What it is called.
    pub label: String,
    /// What it is.
    pub kind: MomentKind,
}

/// The moments to jump to, sorted; with a window only those that a rewind can reach.
pub fn moments(data: &TimelineData<'_>) -> Vec<Moment> {
    let mut found = Vec::new();
    if let Some(reach) = data.reach {
        let label = if reach.wall == Some(reach.floor) { "created" } else { "floor" };
        found.push(Moment { at: reach.clamp(reach.floor), label: label.into(), kind: MomentKind::Floor });
    }
    for (name, at) in data.marks {
        found.push(Moment { at: *at, label: name.clone(), kind: MomentKind::Mark });
    }
    for rewind in data.rewinds {
        if let (Some(at), Some(from), Some(to)) = (rewind.undo_to(), rewind.from, rewind.to) {
            let label = format!("before the rewind of {}", span::short(from.duration_since(to)));
            found.push(Moment { at, label, kind: MomentKind::Undo });
        }
    }
    for task in data.tasks {
        found.push(Moment { at: task.from, label: format!("before: {}", task.label), kind: MomentKind::Task });
    }
    for event in data.events {
        found.push(Moment { at: event.at, label: event.message.clone(), kind: MomentKind::Event });
    }
    found.retain(|moment| data.reach.is_none_or(|reach| reach.check(moment.at).is_ok()));
    found.sort_by(|a, b| (a.at, a.kind, &a.label).cmp(&(b.at, b.kind, &b.label)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::widgets::timeline::tests::{at, data, rewind};
    use proptest::prelude::*;

    fn clock(text: &str) -> Timestamp {
        at(&format!("2026-11-22T{text}:00Z"))
    }

    fn shape(rewinds: &[(&str, &str)]) -> (Vec<bool>, Vec<(Timestamp, Timestamp)>) {
        let rewinds: Vec<_> = rewinds.iter().map(|(from, to)| rewind(clock(from), clock(to))).collect();
        let seams = seams(&TimelineData { rewinds: &rewinds, ..data() });
        (seams.iter().map(|seam| seam.forward).collect(), undone(&seams, clock("12:00")))
    }

    #[rstest::rstest]
    #[case::none(&[], &[], &[])]
    #[case::one(&[("10:00", "09:00")], &[false], &[("09:00", "10:00")])]
    #[case::undone_again(&[("10:00", "09:00"), ("10:05", "09:59")], &[false, true], &[("09:59", "10:05")])]
    #[case::forward_a_part(&[("10:00", "07:00"), ("10:01", "08:00")], &[false, true], &[("08:00", "10:01")])]
    #[case::back_after_the_undo(
        &[("10:00", "09:00"), ("10:05", "09:59"), ("11:00", "09:30")], &[false, true, false], &[("09:30", "11:00")]
    )]
    #[case::two_apart(
        &[("09:00", "08:30"), ("11:00", "10:30")], &[false, false], &[("08:30", "09:00"), ("10:30", "11:00")]
    )]
    #[case::given_newest_first(&[("10:05", "09:59"), ("10:00", "09:00")], &[false, true], &[("09:59", "10:05")])]
    fn what_is_left_of_the_history(
        #[case] rewinds: &[(&str, &str)],
        #[case] forward: &[bool],
        #[case] gone: &[(&str, &str)],
    ) {
        let want: Vec<_> = gone.iter().map(|(start, end)| (clock(start), clock(end))).collect();
        assert_eq!(shape(rewinds), (forward.to_vec(), want));
    }

    #[test]
    fn a_failed_rewind_leaves_no_seam_and_a_running_one_ends_now() {
        let mut failed = rewind(clock("10:00"), clock("09:00"));
        failed.status = RewindStatus::Failed;
        let mut running = rewind(clock("11:00"), clock("10:30"));
        (running.status, running.from) = (RewindStatus::Applying, None);
        let rewinds = [failed, running];
        let seams = seams(&TimelineData { rewinds: &rewinds, ..data() });
        assert_eq!(seams, [Seam { to: clock("10:30"), from: data().now, forward: false, running: true }]);
    }

    #[test]
    fn moments_are_sorted_and_reachable() {
        let rewinds = [rewind(clock("10:00"), clock("09:00"))];
        let marks =
            [("late".to_owned(), clock("11:00")), ("gone".to_owned(), clock("05:00")), ("a".into(), clock("08:00"))];
        let events =
            [ClusterEvent { at: clock("10:30"), source: "s".into(), categories: vec![], message: "failover".into() }];
        let data = TimelineData { rewinds: &rewinds, marks: &marks, events: &events, ..data() };
        let labels: Vec<_> = moments(&data).into_iter().map(|moment| (moment.kind, moment.label)).collect();
        let want = [
            (MomentKind::Floor, "floor"),
            (MomentKind::Mark, "a"),
            (MomentKind::Undo, "before the rewind of 1h 00m"),
            (MomentKind::Event, "failover"),
            (MomentKind::Mark, "late"),
        ];
        assert_eq!(labels, want.map(|(kind, label)| (kind, label.to_owned())));
        let off = TimelineData { reach: None, ..data };
        assert_eq!(moments(&off).len(), 5, "without a window there is no floor, and nothing is out of reach");
    }

    proptest! {
        #[test]
        fn undone_stretches_are_sorted_apart_and_past(ends in proptest::collection::vec((0i64..36_000, 0i64..36_000), 0..12)) {
            let start = clock("00:00");
            let moment = |second| start + jiff::SignedDuration::from_secs(second);
            let rewinds: Vec<_> = ends.iter().map(|(a, b)| rewind(moment(*a), moment(*b))).collect();
            let seams = seams(&TimelineData { rewinds: &rewinds, ..data() });
            let gone = undone(&seams, data().now);
            prop_assert!(gone.iter().all(|(start, end)| start < end && *end <= data().now));
            prop_assert!(gone.windows(2).all(|pair| pair[0].1 <= pair[1].0));
            prop_assert!(gone.len() <= seams.len());
        }
    }
}
