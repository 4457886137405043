//! The log of a step that is not a command.

use std::io;
use std::path::Path;

use crate::recipe::process;
use crate::recipe::redact::Redactor;

/// A log, for this user alone, without secrets; as long as that of a command at most.
pub(super) struct Log {
    log: process::Log,
    redact: Redactor,
}

impl Log {
    /// Makes it.
    pub(super) fn create(path: &Path, redact: &Redactor) -> io::Result<Self> {
        Ok(Self { log: process::Log::create(path, process::LONGEST_LOG)?, redact: redact.clone() })
    }

    /// Writes a line; gives it back as it may be shown.
    pub(super) fn line(&mut self, line: &str) -> String {
        let line = self.redact.clean(line);
        self.log.line(&line);
        self.log.flush();
        line
    }

    /// Ends it; gives the last lines.
    pub(super) fn tail(self) -> Vec<String> {
        // A full disk is no reason to stop: the step tells how it ended all the same.
        self.log.finish(&[]).0
    }
}
