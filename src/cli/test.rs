//! `aurewind test`.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::broadcast;
use tokio::time::Instant;

use super::args::{Global, TestArgs};
use super::change;
use super::clone::owner;
use super::error::{CliError, Exit};
use super::output::{self, Output};
use super::session::{Session, environment};
use super::{json as objects, test_check};
use crate::aurora::span;
use crate::aws::Aws;
use crate::engine::task::StepState;
use crate::engine::{Task, TaskId, TaskResult};
use crate::recipe::file;
use crate::recipe::outcome::Verdict;
use crate::recipe::report;
use crate::recipe::run::{self, Finished, Halt, Heard, Leave, Options, Outside, Signal, Stop};

/// Runs a recipe, or only looks at it.
pub async fn run(session: &Session, global: &Global, args: &TestArgs) -> Result<(), CliError> {
    if args.schema {
        output::print(&file::schema())?;
        return Ok(());
    }
    if args.check {
        return test_check::run(session.output, &args.recipe);
    }
    let [path] = args.recipe.as_slice() else {
        return Err(CliError::usage("one recipe is run at a time").next("start one command for each of them"));
    };
    if args.change.no_wait {
        let error = CliError::usage("--no-wait: a run lives with its process, which takes its steps");
        return Err(error.next("let a scheduler or CI start it"));
    }
    let loaded = file::load(path).map_err(|errors| test_check::refuse(session.output, path, &errors))?;
    for warning in &loaded.warnings {
        session.output.say(&warning.to_string());
    }
    let aws = session.aws().await?;
    let engine = session.engine(&aws)?;
    let fleet = aws.fleet().await?;
    let outside = outside(session, &aws, global.verbose > 0 && !global.quiet);
    let planned = run::plan(loaded, &fleet, &outside, engine.new_id());
    let planned = planned.map_err(|error| CliError::usage(error.to_string()))?;
    if args.change.dry_run {
        return change::dry_run(session, &[&planned.plan], false);
    }
    change::approve(session, &args.change, &planned.plan)?;
    let options = Options {
        report_dir: args.report_dir.clone(),
        keep_on_failure: args.keep_on_failure,
        timeout: args.change.timeout,
    };
    let events = engine.events();
    let running = run::start(&engine, outside, planned, options)?;
    let id = running.task().id;
    let signals = tokio::spawn(signals(session.output, running.stop()));
    let telling = tokio::spawn(tell(session.output, id.clone(), events));
    let finished = Box::pin(running.drive()).await;
    signals.abort();
    // What is still to be told is in the summary.
    telling.abort();
    let task = engine.task(&id);
    engine.release_all();
    conclude(session, &finished, task.ok().as_ref())
}

fn outside(session: &Session, aws: &Aws, lines: bool) -> Outside {
    let output = session.output;
    Outside {
        aws: aws.clone(),
        rules: session.rules.clone(),
        clock: session.clock.clone(),
        owner: owner(),
        runs: session.paths.runs(),
        patience: session.settings.tasks.patience,
        env: Arc::new(environment),
        line: Arc::new(move |line| {
            if lines {
                output.say(&format!("  | {line}"));
            }
        }),
    }
}

/// Tells of every change of a step.
async fn tell(output: Output, id: TaskId, mut events: broadcast::Receiver<Task>) {
    let mut told: Vec<(StepState, String)> = Vec::new();
    loop {
        let task = match events.recv().await {
            Ok(task) if task.id == id => task,
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => continue,
            Err(broadcast::error::RecvError::Closed) => return,
        };
        told.resize(task.steps.len(), (StepState::Waiting, String::new()));
        for (step, told) in task.steps.iter().zip(&mut told) {
            let now = (step.state, step.detail.clone());
            if *told == now {
                continue;
            }
            let took = match (step.started_at, step.ended_at) {
                (Some(from), Some(to)) => format!(" ({})", span::short(to.duration_since(from))),
                _ => String::new(),
            };
            output.say(&format!("{:<7} {}{took}  {}", step.state.as_str(), step.title(), step.detail));
            *told = now;
        }
    }
}

/// Passes signals on to the run: the first stops it, the second leaves it.
async fn signals(output: Output, stop: Stop) {
    let pass = |signal| match stop.signal(signal, Instant::now()) {
        Heard::Stopped => output.say("aurewind: stopping, everything is torn down; once more leaves it as it is"),
        Heard::Again => {}
        Heard::Left => output.say("aurewind: everything is left as it is"),
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
        if let [Ok(mut int), Ok(mut term)] = kinds.map(signal) {
            // Whoever started this with `nohup` wants it to outlive the terminal.
            let mut hangup = if hangup_ignored() { None } else { signal(SignalKind::hangup()).ok() };
            loop {
                let hung_up = async {
                    match &mut hangup {
                        Some(hangup) => hangup.recv().await,
                        None => std::future::pending().await,
                    }
                };
                pass(tokio::select! {
                    _ = int.recv() => Signal::Interrupt,
                    _ = term.recv() => Signal::Terminate,
                    _ = hung_up => Signal::HangUp,
                });
            }
        }
    }
    while tokio::signal::ctrl_c().await.is_ok() {
        pass(Signal::Interrupt);
    }
}

/// Whether this process was started with SIGHUP ignored. Known only where the system tells of it in `/proc`.
#[cfg(unix)]
fn hangup_ignored() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores_hangup(&status))
}

/// Reads the mask of ignored signals (proc(5)); SIGHUP is its lowest bit.
#[cfg(unix)]
fn ignores_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// Prints what came of a run; fails as the verdict wants it.
fn conclude(session: &Session, finished: &Finished, task: Option<&Task>) -> Result<(), CliError> {
    let outcome = &finished.outcome;
    let object = json!({"task": task.map(objects::task), "run": outcome, "reports": finished.reports});
    for unwritten in &finished.unwritten {
        session.output.say(&format!("aurewind: a report could not be written: {unwritten}"));
    }
    let (exit, code) = exit(finished);
    if exit == Exit::Done {
        session.output.result(object, || report::text(outcome, width()))?;
        return Ok(());
    }
    let message = message(finished);
    let error = CliError { next_steps: outcome.next_steps.clone(), ..CliError::new(exit, code, message) };
    if !session.output.json {
        session.output.result(json!({}), || report::text(outcome, width()))?;
    }
    session.output.error_with(&error, object);
    Err(CliError { code: change::PRINTED, ..error })
}

fn message(finished: &Finished) -> String {
    let outcome = &finished.outcome;
    let reason = match (outcome.verdict, outcome.reason.as_deref()) {
        (Verdict::Passed, _) => "passed",
        (verdict, reason) => reason.unwrap_or_else(|| verdict.words()),
    };
    let but = if outcome.verdict == Verdict::Passed { ", but" } else { ";" };
    let title = format!("test {} on {}", outcome.recipe, outcome.clone);
    let leaked = outcome.leaked.join(", ");
    match finished.left {
        Some(Leave::Lost) => format!("{title}: another process has taken it over"),
        Some(_) if leaked.is_empty() => format!("{title}: {reason}; nothing was made"),
        Some(_) => format!("{title}: {reason}{but} left before it was gone: {leaked}"),
        None if !leaked.is_empty() => format!("{title}: {reason}{but} not confirmed gone: {leaked}"),
        None if outcome.verdict == Verdict::Passed && finished.signalled.is_some() => {
            format!("{title}: passed, but interrupted before everything was gone; it is gone now")
        }
        None if outcome.verdict == Verdict::Passed => {
            format!("{title}: passed, but a report could not be written: {}", finished.unwritten.join("; "))
        }
        None => format!("{title}: {reason}"),
    }
}

/// How the command ends, and a word for programs.
fn exit(finished: &Finished) -> (Exit, &'static str) {
    let outcome = &finished.outcome;
    let signal = match finished.signalled {
        Some(Signal::Terminate | Signal::HangUp) => Exit::Terminated,
        Some(Signal::Interrupt) | None => Exit::Interrupted,
    };
    match (finished.left, outcome.verdict) {
        (None, _) if !outcome.leaked.is_empty() => (Exit::Leaked, "leaked"),
        (None, Verdict::Interrupted) if finished.halted == Some(Halt::Cancelled) => (Exit::Refused, "cancelled"),
        (Some(_), _) | (None, Verdict::Interrupted) => (signal, "interrupted"),
        (None, Verdict::Passed) if finished.signalled.is_some() => (signal, "interrupted"),
        (None, Verdict::Passed) if !finished.unwritten.is_empty() => (Exit::Usage, "report"),
        (None, verdict) => (exit_by(verdict), verdict.as_str()),
    }
}

fn exit_by(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Passed => Exit::Done,
        Verdict::Failed => Exit::Verdict,
        Verdict::RewindOff => Exit::Tolerance,
        Verdict::ReleaseFailed => Exit::Release,
        Verdict::TimedOut => Exit::Timeout,
        Verdict::Aws => Exit::Aws,
        Verdict::Refused => Exit::Refused,
        Verdict::Interrupted => Exit::Interrupted,
    }
}

/// How a command ends that has waited for the run that `task` is; nothing if it is none.
pub fn exit_of(task: &Task) -> Option<Exit> {
    match task.result.as_ref()? {
        TaskResult::Test { leaked, .. } if !leaked.is_empty() => Some(Exit::Leaked),
        TaskResult::Test { verdict, .. } => Verdict::read(verdict).map(exit_by),
        _ => None,
    }
}

/// Columns of the terminal, or as many as fit anywhere.
fn width() -> usize {
    crossterm::terminal::size().map_or(100, |(columns, _)| usize::from(columns))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("Name:\taurewind\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000000\n", true)]
    #[case("SigIgn:\t0000000000001000\n", false)]
    #[case("", false)]
    fn an_ignored_hangup_is_seen(#[case] status: &str, #[case] want: bool) {
        assert_eq!(ignores_hangup(status), want);
    }
}
