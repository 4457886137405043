//! `aurewind tasks`.

use std::fmt::Write;

use serde_json::json;

use super::args::{CancelArgs, ChangeArgs, TasksArgs, TasksCommand, WaitArgs};
use super::change::{self, summary};
use super::error::CliError;
use super::json;
use super::output::Output;
use super::session::Session;
use crate::aurora::span;
use crate::aws::Aws;
use crate::engine::estimate::{self, Sample};
use crate::engine::store::Store;
use crate::engine::{Cancel, Engine, Estimate, Request, Scope, Task, TaskId};

/// Lists, shows, resumes, ends or awaits tasks.
pub async fn run(session: &Session, args: &TasksArgs) -> Result<(), CliError> {
    match &args.command {
        None => list(session),
        Some(TasksCommand::Show { task }) => show(session, task),
        Some(TasksCommand::Resume { task }) => resume(session, task.as_ref()).await,
        Some(TasksCommand::Cancel(args)) => cancel(session, args).await,
        Some(TasksCommand::Wait(args)) => wait(session, args).await,
    }
}

fn list(session: &Session) -> Result<(), CliError> {
    let tasks = session.journal()?.all()?;
    let values: Vec<_> = tasks.iter().map(json::task).collect();
    session.output.result(json!({ "tasks": values }), || {
        let lines: Vec<_> = tasks.iter().map(summary).collect();
        if lines.is_empty() { "no task yet".into() } else { lines.join("\n") }
    })?;
    Ok(())
}

fn find(session: &Session, id: &TaskId) -> Result<Task, CliError> {
    session
        .journal()?
        .load(id)?
        .ok_or_else(|| CliError::usage(format!("there is no task {id}; `aurewind tasks` lists them")))
}

fn show(session: &Session, id: &TaskId) -> Result<(), CliError> {
    let task = find(session, id)?;
    let here = |other: &Task| other.scope.is(&task.scope);
    let past: Vec<_> = session.journal()?.all()?.iter().filter(|t| here(t)).filter_map(Sample::of).collect();
    let estimate = estimate::estimate(&task, &past);
    let mut value = json::task(&task);
    value["estimate"] = json!(estimate.map(json::estimate));
    session.output.result(json!({ "task": value }), || text(&task, estimate, session))?;
    Ok(())
}

fn text(task: &Task, estimate: Option<Estimate>, session: &Session) -> String {
    let mut out = summary(task);
    for step in &task.steps {
        let took = step.elapsed(session.now()).map(span::short).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(out, "\n  {:<8} {:<10} {took:>8}  {}", step.state.as_str(), step.title(), step.detail);
    }
    if let Some(estimate) = estimate.filter(|_| !task.state.is_final()) {
        let _ =
            write!(out, "\n  {:<8} {:<10} {:>8}  {}", "", "in all", span::short(task.elapsed(session.now())), estimate);
    }
    out
}

async fn resume(session: &Session, id: Option<&TaskId>) -> Result<(), CliError> {
    let aws = session.aws().await?;
    know_account(&aws).await;
    let engine = session.engine(&aws)?;
    let tasks = if let Some(id) = id {
        vec![find(session, id)?]
    } else {
        let mut tasks = engine.unfinished()?;
        tasks.extend(engine.kept_too_long()?);
        tasks
    };
    carry_on(session, &engine, tasks, true).await
}

/// Drives tasks to their end, or follows those that another process drives. What is over already stays as it is; what was
/// only not watched any more, or has kept a stack, is taken up again.
pub async fn carry_on(session: &Session, engine: &Engine, tasks: Vec<Task>, many: bool) -> Result<(), CliError> {
    for task in &tasks {
        belongs_here(task, &engine.scope())?;
    }
    if tasks.iter().any(|task| !task.state.is_final() || task.can_go_on()) {
        session.may_change()?;
    }
    let mut watched = Vec::new();
    for task in tasks {
        let events = engine.events();
        if task.can_go_on() {
            engine.reattach(&task.id)?;
        } else {
            engine.resume(task.clone());
        }
        watched.push((task, events));
    }
    let tasks = change::wait(session, engine, &ChangeArgs::default(), watched, many).await?;
    change::print(session, &tasks, many)?;
    Ok(())
}

/// Finds out which account this is. Where that cannot be read now (no credentials, throttled) the profile has to do, and
/// the task itself waits for better times.
async fn know_account(aws: &Aws) {
    if let Err(error) = aws.learn_account().await {
        tracing::info!("{error}");
    }
}

fn belongs_here(task: &Task, here: &Scope) -> Result<(), CliError> {
    if task.scope.is(here) {
        return Ok(());
    }
    let message = format!("task {} belongs to {}, this is {here}", task.id, task.scope);
    Err(CliError::usage(message).next("choose its --profile, --region or --endpoint-url"))
}

async fn cancel(session: &Session, args: &CancelArgs) -> Result<(), CliError> {
    let task = find(session, &args.task)?;
    let makes = matches!(task.request, Request::Create(_) | Request::Test(_));
    let how = if args.tear_down || (makes && !args.keep) { Cancel::TearDown } else { Cancel::Detach };
    if how == Cancel::TearDown && makes && !args.yes && !task.state.is_final() {
        ask_for_tear_down(session, &task)?;
    }
    session.may_change()?;
    let aws = session.aws().await?;
    know_account(&aws).await;
    let engine = session.engine(&aws)?;
    belongs_here(&task, &engine.scope())?;
    let events = engine.events();
    let task = engine.cancel(&task.id, how)?;
    let tasks = change::wait(session, &engine, &ChangeArgs::default(), vec![(task, events)], false).await?;
    change::print(session, &tasks, false)?;
    Ok(())
}

fn ask_for_tear_down(session: &Session, task: &Task) -> Result<(), CliError> {
    let name = task.request.target();
    if !session.output.can_ask() {
        let error = CliError::refused(format!("{}: nobody can be asked here", task.title()));
        let error = error.next(format!("say --yes to delete what there is of `{name}`"));
        return Err(error.next("say --keep to leave it to AWS and stop watching"));
    }
    Output::show(&summary(task));
    let answer = Output::ask(&format!("Delete what there is of `{name}`? [y/N]"))?;
    if matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes") {
        Ok(())
    } else {
        Err(CliError::refused("nothing was changed").next("say --keep to stop watching and leave it to AWS"))
    }
}

/// Waits for a task that another process drives; takes it over if that process ends before the task does.
async fn wait(session: &Session, args: &WaitArgs) -> Result<(), CliError> {
    let task = find(session, &args.task)?;
    if task.is_at_rest() {
        change::print(session, &[task], false)?;
        return Ok(());
    }
    let aws = session.aws().await?;
    let engine = session.engine(&aws)?;
    belongs_here(&task, &engine.scope())?;
    let events = engine.events();
    engine.resume(task.clone());
    let limits = ChangeArgs { timeout: args.timeout, ..ChangeArgs::default() };
    let tasks = change::wait(session, &engine, &limits, vec![(task, events)], false).await?;
    change::print(session, &tasks, false)?;
    Ok(())
}
