//! The file of the journal: opened for this user alone, brought to the present format, set aside when it is broken.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, Transaction};

use crate::engine::store::StoreError;

/// Format of the file, kept in `PRAGMA user_version`: how many of [`MIGRATIONS`] it has seen.
const FORMAT: i64 = MIGRATIONS.len() as i64;

/// Each from one format to the next, the first from an empty file.
const MIGRATIONS: [&str; 3] = [TO_1, TO_2, TO_3];

/// The body of a task is JSON; what is searched or read by people has columns.
pub const TO_1: &str = "
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

/// Leases, who made a call, and what other processes ask of a task.
pub const TO_2: &str = "
CREATE TABLE leases (
    task TEXT PRIMARY KEY REFERENCES tasks(id), holder TEXT NOT NULL, epoch INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT;
ALTER TABLE calls ADD COLUMN holder TEXT;
ALTER TABLE tasks ADD COLUMN asked TEXT;
";

/// Marks that cannot be tags. Resource ids are never used again, so they need no account beside them.
const TO_3: &str = "
CREATE TABLE marks (
    resource TEXT NOT NULL, name TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (resource, name)
) STRICT;
";

/// Opens the journal; gives back what is to be said if a broken one was set aside.
///
/// One process opens it at a time: while one sets a broken journal aside, another must not be in the middle of it, nor take
/// the new journal for the broken one.
///
/// # Errors
/// If it cannot be used, or was written by a newer version.
pub fn open(directory: &Path, path: &Path) -> Result<(Connection, Option<String>), StoreError> {
    let unusable = |why: String| StoreError::Unusable { path: path.display().to_string(), why };
    private_directory(directory).map_err(|error| unusable(error.to_string()))?;
    let turn = turn(directory).map_err(|error| unusable(error.to_string()))?;
    let opened = match connect(path) {
        Err(Trouble::Broken(why)) => {
            let aside = set_aside(path).map_err(|error| unusable(format!("{why}; it cannot be set aside: {error}")))?;
            let notice = format!(
                "the journal {} is broken ({why}): it was set aside as {}, and a new one begun; `aurewind adopt` takes \
                 over clones that it knew of",
                path.display(),
                aside.display()
            );
            connect(path).map(|connection| (connection, Some(notice)))
        }
        other => other.map(|connection| (connection, None)),
    };
    drop(turn);
    opened.map_err(|trouble| trouble.of(path))
}

/// Waits for the turn of this process; it lasts as long as the file is open, and ends with the process at the latest.
fn turn(directory: &Path) -> std::io::Result<fs::File> {
    let path = directory.join("journal.lock");
    let file = fs::File::options().create(true).truncate(false).write(true).open(&path)?;
    private_file(&path)?;
    file.lock()?;
    Ok(file)
}

/// Why a file cannot be opened.
enum Trouble {
    /// It is no journal, or not whole.
    Broken(String),
    /// It is of another version.
    Newer(i64),
    /// The system refuses it.
    Refused(String),
}

impl Trouble {
    fn of(self, path: &Path) -> StoreError {
        let path = path.display().to_string();
        match self {
            Self::Broken(why) | Self::Refused(why) => StoreError::Unusable { path, why },
            Self::Newer(found) => StoreError::Newer { path, found, known: FORMAT },
        }
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Broken(error.to_string()),
            _ => Self::Refused(error.to_string()),
        }
    }
}

fn connect(path: &Path) -> Result<Connection, Trouble> {
    let mut connection = Connection::open(path)?;
    private_file(path).map_err(|error| Trouble::Refused(error.to_string()))?;
    set_up(&connection)?;
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > FORMAT {
        return Err(Trouble::Newer(found));
    }
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(Trouble::Broken(verdict));
    }
    if found < FORMAT {
        write(&mut connection, migrate)?;
    }
    Ok(connection)
}

/// Another process may have been here first, so the format is read again inside of the transaction.
fn migrate(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for step in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or_default()) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", FORMAT.max(found))
}

/// Does `work` in one transaction that is on the disk at the end.
pub fn write<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

/// Renames the file and what SQLite keeps beside it, by the time of its last change; nothing is overwritten.
fn set_aside(path: &Path) -> std::io::Result<PathBuf> {
    let changed = Timestamp::try_from(fs::metadata(path)?.modified()?).unwrap_or_default();
    let stamp = changed.strftime("%Y%m%dT%H%M%SZ");
    let named = |suffix: String| {
        let mut name = OsString::from(path);
        name.push(suffix);
        PathBuf::from(name)
    };
    let aside = (0..100)
        .map(|n| named(if n == 0 { format!(".broken-{stamp}") } else { format!(".broken-{stamp}-{n}") }))
        .find(|aside| !aside.exists())
        .ok_or_else(|| std::io::Error::other("too many broken journals"))?;
    fs::rename(path, &aside)?;
    for beside in ["-wal", "-shm"] {
        let (from, mut to) = (named(beside.to_owned()), OsString::from(&aside));
        to.push(beside);
        if from.exists() {
            fs::rename(from, to)?;
        }
    }
    Ok(aside)
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
