//! Undo: the rewind that takes a rewind back.

use jiff::Timestamp;
use thiserror::Error;

use super::cluster::Cluster;
use super::request::RewindRequest;
use super::rewind::{Rewind, last_undo};

/// Why a rewind cannot be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoUndo {
    /// It has no window.
    #[error("Backtrack is off, so it has never been rewound")]
    Off,
    /// A rewind is under way.
    #[error("a rewind of it is `{0}`: wait until it is over")]
    Busy(String),
    /// None went through.
    #[error("it has not been rewound: there is nothing to undo")]
    Nothing,
    /// The state before it is lost.
    #[error(
        "it was taken back from {from}, and its window holds nothing before {floor} any more: only the source, or a \
         snapshot, may still have that state"
    )]
    Lost {
        /// The moment that undo would go to.
        from: Timestamp,
        /// What can still be reached.
        floor: Timestamp,
    },
}

/// The rewind that takes back the last one of `rewinds`, which are those of `cluster`: to just before it, while the window
/// still holds that (User Guide, Backtracking an Aurora DB cluster: states before and after a rewind stay reachable).
///
/// # Errors
/// Why there is none.
pub fn undo(cluster: &Cluster, rewinds: &[Rewind], now: Timestamp) -> Result<RewindRequest, NoUndo> {
    if !cluster.backtrack.enabled() {
        return Err(NoUndo::Off);
    }
    if let Some(busy) = rewinds.iter().find(|rewind| rewind.status.is_under_way()) {
        return Err(NoUndo::Busy(busy.status.as_str().to_owned()));
    }
    let (_, to) = last_undo(rewinds).ok_or(NoUndo::Nothing)?;
    if let Some(floor) = cluster.reach(now).map(|reach| reach.floor).filter(|floor| to < *floor) {
        return Err(NoUndo::Lost { from: to, floor });
    }
    Ok(RewindRequest::new(cluster, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::fleet::tests::cluster;
    use crate::aurora::rewind::RewindStatus;

    fn at(clock: &str) -> Timestamp {
        format!("2026-11-22T{clock}Z").parse().unwrap()
    }

    fn rewind(status: RewindStatus, from: &str) -> Rewind {
        Rewind { id: from.into(), to: None, from: Some(at(from)), requested_at: None, status }
    }

    fn clone() -> Cluster {
        let mut clone = cluster("clone-a");
        clone.backtrack.target_seconds = 86_400;
        clone.backtrack.earliest = Some(at("06:00:00"));
        clone
    }

    #[rstest::rstest]
    #[case(vec![], Err(NoUndo::Nothing))]
    #[case(vec![rewind(RewindStatus::Completed, "11:00:00"), rewind(RewindStatus::Other("odd".into()), "11:30:00")],
        Ok(at("10:59:59")))]
    #[case(vec![rewind(RewindStatus::Failed, "11:00:00")], Err(NoUndo::Nothing))]
    #[case(vec![rewind(RewindStatus::Completed, "11:00:00"), rewind(RewindStatus::Applying, "11:30:00")],
        Err(NoUndo::Busy("applying".into())))]
    #[case(vec![rewind(RewindStatus::Completed, "05:00:00")],
        Err(NoUndo::Lost { from: at("04:59:59"), floor: at("06:00:00") }))]
    #[case(vec![rewind(RewindStatus::Completed, "05:00:00"), rewind(RewindStatus::Completed, "11:00:00.5")],
        Ok(at("11:00:00")))]
    fn the_last_rewind_that_the_window_holds(#[case] rewinds: Vec<Rewind>, #[case] want: Result<Timestamp, NoUndo>) {
        assert_eq!(undo(&clone(), &rewinds, at("12:00:00")).map(|request| request.to), want);
    }
    #[test]
    fn without_a_window_it_says_so() {
        let mut off = clone();
        off.backtrack.target_seconds = 0;
        assert_eq!(undo(&off, &[], at("12:00:00")), Err(NoUndo::Off));
    }
}
