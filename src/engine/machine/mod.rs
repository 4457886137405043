//! The state machines of tasks: pure functions from a task and a reading to what happens next.
//!
//! [`needs`] says what to read, [`decide`] what to do about it, [`accept`] and [`react()`] take the answer of a call. The
//! driver does the rest. Everything can be called again after a crash: a step looks before it acts.

mod call;
mod create;
mod delete;
mod mark;
mod progress;
mod react;
mod rewind;
mod secure;
mod stack;
mod stay;
mod tag;
mod tear_down;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::lease::Cancel;
use super::seen::{Needs, Seen};
use super::task::{FailureKind, Make, Request, StepName, Task, TaskError, TaskResult};
use crate::aurora::cluster::Cluster;
use crate::aurora::cost::Prices;
use crate::aurora::ids::ResourceId;
use crate::aurora::plan::{Desk, Plan};
use crate::aurora::policy::Policy;
use crate::aurora::request::CloneSpec;
use crate::aurora::rewind::Rewind;

pub use call::{Call, Subject};
pub use react::{Reaction, react, react_to_reading};
pub use stack::StackCall;
pub(super) use stack::redact;

/// What holds for all tasks of an installation.
#[derive(Debug, Clone)]
pub struct Rules {
    /// What may be changed.
    pub policy: Policy,
    /// What things cost.
    pub prices: Prices,
    /// How long after a call without an answer its work may still show up. There are no client tokens (API reference):
    /// until then the same call could do the work twice.
    pub settles: SignedDuration,
}

impl Rules {
    /// For an endpoint on this machine, where work shows up as soon as it is done.
    #[must_use]
    pub fn local(self) -> Self {
        Self { settles: SignedDuration::from_secs(5), ..self }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self { policy: Policy::default(), prices: Prices::default(), settles: SignedDuration::from_mins(1) }
    }
}

/// How soon something is expected to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Any moment now.
    Fast,
    /// In minutes.
    Slow,
}

/// What is learnt on the way and remembered with the task.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// What is sent for a clone.
    pub spec: Option<CloneSpec>,
    /// Resource id of the target.
    pub resource: Option<ResourceId>,
    /// Id of the rewind.
    pub backtrack_id: Option<String>,
    /// Rewinds that were there before.
    pub known_rewinds: Option<Vec<String>>,
    /// What the task works on.
    pub make: Option<Make>,
    /// Id of the stack.
    pub stack: Option<String>,
}

/// What happens next.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Make this call.
    Call(Call),
    /// Nothing to do but look again.
    Wait(String, Pace),
    /// The step is over.
    Advance(String, Box<Facts>),
    /// The step is not needed.
    Skip(String),
    /// The task is over, without success.
    Fail(TaskError),
    /// What it has made goes, and then the task fails with this.
    Undo(TaskError),
    /// The task is over.
    Finish(String, TaskResult),
    /// The task is over as a person wanted it, and what it had made is gone.
    Cancelled(String),
}

impl Decision {
    fn advance(detail: impl Into<String>) -> Self {
        Self::Advance(detail.into(), Box::default())
    }

    fn fail(kind: FailureKind, message: impl Into<String>) -> Self {
        Self::Fail(TaskError::new(kind, message))
    }
}

/// What AWS answered to a call that went well.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The new cluster.
    Cluster(Box<Cluster>),
    /// The new rewind.
    Rewind(Rewind),
    /// The id of the new stack.
    Stack(String),
    /// Nothing that matters.
    Done,
}

/// What has to be read for the current step of `task`.
pub fn needs(task: &Task) -> Needs {
    if let Request::Stack(request) = &task.request {
        let name = || request.name.as_str().to_owned();
        return Needs { stack: Some(task.stack.clone().unwrap_or_else(name)), ..Needs::default() };
    }
    let target = task.request.target().clone();
    let step = task.current().map_or(StepName::Preflight, |step| step.name);
    let mut needs = Needs { clusters: BTreeSet::from([target.clone()]), ..Needs::default() };
    match &task.request {
        Request::Create(_) if task.cancel == Some(Cancel::TearDown) => {
            if step != StepName::Gone {
                needs.group_of = Some(target);
            }
        }
        Request::Create(request) => {
            if matches!(step, StepName::Preflight | StepName::Restore) {
                needs.clusters.insert(request.source.clone());
                needs.group_of = Some(request.source.clone());
            }
        }
        Request::Rewind(_) => {
            needs.rewinds_of = Some(target.clone());
            if matches!(step, StepName::Preflight | StepName::Backtrack) {
                needs.group_of = Some(target);
            }
        }
        Request::Delete(_) => {
            if step != StepName::Gone {
                needs.group_of = Some(target);
            }
        }
        Request::Mark(_) | Request::Stay(_) | Request::Secure(_) | Request::Test(_) | Request::Stack(_) => {}
    }
    needs.resource.clone_from(&task.resource);
    needs
}

/// What happens next, given what was just read.
pub fn decide(task: &Task, seen: &Seen, rules: &Rules, now: Timestamp) -> Decision {
    let Some(step) = task.current() else {
        let lost = || TaskError::new(FailureKind::Conflict, "the task has no step left");
        return Decision::Fail(task.doomed.clone().unwrap_or_else(lost));
    };
    let decision = match &task.request {
        Request::Create(_) if task.cancel == Some(Cancel::TearDown) => {
            tear_down::decide(task, step.name, seen, rules, now)
        }
        Request::Create(request) => create::decide(task, request, step.name, seen, rules, now),
        Request::Delete(request) => delete::decide(task, request, step.name, seen, rules, now),
        Request::Rewind(request) => {
            there(task, seen, now, |cluster| rewind::decide(task, request, cluster, step.name, seen, rules, now))
        }
        Request::Mark(request) => {
            there(task, seen, now, |cluster| mark::decide(task, request, cluster, step.name, seen, rules, now))
        }
        Request::Stay(request) => {
            there(task, seen, now, |cluster| stay::decide(task, request, cluster, step.name, seen, rules, now))
        }
        Request::Secure(request) => {
            there(task, seen, now, |cluster| secure::decide(task, request, cluster, step.name, seen, rules, now))
        }
        Request::Stack(request) => stack::decide(task, request, step.name, seen, rules, now),
        Request::Test(_) => Decision::fail(FailureKind::Conflict, "a test run is not driven by itself"),
    };
    match decision {
        Decision::Advance(detail, facts) if step.name == StepName::Preflight => {
            let make = make(task, &facts, seen);
            Decision::Advance(detail, Box::new(Facts { make, ..*facts }))
        }
        other => in_time(task, other, now),
    }
}

/// `decision`, unless it is to wait longer than the current step may take.
pub fn in_time(task: &Task, decision: Decision, now: Timestamp) -> Decision {
    match (decision, task.current()) {
        (Decision::Wait(detail, _), Some(step)) if overdue(task, now) => {
            let message = format!("step {} took longer than {}: {detail}", step.name, limit_text(task));
            let error = TaskError::new(FailureKind::Timeout, message);
            Decision::Fail(error.next(format!("go on watching with `aurewind tasks resume {}`", task.id)))
        }
        (other, _) => other,
    }
}

/// Engine and class of what the task works on; for a clone those of its source.
fn make(task: &Task, facts: &Facts, seen: &Seen) -> Option<Make> {
    let of = match &task.request {
        Request::Create(request) => &request.source,
        other => other.target(),
    };
    let cluster = seen.cluster(of)?;
    let wanted = facts.spec.as_ref().and_then(|spec| spec.instance.as_ref()).map(|instance| instance.class.clone());
    let writer = || seen.instances_of(of).find(|i| cluster.writer() == Some(i.id.as_str())).map(|i| i.class.clone());
    let class = if matches!(task.request, Request::Create(_)) { wanted } else { writer() };
    Some(Make { engine: cluster.engine.as_str().to_owned(), class })
}

/// Whether every earlier call has either shown its work or will never do it.
fn settled(task: &Task, rules: &Rules, now: Timestamp) -> bool {
    task.unanswered.is_none_or(|at| now.duration_since(at) > rules.settles)
}

/// How long the current step may take. Clones take minutes, crash recovery of an instance longer, full copies hours (User
/// Guide, Cloning a volume).
fn limit(task: &Task) -> SignedDuration {
    let full_copy = matches!(&task.request, Request::Create(request) if request.full_copy_at.is_some());
    match task.current().map(|step| step.name) {
        // The recipe says how long; what has taken longer is deleted again.
        Some(StepName::Wait) if matches!(task.request, Request::Stack(_)) => SignedDuration::from_hours(36),
        Some(StepName::Cluster) if full_copy => SignedDuration::from_hours(24),
        Some(StepName::Cluster | StepName::Instance | StepName::Gone | StepName::Instances) => {
            SignedDuration::from_hours(2)
        }
        Some(StepName::Mark | StepName::Stay) => SignedDuration::from_mins(10),
        _ => SignedDuration::from_hours(1),
    }
}

fn limit_text(task: &Task) -> String {
    crate::aurora::span::exact(limit(task))
}

fn overdue(task: &Task, now: Timestamp) -> bool {
    let began = task.current().and_then(|step| step.started_at).max(task.resumed_at);
    began.is_some_and(|at| now.duration_since(at) > limit(task))
}

fn desk<'a>(fleet: &'a crate::aurora::Fleet, rules: &'a Rules, now: Timestamp) -> Desk<'a> {
    Desk { fleet, policy: &rules.policy, prices: &rules.prices, now, known: None }
}

/// The end of a preflight that only looks at the plan once more.
fn preflight(plan: &Plan) -> Decision {
    if plan.blocked() { refused(plan) } else { Decision::advance("nothing stands against it") }
}

/// The failure of a plan whose checks forbid it.
fn refused(plan: &Plan) -> Decision {
    let mut error = TaskError::new(FailureKind::Refused, plan.reasons());
    error.next_steps = plan.next_steps();
    Decision::Fail(error)
}

/// The cluster that the task is bound to; `Err` if it has another name now, or its name belongs to another one.
fn bound<'a>(task: &Task, seen: &'a Seen) -> Result<Option<&'a Cluster>, TaskError> {
    let name = task.request.target();
    let (found, Some(resource)) = (seen.cluster(name), &task.resource) else { return Ok(seen.cluster(name)) };
    match seen.resource(resource) {
        Some(cluster) if cluster.id == *name => Ok(Some(cluster)),
        Some(renamed) => {
            let error = TaskError::new(FailureKind::Conflict, format!("`{name}` was renamed to `{}`", renamed.id));
            Err(error.next(format!("ask for the same again for `{}`", renamed.id)))
        }
        None => match found {
            Some(other) => {
                let found = &other.resource_id;
                let message = format!("`{name}` is now another cluster ({found} instead of {resource})");
                Err(TaskError::new(FailureKind::Conflict, message))
            }
            None => Ok(None),
        },
    }
}

/// What `decide` makes of the cluster that the task is bound to, which has to be there; else what follows.
fn there(task: &Task, seen: &Seen, now: Timestamp, decide: impl FnOnce(&Cluster) -> Decision) -> Decision {
    match bound(task, seen) {
        Ok(Some(cluster)) => decide(cluster),
        Ok(None) => absent(task, now),
        Err(error) => Decision::Fail(error),
    }
}

/// How long a cluster may be missing from listings before it is taken for gone.
const MISSED: SignedDuration = SignedDuration::from_mins(2);

/// What to do about a cluster that is not listed although it should be.
fn absent(task: &Task, now: Timestamp) -> Decision {
    let name = task.request.target();
    match task.absent_since {
        Some(since) if now.duration_since(since) > MISSED => {
            Decision::fail(FailureKind::Conflict, format!("`{name}` is gone: somebody deleted it"))
        }
        _ => Decision::Wait(format!("`{name}` is not listed"), Pace::Fast),
    }
}

/// Takes the answer of a call that went well; gives back what is to be said of the step, and whether it is over.
pub fn accept(call: &Call, answer: Answer) -> Decision {
    match (call, answer) {
        (Call::Restore(_), Answer::Cluster(cluster)) => {
            let facts = Facts { resource: Some(cluster.resource_id), ..Facts::default() };
            Decision::Advance("AWS has begun".into(), Box::new(facts))
        }
        (Call::Backtrack { .. }, Answer::Rewind(rewind)) => {
            let facts = Facts { backtrack_id: Some(rewind.id), ..Facts::default() };
            Decision::Advance("AWS has begun".into(), Box::new(facts))
        }
        (Call::Stack(StackCall::Create { .. }), Answer::Stack(id)) => {
            let facts = Facts { stack: Some(id), ..Facts::default() };
            Decision::Advance("CloudFormation has begun".into(), Box::new(facts))
        }
        (Call::DeleteCluster { .. }, _) => Decision::advance("AWS has begun"),
        (Call::Tag { .. }, _) => Decision::advance("the tags name the resource id"),
        (Call::CreateInstance { spec, .. }, _) => Decision::Wait(format!("`{}` is being made", spec.id), Pace::Slow),
        (Call::DeleteInstance(instance), _) => {
            Decision::Wait(format!("`{}` is being deleted", instance.id), Pace::Fast)
        }
        (call, _) => Decision::Wait(format!("{} was answered", call.action()), Pace::Fast),
    }
}

#[cfg(test)]
mod tests;
