//! The demo fleets: `config/sim/demo.toml` or `shop.toml` made into an account, relative to the moment of the start.

use jiff::{SignedDuration, Timestamp};

use super::super::SimError;
use super::super::account::Account;
use super::super::account::cluster::{Cluster, ClusterStatus, Origin};
use super::super::account::instance::InstanceStatus;
use super::super::account::lifecycle::{Lifecycle, Next};
use super::super::account::power::STOPPED;
use super::super::clock::{after, before, whole_second};
use super::super::protocol::ApiError;
use super::super::rules::timing::Work;
use super::super::rules::{chance, regions};
use super::build;
use super::history::{self, Birth};
use super::spec::{Age, ClusterSpec, FleetFile, InstanceSpec, Made, Owned};

/// The fleet of an account without databases.
pub const DEMO: &str = include_str!("../../../config/sim/demo.toml");

/// The fleet of an account with databases.
#[cfg(unix)]
pub const SHOP: &str = include_str!("../../../config/sim/shop.toml");

/// Fills an account with a described fleet.
pub fn fill(account: &mut Account, fleet: &str, now: Timestamp) -> Result<(), SimError> {
    let file: FleetFile = super::read(fleet)?;
    let mut events = Vec::new();
    for spec in &file.cluster {
        // Nothing in a real account happened on the same second of the minute.
        let shift = chance::of(account.pace.seed, &[&spec.id, "shift"]).i64(0..45_000);
        let then = before(now, SignedDuration::from_millis(shift));
        let birth = add(account, spec, then).map_err(|error| broken(spec, &error))?;
        history::events(spec, then, birth, &mut events);
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

pub(super) fn ago(now: Timestamp, age: Age) -> Timestamp {
    before(now, age.0)
}

fn add(account: &mut Account, spec: &ClusterSpec, now: Timestamp) -> Result<Birth, ApiError> {
    let created = ago(now, spec.age);
    let mut cluster = build::cluster(account, &spec.id, spec.engine, spec.version.as_deref(), created);
    choose_settings(&mut cluster, spec);
    if cluster.settings.security_groups.is_empty() {
        let default = default_security_group(account, &cluster);
        cluster.settings.security_groups.extend(default);
    }
    cluster.tags.clone_from(&spec.tags);
    if let Some(made) = &spec.made {
        join(account, &mut cluster, made)?;
    }
    if let Some(owned) = &spec.owned {
        own(account, &mut cluster, spec, owned, now)?;
    }
    let birth = Birth::of(&cluster);
    cluster.restored = Some(birth.cluster);
    cluster.life = life(account, &mut cluster, spec, now);
    let offered = regions::has_backtrack(&account.surroundings.region);
    let backtrack = spec.backtrack.as_ref().filter(|_| offered);
    cluster.backtrack = backtrack.map(|backtrack| history::backtrack(account, &cluster, backtrack, spec, (birth, now)));
    account.add_cluster(cluster.clone());
    if let Some(made) = &spec.made {
        account.copy_volume(&made.from, &cluster.id);
    }
    account.apply_parameters(&cluster.id);
    for (place, member) in spec.instances.iter().enumerate() {
        let born = member.age.map_or(birth.instance, |age| ago(now, age));
        add_instance(account, &cluster, member, place, born);
    }
    Ok(birth)
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

fn add_instance(account: &mut Account, cluster: &Cluster, of: &InstanceSpec, place: usize, born: Timestamp) {
    let id = format!("{}-{}", cluster.id, of.name);
    let mut instance = build::instance(account, cluster, &id, &of.class, place, born);
    if cluster.status() == ClusterStatus::Stopped {
        instance.life = follow(cluster);
    }
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
