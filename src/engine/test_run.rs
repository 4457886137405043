//! A test run as a task: what the journal knows of it, so that any process can tear down what it made.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::task_id::TaskId;
use crate::aurora::ids::{ClusterId, ResourceId};

/// A run of a test recipe. There are no secrets in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestRequest {
    /// Name of the recipe.
    pub recipe: String,
    /// Its file.
    pub path: PathBuf,
    /// The cluster that is cloned; absent where an output of the stack names it.
    pub source: Option<ClusterId>,
    /// Identifier of the clone.
    pub clone: ClusterId,
    /// Name of the CloudFormation stack that is made for it.
    pub stack: Option<String>,
    /// Where logs and reports of the run are kept.
    pub directory: PathBuf,
    /// The steps of the recipe: name, and what kind of work.
    pub stages: Vec<(String, StageKind)>,
    /// How long the teardown may take.
    pub deadline: SignedDuration,
}

impl TestRequest {
    /// The source in words.
    pub fn source_text(&self) -> &str {
        self.source.as_ref().map_or("what the stack names", ClusterId::as_str)
    }
}

/// What kind of work took a time on the clone: the timeline shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StageKind {
    /// SQL or a command that prepares.
    Prepare,
    /// SQL or a command that releases.
    Release,
    /// A test.
    Test,
    /// A mark, a rewind, a comparison or a repetition.
    Other,
}

/// What a test run has come to so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TestFacts {
    /// The task that makes the clone.
    pub create: Option<TaskId>,
    /// The task that makes the stack.
    pub environment: Option<TaskId>,
    /// Resource id of the clone, once known.
    pub resource: Option<ResourceId>,
    /// Its writer endpoint, once known.
    pub endpoint: Option<String>,
    /// Every task that the run has begun.
    pub children: Vec<TaskId>,
    /// The marks of the recipe that were set.
    pub marks: Vec<(String, Timestamp)>,
    /// The output of the step that runs now, or ran last.
    pub output: Option<PathBuf>,
    /// Until when the clone of a failed run is kept.
    pub kept_until: Option<Timestamp>,
}
