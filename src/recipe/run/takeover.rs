//! Runs whose process has gone: what they had made is deleted. Their steps are never gone on with.

use std::fs;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

use super::gone::Ground;
use super::running::{OPTION_FILE, listen};
use super::stop::{Leave, Stop};
use crate::aws::Aws;
use crate::engine::task::{FailureKind, StepName};
use crate::engine::{Cancel, Engine, Held, Request, StepState, Supervisor, TaskError, TaskResult, TaskState};
use crate::recipe::outcome::Verdict;

/// Takes over runs whose process has gone.
pub struct TakeOver {
    aws: Aws,
}

impl TakeOver {
    /// With this connection.
    pub fn new(aws: Aws) -> Self {
        Self { aws }
    }
}

impl Supervisor for TakeOver {
    fn take_over(&self, engine: Engine, held: Held) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(take_over(self.aws.clone(), engine, held))
    }
}

async fn take_over(aws: Aws, engine: Engine, held: Held) {
    let halt = Stop::default();
    let _listening = listen(held.orders(), halt.clone());
    let task = held.task();
    let Request::Test(request) = &task.request else { return };
    let deadline = Duration::try_from(request.deadline).unwrap_or_default();
    close_steps(&held);
    if task.test.kept_until.is_some_and(|until| until > held.now()) && halt.halted().is_none() {
        keep(&held);
        return;
    }
    let step = task.steps.iter().position(|step| step.name == StepName::Teardown).unwrap_or(task.steps.len());
    let _ = held.begin_step(step);
    let until = Instant::now() + deadline;
    // What logs in to the clone goes with it.
    let _ = fs::remove_file(request.directory.join(OPTION_FILE));
    let ground = Ground { engine: &engine, aws: &aws, held: &held, step, until, over: &halt.all().clone() };
    let left = ground.clear().await;
    match halt.left() {
        Some(Leave::Detached) => {
            let _ = held.update(|task| task.cancel = Some(Cancel::Detach));
            let _ = held.finish(TaskState::Cancelled, result(left), None);
        }
        Some(_) => {}
        None => finish(&held, step, left),
    }
}

/// What ran is over, and what was not begun will not be.
fn close_steps(held: &Held) {
    for (number, step) in held.task().steps.iter().enumerate() {
        // Those who hear of it are told by an order if the run is lost meanwhile.
        let _ = match (step.state, step.name) {
            (_, StepName::Teardown) => Ok(()),
            (StepState::Running, _) => held.end_step(number, StepState::Failed, "its process ended"),
            (StepState::Waiting, _) => held.end_step(number, StepState::Skipped, "not begun"),
            _ => Ok(()),
        };
    }
}

fn result(left: Vec<(String, String)>) -> TaskResult {
    TaskResult::Test {
        verdict: Verdict::Interrupted.as_str().to_owned(),
        leaked: left.into_iter().map(|(id, _)| id).collect(),
        kept_until: None,
        reports: Vec::new(),
    }
}

/// The run had ended without success, and its clone was to be kept.
fn keep(held: &Held) {
    let task = held.task();
    let kept_until = task.test.kept_until;
    let (verdict, leaked, reports) = (Verdict::Interrupted.as_str().to_owned(), Vec::new(), Vec::new());
    let result = TaskResult::Test { verdict, leaked, kept_until, reports };
    let error = TaskError::new(FailureKind::Verdict, "its process ended; the clone is kept to look at it");
    let _ = held.finish(TaskState::Failed, result, Some(error));
}

fn finish(held: &Held, step: usize, left: Vec<(String, String)>) {
    let Some((_, why)) = left.first() else {
        let _ = held.end_step(step, StepState::Done, "everything is gone");
        let _ = held.finish(TaskState::Cancelled, result(left), None);
        return;
    };
    let why = why.clone();
    let ids: Vec<_> = left.iter().map(|(id, _)| id.as_str()).collect();
    let message = format!("not confirmed gone: {}; {why}", ids.join(", "));
    let _ = held.end_step(step, StepState::Failed, &message);
    let error = TaskError::new(FailureKind::Timeout, message);
    let error = error.next(format!("`aurewind tasks resume {}` tries again", held.id()));
    let _ = held.finish(TaskState::Paused, result(left), Some(error));
}
