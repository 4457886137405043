//! A stack as the account holds it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::rules::tags::Tags;
use super::template::Template;

/// A stack's or a resource's status. The service writes them in capitals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    CreateComplete,
    CreateFailed,
    CreateInProgress,
    DeleteComplete,
    DeleteFailed,
    DeleteInProgress,
    DeleteSkipped,
    RollbackComplete,
    RollbackFailed,
    RollbackInProgress,
}

impl Status {
    /// The status on the wire (API reference, Stack and StackResource).
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateComplete => "CREATE_COMPLETE",
            Self::CreateFailed => "CREATE_FAILED",
            Self::CreateInProgress => "CREATE_IN_PROGRESS",
            Self::DeleteComplete => "DELETE_COMPLETE",
            Self::DeleteFailed => "DELETE_FAILED",
            Self::DeleteInProgress => "DELETE_IN_PROGRESS",
            Self::DeleteSkipped => "DELETE_SKIPPED",
            Self::RollbackComplete => "ROLLBACK_COMPLETE",
            Self::RollbackFailed => "ROLLBACK_FAILED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
        }
    }
}

/// What happens when a stack can't be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    Delete,
    DoNothing,
    Rollback,
}

/// The values of NoEcho parameters: kept while a stack is being created, never written down, never shown.
#[derive(Clone, Default)]
pub struct Secrets(pub BTreeMap<String, String>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

/// One stack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stack {
    pub id: String,
    pub name: String,
    pub template: Template,
    /// The template as it was sent.
    pub body: String,
    /// The values of parameters; those that are not echoed are `****`.
    pub parameters: BTreeMap<String, String>,
    #[serde(skip)]
    pub secrets: Secrets,
    pub tags: Tags,
    /// What names the request that began it.
    #[serde(default)]
    pub token: Option<String>,
    pub status: Status,
    pub reason: Option<String>,
    pub created: Timestamp,
    pub deleted: Option<Timestamp>,
    /// When it gives up being created.
    pub timeout: Option<Timestamp>,
    pub on_failure: OnFailure,
    pub protected: bool,
    /// Resources that a deletion leaves alone.
    pub retained: BTreeSet<String>,
    pub resources: BTreeMap<String, Made>,
    pub outputs: BTreeMap<String, String>,
    /// Oldest first.
    pub events: Vec<StackEvent>,
    /// When the present work began.
    pub since: Timestamp,
    /// When it goes on; absent while there is nothing to do.
    pub next: Option<Timestamp>,
}

/// A resource of a stack that was begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Made {
    pub physical: Option<String>,
    pub status: Status,
    pub reason: Option<String>,
    pub at: Timestamp,
    /// Whether what follows a restore, or the call that deletes, has been made.
    pub asked: bool,
}

/// One event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StackEvent {
    pub id: String,
    pub logical: String,
    pub physical: String,
    pub kind: String,
    pub at: Timestamp,
    pub status: Status,
    pub reason: Option<String>,
    pub properties: Option<String>,
}

impl Stack {
    /// Whether it is no longer found by its name.
    pub fn is_gone(&self) -> bool {
        self.status == Status::DeleteComplete
    }

    /// Gives the stack a status, and says so in its events.
    pub fn turn(&mut self, status: Status, reason: Option<String>, at: Timestamp) {
        self.status = status;
        self.reason.clone_from(&reason);
        let number = self.events.len();
        self.events.push(StackEvent {
            id: format!("{}-{}-{number:04}", self.name, status.name()),
            logical: self.name.clone(),
            physical: self.id.clone(),
            kind: "AWS::CloudFormation::Stack".to_owned(),
            at,
            status,
            reason,
            properties: None,
        });
    }

    /// Gives a resource a status, and says so in the events.
    pub fn mark(
        &mut self,
        logical: &str,
        status: Status,
        reason: Option<String>,
        at: Timestamp,
        shown: Option<String>,
    ) {
        let kind = self.template.resources.get(logical).map_or("", |own| own.kind.name());
        let made = self.resources.entry(logical.to_owned()).or_insert_with(|| Made {
            physical: None,
            status,
            reason: None,
            at,
            asked: false,
        });
        made.status = status;
        made.reason.clone_from(&reason);
        made.at = at;
        let physical = made.physical.clone().unwrap_or_default();
        let number = self.events.len();
        self.events.push(StackEvent {
            id: format!("{logical}-{}-{number:04}", status.name()),
            logical: logical.to_owned(),
            physical,
            kind: kind.to_owned(),
            at,
            status,
            reason,
            properties: shown,
        });
    }

    /// The resources in a status.
    pub fn in_status(&self, status: Status) -> Vec<String> {
        self.resources.iter().filter(|(_, made)| made.status == status).map(|(logical, _)| logical.clone()).collect()
    }

    /// The status of a resource, once it has been begun.
    pub fn status_of(&self, logical: &str) -> Option<Status> {
        self.resources.get(logical).map(|made| made.status)
    }
}
