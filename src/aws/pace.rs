//! How many calls go out: counted, and bounded by a number a minute.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_rds::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_rds::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_rds::error::BoxError;
use tokio::time::Instant;

/// Calls that may go out at once after a quiet while: opening a dashboard or a dialog must not wait.
const BURST: f64 = 40.0;

/// What has gone out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls {
    /// Calls since the start, every try of the SDK counted.
    pub made: u64,
    /// The most a minute; none for an endpoint on this machine.
    pub per_minute: Option<u32>,
    /// Calls in the last minute.
    pub last_minute: u32,
    /// How often one had to wait for its turn.
    pub held_back: u64,
    /// How often that was in the last minute.
    pub held_lately: u32,
}

/// What happened in the last minute, second by second.
#[derive(Debug, Default)]
struct Minute(VecDeque<(Instant, u32)>);

impl Minute {
    const LONG: Duration = Duration::from_mins(1);

    fn count(&mut self, now: Instant) {
        self.forget(now);
        match self.0.back_mut() {
            Some((second, count)) if now.saturating_duration_since(*second) < Duration::from_secs(1) => *count += 1,
            _ => self.0.push_back((now, 1)),
        }
    }

    fn total(&mut self, now: Instant) -> u32 {
        self.forget(now);
        self.0.iter().map(|(_, count)| count).sum()
    }

    fn forget(&mut self, now: Instant) {
        while self.0.front().is_some_and(|(second, _)| now.saturating_duration_since(*second) >= Self::LONG) {
            self.0.pop_front();
        }
    }
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Option<Instant>,
    calls: Calls,
    made: Minute,
    held: Minute,
}

/// A bucket of tokens, one a call. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Pace(Arc<Mutex<Bucket>>);

impl Pace {
    pub(super) fn new(per_minute: Option<u32>) -> Self {
        let tokens = per_minute.map_or(BURST, |limit| f64::from(limit).min(BURST));
        let calls = Calls { made: 0, per_minute, last_minute: 0, held_back: 0, held_lately: 0 };
        Self(Arc::new(Mutex::new(Bucket {
            tokens,
            filled: None,
            calls,
            made: Minute::default(),
            held: Minute::default(),
        })))
    }

    fn bucket(&self) -> MutexGuard<'_, Bucket> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn calls(&self) -> Calls {
        let (now, mut bucket) = (Instant::now(), self.bucket());
        let (last_minute, held_lately) = (bucket.made.total(now), bucket.held.total(now));
        Calls { last_minute, held_lately, ..bucket.calls }
    }

    /// Waits until a reading may go out. Calls that change something do not wait, because between their announcement and
    /// the call there must be no pause; readings make room for them.
    pub(super) async fn turn(&self) {
        let wait = self.bucket().reserve(Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        // It was only reserved: whatever goes out is charged when it does.
        self.bucket().tokens += 1.0;
    }
}

impl Bucket {
    /// Takes a token that is there or will be; gives back how long until then.
    fn reserve(&mut self, now: Instant) -> Duration {
        let Some(per_second) = self.per_second() else { return Duration::ZERO };
        self.fill(now);
        self.tokens -= 1.0;
        if self.tokens >= 0.0 {
            return Duration::ZERO;
        }
        self.calls.held_back += 1;
        self.held.count(now);
        Duration::from_secs_f64(-self.tokens / per_second)
    }

    fn charge(&mut self, now: Instant) {
        self.calls.made += 1;
        self.made.count(now);
        if self.calls.per_minute.is_some() {
            self.tokens -= 1.0;
        }
    }

    fn fill(&mut self, now: Instant) {
        let Some(per_second) = self.per_second() else { return };
        let since = self.filled.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let most = BURST.min(per_second * 60.0);
        self.tokens = (self.tokens + since.as_secs_f64() * per_second).min(most);
        self.filled = Some(now);
    }

    fn per_second(&self) -> Option<f64> {
        self.calls.per_minute.map(|limit| f64::from(limit.max(1)) / 60.0)
    }
}

/// The SDK tries some calls again by itself, so what is charged is what goes over the wire.
impl Intercept for Pace {
    fn name(&self) -> &'static str {
        "Pace"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.bucket().charge(Instant::now());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn calls_beyond_the_burst_wait_for_their_turn() {
        let pace = Pace::new(Some(60));
        let begun = Instant::now();
        for _ in 0..40 {
            pace.turn().await;
            pace.bucket().charge(Instant::now());
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
        for _ in 0..10 {
            pace.turn().await;
            pace.bucket().charge(Instant::now());
        }
        assert_eq!(pace.calls().made, 50);
        assert_eq!(begun.elapsed().as_secs(), 10);
        assert_eq!(pace.calls().held_back, 10);
        assert_eq!((pace.calls().last_minute, pace.calls().held_lately), (50, 10));
        tokio::time::sleep(Duration::from_secs(55)).await;
        assert!(pace.calls().last_minute < 50 && pace.calls().last_minute > 0, "{:?}", pace.calls());
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert_eq!((pace.calls().made, pace.calls().last_minute, pace.calls().held_lately), (50, 0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn an_endpoint_on_this_machine_is_not_spared() {
        let pace = Pace::new(None);
        let begun = Instant::now();
        for _ in 0..1_000 {
            pace.turn().await;
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}
