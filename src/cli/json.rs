//! The JSON that programs parse. Absent values are `null`, times RFC 3339 UTC, durations seconds.

use serde_json::{Value, json};

use jiff::{SignedDuration, Timestamp};

use crate::aurora::cluster::{Binlog, Cluster};
use crate::aurora::fleet::Fleet;
use crate::aurora::lineage::Parent;
use crate::aurora::mark::{Kept, Mark};
use crate::aurora::plan::{Check, Plan};
use crate::aurora::stay::Stay;
use crate::aws::History;
use crate::engine::Estimate;
use crate::engine::task::{FailureKind, Task, TaskResult};

/// Version of every object.
pub const SCHEMA: u32 = 1;

/// A cluster as `list` and `show` give it; `parent` is what the lineage says of it.
pub fn cluster(cluster: &Cluster, parent: &Parent, fleet: &Fleet, now: Timestamp) -> Value {
    let ownership = cluster.ownership();
    let ours = ownership.ours();
    let source = match parent {
        Parent::Known(id) | Parent::Probable(id) => fleet.get(id).map(|source| source.id.to_string()),
        Parent::Gone(name) => Some(name.clone()),
        Parent::None => None,
    };
    let instances: Vec<_> = fleet
        .instances(&cluster.id)
        .iter()
        .map(|instance| {
            let writer = cluster.members.iter().any(|member| member.id == instance.id && member.writer);
            json!({"id": instance.id, "class": instance.class, "status": instance.status.as_str(), "writer": writer})
        })
        .collect();
    json!({
        "id": cluster.id,
        "resource_id": cluster.resource_id,
        "arn": cluster.arn,
        "engine": cluster.engine.as_str(),
        "engine_version": cluster.engine_version,
        "status": cluster.status.as_str(),
        "created_at": cluster.created_at,
        "clone_group_id": cluster.clone_group,
        "parent": source,
        "parent_is_guess": matches!(parent, Parent::Probable(_)),
        "owned": ours.is_some(),
        "owner": ours.and_then(|ours| ours.owner.as_deref()),
        "expires_at": ours.and_then(|ours| ours.expires_at),
        "keep": ours.and_then(|ours| ours.keep).map(|keep| keep.to_string()),
        "endpoint": cluster.network.endpoint,
        "reader_endpoint": cluster.network.reader_endpoint,
        "port": cluster.network.port,
        "instances": instances,
        "backtrack": backtrack(cluster, now),
        "tags": cluster.tags,
    })
}

fn backtrack(cluster: &Cluster, now: Timestamp) -> Value {
    let reach = cluster.reach(now);
    json!({
        "enabled": cluster.backtrack.enabled(),
        "target_seconds": cluster.backtrack.target_seconds,
        "earliest": cluster.backtrack.earliest,
        "floor": reach.map(|reach| reach.floor),
        "actual_seconds": reach.map(|reach| reach.actual().as_secs()),
        "change_records": cluster.backtrack.change_records,
    })
}

/// A mark, and how long it can still be rewound to; nothing if it is out of reach.
pub fn mark(mark: &Mark, left: Option<SignedDuration>) -> Value {
    json!({"name": mark.name, "at": mark.at, "kept": mark.kept.as_str(), "reachable": left.is_some(),
           "reachable_for_seconds": left.map(|left| left.as_secs())})
}

/// A cluster with its marks, rewinds and events, as `show` gives it.
pub fn closely(
    of: &Cluster,
    fleet: &Fleet,
    history: &History,
    marks: &[(Mark, Option<SignedDuration>)],
    now: Timestamp,
) -> Value {
    let mut value = cluster(of, &fleet.parent(of), fleet, now);
    let marks: Vec<_> = marks.iter().map(|(of, left)| mark(of, *left)).collect();
    let rewinds: Vec<_> = history
        .rewinds
        .iter()
        .map(|rewind| {
            json!({"id": rewind.id, "status": rewind.status.as_str(), "to": rewind.to, "from": rewind.from,
                   "requested_at": rewind.requested_at, "undo_to": rewind.undo_to()})
        })
        .collect();
    let events: Vec<_> = history
        .events
        .iter()
        .map(|event| {
            json!({"at": event.at, "source": event.source, "categories": event.categories, "message": event.message})
        })
        .collect();
    value["marks"] = json!(marks);
    value["rewinds"] = json!(rewinds);
    value["events"] = json!(events);
    value["binlog"] = match history.binlog {
        Binlog::Unknown => Value::Null,
        Binlog::Off => json!(false),
        Binlog::On => json!(true),
    };
    value["missing"] = json!(history.missing);
    value
}

/// A task with its steps and result.
pub fn task(task: &Task) -> Value {
    let steps: Vec<_> = task
        .steps
        .iter()
        .map(|step| {
            json!({"name": step.title(), "state": step.state.as_str(), "started_at": step.started_at,
                   "ended_at": step.ended_at, "attempts": step.attempts, "detail": step.detail})
        })
        .collect();
    let mut value = json!({
        "id": task.id,
        "kind": task.request.kind(),
        "target": task.request.target(),
        "state": task.state.as_str(),
        "created_at": task.created_at,
        "ended_at": task.ended_at,
        "retry_at": task.retry_at,
        "steps": steps,
        "result": task.result.as_ref().map(result),
    });
    if let Some(error) = &task.error {
        value["failure"] = json!({"kind": failure(error.kind), "message": error.message});
    }
    value
}

/// How long earlier tasks took.
pub fn estimate(estimate: Estimate) -> Value {
    json!({"median_seconds": estimate.median.as_secs(), "p90_seconds": estimate.p90.as_secs(),
           "samples": estimate.samples})
}

fn failure(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Refused => "refused",
        FailureKind::Aws => "aws",
        FailureKind::Timeout => "timeout",
        FailureKind::Conflict => "conflict",
        FailureKind::Journal => "journal",
        FailureKind::Verdict => "verdict",
    }
}

fn result(result: &TaskResult) -> Value {
    match result {
        TaskResult::Create { cluster, resource_id, endpoint, port, differences } => {
            json!({"cluster": cluster, "resource_id": resource_id, "endpoint": endpoint, "port": port,
                   "differences": differences})
        }
        TaskResult::Rewind { asked, landed, delta_seconds, backtracked_from, outage } => {
            json!({"asked": asked, "landed": landed, "delta_seconds": delta_seconds,
                   "backtracked_from": backtracked_from, "outage_seconds": outage.map(|outage| outage.seconds),
                   "outage_precision_seconds": outage.map(|outage| outage.precision)})
        }
        // Only tags are tasks.
        TaskResult::Mark { name, at } => json!({"name": name, "at": at, "kept": Kept::Tag.as_str()}),
        TaskResult::Stay { stay: Stay::Keep(keep) } => json!({"keep": keep.to_string()}),
        TaskResult::Stay { stay: Stay::Release } => json!({"keep": null}),
        TaskResult::Stay { stay: Stay::Expire(at) } => json!({"expires_at": at}),
        TaskResult::Secure { master, secret, retention_days } => {
            json!({"master": master, "secret": secret, "retention_days": retention_days})
        }
        TaskResult::Test { verdict, leaked, kept_until, reports } => {
            json!({"verdict": verdict, "leaked": leaked, "kept_until": kept_until, "reports": reports})
        }
        TaskResult::Environment(built) => json!({"stack": built.name, "stack_id": built.id, "outputs": built.outputs}),
        TaskResult::Unbuild { name } => json!({"stack": name}),
        TaskResult::Delete { cluster, final_snapshot } => json!({"cluster": cluster, "final_snapshot": final_snapshot}),
    }
}

/// One thing that was looked at.
pub fn check(check: &Check) -> Value {
    json!({"name": check.name, "level": check.level.as_str(), "message": check.message, "mend": check.mend})
}

/// A plan, as `--dry-run` gives it.
pub fn plan(plan: &Plan) -> Value {
    let checks: Vec<_> = plan.checks.iter().map(check).collect();
    let cost = plan.cost.as_ref().map(|cost| {
        json!({"currency": cost.currency, "per_hour": cost.per_hour, "until_expiry": cost.until_expiry, "note": cost.note})
    });
    let offers: Vec<_> = plan
        .offers
        .iter()
        .map(|offer| json!({"from": offer.from, "at": offer.at, "note": offer.note, "commands": offer.commands}))
        .collect();
    json!({"title": plan.title, "checks": checks, "calls": plan.calls, "cost": cost, "confirm": plan.confirm,
           "offers": offers})
}
