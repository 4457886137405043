//! The stack of a run: made before the clone, and what its outputs are to it.

use jiff::{SignedDuration, Timestamp};

use super::book::Book;
use super::clone;
use super::part::{Part, Unfinished};
use super::phase::Phase;
use super::running::{Failed, Run, within};
use crate::aurora::ownership::{TAG_EXPIRES, whole_second};
use crate::aurora::span;
use crate::aurora::stack::ParameterValue;
use crate::engine::task::{FailureKind, StepName};
use crate::engine::{Task, TaskError};
use crate::recipe::environment::{self, Blueprint, Feeds, Order};
use crate::recipe::model::Environment;
use crate::recipe::outcome::Verdict;

/// Makes the stack, if the recipe has one.
pub(super) async fn make(run: &Run, book: &mut Book) -> Result<(), Failed> {
    let (Some(environment), Some(name)) = (&run.recipe().environment, &run.names.stack) else { return Ok(()) };
    let phase = Phase::begin(run, StepName::Environment);
    let made = build(run, environment, phase.step).await;
    phase.end(book, &made, |_| format!("the stack `{name}` is there"));
    book.feeds = made?;
    for secret in book.feeds.secrets() {
        run.redact.add(&secret);
    }
    if let Some(source) = &book.feeds.source {
        run.name_source(source);
        clone::look_at(run, source).await?;
    }
    Ok(())
}

async fn build(run: &Run, environment: &Environment, step_of_run: usize) -> Result<Feeds, Failed> {
    let wrong = |error: environment::EnvironmentError| (Verdict::Refused, error.to_string());
    let spec = Blueprint::read(environment, run.base()).map_err(wrong)?;
    let mut spec = spec.spec(&run.outside.owner, &*run.outside.env).map_err(wrong)?;
    for value in spec.parameters.values() {
        if let ParameterValue::Secret(secret) = value {
            run.redact.add(secret);
        }
    }
    let Some(name) = run.names.stack.clone() else { return Ok(Feeds::default()) };
    spec.tags.insert(TAG_EXPIRES.to_owned(), longest_life(run).to_string());
    let limit = run.recipe().wait.environment;
    let part = Part::begin(&run.engine, |id| {
        run.tell(|task| task.test.environment = Some(id.clone()));
        let order = Order { id, name, clone: run.names.clone.clone(), within: limit.0 };
        environment::begin(&run.engine, run.held.id(), order, spec)
    });
    let part = part.map_err(judged)?;
    let id = part.task.id.clone();
    let patience = run.patience(within(limit), run.stop.work());
    let say = |task: &Task| {
        if let Some(step) = task.current().filter(|step| !step.detail.is_empty()) {
            run.say(step_of_run, &step.detail);
        }
    };
    match part.end(&run.engine, patience, say).await {
        Ok(task) => {
            let built = environment::built(task).map_err(judged)?;
            Feeds::of(&built, environment).map_err(|error| (Verdict::Aws, error.to_string()))
        }
        Err(why) => {
            // It may be deleting again what had failed before.
            let late = matches!(why, Unfinished::Late(_));
            let failed = run.engine.task(&id).ok().and_then(|task| task.doomed).filter(|_| late);
            let took = |what| format!("took longer than {} (wait.environment): {what}", span::exact(limit.0));
            Err(failed.map_or_else(|| why.failed(took), judged))
        }
    }
}

/// When even the clone of a run that takes as long as it may, and is kept, is gone. A tag of a stack only changes with the
/// stack, so it says the latest moment from the beginning.
fn longest_life(run: &Run) -> Timestamp {
    let recipe = run.recipe();
    let spans = [
        recipe.wait.environment.0,
        recipe.wait.create.0,
        recipe.clone.life(),
        run.life_after_failure().unwrap_or_default(),
        recipe.teardown.deadline.0,
    ];
    let sum = spans.into_iter().fold(SignedDuration::ZERO, SignedDuration::saturating_add);
    run.now().checked_add(sum).map_or(Timestamp::MAX, whole_second)
}

fn judged(error: TaskError) -> Failed {
    let verdict = match error.kind {
        FailureKind::Refused => Verdict::Refused,
        FailureKind::Timeout => Verdict::TimedOut,
        _ => Verdict::Aws,
    };
    (verdict, error.to_string())
}
