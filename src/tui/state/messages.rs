//! What was said to the person, and the line that shows the latest of it.

use std::collections::VecDeque;

use jiff::Timestamp;

/// How serious a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Something went as it should.
    Info,
    /// Something was not done, or wants attention.
    Warn,
    /// Something failed. Stays on screen until it is dismissed.
    Error,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How serious it is.
    pub tone: Tone,
    /// One line.
    pub text: String,
    /// What else is known: codes, request ids, next steps.
    pub more: Vec<String>,
}

impl Notice {
    /// A message that goes away with the next key.
    pub fn info(text: impl Into<String>) -> Self {
        Self { tone: Tone::Info, text: text.into(), more: Vec::new() }
    }

    /// A message that says why something was not done.
    pub fn warn(text: impl Into<String>) -> Self {
        Self { tone: Tone::Warn, text: text.into(), more: Vec::new() }
    }

    /// A message about a failure.
    pub fn error(text: impl Into<String>) -> Self {
        Self { tone: Tone::Error, text: text.into(), more: Vec::new() }
    }

    /// The same with another line of what is known.
    #[must_use]
    pub fn with(mut self, line: impl Into<String>) -> Self {
        self.more.push(line.into());
        self
    }
}

/// All messages, the oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Messages {
    log: VecDeque<(Timestamp, Notice)>,
    shown: bool,
}

/// Messages kept.
const KEPT: usize = 500;

impl Messages {
    /// Every message with its time, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &(Timestamp, Notice)> {
        self.log.iter().rev()
    }

    /// The message in the message line.
    pub fn current(&self) -> Option<&Notice> {
        self.log.back().map(|(_, notice)| notice).filter(|_| self.shown)
    }

    pub(super) fn add(&mut self, at: Timestamp, notice: Notice) {
        if self.log.len() == KEPT {
            self.log.pop_front();
        }
        self.log.push_back((at, notice));
        self.shown = true;
    }

    /// A key was pressed: what is no error has been seen.
    pub(in super::super) fn seen(&mut self) -> bool {
        let passing = self.current().is_some_and(|notice| notice.tone != Tone::Error);
        if passing {
            self.shown = false;
        }
        passing
    }

    /// Takes the message out of the line; whether there was one.
    pub(in super::super) fn dismiss(&mut self) -> bool {
        let had = self.current().is_some();
        self.shown = false;
        had
    }
}
