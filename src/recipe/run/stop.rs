//! What ends a run before its time: the first time its steps are stopped and everything is torn down, the second time all
//! is left to another process.

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// Why the steps of a run were stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// Ctrl-C.
    Interrupted,
    /// SIGTERM, or the terminal is gone.
    Terminated,
    /// A person cancelled the task.
    Cancelled,
    /// It took longer than the recipe allows.
    Overdue,
}

/// Why nothing more is done for a run here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// A signal came although everything was being torn down.
    Interrupted,
    /// A person wants it left as it is.
    Detached,
    /// The process ends.
    Stopped,
    /// Another process has taken it over.
    Lost,
}

#[derive(Debug, Default)]
struct Why {
    halt: Option<Halt>,
    leave: Option<Leave>,
}

/// Stops a run. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    why: Arc<Mutex<Why>>,
    work: CancellationToken,
    all: CancellationToken,
}

impl Stop {
    /// Takes a signal: the first one stops the steps, the next one leaves everything.
    pub fn signal(&self, signal: Halt) {
        if self.halted().is_none() {
            self.halt(signal);
        } else {
            self.leave(Leave::Interrupted);
        }
    }

    /// Stops the steps. The first reason counts, unless it was only that time was up.
    pub fn halt(&self, why: Halt) {
        {
            let mut kept = self.why.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.halt.is_none_or(|halt| halt == Halt::Overdue) {
                kept.halt = Some(why);
            }
        }
        self.work.cancel();
    }

    /// Leaves everything as it stands.
    pub fn leave(&self, why: Leave) {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).leave.get_or_insert(why);
        self.work.cancel();
        self.all.cancel();
    }

    /// Why the steps were stopped, if they were.
    pub fn halted(&self) -> Option<Halt> {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).halt
    }

    /// Why everything is left, if it is.
    pub fn left(&self) -> Option<Leave> {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).leave
    }

    /// Cancelled when the steps are stopped.
    pub(super) fn work(&self) -> &CancellationToken {
        &self.work
    }

    /// Cancelled when everything is left.
    pub(super) fn all(&self) -> &CancellationToken {
        &self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_signal_leaves_everything() {
        let stop = Stop::default();
        stop.signal(Halt::Interrupted);
        assert!(stop.work().is_cancelled() && !stop.all().is_cancelled());
        stop.signal(Halt::Terminated);
        assert!(stop.all().is_cancelled());
        assert_eq!((stop.halted(), stop.left()), (Some(Halt::Interrupted), Some(Leave::Interrupted)));
    }

    #[test]
    fn a_person_counts_for_more_than_time_that_is_up() {
        let stop = Stop::default();
        stop.halt(Halt::Overdue);
        stop.halt(Halt::Cancelled);
        stop.halt(Halt::Overdue);
        assert_eq!(stop.halted(), Some(Halt::Cancelled));
    }
}
