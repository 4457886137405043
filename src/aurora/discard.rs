//! What a rewind throws away, and what it brings back.

use jiff::{SignedDuration, Timestamp};

use super::event::ClusterEvent;
use super::history::{Stretch, difference, history, seams};
use super::mark::Mark;
use super::rewind::Rewind;

/// What is known of a cluster's past.
#[derive(Debug, Clone, Copy, Default)]
pub struct Past<'a> {
    /// Past rewinds, in any order.
    pub rewinds: &'a [Rewind],
    /// Named moments, in any order.
    pub marks: &'a [Mark],
    /// What RDS reported, in any order.
    pub events: &'a [ClusterEvent],
    /// What test runs did on it, in any order.
    pub work: &'a [Work],
}

/// A step of a test run that has changed the cluster, or looked at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// What it is, in words: ``release `0042` ``.
    pub what: String,
    /// When it began.
    pub from: Timestamp,
    /// When it ended; none while it runs.
    pub to: Option<Timestamp>,
}

/// What a rewind throws away. All of it can be come back to by undoing the rewind, while the window holds it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Discards {
    /// How much of the present state's history.
    pub length: SignedDuration,
    /// How much comes back that an earlier rewind had undone.
    pub regained: SignedDuration,
    /// The stretches that are thrown away, oldest first.
    pub stretches: Vec<Stretch>,
    /// Marks in them, earliest first.
    pub marks: Vec<Mark>,
    /// Events in them, earliest first. What RDS did to instances stays done.
    pub events: Vec<ClusterEvent>,
    /// Rewinds whose outcome goes with them, oldest first.
    pub rewinds: Vec<Rewind>,
    /// Work of test runs that lies in them, at least in part, in the order in which it began.
    pub work: Vec<Work>,
}

/// What a rewind to `to` would throw away at `now`.
///
/// The state after it consists of what the state at `to` consisted of. After earlier rewinds that is not simply all that
/// came before: see [`history`].
pub fn discards(to: Timestamp, past: &Past<'_>, now: Timestamp) -> Discards {
    let seams = seams(past.rewinds, now);
    let (present, future) = (history(&seams, now), history(&seams, to.min(now)));
    let stretches = difference(&present, &future);
    // What is exactly where a stretch begins belongs to what is kept: a rewind to a mark keeps the mark.
    let inside = |at: Timestamp| stretches.iter().any(|(start, end)| *start < at && at <= *end);
    let mut marks: Vec<_> = past.marks.iter().filter(|mark| inside(mark.at)).cloned().collect();
    marks.sort_by_key(|mark| mark.at);
    let mut events: Vec<_> = past.events.iter().filter(|event| inside(event.at)).cloned().collect();
    events.sort_by_key(|event| event.at);
    // The seam itself is where a stretch begins: the rewind goes if all that came after it goes.
    let begins = |at: Timestamp| stretches.iter().any(|(start, end)| *start <= at && at <= *end);
    let went = |rewind: &&Rewind| seams.iter().any(|seam| Some(seam.from) == rewind.from && seam.from != to);
    let mut rewinds: Vec<_> =
        past.rewinds.iter().filter(went).filter(|rewind| rewind.from.is_some_and(begins)).cloned().collect();
    rewinds.sort_by_key(|rewind| rewind.from);
    let touches = |work: &&Work| {
        let to = work.to.unwrap_or(now);
        stretches.iter().any(|(start, end)| *start < to && work.from <= *end)
    };
    let mut work: Vec<_> = past.work.iter().filter(touches).cloned().collect();
    work.sort_by_key(|work| work.from);
    Discards {
        work,
        length: total(&stretches),
        regained: total(&difference(&future, &present)),
        stretches,
        marks,
        events,
        rewinds,
    }
}

fn total(stretches: &[Stretch]) -> SignedDuration {
    stretches.iter().map(|(start, end)| end.duration_since(*start)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::mark::Kept;
    use crate::aurora::rewind::RewindStatus;
    use proptest::prelude::*;

    fn clock(text: &str) -> Timestamp {
        format!("2026-11-22T{text}:00Z").parse().unwrap()
    }

    fn rewind(from: &str, to: &str) -> Rewind {
        Rewind {
            id: from.into(),
            to: Some(clock(to)),
            from: Some(clock(from)),
            requested_at: Some(clock(from)),
            status: RewindStatus::Completed,
        }
    }

    /// Marks at every half hour from 06:00 to 11:30, each called after its clock time.
    fn marks() -> Vec<Mark> {
        let half_hours = (12..24).map(|half| (half / 2, half % 2 * 30));
        half_hours
            .map(|(hour, minute)| Mark {
                name: format!("at {hour:02}.{minute:02}").parse().unwrap(),
                at: clock(&format!("{hour:02}:{minute:02}")),
                kept: Kept::Tag,
            })
            .collect()
    }

    #[rstest::rstest]
    #[case::plain(&[], "11:00", &["at 11.30"], &[], 60, 0)]
    #[case::to_a_mark_keeps_it(&[], "11:30", &[], &[], 30, 0)]
    #[case::before_an_earlier_rewind(&[("11:00", "10:00")], "09:30", &["at 10.00", "at 11.30"], &["11:00"], 90, 0)]
    #[case::after_an_earlier_rewind(&[("10:00", "09:00")], "11:00", &["at 11.30"], &[], 60, 0)]
    #[case::undo(&[("11:15", "10:00")], "11:14", &["at 11.30"], &["11:15"], 45, 74)]
    #[case::part_of_what_was_undone(&[("11:15", "10:00")], "10:30", &["at 11.30"], &["11:15"], 45, 30)]
    #[case::undo_of_an_undo(&[("11:00", "10:00"), ("11:05", "10:59")], "11:04", &["at 10.30", "at 11.30"], &["11:05"], 114, 4)]
    fn what_goes_follows_the_history(
        #[case] rewinds: &[(&str, &str)],
        #[case] to: &str,
        #[case] lost: &[&str],
        #[case] gone: &[&str],
        #[case] minutes: i64,
        #[case] regained: i64,
    ) {
        let rewinds: Vec<_> = rewinds.iter().map(|(from, to)| rewind(from, to)).collect();
        let marks = marks();
        let found = discards(clock(to), &Past { rewinds: &rewinds, marks: &marks, ..Past::default() }, clock("12:00"));
        assert_eq!(found.marks.iter().map(|mark| mark.name.as_str()).collect::<Vec<_>>(), lost);
        assert_eq!(found.rewinds.iter().map(|rewind| rewind.id.as_str()).collect::<Vec<_>>(), gone);
        assert_eq!((found.length.as_mins(), found.regained.as_mins()), (minutes, regained));
    }

    #[test]
    fn events_in_what_goes_are_named() {
        let event = |at| ClusterEvent { at: clock(at), source: "c".into(), categories: vec![], message: at.into() };
        let events = [event("11:45"), event("10:00"), event("11:10")];
        let found = discards(clock("11:00"), &Past { events: &events, ..Past::default() }, clock("12:00"));
        assert_eq!(found.events.iter().map(|event| event.message.as_str()).collect::<Vec<_>>(), ["11:10", "11:45"]);
    }

    #[rstest::rstest]
    #[case("11:00", &["release `a`", "test `b`"])]
    #[case("11:15", &["release `a`", "test `b`"])]
    #[case("11:20", &["test `b`"])]
    #[case("11:59", &["test `b`"])]
    fn work_of_a_test_run_that_goes_at_least_in_part_is_named(#[case] to: &str, #[case] want: &[&str]) {
        let work =
            |what: &str, from, to: Option<&str>| Work { what: what.into(), from: clock(from), to: to.map(clock) };
        let all = [work("test `b`", "11:30", None), work("release `a`", "11:10", Some("11:20"))];
        let found = discards(clock(to), &Past { work: &all, ..Past::default() }, clock("12:00"));
        assert_eq!(found.work.iter().map(|work| work.what.as_str()).collect::<Vec<_>>(), want);
    }

    #[test]
    fn work_that_an_earlier_rewind_undid_does_not_go_again() {
        let rewinds = [rewind("11:30", "11:00")];
        let all = [Work { what: "release `a`".into(), from: clock("11:10"), to: Some(clock("11:20")) }];
        let past = Past { work: &all, rewinds: &rewinds, ..Past::default() };
        assert!(discards(clock("11:40"), &past, clock("12:00")).work.is_empty());
        assert!(discards(clock("10:30"), &past, clock("12:00")).work.is_empty(), "it is gone already");
    }

    proptest! {
        #[test]
        fn an_earlier_rewind_never_throws_less_away_without_seams(a in 0i64..43_000, b in 0i64..43_000) {
            let (early, late) = (a.min(b), a.max(b));
            let (marks, now) = (marks(), clock("12:00"));
            let of = |second| discards(clock("00:00") + SignedDuration::from_secs(second), &Past { marks: &marks, ..Past::default() }, now);
            let (more, less) = (of(early), of(late));
            prop_assert!(more.length >= less.length && more.marks.len() >= less.marks.len());
            prop_assert_eq!(more.regained, SignedDuration::ZERO);
        }

        #[test]
        fn what_goes_is_part_of_the_present_state(
            ends in proptest::collection::vec((0i64..36_000, 0i64..36_000), 0..8), to in 0i64..43_000,
        ) {
            let moment = |second| clock("00:00") + SignedDuration::from_secs(second);
            let rewinds: Vec<_> = ends.iter().map(|(a, b)| Rewind { from: Some(moment(*a)), to: Some(moment(*b)), ..rewind("10:00", "09:00") }).collect();
            let found = discards(moment(to), &Past { rewinds: &rewinds, ..Past::default() }, clock("12:00"));
            let present = history(&seams(&rewinds, clock("12:00")), clock("12:00"));
            prop_assert_eq!(difference(&found.stretches, &present), vec![]);
            prop_assert!(found.length >= SignedDuration::ZERO && found.regained >= SignedDuration::ZERO);
        }
    }
}
