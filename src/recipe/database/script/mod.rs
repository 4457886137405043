//! SQL files, run statement by statement until one fails.

mod run;
mod split;

use std::path::PathBuf;

use thiserror::Error;

use super::DatabaseError;

/// A file that was run to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScriptDone {
    /// Statements.
    pub statements: u64,
    /// Rows that they changed.
    pub affected: u64,
    /// Warnings of the server.
    pub warnings: u64,
    /// Whether a transaction was left open; it was rolled back then.
    pub left_open: bool,
}

/// Why a file was not run to its end.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScriptError {
    /// The server refused a statement.
    #[error("{}:{line}: {error} (statement: {statement})", file.display())]
    Failed {
        /// The file.
        file: PathBuf,
        /// The line on which the statement begins, from 1 on.
        line: u32,
        /// The statement, shortened.
        statement: String,
        /// What the server says.
        error: DatabaseError,
    },
    /// A quote or a comment is never closed; nothing was run.
    #[error("{}:{line}: {what} is never closed", file.display())]
    Unclosed {
        /// The file.
        file: PathBuf,
        /// The line on which it begins.
        line: u32,
        /// What is open.
        what: &'static str,
    },
    /// It has a command of the mysql client that is not followed here; nothing was run.
    #[error("{}:{line}: {what}", file.display())]
    Client {
        /// The file.
        file: PathBuf,
        /// The line of the command.
        line: u32,
        /// The command, and what to do instead.
        what: &'static str,
    },
    /// It was stopped.
    #[error("{}:{line}: stopped (statement: {statement})", file.display())]
    Stopped {
        /// The file.
        file: PathBuf,
        /// The line of the statement that ran, or was next.
        line: u32,
        /// That statement, shortened.
        statement: String,
    },
    /// There was no connection to run it on.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}
