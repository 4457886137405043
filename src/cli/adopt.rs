//! `aurewind adopt`.

use serde_json::json;

use super::args::AdoptArgs;
use super::change;
use super::error::CliError;
use super::session::{Session, read_fleet};
use super::show::find;
use super::tasks;
use crate::aurora::ownership::Ownership;
use crate::aurora::plan::{self, Desk};
use crate::engine::store::Store;
use crate::engine::{Task, TaskState};

/// Finishes a clone that was begun here or elsewhere.
pub async fn run(session: &Session, args: &AdoptArgs) -> Result<(), CliError> {
    let aws = session.aws().await?;
    let engine = session.engine(&aws)?;
    let fleet = read_fleet(&aws).await?;
    let cluster = find(&fleet, &args.id)?;
    if let Some(task) = known(session, &cluster.ownership())? {
        if !task.state.is_final() && !args.change.dry_run {
            session.output.say(&format!("task {} is in this journal; it goes on", task.id));
            return tasks::carry_on(session, &engine, vec![task], false).await;
        }
        if task.state == TaskState::Done {
            session.output.say(&format!("task {} has made it here; nothing is left to do", task.id));
            change::print(session, &[task], false)?;
            return Ok(());
        }
    }
    let desk = Desk {
        fleet: &fleet,
        policy: session.policy(),
        prices: &session.rules.prices,
        now: session.now(),
        known: None,
    };
    let (plan, adoption) = plan::adopt(cluster, args.class.as_deref(), !args.no_instance, desk);
    if args.change.dry_run {
        return change::dry_run(session, &[&plan], false);
    }
    change::approve(session, &args.change, &plan)?;
    let Some(adoption) = adoption else {
        return session
            .output
            .result(json!({ "task": null }), || "nothing is left to do".into())
            .map_err(CliError::from);
    };
    let events = engine.events();
    let task = engine.adopt(adoption, cluster.resource_id.clone())?;
    let over = change::wait(session, &engine, &args.change, vec![(task, events)], false).await?;
    change::print(session, &over, false)?;
    Ok(())
}

/// The task that made it, if this journal knows it.
fn known(session: &Session, ownership: &Ownership) -> Result<Option<Task>, CliError> {
    let id = ownership.ours().and_then(|ours| ours.task.as_ref()?.parse().ok());
    match id {
        Some(id) => Ok(session.journal()?.load(&id)?),
        None => Ok(None),
    }
}
