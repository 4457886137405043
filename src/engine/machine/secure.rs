//! Secure: preflight → secure → wait.

use jiff::Timestamp;

use super::{Call, Decision, Pace, Rules, desk, preflight};
use crate::aurora::cluster::{Cluster, Health};
use crate::aurora::plan;
use crate::aurora::secure::{MasterPassword, SecureRequest};
use crate::engine::seen::Seen;
use crate::engine::task::{FailureKind, StepName, Task, TaskResult};

pub(super) fn decide(
    task: &Task,
    request: &SecureRequest,
    cluster: &Cluster,
    step: StepName,
    seen: &Seen,
    rules: &Rules,
    now: Timestamp,
) -> Decision {
    match step {
        StepName::Preflight => {
            let fleet = seen.fleet();
            let plan = plan::secure(request, desk(&fleet, rules, now));
            preflight(&plan)
        }
        StepName::Secure => ask(task, request, cluster, seen, rules, now),
        StepName::Wait => wait(request, cluster, seen),
        other => Decision::fail(FailureKind::Conflict, format!("a secure has no step {other}")),
    }
}

/// The same change twice does no harm: the password is the same one, and what is managed already stays so.
fn ask(
    task: &Task,
    request: &SecureRequest,
    cluster: &Cluster,
    seen: &Seen,
    rules: &Rules,
    now: Timestamp,
) -> Decision {
    let busy = busy(cluster, seen);
    if let Some(at) = task.answered_at {
        // The answer comes before the status changes, and a change may be over before it is looked at.
        return if busy.is_some() || now.duration_since(at) > rules.settles / 4 {
            Decision::advance("AWS has begun")
        } else {
            Decision::Wait("AWS has not begun yet".into(), Pace::Fast)
        };
    }
    if request.master != MasterPassword::Rotate && holds(request, cluster) {
        return Decision::Skip("it is so already".into());
    }
    match busy {
        Some(what) => Decision::Wait(what, Pace::Fast),
        None => Decision::Call(Call::Secure {
            cluster: cluster.id.clone(),
            master: request.master,
            retention_days: request.retention_days,
        }),
    }
}

fn wait(request: &SecureRequest, cluster: &Cluster, seen: &Seen) -> Decision {
    if let Some(what) = busy(cluster, seen) {
        return Decision::Wait(what, Pace::Fast);
    }
    if cluster.status.health() != Health::Ready {
        return Decision::fail(FailureKind::Aws, format!("`{}` is {}", cluster.id, cluster.status));
    }
    if !holds(request, cluster) {
        return Decision::Wait("what was asked for does not show yet".into(), Pace::Fast);
    }
    let secret = cluster.settings.master_secret.as_ref().map(|secret| secret.arn.clone());
    let result = TaskResult::Secure { master: request.master, secret, retention_days: request.retention_days };
    Decision::Finish(format!("`{}` is available", cluster.id), result)
}

/// What is under way on the cluster and its instances, if anything is. While a password is changed they are
/// `resetting-master-credentials` (User Guide, Viewing DB cluster status).
fn busy(cluster: &Cluster, seen: &Seen) -> Option<String> {
    if cluster.status.health() == Health::Busy {
        return Some(format!("`{}` is {}", cluster.id, cluster.status));
    }
    if let Some(instance) = seen.instances_of(&cluster.id).find(|instance| instance.status.health() == Health::Busy) {
        return Some(format!("`{}` is {}", instance.id, instance.status));
    }
    cluster.settings.changes_pending.then(|| "changes are pending".into())
}

/// Whether what shows of the cluster is as asked for. A password does not show.
fn holds(request: &SecureRequest, cluster: &Cluster) -> bool {
    let secret = cluster.settings.master_secret.as_ref().is_some_and(|secret| secret.active);
    (request.master != MasterPassword::Managed || secret)
        && request.retention_days.is_none_or(|days| cluster.settings.backup_retention_days == Some(days))
}
