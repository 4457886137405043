//! What there is to show: rewinds as seams, the history that they left, the moments worth jumping to.

use jiff::Timestamp;

use crate::aurora::history;
pub use crate::aurora::history::{Seam, undone};
use crate::aurora::mark::Mark;
use crate::aurora::pressure::Samples;
use crate::aurora::{ClusterEvent, Reach, Rewind, span};
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
    pub marks: &'a [Mark],
    /// What RDS reported, in any order.
    pub events: &'a [ClusterEvent],
    /// What this program did with the cluster, in any order.
    pub tasks: &'a [TaskSpan],
    /// Change records as they were read again and again; they tell the write rate.
    pub samples: Option<&'a Samples>,
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

/// The seams, oldest first.
pub fn seams(data: &TimelineData<'_>) -> Vec<Seam> {
    history::seams(data.rewinds, data.now)
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
    for mark in data.marks {
        found.push(Moment { at: mark.at, label: mark.name.to_string(), kind: MomentKind::Mark });
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
    use crate::tui::widgets::timeline::tests::{at, data, mark, rewind};

    fn clock(text: &str) -> Timestamp {
        at(&format!("2026-11-22T{text}:00Z"))
    }

    #[test]
    fn moments_are_sorted_and_reachable() {
        let rewinds = [rewind(clock("10:00"), clock("09:00"))];
        let marks = [("late", "11:00"), ("gone", "05:00"), ("a", "08:00")].map(|(name, at)| mark(name, clock(at)));
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
}
