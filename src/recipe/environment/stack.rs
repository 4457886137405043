//! Making and deleting the stack: tasks of the engine, as parts of the run.

use jiff::SignedDuration;
use tokio::sync::broadcast;

use crate::aurora::ids::ClusterId;
use crate::aurora::stack::{StackName, StackSpec};
use crate::engine::task::FailureKind;
use crate::engine::{
    BuiltStack, Cancel, Engine, Request, StackAim, StackRequest, StepState, Task, TaskError, TaskId, TaskResult,
    TaskState,
};

/// Which stack is made, and for what.
#[derive(Debug, Clone)]
pub struct Order {
    /// Id of the task that makes it.
    pub id: TaskId,
    /// Its name.
    pub name: StackName,
    /// The clone that will be made in it.
    pub clone: ClusterId,
    /// How long it may take.
    pub within: SignedDuration,
}

/// Begins to make the stack of the run `run`, which is held here. What fails is deleted again before the task is over.
/// Whoever stops waiting for it calls [`tear_down`].
///
/// # Errors
/// If nothing was begun.
pub fn begin(engine: &Engine, run: &TaskId, order: Order, spec: StackSpec) -> Result<Task, TaskError> {
    let Order { id, name, clone, within } = order;
    engine.start_stack(run, id, StackRequest { name, clone, aim: StackAim::Build { within } }, spec)
}

/// What has come of a task that [`begin`] began.
///
/// # Errors
/// Why there is no stack.
pub fn built(task: Task) -> Result<BuiltStack, TaskError> {
    match (task.result, task.error) {
        (Some(TaskResult::Environment(built)), _) => Ok(built),
        (_, Some(error)) => Err(error),
        _ => Err(TaskError::new(FailureKind::Conflict, "the stack was given up before it was there")),
    }
}

/// Deletes what the task `build` has made, whatever has become of it, and waits until it is gone.
///
/// # Errors
/// What is left, and why.
pub async fn tear_down(
    engine: &Engine,
    run: &TaskId,
    build: &TaskId,
    mut say: impl FnMut(&str),
) -> Result<(), Vec<String>> {
    let unknown = |error: TaskError| vec![format!("the stack of task {build}: {error}")];
    // What is not in the journal was never begun.
    let Some(mut task) = engine.find(build).map_err(unknown)? else { return Ok(()) };
    if !task.state.is_final() || task.is_detached() {
        let events = engine.events();
        let ended = if task.is_detached() { engine.reattach(build) } else { engine.cancel(build, Cancel::TearDown) };
        // It may have come to its end meanwhile.
        task = match ended {
            Ok(_) => follow(engine, build, events, &mut say).await.map_err(unknown)?,
            Err(_) => engine.task(build).map_err(unknown)?,
        };
    }
    match (&task.stack, task.state) {
        (_, TaskState::Cancelled) | (None, TaskState::Failed) => Ok(()),
        (Some(_), TaskState::Failed) if is_gone(&task) => Ok(()),
        (Some(id), TaskState::Done | TaskState::Failed) => unbuild(engine, run, &task, id, say).await,
        _ => Err(vec![left(&task)]),
    }
}

/// Whether the stack was deleted again before its task failed.
fn is_gone(task: &Task) -> bool {
    task.doomed.is_some() && task.steps.last().is_some_and(|step| step.state == StepState::Done)
}

async fn unbuild(
    engine: &Engine,
    run: &TaskId,
    made: &Task,
    id: &str,
    say: impl FnMut(&str),
) -> Result<(), Vec<String>> {
    let Request::Stack(request) = &made.request else { return Ok(()) };
    let aim = StackAim::Unbuild { id: id.to_owned(), built_by: made.id.clone() };
    let request = Request::Stack(Box::new(StackRequest { aim, ..request.as_ref().clone() }));
    let events = engine.events();
    let begun = match begun_before(engine, run, &request) {
        // It was left by a process that is gone, or stands still.
        Some(task) => {
            engine.resume(task.clone());
            Ok(task)
        }
        None => engine.start_child(run, engine.new_id(), request, None),
    };
    let ended = match begun {
        Ok(task) => follow(engine, &task.id, events, say).await,
        Err(error) => Err(error),
    };
    match ended {
        Ok(task) if task.state == TaskState::Done => Ok(()),
        Ok(task) => Err(vec![left(&task)]),
        Err(error) => Err(vec![format!("{}: {error}", name(made))]),
    }
}

/// A part of the run that was begun with the same before and is not over.
fn begun_before(engine: &Engine, run: &TaskId, request: &Request) -> Option<Task> {
    let parts = engine.task(run).ok()?.test.children;
    let mut parts = parts.iter().filter_map(|id| engine.task(id).ok());
    parts.find(|part| part.request == *request && !part.state.is_final())
}

async fn follow(
    engine: &Engine,
    id: &TaskId,
    events: broadcast::Receiver<Task>,
    mut say: impl FnMut(&str),
) -> Result<Task, TaskError> {
    let told = |task: &Task| {
        if let Some(step) = task.current().filter(|step| !step.detail.is_empty()) {
            say(&step.detail);
        }
    };
    engine.watch(id, events, told, |_| false).await
}

fn name(task: &Task) -> String {
    let name = if let Request::Stack(request) = &task.request { request.name.as_str() } else { "" };
    format!("stack `{name}`")
}

/// What could not be deleted, for a report.
fn left(task: &Task) -> String {
    let why = task.error.as_ref().map_or("it is not known whether it is gone", |error| error.message.as_str());
    format!("{}: {why}", name(task))
}
