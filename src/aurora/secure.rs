//! Who may log in to a clone, and how long its backups are kept: what is set on it before anybody works with it.

use serde::{Deserialize, Serialize};

use super::ids::{ClusterId, ResourceId};

/// What becomes of the master user's password. A clone has its source's (User Guide, Cloning a volume).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MasterPassword {
    /// A new one that this program makes. It is never written down.
    Rotate,
    /// One that Secrets Manager makes and keeps. It is never carried over to a clone (User Guide, Password management with
    /// Amazon Aurora and AWS Secrets Manager).
    Managed,
    /// As it is.
    Keep,
}

impl MasterPassword {
    /// What has become of it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Rotate => "the master user has a new password",
            Self::Managed => "Secrets Manager keeps the master user's password",
            Self::Keep => "the master user has its source's password",
        }
    }
}

/// What is asked for. There is no secret in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecureRequest {
    /// The clone.
    pub cluster: ClusterId,
    /// Its resource id.
    pub resource: ResourceId,
    /// What becomes of the password.
    pub master: MasterPassword,
    /// How many days its automated backups are to be kept.
    pub retention_days: Option<u16>,
}

/// The secret in which Secrets Manager keeps the master user's password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MasterSecret {
    /// Its ARN.
    pub arn: String,
    /// Whether it can be used: neither being made, nor changed, nor broken (API reference, MasterUserSecret).
    pub active: bool,
}
