//! How a command ends: exit codes and the error that is printed.

use serde::Serialize;
use serde_json::{Value, json};
use thiserror::Error;

use crate::aws::{AwsError, ErrorKind};
use crate::engine::TaskError;
use crate::engine::store::StoreError;
use crate::engine::task::FailureKind;

/// Exit codes (the contract of scripts).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Tests or verdict failed.
    Verdict = 1,
    /// Usage, config or recipe wrong.
    Usage = 2,
    /// Refused by a check, the policy or the person.
    Refused = 3,
    /// A release step failed.
    Release = 4,
    /// AWS error.
    Aws = 5,
    /// Timed out.
    Timeout = 6,
    /// Done, but what was made is not confirmed gone.
    Leaked = 7,
    /// The rewind landed outside the tolerance.
    Tolerance = 8,
    /// Ctrl-C.
    Interrupted = 130,
    /// SIGTERM.
    Terminated = 143,
}

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct CliError {
    /// How the process ends.
    pub exit: Exit,
    /// A word for programs.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
    /// Error code and request id of AWS.
    pub aws: Option<(Option<String>, Option<String>)>,
    /// What can be done.
    pub next_steps: Vec<String>,
}

impl CliError {
    /// A failure.
    pub fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        Self { exit, code, message: message.into(), aws: None, next_steps: Vec::new() }
    }

    /// Something on the command line or in the settings is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    /// Refused by a check, the policy or the person.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, "refused", message)
    }

    /// The same with a next step.
    #[must_use]
    pub fn next(mut self, step: impl Into<String>) -> Self {
        self.next_steps.push(step.into());
        self
    }

    /// The value of `error` in JSON.
    pub fn value(&self) -> Value {
        #[derive(Serialize)]
        struct Aws<'a> {
            code: &'a Option<String>,
            request_id: &'a Option<String>,
        }
        let aws = self.aws.as_ref().map(|(code, request_id)| Aws { code, request_id });
        json!({"code": self.code, "message": self.message, "aws": aws, "next_steps": self.next_steps})
    }
}

impl From<AwsError> for CliError {
    fn from(error: AwsError) -> Self {
        let code = match error.kind {
            ErrorKind::NoCredentials => "no_credentials",
            ErrorKind::Expired => "expired",
            ErrorKind::Skewed => "skewed",
            ErrorKind::Denied => "denied",
            ErrorKind::Throttled => "throttled",
            ErrorKind::Transient => "transient",
            ErrorKind::Unreachable => "unreachable",
            ErrorKind::NotFound => "not_found",
            ErrorKind::AlreadyExists => "already_exists",
            ErrorKind::InvalidState => "invalid_state",
            ErrorKind::Invalid => "invalid",
            ErrorKind::Unsupported => "unsupported",
        };
        let mend = error.mend();
        let answered = error.code.is_some() || error.request_id.is_some();
        Self {
            exit: Exit::Aws,
            code,
            message: error.message,
            aws: answered.then_some((error.code, error.request_id)),
            next_steps: vec![mend.to_owned()],
        }
    }
}

impl From<TaskError> for CliError {
    fn from(error: TaskError) -> Self {
        let (exit, code) = match error.kind {
            FailureKind::Refused => (Exit::Refused, "refused"),
            FailureKind::Journal => (Exit::Refused, "journal"),
            FailureKind::Aws => (Exit::Aws, "aws"),
            FailureKind::Conflict => (Exit::Aws, "conflict"),
            FailureKind::Timeout => (Exit::Timeout, "timeout"),
            FailureKind::Verdict => (Exit::Verdict, "verdict"),
        };
        let answered = error.code.is_some() || error.request_id.is_some();
        Self {
            exit,
            code,
            message: error.message,
            aws: answered.then_some((error.code, error.request_id)),
            next_steps: error.next_steps,
        }
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::new(Exit::Refused, "journal", error.to_string()).next("check the folder, or set AUREWIND_STATE_DIR")
    }
}

impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> Self {
        Self::new(Exit::Usage, "io", error.to_string())
    }
}
