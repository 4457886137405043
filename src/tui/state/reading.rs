//! The output of a step while somebody reads it: a part of the file in whole lines, which follows the file as it grows.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Where it begins, in bytes.
    pub at: u64,
    /// Its text, harmless to a terminal.
    pub text: String,
}

/// Which part of a file is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Its end.
    End,
    /// What begins at this byte.
    From(u64),
    /// What ends at this byte.
    Before(u64),
}

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// What was asked for.
    pub part: Part,
    /// Its lines. The last one may go on: `to` is where it begins then.
    pub lines: Vec<LogLine>,
    /// Where the first line begins.
    pub from: u64,
    /// Where reading goes on.
    pub to: u64,
    /// Length of the file.
    pub size: u64,
}

/// What has been read of one file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    path: Option<PathBuf>,
    lines: VecDeque<LogLine>,
    to: u64,
    size: u64,
    asking: bool,
    read_at: Option<Timestamp>,
    /// Why it could not be read.
    pub error: Option<String>,
}

/// Between two looks at a file that may grow.
const EVERY: SignedDuration = SignedDuration::from_millis(500);
/// Lines kept; what is further away is read again when somebody goes there.
const KEPT: usize = 4_000;
/// Further behind than this many bytes, the end is read instead of all that lies before it.
const FAR_BEHIND: u64 = 256 * 1024;

impl Reading {
    /// The lines that are here.
    pub fn lines(&self) -> &VecDeque<LogLine> {
        &self.lines
    }

    /// Whether the last line of the file is among them.
    pub fn at_end(&self) -> bool {
        self.to >= self.size || self.lines.back().is_some_and(|line| line.at >= self.to)
    }

    /// Whether the first line of the file is among them.
    pub fn at_start(&self) -> bool {
        self.lines.front().is_none_or(|line| line.at == 0)
    }

    /// Whether it was looked at.
    pub fn is_read(&self) -> bool {
        self.read_at.is_some()
    }

    /// When it is to be looked at again, while somebody reads `path`; `live` files may grow.
    pub fn due(&self, path: &Path, live: bool, wish: Wish) -> Option<Timestamp> {
        let Some(at) = self.read_at.filter(|_| self.path.as_deref() == Some(path)) else {
            let new = self.path.as_deref() != Some(path) || !self.asking;
            return new.then_some(Timestamp::MIN);
        };
        if self.asking {
            return None;
        }
        let more = match wish {
            Wish::Start | Wish::Earlier => !self.at_start(),
            Wish::Later | Wish::End => !self.at_end(),
            Wish::Middle => false,
        };
        if more && self.error.is_none() { Some(Timestamp::MIN) } else { live.then_some(at + EVERY) }
    }

    /// Which part is to be read next.
    pub(in super::super) fn ask(&mut self, path: &Path, wish: Wish) -> Part {
        if self.path.as_deref() != Some(path) {
            *self = Self { path: Some(path.to_owned()), ..Self::default() };
        }
        self.asking = true;
        let first = self.lines.front().map(|line| line.at);
        match (wish, first) {
            (_, None) => Part::End,
            (Wish::Start, Some(first)) if first > 0 => Part::From(0),
            (Wish::Earlier, Some(first)) if first > 0 => Part::Before(first),
            (Wish::End, _) if self.size.saturating_sub(self.to) > FAR_BEHIND => Part::End,
            _ => Part::From(self.to),
        }
    }

    /// Takes what was read of `path`.
    pub(in super::super) fn put(&mut self, path: &Path, read: Result<Stretch, String>, now: Timestamp) {
        if self.path.as_deref() != Some(path) {
            return;
        }
        self.asking = false;
        self.read_at = Some(now);
        let stretch = match read {
            Ok(stretch) => stretch,
            Err(error) => {
                self.error = Some(error);
                return;
            }
        };
        self.error = None;
        self.size = stretch.size;
        match stretch.part {
            Part::From(at) if stretch.size >= at => {
                // The line that went on is here again, longer.
                while self.lines.back().is_some_and(|line| line.at >= at) {
                    self.lines.pop_back();
                }
                self.lines.extend(stretch.lines);
                self.to = stretch.to;
                while self.lines.len() > KEPT {
                    self.lines.pop_front();
                }
            }
            Part::Before(_) => {
                for line in stretch.lines.into_iter().rev() {
                    self.lines.push_front(line);
                }
                while self.lines.len() > KEPT {
                    self.to = self.lines.pop_back().map_or(self.to, |line| line.at);
                }
            }
            // A file that is shorter than it was is another one.
            Part::From(_) => *self = Self { path: self.path.take(), ..Self::default() },
            Part::End => {
                self.lines = stretch.lines.into();
                self.to = stretch.to;
            }
        }
    }
}

/// What the person who reads looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// The beginning of the file.
    Start,
    /// The first lines that are here: those before them are wanted.
    Earlier,
    /// Something in the middle, all of which is here.
    Middle,
    /// The last lines that are here: those after them are wanted.
    Later,
    /// The end of the file, wherever that is.
    End,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::tests::fixture::now;

    fn line(at: u64, text: &str) -> LogLine {
        LogLine { at, text: text.into() }
    }

    fn stretch(part: Part, lines: Vec<LogLine>, to: u64, size: u64) -> Stretch {
        let from = lines.first().map_or(to, |line| line.at);
        Stretch { part, lines, from, to, size }
    }

    fn texts(reading: &Reading) -> Vec<&str> {
        reading.lines().iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn a_line_that_goes_on_is_replaced_by_its_whole() {
        let (path, mut reading) = (Path::new("a.log"), Reading::default());
        assert_eq!(reading.due(path, true, Wish::End), Some(Timestamp::MIN));
        assert_eq!(reading.ask(path, Wish::End), Part::End);
        assert_eq!(reading.due(path, true, Wish::End), None, "asked for already");
        reading.put(path, Ok(stretch(Part::End, vec![line(0, "one"), line(4, "tw")], 4, 6)), now());
        assert_eq!(reading.due(path, true, Wish::End), Some(now() + EVERY));
        assert_eq!(reading.due(path, false, Wish::End), None, "what has ended does not grow");
        assert_eq!(reading.ask(path, Wish::End), Part::From(4));
        reading.put(path, Ok(stretch(Part::From(4), vec![line(4, "two"), line(8, "three")], 14, 14)), now());
        assert_eq!(texts(&reading), ["one", "two", "three"]);
    }

    #[test]
    fn what_lies_before_is_read_when_somebody_goes_there() {
        let (path, mut reading) = (Path::new("a.log"), Reading::default());
        reading.ask(path, Wish::End);
        reading.put(path, Ok(stretch(Part::End, vec![line(100, "c")], 102, 102)), now());
        assert!(!reading.at_start() && reading.at_end());
        assert_eq!(reading.due(path, false, Wish::Earlier), Some(Timestamp::MIN));
        assert_eq!(reading.ask(path, Wish::Earlier), Part::Before(100));
        reading.put(path, Ok(stretch(Part::Before(100), vec![line(0, "a"), line(50, "b")], 100, 102)), now());
        assert_eq!(texts(&reading), ["a", "b", "c"]);
        assert_eq!(reading.due(path, false, Wish::Earlier), None, "this is the beginning");
        assert_eq!(reading.due(path, false, Wish::Start), None);
    }

    #[test]
    fn another_file_begins_anew_and_late_answers_about_the_old_one_are_dropped() {
        let (old, new, mut reading) = (Path::new("a.log"), Path::new("b.log"), Reading::default());
        reading.ask(old, Wish::End);
        assert_eq!(reading.due(new, false, Wish::End), Some(Timestamp::MIN));
        assert_eq!(reading.ask(new, Wish::End), Part::End);
        reading.put(old, Ok(stretch(Part::End, vec![line(0, "old")], 4, 4)), now());
        assert!(texts(&reading).is_empty() && !reading.is_read());
    }

    #[test]
    fn a_file_that_became_shorter_is_read_from_its_end_again() {
        let (path, mut reading) = (Path::new("a.log"), Reading::default());
        reading.ask(path, Wish::End);
        reading.put(path, Ok(stretch(Part::End, vec![line(0, "long")], 900, 900)), now());
        reading.ask(path, Wish::End);
        reading.put(path, Ok(stretch(Part::From(900), vec![], 10, 10)), now());
        assert_eq!(reading.ask(path, Wish::End), Part::End);
    }

    #[test]
    fn the_beginning_of_a_long_file_is_one_step_away() {
        let (path, mut reading) = (Path::new("a.log"), Reading::default());
        reading.ask(path, Wish::End);
        reading.put(path, Ok(stretch(Part::End, vec![line(9_000_000, "z")], 9_000_002, 9_000_002)), now());
        assert_eq!(reading.ask(path, Wish::Start), Part::From(0));
        reading.put(path, Ok(stretch(Part::From(0), vec![line(0, "a")], 2, 9_000_002)), now());
        assert_eq!(texts(&reading), ["a"], "no hole between what is here");
        assert_eq!(reading.ask(path, Wish::Later), Part::From(2));
    }

    #[test]
    fn far_behind_a_file_that_grows_fast_its_end_is_read() {
        let (path, mut reading) = (Path::new("a.log"), Reading::default());
        reading.ask(path, Wish::End);
        reading.put(path, Ok(stretch(Part::End, vec![line(0, "a")], 2, 2 + FAR_BEHIND + 1)), now());
        assert!(!reading.at_end());
        assert_eq!(reading.due(path, false, Wish::End), Some(Timestamp::MIN), "there is more at once");
        assert_eq!(reading.ask(path, Wish::End), Part::End);
    }
}
