//! What CreateDBCluster takes to make a replica or a part of a global database: neither is simulated, and what they name
//! has to be there all the same.

use super::super::account::instance::InstanceStatus;
use super::super::protocol::{ApiError, Code};
use super::Call;
use super::call::require_available;

/// What names what is copied from.
pub const PARAMETERS: &[&str] =
    &["GlobalClusterIdentifier", "PreSignedUrl", "ReplicationSourceIdentifier", "SourceRegion"];

/// Refuses a global database that is not there, and a source that is not or is busy; then the replica itself
/// (API reference, CreateDBCluster, GlobalClusterIdentifier and ReplicationSourceIdentifier).
pub fn check(call: &Call<'_>) -> Result<(), ApiError> {
    if let Some(id) = call.form.text("GlobalClusterIdentifier") {
        return Err(ApiError::new(Code::GlobalClusterNotFound, format!("Global cluster {id} not found")));
    }
    let Some(source) = call.form.text("ReplicationSourceIdentifier") else {
        return Ok(());
    };
    if source.split(':').nth(5) == Some("db") {
        let instance = call.account.instance(source)?;
        if instance.status() != InstanceStatus::Available {
            let message = format!("DB Instance {} is not in the available state.", instance.id);
            return Err(ApiError::new(Code::InvalidInstanceState, message));
        }
    } else {
        require_available(call.account.cluster(source)?)?;
    }
    Err(ApiError::new(Code::NotImplemented, "The simulator does not make clusters that replicate another one."))
}
