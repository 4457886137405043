//! Where tasks are kept: one small interface, in memory for the demo, in SQLite otherwise.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use thiserror::Error;

use super::lease::{Cancel, Holder, Lease, Standing};
use super::machine::Call;
use super::task::{Task, TaskId};
use crate::aurora::ids::ResourceId;
use crate::aurora::mark::{Kept, Mark, MarkName};
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
    /// Another process drives the task.
    #[error("task {0} is driven by another process now")]
    Lost(TaskId),
}

/// Keeps tasks and who drives them. What is saved is on disk when the call returns: it announces a call to AWS.
pub trait Store: Send + Sync {
    /// Inserts a task, or takes it up again from scratch, with the lease of it.
    ///
    /// # Errors
    /// If it could not be kept, or another process drives it.
    fn begin(&self, task: &Task, holder: &Holder, now: Timestamp) -> Result<Lease, StoreError>;

    /// Takes the lease of a task, if it is free; none if another process holds it.
    ///
    /// # Errors
    /// If it could not be written.
    fn claim(&self, id: &TaskId, holder: &Holder, now: Timestamp) -> Result<Option<Lease>, StoreError>;

    /// Keeps the present state of a task.
    ///
    /// # Errors
    /// If it could not be kept, or the lease was lost.
    fn save(&self, task: &Task, lease: &Lease) -> Result<(), StoreError>;

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

    /// The tasks that are not over, the oldest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn unfinished(&self) -> Result<Vec<Task>, StoreError>;

    /// At most `count` tasks that are over and older than `before`, the newest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn over(&self, before: Option<&TaskId>, count: usize) -> Result<Vec<Task>, StoreError>;

    /// Whether somebody else drives a task, as far as is known.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn is_held(&self, id: &TaskId, holder: &Holder, now: Timestamp) -> Result<bool, StoreError>;

    /// Writes down that `call` is about to be made; gives back a number for [`Store::answered`].
    ///
    /// # Errors
    /// If it could not be written, or the lease was lost: then the call must not be made.
    fn intend(&self, task: &Task, call: &Call, lease: &Lease, now: Timestamp) -> Result<i64, StoreError>;

    /// Writes down what AWS answered.
    ///
    /// # Errors
    /// If it could not be written.
    fn answered(&self, number: i64, answer: Result<(), &AwsError>, now: Timestamp) -> Result<(), StoreError>;

    /// Renews every lease of `holder`; tells which are left, and which tasks somebody wants ended.
    ///
    /// # Errors
    /// If it could not be written.
    fn renew(&self, holder: &Holder, now: Timestamp) -> Result<Standing, StoreError>;

    /// Gives back a lease; a lost one is somebody else's by now and stays so.
    ///
    /// # Errors
    /// If it could not be written.
    fn release(&self, lease: &Lease) -> Result<(), StoreError>;

    /// Gives back every lease of `holder`.
    ///
    /// # Errors
    /// If it could not be written.
    fn release_all(&self, holder: &Holder) -> Result<(), StoreError>;

    /// Asks whoever drives a task to end it.
    ///
    /// # Errors
    /// If it could not be written.
    fn ask(&self, id: &TaskId, cancel: Cancel) -> Result<(), StoreError>;

    /// What was asked of a task.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn asked(&self, id: &TaskId) -> Result<Option<Cancel>, StoreError>;

    /// The marks of a cluster that are kept here, the earliest first.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn marks(&self, cluster: &ResourceId) -> Result<Vec<Mark>, StoreError>;

    /// Keeps a mark; one of the same name is replaced.
    ///
    /// # Errors
    /// If it could not be written.
    fn keep_mark(&self, cluster: &ResourceId, name: &MarkName, at: Timestamp) -> Result<(), StoreError>;

    /// Forgets a mark, if it is kept here.
    ///
    /// # Errors
    /// If it could not be written.
    fn forget_mark(&self, cluster: &ResourceId, name: &MarkName) -> Result<(), StoreError>;

    /// Something that a person should know about the store itself.
    fn notice(&self) -> Option<String> {
        None
    }
}

/// A store that ends with the process; nobody else can drive what is in it.
#[derive(Debug, Default)]
pub struct MemoryStore {
    tasks: Mutex<BTreeMap<TaskId, Task>>,
    asked: Mutex<HashMap<TaskId, Cancel>>,
    marks: Mutex<BTreeMap<(ResourceId, MarkName), Timestamp>>,
}

impl MemoryStore {
    fn tasks(&self) -> MutexGuard<'_, BTreeMap<TaskId, Task>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn orders(&self) -> MutexGuard<'_, HashMap<TaskId, Cancel>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn marked(&self) -> MutexGuard<'_, BTreeMap<(ResourceId, MarkName), Timestamp>> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, task: &Task) {
        self.tasks().insert(task.id.clone(), task.clone());
    }
}

impl Store for MemoryStore {
    fn begin(&self, task: &Task, holder: &Holder, _: Timestamp) -> Result<Lease, StoreError> {
        self.put(task);
        self.orders().remove(&task.id);
        Ok(Lease { task: task.id.clone(), holder: holder.clone(), epoch: 0 })
    }

    fn claim(&self, id: &TaskId, holder: &Holder, _: Timestamp) -> Result<Option<Lease>, StoreError> {
        Ok(Some(Lease { task: id.clone(), holder: holder.clone(), epoch: 0 }))
    }

    fn save(&self, task: &Task, _: &Lease) -> Result<(), StoreError> {
        self.put(task);
        Ok(())
    }

    fn load(&self, id: &TaskId) -> Result<Option<Task>, StoreError> {
        Ok(self.tasks().get(id).cloned())
    }

    fn all(&self) -> Result<Vec<Task>, StoreError> {
        Ok(self.tasks().values().cloned().collect())
    }

    fn unfinished(&self) -> Result<Vec<Task>, StoreError> {
        Ok(self.tasks().values().filter(|task| !task.state.is_final()).cloned().collect())
    }

    fn over(&self, before: Option<&TaskId>, count: usize) -> Result<Vec<Task>, StoreError> {
        let tasks = self.tasks();
        let older = tasks.values().rev().filter(|task| before.is_none_or(|before| task.id < *before));
        Ok(older.filter(|task| task.state.is_final()).take(count).cloned().collect())
    }

    fn is_held(&self, _: &TaskId, _: &Holder, _: Timestamp) -> Result<bool, StoreError> {
        Ok(false)
    }

    fn intend(&self, task: &Task, _: &Call, _: &Lease, _: Timestamp) -> Result<i64, StoreError> {
        self.put(task);
        Ok(0)
    }

    fn answered(&self, _: i64, _: Result<(), &AwsError>, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    fn renew(&self, _: &Holder, _: Timestamp) -> Result<Standing, StoreError> {
        let held = self.tasks().keys().map(|id| (id.clone(), 0)).collect();
        Ok(Standing { held, asked: self.orders().clone() })
    }

    fn release(&self, _: &Lease) -> Result<(), StoreError> {
        Ok(())
    }

    fn release_all(&self, _: &Holder) -> Result<(), StoreError> {
        Ok(())
    }

    fn ask(&self, id: &TaskId, cancel: Cancel) -> Result<(), StoreError> {
        self.orders().insert(id.clone(), cancel);
        Ok(())
    }

    fn asked(&self, id: &TaskId) -> Result<Option<Cancel>, StoreError> {
        Ok(self.orders().get(id).copied())
    }

    fn marks(&self, cluster: &ResourceId) -> Result<Vec<Mark>, StoreError> {
        let marks = self.marked();
        let here = marks.iter().filter(|((id, _), _)| id == cluster);
        let mut found: Vec<_> =
            here.map(|((_, name), at)| Mark { name: name.clone(), at: *at, kept: Kept::Journal }).collect();
        found.sort_by_key(|mark| mark.at);
        Ok(found)
    }

    fn keep_mark(&self, cluster: &ResourceId, name: &MarkName, at: Timestamp) -> Result<(), StoreError> {
        self.marked().insert((cluster.clone(), name.clone()), at);
        Ok(())
    }

    fn forget_mark(&self, cluster: &ResourceId, name: &MarkName) -> Result<(), StoreError> {
        self.marked().remove(&(cluster.clone(), name.clone()));
        Ok(())
    }
}
