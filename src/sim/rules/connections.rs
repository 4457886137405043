//! How many clients an instance has, as a pure function of time: they follow the day as the writes do.

use std::f64::consts::TAU;

use jiff::Timestamp;

use super::chance;

const DAY: i64 = 86_400;

/// The busiest moment of the day, UTC: the early afternoon.
const PEAK: i64 = 14 * 3600;

/// The open connections of an instance in one minute; `writes` are its cluster's change records per second, where they
/// are known.
pub fn open(seed: u64, resource_id: &str, writes: Option<f64>, at: Timestamp) -> f64 {
    let base = match writes {
        Some(per_second) => 2.0 + 3.0 * per_second.max(0.0).sqrt(),
        None => 2.0 + 10.0 * chance::of(seed, &[resource_id, "connections"]).f64(),
    };
    let second = (at.as_second() - PEAK).rem_euclid(DAY);
    let day = 0.5f64.mul_add((TAU * second as f64 / DAY as f64).cos(), 1.0);
    let minute = at.as_second().div_euclid(60).to_string();
    let jitter = 0.8 + 0.4 * chance::of(seed, &[resource_id, "connections", &minute]).f64();
    (base * day * jitter).round()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_follow_the_day_and_the_writes() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (day, night) = (at("2026-11-22T14:00:00Z"), at("2026-11-22T02:00:00Z"));
        let busy = |when| open(1, "db-A", Some(400.0), when);
        assert!(busy(day) > 1.5 * busy(night));
        assert!(busy(night) > open(1, "db-A", Some(4.0), night));
        assert!(open(1, "db-B", None, night) >= 1.0);
        assert_eq!(busy(day).to_bits(), busy(day).to_bits());
    }
}
