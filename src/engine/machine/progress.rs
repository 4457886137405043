//! How decisions change a task.

use jiff::Timestamp;

use super::{Decision, Facts};
use crate::aurora::cluster::{ClusterStatus, Health};
use crate::aws::{AwsError, ErrorKind};
use crate::engine::lease::Cancel;
use crate::engine::outage::Sightings;
use crate::engine::seen::Seen;
use crate::engine::task::{FailureKind, Request, Step, StepState, Task, TaskError, TaskState};

impl Task {
    /// Takes `decision`, except for making its call; says whether anything changed.
    pub fn apply(&mut self, decision: &Decision, now: Timestamp) -> bool {
        let before = self.clone();
        if !self.state.is_final() {
            self.state = TaskState::Running;
        }
        self.touch(now);
        match decision {
            Decision::Call(_) => {}
            Decision::Wait(detail, _) => self.say(detail),
            Decision::Advance(detail, facts) => {
                self.learn(facts);
                self.close(StepState::Done, detail, now);
            }
            Decision::Skip(detail) => self.close(StepState::Skipped, detail, now),
            Decision::Fail(error) => self.fail(error.clone(), now),
            Decision::Undo(error) => {
                self.close(StepState::Failed, &error.message, now);
                self.tear_down(now);
                self.doomed = Some(error.clone());
            }
            Decision::Finish(detail, result) => {
                self.close(StepState::Done, detail, now);
                self.result = Some(result.clone());
                self.state = TaskState::Done;
                self.ended_at = Some(now);
            }
            Decision::Cancelled(detail) => {
                self.close(StepState::Done, detail, now);
                self.state = TaskState::Cancelled;
                self.ended_at = Some(now);
            }
        }
        *self != before
    }

    /// Takes note of what a reading shows of the task's cluster: a listing lags behind what was made, so a single one
    /// without it says nothing.
    pub fn notice(&mut self, seen: &Seen) {
        if let Request::Stack(request) = &self.request {
            let maker = request.maker(&self.id).as_str();
            // What an earlier call has made is bound by its id from the first sight on.
            if self.stack.is_none() {
                self.stack = seen.stack.as_ref().filter(|stack| stack.made_by(maker)).map(|stack| stack.id.clone());
            }
            self.absent_since = if seen.stack.is_some() { None } else { self.absent_since.or(Some(seen.at)) };
            return;
        }
        let cluster = seen.cluster(self.request.target());
        self.absent_since = if cluster.is_some() { None } else { self.absent_since.or(Some(seen.at)) };
        if let (Request::Rewind(_), Some(cluster)) = (&self.request, cluster) {
            let ready = |status: &ClusterStatus| status.health() == Health::Ready;
            let available = ready(&cluster.status) && seen.instances_of(&cluster.id).all(|i| ready(&i.status));
            // What was down before the call is not down because of it.
            if self.calls_made == 0 && self.unanswered.is_none() && self.backtrack_id.is_none() {
                self.sightings = Sightings::until(seen.at);
            } else {
                self.sightings.note(available, seen.at);
            }
        }
    }

    /// Counts a try of the current step's call, which is about to be made. Gives back since when it is not known whether
    /// an earlier one did its work.
    pub fn attempt(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.touch(now);
        let doubt = self.unanswered.replace(now);
        if let Some(step) = self.current_mut() {
            step.attempts += 1;
        }
        doubt
    }

    /// Takes note of the answer to a call. After some errors nobody knows whether the work was done; that a later try is
    /// refused says nothing about an earlier one, of which there was `doubt`.
    pub fn heard(&mut self, answer: Result<(), &AwsError>, doubt: Option<Timestamp>, now: Timestamp) {
        self.unanswered = match answer {
            Ok(()) => {
                self.calls_made += 1;
                self.answered_at = Some(now);
                None
            }
            Err(error) if matches!(error.kind, ErrorKind::Transient | ErrorKind::Unreachable) => Some(now),
            Err(_) => doubt,
        };
    }

    /// Ends the task as a person wants it; says whether that changes anything. What was asked for a tear-down and makes
    /// nothing is only left alone.
    pub fn cancel(&mut self, how: Cancel, now: Timestamp) -> bool {
        if self.state.is_final() || self.cancel == Some(how) {
            return false;
        }
        self.cancel = Some(how);
        self.error = None;
        self.retry_at = None;
        self.give_up(now);
        if how == Cancel::TearDown && self.request.makes() {
            self.tear_down(now);
        } else {
            self.state = TaskState::Cancelled;
            self.ended_at = Some(now);
        }
        true
    }

    /// What is left of its steps is not taken.
    fn give_up(&mut self, now: Timestamp) {
        for step in &mut self.steps {
            if matches!(step.state, StepState::Waiting | StepState::Running) {
                step.ended_at = step.started_at.map(|_| now);
                step.state = StepState::Skipped;
                "cancelled".clone_into(&mut step.detail);
            }
        }
    }

    /// Takes the steps that delete what it has made, instead of those that are left.
    fn tear_down(&mut self, now: Timestamp) {
        self.give_up(now);
        self.steps.extend(self.request.tear_down().iter().map(|name| Step::new(*name)));
        self.state = TaskState::Running;
    }

    /// Goes on without what was to be sent for its stack, which went with the process that began it: then it can only be
    /// deleted. Says whether that changes anything.
    pub(in crate::engine) fn orphan(&mut self, now: Timestamp) -> bool {
        let builds = matches!(&self.request, Request::Stack(request) if request.builds());
        builds && !self.is_torn_down() && self.cancel(Cancel::TearDown, now)
    }

    /// Whether what it has made is deleted again.
    pub(super) fn is_torn_down(&self) -> bool {
        self.doomed.is_some() || (self.cancel == Some(Cancel::TearDown) && self.request.makes())
    }

    /// Waits for a person, and goes on by itself once that has helped.
    pub fn pause(&mut self, why: &str, now: Timestamp) {
        self.touch(now);
        self.say(why);
        self.state = TaskState::Paused;
    }

    /// Says how the current step stands, without any change of state.
    pub fn say(&mut self, detail: &str) {
        if let Some(step) = self.current_mut() {
            detail.clone_into(&mut step.detail);
        }
    }

    /// Takes up a task that was left, by a process that ended or a step that outlived its deadline. As long as no call can
    /// have gone out it begins anew: the plan may not hold any more.
    pub fn resume(&mut self, now: Timestamp) {
        self.resumed_at = Some(now);
        // Past its first call a task has made something, or has found what an earlier call had made.
        let before_first_call = self.steps.iter().skip(2).all(|step| step.state == StepState::Waiting)
            && self.steps.get(1).is_none_or(|step| matches!(step.state, StepState::Waiting | StepState::Running));
        let run = matches!(self.request, Request::Test(_));
        if !run && before_first_call && self.calls_made == 0 && self.unanswered.is_none() && self.cancel.is_none() {
            self.steps = self.request.steps();
        }
        self.error = None;
        self.retry_at = None;
        self.state = TaskState::Running;
    }

    /// Ends the task without success. What can be gone on with is paused: a step that outlived its deadline, and a refusal
    /// after something was made already (the rules may be others tomorrow).
    pub fn fail(&mut self, mut error: TaskError, now: Timestamp) {
        let begun = self.calls_made > 0;
        let resumable = self.current().is_some()
            && match error.kind {
                FailureKind::Timeout => true,
                FailureKind::Refused => begun && self.cancel.is_none(),
                _ => false,
            };
        if begun && !resumable && matches!(self.request, Request::Create(_)) && self.cancel.is_none() {
            let name = self.request.target();
            error.next_steps.push(format!("`{name}` exists all the same: `aurewind delete {name}` removes it"));
        }
        let message = error.message.clone();
        self.error = Some(error);
        self.retry_at = None;
        if resumable {
            self.say(&message);
            self.state = TaskState::Paused;
            return;
        }
        self.close(StepState::Failed, &message, now);
        self.state = TaskState::Failed;
        self.ended_at = Some(now);
    }

    fn current_mut(&mut self) -> Option<&mut Step> {
        self.steps.iter_mut().find(|step| matches!(step.state, StepState::Waiting | StepState::Running))
    }

    fn touch(&mut self, now: Timestamp) {
        if let Some(step) = self.current_mut()
            && step.state == StepState::Waiting
        {
            step.state = StepState::Running;
            step.started_at = Some(now);
        }
    }

    fn close(&mut self, state: StepState, detail: &str, now: Timestamp) {
        if let Some(step) = self.current_mut() {
            step.state = state;
            step.ended_at = Some(now);
            detail.clone_into(&mut step.detail);
        }
        self.unanswered = None;
        self.answered_at = None;
    }

    fn learn(&mut self, facts: &Facts) {
        if let Some(spec) = &facts.spec {
            self.spec = Some(spec.clone());
        }
        if let Some(resource) = &facts.resource {
            self.resource = Some(resource.clone());
        }
        if let Some(id) = &facts.backtrack_id {
            self.backtrack_id = Some(id.clone());
        }
        if let Some(stack) = &facts.stack {
            self.stack = Some(stack.clone());
        }
        if let Some(make) = &facts.make {
            self.make = Some(make.clone());
        }
        if let Some(known) = &facts.known_rewinds {
            self.known_rewinds.clone_from(known);
        }
    }
}
