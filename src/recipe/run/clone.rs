//! From nothing to an available clone.

use super::book::Book;
use super::part::{Part, failure};
use super::phase::Phase;
use super::plan::{self, Names};
use super::running::{Failed, Run, within};
use crate::aurora::ids::ClusterId;
use crate::aurora::span;
use crate::engine::task::{FailureKind, StepName};
use crate::engine::{Request, StepState, Task, TaskResult, TaskState};
use crate::recipe::outcome::Verdict;

/// Looks once more at what was planned: time has passed since.
pub(super) async fn preflight(run: &Run) -> Result<(), Failed> {
    let step = run.position(StepName::Preflight);
    run.begin(step);
    let looked = tokio::select! {
        looked = look(run) => looked,
        () = run.stop.work().cancelled() => Err((Verdict::Interrupted, "stopped".into())),
    };
    match &looked {
        Ok(()) => run.end(step, StepState::Done, "nothing stands against it"),
        Err((_, message)) => run.end(step, StepState::Failed, message),
    }
    looked
}

async fn look(run: &Run) -> Result<(), Failed> {
    look_with(run, &run.names).await
}

/// The same for a source that was not known before.
pub(super) async fn look_at(run: &Run, source: &ClusterId) -> Result<(), Failed> {
    look_with(run, &Names { source: Some(source.clone()), ..run.names.clone() }).await
}

async fn look_with(run: &Run, names: &Names) -> Result<(), Failed> {
    let fleet = run.outside.aws.fleet().await.map_err(|error| (Verdict::Aws, error.message))?;
    let plan = plan::look(&run.loaded, names, &fleet, &run.outside, run.held.id());
    let plan = plan.map_err(|error| (Verdict::Refused, error.to_string()))?;
    if plan.blocked() { Err((Verdict::Refused, plan.reasons())) } else { Ok(()) }
}

/// Makes the clone; gives the task that has made it.
pub(super) async fn make(run: &Run, book: &mut Book) -> Result<Task, Failed> {
    let phase = Phase::begin(run, StepName::Clone);
    book.lived.0 = phase.started_at();
    let made = work(run, book, phase.step).await;
    phase.end(book, &made, told);
    made
}

fn told(task: &Task) -> String {
    match &task.result {
        Some(TaskResult::Create { cluster, differences, .. }) if differences.is_empty() => {
            format!("`{cluster}` is available")
        }
        Some(TaskResult::Create { cluster, differences, .. }) => {
            format!("`{cluster}` is available; but {}", differences.join("; "))
        }
        _ => String::new(),
    }
}

async fn work(run: &Run, book: &Book, step: usize) -> Result<Task, Failed> {
    let source = book.feeds.source.as_ref().or(run.names.source.as_ref());
    let source = source.ok_or_else(|| (Verdict::Refused, "no source is named".to_owned()))?;
    let request = plan::request(run.recipe(), source, &run.names.clone, &run.outside.owner, run.now());
    let mut request = request.map_err(|error| (Verdict::Refused, error.to_string()))?;
    if book.feeds.subnet_group.is_some() {
        request.subnet_group.clone_from(&book.feeds.subnet_group);
    }
    if !book.feeds.security_groups.is_empty() {
        request.security_groups.clone_from(&book.feeds.security_groups);
    }
    let part = Part::begin(&run.engine, |id| {
        run.tell(|task| task.test.create = Some(id.clone()));
        run.engine.start_child(run.held.id(), id, Request::Create(request), None)
    });
    let part = part.map_err(|error| (Verdict::Aws, error.to_string()))?;
    let patience = run.patience(within(run.recipe().wait.create), run.stop.work());
    let over = part.end(&run.engine, patience, run.telling(step)).await;
    let task = over.map_err(|why| {
        let limit = span::exact(run.recipe().wait.create.0);
        why.failed(|what| format!("took longer than {limit} (wait.create): {what}"))
    })?;
    let Some(TaskResult::Create { resource_id, endpoint, .. }) = &task.result else {
        let error = failure(&task);
        let verdict = match error.kind {
            FailureKind::Refused if task.calls_made == 0 => Verdict::Refused,
            FailureKind::Timeout => Verdict::TimedOut,
            _ if task.state == TaskState::Cancelled => Verdict::Interrupted,
            _ => Verdict::Aws,
        };
        return Err((verdict, error.to_string()));
    };
    run.tell(|run| {
        run.test.resource = Some(resource_id.clone());
        run.test.endpoint.clone_from(endpoint);
    });
    Ok(task)
}
