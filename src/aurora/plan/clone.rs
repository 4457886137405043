//! The plan of a clone or a full copy.

use super::call::Line;
use super::{Checks, Desk, Plan};
use crate::aurora::cluster::{Cluster, Health};
use crate::aurora::ids::{ClusterId, MAX_IDENTIFIER};
use crate::aurora::ownership::{birth_tags, not_a_tag};
use crate::aurora::policy::{Deed, Policy, Ruling};
use crate::aurora::request::{CloneRequest, CloneSpec, CopyKind, DEFAULT_WINDOW, InstanceSpec};
use crate::aurora::window::MAX_WINDOW;
use crate::aurora::{span, text};

/// Copy-on-write clones of one source; the next one is silently a full copy (User Guide, Cloning a volume).
pub const MAX_CLONES: usize = 15;
/// From here on the plan warns.
const MANY_CLONES: usize = 13;
/// Clusters in a region by default (User Guide, Quotas).
const CLUSTER_QUOTA: usize = 40;

/// The plan of `request`, and what will be sent if nothing forbids it. `task` is the id of the task that will do it.
pub fn clone(request: &CloneRequest, task: &str, desk: Desk<'_>) -> (Plan, Option<CloneSpec>) {
    let mut checks = Checks::default();
    let kind = request.full_copy_at.map_or("Clone", |_| "Copy");
    let mut plan = Plan::about(format!("{kind} {} as {}", request.source, request.name), request.name.clone(), None);
    let Some(source) = desk.fleet.named(&request.source) else {
        checks.fail(
            "source",
            format!("there is no Aurora cluster `{}` here", request.source),
            "check profile and region",
        );
        plan.checks = checks.0;
        return (plan, None);
    };
    check_source(&mut checks, request, source, desk);
    check_name(&mut checks, request, desk);
    check_group(&mut checks, request, source, desk);
    let window = check_window(&mut checks, request, source);
    check_time(&mut checks, request, source, desk);
    check_network(&mut checks, request, source);
    let class = check_class(&mut checks, request, source, desk);
    check_life(&mut checks, request);
    check_tags(&mut checks, request);
    let spec = spec(request, task, source, window, class, desk);
    plan.calls = calls(&spec);
    plan.cost = spec.instance.as_ref().and_then(|instance| {
        let hours = request.ttl.map(|ttl| ttl.as_secs_f64() / 3600.0);
        desk.prices.instance(&instance.class, spec.serverless.map(|(min, _)| min), hours)
    });
    plan.checks = checks.0;
    let spec = (!plan.blocked()).then_some(spec);
    (plan, spec)
}

fn check_source(checks: &mut Checks, request: &CloneRequest, source: &Cluster, desk: Desk<'_>) {
    if request.source_resource.as_ref().is_some_and(|id| *id != source.resource_id) {
        checks.fail("source", format!("`{}` is now another cluster", source.id), "look at it again");
    }
    match source.status.health() {
        Health::Ready => checks.pass("source", format!("{} {}, available", source.engine, source.engine_version)),
        Health::Stopped => checks.fail("source", "it is stopped", "start it first"),
        Health::Busy | Health::Broken => {
            checks.fail("source", format!("its status is `{}`", source.status), "wait until it is available");
        }
    }
    // A point-in-time restore reads the backups; only a clone wants a running source (User Guide, Cloning a volume).
    if source.members.is_empty() && request.full_copy_at.is_none() {
        checks.fail("instances", "it has no instance; such a cluster cannot be cloned", "add an instance to it first");
    }
    if let Ruling::Refused(reasons) = desk.policy.rule(Deed::Copy, source, &[], desk.now) {
        checks.fail("policy", reasons.join("; "), "start without --read-only");
    }
}

fn check_name(checks: &mut Checks, request: &CloneRequest, desk: Desk<'_>) {
    if desk.fleet.named(&request.name).is_some() {
        let mend = "choose another name; a deleted cluster holds its name until it is gone";
        checks.fail("name", format!("there is a cluster `{}` already", request.name), mend);
    } else if let Some(pattern) = desk.policy.protects(&request.name) {
        let message = format!(
            "`{}` matches the protected pattern `{pattern}`: it could be neither rewound nor deleted here",
            request.name
        );
        checks.fail("name", message, "choose a name without it");
    } else {
        checks.pass("name", format!("`{}` is free", request.name));
    }
    let aurora = desk.fleet.len();
    if aurora >= CLUSTER_QUOTA {
        let message = format!("{aurora} Aurora clusters here; the default quota of a region is {CLUSTER_QUOTA}");
        checks.warn("quota", message, "delete clones that nobody needs, or ask for more");
    }
}

fn check_group(checks: &mut Checks, request: &CloneRequest, source: &Cluster, desk: Desk<'_>) {
    if request.full_copy_at.is_some() {
        return;
    }
    let members = source.clone_group.as_deref().map_or(0, |group| desk.fleet.group(group).len().saturating_sub(1));
    let count = format!("{members} of {MAX_CLONES} clones in its group");
    if members >= MAX_CLONES {
        let message = format!("{count}: the next one is silently a full copy, slow and with its own storage");
        checks.warn("clones", message, "delete a clone of the group first");
    } else if members >= MANY_CLONES {
        checks.warn("clones", count, "the sixteenth would silently be a full copy");
    } else {
        checks.pass("clones", count);
    }
}

/// The window to ask for, in seconds.
fn check_window(checks: &mut Checks, request: &CloneRequest, source: &Cluster) -> i64 {
    let asked = request.window;
    if asked.is_some_and(|window| window > MAX_WINDOW || window.is_negative()) {
        checks.fail("window", "a backtrack window is 72 hours at most", "ask for 72h or less");
        return 0;
    }
    if asked.is_some_and(|window| window.is_zero()) {
        checks.warn(
            "window",
            "Backtrack will be off: the clone cannot be rewound, and it cannot be switched on later",
            "ask for a window",
        );
        return 0;
    }
    let why_not = if !source.engine.can_backtrack() {
        Some(format!("{} has no Backtrack", source.engine))
    } else if !source.backtrack.enabled() {
        Some("Backtrack is off on the source, and a clone cannot have it then".to_owned())
    } else {
        None
    };
    match (why_not, asked) {
        (Some(why), Some(_)) => {
            checks.fail("window", why, "leave the window out (headless: --window 0)");
            0
        }
        (Some(why), None) => {
            checks.warn("window", format!("{why}: the clone cannot be rewound"), "clone a source that has Backtrack");
            0
        }
        (None, asked) => {
            let window = asked.unwrap_or_else(|| source.backtrack.target().min(DEFAULT_WINDOW));
            checks.pass("window", format!("{}, from its creation on", span::exact(window)));
            window.as_secs()
        }
    }
}

fn check_time(checks: &mut Checks, request: &CloneRequest, source: &Cluster, desk: Desk<'_>) {
    let Some(at) = request.full_copy_at else { return };
    checks.warn("time", "a full copy takes hours and pays for all of its storage", "a clone is always of the present");
    match source.restorable {
        Some((earliest, latest)) if at < earliest || at > latest => {
            checks.fail(
                "time",
                format!("{at} is outside the backups, which go from {earliest} to {latest}"),
                "choose a time in between",
            );
        }
        None if at > desk.now => checks.fail("time", format!("{at} is in the future"), "choose a time in the past"),
        _ => checks.pass("time", format!("as of {at}")),
    }
}

fn check_network(checks: &mut Checks, request: &CloneRequest, source: &Cluster) {
    let groups =
        if request.security_groups.is_empty() { &source.network.security_groups } else { &request.security_groups };
    let subnets = request.subnet_group.as_ref().or(source.network.subnet_group.as_ref());
    match (groups.is_empty(), subnets) {
        (false, Some(subnets)) => checks.pass("network", format!("{subnets}, {}", groups.join(" "))),
        (true, _) => checks.warn(
            "network",
            "no security group is known: RDS takes the default one of the VPC, and usually nobody can connect",
            "name one (headless: --security-group)",
        ),
        (false, None) => checks.warn(
            "network",
            "no subnet group is known: RDS takes the default one of the account",
            "name one (headless: --subnet-group)",
        ),
    }
}

fn check_class(checks: &mut Checks, request: &CloneRequest, source: &Cluster, desk: Desk<'_>) -> Option<String> {
    if !request.instance {
        checks.warn("class", "no instance: nobody can connect until one is added", "leave out --no-instance");
        return None;
    }
    let instances = desk.fleet.instances(&source.id);
    let of_source = || {
        let writer = source.writer();
        instances.iter().find(|i| Some(i.id.as_str()) == writer).or(instances.first()).map(|i| i.class.clone())
    };
    let Some(class) = request.class.clone().or_else(of_source) else {
        if !source.members.is_empty() {
            checks.fail("class", "the class of the source's instance is not known", "name one (headless: --class)");
        }
        return None;
    };
    if class == "db.serverless" && source.settings.serverless.is_none() {
        checks.fail(
            "class",
            "db.serverless needs a capacity, which the source does not have",
            "name a provisioned class",
        );
    } else {
        checks.pass("class", class.clone());
    }
    Some(class)
}

fn check_life(checks: &mut Checks, request: &CloneRequest) {
    match request.ttl {
        Some(ttl) => checks.pass("life", format!("expires after {}", span::exact(ttl))),
        None => checks.warn("life", "it never expires", "give it a time to live (headless: --ttl 4h)"),
    }
}

/// A resource has 50 tags at most (API reference, Tag); ours and those of marks need their room.
const MOST_TAGS: usize = 20;

fn check_tags(checks: &mut Checks, request: &CloneRequest) {
    for (key, value) in &request.tags {
        if let Some(why) = not_a_tag(key, value) {
            checks.fail("tags", format!("`{}`: {why}", text::clean(key)), "choose another tag");
        }
    }
    if request.tags.len() > MOST_TAGS {
        checks.fail("tags", format!("{} tags of its own", request.tags.len()), format!("give it {MOST_TAGS} at most"));
    }
}

fn spec(
    request: &CloneRequest,
    task: &str,
    source: &Cluster,
    window: i64,
    class: Option<String>,
    desk: Desk<'_>,
) -> CloneSpec {
    let writer = desk.fleet.instances(&source.id).iter().find(|i| source.writer() == Some(i.id.as_str()));
    let or_source = |asked: &Option<String>, own: &Option<String>| asked.clone().or_else(|| own.clone());
    let mut tags = request.tags.clone();
    tags.extend(birth_tags(&request.name, source, &request.owner, task, request.ttl.map(|ttl| desk.now + ttl)));
    CloneSpec {
        source: source.id.clone(),
        source_resource: source.resource_id.clone(),
        name: request.name.clone(),
        kind: request.full_copy_at.map_or(CopyKind::CopyOnWrite, CopyKind::FullCopy),
        port: source.network.port.unwrap_or_else(|| source.engine.default_port()),
        subnet_group: or_source(&request.subnet_group, &source.network.subnet_group),
        security_groups: if request.security_groups.is_empty() {
            source.network.security_groups.clone()
        } else {
            request.security_groups.clone()
        },
        parameter_group: or_source(&request.parameter_group, &source.settings.parameter_group),
        iam_auth: source.settings.iam_auth,
        log_exports: source.settings.log_exports.clone(),
        storage_type: source.settings.storage_type.clone(),
        serverless: source.settings.serverless,
        window_seconds: window,
        tags,
        instance: class.map(|class| InstanceSpec {
            // A default group is what RDS takes anyway, and another version has another one.
            parameter_group: writer
                .and_then(|writer| writer.parameter_group.clone())
                .filter(|name| !name.starts_with("default.")),
            public: writer.is_some_and(|writer| writer.public),
            id: request.name.instance(1),
            class,
            engine: source.engine.as_str().to_owned(),
        }),
    }
}

fn calls(spec: &CloneSpec) -> Vec<String> {
    let restore = Line::new("restore-db-cluster-to-point-in-time")
        .arg("db-cluster-identifier", spec.name.as_str())
        .arg("source-db-cluster-identifier", spec.source.as_str());
    let restore = match spec.kind {
        CopyKind::CopyOnWrite => restore.arg("restore-type", "copy-on-write").flag("use-latest-restorable-time"),
        CopyKind::FullCopy(at) => restore.arg("restore-type", "full-copy").arg("restore-to-time", &at.to_string()),
    };
    let tags: Vec<String> = spec.tags.iter().map(|(key, value)| format!("Key={key},Value={value}")).collect();
    let capacity = spec.serverless.map(|(min, max)| format!("MinCapacity={min},MaxCapacity={max}"));
    let window = (spec.window_seconds > 0).then(|| spec.window_seconds.to_string());
    let restore = restore
        .arg("port", &spec.port.to_string())
        .maybe("db-subnet-group-name", spec.subnet_group.as_deref())
        .list("vpc-security-group-ids", spec.security_groups.iter().map(String::as_str))
        .maybe("db-cluster-parameter-group-name", spec.parameter_group.as_deref())
        .flag(if spec.iam_auth {
            "enable-iam-database-authentication"
        } else {
            "no-enable-iam-database-authentication"
        })
        .list("enable-cloudwatch-logs-exports", spec.log_exports.iter().map(String::as_str))
        .maybe("storage-type", spec.storage_type.as_deref())
        .maybe("serverless-v2-scaling-configuration", capacity.as_deref())
        .maybe("backtrack-window", window.as_deref())
        .flag("no-deletion-protection")
        .list("tags", tags.iter().map(String::as_str))
        .done();
    let mut calls = vec![restore];
    if let Some(instance) = &spec.instance {
        let create = Line::new("create-db-instance")
            .arg("db-instance-identifier", instance.id.as_str())
            .arg("db-cluster-identifier", spec.name.as_str())
            .arg("db-instance-class", &instance.class)
            .arg("engine", &instance.engine)
            .maybe("db-parameter-group-name", instance.parameter_group.as_deref())
            .flag(if instance.public { "publicly-accessible" } else { "no-publicly-accessible" });
        calls.push(create.done());
    }
    let bind = Line::new("add-tags-to-resource")
        .arg("resource-name", "<its ARN>")
        .list("tags", ["Key=aurewind:clone,Value=<its resource id>"]);
    calls.push(bind.done());
    calls
}

/// A name for a clone of `source`: `clone-`, the source's name without the parts that the policy protects, and `suffix`.
pub fn default_name(source: &ClusterId, suffix: &str, policy: &Policy) -> Option<ClusterId> {
    let allowed = |part: &&str| part.parse::<ClusterId>().map_or(true, |id| policy.protects(&id).is_none());
    let stem: Vec<&str> = source.as_str().split('-').filter(allowed).collect();
    let stem = stem.join("-");
    let stem = stem.strip_prefix("clone-").unwrap_or(&stem);
    let room = MAX_IDENTIFIER - "clone--".len() - suffix.len() - "-1".len();
    let stem: String = stem.chars().take(room).collect();
    let stem = stem.trim_matches('-');
    let full = format!("clone-{stem}-{suffix}").replace("--", "-");
    let name: ClusterId = full.parse().ok()?;
    if policy.protects(&name).is_none() { Some(name) } else { format!("clone-{suffix}").parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    use crate::aurora::cluster::{ClusterStatus, Engine, Instance};
    use crate::aurora::cost::Prices;
    use crate::aurora::fleet::Fleet;
    use crate::aurora::fleet::tests::cluster;
    use crate::aurora::plan::Level;

    fn source() -> Cluster {
        let mut source = cluster("orders-prod");
        source.backtrack.target_seconds = 72 * 3600;
        source.network.port = Some(3307);
        source.network.subnet_group = Some("private".into());
        source.network.security_groups = vec!["sg-1".into()];
        source.settings.parameter_group = Some("orders-8".into());
        source
    }

    fn fleet(source: Cluster) -> Fleet {
        let instance = Instance {
            parameter_group: Some("orders-instance".into()),
            public: false,
            id: format!("{}-1", source.id),
            cluster: source.id.clone(),
            class: "db.r6g.large".into(),
            status: ClusterStatus::Available,
        };
        let mut fleet = Fleet::default();
        fleet.merge(vec![source]);
        fleet.merge_instances(vec![instance]);
        fleet.finish();
        fleet
    }

    fn request() -> CloneRequest {
        let mut request =
            CloneRequest::new("orders-prod".parse().unwrap(), "clone-orders-1".parse().unwrap(), "ana@laptop");
        request.ttl = Some(SignedDuration::from_hours(4));
        request
    }

    fn plan(request: &CloneRequest, source: Cluster) -> (Plan, Option<CloneSpec>) {
        let (fleet, policy, prices) = (fleet(source), Policy::default(), Prices::default());
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        clone(request, "t1", Desk { fleet: &fleet, policy: &policy, prices: &prices, now, known: None })
    }

    fn level(plan: &Plan, name: &str) -> Level {
        plan.checks.iter().filter(|c| c.name == name).map(|c| c.level).max().unwrap()
    }

    #[test]
    fn everything_of_the_source_is_sent() {
        let (plan, spec) = plan(&request(), source());
        assert!(!plan.blocked(), "{:?}", plan.checks);
        let spec = spec.unwrap();
        assert_eq!((spec.port, spec.window_seconds), (3307, 86_400));
        assert_eq!(spec.parameter_group.as_deref(), Some("orders-8"));
        assert_eq!(spec.security_groups, ["sg-1"]);
        let instance = spec.instance.unwrap();
        assert_eq!(instance.class, "db.r6g.large");
        assert_eq!(instance.parameter_group.as_deref(), Some("orders-instance"));
        assert!(plan.calls[1].ends_with("--no-publicly-accessible"), "{}", plan.calls[1]);
        assert_eq!(spec.tags["aurewind:clone"], "clone-orders-1");
        assert_eq!(spec.tags["aurewind:expires-at"], "2026-11-22T16:00:00Z");
        assert!(plan.calls[0].contains("--restore-type copy-on-write --use-latest-restorable-time"));
    }

    #[test]
    fn what_cannot_be_is_refused_with_a_mend() {
        let no_instance = |c: &mut Cluster| c.members.clear();
        let stopped = |c: &mut Cluster| c.status = ClusterStatus::Stopped;
        let busy = |c: &mut Cluster| c.status = ClusterStatus::Creating;
        let cases: [(&str, &dyn Fn(&mut Cluster)); 3] =
            [("instances", &no_instance), ("source", &stopped), ("source", &busy)];
        for (name, change) in cases {
            let mut source = source();
            change(&mut source);
            let (plan, spec) = plan(&request(), source);
            assert_eq!(level(&plan, name), Level::Fail);
            assert!(spec.is_none());
            assert!(plan.failures().all(|check| check.mend.is_some()));
        }
    }

    #[rstest::rstest]
    #[case(Engine::AuroraMysql, 72, None, Level::Pass, 86_400)]
    #[case(Engine::AuroraMysql, 6, None, Level::Pass, 21_600)]
    #[case(Engine::AuroraMysql, 6, Some(48), Level::Pass, 172_800)]
    #[case(Engine::AuroraMysql, 6, Some(0), Level::Warn, 0)]
    #[case(Engine::AuroraMysql, 6, Some(73), Level::Fail, 0)]
    #[case(Engine::AuroraMysql, 0, None, Level::Warn, 0)]
    #[case(Engine::AuroraMysql, 0, Some(6), Level::Fail, 0)]
    #[case(Engine::AuroraPostgresql, 0, None, Level::Warn, 0)]
    #[case(Engine::AuroraPostgresql, 0, Some(6), Level::Fail, 0)]
    fn windows(
        #[case] engine: Engine,
        #[case] target: i64,
        #[case] asked: Option<i64>,
        #[case] want: Level,
        #[case] seconds: i64,
    ) {
        let mut source = source();
        source.engine = engine;
        source.backtrack.target_seconds = target * 3600;
        let mut request = request();
        request.window = asked.map(SignedDuration::from_hours);
        let (plan, spec) = plan(&request, source);
        assert_eq!(level(&plan, "window"), want);
        if want != Level::Fail {
            assert_eq!(spec.unwrap().window_seconds, seconds);
        }
    }

    #[test]
    fn tags_of_ones_own_stand_beside_ours_and_never_for_them() {
        let mut request = request();
        request.tags.insert("team".into(), "payments".into());
        let spec = plan(&request, source()).1.unwrap();
        assert_eq!(spec.tags["team"], "payments");
        assert_eq!(spec.tags["aurewind:clone"], request.name.as_str());
        request.tags.insert("aurewind:keep".into(), "forever".into());
        assert_eq!(level(&plan(&request, source()).0, "tags"), Level::Fail);
    }

    #[test]
    fn a_name_that_the_policy_protects_is_refused() {
        let mut request = request();
        request.name = "orders-prod-copy".parse().unwrap();
        assert_eq!(level(&plan(&request, source()).0, "name"), Level::Fail);
        request.name = "orders-prod".parse().unwrap();
        assert_eq!(level(&plan(&request, source()).0, "name"), Level::Fail);
    }

    #[rstest::rstest]
    #[case("orders-prod", "clone-orders-x7k2")]
    #[case("prod", "clone-x7k2")]
    #[case("clone-orders-ab12", "clone-orders-ab12-x7k2")]
    #[case("reproduction", "clone-x7k2")]
    #[case(
        "a-very-long-name-of-a-cluster-that-fills-all-of-the-sixty-three",
        "clone-a-very-long-name-of-a-cluster-that-fills-all-of-th-x7k2"
    )]
    fn default_names_are_legal_and_unprotected(#[case] source: &str, #[case] want: &str) {
        let policy = Policy::default();
        let name = default_name(&source.parse().unwrap(), "x7k2", &policy).unwrap();
        assert_eq!(name.as_str(), want);
        assert!(policy.protects(&name).is_none());
    }
}
