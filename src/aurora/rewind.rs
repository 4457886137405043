//! Past rewinds: the seams of a cluster's timeline.

use jiff::{SignedDuration, Timestamp};

use super::ownership::whole_second;

/// State of a rewind. The documents write it in lower case, an example of the command line in capitals, so the case is
/// ignored (API reference, DBClusterBacktrack.Status).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RewindStatus {
    /// Not begun.
    Pending,
    /// Being applied to, or rolled back from, the cluster.
    Applying,
    /// Done.
    Completed,
    /// Not done.
    Failed,
    /// Any other word.
    Other(String),
}

impl RewindStatus {
    /// Reads the word of AWS.
    pub fn from_wire(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "pending" => Self::Pending,
            "applying" => Self::Applying,
            "completed" => Self::Completed,
            "failed" => Self::Failed,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The word of AWS, in lower case.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::Applying => "applying",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Other(word) => word,
        }
    }

    /// Whether it is known to go on. Of a word that is not documented nobody knows, and it may stay for ever.
    pub fn is_under_way(&self) -> bool {
        matches!(self, Self::Pending | Self::Applying)
    }

    /// Whether nothing more will happen to it.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }
}

/// One backtrack record of DescribeDBClusterBacktracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewind {
    /// `BacktrackIdentifier`, a UUID.
    pub id: String,
    /// Where it landed; Aurora takes the nearest consistent time.
    pub to: Option<Timestamp>,
    /// The moment that the cluster was taken back from, somewhat later than the request.
    pub from: Option<Timestamp>,
    /// When it was asked for.
    pub requested_at: Option<Timestamp>,
    /// How it went.
    pub status: RewindStatus,
}

impl Rewind {
    /// The moment that undoes this rewind: just before it was taken back, on a whole second.
    ///
    /// States before and after a rewind both stay reachable by their wall-clock time (User Guide, Backtracking).
    pub fn undo_to(&self) -> Option<Timestamp> {
        if self.status != RewindStatus::Completed {
            return None;
        }
        let from = self.from?;
        let second = whole_second(from);
        if second < from { Some(second) } else { second.checked_sub(SignedDuration::from_secs(1)).ok() }
    }
}

/// The newest rewind that went through, and the moment that undoes it.
pub fn last_undo(rewinds: &[Rewind]) -> Option<(&Rewind, Timestamp)> {
    let undo = |rewind| Some((rewind, Rewind::undo_to(rewind)?));
    rewinds.iter().filter_map(undo).max_by_key(|(rewind, _)| (rewind.from, rewind.requested_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewind(status: RewindStatus, from: &str) -> Rewind {
        Rewind { id: "b".into(), to: None, from: from.parse().ok(), requested_at: None, status }
    }

    #[rstest::rstest]
    #[case("COMPLETED", RewindStatus::Completed)]
    #[case("completed", RewindStatus::Completed)]
    #[case("Applying", RewindStatus::Applying)]
    #[case("odd", RewindStatus::Other("odd".into()))]
    fn status_words_have_no_case(#[case] word: &str, #[case] want: RewindStatus) {
        assert_eq!(RewindStatus::from_wire(word), want);
    }

    #[rstest::rstest]
    #[case("2026-11-22T12:00:05.640Z", "2026-11-22T12:00:05Z")]
    #[case("2026-11-22T12:00:05Z", "2026-11-22T12:00:04Z")]
    fn undo_goes_just_before_it_was_taken_back(#[case] from: &str, #[case] want: &str) {
        let want = want.parse::<Timestamp>().unwrap();
        assert_eq!(rewind(RewindStatus::Completed, from).undo_to(), Some(want));
        assert_eq!(rewind(RewindStatus::Failed, from).undo_to(), None);
    }

    #[test]
    fn the_newest_rewind_that_went_through_is_undone() {
        let old = rewind(RewindStatus::Completed, "2026-11-22T10:00:00Z");
        let new = rewind(RewindStatus::Completed, "2026-11-22T11:00:00Z");
        let failed = rewind(RewindStatus::Failed, "2026-11-22T12:00:00Z");
        let all = [old, failed, new.clone()];
        assert_eq!(last_undo(&all), Some((&new, "2026-11-22T10:59:59Z".parse().unwrap())));
        assert_eq!(last_undo(&[]), None);
    }
}
