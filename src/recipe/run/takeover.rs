//! Runs whose process has gone: what they had made is deleted. Their steps are never gone on with.

use std::fs;
use std::future::Future;
use std::pin::Pin;

use super::gone::Ground;
use super::part::detach_all;
use super::running::{OPTION_FILE, listen, position, within};
use super::stay::{self, Kept};
use super::stop::{Leave, Stop};
use super::verdict;
use crate::aws::Aws;
use crate::engine::task::{FailureKind, StepName};
use crate::engine::{
    Cancel, Engine, Held, Order, Request, StepState, Supervisor, Task, TaskError, TaskResult, TaskState,
};
use crate::recipe::model::Span;
use crate::recipe::outcome::Verdict;
use crate::recipe::process;

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
    let asked = *held.orders().borrow();
    let _listening = listen(held.orders(), halt.clone());
    let task = held.task();
    let Request::Test(request) = &task.request else { return };
    close_steps(&held);
    if process::end_orphans(&request.directory).await {
        tracing::info!("the command that {} had begun was ended", task.id);
    }
    if asked == Some(Order::Cancel(Cancel::Detach)) {
        detach(&engine, &held, leaked(&task));
        return;
    }
    let step = position(&task, StepName::Teardown);
    let until = within(Span(request.deadline));
    let ground = Ground { engine: &engine, aws: &aws, held: &held, step, until, over: &halt.all().clone() };
    let wanted = task.test.kept_until.filter(|until| *until > held.now() && asked.is_none());
    let kept = match wanted {
        Some(at) => stay::until(&ground, at).await,
        None => Kept::No(None),
    };
    match (halt.left(), kept) {
        (Some(Leave::Detached), _) => detach(&engine, &held, leaked(&task)),
        (Some(_), _) => {}
        (None, Kept::Yes) => keep(&held),
        (None, Kept::Unknown(why)) => {
            let left = leaked(&task).into_iter().map(|id| (id, why.clone())).collect();
            finish(&held, step, left);
        }
        (None, Kept::No(why)) => {
            let _ = held.begin_step(step);
            let _ = held.update(|task| task.test.kept_until = None);
            if let Some(why) = why {
                let _ = held.say(step, &format!("it could not be kept: {why}"));
            }
            // What logs in to the clone goes with it.
            let _ = fs::remove_file(request.directory.join(OPTION_FILE));
            let left = ground.clear().await;
            match halt.left() {
                Some(Leave::Detached) => detach(&engine, &held, left.into_iter().map(|(id, _)| id).collect()),
                Some(_) => {}
                None => finish(&held, step, left),
            }
        }
    }
}

/// What there may be of a run that is left as it stands.
fn leaked(task: &Task) -> Vec<String> {
    let clone = task.test.create.is_some().then(|| task.request.target().to_string());
    let stack = match &task.request {
        Request::Test(request) if task.test.environment.is_some() => request.stack.clone(),
        _ => None,
    };
    clone.into_iter().chain(stack.map(|stack| format!("stack {stack}"))).collect()
}

/// A person wants it left as it stands, and its parts with it.
fn detach(engine: &Engine, held: &Held, left: Vec<String>) {
    detach_all(engine, held);
    let _ = held.finish(TaskState::Cancelled, result(&held.task(), left), None);
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

/// What had come of the run before, if anything had; only what is left of it is news.
fn result(task: &Task, leaked: Vec<String>) -> TaskResult {
    let (verdict, reports) = match &task.result {
        Some(TaskResult::Test { verdict, reports, .. }) => (verdict.clone(), reports.clone()),
        _ => (Verdict::Interrupted.as_str().to_owned(), Vec::new()),
    };
    TaskResult::Test { verdict, leaked, kept_until: None, reports }
}

/// The run had ended without success, and its clone was to be kept.
fn keep(held: &Held) {
    let task = held.task();
    let kept_until = task.test.kept_until;
    let result = match result(&task, Vec::new()) {
        TaskResult::Test { verdict, leaked, reports, .. } => TaskResult::Test { verdict, leaked, kept_until, reports },
        other => other,
    };
    let teardown = position(&task, StepName::Teardown);
    let until = kept_until.map(|until| until.to_string()).unwrap_or_default();
    let _ = held.end_step(teardown, StepState::Skipped, &format!("`{}` is kept until {until}", task.request.target()));
    let message = if task.result.is_some() { "it did not pass" } else { "its process ended" };
    let message = format!("{message}; the clone is kept until {until} to look at it");
    let mut error = TaskError::new(FailureKind::Verdict, message);
    if task.test.environment.is_some() {
        let id = &task.id;
        error = error.next(format!("once the clone is gone: `aurewind tasks resume {id}` deletes its stack"));
    }
    let _ = held.finish(TaskState::Failed, result, Some(error));
}

fn finish(held: &Held, step: usize, left: Vec<(String, String)>) {
    let task = held.task();
    let Some((_, why)) = left.first() else {
        let _ = held.end_step(step, StepState::Done, "everything is gone");
        let (state, error) = ending(&task);
        let _ = held.finish(state, result(&task, Vec::new()), error);
        return;
    };
    let why = why.clone();
    let ids: Vec<_> = left.into_iter().map(|(id, _)| id).collect();
    let message = format!("not confirmed gone: {}; {why}", ids.join(", "));
    let _ = held.end_step(step, StepState::Failed, &message);
    let error = TaskError::new(FailureKind::Timeout, message);
    let error = error.next(format!("`aurewind tasks resume {}` tries again", held.id()));
    let _ = held.finish(TaskState::Paused, result(&task, ids), Some(error));
}

/// How a run ends of which nothing is left: as it was judged before, if it was.
fn ending(task: &Task) -> (TaskState, Option<TaskError>) {
    let judged = match &task.result {
        Some(TaskResult::Test { verdict, .. }) => Verdict::read(verdict),
        _ => None,
    };
    // Without a word of it the process ended before there was one.
    let judged = judged.unwrap_or(Verdict::Interrupted);
    match verdict::state(judged) {
        Ok(state) => (state, None),
        Err(kind) => {
            let message = format!("the verdict was: {}; everything of it is gone now", judged.words());
            (TaskState::Failed, Some(TaskError::new(kind, message)))
        }
    }
}
