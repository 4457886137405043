//! Tasks that make or delete the stack of a test run. What is sent for a stack is in memory alone: a process that takes
//! such a task over can only delete.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::Engine;
use super::task::{Request, Task, TaskError, TaskId};
use crate::aurora::ids::ClusterId;
use crate::aurora::ownership::TAG_TASK;
use crate::aurora::stack::{StackName, StackSpec};

/// A stack that is made or deleted. There are no secrets in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackRequest {
    /// Its name.
    pub name: StackName,
    /// The clone that is made in it.
    pub clone: ClusterId,
    /// What is to be done.
    pub aim: StackAim,
}

/// What is to be done with a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StackAim {
    /// It is made. What is not there after this time is deleted again, as is what fails.
    Build {
        /// From the call on.
        within: SignedDuration,
    },
    /// It is deleted.
    Unbuild {
        /// Its id.
        id: String,
        /// The task that made it, which its tags have to name.
        built_by: TaskId,
    },
}

impl StackRequest {
    /// The kind of a task that makes a stack.
    pub const BUILD: &'static str = "environment";
    /// The kind of a task that deletes one.
    pub const UNBUILD: &'static str = "unbuild";

    /// Whether it is made.
    pub fn builds(&self) -> bool {
        matches!(self.aim, StackAim::Build { .. })
    }

    /// The task whose stack it is, as its tags have to say.
    pub(super) fn maker<'a>(&'a self, task: &'a TaskId) -> &'a TaskId {
        match &self.aim {
            StackAim::Build { .. } => task,
            StackAim::Unbuild { built_by, .. } => built_by,
        }
    }
}

impl Engine {
    /// Begins to make a stack, as a part of a run that is held here. The tag that names the task is added to those of
    /// `spec`.
    ///
    /// # Errors
    /// If the run is not held here any more, or the journal cannot be written: then nothing was begun.
    pub fn start_stack(
        &self,
        run: &TaskId,
        id: TaskId,
        request: StackRequest,
        mut spec: StackSpec,
    ) -> Result<Task, TaskError> {
        spec.tags.insert(TAG_TASK.to_owned(), id.to_string());
        self.inner.specs.keep(&id, Arc::new(spec));
        let task = Task::new(id.clone(), Request::Stack(Box::new(request)), None, (self.inner.clock)());
        let begun = self.begin_part(run, task);
        if begun.is_err() {
            self.inner.specs.forget(&id);
        }
        begun
    }
}

/// What came of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuiltStack {
    /// Its name.
    pub name: StackName,
    /// Its id.
    pub id: String,
    /// Its outputs. Secrets among them are taken out.
    pub outputs: BTreeMap<String, String>,
}
