//! Where the output of a step is kept.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// How many of the last lines are remembered.
const TAIL_LINES: usize = 50;
/// How long one of them is at most, in characters.
const TAIL_WIDTH: usize = 1_000;

/// Bytes of a log at most.
pub const LONGEST_LOG: u64 = 16 * 1024 * 1024;

/// The log of a step: it keeps its beginning and its last lines.
pub struct Log {
    file: File,
    /// How many more bytes are written.
    left: u64,
    /// How many were not.
    cut: u64,
    trouble: Option<io::Error>,
    tail: VecDeque<String>,
    /// What is not yet in the file.
    pending: String,
}

impl Log {
    /// Begins the log `path`, readable by this user alone, of `budget` bytes at most.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn create(path: &Path, budget: u64) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        Ok(Self { file, left: budget, cut: 0, trouble: None, tail: VecDeque::new(), pending: String::new() })
    }

    /// Adds a line.
    pub fn line(&mut self, line: &str) {
        if self.tail.len() == TAIL_LINES {
            self.tail.pop_front();
        }
        self.tail.push_back(line.chars().take(TAIL_WIDTH).collect());
        let size = line.len() as u64 + 1;
        if self.cut > 0 || size > self.left {
            self.cut += size;
            return;
        }
        self.left -= size;
        self.pending.push_str(line);
        self.pending.push('\n');
    }

    /// Lets readers see what has come so far.
    pub fn flush(&mut self) {
        if self.trouble.is_none() {
            self.trouble = self.file.write_all(self.pending.as_bytes()).err();
        }
        self.pending.clear();
    }

    /// Ends the log, after `notes`. Gives the last lines, and what is to be said of the log itself.
    pub fn finish(mut self, notes: &[String]) -> (Vec<String>, Vec<String>) {
        let mut said = Vec::new();
        if self.cut > 0 {
            said.push(format!("the log is cut: {} more bytes came", self.cut));
            let cut = format!("[{} bytes are left out here; the last lines follow]\n", self.cut);
            self.pending.push_str(&cut);
            for line in &self.tail {
                self.pending.push_str(line);
                self.pending.push('\n');
            }
        }
        for note in notes {
            self.pending.extend(["[", note, "]\n"]);
        }
        self.flush();
        said.extend(self.trouble.map(|error| format!("the log could not be written: {error}")));
        (self.tail.into(), said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_log_keeps_its_budget_and_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = Log::create(&path, 20).unwrap();
        for number in 0..100 {
            log.line(&format!("line {number}"));
            log.flush();
        }
        let (tail, said) = log.finish(&["killed".into()]);
        assert_eq!((tail.len(), tail.last().unwrap().as_str()), (TAIL_LINES, "line 99"));
        assert_eq!(said, ["the log is cut: 776 more bytes came"]);
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("line 0\nline 1\n[776 bytes are left out here; the last lines follow]\nline 50\n"),
            "{text}"
        );
        assert!(text.ends_with("line 99\n[killed]\n"), "{text}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_and_stops_nothing() {
        let mut log = Log::create(Path::new("/dev/full"), 1_000).unwrap();
        log.line("a");
        log.flush();
        log.line("b");
        let (tail, said) = log.finish(&[]);
        assert_eq!(tail, ["a", "b"]);
        assert!(said[0].starts_with("the log could not be written: "), "{said:?}");
    }
}
