//! RestoreDBClusterToPointInTime: copy-on-write clones and full copies.

use jiff::Timestamp;

use super::super::account::MOST_CLONES;
use super::super::account::cluster::{Cluster, ClusterStatus, Origin, Settings};
use super::super::account::intent::{Intent, Seed};
use super::super::account::network::Surroundings;
use super::super::protocol::{ApiError, Code, Form, Xml};
use super::super::rules::timing::Work;
use super::super::rules::{identifier, support, tags, window};
use super::call::{aurora_only, require_available};
use super::clusters::new_backtrack;
use super::settings::{self, Inherited};
use super::{Call, refused, view};

/// What it knows besides the common settings.
pub const PARAMETERS: &[&str] = &[
    "BacktrackWindow",
    "EngineMode",
    "RestoreToTime",
    "RestoreType",
    "SourceDBClusterIdentifier",
    "SourceDbClusterResourceId",
    "UseLatestRestorableTime",
];

/// What kind of copy a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Copy {
    /// The source as it is now.
    OnWrite,
    /// The source as it was; `None` is the latest restorable time.
    Full(Option<Timestamp>),
}

impl Copy {
    /// `full-copy` unless asked for otherwise, and then with a time; a clone is always now
    /// (API reference, RestoreDBClusterToPointInTime, RestoreType and RestoreToTime).
    fn asked(form: &Form) -> Result<Self, ApiError> {
        let time = form.time("RestoreToTime")?;
        let latest = form.flag("UseLatestRestorableTime")?;
        match (form.text("RestoreType").unwrap_or("full-copy"), time, latest) {
            ("copy-on-write", None, _) => Ok(Self::OnWrite),
            ("copy-on-write", Some(_), _) => {
                Err(ApiError::combination("RestoreToTime cannot be specified when RestoreType is copy-on-write"))
            }
            ("full-copy", Some(_), true) => {
                Err(ApiError::combination("RestoreToTime cannot be specified when UseLatestRestorableTime is true"))
            }
            ("full-copy", None, false) => {
                Err(ApiError::combination("RestoreToTime or UseLatestRestorableTime must be specified"))
            }
            ("full-copy", time, _) => Ok(Self::Full(time)),
            (other, _, _) => Err(ApiError::value(format!(
                "Invalid value {other} for RestoreType. Must be full-copy or copy-on-write"
            ))),
        }
    }

    /// Whether this source can be copied so, now.
    fn check_source(self, source: &Cluster, now: Timestamp) -> Result<(), ApiError> {
        aurora_only(source)?;
        match self {
            Self::OnWrite => {
                require_available(source)?;
                if source.members.is_empty() {
                    return Err(state(source, "has no DB instances and can't be cloned"));
                }
            }
            Self::Full(at) => {
                if matches!(source.status(), ClusterStatus::Deleting | ClusterStatus::CloningFailed) {
                    return Err(state(source, &format!("is {}", source.status().name())));
                }
                let range = source.restorable(now);
                let (earliest, latest) = range.ok_or_else(|| state(source, "has no restorable time yet"))?;
                if at.is_some_and(|at| !(earliest..=latest).contains(&at)) {
                    return Err(ApiError::value(format!(
                        "The specified RestoreToTime is not between the earliest and the latest restorable time of \
                         DBCluster {}: {earliest:.3} and {latest:.3}",
                        source.id
                    )));
                }
            }
        }
        Ok(())
    }

    /// The storage of a clone stays in the zones of its source, so its subnets must reach two of them; a full copy has
    /// storage of its own (User Guide, Cloning across VPCs; API reference, RestoreDBClusterToPointInTime).
    fn check_zones(self, around: &Surroundings, set: &Settings) -> Result<(), ApiError> {
        let subnet_group = &set.subnet_group;
        let reached = view::zones(around, set).filter(|zone| around.reaches(subnet_group, zone)).count();
        if self != Self::OnWrite || reached >= 2 {
            return Ok(());
        }
        let message = format!(
            "The DB subnet group {subnet_group} must have subnets in at least two of the Availability Zones of the \
             source: {}.",
            view::zones(around, set).collect::<Vec<_>>().join(", ")
        );
        Err(ApiError::new(Code::InvalidVpcNetworkState, message))
    }
}

/// Makes a cluster from another; no instances (API reference, RestoreDBClusterToPointInTime).
pub fn restore(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let form = call.form;
    refused::check_restored(form)?;
    let id = identifier::stored("DBClusterIdentifier", form.required("DBClusterIdentifier")?, identifier::RESOURCE)?;
    let copy = Copy::asked(form)?;
    let target = window::target(form.text("BacktrackWindow"))?;
    let source = source(call, copy)?.clone();
    call.account.check_room_for_cluster(&id)?;
    copy.check_source(&source, call.now)?;
    let region = &call.account.surroundings.region;
    window::may_enable(region, source.engine, &source.version, target, Some(source.backtrack.is_some()))?;
    if form.text("KmsKeyId").is_some() && source.settings.kms_key.is_none() {
        return Err(ApiError::combination("KmsKeyId cannot be specified when the source DB cluster is not encrypted"));
    }
    let version = support::restored_version(source.engine, &source.version, support::is_declined(form)?, call.now);
    let inherited = Inherited {
        engine: source.engine,
        version,
        kms_key: source.settings.kms_key.as_deref(),
        backup_retention_days: source.settings.backup_retention_days,
        backup_window: &source.settings.backup_window,
        maintenance_window: &source.settings.maintenance_window,
        zones: (copy == Copy::OnWrite).then_some(source.settings.zones.as_slice()),
    };
    let settings = settings::of_new_cluster(form, &call.account.surroundings, &inherited)?;
    let sent = tags::read(form)?;
    // Without tags in the request the source's latest ones are inherited (User Guide, point-in-time restore).
    let tags = if sent.is_empty() { source.tags.clone() } else { sent };
    let at = match copy {
        Copy::OnWrite => None,
        Copy::Full(at) => at.or_else(|| source.restorable(call.now).map(|(_, latest)| latest)),
    };
    let seed = Seed::Cluster(source.resource_id.clone(), at);
    copy.check_zones(&call.account.surroundings, &settings)?;
    call.check_capacity()?;
    let (source_id, version) = (source.id.clone(), version.to_owned());
    let (origin, clone_group) = join_group(call, &source, copy)?;
    let resource_id = call.account.new_resource_id("cluster");
    let work = if origin == Origin::Clone { Work::Clone } else { Work::FullCopy };
    let ready = call.account.end_of(work, &resource_id, call.now);
    let cluster = Cluster {
        backtrack: new_backtrack(call, &resource_id, target),
        id: id.clone(),
        resource_id,
        created: call.now,
        origin,
        version,
        life: call.birth_of_cluster(ready),
        settings,
        clone_group,
        members: Vec::new(),
        writer: None,
        tags,
        restored: None,
        restart: None,
        secret: None,
        endpoint: None,
        ..source
    };
    call.account.intend(Intent::Birth(cluster.resource_id.clone(), seed));
    call.account.add_cluster(cluster);
    call.account.copy_volume(&source_id, &id);
    view::cluster(xml, call.account, call.account.cluster(&id)?, call.now);
    Ok(())
}

/// The cluster to copy, by its identifier, or by its resource id from its automated backups; those of a deleted cluster
/// are deleted with it here (API reference, RestoreDBClusterToPointInTime, SourceDbClusterResourceId).
fn source<'a>(call: &'a Call<'_>, copy: Copy) -> Result<&'a Cluster, ApiError> {
    let form = call.form;
    match (form.text("SourceDBClusterIdentifier"), form.text("SourceDbClusterResourceId")) {
        (Some(_), Some(_)) => Err(ApiError::combination(
            "SourceDBClusterIdentifier and SourceDbClusterResourceId cannot be specified together",
        )),
        (None, Some(_)) if copy == Copy::OnWrite => Err(ApiError::combination(
            "SourceDbClusterResourceId cannot be specified when RestoreType is copy-on-write",
        )),
        (None, Some(id)) => call.account.clusters(None).find(|cluster| cluster.resource_id == id).ok_or_else(|| {
            ApiError::new(Code::ClusterAutomatedBackupNotFound, format!("DBClusterAutomatedBackup not found: {id}"))
        }),
        _ => call.cluster("SourceDBClusterIdentifier"),
    }
}

/// The first clone gives a group to its source; every copy joins the group that its source has. Beyond fifteen clones
/// a clone becomes a full copy, and no field says so (User Guide, Cloning; API reference, DBCluster.CloneGroupId).
fn join_group(call: &mut Call<'_>, source: &Cluster, copy: Copy) -> Result<(Origin, Option<String>), ApiError> {
    if copy != Copy::OnWrite {
        return Ok((Origin::FullCopy, source.clone_group.clone()));
    }
    let group = match &source.clone_group {
        Some(group) => group.clone(),
        None => call.account.new_uuid(),
    };
    call.account.cluster_mut(&source.id)?.clone_group = Some(group.clone());
    let full = call.account.clones_in(&group) >= MOST_CLONES;
    Ok((if full { Origin::FullCopy } else { Origin::Clone }, Some(group)))
}

fn state(cluster: &Cluster, why: &str) -> ApiError {
    ApiError::new(Code::InvalidClusterState, format!("DBCluster {} {why}.", cluster.id))
}
