//! The demo fleet: `config/sim/demo.toml` made into an account, relative to the moment of the start.

use jiff::{SignedDuration, Timestamp};

use super::super::SimError;
use super::super::account::Account;
use super::super::account::backtrack::{Backtrack, Order, Rewind, Writing};
use super::super::account::cluster::{Cluster, ClusterStatus, Origin};
use super::super::account::event::Source;
use super::super::account::instance::InstanceStatus;
use super::super::account::lifecycle::{Lifecycle, Next};
use super::super::clock::{after, before, whole_second};
use super::super::protocol::ApiError;
use super::super::rules::chance;
use super::super::rules::load::Load;
use super::super::rules::timing::Work;
use super::build;
use super::spec::{Age, BacktrackSpec, ClusterSpec, FleetFile, InstanceSpec, Made, Owned};

const DEMO: &str = include_str!("../../../config/sim/demo.toml");

/// How long a stopped cluster stays stopped (User Guide, stopping a cluster).
const STOPPED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// An event before it is in its place in time.
type PastEvent = (Timestamp, Source, String, String, String);

/// Fills an account with the demo fleet.
pub fn fill(account: &mut Account, now: Timestamp) -> Result<(), SimError> {
    let file: FleetFile = super::read(DEMO)?;
    let mut events = Vec::new();
    for spec in &file.cluster {
        add(account, spec, now).map_err(|error| broken(spec, &error))?;
        past_events(spec, now, &mut events);
    }
    events.sort_by_key(|(at, ..)| *at);
    for (at, source, id, category, message) in events {
        account.events.record(at, source, &id, &category, &message);
    }
    Ok(())
}

fn broken(spec: &ClusterSpec, error: &ApiError) -> SimError {
    SimError::Fleet { reason: format!("{}: {}", spec.id, error.message) }
}

fn ago(now: Timestamp, age: Age) -> Timestamp {
    before(now, age.0)
}

fn add(account: &mut Account, spec: &ClusterSpec, now: Timestamp) -> Result<(), ApiError> {
    let created = ago(now, spec.age);
    let mut cluster = build::cluster(account, &spec.id, spec.engine, spec.version.as_deref(), created);
    choose_settings(&mut cluster, spec);
    if let Some(group) = cluster.settings.security_groups.is_empty().then(|| default_security_group(account, &cluster))
    {
        cluster.settings.security_groups.extend(group);
    }
    cluster.tags.clone_from(&spec.tags);
    if let Some(made) = &spec.made {
        join(account, &mut cluster, made)?;
    }
    if let Some(owned) = &spec.owned {
        own(account, &mut cluster, spec, owned, now)?;
    }
    cluster.life = life(account, &mut cluster, spec, now);
    cluster.backtrack = spec.backtrack.as_ref().map(|backtrack| rewindable(account, &cluster, backtrack, spec, now));
    account.add_cluster(cluster.clone());
    for (place, member) in spec.instances.iter().enumerate() {
        add_instance(account, &cluster, member, place, now);
    }
    Ok(())
}

fn choose_settings(cluster: &mut Cluster, spec: &ClusterSpec) {
    cluster.database.clone_from(&spec.database);
    let set = &mut cluster.settings;
    set.port = spec.port.unwrap_or(set.port);
    if let Some(group) = &spec.parameter_group {
        set.parameter_group.clone_from(group);
    }
    if let Some(group) = &spec.subnet_group {
        set.subnet_group.clone_from(group);
    }
    set.security_groups.clone_from(&spec.security_groups);
    set.log_exports.clone_from(&spec.log_exports);
    set.deletion_protection = spec.protected;
    set.iam_authentication = spec.iam_authentication;
    set.binary_logging = spec.binary_logging;
    set.io_optimized = spec.io_optimized;
    set.serverless = spec.serverless;
    set.backup_retention_days = spec.retention_days.unwrap_or(set.backup_retention_days);
}

fn default_security_group(account: &Account, cluster: &Cluster) -> Option<String> {
    account.surroundings.subnet_group(&cluster.settings.subnet_group).map(|group| group.default_security_group.clone())
}

/// Puts a copy into the clone group of its source.
fn join(account: &mut Account, cluster: &mut Cluster, made: &Made) -> Result<(), ApiError> {
    let fresh = account.new_uuid();
    let source = account.cluster_mut(&made.from)?;
    cluster.origin = if made.full_copy { Origin::FullCopy } else { Origin::Clone };
    cluster.clone_group = Some(source.clone_group.get_or_insert(fresh).clone());
    if made.inherited_tags {
        cluster.tags.clone_from(&source.tags);
    }
    Ok(())
}

/// The tags that aurewind writes on a clone of its own.
fn own(
    account: &mut Account,
    cluster: &mut Cluster,
    spec: &ClusterSpec,
    owned: &Owned,
    now: Timestamp,
) -> Result<(), ApiError> {
    let mut tag = |name: &str, value: String| cluster.tags.insert(format!("aurewind:{name}"), value);
    tag("clone", cluster.resource_id.clone());
    tag("owner", owned.by.clone());
    let task = account.new_uuid();
    tag("task", task);
    if let Some(made) = &spec.made {
        tag("parent", made.from.clone());
        tag("parent-resource-id", account.cluster(&made.from)?.resource_id.clone());
    }
    if let Some(lifetime) = owned.lifetime {
        tag("expires-at", whole_second(after(cluster.created, lifetime.0)).to_string());
    }
    if let Some(keep) = &owned.keep {
        tag("keep", keep.clone());
    }
    for (mark, age) in &owned.marks {
        tag(&format!("mark/{mark}"), whole_second(ago(now, *age)).to_string());
    }
    Ok(())
}

/// The status of a cluster and, for what is on its way, what comes next.
fn life(account: &Account, cluster: &mut Cluster, spec: &ClusterSpec, now: Timestamp) -> Lifecycle<ClusterStatus> {
    match spec.status {
        Some(ClusterStatus::Creating) => {
            cluster.restored = None;
            let work = if cluster.origin == Origin::FullCopy { Work::FullCopy } else { Work::Clone };
            let done = account.end_of(work, &cluster.resource_id, cluster.created);
            Lifecycle::until(ClusterStatus::Creating, done, ClusterStatus::Available)
        }
        Some(ClusterStatus::Stopped) => {
            let restart = after(spec.stopped.map_or(now, |age| ago(now, age)), STOPPED);
            cluster.restart = Some(restart);
            let started = account.end_of(Work::Start, &cluster.resource_id, restart);
            let upcoming =
                [(restart, Next::Become(ClusterStatus::Starting)), (started, Next::Become(ClusterStatus::Available))];
            Lifecycle::moving(ClusterStatus::Stopped, upcoming)
        }
        Some(ClusterStatus::CloningFailed) => {
            cluster.restored = None;
            Lifecycle::steady(ClusterStatus::CloningFailed)
        }
        other => Lifecycle::steady(other.unwrap_or(ClusterStatus::Available)),
    }
}

fn rewindable(
    account: &mut Account,
    cluster: &Cluster,
    of: &BacktrackSpec,
    spec: &ClusterSpec,
    now: Timestamp,
) -> Backtrack {
    let seed = account.pace.seed;
    let mut rng = chance::of(seed, &[&cluster.id, "load"]);
    let mut backtrack = Backtrack {
        target: of.window.0.as_secs(),
        kept_since: cluster.created,
        load: Load { seed: rng.u64(..), per_second: of.writes, bursts: of.bursts },
        capacity: of.room,
        writing: Writing {
            from: (!spec.instances.is_empty()).then_some(cluster.created),
            until: spec.stopped.map(|age| ago(now, age)),
        },
        rewinds: Vec::new(),
    };
    for past in &of.rewinds {
        let requested = ago(now, past.requested);
        let floor = backtrack.earliest(requested).max(cluster.created);
        let order = Order {
            resource_id: &cluster.resource_id,
            seed,
            aim: whole_second(ago(now, past.to)).max(floor),
            floor,
            requested,
            // What is past took its time at AWS's own pace.
            takes: SignedDuration::from_secs(rng.i64(60..90)),
        };
        let id = account.new_uuid();
        backtrack.rewinds.push(Rewind::plan(id, order));
    }
    backtrack
}

fn add_instance(account: &mut Account, cluster: &Cluster, of: &InstanceSpec, place: usize, now: Timestamp) {
    let born = of.age.map_or(cluster.created, |age| ago(now, age));
    let id = format!("{}-{}", cluster.id, of.name);
    let mut instance = build::instance(account, cluster, &id, &of.class, place, born);
    instance.life = match (of.status, cluster.life.status()) {
        (Some(InstanceStatus::Creating), _) => {
            instance.created = None;
            let done = account.end_of(Work::CreateInstance, &instance.resource_id, born);
            Lifecycle::until(InstanceStatus::Creating, done, InstanceStatus::Available)
        }
        (_, ClusterStatus::Stopped) => follow(cluster),
        (status, _) => Lifecycle::steady(status.unwrap_or(InstanceStatus::Available)),
    };
    account.add_instance(instance);
}

/// An instance of a stopped cluster starts with it.
fn follow(cluster: &Cluster) -> Lifecycle<InstanceStatus> {
    let (Some(starts), Some(started)) = (cluster.life.next_due(), cluster.life.last_due()) else {
        return Lifecycle::steady(InstanceStatus::Stopped);
    };
    let upcoming =
        [(starts, Next::Become(InstanceStatus::Starting)), (started, Next::Become(InstanceStatus::Available))];
    Lifecycle::moving(InstanceStatus::Stopped, upcoming)
}

/// What DescribeEvents knows of a cluster's past: its own events, and its creation if that is recent.
fn past_events(spec: &ClusterSpec, now: Timestamp, events: &mut Vec<PastEvent>) {
    let first = spec.instances.first().map(|member| format!("{}-{}", spec.id, member.name));
    let mut add = |at, instance: bool, category: &str, message: &str| {
        let (source, id) = match (&first, instance) {
            (Some(first), true) => (Source::Instance, first.clone()),
            _ => (Source::Cluster, spec.id.clone()),
        };
        events.push((at, source, id, category.to_owned(), message.to_owned()));
    };
    for event in &spec.events {
        add(ago(now, event.ago), event.instance, &event.category, &event.message);
    }
    let born = ago(now, spec.age);
    let done = |minutes| after(born, SignedDuration::from_mins(minutes)).min(now);
    if spec.status.is_none_or(|status| !matches!(status, ClusterStatus::Creating | ClusterStatus::CloningFailed)) {
        add(done(5), false, "creation", "DB cluster created.");
        let working = spec.instances.first().is_some_and(|member| member.status.is_none());
        if working {
            add(done(11), true, "creation", "DB instance created.");
        }
    }
}
