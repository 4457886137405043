//! What the present state of a cluster consists of, after rewinds back and forth.

use jiff::Timestamp;

use super::rewind::{Rewind, RewindStatus};

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
pub type Stretch = (Timestamp, Timestamp);

/// The seams, oldest first. A failed rewind left none; of a running one the end is now.
pub fn seams(rewinds: &[Rewind], now: Timestamp) -> Vec<Seam> {
    let mut seams: Vec<Seam> = rewinds.iter().filter_map(|rewind| seam(rewind, now)).collect();
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
pub fn history(seams: &[Seam], at: Timestamp) -> Vec<Stretch> {
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
pub fn undone(seams: &[Seam], now: Timestamp) -> Vec<Stretch> {
    let history = history(seams, now);
    history.windows(2).map(|pair| (pair[0].1, pair[1].0)).filter(|(start, end)| start < end).collect()
}

/// What of `all` stretches is not in `kept`; both sorted and apart.
pub fn difference(all: &[Stretch], kept: &[Stretch]) -> Vec<Stretch> {
    let mut left = Vec::new();
    for (start, end) in all {
        let mut start = *start;
        for (gone_from, gone_to) in kept.iter().filter(|(from, to)| to > from) {
            if *gone_to <= start || *gone_from >= *end {
                continue;
            }
            if *gone_from > start {
                left.push((start, *gone_from));
            }
            start = start.max(*gone_to);
        }
        if start < *end {
            left.push((start, *end));
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clock(text: &str) -> Timestamp {
        format!("2026-11-22T{text}:00Z").parse().unwrap()
    }

    fn rewind(from: Timestamp, to: Timestamp) -> Rewind {
        Rewind {
            id: "b".into(),
            to: Some(to),
            from: Some(from),
            requested_at: Some(from),
            status: RewindStatus::Completed,
        }
    }

    fn shape(rewinds: &[(&str, &str)]) -> (Vec<bool>, Vec<Stretch>) {
        let rewinds: Vec<_> = rewinds.iter().map(|(from, to)| rewind(clock(from), clock(to))).collect();
        let seams = seams(&rewinds, clock("12:00"));
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
        let seams = seams(&[failed, running], clock("12:00"));
        assert_eq!(seams, [Seam { to: clock("10:30"), from: clock("12:00"), forward: false, running: true }]);
    }

    #[rstest::rstest]
    #[case::nothing_in_common(&[("08:00", "09:00")], &[("10:00", "11:00")], &[("08:00", "09:00")])]
    #[case::the_end(&[("08:00", "12:00")], &[("07:00", "09:00")], &[("09:00", "12:00")])]
    #[case::the_middle(&[("08:00", "12:00")], &[("09:00", "10:00")], &[("08:00", "09:00"), ("10:00", "12:00")])]
    #[case::all(&[("08:00", "09:00")], &[("07:00", "10:00")], &[])]
    #[case::an_empty_one(&[("08:00", "09:00")], &[("08:30", "08:30")], &[("08:00", "09:00")])]
    fn differences(#[case] all: &[(&str, &str)], #[case] kept: &[(&str, &str)], #[case] left: &[(&str, &str)]) {
        let read = |list: &[(&str, &str)]| -> Vec<_> { list.iter().map(|(a, b)| (clock(a), clock(b))).collect() };
        assert_eq!(difference(&read(all), &read(kept)), read(left));
    }

    proptest! {
        #[test]
        fn undone_stretches_are_sorted_apart_and_past(ends in proptest::collection::vec((0i64..36_000, 0i64..36_000), 0..12)) {
            let (start, now) = (clock("00:00"), clock("12:00"));
            let moment = |second| start + jiff::SignedDuration::from_secs(second);
            let rewinds: Vec<_> = ends.iter().map(|(a, b)| rewind(moment(*a), moment(*b))).collect();
            let seams = seams(&rewinds, now);
            let gone = undone(&seams, now);
            prop_assert!(gone.iter().all(|(start, end)| start < end && *end <= now));
            prop_assert!(gone.windows(2).all(|pair| pair[0].1 <= pair[1].0));
            prop_assert!(gone.len() <= seams.len());
        }
    }
}
