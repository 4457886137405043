//! Create: preflight → restore → wait → instance → wait → tags → verify.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Call, Decision, Facts, Pace, Rules, absent, bound, desk, refused};
use crate::aurora::cluster::{Cluster, Health, Instance};
use crate::aurora::ownership::{TAG_CLONE, TAG_OWNER, TAG_TASK};
use crate::aurora::plan;
use crate::aurora::request::{CloneRequest, CloneSpec};
use crate::engine::seen::Seen;
use crate::engine::task::{FailureKind, StepName, Task, TaskResult};

pub(super) fn decide(
    task: &Task,
    request: &CloneRequest,
    step: StepName,
    seen: &Seen,
    rules: &Rules,
    now: Timestamp,
) -> Decision {
    if step == StepName::Preflight {
        return preflight(task, request, seen, rules, now);
    }
    let Some(spec) = &task.spec else {
        return Decision::fail(FailureKind::Conflict, "the task lost what it was to send");
    };
    let clone = match bound(task, seen) {
        Ok(clone) => clone,
        Err(error) => return Decision::Fail(error),
    };
    if step == StepName::Restore {
        return restore(task, spec, clone);
    }
    let Some(clone) = clone else {
        return absent(task, now);
    };
    match step {
        StepName::Cluster => cluster(clone),
        StepName::Instance => instance(task, spec, clone, seen),
        StepName::Tags => tags(clone),
        StepName::Verify => verify(spec, clone, seen),
        other => Decision::fail(FailureKind::Conflict, format!("a create has no step {other}")),
    }
}

fn preflight(task: &Task, request: &CloneRequest, seen: &Seen, rules: &Rules, now: Timestamp) -> Decision {
    let fleet = seen.fleet();
    let (plan, spec) = plan::clone(request, task.id.as_str(), desk(&fleet, rules, now));
    match spec {
        Some(spec) => Decision::Advance(
            "nothing stands against it".into(),
            Box::new(Facts { spec: Some(spec), ..Facts::default() }),
        ),
        None => refused(&plan),
    }
}

/// The restore has no client token (API reference), so a cluster of our name is looked at before it is asked for: with
/// the tag of this task it is what a lost answer made, without it somebody else's.
fn restore(task: &Task, spec: &CloneSpec, clone: Option<&Cluster>) -> Decision {
    let Some(clone) = clone else {
        return Decision::Call(Call::Restore(Box::new(spec.clone())));
    };
    if clone.tags.get(TAG_TASK).map(String::as_str) == Some(task.id.as_str()) {
        let facts = Facts { resource: Some(clone.resource_id.clone()), ..Facts::default() };
        return Decision::Advance("found what an earlier call had made".into(), Box::new(facts));
    }
    let message = format!("there is a cluster `{}` of another making", clone.id);
    Decision::fail(FailureKind::Conflict, message)
}

fn cluster(clone: &Cluster) -> Decision {
    match clone.status.health() {
        Health::Ready => Decision::advance("available"),
        Health::Broken => broken(clone),
        Health::Busy | Health::Stopped => Decision::Wait(format!("the cluster is `{}`", clone.status), Pace::Slow),
    }
}

fn broken(clone: &Cluster) -> Decision {
    Decision::fail(FailureKind::Aws, format!("AWS could not make `{}`: its status is `{}`", clone.id, clone.status))
}

fn instance(task: &Task, spec: &CloneSpec, clone: &Cluster, seen: &Seen) -> Decision {
    let Some(wanted) = &spec.instance else {
        return Decision::Skip("none was asked for".into());
    };
    if clone.status.health() == Health::Broken {
        return broken(clone);
    }
    let found = seen.instances_of(&clone.id).find(|instance| instance.id == wanted.id.as_str());
    match found {
        Some(instance) => wait_for(instance),
        None if clone.status.health() != Health::Ready => {
            Decision::Wait(format!("the cluster is `{}`", clone.status), Pace::Slow)
        }
        None => Decision::Call(Call::CreateInstance {
            cluster: clone.id.clone(),
            spec: wanted.clone(),
            tags: instance_tags(task, spec),
        }),
    }
}

/// An instance gets no tags of its cluster by itself; these two say who to ask.
fn instance_tags(task: &Task, spec: &CloneSpec) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::from([(TAG_TASK.to_owned(), task.id.to_string())]);
    if let Some(owner) = spec.tags.get(TAG_OWNER) {
        tags.insert(TAG_OWNER.to_owned(), owner.clone());
    }
    tags
}

fn wait_for(instance: &Instance) -> Decision {
    match instance.status.health() {
        Health::Ready => Decision::advance(format!("`{}` is available", instance.id)),
        Health::Broken => {
            let message = format!("AWS could not make `{}`: its status is `{}`", instance.id, instance.status);
            Decision::fail(FailureKind::Aws, message)
        }
        Health::Busy | Health::Stopped => {
            Decision::Wait(format!("`{}` is `{}`", instance.id, instance.status), Pace::Slow)
        }
    }
}

fn tags(clone: &Cluster) -> Decision {
    if clone.tags.get(TAG_CLONE).map(String::as_str) == Some(clone.resource_id.as_str()) {
        return Decision::advance("the tags name the resource id");
    }
    Decision::Call(Call::Tag {
        cluster: clone.id.clone(),
        arn: clone.arn.clone(),
        tags: BTreeMap::from([(TAG_CLONE.to_owned(), clone.resource_id.to_string())]),
    })
}

fn verify(spec: &CloneSpec, clone: &Cluster, seen: &Seen) -> Decision {
    let differences = differences(spec, clone, seen);
    let detail = match differences.len() {
        0 => "it is as asked for".to_owned(),
        _ => differences.join("; "),
    };
    let result = TaskResult::Create {
        cluster: clone.id.clone(),
        resource_id: clone.resource_id.clone(),
        endpoint: clone.network.endpoint.clone(),
        port: clone.network.port,
        differences,
    };
    Decision::Finish(detail, result)
}

/// Where the clone is not what was asked for. What AWS says of defaults is contradictory (API reference against User
/// Guide), so nothing is taken for granted.
fn differences(spec: &CloneSpec, clone: &Cluster, seen: &Seen) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: &str, asked: &str, came: &str| {
        if asked != came {
            found.push(format!("{what}: asked for {asked}, got {came}"));
        }
    };
    let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".into());
    compare(
        "backtrack window",
        &format!("{} s", spec.window_seconds),
        &format!("{} s", clone.backtrack.target_seconds),
    );
    compare("port", &spec.port.to_string(), &clone.network.port.map_or("none".into(), |port| port.to_string()));
    if spec.subnet_group.is_some() {
        compare("subnet group", &or_none(&spec.subnet_group), &or_none(&clone.network.subnet_group));
    }
    if spec.parameter_group.is_some() {
        compare("parameter group", &or_none(&spec.parameter_group), &or_none(&clone.settings.parameter_group));
    }
    if !spec.security_groups.is_empty() {
        compare("security groups", &sorted(&spec.security_groups), &sorted(&clone.network.security_groups));
    }
    compare("log exports", &sorted(&spec.log_exports), &sorted(&clone.settings.log_exports));
    compare("IAM authentication", &spec.iam_auth.to_string(), &clone.settings.iam_auth.to_string());
    if let Some(wanted) = &spec.instance {
        let instance = seen.instances_of(&clone.id).find(|i| i.id == wanted.id.as_str());
        compare("instance class", &wanted.class, instance.map_or("none", |i| i.class.as_str()));
        compare("public address", &wanted.public.to_string(), &instance.is_some_and(|i| i.public).to_string());
        if wanted.parameter_group.is_some() {
            let came = instance.and_then(|i| i.parameter_group.clone());
            compare("instance parameter group", &or_none(&wanted.parameter_group), &or_none(&came));
        }
    }
    found
}

fn sorted(names: &[String]) -> String {
    let mut names = names.to_vec();
    names.sort();
    if names.is_empty() { "none".into() } else { names.join(" ") }
}
