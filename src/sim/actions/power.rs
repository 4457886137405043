//! StartDBCluster, StopDBCluster and RebootDBInstance.

use super::super::account::cluster::ClusterStatus;
use super::super::account::instance::InstanceStatus;
use super::super::account::lifecycle::Lifecycle;
use super::super::protocol::{ApiError, Code, Xml};
use super::super::rules::timing::Work;
use super::call::{aurora_only, require_available};
use super::{Call, view};

/// Restarts an instance. The writer's restart brings the static parameters of the cluster into effect
/// (API reference, RebootDBInstance; User Guide, parameter groups).
pub fn reboot(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    if call.form.flag("ForceFailover")? {
        return Err(ApiError::combination("Cannot reboot an instance of an Aurora DB cluster with failover."));
    }
    let instance = call.account.instance(call.form.required("DBInstanceIdentifier")?)?.clone();
    let cluster = call.account.cluster(&instance.cluster)?;
    aurora_only(cluster)?;
    if instance.status() != InstanceStatus::Available {
        let message = format!("Instance {} is not available; it is {}.", instance.id, instance.status().name());
        return Err(ApiError::new(Code::InvalidInstanceState, message));
    }
    let done = call.account.end_of(Work::Reboot, &instance.resource_id, call.now);
    let life = Lifecycle::until(InstanceStatus::Rebooting, done, InstanceStatus::Available);
    call.account.steer_instance(&instance.id, life);
    view::instance(xml, call.account, call.account.instance(&instance.id)?, call.account.cluster(&instance.cluster)?);
    Ok(())
}

/// Stops a cluster and its instances; only its storage goes on (User Guide, stopping a cluster).
pub fn stop(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let cluster = call.cluster("DBClusterIdentifier")?.clone();
    aurora_only(&cluster)?;
    require_available(&cluster)?;
    let busy = call.account.members(&cluster).find(|member| member.status() != InstanceStatus::Available);
    if let Some(busy) = busy {
        let message = format!("Instance {} is not available; it is {}.", busy.id, busy.status().name());
        return Err(ApiError::new(Code::InvalidInstanceState, message));
    }
    view::cluster(xml, call.account, &cluster, call.now);
    call.account.stop_cluster(&cluster.id, call.now);
    Ok(())
}

/// Starts a stopped cluster and its instances (User Guide, starting a cluster).
pub fn start(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let cluster = call.cluster("DBClusterIdentifier")?.clone();
    aurora_only(&cluster)?;
    if cluster.status() != ClusterStatus::Stopped {
        let message = format!(
            "DbCluster {} is in {} state but expected it to be one of stopped.",
            cluster.id,
            cluster.status().name()
        );
        return Err(ApiError::new(Code::InvalidClusterState, message));
    }
    call.account.check_server_for(&cluster)?;
    call.account.start_cluster(&cluster.id, call.now);
    view::cluster(xml, call.account, call.account.cluster(&cluster.id)?, call.now);
    Ok(())
}
