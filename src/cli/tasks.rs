//! `aurewind tasks`.

use std::fmt::Write;

use serde_json::json;

use super::args::{TasksArgs, TasksCommand};
use super::change::{self, follow, interrupted, summary};
use super::error::CliError;
use super::json;
use super::session::Session;
use crate::aurora::span;
use crate::engine::store::Store;
use crate::engine::{Task, TaskError, TaskId};

/// Lists, shows or resumes tasks.
pub async fn run(session: &Session, args: &TasksArgs) -> Result<(), CliError> {
    match &args.command {
        None => list(session),
        Some(TasksCommand::Show { task }) => show(session, task),
        Some(TasksCommand::Resume { task }) => resume(session, task.as_ref()).await,
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
    session.output.result(json!({ "task": json::task(&task) }), || text(&task, session))?;
    Ok(())
}

fn text(task: &Task, session: &Session) -> String {
    let mut out = summary(task);
    for step in &task.steps {
        let took = step.elapsed(session.now()).map(span::short).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(out, "\n  {:<8} {:<10} {took:>8}  {}", step.state.as_str(), step.name, step.detail);
    }
    out
}

async fn resume(session: &Session, id: Option<&TaskId>) -> Result<(), CliError> {
    let aws = session.aws().await?;
    let engine = session.engine(&aws)?;
    let tasks = match id {
        Some(id) => vec![find(session, id)?],
        None => engine.unfinished()?,
    };
    if let Some(over) = tasks.iter().find(|task| task.state.is_final()) {
        return Err(CliError::usage(format!("task {} is {} already", over.id, over.state.as_str())));
    }
    let scope = engine.scope();
    if let Some(other) =
        tasks.iter().find(|task| task.scope.region != scope.region || task.scope.endpoint != scope.endpoint)
    {
        let place =
            |scope: &crate::engine::Scope| scope.endpoint.clone().or_else(|| scope.region.clone()).unwrap_or_default();
        let message = format!("task {} belongs to {}, this is {}", other.id, place(&other.scope), place(&scope));
        return Err(CliError::usage(message).next("choose its --profile, --region or --endpoint-url"));
    }
    let mut watched = Vec::new();
    for task in tasks {
        let events = engine.events();
        engine.resume(task.clone());
        watched.push((task, events));
    }
    let all = async {
        let mut over = Vec::new();
        for (task, events) in watched {
            over.push(follow(session, &engine, &task, events, false).await?);
        }
        Ok::<_, TaskError>(over)
    };
    let tasks = tokio::select! {
        tasks = all => tasks?,
        exit = interrupted() => return Err(CliError::new(exit, "interrupted", "interrupted; AWS goes on").next("`aurewind tasks resume` goes on")),
    };
    change::print(session, &tasks, true)?;
    Ok(())
}
