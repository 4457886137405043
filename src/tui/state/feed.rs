//! How fresh the fleet is, and when it is read again.

use jiff::{SignedDuration, Timestamp};

use super::Tempo;
use crate::aws::AwsError;

/// The listing that failed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub error: AwsError,
    /// How many have failed in a row.
    pub count: u32,
}

/// Freshness of the fleet. Old clusters stay on screen whatever happens here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Since when a listing is under way.
    pub loading: Option<Timestamp>,
    /// When the last listing that came to its end did so.
    pub read_at: Option<Timestamp>,
    /// Why the latest listing failed, until one succeeds.
    pub failure: Option<Failure>,
    /// When the dashboard began.
    began_at: Timestamp,
    /// When the latest listing ended, well or not; before the first one: when the dashboard began.
    ended_at: Timestamp,
    /// How long the latest listing took.
    took: SignedDuration,
    /// A listing is wanted at once.
    wanted: bool,
}

/// A huge fleet takes seconds to list: the pause is at least this many times as long, so that most of the time nobody
/// is asked.
const PAUSE_TO_WORK: i32 = 10;

/// The longest pause after failures.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(60);

impl Feed {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            loading: None,
            read_at: None,
            failure: None,
            began_at: now,
            ended_at: now,
            took: SignedDuration::ZERO,
            wanted: true,
        }
    }

    /// When the next listing is due; none while one is under way.
    pub fn due(&self, tempo: &Tempo, busy: bool) -> Option<Timestamp> {
        if self.loading.is_some() {
            return None;
        }
        if self.wanted {
            return Some(self.ended_at);
        }
        let pause = match &self.failure {
            Some(failure) => {
                let doubled = tempo.busy.saturating_mul(1 << failure.count.saturating_sub(1).min(8));
                doubled.min(LONGEST_PAUSE.max(tempo.busy))
            }
            None if busy => tempo.busy,
            None => tempo.calm,
        };
        Some(self.ended_at + pause.max(self.took.saturating_mul(PAUSE_TO_WORK)))
    }

    /// When the dashboard began.
    pub fn began_at(&self) -> Timestamp {
        self.began_at
    }

    /// Age of the data at `now`.
    pub fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        self.read_at.map(|at| now.duration_since(at).max(SignedDuration::ZERO))
    }

    /// Whether nothing has been read yet and nothing can be: credentials, network or region are missing.
    pub fn helpless(&self) -> Option<&AwsError> {
        let failure = self.failure.as_ref().filter(|_| self.read_at.is_none())?;
        Some(&failure.error)
    }

    pub(in super::super) fn want(&mut self) {
        self.wanted = true;
    }

    pub(in super::super) fn begin(&mut self, now: Timestamp) {
        self.loading.get_or_insert(now);
        self.wanted = false;
    }

    pub(in super::super) fn done(&mut self, now: Timestamp) {
        self.end(now);
        self.read_at = Some(now);
        self.failure = None;
    }

    pub(in super::super) fn fail(&mut self, now: Timestamp, error: AwsError) {
        self.end(now);
        let count = self.failure.as_ref().map_or(1, |failure| failure.count.saturating_add(1));
        self.failure = Some(Failure { at: now, error, count });
    }

    fn end(&mut self, now: Timestamp) {
        self.took = self.loading.take().map_or(SignedDuration::ZERO, |began| now.duration_since(began));
        self.ended_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(100, true, 5)]
    #[case(100, false, 30)]
    #[case(2_000, true, 20)]
    #[case(2_000, false, 30)]
    fn the_pause_follows_what_is_under_way_and_how_long_a_listing_takes(
        #[case] millis: i64,
        #[case] busy: bool,
        #[case] seconds: i64,
    ) {
        let began: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let ended = began + SignedDuration::from_millis(millis);
        let mut feed = Feed::new(began);
        feed.begin(began);
        feed.done(ended);
        assert_eq!(feed.due(&Tempo::default(), busy), Some(ended + SignedDuration::from_secs(seconds)));
    }
}
