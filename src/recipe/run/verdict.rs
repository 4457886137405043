//! What a run is judged to be: its limits, and how its task ends.

use jiff::SignedDuration;

use super::book::Book;
use super::running::Run;
use super::stop::{Halt, Leave};
use crate::aurora::span;
use crate::engine::task::{FailureKind, TaskError};
use crate::engine::{TaskResult, TaskState};
use crate::recipe::model::Span;
use crate::recipe::outcome::{LimitOutcome, Outcome, Verdict};

/// Measures what the recipe limits; what is over its limit counts against the run.
pub(super) fn limits(run: &Run, book: &mut Book, took: SignedDuration, cost: Option<f64>) -> Vec<LimitOutcome> {
    let limits = &run.recipe().limits;
    let seconds = |limit: Option<Span>| limit.map(|limit| limit.0.as_secs_f64());
    let released = book.released().map(|took| took.as_secs_f64());
    let (lock, all_seen) = book.longest_lock();
    let all = [
        ("total", seconds(limits.total), Some(took.as_secs_f64())),
        ("release", seconds(limits.release), released),
        ("longest-lock", seconds(limits.longest_lock), lock),
        ("cost-usd", limits.cost_usd, cost),
    ];
    let mut found = Vec::new();
    for (name, allowed, measured) in all {
        let Some(allowed) = allowed else { continue };
        let exceeded = measured.is_some_and(|measured| measured > allowed);
        if let (true, Some(measured)) = (exceeded, measured) {
            book.judge(Verdict::Failed, over(name, measured, allowed));
        }
        // Of what was not looked at all the time only the worse is known.
        let measured = measured.filter(|_| exceeded || name != "longest-lock" || all_seen);
        let kept = measured.is_some() && !exceeded;
        found.push(LimitOutcome { name, allowed, measured, kept });
    }
    found
}

fn over(name: &str, measured: f64, allowed: f64) -> String {
    let text = |value: f64| match name {
        "cost-usd" => format!("{value:.2} USD"),
        _ if value < 60.0 => format!("{value:.1} s"),
        _ => span::short(SignedDuration::from_secs_f64(value)),
    };
    format!("limit {name}: {} instead of {} at most", text(measured), text(allowed))
}

/// Takes note of what stopped the steps.
pub(super) fn stopped(run: &Run, book: &mut Book) {
    match (run.stop.halted(), run.stop.left()) {
        (Some(Halt::Overdue), _) => {
            let (limit, whose) = run.longest();
            book.judge(Verdict::TimedOut, format!("the run took longer than {} ({whose})", span::exact(limit.0)));
        }
        (Some(Halt::Interrupted), _) => book.judge(Verdict::Interrupted, "interrupted"),
        (Some(Halt::Terminated), _) => book.judge(Verdict::Interrupted, "terminated"),
        (Some(Halt::Cancelled), _) => book.judge(Verdict::Interrupted, "cancelled"),
        (None, Some(Leave::Lost)) => book.judge(Verdict::Interrupted, "another process has taken the run over"),
        (None, Some(Leave::Detached)) => book.judge(Verdict::Interrupted, "left as it is"),
        (None, Some(Leave::Stopped | Leave::Interrupted)) => {
            book.judge(Verdict::Interrupted, "its process ended");
        }
        (None, None) => {}
    }
}

/// How the task of a run ends. One of which something may be left can be taken up again.
pub(super) fn ending(outcome: &Outcome) -> (TaskState, Option<TaskError>) {
    let reason = outcome.reason.clone().unwrap_or_default();
    if !outcome.leaked.is_empty() {
        let message = format!("not confirmed gone: {}", outcome.leaked.join(", "));
        let error = TaskError::new(FailureKind::Timeout, message);
        let again = format!("`aurewind tasks resume {}` tries again", outcome.run);
        return (TaskState::Paused, Some(error.next(again)));
    }
    match state(outcome.verdict) {
        Ok(state) => (state, None),
        Err(kind) => {
            let next_steps = outcome.next_steps.clone();
            (TaskState::Failed, Some(TaskError { next_steps, ..TaskError::new(kind, reason) }))
        }
    }
}

/// How the task of a run with this verdict ends of which nothing is left: in this state, or with this failure.
pub(super) fn state(verdict: Verdict) -> Result<TaskState, FailureKind> {
    match verdict {
        Verdict::Passed => Ok(TaskState::Done),
        Verdict::Interrupted => Ok(TaskState::Cancelled),
        Verdict::Refused => Err(FailureKind::Refused),
        Verdict::Aws => Err(FailureKind::Aws),
        Verdict::TimedOut => Err(FailureKind::Timeout),
        Verdict::Failed | Verdict::RewindOff | Verdict::ReleaseFailed => Err(FailureKind::Verdict),
    }
}

/// What the task of a run keeps of it.
pub(super) fn result(outcome: &Outcome, reports: Vec<std::path::PathBuf>) -> TaskResult {
    TaskResult::Test {
        verdict: outcome.verdict.as_str().to_owned(),
        leaked: outcome.leaked.clone(),
        kept_until: outcome.kept_until,
        reports,
    }
}
