//! How decisions change a task.

use jiff::Timestamp;

use super::{Decision, Facts};
use crate::engine::task::{FailureKind, Step, StepState, Task, TaskError, TaskState};

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
            Decision::Finish(detail, result) => {
                self.close(StepState::Done, detail, now);
                self.result = Some(result.clone());
                self.state = TaskState::Done;
                self.ended_at = Some(now);
            }
        }
        *self != before
    }

    /// Counts a try of the current step's call.
    pub fn attempt(&mut self, now: Timestamp) {
        self.touch(now);
        if let Some(step) = self.current_mut() {
            step.attempts += 1;
        }
    }

    /// Says how the current step stands, without any change of state.
    pub fn say(&mut self, detail: &str) {
        if let Some(step) = self.current_mut() {
            detail.clone_into(&mut step.detail);
        }
    }

    /// Takes up a task that was left, by a process that ended or a step that outlived its deadline.
    pub fn resume(&mut self, now: Timestamp) {
        self.resumed_at = Some(now);
        self.error = None;
        self.state = TaskState::Running;
    }

    /// Ends the task without success. A step that outlived its deadline can be gone on with: then the task is paused.
    pub fn fail(&mut self, error: TaskError, now: Timestamp) {
        let resumable = error.kind == FailureKind::Timeout;
        let message = error.message.clone();
        self.error = Some(error);
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
        if let Some(known) = &facts.known_rewinds {
            self.known_rewinds.clone_from(known);
        }
    }
}
