//! Where tasks are kept: one small interface, in memory for the demo, in SQLite otherwise.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use thiserror::Error;

use super::machine::Call;
use super::task::{Task, TaskId};
use crate::aws::AwsError;

/// Why a task could not be kept or found.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The file cannot be opened, read or written.
    #[error("the journal {path} cannot be used: {why}")]
    Unusable {
        /// The file.
        path: String,
        /// What the system said.
        why: String,
    },
    /// The file was written by a newer version of this program.
    #[error("the journal {path} has format {found}, this program knows {known}: update it, or set AUREWIND_STATE_DIR")]
    Newer {
        /// The file.
        path: String,
        /// Its format.
        found: i64,
        /// Ours.
        known: i64,
    },
}

/// Keeps tasks. What is saved is on disk when the call returns: it announces a call to AWS.
pub trait Store: Send + Sync {
    /// Inserts or replaces a task.
    ///
    /// # Errors
    /// If it could not be kept.
    fn save(&self, task: &Task) -> Result<(), StoreError>;

    /// A task.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn load(&self, id: &TaskId) -> Result<Option<Task>, StoreError>;

    /// All tasks, the oldest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn all(&self) -> Result<Vec<Task>, StoreError>;

    /// Writes down that `call` is about to be made; gives back a number for [`Store::answered`].
    ///
    /// # Errors
    /// If it could not be written: then the call must not be made.
    fn intend(&self, task: &Task, call: &Call, now: Timestamp) -> Result<i64, StoreError>;

    /// Writes down what AWS answered.
    ///
    /// # Errors
    /// If it could not be written.
    fn answered(&self, number: i64, answer: Result<(), &AwsError>, now: Timestamp) -> Result<(), StoreError>;
}

/// A store that ends with the process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    tasks: Mutex<BTreeMap<TaskId, Task>>,
}

impl MemoryStore {
    fn tasks(&self) -> std::sync::MutexGuard<'_, BTreeMap<TaskId, Task>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn save(&self, task: &Task) -> Result<(), StoreError> {
        self.tasks().insert(task.id.clone(), task.clone());
        Ok(())
    }

    fn load(&self, id: &TaskId) -> Result<Option<Task>, StoreError> {
        Ok(self.tasks().get(id).cloned())
    }

    fn all(&self) -> Result<Vec<Task>, StoreError> {
        Ok(self.tasks().values().cloned().collect())
    }

    fn intend(&self, _: &Task, _: &Call, _: Timestamp) -> Result<i64, StoreError> {
        Ok(0)
    }

    fn answered(&self, _: i64, _: Result<(), &AwsError>, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }
}
