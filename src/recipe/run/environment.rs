//! The stack of a run: made before the clone, and what its outputs are to it.

use super::book::Book;
use super::clone;
use super::ready::end_of;
use super::running::{Failed, Run};
use crate::aurora::stack::ParameterValue;
use crate::engine::task::{FailureKind, StepName};
use crate::engine::{StepState, TaskError};
use crate::recipe::environment::{self, Blueprint, Feeds, Order};
use crate::recipe::model::Environment;
use crate::recipe::outcome::{StepEnd, StepOutcome, Verdict};

/// Makes the stack, if the recipe has one.
pub(super) async fn make(run: &Run, book: &mut Book) -> Result<(), Failed> {
    let (Some(environment), Some(name)) = (&run.recipe().environment, &run.names.stack) else { return Ok(()) };
    let step = run.position(StepName::Environment);
    run.begin(step);
    let mut out = StepOutcome { started_at: Some(run.now()), ..StepOutcome::new("environment", "environment") };
    let made = tokio::select! {
        made = build(run, environment, step) => made,
        () = run.stop.work().cancelled() => Err((Verdict::Interrupted, "stopped".into())),
    };
    out.ended_at = Some(run.now());
    (out.end, out.message) = match &made {
        Ok(_) => (StepEnd::Passed, Some(format!("the stack `{name}` is there"))),
        Err((verdict, message)) => (end_of(*verdict), Some(message.clone())),
    };
    let state = if made.is_ok() { StepState::Done } else { StepState::Failed };
    run.end(step, state, out.message.as_deref().unwrap_or_default());
    book.add(out);
    book.feeds = made?;
    if let Some(source) = &book.feeds.source {
        run.name_source(source);
        clone::look_at(run, source).await?;
    }
    Ok(())
}

async fn build(run: &Run, environment: &Environment, step: usize) -> Result<Feeds, Failed> {
    let wrong = |error: environment::EnvironmentError| (Verdict::Refused, error.to_string());
    let spec = Blueprint::read(environment, run.base()).map_err(wrong)?;
    let spec = spec.spec(&run.outside.owner, &*run.outside.env).map_err(wrong)?;
    for value in spec.parameters.values() {
        if let ParameterValue::Secret(secret) = value {
            run.redact.add(secret);
        }
    }
    let Some(name) = run.names.stack.clone() else { return Ok(Feeds::default()) };
    let id = run.engine.new_id();
    run.tell(|task| task.test.environment = Some(id.clone()));
    let order = Order { id, name, clone: run.names.clone.clone(), within: run.recipe().wait.environment.0 };
    let say = |text: &str| run.say(step, text);
    let built = environment::build(&run.engine, run.held.id(), order, spec, say).await.map_err(judged)?;
    Feeds::of(&built, environment).map_err(|error| (Verdict::Aws, error.to_string()))
}

fn judged(error: TaskError) -> Failed {
    let verdict = match error.kind {
        FailureKind::Refused => Verdict::Refused,
        FailureKind::Timeout => Verdict::TimedOut,
        _ => Verdict::Aws,
    };
    (verdict, error.to_string())
}
