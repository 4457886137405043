//! A run from its beginning to its end.

use std::fs;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::book::Book;
use super::leftovers::forget_passwords;
use super::part::{Patience, progress};
use super::plan::{Names, Planned};
use super::stop::{Halt, Leave, Signal, Stop};
use super::{Options, Outside, clone, close, end, environment, ready, stages, verdict};
use crate::aurora::ids::ClusterId;
use crate::aurora::span;
use crate::engine::task::{FailureKind, StepName};
use crate::engine::{Cancel, Engine, Held, Order, Request, StepState, Task, TaskError};
use crate::recipe::file::Loaded;
use crate::recipe::model::{Recipe, Span};
use crate::recipe::outcome::{Outcome, Verdict};
use crate::recipe::redact::Redactor;

/// What went wrong in a phase, and what that makes of the run.
pub(super) type Failed = (Verdict, String);

/// A run that has begun: what never changes in it, and how it is told of.
pub(super) struct Run {
    pub(super) engine: Engine,
    pub(super) held: Held,
    pub(super) outside: Outside,
    pub(super) loaded: Loaded,
    pub(super) names: Names,
    pub(super) options: Options,
    pub(super) stop: Stop,
    pub(super) redact: Redactor,
    logs: AtomicU32,
}

/// A run that has begun.
pub struct Running {
    run: Run,
}

/// A run that is over, or was left.
#[derive(Debug, Clone)]
pub struct Finished {
    /// What came of it.
    pub outcome: Outcome,
    /// Why its steps were stopped, if they were.
    pub halted: Option<Halt>,
    /// The last signal, if any came.
    pub signalled: Option<Signal>,
    /// Why it was left before everything was torn down, if it was.
    pub left: Option<Leave>,
    /// The reports that were written.
    pub reports: Vec<PathBuf>,
    /// Reports that could not be written.
    pub unwritten: Vec<String>,
}

/// Begins a run: from now on it is in the journal, and held here.
///
/// # Errors
/// If a check forbids it, its folder cannot be made, or the journal cannot be written: then nothing was begun.
pub fn start(engine: &Engine, outside: Outside, planned: Planned, options: Options) -> Result<Running, TaskError> {
    if planned.plan.blocked() {
        return Err(TaskError::new(FailureKind::Refused, planned.plan.reasons()));
    }
    let ttl = planned.loaded.recipe.clone.life();
    if let Some(timeout) = options.timeout.filter(|timeout| *timeout > ttl) {
        let (timeout, ttl) = (span::exact(timeout), span::exact(ttl));
        let error = format!("--timeout: a run may take {timeout}, the clone lives {ttl}");
        return Err(TaskError::new(FailureKind::Refused, error).next("give the clone a longer `clone.ttl`"));
    }
    let request = planned.request();
    make_folder(&planned.names.directory).map_err(|error| {
        let message = format!("{}: {error}; nothing was begun", planned.names.directory.display());
        TaskError::new(FailureKind::Journal, message)
    })?;
    let Planned { loaded, id, names, clusters, .. } = planned;
    forget_passwords(engine, &outside.runs, |id| clusters.contains(id));
    let held = engine.hold(id, Request::Test(Box::new(request)), None)?;
    let (engine, stop, redact) = (engine.clone(), Stop::default(), Redactor::default());
    let run = Run { engine, held, outside, loaded, names, options, stop, redact, logs: AtomicU32::new(0) };
    Ok(Running { run })
}

/// Makes a folder for this user alone, with one for what commands leave.
fn make_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path.join("reports"))
}

impl Running {
    /// Stops it.
    pub fn stop(&self) -> Stop {
        self.run.stop.clone()
    }

    /// Its task as it stands.
    pub fn task(&self) -> Task {
        self.run.held.task()
    }

    /// Takes it to its end.
    pub async fn drive(self) -> Finished {
        let run = self.run;
        let _listening = listen(run.held.orders(), run.stop.clone());
        let _timing = time_out(&run);
        let started_at = run.now();
        let mut book = Book::default();
        let went = unwound(Box::pin(forward(&run, &mut book))).await;
        if let Err((verdict, reason)) = went.unwrap_or_else(|panic| Err((Verdict::Aws, panic)))
            && verdict != Verdict::Interrupted
        {
            book.judge(verdict, run.redact.clean(&reason));
        }
        let took = run.now().duration_since(started_at);
        verdict::stopped(&run, &mut book);
        let cost = close::cost(&run, &book);
        let limits = verdict::limits(&run, &mut book, took, cost);
        run.skip_waiting();
        end::all(&run, &mut book).await;
        close::close(&run, book, started_at, limits)
    }
}

/// From nothing to the last step.
async fn forward(run: &Run, book: &mut Book) -> Result<(), Failed> {
    clone::preflight(run).await?;
    environment::make(run, book).await?;
    let create = clone::make(run, book).await?;
    ready::ready(run, book, &create).await?;
    stages::all(run, book).await;
    Ok(())
}

/// Does `work`, and survives it: what a run has made is deleted even if the program has a fault. Gives what the panic said.
pub(super) async fn unwound<T>(work: impl Future<Output = T>) -> Result<T, String> {
    // What it leaves half done is only told of: the teardown goes by the journal and by what AWS says.
    AssertUnwindSafe(work).catch_unwind().await.map_err(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        format!("internal error: {}", said.unwrap_or("a panic"))
    })
}

/// Obeys what is asked through the journal, as long as the guard lives.
pub(super) fn listen(mut orders: watch::Receiver<Option<Order>>, stop: Stop) -> DropGuard {
    let token = CancellationToken::new();
    let over = token.clone();
    tokio::spawn(async move {
        loop {
            match *orders.borrow_and_update() {
                Some(Order::Cancel(Cancel::TearDown)) => stop.halt(Halt::Cancelled),
                Some(Order::Cancel(Cancel::Detach)) => stop.leave(Leave::Detached),
                Some(Order::Lost) => stop.leave(Leave::Lost),
                Some(Order::Stop) => stop.leave(Leave::Stopped),
                None => {}
            }
            tokio::select! {
                changed = orders.changed() => if changed.is_err() { return },
                () = over.cancelled() => return,
            }
        }
    });
    token.drop_guard()
}

/// Stops the steps once the whole takes too long, as long as the guard lives.
fn time_out(run: &Run) -> DropGuard {
    let until = within(run.longest().0);
    let token = CancellationToken::new();
    let (over, stop) = (token.clone(), run.stop.clone());
    tokio::spawn(async move {
        tokio::select! {
            () = tokio::time::sleep_until(until) => stop.halt(Halt::Overdue),
            () = over.cancelled() => {}
        }
    });
    token.drop_guard()
}

impl Run {
    pub(super) fn recipe(&self) -> &Recipe {
        &self.loaded.recipe
    }

    /// The folder that the recipe's paths are seen from.
    pub(super) fn base(&self) -> &Path {
        &self.loaded.directory
    }

    pub(super) fn now(&self) -> Timestamp {
        self.held.now()
    }

    /// How long the steps may take, and who says so. Where nobody does, the clone's life ends them, less the time that the
    /// teardown may take.
    pub(super) fn longest(&self) -> (Span, &'static str) {
        let recipe = self.recipe();
        let ttl = recipe.clone.life();
        let life = Span((ttl - recipe.teardown.deadline.0).max(ttl / 2));
        let typed = self.options.timeout.map(|span| (Span(span), "--timeout"));
        let written = recipe.limits.total.map(|span| (span, "limits.total"));
        let said = typed.into_iter().chain(written).min_by_key(|(span, _)| *span);
        said.unwrap_or((life, "clone.ttl, less teardown.deadline"))
    }

    pub(super) fn patience<'a>(&self, until: Instant, stop: &'a CancellationToken) -> Patience<'a> {
        Patience { until, helped_within: Some(self.outside.patience), stop }
    }

    /// Where the option file for clients of MySQL is while the clone can be used.
    pub(super) fn option_file(&self) -> PathBuf {
        self.names.directory.join(OPTION_FILE)
    }

    /// The log of the next step.
    pub(super) fn log(&self, name: &str, round: Option<u32>) -> PathBuf {
        let number = self.logs.fetch_add(1, Ordering::Relaxed) + 1;
        let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(40).collect();
        let round = round.map_or(String::new(), |round| format!("-round-{round}"));
        self.names.directory.join(format!("{number:02}-{plain}{round}.log"))
    }

    /// Changes the task. Who has lost it hears of that by an order.
    pub(super) fn tell(&self, change: impl FnOnce(&mut Task)) {
        let _ = self.held.update(change);
    }

    /// Takes note of the source that the stack has named.
    pub(super) fn name_source(&self, source: &ClusterId) {
        self.tell(|task| {
            if let Request::Test(request) = &mut task.request {
                request.source = Some(source.clone());
            }
        });
    }

    /// Tells where the output of the present step is.
    pub(super) fn output(&self, log: &Path) {
        self.tell(|task| {
            task.test.output = Some(log.to_owned());
            // One step runs at a time.
            if let Some(step) = task.steps.iter_mut().find(|step| step.state == StepState::Running) {
                step.logs.push(log.to_owned());
            }
        });
    }

    /// Which step of the task has this name.
    pub(super) fn position(&self, name: StepName) -> usize {
        position(&self.held.task(), name)
    }

    /// Which step of the task is the recipe's with this number.
    pub(super) fn stage(&self, number: usize) -> usize {
        self.position(StepName::Stage) + number
    }

    pub(super) fn begin(&self, step: usize) {
        let _ = self.held.begin_step(step);
    }

    pub(super) fn say(&self, step: usize, text: &str) {
        let _ = self.held.say(step, &self.redact.clean(text));
    }

    pub(super) fn end(&self, step: usize, state: StepState, detail: &str) {
        let _ = self.held.end_step(step, state, &self.redact.clean(detail));
    }

    /// Tells of a part in the detail of a step.
    pub(super) fn telling(&self, step: usize) -> impl Fn(&Task) + Send + '_ {
        move |part| {
            if let Some(text) = progress(part) {
                self.say(step, &text);
            }
        }
    }

    /// What was not begun will not be.
    fn skip_waiting(&self) {
        let ends = [StepName::Always, StepName::Teardown];
        for (number, step) in self.held.task().steps.iter().enumerate() {
            if step.state == StepState::Waiting && !ends.contains(&step.name) {
                self.end(number, StepState::Skipped, "not begun");
            }
        }
    }

    /// For how long the clone of a run without success is to be kept.
    pub(super) fn life_after_failure(&self) -> Option<SignedDuration> {
        self.options.keep_on_failure.or(self.recipe().teardown.keep_on_failure.map(|span| span.0))
    }

    /// For how long the clone is kept, as things stand. Who stops a run wants it gone.
    pub(super) fn keeps(&self, book: &Book) -> Option<SignedDuration> {
        let wanted = self.life_after_failure()?;
        let failed = !matches!(book.verdict().0, Verdict::Passed | Verdict::Interrupted | Verdict::Refused);
        failed.then_some(wanted)
    }
}

/// Which step of a run has this name.
pub(super) fn position(run: &Task, name: StepName) -> usize {
    run.steps.iter().position(|step| step.name == name).unwrap_or(run.steps.len())
}

/// The end of a time that begins now.
pub(super) fn within(span: Span) -> Instant {
    Instant::now() + Duration::try_from(span.0).unwrap_or_default()
}

/// Name of the option file for clients of MySQL.
pub(super) const OPTION_FILE: &str = "client.cnf";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_told_of_and_survived() {
        let faulty = async || -> u8 { panic!("no {}", "way") };
        let said = unwound(faulty()).await;
        assert_eq!(said, Err("internal error: no way".into()));
        assert_eq!(unwound(async { 7 }).await, Ok(7));
    }
}
