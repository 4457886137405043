//! RestoreDBClusterToPointInTime: copy-on-write clones and full copies.

use jiff::Timestamp;

use super::super::account::MOST_CLONES;
use super::super::account::cluster::{Cluster, ClusterStatus, Origin};
use super::super::account::intent::{Intent, Seed};
use super::super::account::lifecycle::Lifecycle;
use super::super::protocol::{ApiError, Code, Form, Xml};
use super::super::rules::timing::Work;
use super::super::rules::{identifier, tags, window};
use super::call::{aurora_only, require_available};
use super::clusters::new_backtrack;
use super::settings::{self, Inherited};
use super::{Call, view};

/// What it knows besides the common settings.
pub const PARAMETERS: &[&str] = &[
    "BacktrackWindow",
    "EngineMode",
    "RestoreToTime",
    "RestoreType",
    "SourceDBClusterIdentifier",
    "UseLatestRestorableTime",
];

/// Parameters of the model that an ordinary Aurora cluster refuses.
pub const LIMITLESS_ONLY: &[&str] = &[
    "EnablePerformanceInsights",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
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
}

/// Makes a cluster from another; no instances (API reference, RestoreDBClusterToPointInTime).
pub fn restore(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let form = call.form;
    refuse_limitless(form)?;
    let id = identifier::stored("DBClusterIdentifier", form.required("DBClusterIdentifier")?, identifier::RESOURCE)?;
    let copy = Copy::asked(form)?;
    let target = window::target(form.text("BacktrackWindow"))?;
    let source = call.cluster("SourceDBClusterIdentifier")?.clone();
    call.account.check_room_for_cluster(&id)?;
    copy.check_source(&source, call.now)?;
    window::may_enable(source.engine, &source.version, target, Some(source.backtrack.is_some()))?;
    if form.text("KmsKeyId").is_some() && source.settings.kms_key.is_none() {
        return Err(ApiError::combination("KmsKeyId cannot be specified when the source DB cluster is not encrypted"));
    }
    let inherited = Inherited {
        engine: source.engine,
        version: &source.version,
        kms_key: source.settings.kms_key.as_deref(),
        backup_retention_days: source.settings.backup_retention_days,
        backup_window: &source.settings.backup_window,
        maintenance_window: &source.settings.maintenance_window,
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
        life: Lifecycle::until(ClusterStatus::Creating, ready, ClusterStatus::Available),
        settings,
        clone_group,
        members: Vec::new(),
        writer: None,
        tags,
        restored: None,
        restart: None,
        endpoint: None,
        ..source
    };
    call.account.intend(Intent::Birth(cluster.resource_id.clone(), seed));
    call.account.add_cluster(cluster);
    view::cluster(xml, call.account, call.account.cluster(&id)?, call.now);
    Ok(())
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

fn refuse_limitless(form: &Form) -> Result<(), ApiError> {
    let sent = |name: &&&str| form.text(name).is_some_and(|value| !matches!(value, "" | "0" | "false"));
    LIMITLESS_ONLY.iter().find(sent).map_or(Ok(()), |_| {
        Err(ApiError::combination(
            "You can enable Performance Insights or set the Enhanced Monitoring interval only when restoring from a \
             source Aurora Limitless DB cluster",
        ))
    })
}

fn state(cluster: &Cluster, why: &str) -> ApiError {
    ApiError::new(Code::InvalidClusterState, format!("DBCluster {} {why}.", cluster.id))
}
