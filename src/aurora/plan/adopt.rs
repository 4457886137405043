//! The plan of an adoption: what is missing of a clone whose tags prove that this program began it.

use std::collections::BTreeMap;

use super::call::Line;
use super::{Checks, Desk, Plan};
use crate::aurora::cluster::{Cluster, Health};
use crate::aurora::ids::ClusterId;
use crate::aurora::ownership::{Ours, Ownership, TAG_CLONE};
use crate::aurora::policy::{Deed, Ruling};
use crate::aurora::request::{CloneRequest, CloneSpec, CopyKind, InstanceSpec};

/// A clone to be finished.
#[derive(Debug, Clone, PartialEq)]
pub struct Adoption {
    /// The task that its tags name: only that one may equip it.
    pub task: String,
    /// What was asked for, as far as tags and cluster tell.
    pub request: CloneRequest,
    /// What the clone is, and the instance that it has or gets.
    pub spec: CloneSpec,
}

/// The plan for `cluster`, and what is to be done if nothing forbids it. `class` is that of the instance that it gets if it
/// has none; absent, that of its source's writer. Without `equip` it gets none.
pub fn adopt(cluster: &Cluster, class: Option<&str>, equip: bool, desk: Desk<'_>) -> (Plan, Option<Adoption>) {
    let mut checks = Checks::default();
    let mut plan = Plan::about(format!("Adopt {}", cluster.id), cluster.id.clone(), Some(cluster.resource_id.clone()));
    let ownership = cluster.ownership();
    let task = check_tags(&mut checks, &ownership);
    check_state(&mut checks, cluster);
    if let Ruling::Refused(reasons) = desk.policy.rule(Deed::Equip, cluster, &[], desk.now) {
        checks.fail("policy", reasons.join("; "), "adopt a clone of yours");
    }
    let missing = desk.fleet.instances(&cluster.id).is_empty() && cluster.members.is_empty();
    let instance = check_instance(&mut checks, cluster, class, equip, desk);
    if let (true, Some(instance)) = (missing, &instance) {
        plan.cost = desk.prices.instance(&instance.class, cluster.settings.serverless.map(|(min, _)| min), None);
    }
    plan.calls = calls(cluster, instance.as_ref().filter(|_| missing));
    plan.checks = checks.0;
    let adoption = match (ownership.ours(), task) {
        (Some(ours), Some(task)) if !plan.blocked() => Some(adoption(cluster, ours, task, instance)),
        _ => None,
    };
    (plan, adoption)
}

fn check_tags(checks: &mut Checks, ownership: &Ownership) -> Option<String> {
    match ownership {
        Ownership::Ours(ours) => {
            match &ours.task {
                Some(task) => checks.pass("tags", format!("made by task {task}")),
                None => checks.fail("tags", "they name no task", "delete it, or leave it as it is"),
            }
            ours.task.clone()
        }
        Ownership::Copied(from) => {
            checks.fail("tags", format!("they were copied from {from} and prove nothing"), "adopt a clone of yours");
            None
        }
        Ownership::Foreign => {
            checks.fail("tags", "they do not say that this program made it", "adopt a clone of yours");
            None
        }
    }
}

fn check_state(checks: &mut Checks, cluster: &Cluster) {
    match cluster.status.health() {
        Health::Broken => checks.fail("cluster", format!("its status is `{}`", cluster.status), "delete it"),
        Health::Stopped => checks.fail("cluster", "it is stopped", "start it first"),
        Health::Ready | Health::Busy => checks.pass("cluster", format!("{} {}", cluster.engine, cluster.status)),
    }
}

/// The instance that it has, or gets.
fn check_instance(
    checks: &mut Checks,
    cluster: &Cluster,
    class: Option<&str>,
    equip: bool,
    desk: Desk<'_>,
) -> Option<InstanceSpec> {
    let spec = |id: ClusterId, class: String| InstanceSpec {
        id,
        class,
        engine: cluster.engine.as_str().to_owned(),
        parameter_group: None,
        public: false,
    };
    let instances = desk.fleet.instances(&cluster.id);
    let writer = |of: &Cluster| {
        let instances = desk.fleet.instances(&of.id);
        instances.iter().find(|i| of.writer() == Some(i.id.as_str())).or(instances.first())
    };
    if let Some(instance) = writer(cluster) {
        checks.pass("instance", format!("{} of {}", instance.id, instances.len()));
        return instance.id.parse().ok().map(|id| spec(id, instance.class.clone()));
    }
    if !equip {
        checks.warn("instance", "none, and none is added", "leave out --no-instance");
        return None;
    }
    let source = || {
        let ownership = cluster.ownership();
        let parent = ownership.ours()?.parent_resource.clone()?;
        writer(desk.fleet.get(&parent)?).map(|instance| instance.class.clone())
    };
    let Some(class) = class.map(str::to_owned).or_else(source) else {
        checks.fail("instance", "it has none, and the class of its source's is not known", "name one with --class");
        return None;
    };
    checks.pass("instance", format!("a {class} is added"));
    Some(spec(cluster.id.instance(1), class))
}

fn adoption(cluster: &Cluster, ours: &Ours, task: String, instance: Option<InstanceSpec>) -> Adoption {
    let source = ours.parent.as_deref().and_then(|name| name.parse().ok()).unwrap_or_else(|| cluster.id.clone());
    let mut request = CloneRequest::new(source.clone(), cluster.id.clone(), ours.owner.clone().unwrap_or_default());
    request.source_resource.clone_from(&ours.parent_resource);
    request.instance = instance.is_some();
    let spec = CloneSpec {
        source,
        source_resource: ours.parent_resource.clone().unwrap_or_else(|| cluster.resource_id.clone()),
        name: cluster.id.clone(),
        kind: CopyKind::CopyOnWrite,
        port: cluster.network.port.unwrap_or_else(|| cluster.engine.default_port()),
        subnet_group: cluster.network.subnet_group.clone(),
        security_groups: cluster.network.security_groups.clone(),
        parameter_group: cluster.settings.parameter_group.clone(),
        iam_auth: cluster.settings.iam_auth,
        log_exports: cluster.settings.log_exports.clone(),
        storage_type: cluster.settings.storage_type.clone(),
        serverless: cluster.settings.serverless,
        window_seconds: cluster.backtrack.target_seconds,
        tags: cluster.tags.clone().into_iter().collect::<BTreeMap<_, _>>(),
        instance,
    };
    Adoption { task, request, spec }
}

fn calls(cluster: &Cluster, missing: Option<&InstanceSpec>) -> Vec<String> {
    let mut calls = Vec::new();
    if let Some(instance) = missing {
        let create = Line::new("create-db-instance")
            .arg("db-instance-identifier", instance.id.as_str())
            .arg("db-cluster-identifier", cluster.id.as_str())
            .arg("db-instance-class", &instance.class)
            .arg("engine", &instance.engine);
        calls.push(create.done());
    }
    if cluster.tags.get(TAG_CLONE).map(String::as_str) != Some(cluster.resource_id.as_str()) {
        let tag = format!("Key={TAG_CLONE},Value={}", cluster.resource_id);
        calls.push(
            Line::new("add-tags-to-resource").arg("resource-name", &cluster.arn).list("tags", [tag.as_str()]).done(),
        );
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::cost::Prices;
    use crate::aurora::fleet::Fleet;
    use crate::aurora::fleet::tests::cluster;
    use crate::aurora::ownership::TAG_TASK;
    use crate::aurora::policy::Policy;

    fn plan(cluster: &Cluster, class: Option<&str>) -> (Plan, Option<Adoption>) {
        let (fleet, policy, prices) = (Fleet::of([cluster.clone()]), Policy::default(), Prices::default());
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        adopt(cluster, class, true, Desk { fleet: &fleet, policy: &policy, prices: &prices, now, known: None })
    }

    fn half_built() -> Cluster {
        let mut clone = cluster("clone-a");
        clone.members.clear();
        clone.tags.insert(TAG_CLONE.into(), "clone-a".into());
        clone.tags.insert(TAG_TASK.into(), "t000000000001".into());
        clone
    }

    #[test]
    fn what_is_missing_is_added() {
        let (plan, adoption) = plan(&half_built(), Some("db.r6g.large"));
        assert_eq!(plan.calls.len(), 2, "{:?}", plan.calls);
        assert!(plan.calls[0].starts_with("aws rds create-db-instance"));
        let adoption = adoption.unwrap();
        assert_eq!(adoption.task, "t000000000001");
        assert_eq!(adoption.spec.instance.unwrap().class, "db.r6g.large");
    }

    #[test]
    fn without_a_class_or_without_proof_it_is_refused() {
        assert!(plan(&half_built(), None).0.blocked());
        let mut copied = half_built();
        copied.tags.insert(TAG_CLONE.into(), "cluster-ELSE".into());
        assert!(plan(&copied, Some("db.r6g.large")).1.is_none());
        let mut nameless = half_built();
        nameless.tags.remove(TAG_TASK);
        assert!(plan(&nameless, Some("db.r6g.large")).1.is_none());
    }
}
