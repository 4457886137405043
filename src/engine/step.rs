//! The steps that tasks are made of.

use std::fmt;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::test_run::{StageKind, TestRequest};

/// The steps that tasks are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepName {
    /// Read what is there and check the plan once more.
    Preflight,
    /// Ask for the cluster.
    Restore,
    /// Wait until the cluster is available.
    Cluster,
    /// Ask for the instance and wait until it is available.
    Instance,
    /// Bind the tags to the resource id.
    Tags,
    /// Compare what came with what was asked for.
    Verify,
    /// Ask for the rewind.
    Backtrack,
    /// Wait until the rewind is done and the cluster is available, or until the stack is there.
    Wait,
    /// Read where it landed.
    Landed,
    /// Delete the instances, readers first.
    Instances,
    /// Delete the cluster, or the stack.
    Remove,
    /// Wait until it is gone.
    Gone,
    /// Set or take off the tag of a mark.
    Mark,
    /// Set or take off the tag that says how long it stays.
    Stay,
    /// Change who may log in, and how long backups are kept.
    Secure,
    /// Make the stack of a test run.
    Environment,
    /// Make the clone of a test run.
    Clone,
    /// Change who may log in, and wait for the first answer to SQL.
    Ready,
    /// A step of the recipe; its label says which.
    Stage,
    /// What a recipe does at the end whatever happened.
    Always,
    /// Delete what a test run has made.
    Teardown,
}

impl StepName {
    pub(super) const CREATE: [Self; 6] =
        [Self::Preflight, Self::Restore, Self::Cluster, Self::Instance, Self::Tags, Self::Verify];
    pub(super) const REWIND: [Self; 4] = [Self::Preflight, Self::Backtrack, Self::Wait, Self::Landed];
    /// What is appended to a create that is torn down.
    pub(super) const TEAR_DOWN: [Self; 3] = [Self::Instances, Self::Remove, Self::Gone];
    pub(super) const DELETE: [Self; 4] = [Self::Preflight, Self::Instances, Self::Remove, Self::Gone];
    pub(super) const MARK: [Self; 2] = [Self::Preflight, Self::Mark];
    pub(super) const STAY: [Self; 2] = [Self::Preflight, Self::Stay];
    pub(super) const SECURE: [Self; 3] = [Self::Preflight, Self::Secure, Self::Wait];
    pub(super) const BUILD: [Self; 3] = [Self::Preflight, Self::Environment, Self::Wait];
    pub(super) const UNBUILD: [Self; 3] = [Self::Preflight, Self::Remove, Self::Gone];
    /// What is appended to a stack that is torn down.
    pub(super) const TEAR_DOWN_STACK: [Self; 2] = [Self::Remove, Self::Gone];

    /// The name in JSON and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Preflight => "preflight",
            Self::Restore => "restore",
            Self::Cluster => "cluster",
            Self::Instance => "instance",
            Self::Tags => "tags",
            Self::Verify => "verify",
            Self::Backtrack => "backtrack",
            Self::Wait => "wait",
            Self::Landed => "landed",
            Self::Instances => "instances",
            Self::Remove => "remove",
            Self::Gone => "gone",
            Self::Mark => "mark",
            Self::Stay => "stay",
            Self::Secure => "secure",
            Self::Environment => "environment",
            Self::Clone => "clone",
            Self::Ready => "ready",
            Self::Stage => "stage",
            Self::Always => "always",
            Self::Teardown => "teardown",
        }
    }
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// State of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Being taken.
    Running,
    /// Done.
    Done,
    /// Ended without success.
    Failed,
    /// Not needed.
    Skipped,
}

impl StepState {
    /// The word in JSON and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// One step of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which one.
    pub name: StepName,
    /// What a recipe calls it; absent for all but those of recipes.
    #[serde(default)]
    pub label: Option<String>,
    /// What kind of work a step of a recipe is.
    #[serde(default)]
    pub kind: Option<StageKind>,
    /// Its state.
    pub state: StepState,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Calls that were made for it, the failed ones included.
    pub attempts: u32,
    /// A sentence on how it stands.
    pub detail: String,
    /// What it wrote, a file for each round of a step that is repeated; empty for all but steps of recipes.
    #[serde(default)]
    pub logs: Vec<PathBuf>,
}

impl Step {
    pub(super) fn new(name: StepName) -> Self {
        Self {
            name,
            label: None,
            kind: None,
            state: StepState::Waiting,
            started_at: None,
            ended_at: None,
            attempts: 0,
            detail: String::new(),
            logs: Vec::new(),
        }
    }

    /// The steps of a test run.
    pub(super) fn of_test(request: &TestRequest) -> Vec<Self> {
        let mut steps = vec![Self::new(StepName::Preflight)];
        if request.stack.is_some() {
            steps.push(Self::new(StepName::Environment));
        }
        steps.extend([StepName::Clone, StepName::Ready].map(Self::new));
        let stage = |(name, kind): &(String, StageKind)| Self {
            label: Some(name.clone()),
            kind: Some(*kind),
            ..Self::new(StepName::Stage)
        };
        steps.extend(request.stages.iter().map(stage));
        steps.extend([StepName::Always, StepName::Teardown].map(Self::new));
        steps
    }

    /// What it is called in JSON and on screen.
    pub fn title(&self) -> &str {
        self.label.as_deref().unwrap_or(self.name.as_str())
    }

    /// How long it took, or has taken until `now`.
    pub fn elapsed(&self, now: Timestamp) -> Option<SignedDuration> {
        self.started_at.map(|at| self.ended_at.unwrap_or(now).duration_since(at))
    }
}
