//! Parts of a run: tasks of the engine that it begins and waits for.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use jiff::SignedDuration;
use tokio::sync::broadcast;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::running::Failed;
use crate::engine::task::FailureKind;
use crate::engine::{Cancel, Engine, Held, Request, Task, TaskError, TaskId, TaskState};
use crate::recipe::outcome::Verdict;

/// A part, and its changes from before it was begun.
pub(super) struct Part {
    pub(super) task: Task,
    events: broadcast::Receiver<Task>,
}

/// Why a part is not waited for any longer.
#[derive(Debug)]
pub(super) enum Unfinished {
    /// It takes too long; what it waits for.
    Late(String),
    /// It waits for a person, and nobody has helped in time; what for.
    Unhelped(String),
    /// The run is stopped.
    Stopped,
    /// The journal does not have it.
    Broken(TaskError),
}

/// How long a part is waited for.
pub(super) struct Patience<'a> {
    /// In all.
    pub(super) until: Instant,
    /// For a person to sign in again, without a break.
    pub(super) helped_within: Option<SignedDuration>,
    /// Ends the waiting.
    pub(super) stop: &'a CancellationToken,
}

impl Part {
    /// Begins `request` as a part of `held`, with what `started` does.
    pub(super) fn begin(
        engine: &Engine,
        start: impl FnOnce(TaskId) -> Result<Task, TaskError>,
    ) -> Result<Self, TaskError> {
        let events = engine.events();
        Ok(Self { task: start(engine.new_id())?, events })
    }

    /// Begins `request` as a part of `held`.
    pub(super) fn request(engine: &Engine, held: &Held, request: Request) -> Result<Self, TaskError> {
        Self::begin(engine, |id| engine.start_child(held.id(), id, request, None))
    }

    /// One that was begun before, and is brought on by `push`.
    pub(super) fn again(
        engine: &Engine,
        id: &TaskId,
        push: impl FnOnce() -> Result<(), TaskError>,
    ) -> Result<Self, TaskError> {
        let events = engine.events();
        push()?;
        Ok(Self { task: engine.task(id)?, events })
    }

    /// Waits for its end; `say` is told how it stands.
    pub(super) async fn end(
        self,
        engine: &Engine,
        patience: Patience<'_>,
        say: impl Fn(&Task) + Send,
    ) -> Result<Task, Unfinished> {
        if self.task.state.is_final() {
            return Ok(self.task);
        }
        let seen = Mutex::new(Seen { paused: None, detail: doing(&self.task) });
        let look = |task: &Task| {
            say(task);
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let paused = task.state == TaskState::Paused;
            seen.paused = paused.then(|| seen.paused.unwrap_or_else(Instant::now));
            seen.detail = doing(task);
        };
        let detail = || seen.lock().unwrap_or_else(PoisonError::into_inner).detail.clone();
        tokio::select! {
            over = engine.watch(&self.task.id, self.events, look, |_| false) => over.map_err(Unfinished::Broken),
            () = patience.stop.cancelled() => Err(Unfinished::Stopped),
            () = tokio::time::sleep_until(patience.until) => Err(Unfinished::Late(detail())),
            () = unhelped(&seen, patience.helped_within) => Err(Unfinished::Unhelped(detail())),
        }
    }
}

/// What a part is at: never nothing.
fn doing(task: &Task) -> String {
    let detail =
        task.current().map(|step| if step.detail.is_empty() { step.title().to_owned() } else { step.detail.clone() });
    detail.unwrap_or_else(|| task.title())
}

/// How a part was last seen.
struct Seen {
    /// Since when it waits for a person.
    paused: Option<Instant>,
    detail: String,
}

impl Unfinished {
    /// What it means for the run; `late` words that it took too long, with what it waited for.
    pub(super) fn failed(self, late: impl FnOnce(String) -> String) -> Failed {
        match self {
            Self::Late(what) => (Verdict::TimedOut, late(what)),
            Self::Stopped => (Verdict::Interrupted, "stopped".into()),
            Self::Unhelped(_) | Self::Broken(_) => (Verdict::Aws, self.to_string()),
        }
    }
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Late(what) => write!(f, "not over in time: {what}"),
            Self::Unhelped(what) => write!(f, "nobody has helped in time: {what}"),
            Self::Stopped => f.write_str("stopped"),
            Self::Broken(error) => error.fmt(f),
        }
    }
}

/// Comes to its end once a task has waited for a person for so long without a break.
async fn unhelped(seen: &Mutex<Seen>, within: Option<SignedDuration>) {
    let Some(within) = within.and_then(|span| std::time::Duration::try_from(span).ok()) else {
        return std::future::pending().await;
    };
    loop {
        let since = seen.lock().unwrap_or_else(PoisonError::into_inner).paused;
        tokio::time::sleep_until(since.unwrap_or_else(Instant::now) + within).await;
        let still = seen.lock().unwrap_or_else(PoisonError::into_inner).paused;
        if still.is_some_and(|since| since + within <= Instant::now()) {
            return;
        }
    }
}

/// What there is to tell of a part that goes on.
pub(super) fn progress(task: &Task) -> Option<String> {
    let step = task.current().filter(|step| !step.detail.is_empty())?;
    Some(format!("{}: {}", step.title(), step.detail))
}

/// Leaves every part of a run as it stands, as a person wants it.
pub(super) fn detach_all(engine: &Engine, held: &Held) {
    for part in &held.task().test.children {
        // One that is over needs nobody to leave it.
        let _ = engine.cancel(part, Cancel::Detach);
    }
    // Who has lost the run hears of that by an order.
    let _ = held.update(|task| task.cancel = Some(Cancel::Detach));
}

/// The error of a part that ended without success.
pub(super) fn failure(task: &Task) -> TaskError {
    task.error.clone().unwrap_or_else(|| {
        let message = format!("{} was {}", task.title(), task.state.as_str());
        TaskError::new(FailureKind::Conflict, message)
    })
}
