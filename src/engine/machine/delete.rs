//! Delete: preflight → instances → cluster → gone.

use jiff::Timestamp;

use super::{Call, Decision, Pace, Rules, bound, desk, refused};
use crate::aurora::cluster::{Cluster, ClusterStatus, Instance};
use crate::aurora::ids::ClusterId;
use crate::aurora::plan;
use crate::aurora::request::DeleteRequest;
use crate::engine::seen::Seen;
use crate::engine::task::{FailureKind, StepName, Task, TaskError, TaskResult};

pub(super) fn decide(
    task: &Task,
    request: &DeleteRequest,
    step: StepName,
    seen: &Seen,
    rules: &Rules,
    now: Timestamp,
) -> Decision {
    if step == StepName::Preflight {
        return preflight(task, request, seen, rules, now);
    }
    let cluster = match bound(task, seen) {
        Ok(cluster) => cluster,
        // Another cluster under the name, and ours nowhere: it is gone.
        Err(_) if seen.resource(&request.resource).is_none() => None,
        Err(error) => return Decision::Fail(error),
    };
    if let Some(error) = cluster.and_then(|cluster| extended(task, request, cluster, now)) {
        return Decision::Fail(error);
    }
    match (step, cluster) {
        (StepName::Gone, None) => {
            let result =
                TaskResult::Delete { cluster: request.cluster.clone(), final_snapshot: request.final_snapshot.clone() };
            Decision::Finish("the cluster is gone".into(), result)
        }
        (StepName::Gone, Some(cluster)) => gone(request, cluster),
        (StepName::Instances | StepName::Remove, None) => Decision::Skip("the cluster is gone already".into()),
        (StepName::Instances, Some(cluster)) => instances(cluster, seen),
        (StepName::Remove, Some(cluster)) => remove(cluster, request.final_snapshot.as_ref(), seen),
        (other, _) => Decision::fail(FailureKind::Conflict, format!("a delete has no step {other}")),
    }
}

fn preflight(task: &Task, request: &DeleteRequest, seen: &Seen, rules: &Rules, now: Timestamp) -> Decision {
    let fleet = seen.fleet();
    let plan = plan::delete(request, desk(&fleet, rules, now));
    if plan.blocked() {
        return refused(&plan);
    }
    match &plan.confirm {
        Some(reason) if task.typed.as_ref() != Some(&request.cluster) => {
            let message =
                format!("`{}` is only deleted after its identifier has been typed: {reason}", request.cluster);
            Decision::fail(FailureKind::Refused, message)
        }
        _ => Decision::advance("nothing stands against it"),
    }
}

/// The failure of a sweep's deletion that has not begun, of a cluster that has been extended meanwhile.
fn extended(task: &Task, request: &DeleteRequest, cluster: &Cluster, now: Timestamp) -> Option<TaskError> {
    let begun = task.calls_made > 0 || task.unanswered.is_some();
    let over = cluster.ownership().ours().and_then(|ours| ours.expires_at).is_some_and(|at| at <= now);
    let message = || format!("`{}` was extended meanwhile", cluster.id);
    (request.expired && !begun && !over).then(|| TaskError::new(FailureKind::Refused, message()))
}

/// Readers first, the writer last; the next step may come once all are at least `deleting` (API reference,
/// DeleteDBCluster).
pub(super) fn instances(cluster: &Cluster, seen: &Seen) -> Decision {
    let left: Vec<&Instance> =
        seen.instances_of(&cluster.id).filter(|instance| instance.status != ClusterStatus::Deleting).collect();
    if left.is_empty() {
        return Decision::advance("no instance is left that is not being deleted");
    }
    let is_writer = |instance: &Instance| cluster.writer() == Some(instance.id.as_str());
    let next = left.iter().find(|instance| !is_writer(instance)).or(left.first());
    match next {
        Some(instance) if instance.status == ClusterStatus::Creating => {
            Decision::Wait(format!("`{}` is still being made", instance.id), Pace::Slow)
        }
        Some(instance) => Decision::Call(Call::DeleteInstance((*instance).clone())),
        None => Decision::advance("no instance is left"),
    }
}

/// An instance whose making was not known of a moment ago goes first.
pub(super) fn remove(cluster: &Cluster, final_snapshot: Option<&ClusterId>, seen: &Seen) -> Decision {
    match cluster.status {
        ClusterStatus::Deleting => return Decision::advance("it is being deleted"),
        ClusterStatus::Creating => return Decision::Wait("the cluster is still being made".into(), Pace::Slow),
        _ => {}
    }
    match instances(cluster, seen) {
        Decision::Advance(..) => Decision::Call(Call::DeleteCluster {
            cluster: cluster.id.clone(),
            resource: cluster.resource_id.clone(),
            final_snapshot: final_snapshot.cloned(),
        }),
        first => first,
    }
}

/// With a final snapshot the cluster stays `available` for a while, so only its absence counts (API reference,
/// DeleteDBCluster).
fn gone(request: &DeleteRequest, cluster: &Cluster) -> Decision {
    let what = match (&cluster.status, &request.final_snapshot) {
        (ClusterStatus::Deleting, _) => "the cluster is being deleted".to_owned(),
        (status, Some(name)) => format!("the final snapshot `{name}` is being made (`{status}`)"),
        (status, None) => format!("the cluster is `{status}`"),
    };
    Decision::Wait(what, Pace::Slow)
}
