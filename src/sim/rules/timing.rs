//! How long state changes take, at speed 1.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::chance;

/// A state change that takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A new, empty cluster.
    CreateCluster,
    /// A copy-on-write clone: minutes, whatever its size (User Guide, Cloning).
    Clone,
    /// A full copy: the better part of an hour and more.
    FullCopy,
    /// An instance from `creating` to its first working state.
    CreateInstance,
    /// An instance that first has to roll back the long transactions of its source: up to an hour and more.
    RecoverInstance,
    /// What an instance configures after it has been created.
    ConfigureInstance,
    /// A rewind, from the request to the end.
    Backtrack,
    /// A restart of an instance.
    Reboot,
    /// A change of settings.
    Modify,
    /// A new name for a cluster.
    Rename,
    /// A cluster made from a snapshot.
    RestoreSnapshot,
    /// A cluster being stopped.
    Stop,
    /// A stopped cluster coming back.
    Start,
    /// The final snapshot of a cluster.
    FinalSnapshot,
    /// An instance going away.
    DeleteInstance,
    /// A cluster going away.
    DeleteCluster,
}

impl Work {
    /// The shortest and the longest that it takes, in seconds.
    const fn seconds(self) -> (f64, f64) {
        match self {
            Self::CreateCluster => (40.0, 70.0),
            Self::Clone => (240.0, 360.0),
            Self::FullCopy => (2_500.0, 4_200.0),
            Self::CreateInstance => (280.0, 380.0),
            Self::RecoverInstance => (2_800.0, 3_800.0),
            Self::ConfigureInstance => (20.0, 40.0),
            Self::Backtrack => (60.0, 90.0),
            Self::Reboot => (20.0, 45.0),
            Self::Modify => (25.0, 40.0),
            Self::Rename => (40.0, 80.0),
            Self::RestoreSnapshot => (420.0, 900.0),
            Self::Stop => (180.0, 360.0),
            Self::Start => (240.0, 420.0),
            Self::FinalSnapshot => (120.0, 240.0),
            Self::DeleteInstance => (180.0, 240.0),
            Self::DeleteCluster => (60.0, 120.0),
        }
    }
}

/// The pace of one simulated account.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// What every jitter derives from.
    pub seed: u64,
    /// How many times faster than AWS.
    pub speed: f64,
}

impl Pace {
    /// How long `work` takes for the resource of this id; the same each time.
    pub fn takes(self, work: Work, resource_id: &str) -> SignedDuration {
        let (shortest, longest) = work.seconds();
        let share = chance::of(self.seed, &[resource_id, &format!("{work:?}")]).f64();
        let seconds = (longest - shortest).mul_add(share, shortest) / self.speed;
        SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_shrink_with_the_speed_and_repeat_with_the_seed() {
        let slow = Pace { seed: 1, speed: 1.0 };
        let fast = Pace { seed: 1, speed: 60.0 };
        let one = slow.takes(Work::Clone, "cluster-A");
        assert_eq!(one, slow.takes(Work::Clone, "cluster-A"));
        assert_ne!(one, slow.takes(Work::Clone, "cluster-B"));
        assert!((240..=360).contains(&one.as_secs()));
        assert!((4..=6).contains(&fast.takes(Work::Clone, "cluster-A").as_secs()));
    }

    #[test]
    fn a_full_copy_is_slow() {
        assert!(Pace { seed: 3, speed: 1.0 }.takes(Work::FullCopy, "cluster-A").as_secs() > 40 * 60);
    }
}
