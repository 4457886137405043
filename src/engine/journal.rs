//! The journal: tasks, steps and calls in SQLite. It is what a task is carried on from, and the audit trail.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::machine::Call;
use super::store::{Store, StoreError};
use super::task::{Task, TaskId};
use crate::aws::AwsError;

/// Format of the file, kept in `PRAGMA user_version`.
const FORMAT: i64 = 1;

/// From format 0 (an empty file) to 1. The body of a task is JSON; what is searched or read by people has columns.
const TO_1: &str = "
CREATE TABLE tasks (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, target TEXT NOT NULL, state TEXT NOT NULL,
    profile TEXT, region TEXT, endpoint TEXT, created_at TEXT NOT NULL, ended_at TEXT, body TEXT NOT NULL
) STRICT;
CREATE TABLE steps (
    task TEXT NOT NULL REFERENCES tasks(id), number INTEGER NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,
    started_at TEXT, ended_at TEXT, attempts INTEGER NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (task, number)
) STRICT;
CREATE TABLE calls (
    number INTEGER PRIMARY KEY, task TEXT NOT NULL REFERENCES tasks(id), step TEXT, action TEXT NOT NULL,
    parameters TEXT NOT NULL, intended_at TEXT NOT NULL, answered_at TEXT, outcome TEXT, code TEXT, request_id TEXT
) STRICT;
";

/// A journal file.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Journal {
    /// Opens `journal.db` in `directory`, which is made if it is not there, for this user alone.
    ///
    /// # Errors
    /// If the file cannot be used, or was written by a newer version.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join("journal.db");
        let unusable = |why: String| StoreError::Unusable { path: path.display().to_string(), why };
        private_directory(directory).map_err(|error| unusable(error.to_string()))?;
        let connection = Connection::open(&path).map_err(|error| unusable(error.to_string()))?;
        private_file(&path).map_err(|error| unusable(error.to_string()))?;
        set_up(&connection).map_err(|error| unusable(error.to_string()))?;
        let found: i64 = connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(|error| unusable(error.to_string()))?;
        if found > FORMAT {
            return Err(StoreError::Newer { path: path.display().to_string(), found, known: FORMAT });
        }
        let journal = Self { path, connection: Mutex::new(connection) };
        if found < FORMAT {
            journal.write(|transaction| {
                transaction.execute_batch(TO_1)?;
                transaction.pragma_update(None, "user_version", FORMAT)
            })?;
        }
        Ok(journal)
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unusable(&self, why: &impl ToString) -> StoreError {
        StoreError::Unusable { path: self.path.display().to_string(), why: why.to_string() }
    }

    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let mut connection = self.connection();
        let run = || {
            let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        run().map_err(|error: rusqlite::Error| self.unusable(&error))
    }

    fn read_body(&self, body: &str) -> Result<Task, StoreError> {
        serde_json::from_str(body).map_err(|error| self.unusable(&error))
    }
}

fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A call to AWS is announced by a row: it must be on the disk before the call is made.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")
}

#[cfg(unix)]
fn private_directory(directory: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

#[cfg(not(unix))]
fn private_directory(directory: &Path) -> std::io::Result<()> {
    fs::create_dir_all(directory)
}

#[cfg(unix)]
fn private_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn private_file(_: &Path) -> std::io::Result<()> {
    Ok(())
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
    fn save(&self, task: &Task) -> Result<(), StoreError> {
        let body = serde_json::to_string(task).map_err(|error| self.unusable(&error))?;
        self.write(|transaction| save_task(transaction, task, &body))
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
        let read = || {
            let connection = self.connection();
            let mut query = connection.prepare("SELECT body FROM tasks ORDER BY id")?;
            query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()
        };
        let bodies = read().map_err(|error| self.unusable(&error))?;
        bodies.iter().map(|body| self.read_body(body)).collect()
    }

    fn intend(&self, task: &Task, call: &Call, now: Timestamp) -> Result<i64, StoreError> {
        let body = serde_json::to_string(task).map_err(|error| self.unusable(&error))?;
        self.write(|transaction| {
            save_task(transaction, task, &body)?;
            transaction.execute(
                "INSERT INTO calls (task, step, action, parameters, intended_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    task.id.as_str(),
                    task.current().map(|step| step.name.as_str()),
                    call.action(),
                    call.parameters().to_string(),
                    now.to_string()
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::ids::ResourceId;
    use crate::aurora::request::DeleteRequest;
    use crate::engine::task::Request;

    fn task(second: i64) -> Task {
        let now = Timestamp::from_second(second).unwrap();
        let request = DeleteRequest {
            cluster: "clone-a".parse().unwrap(),
            resource: ResourceId::new("cluster-A"),
            final_snapshot: None,
        };
        Task::new(TaskId::new(now, 7), Request::Delete(request), None, now)
    }

    #[test]
    fn tasks_outlive_the_process() {
        let directory = tempfile::tempdir().unwrap();
        let (old, new) = (task(1_790_000_000), task(1_790_000_100));
        {
            let journal = Journal::open(directory.path()).unwrap();
            journal.save(&new).unwrap();
            journal.save(&old).unwrap();
            journal.save(&old).unwrap();
        }
        let journal = Journal::open(directory.path()).unwrap();
        assert_eq!(journal.all().unwrap(), [old.clone(), new]);
        assert_eq!(journal.load(&old.id).unwrap(), Some(old));
        assert_eq!(journal.load(&TaskId::new(Timestamp::UNIX_EPOCH, 0)).unwrap(), None);
    }

    #[test]
    fn calls_are_announced_and_their_answers_kept() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path()).unwrap();
        let task = task(1_790_000_000);
        let call = Call::DeleteCluster {
            cluster: "clone-a".parse().unwrap(),
            resource: ResourceId::new("cluster-A"),
            final_snapshot: None,
        };
        let number = journal.intend(&task, &call, task.created_at).unwrap();
        assert_eq!(journal.load(&task.id).unwrap(), Some(task.clone()));
        journal.answered(number, Ok(()), task.created_at).unwrap();
        let row: (String, String) = journal
            .connection()
            .query_row("SELECT action, outcome FROM calls", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        assert_eq!(row, ("DeleteDBCluster".into(), "ok".into()));
    }

    #[cfg(unix)]
    #[test]
    fn the_journal_is_for_this_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let inner = directory.path().join("state");
        Journal::open(&inner).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&inner), 0o700);
        assert_eq!(mode(&inner.join("journal.db")), 0o600);
    }

    #[test]
    fn a_newer_journal_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal.db");
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(Journal::open(directory.path()), Err(StoreError::Newer { found: 99, .. })));
    }

    #[test]
    fn what_is_no_journal_is_reported_with_its_path() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(
            directory.path().join("journal.db"),
            "not a database, but long enough to be taken for one".repeat(30),
        )
        .unwrap();
        let error = Journal::open(directory.path()).unwrap_err().to_string();
        assert!(error.contains("journal.db"), "{error}");
    }
}
