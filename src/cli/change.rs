//! What every changing command does: plan, ask, start, wait, print.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::sync::{broadcast, watch};

use super::args::ChangeArgs;
use super::error::{CliError, Exit};
use super::json;
use super::output::{Output, Progress, plan_text};
use super::session::Session;
use crate::aurora::ids::ClusterId;
use crate::aurora::plan::Plan;
use crate::aurora::span;
use crate::aurora::stay::Stay;
use crate::engine::{Engine, Request, Task, TaskId, TaskState, left_undone};
use crate::recipe::run::forget_passwords;

/// What one task of a command is to do.
pub struct Change {
    /// The id it will have.
    pub id: TaskId,
    /// The request.
    pub request: Request,
    /// Its plan.
    pub plan: Plan,
}

/// Takes changes to their end: prints the plans for `--dry-run`, asks, starts the tasks, waits, prints them. Gives back
/// the finished tasks, or nothing if nothing was to be done.
pub async fn run(
    session: &Session,
    engine: &Engine,
    args: &ChangeArgs,
    changes: Vec<Change>,
    many: bool,
) -> Result<Vec<Task>, CliError> {
    if args.dry_run {
        let plans: Vec<_> = changes.iter().map(|change| &change.plan).collect();
        dry_run(session, &plans, many)?;
        return Ok(Vec::new());
    }
    let blocked = changes.iter().filter(|change| change.plan.blocked());
    all_of(session, blocked.map(|change| refusal(&change.plan)).collect())?;
    let mut typed = Vec::new();
    for change in &changes {
        typed.push(approve(session, args, &change.plan)?);
    }
    let mut watched = Vec::new();
    for (change, typed) in changes.into_iter().zip(typed) {
        let events = engine.events();
        let task = engine.start(change.id, change.request, typed).map_err(CliError::from)?;
        watched.push((task, events));
    }
    let tasks = wait(session, engine, args, watched, many).await?;
    none_cancelled(print(session, &tasks, many)?)
}

/// Removes what runs have left on this machine to log in to clones that `tasks` have deleted.
pub fn forget(session: &Session, engine: &Engine, tasks: &[Task]) {
    let deleted = |id: &ClusterId| {
        tasks.iter().any(|task| {
            task.state == TaskState::Done && matches!(task.request, Request::Delete(_)) && task.request.target() == id
        })
    };
    forget_passwords(engine, &session.paths.runs(), |id| !deleted(id));
}

/// Fails if somebody has cancelled one of `tasks`, which have been printed.
pub fn none_cancelled(tasks: Vec<Task>) -> Result<Vec<Task>, CliError> {
    match tasks.iter().find(|task| task.state == TaskState::Cancelled) {
        Some(task) => Err(CliError::new(Exit::Refused, PRINTED, format!("task {} was cancelled", task.id))),
        None => Ok(tasks),
    }
}

/// Prints plans, and fails if one of them is blocked.
pub fn dry_run(session: &Session, plans: &[&Plan], many: bool) -> Result<(), CliError> {
    let values: Vec<Value> = plans.iter().map(|plan| json::plan(plan)).collect();
    let object = if many { json!({ "plans": values }) } else { json!({ "plan": values.first() }) };
    let text = || plans.iter().map(|plan| plan_text(plan)).collect::<Vec<_>>().join("\n\n");
    if let Some(blocked) = plans.iter().find(|plan| plan.blocked()) {
        let error = refusal(blocked);
        if session.output.json {
            session.output.error_with(&error, object);
        } else {
            session.output.result(object, text)?;
            session.output.error(&error);
        }
        return Err(CliError { code: PRINTED, ..error });
    }
    session.output.result(object, text)?;
    Ok(())
}

/// Code of an error that has been printed already, beside a result.
pub const PRINTED: &str = "printed";

fn refusal(plan: &Plan) -> CliError {
    let mut error = CliError::refused(format!("{}: {}", plan.title, plan.reasons()));
    error.next_steps = plan.next_steps();
    error
}

/// All of `errors` as one: each is printed for people; programs get one object.
///
/// # Errors
/// If there are any.
pub fn all_of(session: &Session, mut errors: Vec<CliError>) -> Result<(), CliError> {
    if errors.len() > 1 && session.output.json {
        let messages: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
        let message = messages.join("; ");
        let next_steps = errors.iter().flat_map(|error| error.next_steps.clone()).collect();
        let first = errors.swap_remove(0);
        return Err(CliError { message, next_steps, ..first });
    }
    let last = errors.pop();
    for error in &errors {
        session.output.error(error);
    }
    last.map_or(Ok(()), Err)
}

/// Asks the person, where there is one; gives back the identifier that was typed.
pub fn approve(session: &Session, args: &ChangeArgs, plan: &Plan) -> Result<Option<ClusterId>, CliError> {
    if plan.blocked() {
        return Err(refusal(plan));
    }
    let confirmed = args.confirm.iter().find(|id| **id == plan.subject).cloned();
    if let Some(reason) = &plan.confirm
        && confirmed.is_none()
    {
        return type_identifier(session, args, plan, reason).map(Some);
    }
    if args.yes {
        return Ok(confirmed);
    }
    if !session.output.can_ask() {
        let error = CliError::refused(format!("{}: nobody can be asked here", plan.title));
        return Err(error.next("say --yes to go on, or --dry-run to see the plan"));
    }
    Output::show(&plan_text(plan));
    let answer = Output::ask("Go on? [y/N]")?;
    if matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes") {
        Ok(confirmed)
    } else {
        Err(CliError::refused("nothing was changed"))
    }
}

fn type_identifier(session: &Session, args: &ChangeArgs, plan: &Plan, reason: &str) -> Result<ClusterId, CliError> {
    if args.yes || !session.output.can_ask() {
        let error = CliError::refused(format!("{}: {reason}", plan.title));
        return Err(error.next(format!("say --confirm {} to go on all the same", plan.subject)));
    }
    Output::show(&plan_text(plan));
    let answer = Output::ask(&format!("Type `{}` to go on:", plan.subject))?;
    if answer == plan.subject.as_str() {
        Ok(plan.subject.clone())
    } else {
        Err(CliError::refused("nothing was changed"))
    }
}

/// A task, and its changes from before it was begun.
pub type Watched = (Task, broadcast::Receiver<Task>);

/// Waits for tasks, telling of their changes, at the longest as `args` allow. At the end another process may carry on.
///
/// # Errors
/// If it was not to be waited for longer; it is printed by then, with the tasks as they stand.
pub async fn wait(
    session: &Session,
    engine: &Engine,
    args: &ChangeArgs,
    watched: Vec<Watched>,
    many: bool,
) -> Result<Vec<Task>, CliError> {
    let ids: Vec<_> = watched.iter().map(|(task, _)| task.id.clone()).collect();
    let follow = |(task, events)| follow(session, engine, task, events, args);
    let all = futures_util::future::try_join_all(watched.into_iter().map(follow));
    let limit = args.timeout.and_then(|span| Duration::try_from(span).ok());
    let expired = async {
        match limit {
            Some(limit) => tokio::time::sleep(limit).await,
            None => std::future::pending().await,
        }
    };
    let resume = || {
        format!("go on with `aurewind tasks resume`: {}", ids.iter().map(TaskId::as_str).collect::<Vec<_>>().join(" "))
    };
    let ended = tokio::select! {
        tasks = all => tasks,
        () = expired => Err(CliError::new(Exit::Timeout, "timeout", "not over in time; AWS goes on").next(resume())),
        exit = interrupted() => Err(CliError::new(exit, "interrupted", "interrupted; AWS goes on").next(resume())),
    };
    engine.release_all();
    ended.map_err(|error| stopped(session, engine, &ids, many, error))
}

/// Prints why tasks are not waited for any longer, with how they stand and what that leaves undone.
fn stopped(session: &Session, engine: &Engine, ids: &[TaskId], many: bool, error: CliError) -> CliError {
    let tasks: Vec<_> = ids.iter().filter_map(|id| engine.task(id).ok()).collect();
    for task in tasks.iter().filter(|task| !task.state.is_final()) {
        session.output.say(&format!("{}: {}", task.title(), left_undone(task)));
    }
    session.output.error_with(&error, object(&tasks, many));
    CliError { code: PRINTED, ..error }
}

/// Tasks as a program gets them.
pub fn object(tasks: &[Task], many: bool) -> Value {
    let values: Vec<Value> = tasks.iter().map(json::task).collect();
    if many { json!({ "tasks": values }) } else { json!({ "task": values.first() }) }
}

/// Waits for one task, telling of its changes, and once of how long it will probably take.
async fn follow(
    session: &Session,
    engine: &Engine,
    task: Task,
    events: broadcast::Receiver<Task>,
    args: &ChangeArgs,
) -> Result<Task, CliError> {
    let mut progress = Progress::default();
    let mut expected = false;
    // Who says how long to wait says it for this, too.
    let patience = if args.timeout.is_none() { Some(session.settings.tasks.patience) } else { None };
    let (tell_pause, paused) = watch::channel(None);
    let seen = |task: &Task| {
        if let Some(line) = progress.line(task, session.now()) {
            session.output.say(&line);
        }
        if !expected
            && task.make.is_some()
            && !task.state.is_final()
            && let Some(estimate) = engine.estimate(task)
        {
            expected = true;
            session.output.say(&format!("{}: {estimate}", task.request.target()));
        }
        let why = (task.state == TaskState::Paused).then(|| why_paused(task));
        let begins = why.is_some() && tell_pause.borrow().is_none();
        if let Some(patience) = patience.filter(|_| begins) {
            let patience = span::exact(patience);
            session.output.say(&format!("{}: waits {patience} for that, then gives up", task.request.target()));
        }
        tell_pause.send_replace(why);
    };
    let enough = |task: &Task| args.no_wait && task.calls_made > 0;
    tokio::select! {
        task = engine.watch(&task.id, events, seen, enough) => task.map_err(CliError::from),
        why = out_of_patience(paused, patience) => {
            let message = format!("{}: nobody has helped in time: {why}", task.title());
            let resume = format!("then go on with `aurewind tasks resume {}`", task.id);
            Err(CliError::new(Exit::Aws, "paused", message).next(resume))
        }
    }
}

fn why_paused(task: &Task) -> String {
    task.current().map(|step| step.detail.clone()).unwrap_or_default()
}

/// Comes to its end once a task has waited for a person for so long without a break; tells what for.
async fn out_of_patience(mut paused: watch::Receiver<Option<String>>, patience: Option<SignedDuration>) -> String {
    let Some(limit) = patience.and_then(|span| Duration::try_from(span).ok()) else {
        return std::future::pending().await;
    };
    loop {
        // The sender lives as long as the task is watched.
        let Ok(why) = paused.wait_for(Option::is_some).await.map(|why| why.clone()) else {
            return std::future::pending().await;
        };
        tokio::select! {
            () = tokio::time::sleep(limit) => return why.unwrap_or_default(),
            _ = paused.wait_for(Option::is_none) => {}
        }
    }
}

/// Waits for Ctrl-C or SIGTERM.
pub async fn interrupted() -> Exit {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut term), Ok(mut hup)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup())) {
            return tokio::select! {
                _ = tokio::signal::ctrl_c() => Exit::Interrupted,
                _ = term.recv() => Exit::Terminated,
                _ = hup.recv() => Exit::Terminated,
            };
        }
    }
    let _ = tokio::signal::ctrl_c().await;
    Exit::Interrupted
}

/// Prints tasks; the first that failed is the error of the command. People are told of every one that failed.
pub fn print(session: &Session, tasks: &[Task], many: bool) -> Result<Vec<Task>, CliError> {
    print_whole(session, tasks, many, object(tasks, many))
}

/// The same, with another object for programs.
pub fn print_whole(session: &Session, tasks: &[Task], many: bool, object: Value) -> Result<Vec<Task>, CliError> {
    let mut failed = tasks.iter().filter_map(|task| Some((task, error_of(task)?)));
    let Some((task, first)) = failed.next() else {
        session.output.result(object, || lines(tasks.iter()))?;
        return Ok(tasks.to_vec());
    };
    let code = CliError { code: PRINTED, ..first.clone() };
    if session.output.json || !many {
        session.output.error_with(&first, object);
        return Err(code);
    }
    let went_well = lines(tasks.iter().filter(|task| task.error.is_none()));
    if !went_well.is_empty() {
        session.output.result(object, || went_well)?;
    }
    for (task, error) in std::iter::once((task, first)).chain(failed) {
        let message = format!("{}: {}", task.title(), error.message);
        session.output.error(&CliError { message, ..error });
    }
    Err(code)
}

/// Why a task failed. That of a test run ends the command as the run itself would have.
fn error_of(task: &Task) -> Option<CliError> {
    let error = CliError::from(task.error.clone()?);
    let exit = super::test::exit_of(task).unwrap_or(error.exit);
    Some(CliError { exit, ..error })
}

fn lines<'a>(tasks: impl Iterator<Item = &'a Task>) -> String {
    tasks.map(summary).collect::<Vec<_>>().join("\n")
}

/// A task in a line or two.
pub fn summary(task: &Task) -> String {
    use crate::engine::TaskResult;
    let outcome = match &task.result {
        Some(TaskResult::Create { endpoint, port, differences, .. }) => {
            let endpoint = endpoint.as_deref().unwrap_or("no endpoint");
            let port = port.map_or(String::new(), |port| format!(":{port}"));
            let but = if differences.is_empty() { String::new() } else { format!("; but {}", differences.join("; ")) };
            format!("{endpoint}{port}{but}")
        }
        Some(TaskResult::Rewind { asked, landed, delta_seconds, outage, .. }) => {
            let down = outage.map_or(String::new(), |outage| {
                format!(", down for {:.1} s (give or take {:.1} s)", outage.seconds, outage.precision)
            });
            format!("asked {asked}, landed {landed} ({delta_seconds:+} s){down}")
        }
        Some(TaskResult::Delete { final_snapshot: Some(name), .. }) => format!("the snapshot `{name}` is kept"),
        Some(TaskResult::Delete { .. }) => "gone".into(),
        Some(TaskResult::Mark { name, at: Some(at) }) => format!("`{name}` stands for {at}"),
        Some(TaskResult::Mark { name, at: None }) => format!("`{name}` is off"),
        Some(TaskResult::Stay { stay: Stay::Keep(keep) }) => format!("kept {}", keep.in_words()),
        Some(TaskResult::Stay { stay: Stay::Release }) => "kept no longer".into(),
        Some(TaskResult::Stay { stay: Stay::Expire(at) }) => format!("lives until {at}"),
        Some(TaskResult::Secure { master, .. }) => master.in_words().into(),
        Some(TaskResult::Test { verdict, leaked, .. }) if leaked.is_empty() => verdict.clone(),
        Some(TaskResult::Test { verdict, leaked, .. }) => {
            format!("{verdict}; not confirmed gone: {}", leaked.join(", "))
        }
        Some(TaskResult::Environment(built)) => format!("the stack `{}` is there", built.name),
        Some(TaskResult::Unbuild { name }) => format!("the stack `{name}` is gone"),
        None if task.state == TaskState::Failed => task.error.as_ref().map_or(String::new(), ToString::to_string),
        None => {
            let step = task.current().or(task.steps.last());
            step.map_or(String::new(), |step| format!("{}: {}", step.title(), step.detail))
        }
    };
    format!("{} {:<9} {}: {outcome}", task.id, task.state.as_str(), task.title())
}
