//! Drives one task: read, decide, announce, call, remember; again until it is over. Without the lease of the task it only
//! follows what the journal says, until the task is over or the lease is free.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::call::{self, Denied, Unwritten};
use super::held::Held;
use super::lease::Lease;
use super::machine::{self, Call, Decision, Pace, Reaction};
use super::seen::Seen;
use super::store::StoreError;
use super::task::{FailureKind, Request, Task, TaskError, TaskResult};
use super::{Engine, Inner};

/// Readings older than this are not decided on again without a new one.
const SAME_READING: SignedDuration = SignedDuration::from_secs(2);
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Drives one task; holds what lasts from one round to the next.
pub(super) struct Driver {
    inner: Arc<Inner>,
    task: Task,
    /// The right to drive it; none while another process has it.
    lease: Option<Lease>,
    /// Rings when the lease may be lost, or somebody wants the task ended.
    bell: Arc<Notify>,
    /// Tries without success since the last one that had it.
    failures: u32,
}

impl Driver {
    pub(super) fn new(inner: Arc<Inner>, task: Task, lease: Option<Lease>, bell: Arc<Notify>) -> Self {
        Self { inner, task, lease, bell, failures: 0 }
    }

    /// Drives or follows the task until it is over, or until nobody but a person can help.
    pub(super) async fn run(mut self) {
        if self.lease.is_none() {
            self.take_up();
        }
        self.publish();
        while !self.task.is_at_rest() && !self.inner.stopping.is_cancelled() {
            match self.lease.take() {
                Some(lease) if self.is_run() => return self.hand_over(lease).await,
                Some(lease) => {
                    self.lease = Some(lease);
                    self.drive().await;
                }
                None => self.follow().await,
            }
        }
        self.inner.specs.forget(&self.task.id);
        self.inner.passwords.forget(&self.task.id);
        self.inner.bells.take_down(&self.task.id);
        if let Some(lease) = &self.lease
            && let Err(error) = self.inner.store.release(lease)
        {
            tracing::warn!("{error}");
        }
    }

    /// Takes the lease if it is free, and the task as its last driver left it.
    fn take_up(&mut self) {
        let now = (self.inner.clock)();
        let (store, id) = (&self.inner.store, &self.task.id);
        let claimed = if self.may_drive() { store.claim(id, &self.inner.holder, now) } else { Ok(None) };
        let taken = claimed.and_then(|lease| Ok((lease, store.load(id)?)));
        match taken {
            Ok((lease, found)) => {
                self.task = found.unwrap_or_else(|| self.task.clone());
                self.lease = lease;
                if self.lease.is_some() && !self.task.state.is_final() {
                    self.task.resume(now);
                    self.failures = 0;
                }
            }
            Err(error) => tracing::warn!("{error}"),
        }
    }

    fn is_run(&self) -> bool {
        matches!(self.task.request, Request::Test(_))
    }

    /// Whether it may be driven here, if nobody else does. Who may change nothing only looks on: driving would end the task
    /// at its next call. A run has its supervisor, and the parts of a run are driven where that is held, until it is over.
    fn may_drive(&self) -> bool {
        if self.inner.rules.policy.read_only || (self.is_run() && self.inner.supervisor.get().is_none()) {
            return false;
        }
        let Some(run) = &self.task.parent else { return true };
        self.inner.bells.holds(run)
            || self.inner.store.load(run).is_ok_and(|run| run.is_none_or(|run| run.state.is_final()))
    }

    /// Leaves a run to its supervisor, who gives back lease and bell.
    async fn hand_over(self, lease: Lease) {
        let engine = Engine { inner: self.inner.clone() };
        let held = Held::new(self.inner.clone(), self.task, lease, self.bell, false);
        if let Some(supervisor) = self.inner.supervisor.get() {
            supervisor.take_over(engine, held).await;
        }
    }

    /// Tells what another process makes of the task; takes over once nobody drives it.
    async fn follow(&mut self) {
        tokio::select! {
            () = self.inner.stopping.cancelled() => return,
            () = self.bell.notified() => {}
            () = tokio::time::sleep(self.inner.term.beat) => {}
        }
        let before = self.task.clone();
        self.take_up();
        if self.task != before {
            self.publish();
        }
    }

    /// Drives the task as long as the lease is held.
    async fn drive(&mut self) {
        let mut due = Instant::now();
        while !self.task.is_at_rest() && self.lease.is_some() {
            self.obey();
            if self.task.is_at_rest() {
                return;
            }
            let after = due.saturating_duration_since(Instant::now());
            let seen = tokio::select! {
                () = self.inner.stopping.cancelled() => return,
                () = self.bell.notified() => {
                    self.check_lease();
                    continue;
                }
                seen = self.inner.reader.see(machine::needs(&self.task), after) => seen,
            };
            let pause = match seen {
                Ok(seen) => self.round(&seen).await,
                Err(error) => self.react(machine::react_to_reading(&error)),
            };
            due = Instant::now() + pause;
        }
    }

    /// Ends the task early if somebody asked for it, in this process or in another. A stack that was begun by a process that
    /// is gone can only be deleted: what was to be sent went with that process.
    fn obey(&mut self) {
        if self.inner.specs.of(&self.task.id).is_none() && self.task.orphan((self.inner.clock)()) {
            self.remember();
        }
        match self.inner.store.asked(&self.task.id) {
            Ok(Some(cancel)) => {
                if self.task.cancel(cancel, (self.inner.clock)()) {
                    self.failures = 0;
                    self.remember();
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!("{error}"),
        }
    }

    fn check_lease(&mut self) {
        let Some(lease) = &self.lease else { return };
        if !self.may_drive() {
            // The run that it is a part of has gone to another process.
            if let Err(error) = self.inner.store.release(lease) {
                tracing::warn!("{error}");
            }
            return self.lose();
        }
        if matches!(self.inner.store.save(&self.task, lease), Err(StoreError::Lost(_))) {
            self.lose();
        }
    }

    /// Another process drives the task now: nothing is done or told any more but what the journal says.
    fn lose(&mut self) {
        tracing::info!("task {} is driven by another process now", self.task.id);
        self.lease = None;
        self.publish();
    }

    /// Decides on one reading as often as it lasts; gives back how long to wait for the next.
    async fn round(&mut self, seen: &Seen) -> Duration {
        self.task.notice(seen);
        if self.task.retry_at.take().is_some() {
            self.remember();
        }
        while self.lease.is_some() {
            let now = (self.inner.clock)();
            let decision = machine::decide(&self.task, seen, &self.inner.rules, now);
            let decision = match self.inner.specs.of(&self.task.id) {
                Some(spec) => machine::redact(decision, &spec),
                None => decision,
            };
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
                Decision::Undo(_) => return Duration::ZERO,
                Decision::Call(_) | Decision::Fail(_) | Decision::Finish(..) | Decision::Cancelled(_) => break,
            }
        }
        Duration::ZERO
    }

    async fn call(&mut self, call: &Call, seen: &Seen) -> Duration {
        let now = (self.inner.clock)();
        let Some(lease) = &self.lease else { return Duration::ZERO };
        let permit = match call::permit(&self.task, call, seen, &self.inner.rules, now) {
            Ok(permit) => permit,
            Err(Denied::Stale) => {
                return self.react(Reaction::Again("what was read has grown old meanwhile".into()));
            }
            Err(Denied::Refused(error)) => {
                self.apply(&Decision::Fail(error));
                return Duration::ZERO;
            }
        };
        // Half of what the announcement renews the lease for: nobody else can have it before.
        let until = Instant::now() + self.inner.term.lasts / 2;
        let doubt = self.task.attempt(now);
        self.task.say(&format!("calling {}", call.action()));
        let number = match self.inner.store.intend(&self.task, call, lease, now) {
            Ok(number) => number,
            Err(StoreError::Lost(_)) => {
                self.lose();
                return Duration::ZERO;
            }
            Err(error) => {
                let error = TaskError::new(FailureKind::Journal, format!("{error}; {} was not called", call.action()));
                self.apply(&Decision::Fail(error));
                return Duration::ZERO;
            }
        };
        self.publish();
        let id = &self.task.id;
        let memory = Unwritten { spec: self.inner.specs.of(id), password: self.inner.passwords.of(id) };
        let answer = call::make(&self.inner.aws.until(until), id, call, permit, &memory).await;
        let now = (self.inner.clock)();
        let outcome = answer.as_ref().map(|_| ());
        if let Err(error) = self.inner.store.answered(number, outcome, now) {
            tracing::warn!("{error}");
        }
        self.task.heard(outcome, doubt, now);
        match answer {
            Ok(answer) => {
                self.failures = 0;
                self.apply(&machine::accept(call, answer));
                self.inner.tempo.fast
            }
            Err(error) => self.react(machine::react(&self.task, call, &error)),
        }
    }

    /// Does what an error leads to; gives back how long to wait before the next look.
    fn react(&mut self, reaction: Reaction) -> Duration {
        match reaction {
            Reaction::Again(why) => {
                self.failures += 1;
                let pause = self.backoff();
                let again = Decision::Wait(why, Pace::Fast);
                let now = (self.inner.clock)();
                self.task.apply(&machine::in_time(&self.task, again, now), now);
                self.retry_after(pause);
                pause
            }
            Reaction::Look(what) => {
                self.failures += 1;
                self.apply(&Decision::Wait(what, Pace::Fast));
                self.inner.tempo.fast
            }
            Reaction::Pause(why) => {
                self.failures += 1;
                self.task.pause(&why, (self.inner.clock)());
                let pause = self.backoff().max(self.inner.tempo.slow);
                self.retry_after(pause);
                pause
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

    /// Says when it is tried again; a step that has outlived its deadline is not.
    fn retry_after(&mut self, pause: Duration) {
        let pause = SignedDuration::try_from(pause).unwrap_or_default();
        self.task.retry_at = if self.task.is_at_rest() { None } else { (self.inner.clock)().checked_add(pause).ok() };
        self.remember();
    }

    fn apply(&mut self, decision: &Decision) {
        let now = (self.inner.clock)();
        // The journal may have a mark of this name, which the tag stood before, or has taken the place of.
        if let (Decision::Finish(_, TaskResult::Mark { name, .. }), Some(cluster)) = (decision, &self.task.resource)
            && let Err(error) = self.inner.store.forget_mark(cluster, name)
        {
            tracing::warn!("{error}");
        }
        if self.task.apply(decision, now) {
            self.remember();
        }
    }

    /// Saves and publishes. A failed save is no reason to stop watching what AWS does anyway; the next call will not be
    /// made before the journal can be written again. A lost lease is: then what we know is old.
    fn remember(&mut self) {
        let Some(lease) = &self.lease else { return };
        match self.inner.store.save(&self.task, lease) {
            Err(StoreError::Lost(_)) => return self.lose(),
            Err(error) => tracing::warn!("{error}"),
            Ok(()) => {}
        }
        self.publish();
    }

    fn publish(&self) {
        self.inner.bells.note(&self.task.id, self.lease.is_some());
        self.inner.publish(&self.task);
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
