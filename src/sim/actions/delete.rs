//! DeleteDBInstance and DeleteDBCluster: instances first, then the cluster (User Guide, deleting a cluster).

use jiff::Timestamp;

use super::super::account::cluster::{Cluster, ClusterStatus};
use super::super::account::event::Source;
use super::super::account::instance::InstanceStatus;
use super::super::account::lifecycle::{Lifecycle, Next};
use super::super::protocol::{ApiError, Code, Xml};
use super::super::rules::snapshot;
use super::super::rules::tags::Tags;
use super::super::rules::timing::Work;
use super::call::{aurora_only, require_available};
use super::{Call, view};

/// What DeleteDBInstance knows.
pub const INSTANCE_PARAMETERS: &[&str] =
    &["DBInstanceIdentifier", "DeleteAutomatedBackups", "FinalDBSnapshotIdentifier", "SkipFinalSnapshot"];

/// What DeleteDBCluster knows.
pub const CLUSTER_PARAMETERS: &[&str] =
    &["DBClusterIdentifier", "DeleteAutomatedBackups", "FinalDBSnapshotIdentifier", "SkipFinalSnapshot"];

/// Deletes an instance. The protection of its cluster does not protect it (User Guide, deleting a cluster).
pub fn instance(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let instance = call.account.instance(call.form.required("DBInstanceIdentifier")?)?;
    call.form.boolean("SkipFinalSnapshot")?;
    call.form.boolean("DeleteAutomatedBackups")?;
    if call.form.text("FinalDBSnapshotIdentifier").is_some() {
        return Err(ApiError::combination(
            "FinalDBSnapshotIdentifier can not be specified when deleting a DB instance that belongs to a DB cluster.",
        ));
    }
    let cluster = call.account.cluster(&instance.cluster)?;
    aurora_only(cluster)?;
    if !matches!(
        instance.status(),
        InstanceStatus::Available
            | InstanceStatus::ConfiguringEnhancedMonitoring
            | InstanceStatus::ConfiguringLogExports
    ) {
        return Err(ApiError::new(
            Code::InvalidInstanceState,
            format!("Instance {} is currently {} and can't be deleted.", instance.id, instance.status().name()),
        ));
    }
    let (id, cluster_id) = (instance.id.clone(), cluster.id.clone());
    let gone = call.account.end_of(Work::DeleteInstance, &instance.resource_id, call.now);
    call.account.steer_instance(&id, Lifecycle::moving(InstanceStatus::Deleting, [(gone, Next::Vanish)]));
    promote_another(call, &id, &cluster_id)?;
    view::instance(xml, call.account, call.account.instance(&id)?, call.account.cluster(&cluster_id)?);
    Ok(())
}

/// When the writer goes, the reader of the lowest promotion tier takes over (User Guide, fault tolerance).
fn promote_another(call: &mut Call<'_>, leaving: &str, cluster: &str) -> Result<(), ApiError> {
    let (account, now) = (&mut *call.account, call.now);
    let owner = account.cluster(cluster)?;
    if owner.writer.as_deref() != Some(leaving) {
        return Ok(());
    }
    let staying = account.members(owner).filter(|member| member.status() == InstanceStatus::Available);
    let Some(heir) = staying.min_by_key(|member| member.promotion_tier).map(|member| member.id.clone()) else {
        return Ok(());
    };
    for message in [
        format!("Started same AZ failover to DB instance: {heir}"),
        format!("Completed failover to DB instance: {heir}"),
    ] {
        account.events.record(now, Source::Cluster, cluster, "failover", &message);
    }
    account.cluster_mut(cluster)?.writer = Some(heir);
    Ok(())
}

/// Deletes a cluster whose instances are all at least `deleting`. The answer still shows the status from before.
pub fn cluster(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let cluster = call.cluster("DBClusterIdentifier")?.clone();
    aurora_only(&cluster)?;
    call.form.boolean("DeleteAutomatedBackups")?;
    let snapshot =
        snapshot::final_name(call.form.flag("SkipFinalSnapshot")?, call.form.text("FinalDBSnapshotIdentifier"))?;
    if cluster.settings.deletion_protection {
        return Err(ApiError::combination(
            "Cannot delete protected Cluster, please disable deletion protection and try again.",
        ));
    }
    check_deletable(call, &cluster)?;
    if let Some(name) = &snapshot {
        call.account.check_room_for_snapshot(name)?;
    }
    view::cluster(xml, call.account, &cluster, call.now);
    let life = end(call, &cluster, snapshot.is_some());
    if let Some(name) = snapshot {
        call.account.take_snapshot(&cluster, &name, Tags::new(), call.now);
    }
    call.account.steer_cluster(&cluster.id, life);
    Ok(())
}

fn check_deletable(call: &Call<'_>, cluster: &Cluster) -> Result<(), ApiError> {
    // What failed to clone can only be deleted.
    if cluster.status() != ClusterStatus::CloningFailed {
        require_available(cluster)?;
    }
    if call.account.members(cluster).any(|member| member.status() != InstanceStatus::Deleting) {
        return Err(ApiError::new(
            Code::InvalidClusterState,
            "Cluster cannot be deleted, it still contains DB instances in non-deleting state.",
        ));
    }
    Ok(())
}

/// With a final snapshot the cluster stays `available` while it is taken; it is gone after its last instance.
fn end(call: &Call<'_>, cluster: &Cluster, with_snapshot: bool) -> Lifecycle<ClusterStatus> {
    let account = &*call.account;
    let instances: Option<Timestamp> = account.members(cluster).filter_map(|member| member.life.last_due()).max();
    let end_from =
        |from| account.end_of(Work::DeleteCluster, &cluster.resource_id, instances.map_or(from, |gone| gone.max(from)));
    if with_snapshot {
        let taken = account.end_of(Work::FinalSnapshot, &cluster.resource_id, call.now);
        let upcoming = [(taken, Next::Become(ClusterStatus::Deleting)), (end_from(taken), Next::Vanish)];
        return Lifecycle::moving(ClusterStatus::Available, upcoming);
    }
    Lifecycle::moving(ClusterStatus::Deleting, [(end_from(call.now), Next::Vanish)])
}
