//! What ends a run before its time: the first signal stops its steps, and everything is torn down; the second leaves all to
//! another process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
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

/// A signal to the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// The terminal is gone.
    HangUp,
}

/// What a signal did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It stopped the steps, or came while they were stopped for another reason: everything is torn down.
    Stopped,
    /// Nothing: it belongs to one before it.
    Again,
    /// Everything is left.
    Left,
}

/// Signals within so long are one: process groups get them twice, and keys are pressed so.
const ONE: Duration = Duration::from_secs(1);

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
    /// When the first signal came, and which was the last.
    signals: Option<(Instant, Signal)>,
}

/// Stops a run. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    why: Arc<Mutex<Why>>,
    work: CancellationToken,
    all: CancellationToken,
}

impl Stop {
    /// Takes a signal that came at this moment: the first one stops the steps, one that comes later leaves everything. Who
    /// hangs up only wants it stopped.
    pub fn signal(&self, signal: Signal, at: Instant) -> Heard {
        let first = {
            let mut why = self.why();
            let first = why.signals.map(|(first, _)| first);
            why.signals = Some((first.unwrap_or(at), signal));
            first
        };
        match first {
            None => {
                self.halt(if signal == Signal::Interrupt { Halt::Interrupted } else { Halt::Terminated });
                Heard::Stopped
            }
            Some(first) if signal == Signal::HangUp || at.duration_since(first) < ONE => Heard::Again,
            Some(_) => {
                self.leave(Leave::Interrupted);
                Heard::Left
            }
        }
    }

    /// Stops the steps. The first reason counts, unless it was only that time was up.
    pub fn halt(&self, why: Halt) {
        {
            let mut kept = self.why();
            if kept.halt.is_none_or(|halt| halt == Halt::Overdue) {
                kept.halt = Some(why);
            }
        }
        self.work.cancel();
    }

    /// Leaves everything as it stands.
    pub fn leave(&self, why: Leave) {
        self.why().leave.get_or_insert(why);
        self.work.cancel();
        self.all.cancel();
    }

    /// Why the steps were stopped, if they were.
    pub fn halted(&self) -> Option<Halt> {
        self.why().halt
    }

    /// Why everything is left, if it is.
    pub fn left(&self) -> Option<Leave> {
        self.why().leave
    }

    /// The last signal, if any came.
    pub fn signalled(&self) -> Option<Signal> {
        self.why().signals.map(|(_, signal)| signal)
    }

    fn why(&self) -> MutexGuard<'_, Why> {
        self.why.lock().unwrap_or_else(PoisonError::into_inner)
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

    use Signal::{HangUp, Interrupt, Terminate};

    #[rstest::rstest]
    #[case::one(None, &[(0, Interrupt)], false)]
    #[case::two(None, &[(0, Interrupt), (1_000, Terminate)], true)]
    #[case::twice_at_once(None, &[(0, Interrupt), (999, Interrupt)], false)]
    #[case::a_hangup_never_leaves(None, &[(0, Terminate), (5_000, HangUp)], false)]
    #[case::a_hangup_stops(None, &[(0, HangUp), (5_000, Interrupt)], true)]
    #[case::first_after_overdue(Some(Halt::Overdue), &[(0, Interrupt)], false)]
    #[case::first_after_cancelled(Some(Halt::Cancelled), &[(0, Interrupt)], false)]
    #[case::second_after_cancelled(Some(Halt::Cancelled), &[(0, Interrupt), (2_000, Interrupt)], true)]
    fn the_second_signal_leaves_everything(
        #[case] halted: Option<Halt>,
        #[case] signals: &[(u64, Signal)],
        #[case] leaves: bool,
    ) {
        let (stop, start) = (Stop::default(), Instant::now());
        if let Some(why) = halted {
            stop.halt(why);
        }
        for (after, signal) in signals {
            stop.signal(*signal, start + Duration::from_millis(*after));
        }
        assert!(stop.work().is_cancelled());
        assert_eq!(stop.all().is_cancelled(), leaves);
        assert_eq!(stop.left(), leaves.then_some(Leave::Interrupted));
        assert_eq!(stop.signalled(), signals.last().map(|(_, signal)| *signal));
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
