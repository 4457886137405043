//! From nothing to an available clone.

use super::book::Book;
use super::part::{Part, Unfinished, failure};
use super::plan::{self, Names};
use super::ready::end_of;
use super::running::{Failed, Run, within};
use crate::aurora::ids::ClusterId;
use crate::aurora::plan::Plan;
use crate::aurora::span;
use crate::engine::task::{FailureKind, StepName};
use crate::engine::{Request, StepState, Task, TaskResult, TaskState};
use crate::recipe::outcome::{StepEnd, StepOutcome, Verdict};

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
    let fleet = run.outside.aws.fleet().await.map_err(|error| (Verdict::Aws, error.message))?;
    let plan = plan::look(&run.loaded, &run.names, &fleet, &run.outside, run.held.id());
    let plan = plan.map_err(|error| (Verdict::Refused, error.to_string()))?;
    allowed(&plan)
}

/// The same for a source that was not known before.
pub(super) async fn look_at(run: &Run, source: &ClusterId) -> Result<(), Failed> {
    let fleet = run.outside.aws.fleet().await.map_err(|error| (Verdict::Aws, error.message))?;
    let names = Names { source: Some(source.clone()), ..run.names.clone() };
    let plan = plan::look(&run.loaded, &names, &fleet, &run.outside, run.held.id());
    let plan = plan.map_err(|error| (Verdict::Refused, error.to_string()))?;
    allowed(&plan)
}

fn allowed(plan: &Plan) -> Result<(), Failed> {
    if !plan.blocked() {
        return Ok(());
    }
    let reasons: Vec<_> = plan.failures().map(|check| format!("{}: {}", check.name, check.message)).collect();
    Err((Verdict::Refused, reasons.join("; ")))
}

/// Makes the clone; gives the task that has made it.
pub(super) async fn make(run: &Run, book: &mut Book) -> Result<Task, Failed> {
    let step = run.position(StepName::Clone);
    run.begin(step);
    let mut out = StepOutcome { started_at: Some(run.now()), ..StepOutcome::new("clone", "clone") };
    book.lived.0 = out.started_at;
    let made = work(run, book, step).await;
    out.ended_at = Some(run.now());
    (out.end, out.message) = match &made {
        Ok(task) => (StepEnd::Passed, Some(told(task))),
        Err((verdict, message)) => (end_of(*verdict), Some(message.clone())),
    };
    let state = if made.is_ok() { StepState::Done } else { StepState::Failed };
    run.end(step, state, out.message.as_deref().unwrap_or_default());
    book.add(out);
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
    let task = match part.end(&run.engine, patience, run.telling(step)).await {
        Ok(task) => task,
        Err(Unfinished::Late(what)) => {
            let limit = span::exact(run.recipe().wait.create.0);
            return Err((Verdict::TimedOut, format!("took longer than {limit} (wait.create): {what}")));
        }
        Err(Unfinished::Stopped) => return Err((Verdict::Interrupted, "stopped".into())),
        Err(other) => return Err((Verdict::Aws, other.to_string())),
    };
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
