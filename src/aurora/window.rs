//! The backtrack window: how far back a cluster can be rewound right now.

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use super::ownership::whole_second;

/// The longest target window: 72 hours (API reference, CreateDBCluster.BacktrackWindow).
pub const MAX_WINDOW: SignedDuration = SignedDuration::from_hours(72);

/// A window that is this much shorter than it could be is not called shrunk yet.
pub(super) const SLACK: SignedDuration = SignedDuration::from_mins(5);

/// What a cluster reports of Backtrack.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backtrack {
    /// Target window in seconds; 0 is off. Cannot be switched on later (User Guide, Backtracking an Aurora DB cluster).
    pub target_seconds: i64,
    /// The furthest moment that is reachable now; absent when Backtrack is off.
    pub earliest: Option<Timestamp>,
    /// Change records stored now.
    pub change_records: Option<i64>,
}

/// Where a rewind may land, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Nothing earlier: `max(EarliestBacktrackTime, ClusterCreateTime)`.
    pub floor: Timestamp,
    /// Where the floor would be if the target window were met: now − target.
    pub ghost: Timestamp,
    /// The wall of the cluster's own creation, where it is inside the target window.
    pub wall: Option<Timestamp>,
    /// The moment this holds for.
    pub now: Timestamp,
}

/// Why a moment cannot be rewound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OutOfReach {
    /// Not in the past.
    #[error("it is not in the past")]
    NotPast,
    /// Before the cluster existed. A clone cannot be rewound to before its own creation (User Guide, Backtracking).
    #[error("the cluster did not exist before {0}")]
    BeforeCreation(Timestamp),
    /// The change records do not go back that far.
    #[error("the backtrack window reaches back to {0} only")]
    BeforeEarliest(Timestamp),
}

impl Backtrack {
    /// Whether the cluster has a window at all.
    pub fn enabled(&self) -> bool {
        self.target_seconds > 0
    }

    /// The target window. Whatever an endpoint claims, there is no more than the longest one.
    pub fn target(&self) -> SignedDuration {
        SignedDuration::from_secs(self.target_seconds).min(MAX_WINDOW)
    }

    /// What is reachable at `now` for a cluster made at `created`; nothing when Backtrack is off.
    pub fn reach(&self, created: Option<Timestamp>, now: Timestamp) -> Option<Reach> {
        if !self.enabled() {
            return None;
        }
        let ghost = now.checked_sub(self.target()).ok()?;
        let wall = created.filter(|at| *at > ghost);
        // AWS may leave the earliest time out right after creation: then the wall is all we know.
        let earliest = self.earliest.or(wall).unwrap_or(ghost);
        let floor = created.map_or(earliest, |at| at.max(earliest)).min(now);
        Some(Reach { floor, ghost, wall, now })
    }
}

impl Reach {
    /// The actual window.
    pub fn actual(&self) -> SignedDuration {
        self.now.duration_since(self.floor)
    }

    /// Whether the window is shorter than asked for although the cluster is old enough: writes have eaten it, or the target
    /// was raised lately. Which of them, one reading does not tell; see [`Pressure::room`](super::Pressure::room).
    pub fn shrunk(&self) -> bool {
        self.floor.duration_since(self.ghost.max(self.wall.unwrap_or(self.ghost))) > SLACK
    }

    /// Says whether `to` can be rewound to.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn check(&self, to: Timestamp) -> Result<(), OutOfReach> {
        if to >= self.now {
            return Err(OutOfReach::NotPast);
        }
        if to >= self.floor {
            return Ok(());
        }
        match self.wall {
            Some(wall) if to < wall => Err(OutOfReach::BeforeCreation(wall)),
            _ => Err(OutOfReach::BeforeEarliest(self.floor)),
        }
    }

    /// The reachable moment nearest to `to`, on a whole second: Backtrack's granularity is one second.
    pub fn clamp(&self, to: Timestamp) -> Timestamp {
        let floor = ceil_second(self.floor);
        let last = whole_second(self.now) - SignedDuration::from_secs(1);
        whole_second(to).min(last).max(floor)
    }
}

/// The first whole second at or after `at`.
pub fn ceil_second(at: Timestamp) -> Timestamp {
    let floor = whole_second(at);
    if floor < at { floor.checked_add(SignedDuration::from_secs(1)).unwrap_or(floor) } else { floor }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-22T{text}Z").parse().unwrap()
    }

    fn window(hours: i64, earliest: Option<&str>) -> Backtrack {
        Backtrack { target_seconds: hours * 3600, earliest: earliest.map(at), change_records: None }
    }

    #[test]
    fn off_means_no_reach() {
        assert_eq!(Backtrack::default().reach(None, at("12:00:00")), None);
    }

    #[rstest::rstest]
    // full, shrunk by writes, young clone, young clone without an earliest time yet
    #[case(6, Some("06:00:00"), "00:00:00", "06:00:00", false)]
    #[case(6, Some("10:00:00"), "00:00:00", "10:00:00", true)]
    #[case(6, Some("11:00:00"), "11:00:00", "11:00:00", false)]
    #[case(6, Some("09:00:00"), "11:00:00", "11:00:00", false)]
    #[case(6, None, "11:30:00", "11:30:00", false)]
    #[case(6, None, "00:00:00", "06:00:00", false)]
    fn floors(
        #[case] hours: i64,
        #[case] earliest: Option<&str>,
        #[case] made: &str,
        #[case] floor: &str,
        #[case] shrunk: bool,
    ) {
        let reach = window(hours, earliest).reach(Some(at(made)), at("12:00:00")).unwrap();
        assert_eq!(reach.floor, at(floor));
        assert_eq!(reach.shrunk(), shrunk);
        assert_eq!(reach.check(at(floor)), Ok(()));
    }

    #[test]
    fn an_endpoint_that_claims_a_window_of_centuries_does_no_harm() {
        let reach = Backtrack { target_seconds: i64::MAX, ..Backtrack::default() }.reach(None, at("12:00:00")).unwrap();
        assert_eq!(reach.actual(), MAX_WINDOW);
    }

    #[test]
    fn what_is_out_of_reach_says_why() {
        let reach = window(6, Some("10:00:00")).reach(Some(at("09:00:00")), at("12:00:00")).unwrap();
        assert_eq!(reach.check(at("12:00:00")), Err(OutOfReach::NotPast));
        assert_eq!(reach.check(at("13:00:00")), Err(OutOfReach::NotPast));
        assert_eq!(reach.check(at("09:30:00")), Err(OutOfReach::BeforeEarliest(at("10:00:00"))));
        assert_eq!(reach.check(at("08:59:59")), Err(OutOfReach::BeforeCreation(at("09:00:00"))));
        assert_eq!(reach.check(at("11:59:59")), Ok(()));
    }

    proptest! {
        #[test]
        fn a_clamped_moment_is_reachable(offset in -300_000i64..300_000, earliest in 1i64..259_000, nanos in 0i32..999_999_999) {
            let now = at("12:00:00") + SignedDuration::new(0, nanos);
            let backtrack = Backtrack { target_seconds: 259_200, earliest: Some(now - SignedDuration::from_secs(earliest + 2)), change_records: None };
            let reach = backtrack.reach(None, now).unwrap();
            let clamped = reach.clamp(now + SignedDuration::from_secs(offset));
            prop_assert_eq!(reach.check(clamped), Ok(()));
            prop_assert_eq!(clamped.subsec_nanosecond(), 0);
        }
    }
}
