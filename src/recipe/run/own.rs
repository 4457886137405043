//! SQL of the run's own: no server and no network holds a run for longer than it says, or once it is stopped.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::aurora::span;
use crate::recipe::database::DatabaseError;
use crate::recipe::model::Span;
use crate::recipe::outcome::{StepEnd, Verdict};

/// How long a snapshot may take: rows are counted by reading them.
pub(super) const SNAPSHOT: Span = Span(SignedDuration::from_mins(30));

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Cut {
    /// The run is stopped.
    Stopped,
    /// It took longer than this.
    Late(Span),
    /// The database says no.
    Failed(DatabaseError),
}

/// Does `work` for so long at most.
pub(super) async fn own<T>(
    limit: Span,
    stop: &CancellationToken,
    work: impl Future<Output = Result<T, DatabaseError>>,
) -> Result<T, Cut> {
    tokio::select! {
        done = work => done.map_err(Cut::Failed),
        () = tokio::time::sleep(Duration::try_from(limit.0).unwrap_or_default()) => Err(Cut::Late(limit)),
        () = stop.cancelled() => Err(Cut::Stopped),
    }
}

impl Cut {
    /// How a step ends that it happens to.
    pub(super) fn end(&self) -> StepEnd {
        match self {
            Self::Stopped => StepEnd::Interrupted,
            Self::Late(_) => StepEnd::TimedOut,
            Self::Failed(_) => StepEnd::Failed,
        }
    }

    /// What it means for the run, if an error of the database means `failed`.
    pub(super) fn verdict(&self, failed: Verdict) -> Verdict {
        match self {
            Self::Stopped => Verdict::Interrupted,
            Self::Late(_) => Verdict::TimedOut,
            Self::Failed(_) => failed,
        }
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => f.write_str("stopped"),
            Self::Late(limit) => write!(f, "no answer within {}", span::exact(limit.0)),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_hangs_is_cut() {
        let stop = CancellationToken::new();
        let late = own::<()>(Span(SignedDuration::from_mins(1)), &stop, pending()).await.unwrap_err();
        assert_eq!((late.end(), late.verdict(Verdict::Aws)), (StepEnd::TimedOut, Verdict::TimedOut));
        stop.cancel();
        let stopped = own::<()>(Span(SignedDuration::from_mins(1)), &stop, pending()).await.unwrap_err();
        assert_eq!((stopped.end(), stopped.verdict(Verdict::Aws)), (StepEnd::Interrupted, Verdict::Interrupted));
    }
}
