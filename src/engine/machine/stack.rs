//! The stack of a test run. Build: preflight → ask → wait; what fails or takes too long is deleted again, and the task fails
//! with the reason once nothing is left. Unbuild: preflight → ask → wait until it is gone.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Call, Decision, Facts, MISSED, Pace, Rules, settled};
use crate::aurora::policy::StackDeed;
use crate::aurora::stack::{Phase, Stack, StackName, StackSpec};
use crate::engine::seen::Seen;
use crate::engine::stacks::{BuiltStack, StackAim, StackRequest};
use crate::engine::task::{FailureKind, StepName, Task, TaskError, TaskResult};

/// How often a stack is asked again to go before the task gives up: what is still in use may be let go of meanwhile.
const TRIES: u32 = 5;

/// A call that changes a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StackCall {
    /// CreateStack. What is sent besides the name is in memory alone.
    Create {
        /// Its name.
        name: StackName,
    },
    /// DeleteStack.
    Delete {
        /// Its name.
        name: StackName,
        /// Its id.
        id: String,
    },
}

impl StackCall {
    /// The name of the operation.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Create { .. } => "CreateStack",
            Self::Delete { .. } => "DeleteStack",
        }
    }

    /// What the policy is asked for.
    pub fn deed(&self) -> StackDeed {
        match self {
            Self::Create { .. } => StackDeed::Create,
            Self::Delete { .. } => StackDeed::Delete,
        }
    }

    /// The stack that the policy is asked about.
    pub fn name(&self) -> &StackName {
        match self {
            Self::Create { name } | Self::Delete { name, .. } => name,
        }
    }
}

pub(super) fn decide(
    task: &Task,
    request: &StackRequest,
    step: StepName,
    seen: &Seen,
    rules: &Rules,
    now: Timestamp,
) -> Decision {
    let found = match found(task, request, seen) {
        Ok(found) => found,
        Err(error) => return Decision::Fail(error),
    };
    match &request.aim {
        StackAim::Build { .. } if task.is_torn_down() => tear_down(task, step, found, rules, now),
        StackAim::Build { within } => build(task, request, step, found, rules, *within, now),
        StackAim::Unbuild { .. } => unbuild(task, request, step, found, rules, now),
    }
}

/// What is there under the name.
enum Found<'a> {
    /// Nothing, or what was there is gone for certain.
    Nothing,
    /// Nothing that is listed, although it was there: listings lag behind.
    Unlisted,
    /// The stack of the task.
    Ours(&'a Stack),
    /// One of another making.
    Foreign,
}

fn found<'a>(task: &Task, request: &StackRequest, seen: &'a Seen) -> Result<Found<'a>, TaskError> {
    let stack = match &seen.stack {
        None if task.stack.is_some() => return Ok(Found::Unlisted),
        None => return Ok(Found::Nothing),
        Some(stack) if stack.phase() == Phase::Gone => return Ok(Found::Nothing),
        Some(stack) => stack,
    };
    let proven = stack.made_by(request.maker(&task.id).as_str());
    let bound = task.stack.as_deref() == Some(stack.id.as_str());
    match (bound, proven) {
        (true, false) => {
            let name = &stack.name;
            let message = format!("the tags of the stack `{name}` do not say that this test run made it");
            let error = TaskError::new(FailureKind::Refused, message);
            Err(error
                .next(format!("look at it, and delete it with `aws cloudformation delete-stack --stack-name {name}`")))
        }
        // Of two stacks under one name only one was made by the task, whatever the tags of the other say.
        (false, true) if task.stack.is_none() => Ok(Found::Ours(stack)),
        (true, true) => Ok(Found::Ours(stack)),
        (false, _) => Ok(Found::Foreign),
    }
}

fn build(
    task: &Task,
    request: &StackRequest,
    step: StepName,
    found: Found<'_>,
    rules: &Rules,
    within: SignedDuration,
    now: Timestamp,
) -> Decision {
    let name = &request.name;
    match (step, found) {
        (StepName::Preflight, _) if rules.policy.forbids_stack(name).is_some() => forbidden(request, rules),
        (_, Found::Foreign) => {
            let error = TaskError::new(FailureKind::Conflict, format!("there is a stack `{name}` of another making"));
            Decision::Fail(error.next("choose another name: `stack` in `[environment]` of the recipe"))
        }
        (StepName::Preflight, Found::Nothing) => Decision::advance("the name is free"),
        (StepName::Preflight, Found::Ours(_) | Found::Unlisted) => Decision::advance("it was begun already"),
        (StepName::Environment, Found::Ours(stack)) => {
            let facts = Facts { stack: Some(stack.id.clone()), ..Facts::default() };
            Decision::Advance("found what an earlier call had made".into(), Box::new(facts))
        }
        (StepName::Environment, Found::Nothing | Found::Unlisted) => {
            Decision::Call(Call::Stack(StackCall::Create { name: name.clone() }))
        }
        (StepName::Wait, Found::Ours(stack)) => in_limit(task, request, wait(stack), within, now),
        (StepName::Wait, Found::Nothing) => undo(FailureKind::Conflict, request, "somebody deleted it"),
        (StepName::Wait, Found::Unlisted) if is_missed(task, now) => {
            undo(FailureKind::Conflict, request, "somebody deleted it")
        }
        (StepName::Wait, Found::Unlisted) => Decision::Wait("the stack is not listed".into(), Pace::Fast),
        (other, _) => Decision::fail(FailureKind::Conflict, format!("an environment has no step {other}")),
    }
}

fn forbidden(request: &StackRequest, rules: &Rules) -> Decision {
    let reason = rules.policy.forbids_stack(&request.name).unwrap_or_default();
    Decision::fail(FailureKind::Refused, format!("the stack `{}` must not be touched: {reason}", request.name))
}

fn undo(kind: FailureKind, request: &StackRequest, why: &str) -> Decision {
    Decision::Undo(TaskError::new(kind, format!("the stack `{}` could not be made: {why}", request.name)))
}

fn wait(stack: &Stack) -> Decision {
    match stack.phase() {
        Phase::Made => {
            let built = BuiltStack { name: stack.name.clone(), id: stack.id.clone(), outputs: stack.outputs.clone() };
            Decision::Finish("the stack is there".into(), TaskResult::Environment(built))
        }
        Phase::Broken => {
            let message = format!("the stack `{}` could not be made: {}", stack.name, stack.failure());
            Decision::Undo(TaskError::new(FailureKind::Aws, message))
        }
        Phase::Deleting | Phase::Stuck | Phase::Gone => {
            let message = format!("the stack `{}` could not be made: somebody deletes it", stack.name);
            Decision::Undo(TaskError::new(FailureKind::Conflict, message))
        }
        Phase::Making => Decision::Wait(stack.progress(), Pace::Slow),
        Phase::Busy => Decision::Wait(format!("the stack is {}", stack.status), Pace::Slow),
    }
}

/// `decision`, unless it is to wait longer than the recipe allows.
fn in_limit(
    task: &Task,
    request: &StackRequest,
    decision: Decision,
    within: SignedDuration,
    now: Timestamp,
) -> Decision {
    let began = task.current().and_then(|step| step.started_at);
    match decision {
        Decision::Wait(detail, _) if began.is_some_and(|at| now.duration_since(at) > within) => {
            let limit = crate::aurora::span::exact(within);
            undo(FailureKind::Timeout, request, &format!("it took longer than {limit}: {detail}"))
        }
        other => other,
    }
}

/// Deletes what a build has made: nothing but what its tag proves.
fn tear_down(task: &Task, step: StepName, found: Found<'_>, rules: &Rules, now: Timestamp) -> Decision {
    match (step, found) {
        (_, Found::Nothing | Found::Foreign) if !settled(task, rules, now) => {
            Decision::Wait("an earlier call may still make something; looking for it".into(), Pace::Fast)
        }
        (_, Found::Unlisted) if !is_missed(task, now) => {
            Decision::Wait("the stack is not listed; looking for it".into(), Pace::Fast)
        }
        (StepName::Remove, Found::Ours(stack)) => remove(task, stack),
        (StepName::Gone, Found::Ours(stack)) => gone(task, stack, rules, now),
        (StepName::Remove, _) => already_gone(task),
        // The step is over; the task then fails with what the stack was torn down for.
        (StepName::Gone, _) if task.doomed.is_some() => Decision::advance("nothing of it is left"),
        (StepName::Gone, _) => Decision::Cancelled("nothing of it is left".into()),
        (other, _) => Decision::fail(FailureKind::Conflict, format!("a tear-down has no step {other}")),
    }
}

fn unbuild(
    task: &Task,
    request: &StackRequest,
    step: StepName,
    found: Found<'_>,
    rules: &Rules,
    now: Timestamp,
) -> Decision {
    match (step, found) {
        (StepName::Preflight, _) if rules.policy.forbids_stack(&request.name).is_some() => forbidden(request, rules),
        (_, Found::Unlisted) if !is_missed(task, now) => {
            Decision::Wait("the stack is not listed; looking for it".into(), Pace::Fast)
        }
        (StepName::Preflight, Found::Ours(_)) => Decision::advance("nothing stands against it"),
        (StepName::Remove, Found::Ours(stack)) => remove(task, stack),
        (StepName::Gone, Found::Ours(stack)) => gone(task, stack, rules, now),
        // It is read by its id: what has its name by now is another one.
        (StepName::Preflight, _) => Decision::advance("it is gone already"),
        (StepName::Remove, _) => already_gone(task),
        (StepName::Gone, _) => {
            let result = TaskResult::Unbuild { name: request.name.clone() };
            Decision::Finish("the stack is gone".into(), result)
        }
        (other, _) => Decision::fail(FailureKind::Conflict, format!("an unbuild has no step {other}")),
    }
}

/// Whether the stack has not been listed for so long that it is gone: somebody deleted it, and forgot that it was there.
fn is_missed(task: &Task, now: Timestamp) -> bool {
    task.absent_since.is_some_and(|since| now.duration_since(since) > MISSED)
}

fn already_gone(task: &Task) -> Decision {
    match task.current() {
        Some(step) if step.attempts > 0 => Decision::advance("it is gone"),
        _ => Decision::Skip("nothing of it is there".into()),
    }
}

fn remove(task: &Task, stack: &Stack) -> Decision {
    if stack.phase() == Phase::Deleting {
        return Decision::advance("it is being deleted");
    }
    // A listing lags behind the answer.
    if task.answered_at.is_some() {
        return Decision::advance("CloudFormation has begun");
    }
    delete(stack)
}

fn delete(stack: &Stack) -> Decision {
    Decision::Call(Call::Stack(StackCall::Delete { name: stack.name.clone(), id: stack.id.clone() }))
}

/// Waits until the stack is gone. What is in its way may go meanwhile, as a clone that is still being deleted does: so it
/// is asked for again, a few times.
fn gone(task: &Task, stack: &Stack, rules: &Rules, now: Timestamp) -> Decision {
    if stack.phase() == Phase::Deleting {
        return Decision::Wait(format!("the stack is being deleted: {}", stack.progress()), Pace::Slow);
    }
    let since = task.answered_at.or(task.current().and_then(|step| step.started_at)).unwrap_or(now);
    let told = || format!("the stack `{}` is {}: {}", stack.name, stack.status, stack.obstacles());
    if now.duration_since(since) <= rules.settles {
        return Decision::Wait(format!("{}; it will be tried again", told()), Pace::Fast);
    }
    // What was throttled or broke off was no try.
    if task.calls_made > TRIES {
        let error = TaskError::new(FailureKind::Conflict, format!("{}; it was tried again and again", told()));
        let command = format!("aws cloudformation delete-stack --stack-name {}", stack.name);
        return Decision::Fail(error.next(format!("take what is in the way out of it, then `{command}`")));
    }
    delete(stack)
}

/// Where outputs and texts of the stack hold a secret that was sent for it, it is taken out; outputs that nobody has asked
/// for are left out.
pub(in crate::engine) fn redact(decision: Decision, spec: &StackSpec) -> Decision {
    let clean = |text: &str| spec.redact(text);
    let clean_error = |error: TaskError| TaskError { message: clean(&error.message), ..error };
    match decision {
        Decision::Wait(detail, pace) => Decision::Wait(clean(&detail), pace),
        Decision::Undo(error) => Decision::Undo(clean_error(error)),
        Decision::Fail(error) => Decision::Fail(clean_error(error)),
        Decision::Finish(detail, TaskResult::Environment(built)) => {
            let asked = built.outputs.into_iter().filter(|(name, _)| spec.outputs.contains(name));
            let outputs: BTreeMap<_, _> = asked.map(|(name, value)| (name, clean(&value))).collect();
            Decision::Finish(detail, TaskResult::Environment(BuiltStack { outputs, ..built }))
        }
        other => other,
    }
}
