//! Rewind: preflight → backtrack → wait → landed.

use jiff::{SignedDuration, Timestamp};

use super::{Call, Decision, Facts, Pace, Rules, desk, refused, settled};
use crate::aurora::cluster::{Cluster, Health};
use crate::aurora::plan;
use crate::aurora::request::RewindRequest;
use crate::aurora::rewind::{Rewind, RewindStatus};
use crate::aurora::span;
use crate::engine::seen::Seen;
use crate::engine::task::{FailureKind, StepName, Task, TaskError, TaskResult};

/// How far our clock may be from that of AWS: beyond this its calls are refused anyway.
const OTHER_CLOCK: SignedDuration = SignedDuration::from_mins(5);
/// How old a plan may grow before its first call. Its moment stays where it is, and what it undoes grows.
const PLAN_HOLDS: SignedDuration = SignedDuration::from_mins(30);

pub(super) fn decide(
    task: &Task,
    request: &RewindRequest,
    cluster: &Cluster,
    step: StepName,
    seen: &Seen,
    rules: &Rules,
    now: Timestamp,
) -> Decision {
    match step {
        StepName::Preflight => preflight(task, request, seen, rules, now),
        StepName::Backtrack => backtrack(task, request, cluster, seen, rules, now),
        StepName::Wait => wait(task, cluster, seen),
        StepName::Landed => landed(task, request, seen),
        other => Decision::fail(FailureKind::Conflict, format!("a rewind has no step {other}")),
    }
}

fn preflight(task: &Task, request: &RewindRequest, seen: &Seen, rules: &Rules, now: Timestamp) -> Decision {
    let fleet = seen.fleet();
    let plan = plan::rewind(request, desk(&fleet, rules, now));
    if plan.blocked() {
        return refused(&plan);
    }
    if let Some(reason) = &plan.confirm
        && task.typed.as_ref() != Some(&request.cluster)
    {
        let message = format!("`{}` is only rewound after its identifier has been typed: {reason}", request.cluster);
        return Decision::fail(FailureKind::Refused, message);
    }
    let age = now.duration_since(task.created_at);
    if age > PLAN_HOLDS {
        let message = format!("it was planned {} ago and would undo as much more now", span::short(age));
        return Decision::Fail(TaskError::new(FailureKind::Refused, message).next("ask for it again"));
    }
    let known = seen.rewinds.iter().map(|rewind| rewind.id.clone()).collect();
    Decision::Advance(
        "nothing stands against it".into(),
        Box::new(Facts { known_rewinds: Some(known), ..Facts::default() }),
    )
}

/// A second call would be a second rewind, so the records are looked through first for one that was not there before.
fn backtrack(
    task: &Task,
    request: &RewindRequest,
    cluster: &Cluster,
    seen: &Seen,
    rules: &Rules,
    now: Timestamp,
) -> Decision {
    if let Some(rewind) = begun_before(task, request, seen) {
        let facts = Facts { backtrack_id: Some(rewind.id.clone()), ..Facts::default() };
        return Decision::Advance("found what an earlier call had begun".into(), Box::new(facts));
    }
    match cluster.status.health() {
        Health::Ready if !settled(task, rules, now) => {
            Decision::Wait("an earlier call may have begun it; looking for it".into(), Pace::Fast)
        }
        Health::Ready => Decision::Call(Call::Backtrack {
            cluster: cluster.id.clone(),
            to: request.to,
            earliest: request.earliest,
            force: request.force,
        }),
        Health::Broken => Decision::fail(FailureKind::Aws, format!("the cluster is `{}`", cluster.status)),
        Health::Busy | Health::Stopped => Decision::Wait(format!("the cluster is `{}`", cluster.status), Pace::Fast),
    }
}

/// The rewind that an earlier call of ours may have begun: only if one may have got through, and not what was there or
/// was asked for before it. Of several the one that lands nearest to what we asked for.
fn begun_before<'a>(task: &Task, request: &RewindRequest, seen: &'a Seen) -> Option<&'a Rewind> {
    let since = task.unanswered? - OTHER_CLOCK;
    let new =
        |rewind: &&Rewind| !task.known_rewinds.contains(&rewind.id) && rewind.requested_at.is_none_or(|at| at >= since);
    let distance = |rewind: &&Rewind| rewind.to.map(|to| to.duration_since(request.to).abs());
    seen.rewinds.iter().filter(new).min_by_key(distance)
}

fn record<'a>(task: &Task, seen: &'a Seen) -> Option<&'a Rewind> {
    seen.rewinds.iter().find(|rewind| Some(&rewind.id) == task.backtrack_id.as_ref())
}

/// There is neither a waiter nor an event for the end of a rewind: both the record and the cluster must say so.
fn wait(task: &Task, cluster: &Cluster, seen: &Seen) -> Decision {
    let Some(rewind) = record(task, seen) else {
        return Decision::Wait("the rewind is not listed yet".into(), Pace::Fast);
    };
    match &rewind.status {
        RewindStatus::Failed => {
            Decision::fail(FailureKind::Aws, format!("AWS reports that the rewind {} has failed", rewind.id))
        }
        RewindStatus::Completed if cluster.status.health() == Health::Ready => {
            let busy = seen.instances_of(&cluster.id).find(|instance| instance.status.health() == Health::Busy);
            match busy {
                Some(instance) => Decision::Wait(format!("`{}` is `{}`", instance.id, instance.status), Pace::Fast),
                None => Decision::advance("the cluster is available again"),
            }
        }
        status => {
            let detail = format!("the rewind is `{}`, the cluster `{}`", status.as_str(), cluster.status);
            Decision::Wait(detail, Pace::Fast)
        }
    }
}

fn landed(task: &Task, request: &RewindRequest, seen: &Seen) -> Decision {
    let Some((rewind, landed)) = record(task, seen).and_then(|rewind| Some((rewind, rewind.to?))) else {
        return Decision::Wait("the rewind is not listed yet".into(), Pace::Fast);
    };
    let delta = landed.duration_since(request.to).as_secs_f64();
    let detail = if delta.abs() < 1.0 {
        "landed where it was asked to".to_owned()
    } else {
        format!("landed at {landed}, {:+} s from what was asked for", delta.round())
    };
    let result = TaskResult::Rewind {
        asked: request.to,
        landed,
        delta_seconds: delta,
        backtracked_from: rewind.from,
        outage: task.sightings.outage(),
    };
    Decision::Finish(detail, result)
}
