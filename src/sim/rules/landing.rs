//! Where a rewind lands: not every moment is consistent, and Aurora picks the nearest one that is
//! (API reference, BacktrackDBCluster, BacktrackTo).

use jiff::{SignedDuration, Timestamp};

use super::super::clock::{after, next_whole_second, whole_second};
use super::chance;

/// The nearest consistent second to `asked`, not before `floor` and before `taken_back`. It is a property of the
/// cluster's past: whoever asks again for the same second lands at the same place.
pub fn nearest(seed: u64, resource_id: &str, asked: Timestamp, floor: Timestamp, taken_back: Timestamp) -> Timestamp {
    let second = whole_second(asked);
    let mut rng = chance::of(seed, &[resource_id, "landing", &second.as_second().to_string()]);
    let off = if rng.u8(0..6) == 0 { [-3, -2, -1, 1, 2, 3][rng.usize(0..6)] } else { 0 };
    self::off(second, SignedDuration::from_secs(off), floor, taken_back)
}

/// A landing moved by `by`, as far as the window allows.
pub fn off(landed: Timestamp, by: SignedDuration, floor: Timestamp, taken_back: Timestamp) -> Timestamp {
    let earliest = next_whole_second(floor);
    let latest = whole_second(taken_back).max(earliest);
    after(landed, by).clamp(earliest, latest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn most_seconds_are_consistent_and_the_others_are_near_one() {
        let offs: Vec<i64> =
            (5000..6000).map(|s| nearest(1, "cluster-A", at(s), at(0), at(9000)).as_second() - s).collect();
        let exact = offs.iter().filter(|off| **off == 0).count();
        assert!((750..950).contains(&exact), "{exact}");
        assert!(offs.iter().all(|off| off.abs() <= 3));
    }

    #[test]
    fn landing_never_leaves_the_window() {
        for second in 5000..5200 {
            let landed = nearest(1, "cluster-A", at(second), at(second), at(second + 1));
            assert!((second..=second + 1).contains(&landed.as_second()));
        }
    }

    #[test]
    fn the_same_second_lands_at_the_same_place() {
        let land = || nearest(7, "cluster-A", at(5003), at(0), at(9000));
        assert_eq!(land(), land());
    }
}
