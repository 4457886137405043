//! What to do about an error: try again, look again, wait for a person, give up.

use super::{Call, StackCall};
use crate::aws::{AwsError, ErrorKind};
use crate::engine::task::{FailureKind, Task, TaskError};

/// What an error leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Reaction {
    /// Look and try again after a pause that grows.
    Again(String),
    /// Look at once: what is there may be what was asked for.
    Look(String),
    /// Nothing helps but a person; try again now and then.
    Pause(String),
    /// The step is over all the same.
    Advance(String),
    /// Give up.
    Fail(TaskError),
}

/// How often a name may be taken by something that cannot be seen.
const INVISIBLE: u32 = 3;

/// What `error`, the answer to `call`, leads to.
pub fn react(task: &Task, call: &Call, error: &AwsError) -> Reaction {
    let attempts = task.current().map_or(0, |step| step.attempts);
    match (error.kind, call) {
        // Ours only if an earlier call may have got through; otherwise somebody else's, and nothing was deleted.
        (ErrorKind::AlreadyExists, Call::DeleteCluster { .. }) if task.unanswered.is_some() => {
            Reaction::Advance("the final snapshot of an earlier call is there".into())
        }
        (
            ErrorKind::AlreadyExists,
            Call::Restore(_) | Call::CreateInstance { .. } | Call::Stack(StackCall::Create { .. }),
        ) if attempts < INVISIBLE => {
            Reaction::Look(format!("{} says that the name is taken; looking whose it is", call.action()))
        }
        (ErrorKind::AlreadyExists, _) => Reaction::Fail(failure(FailureKind::Conflict, call, error)),
        (ErrorKind::NotFound, Call::DeleteInstance(_) | Call::DeleteCluster { .. }) => {
            Reaction::Look("it is gone".into())
        }
        (ErrorKind::Invalid, Call::Backtrack { force: false, .. }) if names_binary_log(&error.message) => {
            let failure = failure(FailureKind::Aws, call, error);
            let step = "what reads its binary log never hears of a rewind; if nothing does, ask for it with --force";
            Reaction::Fail(failure.next(step))
        }
        (ErrorKind::InvalidState, _) => Reaction::Again(format!("not possible yet: {error}")),
        _ => common(error).unwrap_or_else(|| Reaction::Fail(failure(FailureKind::Aws, call, error))),
    }
}

/// Whether AWS refuses for the sake of binary logging. Its sentence is not documented.
fn names_binary_log(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("binlog") || message.contains("binary log")
}

/// What an error of a reading leads to.
pub fn react_to_reading(error: &AwsError) -> Reaction {
    common(error).unwrap_or_else(|| {
        Reaction::Fail(TaskError {
            kind: FailureKind::Aws,
            message: error.message.clone(),
            code: error.code.clone(),
            request_id: error.request_id.clone(),
            next_steps: vec![error.mend().to_owned()],
        })
    })
}

fn common(error: &AwsError) -> Option<Reaction> {
    match error.kind {
        ErrorKind::Throttled => Some(Reaction::Again("throttled".into())),
        ErrorKind::Transient | ErrorKind::Unreachable => Some(Reaction::Again(error.message.clone())),
        ErrorKind::Expired | ErrorKind::NoCredentials | ErrorKind::Skewed => {
            let what = match error.kind {
                ErrorKind::Expired => "credentials expired",
                ErrorKind::NoCredentials => "no credentials",
                _ => "the clock of this machine is wrong",
            };
            Some(Reaction::Pause(format!("{what}: {}; {}", error.message, error.mend())))
        }
        _ => None,
    }
}

fn failure(kind: FailureKind, call: &Call, error: &AwsError) -> TaskError {
    TaskError {
        kind,
        message: format!("{}: {}", call.action(), error.message),
        code: error.code.clone(),
        request_id: error.request_id.clone(),
        next_steps: vec![error.mend().to_owned()],
    }
}
