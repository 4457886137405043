//! What can go wrong with a call to AWS, in our words.

use thiserror::Error;

/// What an error means for whoever made the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// No credentials were found, or no region.
    NoCredentials,
    /// Credentials that are expired, unknown or wrongly signed: log in again.
    Expired,
    /// The clock of this machine and that of AWS differ too much for a signature.
    Skewed,
    /// Signed in, but not allowed.
    Denied,
    /// Too many calls: wait.
    Throttled,
    /// The service failed, or the connection did; the same call may go through later. A change may have been made.
    Transient,
    /// The endpoint cannot be reached at all.
    Unreachable,
    /// What was named is not there.
    NotFound,
    /// The name is taken.
    AlreadyExists,
    /// Not possible in the state that the cluster is in now.
    InvalidState,
    /// The request is wrong; the same call will always fail.
    Invalid,
    /// The endpoint does not know this operation (an emulator).
    Unsupported,
}

/// An error of AWS. Its texts are free of control characters.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct AwsError {
    /// What it means.
    pub kind: ErrorKind,
    /// Wire code, if AWS answered at all.
    pub code: Option<String>,
    /// The sentence of AWS, or ours.
    pub message: String,
    /// Request id of AWS.
    pub request_id: Option<String>,
}

impl AwsError {
    /// An error without an answer of AWS.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, code: None, message: crate::aurora::text::clean(&message.into()), request_id: None }
    }

    /// What a person can do about it.
    pub fn mend(&self) -> &'static str {
        match self.kind {
            ErrorKind::NoCredentials => {
                "sign in (`aws sso login`, `aws configure`), choose --profile and --region, or look around with `aurewind demo`"
            }
            ErrorKind::Expired => "sign in again (`aws sso login --profile …`)",
            ErrorKind::Skewed => "set the clock of this machine",
            ErrorKind::Denied => "ask for the permission that the message names",
            ErrorKind::Throttled => "wait; it is tried again",
            ErrorKind::Transient => "it is tried again",
            ErrorKind::Unreachable => {
                "check the network, the region and --endpoint-url; `aurewind demo` needs none of them"
            }
            ErrorKind::NotFound => "check the name, the profile and the region",
            ErrorKind::AlreadyExists => "choose another name",
            ErrorKind::InvalidState => "wait until the cluster is available",
            ErrorKind::Invalid => "change what was asked for",
            ErrorKind::Unsupported => "this endpoint cannot do it; AWS and `aurewind sim` can",
        }
    }
}
