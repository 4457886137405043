//! Drives one task: read, decide, announce, call, remember; again until it is over.

use std::sync::Arc;
use std::time::Duration;

use super::Inner;
use super::call::{self, Denied};
use super::machine::{self, Call, Decision, Pace, Reaction};
use super::seen::Seen;
use super::task::{FailureKind, Task, TaskError, TaskState};
use crate::aurora::span;
use jiff::SignedDuration;

/// Readings older than this are not decided on again without a new one.
const SAME_READING: SignedDuration = SignedDuration::from_secs(2);
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Drives one task; holds what lasts from one round to the next.
pub(super) struct Driver {
    inner: Arc<Inner>,
    task: Task,
    /// Tries without success since the last one that had it.
    failures: u32,
}

impl Driver {
    pub(super) fn new(inner: Arc<Inner>, task: Task) -> Self {
        Self { inner, task, failures: 0 }
    }

    /// Drives the task until it is over, or until nobody but a person can help.
    pub(super) async fn run(mut self) -> Task {
        let mut after = Duration::ZERO;
        while !self.task.state.is_final() {
            let needs = machine::needs(&self.task);
            match self.inner.reader.see(needs, after).await {
                Ok(seen) => after = self.round(&seen).await,
                Err(error) => {
                    let reaction = machine::react_to_reading(&error);
                    after = self.follow(reaction);
                }
            }
            if self.task.state == TaskState::Paused && self.task.error.is_some() {
                break;
            }
        }
        self.task
    }

    /// Decides on one reading as often as it lasts; gives back how long to wait for the next.
    async fn round(&mut self, seen: &Seen) -> Duration {
        loop {
            let now = (self.inner.clock)();
            let decision = machine::decide(&self.task, seen, &self.inner.rules, now);
            if let Decision::Call(call) = decision {
                return self.call(&call, seen).await;
            }
            self.apply(&decision);
            match decision {
                Decision::Wait(_, pace) => {
                    self.failures = 0;
                    return self.pace(pace);
                }
                Decision::Advance(..) | Decision::Skip(_) => {
                    self.failures = 0;
                    let needs = machine::needs(&self.task);
                    if !seen.covers(&needs) || now.duration_since(seen.at) > SAME_READING {
                        return Duration::ZERO;
                    }
                }
                Decision::Call(_) | Decision::Fail(_) | Decision::Finish(..) => return Duration::ZERO,
            }
        }
    }

    async fn call(&mut self, call: &Call, seen: &Seen) -> Duration {
        let now = (self.inner.clock)();
        let permit = match call::permit(&self.task, call, seen, &self.inner.rules, now) {
            Ok(permit) => permit,
            Err(Denied::Stale) => return Duration::ZERO,
            Err(Denied::Refused(error)) => {
                self.apply(&Decision::Fail(error));
                return Duration::ZERO;
            }
        };
        self.task.attempt(now);
        self.task.say(&format!("calling {}", call.action()));
        let number = match self.inner.store.intend(&self.task, call, now) {
            Ok(number) => number,
            Err(error) => {
                let error = TaskError::new(FailureKind::Journal, format!("{error}; {} was not called", call.action()));
                self.apply(&Decision::Fail(error));
                return Duration::ZERO;
            }
        };
        self.publish();
        let answer = call::make(&self.inner.aws, call, permit).await;
        let now = (self.inner.clock)();
        let outcome = answer.as_ref().map(|_| ());
        if let Err(error) = self.inner.store.answered(number, outcome, now) {
            tracing::warn!("{error}");
        }
        match answer {
            Ok(answer) => {
                self.failures = 0;
                self.task.calls_made += 1;
                self.apply(&machine::accept(call, answer));
                self.inner.tempo.fast
            }
            Err(error) => {
                let reaction = machine::react(&self.task, call, &error);
                self.follow(reaction)
            }
        }
    }

    /// Does what an error leads to; gives back how long to wait before the next look.
    fn follow(&mut self, reaction: Reaction) -> Duration {
        match reaction {
            Reaction::Again(why) => {
                self.failures += 1;
                let pause = self.backoff();
                let seconds = SignedDuration::try_from(pause).unwrap_or_default();
                self.apply(&Decision::Wait(format!("{why}; next try in {}", span::short(seconds)), Pace::Fast));
                pause
            }
            Reaction::Look(what) => {
                self.failures += 1;
                self.apply(&Decision::Wait(what, Pace::Fast));
                self.inner.tempo.fast
            }
            Reaction::Pause(why) => {
                self.failures += 1;
                self.task.say(&why);
                self.task.state = TaskState::Paused;
                self.remember();
                self.backoff().max(self.inner.tempo.slow)
            }
            Reaction::Advance(what) => {
                self.apply(&Decision::Advance(what, Box::default()));
                Duration::ZERO
            }
            Reaction::Fail(error) => {
                self.apply(&Decision::Fail(error));
                Duration::ZERO
            }
        }
    }

    fn apply(&mut self, decision: &Decision) {
        let now = (self.inner.clock)();
        if self.task.apply(decision, now) {
            self.remember();
        }
    }

    /// Saves and publishes. A failed save is no reason to stop watching what AWS does anyway; the next call will not be
    /// made before the journal can be written again.
    fn remember(&self) {
        if let Err(error) = self.inner.store.save(&self.task) {
            tracing::warn!("{error}");
        }
        self.publish();
    }

    fn publish(&self) {
        // Nobody may be listening.
        let _ = self.inner.events.send(self.task.clone());
    }

    fn pace(&self, pace: Pace) -> Duration {
        jitter(match pace {
            Pace::Fast => self.inner.tempo.fast,
            Pace::Slow => self.inner.tempo.slow,
        })
    }

    fn backoff(&self) -> Duration {
        let doubled = self.inner.tempo.fast.saturating_mul(1 << self.failures.min(6));
        jitter(doubled.min(LONGEST_PAUSE))
    }
}

/// Between three quarters and five quarters of `pause`, so that tasks do not march in step.
fn jitter(pause: Duration) -> Duration {
    pause.mul_f64(0.75 + fastrand::f64() / 2.0)
}
