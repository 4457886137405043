//! `aurewind mark`.

use jiff::Timestamp;
use serde_json::json;

use super::args::MarkArgs;
use super::change::{self, Change};
use super::error::CliError;
use super::session::{Session, read_fleet};
use super::show::find;
use crate::aurora::mark::Kept;
use crate::aurora::ownership::whole_second;
use crate::aurora::plan::{self, Desk};
use crate::aurora::request::MarkRequest;
use crate::aurora::time;
use crate::engine::Request;

/// Sets or takes off a mark. What becomes a tag is a change like any other; what the journal keeps changes nothing in AWS,
/// and is not asked about.
pub async fn run(session: &Session, args: &MarkArgs) -> Result<(), CliError> {
    let aws = session.aws().await?;
    let engine = session.engine(&aws)?;
    let fleet = read_fleet(&aws).await?;
    let cluster = find(&fleet, &args.id)?;
    let request = MarkRequest {
        cluster: cluster.id.clone(),
        resource: cluster.resource_id.clone(),
        name: args.name.clone(),
        at: moment(session, args)?,
    };
    let journal = engine.marks(&cluster.resource_id)?;
    let (policy, prices) = (session.policy(), &session.rules.prices);
    let desk = Desk { fleet: &fleet, policy, prices, now: session.now(), known: None };
    let (plan, kept) = plan::mark(&request, &journal, desk);
    if kept == Kept::Tag || args.change.dry_run || plan.blocked() {
        let change = Change { id: engine.new_id(), request: Request::Mark(request.clone()), plan };
        change::run(session, &engine, &args.change, vec![change], false).await?;
        return Ok(());
    }
    engine.mark_here(&request)?;
    let why = plan.checks.iter().find(|check| check.name == "kept").map(|check| check.message.clone());
    let object = json!({
        "task": null,
        "mark": {"name": request.name, "at": request.at, "kept": kept.as_str(), "why": why},
    });
    session.output.result(object, || match (request.at, why) {
        (Some(at), Some(why)) => format!("`{}` stands for {at}, {why}", request.name),
        (Some(at), None) => format!("`{}` stands for {at}", request.name),
        (None, _) => format!("`{}` is off", request.name),
    })?;
    Ok(())
}

/// The moment to mark, on a whole second: Backtrack's granularity.
fn moment(session: &Session, args: &MarkArgs) -> Result<Option<Timestamp>, CliError> {
    if args.remove {
        return Ok(None);
    }
    let now = session.zoned();
    let at = match &args.at {
        Some(text) => time::parse(text, &now).map_err(|error| CliError::usage(format!("--at: {error}")))?,
        None => now.timestamp(),
    };
    Ok(Some(whole_second(at)))
}
