//! What comes of a task, and why it fails.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::outage::Outage;
use super::stacks::BuiltStack;
use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aurora::mark::MarkName;
use crate::aurora::secure::MasterPassword;
use crate::aurora::stack::StackName;
use crate::aurora::stay::Stay;

/// What came of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum TaskResult {
    /// The clone.
    Create {
        /// Identifier.
        cluster: ClusterId,
        /// Resource id.
        resource_id: ResourceId,
        /// Writer endpoint.
        endpoint: Option<String>,
        /// TCP port.
        port: Option<u16>,
        /// Where what came differs from what was asked for.
        differences: Vec<String>,
    },
    /// The rewind.
    Rewind {
        /// The moment asked for.
        asked: Timestamp,
        /// Where it landed; Aurora takes the nearest consistent time.
        landed: Timestamp,
        /// Landed minus asked, in seconds.
        delta_seconds: f64,
        /// The moment it was taken back from: undo goes to just before it.
        backtracked_from: Option<Timestamp>,
        /// How long nobody could work with it; absent if it was never seen to be down.
        #[serde(default)]
        outage: Option<Outage>,
    },
    /// The deletion.
    Delete {
        /// What is gone.
        cluster: ClusterId,
        /// The final snapshot that was kept.
        final_snapshot: Option<ClusterId>,
    },
    /// The mark.
    Mark {
        /// What it is called.
        name: MarkName,
        /// The moment that it stands for; absent: it was taken off.
        at: Option<Timestamp>,
    },
    /// The protection, or the end, of a clone.
    Stay {
        /// How long it stays now.
        stay: Stay,
    },
    /// Who may log in now.
    Secure {
        /// What became of the master user's password.
        master: MasterPassword,
        /// ARN of the secret in which Secrets Manager keeps it.
        secret: Option<String>,
        /// How many days backups are kept, if that was asked for.
        retention_days: Option<u16>,
    },
    /// The test run.
    Test {
        /// What it is judged to be, in a word.
        verdict: String,
        /// What could not be confirmed gone.
        leaked: Vec<String>,
        /// Until when the clone is kept to look at it.
        kept_until: Option<Timestamp>,
        /// The reports that were written.
        reports: Vec<PathBuf>,
    },
    /// The stack that was made.
    Environment(BuiltStack),
    /// The stack that is gone.
    Unbuild {
        /// Its name.
        name: StackName,
    },
}

/// Why a task failed: decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailureKind {
    /// A check or the policy refused; nothing was changed.
    Refused,
    /// AWS answered with an error, or what it made is broken.
    Aws,
    /// A step outlived its deadline.
    Timeout,
    /// Something of another making is in the way.
    Conflict,
    /// The journal could not be written; nothing was called.
    Journal,
    /// What was tried in a test run is not good.
    Verdict,
}

/// Why a task failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Error)]
#[error("{message}")]
pub struct TaskError {
    /// Which kind of failure.
    pub kind: FailureKind,
    /// What happened, in a sentence.
    pub message: String,
    /// Error code of AWS.
    pub code: Option<String>,
    /// Request id of AWS.
    pub request_id: Option<String>,
    /// What can be done next.
    pub next_steps: Vec<String>,
}

impl TaskError {
    /// A failure without an AWS error.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), code: None, request_id: None, next_steps: Vec::new() }
    }

    /// The same with a next step.
    #[must_use]
    pub fn next(mut self, step: impl Into<String>) -> Self {
        self.next_steps.push(step.into());
        self
    }
}
