//! Tasks that change who may log in to a clone. The new password is in memory alone: a process that takes such a task over
//! cannot set it.

use secrecy::SecretString;

use super::Engine;
use super::task::{Request, Task, TaskError, TaskId};
use crate::aurora::secure::SecureRequest;

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
        if let Some(password) = password {
            self.inner.passwords.keep(&id, password);
        }
        let begun = self.begin_part(run, Task::new(id.clone(), Request::Secure(request), None, (self.inner.clock)()));
        if begun.is_err() {
            self.inner.passwords.forget(&id);
        }
        begun
    }
}
