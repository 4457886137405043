//! Tasks that change who may log in to a clone. The new password is in memory alone: a process that takes such a task over
//! cannot set it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use secrecy::SecretString;

use super::Engine;
use super::task::{Request, Task, TaskError, TaskId};
use crate::aurora::secure::SecureRequest;

/// The new passwords of this process's tasks. Printing it for debugging leaves them out.
#[derive(Debug, Default)]
pub(super) struct Passwords(Mutex<HashMap<TaskId, SecretString>>);

impl Passwords {
    fn lock(&self) -> MutexGuard<'_, HashMap<TaskId, SecretString>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn of(&self, task: &TaskId) -> Option<SecretString> {
        self.lock().get(task).cloned()
    }

    pub(super) fn forget(&self, task: &TaskId) {
        self.lock().remove(task);
    }
}

impl Engine {
    /// Begins to secure a clone, as a part of a run that is held here. `password` is the new one, where the request is to
    /// rotate it; it is forgotten as soon as the task is over.
    ///
    /// # Errors
    /// If the run is not held here any more, or the journal cannot be written: then nothing was begun.
    pub fn start_secure(
        &self,
        run: &TaskId,
        id: TaskId,
        request: SecureRequest,
        password: Option<SecretString>,
    ) -> Result<Task, TaskError> {
        self.inner.passwords.lock().extend(password.map(|password| (id.clone(), password)));
        let begun = self.begin_part(run, Task::new(id.clone(), Request::Secure(request), None, (self.inner.clock)()));
        if begun.is_err() {
            self.inner.passwords.forget(&id);
        }
        begun
    }
}
