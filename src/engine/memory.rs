//! What this process alone knows of its tasks: it is never written down, and forgotten as soon as the task is over.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::task::TaskId;

/// One thing of each task.
#[derive(Debug)]
pub(super) struct Memory<T>(Mutex<HashMap<TaskId, T>>);

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Memory<T> {
    fn lock(&self) -> MutexGuard<'_, HashMap<TaskId, T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn keep(&self, task: &TaskId, what: T) {
        self.lock().insert(task.clone(), what);
    }

    pub(super) fn of(&self, task: &TaskId) -> Option<T> {
        self.lock().get(task).cloned()
    }

    pub(super) fn forget(&self, task: &TaskId) {
        self.lock().remove(task);
    }
}
