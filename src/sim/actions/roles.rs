//! AddRoleToDBCluster and RemoveRoleFromDBCluster.

use super::super::protocol::{ApiError, Code, Xml};
use super::super::rules::roles::{self, Role};
use super::super::rules::timing::Work;
use super::Call;

/// What both know.
pub const PARAMETERS: &[&str] = &["DBClusterIdentifier", "FeatureName", "RoleArn"];

/// Gives a role to a cluster; it is pending for a while (API reference, AddRoleToDBCluster; DBClusterRole.Status).
pub fn add(call: &mut Call<'_>, _: &mut Xml) -> Result<(), ApiError> {
    let (arn, feature) = (call.form.required("RoleArn")?, call.form.text("FeatureName"));
    let cluster = call.available_cluster("DBClusterIdentifier")?;
    let role = Role::new(cluster.engine, arn, feature)?;
    let present = &cluster.settings.roles;
    if present.iter().any(|one| one.is(arn, feature)) {
        let message = format!("Role ARN {arn} is already associated with DB Cluster: {}.", cluster.id);
        return Err(ApiError::new(Code::RoleAlreadyExists, message));
    }
    if present.len() >= roles::MOST {
        return Err(roles::too_many());
    }
    let (id, active) = (cluster.id.clone(), call.account.end_of(Work::Modify, &cluster.resource_id, call.now));
    call.account.cluster_mut(&id)?.settings.roles.push(Role { active_from: Some(active), ..role });
    Ok(())
}

/// Takes a role from a cluster (API reference, RemoveRoleFromDBCluster). That it is gone at once is an assumption.
pub fn remove(call: &mut Call<'_>, _: &mut Xml) -> Result<(), ApiError> {
    let (arn, feature) = (call.form.required("RoleArn")?, call.form.text("FeatureName"));
    let id = call.available_cluster("DBClusterIdentifier")?.id.clone();
    let roles = &mut call.account.cluster_mut(&id)?.settings.roles;
    let Some(place) = roles.iter().position(|role| role.is(arn, feature)) else {
        let message = format!("Role ARN {arn} cannot be found for DB Cluster: {id}.");
        return Err(ApiError::new(Code::RoleNotFound, message));
    };
    roles.remove(place);
    Ok(())
}
