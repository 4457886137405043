//! Cluster snapshots: create, describe, delete.

use jiff::Timestamp;

use super::super::account::Account;
use super::super::account::snapshots::Snapshot;
use super::super::protocol::{ApiError, Code, Filter, Page, Xml};
use super::super::rules::{identifier, tags};
use super::{Call, view};

/// What DescribeDBClusterSnapshots knows besides paging.
pub const PARAMETERS: &[&str] = &[
    "DBClusterIdentifier",
    "DBClusterSnapshotIdentifier",
    "DbClusterResourceId",
    "IncludePublic",
    "IncludeShared",
    "SnapshotType",
];

const FILTERS: &[&str] = &["db-cluster-id", "db-cluster-snapshot-id", "engine", "snapshot-type"];

/// Takes a manual snapshot (API reference, CreateDBClusterSnapshot). The cluster stays available: a snapshot of an Aurora
/// volume costs its instances nothing (User Guide, Backups).
pub fn create(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let name = call.form.required("DBClusterSnapshotIdentifier")?;
    let id = identifier::stored("DBClusterSnapshotIdentifier", name, identifier::SNAPSHOT)?;
    let cluster = call.available_cluster("DBClusterIdentifier")?.clone();
    let tags = tags::read(call.form)?;
    call.account.check_room_for_snapshot(&id)?;
    call.account.take_snapshot(&cluster, &id, tags, call.now);
    write(xml, call.account, call.account.snapshot(&id)?, call.now);
    Ok(())
}

/// Lists snapshots (API reference, DescribeDBClusterSnapshots). Automated ones are not simulated, so there are none.
pub fn describe(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let form = call.form;
    let page = Page::read(form, "cluster-snapshots")?;
    let filters = Filter::read(form, FILTERS)?;
    form.boolean("IncludeShared")?;
    form.boolean("IncludePublic")?;
    let kind = match form.text("SnapshotType") {
        Some(kind) if !["automated", "awsbackup", "manual", "public", "shared"].contains(&kind) => {
            return Err(ApiError::value(format!("Invalid snapshot type: {kind}")));
        }
        kind => kind.unwrap_or("manual"),
    };
    let (account, now) = (&*call.account, call.now);
    let one = form.text("DBClusterSnapshotIdentifier").map(|name| account.snapshot(name)).transpose()?;
    let cluster = form.text("DBClusterIdentifier").map(|name| account.key("cluster", name));
    let resource_id = form.text("DbClusterResourceId");
    let all = one.is_none().then(|| account.snapshots(page.after()));
    let rows = one.into_iter().chain(all.into_iter().flatten()).filter(|snapshot| {
        kind == "manual"
            && cluster.as_ref().is_none_or(|id| *id == snapshot.cluster)
            && resource_id.is_none_or(|id| id == snapshot.resource_id)
            && filters.iter().all(|filter| matches(account, snapshot, filter))
    });
    page.write(
        xml,
        "cluster-snapshots",
        "DBClusterSnapshots",
        rows,
        |snapshot| snapshot.id.clone(),
        |xml, snapshot| write(xml, account, snapshot, now),
    );
    Ok(())
}

fn matches(account: &Account, snapshot: &Snapshot, filter: &Filter<'_>) -> bool {
    let named = |kind: &str, id: &str| filter.has(id) || filter.has(&account.surroundings.arn(kind, id));
    match filter.name {
        "db-cluster-id" => named("cluster", &snapshot.cluster),
        "db-cluster-snapshot-id" => named("cluster-snapshot", &snapshot.id),
        "engine" => filter.has(snapshot.engine.name()),
        _ => filter.has("manual"),
    }
}

/// Deletes a snapshot that has been taken (API reference, DeleteDBClusterSnapshot).
pub fn delete(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let snapshot = call.account.snapshot(call.form.required("DBClusterSnapshotIdentifier")?)?.clone();
    require_available(&snapshot, call.now)?;
    write(xml, call.account, &snapshot, call.now);
    call.account.remove_snapshot(&snapshot.id, call.now);
    Ok(())
}

/// Refuses a snapshot that is still being taken.
pub fn require_available(snapshot: &Snapshot, now: Timestamp) -> Result<(), ApiError> {
    if snapshot.is_available(now) {
        return Ok(());
    }
    let message = format!("DBClusterSnapshot {} is not available; it is creating.", snapshot.id);
    Err(ApiError::new(Code::InvalidClusterSnapshotState, message))
}

fn write(xml: &mut Xml, account: &Account, snapshot: &Snapshot, now: Timestamp) {
    let around = &account.surroundings;
    let set = &snapshot.settings;
    xml.element("DBClusterSnapshot", |xml| {
        xml.text("DBClusterSnapshotIdentifier", &snapshot.id);
        xml.text("DBClusterSnapshotArn", &around.arn("cluster-snapshot", &snapshot.id));
        xml.text("DBClusterIdentifier", &snapshot.cluster);
        xml.text("DbClusterResourceId", &snapshot.resource_id);
        xml.text("SnapshotType", "manual");
        xml.text("Status", if snapshot.is_available(now) { "available" } else { "creating" });
        xml.value("PercentProgress", snapshot.percent(now));
        xml.time("SnapshotCreateTime", snapshot.created);
        xml.time("ClusterCreateTime", snapshot.cluster_created);
        xml.text("Engine", snapshot.engine.name());
        xml.text("EngineMode", "provisioned");
        xml.text("EngineVersion", &snapshot.version);
        xml.text("LicenseModel", snapshot.engine.license());
        xml.text("MasterUsername", &snapshot.master_username);
        xml.value("AllocatedStorage", 1);
        xml.texts("AvailabilityZones", "AvailabilityZone", view::zones(around, set));
        xml.text("VpcId", &snapshot.vpc);
        xml.value("Port", set.port);
        xml.value("StorageEncrypted", set.kms_key.is_some());
        xml.optional("KmsKeyId", set.kms_key.as_ref());
        xml.text("StorageType", if set.io_optimized { "aurora-iopt1" } else { "aurora" });
        xml.value("IAMDatabaseAuthenticationEnabled", set.iam_authentication);
        view::tags(xml, &snapshot.tags);
    });
}
