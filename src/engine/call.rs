//! Making a call: the permit first, from what was just read.

use std::collections::BTreeMap;

use super::machine::{Answer, Call, Rules};
use super::seen::Seen;
use super::task::{FailureKind, Task, TaskError};
use crate::aurora::policy::{Application, Fresh, Permit, Refusal};
use crate::aws::{Aws, AwsError};
use jiff::Timestamp;

/// Why a call is not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// The reading has grown too old meanwhile: read again, and decide again.
    Stale,
    /// The task fails.
    Refused(TaskError),
}

/// Asks the policy for `call`, on the reading that led to it.
///
/// # Errors
/// Why there is no permit.
pub fn permit(task: &Task, call: &Call, seen: &Seen, rules: &Rules, now: Timestamp) -> Result<Permit, Denied> {
    let Some(cluster) = seen.cluster(call.cluster()) else {
        let message = format!("`{}` is not there any more", call.cluster());
        return Err(Denied::Refused(TaskError::new(FailureKind::Conflict, message)));
    };
    let expected = match call {
        Call::Restore(spec) => Some(&spec.source_resource),
        _ => task.resource.as_ref(),
    };
    let group = seen.kin(cluster);
    let fresh = Fresh { value: cluster.clone(), read_at: seen.at };
    let application = Application {
        deed: call.deed(),
        cluster: &fresh,
        group: &group,
        expected,
        task: task.id.as_str(),
        typed: task.typed.as_ref(),
        now,
    };
    rules.policy.permit(&application).map_err(|refusal| match refusal {
        Refusal::Stale(_) => Denied::Stale,
        refusal => Denied::Refused(TaskError::new(FailureKind::Refused, refusal.to_string())),
    })
}

/// Makes `call`.
///
/// # Errors
/// What AWS answered.
pub async fn make(aws: &Aws, call: &Call, permit: Permit) -> Result<Answer, AwsError> {
    match call {
        Call::Restore(spec) => {
            let cluster = aws.restore(permit, spec).await?;
            return Ok(Answer::Cluster(Box::new(cluster)));
        }
        Call::Backtrack { to, earliest, force, .. } => {
            return Ok(Answer::Rewind(aws.backtrack(permit, *to, *earliest, *force).await?));
        }
        Call::CreateInstance { spec, tags, .. } => aws.create_instance(permit, spec, tags).await?,
        Call::Tag { arn, tags, .. } => aws.tag(permit, arn, tags).await?,
        Call::Mark { arn, name, at: Some(at), .. } => {
            aws.tag(permit, arn, &BTreeMap::from([(name.tag_key(), at.to_string())])).await?;
        }
        Call::Mark { arn, name, at: None, .. } => aws.untag(permit, arn, &name.tag_key()).await?,
        Call::Stay { arn, stay, .. } => match stay.tag() {
            (key, Some(value)) => aws.tag(permit, arn, &BTreeMap::from([(key.to_owned(), value)])).await?,
            (key, None) => aws.untag(permit, arn, key).await?,
        },
        Call::DeleteInstance(instance) => aws.delete_instance(permit, instance).await?,
        Call::DeleteCluster { resource, final_snapshot, .. } => {
            aws.delete_cluster(permit, resource, final_snapshot.as_ref()).await?;
        }
    }
    Ok(Answer::Done)
}
