//! The journal: tasks, steps, calls and leases in SQLite. It is what a task is carried on from, and the audit trail.

mod file;
mod leases;
mod marks;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Transaction, params};

use super::lease::{Cancel, Holder, Lease, Standing};
use super::machine::Call;
use super::store::{Store, StoreError};
use super::task::{Task, TaskId};
use crate::aurora::ids::ResourceId;
use crate::aurora::mark::{Mark, MarkName};
use crate::aws::AwsError;

/// A journal file.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    connection: Mutex<Connection>,
    notice: Option<String>,
}

impl Journal {
    /// Opens `journal.db` in `directory`, which is made if it is not there, for this user alone. A file that is broken is
    /// set aside, which [`Store::notice`] tells of.
    ///
    /// # Errors
    /// If the file cannot be used, or was written by a newer version.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join("journal.db");
        let (connection, notice) = file::open(directory, &path)?;
        Ok(Self { path, connection: Mutex::new(connection), notice })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unusable(&self, why: &impl ToString) -> StoreError {
        StoreError::Unusable { path: self.path.display().to_string(), why: why.to_string() }
    }

    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        file::write(&mut self.connection(), work).map_err(|error| self.unusable(&error))
    }

    /// Writes in a transaction that finds the lease still held.
    fn write_held<T>(
        &self,
        lease: &Lease,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let written =
            self.write(
                |transaction| {
                    if leases::holds(transaction, lease)? { work(transaction).map(Some) } else { Ok(None) }
                },
            )?;
        written.ok_or_else(|| StoreError::Lost(lease.task.clone()))
    }

    fn text(&self, task: &Task) -> Result<String, StoreError> {
        serde_json::to_string(task).map_err(|error| self.unusable(&error))
    }

    /// The tasks that `question` finds.
    fn read(&self, question: &str, parameters: impl Params) -> Result<Vec<Task>, StoreError> {
        let bodies = || {
            let connection = self.connection();
            let mut query = connection.prepare(question)?;
            query.query_map(parameters, |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()
        };
        let bodies = bodies().map_err(|error| self.unusable(&error))?;
        bodies.iter().map(|body| self.read_body(body)).collect()
    }

    fn read_body(&self, body: &str) -> Result<Task, StoreError> {
        serde_json::from_str(body).map_err(|error| self.unusable(&error))
    }
}

fn save_task(transaction: &Transaction<'_>, task: &Task, body: &str) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT INTO tasks (id, kind, target, state, profile, region, endpoint, created_at, ended_at, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at, body = excluded.body",
        params![
            task.id.as_str(),
            task.request.kind(),
            task.request.target().as_str(),
            task.state.as_str(),
            task.scope.profile,
            task.scope.region,
            task.scope.endpoint,
            task.created_at.to_string(),
            task.ended_at.map(|at| at.to_string()),
            body,
        ],
    )?;
    for (number, step) in task.steps.iter().enumerate() {
        transaction.execute(
            "INSERT INTO steps (task, number, name, state, started_at, ended_at, attempts, detail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (task, number) DO UPDATE SET state = excluded.state, started_at = excluded.started_at,
                 ended_at = excluded.ended_at, attempts = excluded.attempts, detail = excluded.detail",
            params![
                task.id.as_str(),
                i64::try_from(number).unwrap_or(i64::MAX),
                step.name.as_str(),
                step.state.as_str(),
                step.started_at.map(|at| at.to_string()),
                step.ended_at.map(|at| at.to_string()),
                step.attempts,
                step.detail,
            ],
        )?;
    }
    Ok(())
}

impl Store for Journal {
    fn begin(&self, task: &Task, holder: &Holder, now: Timestamp) -> Result<Lease, StoreError> {
        let body = self.text(task)?;
        let lease = self.write(|transaction| {
            if leases::is_held(transaction, &task.id, holder, now)? {
                return Ok(None);
            }
            transaction.execute("DELETE FROM steps WHERE task = ?1", [task.id.as_str()])?;
            save_task(transaction, task, &body)?;
            transaction.execute("UPDATE tasks SET asked = NULL WHERE id = ?1", [task.id.as_str()])?;
            leases::take(transaction, &task.id, holder, now).map(Some)
        })?;
        lease.ok_or_else(|| StoreError::Lost(task.id.clone()))
    }

    fn claim(&self, id: &TaskId, holder: &Holder, now: Timestamp) -> Result<Option<Lease>, StoreError> {
        if self.is_held(id, holder, now)? {
            return Ok(None);
        }
        self.write(|transaction| {
            // Somebody may have been quicker.
            if leases::is_held(transaction, id, holder, now)? {
                return Ok(None);
            }
            leases::take(transaction, id, holder, now).map(Some)
        })
    }

    fn save(&self, task: &Task, lease: &Lease) -> Result<(), StoreError> {
        let body = self.text(task)?;
        self.write_held(lease, |transaction| save_task(transaction, task, &body))
    }

    fn load(&self, id: &TaskId) -> Result<Option<Task>, StoreError> {
        let body: Option<String> = self
            .connection()
            .query_row("SELECT body FROM tasks WHERE id = ?1", [id.as_str()], |row| row.get(0))
            .optional()
            .map_err(|error| self.unusable(&error))?;
        body.map(|body| self.read_body(&body)).transpose()
    }

    fn all(&self) -> Result<Vec<Task>, StoreError> {
        self.read("SELECT body FROM tasks ORDER BY id", [])
    }

    fn unfinished(&self) -> Result<Vec<Task>, StoreError> {
        self.read("SELECT body FROM tasks WHERE ended_at IS NULL ORDER BY id", [])
    }

    fn over(&self, before: Option<&TaskId>, count: usize) -> Result<Vec<Task>, StoreError> {
        self.read(
            "SELECT body FROM tasks WHERE ended_at IS NOT NULL AND (?1 IS NULL OR id < ?1) ORDER BY id DESC LIMIT ?2",
            params![before.map(TaskId::as_str), i64::try_from(count).unwrap_or(i64::MAX)],
        )
    }

    fn is_held(&self, id: &TaskId, holder: &Holder, now: Timestamp) -> Result<bool, StoreError> {
        leases::is_held(&self.connection(), id, holder, now).map_err(|error| self.unusable(&error))
    }

    fn intend(&self, task: &Task, call: &Call, lease: &Lease, now: Timestamp) -> Result<i64, StoreError> {
        let body = self.text(task)?;
        self.write_held(lease, |transaction| {
            save_task(transaction, task, &body)?;
            leases::renew_one(transaction, lease, now)?;
            transaction.execute(
                "INSERT INTO calls (task, step, action, parameters, intended_at, holder)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    task.id.as_str(),
                    task.current().map(|step| step.name.as_str()),
                    call.action(),
                    call.parameters().to_string(),
                    now.to_string(),
                    lease.holder.as_str(),
                ],
            )?;
            Ok(transaction.last_insert_rowid())
        })
    }

    fn answered(&self, number: i64, answer: Result<(), &AwsError>, now: Timestamp) -> Result<(), StoreError> {
        let (outcome, code, request_id) = match answer {
            Ok(()) => ("ok".to_owned(), None, None),
            Err(error) => (error.message.clone(), error.code.clone(), error.request_id.clone()),
        };
        self.write(|transaction| {
            transaction.execute(
                "UPDATE calls SET answered_at = ?2, outcome = ?3, code = ?4, request_id = ?5 WHERE number = ?1",
                params![number, now.to_string(), outcome, code, request_id],
            )
        })?;
        Ok(())
    }

    fn renew(&self, holder: &Holder, now: Timestamp) -> Result<Standing, StoreError> {
        self.write(|transaction| leases::renew(transaction, holder, now))
    }

    fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.write(|transaction| leases::release(transaction, lease))
    }

    fn release_all(&self, holder: &Holder) -> Result<(), StoreError> {
        self.write(|transaction| leases::release_all(transaction, holder))
    }

    fn ask(&self, id: &TaskId, cancel: Cancel) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction
                .execute("UPDATE tasks SET asked = ?2 WHERE id = ?1", params![id.as_str(), cancel.as_str()])
                .map(|_| ())
        })
    }

    fn asked(&self, id: &TaskId) -> Result<Option<Cancel>, StoreError> {
        let word: Option<Option<String>> = self
            .connection()
            .query_row("SELECT asked FROM tasks WHERE id = ?1", [id.as_str()], |row| row.get(0))
            .optional()
            .map_err(|error| self.unusable(&error))?;
        Ok(word.flatten().as_deref().and_then(Cancel::read))
    }

    fn marks(&self, cluster: &ResourceId) -> Result<Vec<Mark>, StoreError> {
        marks::of(&self.connection(), cluster).map_err(|error| self.unusable(&error))
    }

    fn keep_mark(&self, cluster: &ResourceId, name: &MarkName, at: Timestamp) -> Result<(), StoreError> {
        self.write(|transaction| marks::keep(transaction, cluster, name, at))
    }

    fn forget_mark(&self, cluster: &ResourceId, name: &MarkName) -> Result<(), StoreError> {
        self.write(|transaction| marks::forget(transaction, cluster, name))
    }

    fn notice(&self) -> Option<String> {
        self.notice.clone()
    }
}

#[cfg(test)]
mod tests;
