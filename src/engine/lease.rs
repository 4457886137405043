//! Leases: one process drives a task at a time.
//!
//! A lease is a row of the journal. Its epoch grows whenever somebody else takes it, so a process that was stopped and
//! comes back finds out, in the very transaction that announces its next call, that the task has gone on without it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::task::TaskId;

/// How long a lease lasts, and how often it is renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Between two renewals.
    pub beat: Duration,
    /// A lease that was not renewed for so long is free.
    pub lasts: Duration,
}

impl Default for Term {
    fn default() -> Self {
        Self { beat: Duration::from_secs(2), lasts: Duration::from_secs(6) }
    }
}

/// Who drives tasks: one engine in one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    name: String,
    lasts: Duration,
}

impl Holder {
    /// A holder for an engine of this process, `pid@host/random`, whose leases last so long without a renewal.
    pub fn new(lasts: Duration) -> Self {
        Self { name: format!("{}@{}/{:08x}", std::process::id(), host(), fastrand::u32(..)), lasts }
    }

    /// As it is written in the journal.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// When a lease that is taken or renewed now will be free.
    pub fn until(&self, now: Timestamp) -> Timestamp {
        now.checked_add(self.lasts).unwrap_or(Timestamp::MAX)
    }
}

/// Whether the holder of this name is known to be dead: a process of this host that is not there any more. Of other hosts
/// nothing is known before their lease ends.
pub fn is_dead(holder: &str) -> bool {
    let Some((pid, rest)) = holder.split_once('@') else { return false };
    let Some((at, _)) = rest.rsplit_once('/') else { return false };
    at == host() && pid.parse().is_ok_and(gone)
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    "unknown".into()
}

#[cfg(unix)]
fn gone(pid: i32) -> bool {
    let Some(pid) = rustix::process::Pid::from_raw(pid) else { return false };
    rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH)
}

#[cfg(not(unix))]
fn gone(_: i32) -> bool {
    false
}

/// A lease as it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The task.
    pub task: TaskId,
    /// Who holds it.
    pub holder: Holder,
    /// How often it had changed hands by then.
    pub epoch: i64,
}

/// How a person ends a task before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cancel {
    /// Stop watching; AWS goes on with what it has begun, and what is there stays.
    Detach,
    /// Delete what the task has made.
    TearDown,
}

impl Cancel {
    /// The word in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Detach => "detach",
            Self::TearDown => "tear-down",
        }
    }

    /// Reads the word.
    pub fn read(word: &str) -> Option<Self> {
        [Self::Detach, Self::TearDown].into_iter().find(|cancel| cancel.as_str() == word)
    }
}

/// What the journal says of the tasks that an engine drives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// The leases that are still held, with their epochs.
    pub held: HashMap<TaskId, i64>,
    /// The unfinished tasks that somebody wants ended.
    pub asked: HashMap<TaskId, Cancel>,
}

/// Who drives a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Hand {
    /// This process.
    #[default]
    Here,
    /// Another process.
    Elsewhere,
    /// Nobody: it lies where it was left.
    Nobody,
}

/// A task that is driven or followed in this engine.
#[derive(Debug)]
struct Awake {
    /// Wakes its driver.
    bell: Arc<Notify>,
    /// Whether its lease is held here.
    held: bool,
}

/// The tasks that are driven or followed in this engine, each with the bell that wakes its driver.
#[derive(Debug, Default)]
pub(super) struct Bells(Mutex<HashMap<TaskId, Awake>>);

impl Bells {
    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<TaskId, Awake>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A bell for a driver that begins; none if the task has one already.
    pub(super) fn hang(&self, task: &TaskId) -> Option<Arc<Notify>> {
        let mut all = self.all();
        if all.contains_key(task) {
            return None;
        }
        let bell = Arc::new(Notify::new());
        all.insert(task.clone(), Awake { bell: bell.clone(), held: false });
        Some(bell)
    }

    /// Takes note of whether the lease of `task` is held here.
    pub(super) fn note(&self, task: &TaskId, held: bool) {
        if let Some(awake) = self.all().get_mut(task) {
            awake.held = held;
        }
    }

    /// Whether the lease of `task` is held here.
    pub(super) fn holds(&self, task: &TaskId) -> bool {
        self.all().get(task).is_some_and(|awake| awake.held)
    }

    /// Takes down the bell of a driver that has ended.
    pub(super) fn take_down(&self, task: &TaskId) {
        self.all().remove(task);
    }

    /// Wakes the driver of `task`, if there is one.
    pub(super) fn ring(&self, task: &TaskId) {
        if let Some(awake) = self.all().get(task) {
            awake.bell.notify_one();
        }
    }

    /// The tasks that have one.
    pub(super) fn tasks(&self) -> Vec<TaskId> {
        self.all().keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_process_of_this_host_is_known_to_be_dead() {
        assert!(!is_dead(Holder::new(Duration::ZERO).as_str()));
        // The highest process id of Linux is four million.
        assert!(is_dead(&format!("999999999@{}/0", host())));
        assert!(!is_dead("999999999@elsewhere/0"));
        assert!(!is_dead("nonsense"));
    }
}
