//! CloudFormation stacks, as far as a test run makes one and deletes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::ownership::TAG_TASK;

/// The biggest template that fits into a request, in bytes (API reference, CreateStack, TemplateBody).
pub const MAX_TEMPLATE: usize = 51_200;

/// The longest name of a stack (API reference, CreateStack, StackName).
pub const MAX_NAME: usize = 128;

/// The name of a stack: 1–128 letters, digits and hyphens, a letter first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StackName(String);

/// Why a text is no name of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a name for a stack; use 1–128 letters, digits and hyphens, starting with a letter")]
pub struct InvalidStackName(String);

impl StackName {
    /// The name as CloudFormation keeps it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StackName {
    type Err = InvalidStackName;

    fn from_str(text: &str) -> Result<Self, InvalidStackName> {
        let legal = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && text.len() <= MAX_NAME;
        if legal { Ok(Self(text.to_owned())) } else { Err(InvalidStackName(super::text::clean(text))) }
    }
}

impl TryFrom<String> for StackName {
    type Error = InvalidStackName;

    fn try_from(text: String) -> Result<Self, InvalidStackName> {
        text.parse()
    }
}

impl From<StackName> for String {
    fn from(name: StackName) -> Self {
        name.0
    }
}

impl fmt::Display for StackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The value of a parameter of a template.
#[derive(Debug, Clone)]
pub enum ParameterValue {
    /// One that a recipe says openly.
    Open(String),
    /// One from an environment variable.
    Secret(SecretString),
}

impl ParameterValue {
    /// The value itself, for the call alone.
    pub fn expose(&self) -> &str {
        match self {
            Self::Open(text) => text,
            Self::Secret(secret) => secret.expose_secret(),
        }
    }
}

/// What is sent for a stack. It is kept in memory alone, because parameters may be secrets.
#[derive(Debug, Clone)]
pub struct StackSpec {
    /// The template's text.
    pub template: String,
    /// Parameters by name.
    pub parameters: BTreeMap<String, ParameterValue>,
    /// What the template may make besides, as in `CAPABILITY_IAM`.
    pub capabilities: Vec<String>,
    /// Tags; CloudFormation passes them on to what it makes.
    pub tags: BTreeMap<String, String>,
    /// The outputs that are asked for; no other is kept.
    pub outputs: BTreeSet<String>,
}

/// Shorter texts stand in too many words to be taken out of them.
const SHORTEST_SECRET: usize = 4;

impl StackSpec {
    /// `text` without the secrets among the parameters.
    pub fn redact(&self, text: &str) -> String {
        let secrets = self.parameters.values().filter_map(|value| match value {
            ParameterValue::Secret(secret) => Some(secret.expose_secret()),
            ParameterValue::Open(_) => None,
        });
        let mut secrets: Vec<&str> = secrets.filter(|secret| secret.len() >= SHORTEST_SECRET).collect();
        // A secret may be a part of another one.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "****"))
    }
}

/// How far a stack is, whatever else its status says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It is being made.
    Making,
    /// It is there.
    Made,
    /// It could not be made.
    Broken,
    /// It is being deleted.
    Deleting,
    /// It could not be deleted.
    Stuck,
    /// It is gone.
    Gone,
    /// Somebody else does something with it.
    Busy,
}

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackResource {
    /// Its name in the template.
    pub logical: String,
    /// What it is called where it is.
    pub physical: Option<String>,
    /// Its type, as in `AWS::RDS::DBCluster`.
    pub kind: String,
    /// Its status, as CloudFormation writes it.
    pub status: String,
    /// Why.
    pub reason: Option<String>,
    /// Since when.
    pub at: Option<Timestamp>,
}

/// A stack as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// Its id: an ARN that no other stack ever has, whatever its name.
    pub id: String,
    /// Its name.
    pub name: StackName,
    /// Its status, as CloudFormation writes it.
    pub status: String,
    /// Why.
    pub reason: Option<String>,
    /// Whether its termination protection is on.
    pub protected: bool,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its outputs, once it is there.
    pub outputs: BTreeMap<String, String>,
    /// Its resources as far as they were begun, a hundred at most.
    pub resources: Vec<StackResource>,
}

impl Stack {
    /// How far it is (User Guide, stack status codes).
    pub fn phase(&self) -> Phase {
        match self.status.as_str() {
            "CREATE_IN_PROGRESS" => Phase::Making,
            "CREATE_COMPLETE"
            | "UPDATE_COMPLETE"
            | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "IMPORT_COMPLETE" => Phase::Made,
            "CREATE_FAILED" | "ROLLBACK_IN_PROGRESS" | "ROLLBACK_FAILED" | "ROLLBACK_COMPLETE" => Phase::Broken,
            "DELETE_IN_PROGRESS" => Phase::Deleting,
            "DELETE_FAILED" => Phase::Stuck,
            "DELETE_COMPLETE" => Phase::Gone,
            _ => Phase::Busy,
        }
    }

    /// Whether its tags say that `task` made it.
    pub fn made_by(&self, task: &str) -> bool {
        self.tags.get(TAG_TASK).map(String::as_str) == Some(task)
    }

    /// Why it could not be made: the first resource that failed. The others are cancelled because of it.
    pub fn failure(&self) -> String {
        let cancelled = |resource: &&StackResource| {
            resource.reason.as_deref().is_some_and(|reason| reason.ends_with("creation cancelled"))
        };
        let failed = || self.resources.iter().filter(|resource| resource.status == "CREATE_FAILED");
        let first = failed().filter(|resource| !cancelled(resource)).min_by_key(|resource| resource.at);
        match first.or_else(|| failed().min_by_key(|resource| resource.at)) {
            Some(resource) => describe(resource),
            None => self.reason.clone().unwrap_or_else(|| format!("it is {}", self.status)),
        }
    }

    /// What keeps it from being deleted.
    pub fn obstacles(&self) -> String {
        let failed = self.resources.iter().filter(|resource| resource.status == "DELETE_FAILED");
        let all: Vec<String> = failed.map(describe).collect();
        match (all.is_empty(), &self.reason) {
            (false, _) => all.join("; "),
            (true, Some(reason)) => reason.clone(),
            (true, None) => format!("it is {}", self.status),
        }
    }

    /// What it is waiting for.
    pub fn progress(&self) -> String {
        let in_status = |ends: &'static str| self.resources.iter().filter(move |r| r.status.ends_with(ends));
        let under_way: Vec<String> = in_status("_IN_PROGRESS").map(|r| format!("`{}`", r.logical)).collect();
        let done = in_status(if self.phase() == Phase::Deleting { "DELETE_COMPLETE" } else { "CREATE_COMPLETE" });
        let counted = match done.count() {
            0 => "no resource is done".to_owned(),
            1 => "1 resource is done".to_owned(),
            count => format!("{count} resources are done"),
        };
        if under_way.is_empty() { counted } else { format!("{counted}, waiting for {}", under_way.join(", ")) }
    }
}

fn describe(resource: &StackResource) -> String {
    let reason = resource.reason.as_deref().unwrap_or("no reason was given");
    format!("`{}` ({}): {reason}", resource.logical, resource.kind)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A stack that a task has made.
    pub fn stack(name: &str, status: &str, task: &str) -> Stack {
        Stack {
            id: format!("arn:aws:cloudformation:eu-west-1:123456789012:stack/{name}/1"),
            name: name.parse().unwrap(),
            status: status.into(),
            reason: None,
            protected: false,
            tags: BTreeMap::from([(TAG_TASK.into(), task.into())]),
            outputs: BTreeMap::new(),
            resources: Vec::new(),
        }
    }

    /// A resource of it.
    pub fn resource(logical: &str, status: &str, reason: Option<&str>, second: i64) -> StackResource {
        StackResource {
            logical: logical.into(),
            physical: None,
            kind: "AWS::RDS::DBInstance".into(),
            status: status.into(),
            reason: reason.map(str::to_owned),
            at: Timestamp::from_second(second).ok(),
        }
    }

    #[rstest::rstest]
    #[case("test-shop-1", true)]
    #[case("Test", true)]
    #[case("a--b-", true)]
    #[case("", false)]
    #[case("1st", false)]
    #[case("-a", false)]
    #[case("a_b", false)]
    #[case("ä", false)]
    fn names(#[case] text: &str, #[case] legal: bool) {
        assert_eq!(text.parse::<StackName>().is_ok(), legal);
        assert!("a".repeat(MAX_NAME).parse::<StackName>().is_ok());
        assert!("a".repeat(MAX_NAME + 1).parse::<StackName>().is_err());
    }

    #[test]
    fn the_first_failure_is_told_and_not_what_was_cancelled_because_of_it() {
        let mut broken = stack("test", "CREATE_FAILED", "t1");
        assert_eq!(broken.failure(), "it is CREATE_FAILED");
        broken.reason = Some("The following resource(s) failed to create: [Writer].".into());
        assert!(broken.failure().contains("[Writer]"));
        broken.resources = vec![
            resource("Group", "CREATE_FAILED", Some("Resource creation cancelled"), 1),
            resource("Later", "CREATE_FAILED", Some("late"), 3),
            resource("Writer", "CREATE_FAILED", Some("no capacity"), 2),
            resource("Vpc", "CREATE_COMPLETE", None, 0),
        ];
        assert_eq!(broken.failure(), "`Writer` (AWS::RDS::DBInstance): no capacity");
    }

    #[test]
    fn what_is_under_way_and_what_stands_in_the_way_is_told() {
        let mut stack = stack("test", "CREATE_IN_PROGRESS", "t1");
        assert_eq!(stack.progress(), "no resource is done");
        stack.resources =
            vec![resource("Vpc", "CREATE_COMPLETE", None, 0), resource("Source", "CREATE_IN_PROGRESS", None, 1)];
        assert_eq!(stack.progress(), "1 resource is done, waiting for `Source`");
        stack.status = "DELETE_FAILED".into();
        assert_eq!(stack.obstacles(), "it is DELETE_FAILED");
        stack.resources.push(resource("Subnets", "DELETE_FAILED", Some("in use"), 2));
        assert_eq!(stack.obstacles(), "`Subnets` (AWS::RDS::DBInstance): in use");
    }

    #[test]
    fn secrets_are_taken_out_of_texts_and_do_not_show_in_debug() {
        let secret = |text: &str| ParameterValue::Secret(SecretString::from(text));
        let spec = StackSpec {
            template: String::new(),
            parameters: BTreeMap::from([
                ("A".into(), secret("hunter2")),
                ("B".into(), secret("hunter2-and-more")),
                ("C".into(), secret("x")),
                ("D".into(), ParameterValue::Open("open".into())),
            ]),
            capabilities: Vec::new(),
            tags: BTreeMap::new(),
            outputs: BTreeSet::new(),
        };
        assert_eq!(spec.redact("hunter2-and-more, hunter2, x, open"), "****, ****, x, open");
        assert!(!format!("{spec:?}").contains("hunter2"));
    }
}
