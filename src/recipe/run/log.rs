//! The log of a step that is not a command.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::recipe::redact::Redactor;

/// Lines that are kept for reports.
const TAIL: usize = 20;

/// A log, for this user alone, without secrets.
pub(super) struct Log {
    file: File,
    redact: Redactor,
    tail: VecDeque<String>,
}

impl Log {
    /// Makes it.
    pub(super) fn create(path: &Path, redact: &Redactor) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self { file: options.open(path)?, redact: redact.clone(), tail: VecDeque::new() })
    }

    /// Writes a line; gives it back as it may be shown.
    pub(super) fn line(&mut self, line: &str) -> String {
        let line = self.redact.clean(line);
        // A full disk is no reason to stop: the step tells how it ended all the same.
        let _ = writeln!(self.file, "{line}");
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(line.clone());
        line
    }

    /// The last lines.
    pub(super) fn tail(self) -> Vec<String> {
        self.tail.into()
    }
}
