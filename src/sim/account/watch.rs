//! The watch over actual windows: Aurora says when one falls short of its target, and when it is whole again
//! (User Guide, Events: RDS-EVENT-0131 and RDS-EVENT-0132).

use jiff::{SignedDuration, Timestamp};

use super::super::clock::{after, before};
use super::backtrack::Backtrack;
use super::event::{KEPT, Source};
use super::{Account, Subject};

/// The least time between two looks: the metrics of the window come as often.
const STEP: SignedDuration = SignedDuration::from_mins(5);

/// The most: a cluster whose records will never run out needs no more than a look now and then.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

const SHORT: &str = "The actual Backtrack window is smaller than the target Backtrack window you specified. Consider \
                     reducing the number of hours in your target Backtrack window.";
const WHOLE: &str = "The actual Backtrack window is the same as the target Backtrack window you specified.";

impl Account {
    /// Looks at a window from now on: at its next look, or sooner when its cluster was changed.
    pub fn watch_window(&mut self, id: &str, at: Timestamp) {
        let Some(backtrack) = self.clusters.get_mut(id).and_then(|cluster| cluster.backtrack.as_mut()) else {
            return;
        };
        backtrack.next_look = at;
        self.schedule(Some(at), Subject::Window(id.to_owned()));
    }

    /// Looks at the window of a real database at once when it became too short, or whole again: nothing tells beforehand.
    pub fn watch_measured(&mut self, id: &str, now: Timestamp) {
        let backtrack = self.clusters.get(id).and_then(|cluster| cluster.backtrack.as_ref());
        if backtrack.is_some_and(|own| own.measured.is_some() && (own.lack(now) > 0.0) != own.short) {
            self.watch_window(id, now);
        }
    }

    /// Looks at the window of a cluster, if `due` is the look that it waits for.
    pub(super) fn look_at_window(&mut self, id: &str, due: Timestamp, now: Timestamp) {
        let Some(cluster) = self.clusters.get_mut(id) else {
            return;
        };
        let writer = cluster.writer.clone();
        let Some(backtrack) = cluster.backtrack.as_mut().filter(|backtrack| backtrack.next_look == due) else {
            return;
        };
        // Nobody would hear what happened longer ago than events are kept.
        let at = due.max(before(now, KEPT));
        let lack = backtrack.lack_since(at);
        let short = lack > 0.0;
        let next = after(at, next_look(backtrack, lack));
        if at == due
            && short != backtrack.short
            && let Some(writer) = writer
        {
            self.events.record(due, Source::Instance, &writer, "backtrack", if short { SHORT } else { WHOLE });
        }
        backtrack.short = short;
        self.watch_window(id, next);
    }
}

/// How long the window stays as it is at least: what lacks, or is to spare, changes no faster than records are written.
fn next_look(backtrack: &Backtrack, lack: f64) -> SignedDuration {
    if backtrack.measured.is_some() {
        return STEP;
    }
    let seconds = lack.abs() / backtrack.load.fastest().max(f64::MIN_POSITIVE);
    SignedDuration::try_from_secs_f64(seconds).unwrap_or(LONGEST).clamp(STEP, LONGEST)
}
