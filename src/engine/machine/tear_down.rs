//! Tear-down of a create that a person has cancelled: instances → cluster → gone, and only what the tags prove to be made
//! by this task.

use jiff::Timestamp;

use super::{Decision, Pace, Rules, delete, settled};
use crate::aurora::cluster::Cluster;
use crate::aurora::ownership::TAG_TASK;
use crate::engine::seen::Seen;
use crate::engine::task::{FailureKind, StepName, Task, TaskError};

pub(super) fn decide(task: &Task, step: StepName, seen: &Seen, rules: &Rules, now: Timestamp) -> Decision {
    let made = match made(task, seen) {
        Ok(made) => made,
        Err(error) => return Decision::Fail(error),
    };
    match (step, made) {
        (_, None) if !settled(task, rules, now) => {
            Decision::Wait("an earlier call may still make something; looking for it".into(), Pace::Fast)
        }
        (StepName::Instances | StepName::Remove, None) => Decision::Skip("nothing of it is there".into()),
        (StepName::Instances, Some(cluster)) => delete::instances(cluster, seen),
        (StepName::Remove, Some(cluster)) => delete::remove(cluster, None, seen),
        (StepName::Gone, None) => Decision::Cancelled("nothing of it is left".into()),
        (StepName::Gone, Some(cluster)) => Decision::Wait(format!("the cluster is `{}`", cluster.status), Pace::Slow),
        (other, _) => Decision::fail(FailureKind::Conflict, format!("a tear-down has no step {other}")),
    }
}

/// What the task has made: another cluster under its name is none of its business, and its own without the tags is left to
/// a person.
fn made<'a>(task: &Task, seen: &'a Seen) -> Result<Option<&'a Cluster>, TaskError> {
    let Some(cluster) = seen.cluster(task.request.target()) else { return Ok(None) };
    let proven = cluster.ownership().ours().is_some()
        && cluster.tags.get(TAG_TASK).map(String::as_str) == Some(task.id.as_str());
    match &task.resource {
        Some(resource) if *resource != cluster.resource_id => Ok(None),
        Some(_) if !proven => {
            let message = format!("the tags of `{}` do not say that this task made it: it is left alone", cluster.id);
            let error = TaskError::new(FailureKind::Refused, message);
            Err(error.next(format!("delete it with `aurewind delete {} --confirm {}`", cluster.id, cluster.id)))
        }
        _ => Ok(proven.then_some(cluster)),
    }
}
