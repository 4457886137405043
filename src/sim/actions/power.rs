//! RebootDBInstance.

use super::super::account::instance::InstanceStatus;
use super::super::account::lifecycle::Lifecycle;
use super::super::protocol::{ApiError, Code, Xml};
use super::super::rules::timing::Work;
use super::call::aurora_only;
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
