//! RestoreDBClusterFromSnapshot.

use super::super::account::cluster::{Cluster, Origin};
use super::super::account::intent::{Intent, Seed};
use super::super::account::snapshots::Snapshot;
use super::super::protocol::{ApiError, Code, Xml};
use super::super::rules::engine::Engine;
use super::super::rules::timing::Work;
use super::super::rules::{identifier, support, tags, window};
use super::clusters::new_backtrack;
use super::settings::{self, Inherited};
use super::{Call, refused, snapshots, view};

/// What it knows besides the common settings.
pub const PARAMETERS: &[&str] = &[
    "AvailabilityZones",
    "BacktrackWindow",
    "DatabaseName",
    "Engine",
    "EngineMode",
    "EngineVersion",
    "SnapshotIdentifier",
];

/// Makes a cluster from a snapshot; no instances, and in no clone group (API reference, RestoreDBClusterFromSnapshot and
/// DBCluster.CloneGroupId). Backtrack may be enabled here even if it never was on the cluster of the snapshot
/// (User Guide, configuring Backtrack). That it takes the snapshot's tags when the request has none is an assumption.
pub fn restore(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let form = call.form;
    let id = identifier::stored("DBClusterIdentifier", form.required("DBClusterIdentifier")?, identifier::RESOURCE)?;
    refused::check_restored(form)?;
    let snapshot = snapshot(call)?.clone();
    let engine = Engine::creatable(form.required("Engine")?)?;
    if engine != snapshot.engine {
        return Err(ApiError::combination(format!(
            "The engine {} doesn't match the engine of the snapshot, {}.",
            engine.name(),
            snapshot.engine.name()
        )));
    }
    let version = form.text("EngineVersion").unwrap_or(&snapshot.version);
    engine.check_version(version)?;
    let version = support::restored_version(engine, version, support::is_declined(form)?, call.now);
    let target = window::target(form.text("BacktrackWindow"))?;
    window::may_enable(&call.account.surroundings.region, engine, version, target, None)?;
    snapshots::require_available(&snapshot, call.now)?;
    let inherited = Inherited {
        engine,
        version,
        kms_key: snapshot.settings.kms_key.as_deref(),
        backup_retention_days: snapshot.settings.backup_retention_days,
        backup_window: &snapshot.settings.backup_window,
        maintenance_window: &snapshot.settings.maintenance_window,
        zones: None,
    };
    let settings = settings::of_new_cluster(form, &call.account.surroundings, &inherited)?;
    let sent = tags::read(form)?;
    call.account.check_room_for_cluster(&id)?;
    call.check_capacity()?;
    let resource_id = call.account.new_resource_id("cluster");
    let ready = call.account.end_of(Work::RestoreSnapshot, &resource_id, call.now);
    let cluster = Cluster {
        backtrack: new_backtrack(call, &resource_id, target),
        id: id.clone(),
        resource_id,
        created: call.now,
        origin: Origin::FullCopy,
        engine,
        version: version.to_owned(),
        master_username: snapshot.master_username,
        database: form.text("DatabaseName").map(str::to_owned).or(snapshot.database),
        life: call.birth_of_cluster(ready),
        settings,
        clone_group: None,
        members: Vec::new(),
        writer: None,
        tags: if sent.is_empty() { snapshot.tags } else { sent },
        restored: None,
        restart: None,
        secret: None,
        endpoint: None,
    };
    call.account.intend(Intent::Birth(cluster.resource_id.clone(), Seed::Snapshot(snapshot.id)));
    call.account.add_cluster(cluster);
    call.account.fill_volume(&id, snapshot.size);
    view::cluster(xml, call.account, call.account.cluster(&id)?, call.now);
    Ok(())
}

/// The snapshot that a request names: of a cluster, or by its ARN of an instance, which no simulated account has
/// (API reference, RestoreDBClusterFromSnapshot, SnapshotIdentifier).
fn snapshot<'a>(call: &'a Call<'_>) -> Result<&'a Snapshot, ApiError> {
    let reference = call.form.required("SnapshotIdentifier")?;
    if reference.starts_with("arn:") && reference.split(':').nth(5) == Some("snapshot") {
        return Err(ApiError::new(Code::SnapshotNotFound, format!("DBSnapshot not found: {reference}")));
    }
    call.account.snapshot(reference)
}
