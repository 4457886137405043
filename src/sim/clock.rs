//! The simulator's time. Nothing else in this room may ask what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Where the simulated account takes its time from; clones share one time.
///
/// Times are whole milliseconds, because that is what answers carry: a client must be able to send back the very
/// moment that it read.
#[derive(Clone, Debug)]
pub struct Clock {
    base: Base,
    offset_millis: Arc<AtomicI64>,
}

#[derive(Clone, Copy, Debug)]
enum Base {
    System,
    Manual(Timestamp),
}

impl Clock {
    /// The time of this machine, moved forward by every [`Clock::advance`].
    pub fn system() -> Self {
        Self::based_on(Base::System)
    }

    /// A clock that stands still at `start` and moves only by [`Clock::advance`].
    pub fn manual(start: Timestamp) -> Self {
        Self::based_on(Base::Manual(start))
    }

    fn based_on(base: Base) -> Self {
        Self { base, offset_millis: Arc::new(AtomicI64::new(0)) }
    }

    /// The present moment of the simulated account.
    pub fn now(&self) -> Timestamp {
        let base = match self.base {
            Base::System => system_time(),
            Base::Manual(start) => start,
        };
        let offset = SignedDuration::from_millis(self.offset_millis.load(Ordering::Relaxed));
        let moved = after(base, offset);
        Timestamp::from_millisecond(moved.as_millisecond()).unwrap_or(moved)
    }

    /// Moves time forward; state changes that fall due on the way happen with the next request.
    pub fn advance(&self, by: SignedDuration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.offset_millis.fetch_add(millis, Ordering::Relaxed);
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the simulator reads the real time")]
fn system_time() -> Timestamp {
    Timestamp::now()
}

/// `at` moved by `by`, held at the ends of the calendar.
pub(super) fn after(at: Timestamp, by: SignedDuration) -> Timestamp {
    let end = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
    at.checked_add(by).unwrap_or(end)
}

/// The moment `by` before `at`, held at the ends of the calendar.
pub(super) fn before(at: Timestamp, by: SignedDuration) -> Timestamp {
    by.checked_neg().map_or(Timestamp::MIN, |back| after(at, back))
}

/// `at` without its fraction of a second.
pub(super) fn whole_second(at: Timestamp) -> Timestamp {
    let seconds = at.as_millisecond().div_euclid(1000);
    Timestamp::from_second(seconds).unwrap_or(at)
}

/// The first whole second that is not before `at`.
pub(super) fn next_whole_second(at: Timestamp) -> Timestamp {
    let down = whole_second(at);
    if down == at { at } else { after(down, SignedDuration::from_secs(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Timestamp {
        "2026-11-22T12:00:00.5Z".parse().unwrap()
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = Clock::manual(noon());
        let same = clock.clone();
        assert_eq!(clock.now(), noon());
        clock.advance(SignedDuration::from_secs(90));
        assert_eq!(same.now(), after(noon(), SignedDuration::from_secs(90)));
    }

    #[test]
    fn a_system_clock_can_be_pushed_forward() {
        let clock = Clock::system();
        let before = clock.now();
        clock.advance(SignedDuration::from_hours(48));
        assert!(clock.now().duration_since(before) >= SignedDuration::from_hours(48));
    }

    #[test]
    fn seconds_are_cut_down_and_rounded_up() {
        assert_eq!(whole_second(noon()).to_string(), "2026-11-22T12:00:00Z");
        assert_eq!(next_whole_second(noon()).to_string(), "2026-11-22T12:00:01Z");
        assert_eq!(next_whole_second(whole_second(noon())), whole_second(noon()));
    }
}
