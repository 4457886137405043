//! Making a call: the permit first, from what was just read.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::machine::{Answer, Call, Rules, StackCall, Subject};
use super::seen::Seen;
use super::task::{FailureKind, Request, Task, TaskError, TaskId};
use crate::aurora::ids::ClusterId;
use crate::aurora::policy::{
    Application, Deed, Fresh, Permit, Refusal, StackApplication, StackDeed, StackPermit, StackRefusal,
};
use crate::aurora::stack::{StackName, StackSpec};
use crate::aws::{Aws, AwsError, ErrorKind};
use jiff::Timestamp;
use secrecy::SecretString;

/// Why a call is not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// The reading has grown too old meanwhile: read again, and decide again.
    Stale,
    /// The task fails.
    Refused(TaskError),
}

/// A permit of either kind.
#[derive(Debug)]
pub enum Granted {
    /// For a call on a cluster.
    Cluster(Permit),
    /// For a call on a stack.
    Stack(StackPermit),
}

/// Asks the policy for `call`, on the reading that led to it.
///
/// # Errors
/// Why there is no permit.
pub fn permit(task: &Task, call: &Call, seen: &Seen, rules: &Rules, now: Timestamp) -> Result<Granted, Denied> {
    match call.subject() {
        Subject::Cluster(deed, cluster) => {
            permit_cluster(task, call, (deed, cluster), seen, rules, now).map(Granted::Cluster)
        }
        Subject::Stack(deed, name) => permit_stack(task, (deed, name), seen, rules, now).map(Granted::Stack),
    }
}

fn refused(kind: FailureKind, message: String) -> Denied {
    Denied::Refused(TaskError::new(kind, message))
}

fn permit_stack(
    task: &Task,
    (deed, name): (StackDeed, &StackName),
    seen: &Seen,
    rules: &Rules,
    now: Timestamp,
) -> Result<StackPermit, Denied> {
    let Request::Stack(request) = &task.request else {
        return Err(refused(FailureKind::Conflict, format!("a {} has no stack", task.request.kind())));
    };
    let application = StackApplication {
        deed,
        name,
        stack: &Fresh { value: seen.stack.clone(), read_at: seen.at },
        bound: task.stack.as_deref(),
        maker: request.maker(&task.id).as_str(),
        now,
    };
    rules.policy.permit_stack(&application).map_err(|refusal| match refusal {
        StackRefusal::Stale(_) => Denied::Stale,
        refusal @ StackRefusal::Policy { .. } => refused(FailureKind::Refused, refusal.to_string()),
    })
}

fn permit_cluster(
    task: &Task,
    call: &Call,
    (deed, id): (Deed, &ClusterId),
    seen: &Seen,
    rules: &Rules,
    now: Timestamp,
) -> Result<Permit, Denied> {
    let Some(cluster) = seen.cluster(id) else {
        return Err(refused(FailureKind::Conflict, format!("`{id}` is not there any more")));
    };
    let expected = match call {
        Call::Restore(spec) => Some(&spec.source_resource),
        _ => task.resource.as_ref(),
    };
    let group = seen.kin(cluster);
    let fresh = Fresh { value: cluster.clone(), read_at: seen.at };
    let application = Application {
        deed,
        cluster: &fresh,
        group: &group,
        expected,
        task: task.id.as_str(),
        typed: task.typed.as_ref(),
        now,
    };
    rules.policy.permit(&application).map_err(|refusal| match refusal {
        Refusal::Stale(_) => Denied::Stale,
        refusal => refused(FailureKind::Refused, refusal.to_string()),
    })
}

/// What calls need that is in the memory of this process alone.
#[derive(Debug)]
pub struct Unwritten {
    /// What is sent for a stack.
    pub spec: Option<Arc<StackSpec>>,
    /// The new password of a master user.
    pub password: Option<SecretString>,
}

/// Makes `call`.
///
/// # Errors
/// What AWS answered.
pub async fn make(
    aws: &Aws,
    task: &TaskId,
    call: &Call,
    granted: Granted,
    memory: &Unwritten,
) -> Result<Answer, AwsError> {
    let permit = match (granted, call) {
        (Granted::Cluster(permit), _) => permit,
        (Granted::Stack(permit), Call::Stack(call)) => {
            return make_stack(aws, task, call, permit, memory.spec.as_deref()).await;
        }
        (Granted::Stack(permit), _) => return Err(misplaced(permit.name().as_str())),
    };
    match call {
        Call::Stack(_) => return Err(misplaced(permit.cluster().as_str())),
        Call::Restore(spec) => {
            let cluster = aws.restore(permit, spec).await?;
            return Ok(Answer::Cluster(Box::new(cluster)));
        }
        Call::Secure { master, retention_days, .. } => {
            aws.secure(permit, *master, memory.password.as_ref(), *retention_days).await?;
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

/// A mistake of ours; the call must not go out.
fn misplaced(name: &str) -> AwsError {
    AwsError::new(ErrorKind::Invalid, format!("the permit for `{name}` is not one for this call"))
}

async fn make_stack(
    aws: &Aws,
    task: &TaskId,
    call: &StackCall,
    permit: StackPermit,
    spec: Option<&StackSpec>,
) -> Result<Answer, AwsError> {
    match (call, spec) {
        (StackCall::Create { .. }, Some(spec)) => {
            let made = aws.build_stack(permit, spec, task.as_str()).await;
            made.map(Answer::Stack).map_err(|error| AwsError { message: spec.redact(&error.message), ..error })
        }
        (StackCall::Create { .. }, None) => {
            let message = "the template is known only to the process that began with it";
            Err(AwsError::new(ErrorKind::Invalid, message))
        }
        (StackCall::Delete { .. }, _) => aws.unbuild_stack(permit).await.map(|()| Answer::Done),
    }
}
