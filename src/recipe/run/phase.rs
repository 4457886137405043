//! What the phases before the steps have in common: each is a step of the task, and one of the report.

use jiff::Timestamp;

use super::book::Book;
use super::running::{Failed, Run};
use crate::engine::StepState;
use crate::engine::task::StepName;
use crate::recipe::outcome::{StepEnd, StepOutcome, Verdict};

/// A phase that has begun.
pub(super) struct Phase<'a> {
    run: &'a Run,
    /// The step of the task.
    pub(super) step: usize,
    out: StepOutcome,
}

impl<'a> Phase<'a> {
    pub(super) fn begin(run: &'a Run, name: StepName) -> Self {
        let step = run.position(name);
        run.begin(step);
        let out = StepOutcome { started_at: Some(run.now()), ..StepOutcome::new(name.as_str(), name.as_str()) };
        Self { run, step, out }
    }

    pub(super) fn started_at(&self) -> Option<Timestamp> {
        self.out.started_at
    }

    /// Ends it as `done` says; `told` is what there is to say of what went well.
    pub(super) fn end<T>(mut self, book: &mut Book, done: &Result<T, Failed>, told: impl FnOnce(&T) -> String) {
        self.out.ended_at = Some(self.run.now());
        let (end, state, message) = match done {
            Ok(what) => (StepEnd::Passed, StepState::Done, told(what)),
            Err((verdict, message)) => (end_of(*verdict), StepState::Failed, message.clone()),
        };
        self.run.end(self.step, state, &message);
        self.out.end = end;
        self.out.message = Some(message);
        book.add(self.out);
    }
}

/// How a phase or a step ended that led to this verdict.
pub(super) fn end_of(verdict: Verdict) -> StepEnd {
    match verdict {
        Verdict::Interrupted => StepEnd::Interrupted,
        Verdict::TimedOut => StepEnd::TimedOut,
        _ => StepEnd::Failed,
    }
}
