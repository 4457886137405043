//! Steps that do one thing: SQL files and commands.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::book::Book;
use super::log::Log;
use super::ready::Site;
use super::running::{Run, within};
use crate::aurora::span;
use crate::recipe::database::{Database, ScriptError};
use crate::recipe::model::{Action, Command, Span, Sql};
use crate::recipe::outcome::{StepEnd, StepOutcome};
use crate::recipe::process::{self, Facts, Spawn, Why};
use crate::recipe::report::junit;

/// Where in a run a step is.
pub(super) struct Place<'a> {
    /// The step of the task that it belongs to.
    pub(super) step: usize,
    /// The round, if it is repeated.
    pub(super) round: Option<u32>,
    /// What commands are told that this is.
    pub(super) always: bool,
    /// Stops it.
    pub(super) stop: &'a CancellationToken,
    /// Whatever its own time-out says, it is over by then.
    pub(super) until: Option<Instant>,
}

/// Takes an `sql` or `run` step.
pub(super) async fn take(run: &Run, book: &Book, name: &str, action: &Action, place: &Place<'_>) -> StepOutcome {
    let (role, allow, observe) = match action {
        Action::Sql(sql) => (sql.role, sql.allow_failure, sql.observe),
        Action::Run(command) => (command.role, command.allow_failure, command.observe),
        other => return StepOutcome::new(name, other.as_str()),
    };
    let mut out = StepOutcome { role: Some(role), round: place.round, ..StepOutcome::new(name, action.as_str()) };
    out.started_at = Some(run.now());
    let log = run.log(name, place.round);
    run.output(&log);
    out.log = Some(log.clone());
    let watch = match book.site.as_ref().and_then(|site| site.database.as_ref()) {
        Some(database) if observe && !place.always => Some(database.watch_locks(place.stop.child_token())),
        _ => None,
    };
    match action {
        Action::Sql(step) => sql(run, book.site.as_ref(), step, log, place, &mut out).await,
        Action::Run(step) => command(run, book, step, log, place, &mut out).await,
        _ => {}
    }
    if let Some(watch) = watch {
        out.locks = Some(watch.finish().await.map_texts(|text| run.redact.clean(text)));
    }
    out.ended_at = Some(run.now());
    if allow && matches!(out.end, StepEnd::Failed | StepEnd::TimedOut) {
        out.end = StepEnd::Allowed;
    }
    out
}

/// When a step that may take so long has to be over, and what is said of it then.
fn limit(run: &Run, timeout: Span, place: &Place<'_>) -> (Instant, String) {
    let own = within(timeout);
    match place.until {
        Some(until) if until < own => {
            let deadline = span::exact(run.recipe().teardown.deadline.0);
            (until, format!("what is always done took longer than {deadline} together (teardown.deadline)"))
        }
        _ => (own, format!("took longer than {}", span::exact(timeout.0))),
    }
}

async fn sql(run: &Run, site: Option<&Site>, sql: &Sql, log: PathBuf, place: &Place<'_>, out: &mut StepOutcome) {
    let Some(database) = site.and_then(|site| site.database.as_ref()) else {
        out.end = StepEnd::Failed;
        out.message = Some("there is no clone that answers SQL".into());
        return;
    };
    let mut log = match Log::create(&log, &run.redact) {
        Ok(log) => log,
        Err(error) => {
            out.end = StepEnd::Failed;
            out.message = Some(format!("{}: {error}", log.display()));
            return;
        }
    };
    let stop = place.stop.child_token();
    let (until, over) = limit(run, sql.timeout, place);
    let mut late = false;
    let ended = {
        let work = files(run, database, sql, &stop, &mut log);
        tokio::pin!(work);
        let time = tokio::time::sleep_until(until);
        tokio::pin!(time);
        loop {
            tokio::select! {
                ended = &mut work => break ended,
                () = &mut time, if !late => {
                    late = true;
                    stop.cancel();
                }
            }
        }
    };
    let (end, message) = match ended {
        Ok(text) => (StepEnd::Passed, text),
        Err(error) if late => (StepEnd::TimedOut, format!("{over}: {error}")),
        Err(error) if place.stop.is_cancelled() => (StepEnd::Interrupted, error),
        Err(error) => (StepEnd::Failed, error),
    };
    log.line(&message);
    out.end = end;
    out.message = Some(run.redact.clean(&message));
    out.tail = log.tail();
}

/// Runs the files one after the other; tells what was done, or what failed.
async fn files(
    run: &Run,
    database: &Database,
    sql: &Sql,
    stop: &CancellationToken,
    log: &mut Log,
) -> Result<String, String> {
    let (mut statements, mut affected, mut warnings) = (0, 0, 0);
    let mut open = "";
    for file in &sql.files {
        let path = run.base().join(file);
        let text = tokio::fs::read_to_string(&path).await;
        let text = text.map_err(|error| format!("{}: {error}", file.display()))?;
        log.line(&format!("-- {}", file.display()));
        let line = |line: String| (run.outside.line)(&log.line(&line));
        let done = database.run_script(&text, file, stop.clone(), line).await;
        let done = done.map_err(|error: ScriptError| error.to_string())?;
        statements += done.statements;
        affected += done.affected;
        warnings += done.warnings;
        if done.left_open {
            open = "; a transaction was left open and rolled back";
        }
    }
    let (done, rows, warned) = (count(statements, "statement"), count(affected, "row"), count(warnings, "warning"));
    Ok(format!("{done}, {rows} changed, {warned}{open}"))
}

fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

async fn command(run: &Run, book: &Book, step: &Command, log: PathBuf, place: &Place<'_>, out: &mut StepOutcome) {
    let recipe = run.recipe();
    let directory = match &recipe.commands.directory {
        Some(directory) => run.base().join(directory),
        None => run.base().to_owned(),
    };
    // A pattern for files is seen from there, too.
    let directory = std::path::absolute(&directory).unwrap_or(directory);
    let (until, over) = limit(run, step.timeout, place);
    let spawn = Spawn {
        words: step.words.clone(),
        directory: directory.clone(),
        env: environment(run, book, step, place),
        clear: recipe.withheld(),
        pass_aws: recipe.commands.pass_aws,
        timeout: until.saturating_duration_since(Instant::now()),
        log,
    };
    let since = SystemTime::from(run.now());
    let ended = process::run(&spawn, &run.redact, place.stop.child_token(), |line| (run.outside.line)(line)).await;
    out.tail.clone_from(&ended.tail);
    let (end, mut message) = match &ended.why {
        Why::Exited if ended.passed() => (StepEnd::Passed, "exit code 0".to_owned()),
        Why::Exited => (StepEnd::Failed, how(ended.code, ended.signal)),
        Why::TimedOut => (StepEnd::TimedOut, over),
        Why::Stopped => (StepEnd::Interrupted, "stopped".into()),
        Why::NotStarted(why) => (StepEnd::Failed, why.clone()),
    };
    out.end = end;
    if let Some(pattern) = &step.junit {
        let found = junit::read(pattern, &directory, since, &run.redact);
        let failed = found.cases.iter().filter(|case| case.failure.is_some()).count();
        message = match found.cases.len() {
            0 => format!("{message}; no test case was reported"),
            count => format!("{message}; {failed} of {count} test cases failed"),
        };
        if out.end == StepEnd::Passed && (failed > 0 || !found.problems.is_empty() || found.cases.is_empty()) {
            out.end = StepEnd::Failed;
        }
        out.cases = found.cases;
        for problem in found.problems {
            message = format!("{message}; {problem}");
        }
    }
    for note in &ended.notes {
        message = format!("{message}; {note}");
    }
    out.message = Some(run.redact.clean(&message));
}

fn how(code: Option<i32>, signal: Option<i32>) -> String {
    match (code, signal) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => "ended without an exit code".into(),
    }
}

/// What a command gets: what is known of the run, then what the recipe says, which counts for more.
fn environment(run: &Run, book: &Book, step: &Command, place: &Place<'_>) -> BTreeMap<String, String> {
    let phase = if place.always { "always" } else { step.role.as_str() };
    let reports = run.names.directory.join("reports");
    let mut env = process::env(&Facts {
        run: run.held.id().as_str(),
        clone: run.names.clone.as_str(),
        recipe: &run.recipe().name,
        phase,
        attempt: place.round.unwrap_or(1),
        mark: book.mark.as_deref(),
        report_dir: &reports,
        connection: book.site.as_ref().map(|site| &site.connection),
    });
    env.extend(run.recipe().env.clone());
    env.extend(book.feeds.env.clone());
    env.extend(step.env.clone());
    env
}
