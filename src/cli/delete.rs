//! `aurewind delete`.

use super::args::DeleteArgs;
use super::change::{self, Change};
use super::error::CliError;
use super::session::{Session, read_fleet};
use super::show::find;
use crate::aurora::plan::{self, Desk};
use crate::aurora::request::DeleteRequest;
use crate::engine::Request;

/// Deletes clusters.
pub async fn run(session: &Session, args: &DeleteArgs) -> Result<(), CliError> {
    if args.final_snapshot.is_some() && args.ids.len() > 1 {
        return Err(CliError::usage("--final-snapshot names one snapshot; delete one cluster at a time with it"));
    }
    let aws = session.aws().await?;
    let engine = session.engine(&aws)?;
    let fleet = read_fleet(&aws).await?;
    let desk = Desk {
        fleet: &fleet,
        policy: session.policy(),
        prices: &session.rules.prices,
        now: session.now(),
        known: None,
    };
    let mut ids = args.ids.clone();
    ids.sort();
    ids.dedup();
    let missing = ids.iter().filter_map(|id| find(&fleet, id).err());
    change::all_of(session, missing.collect())?;
    let mut changes = Vec::new();
    for id in &ids {
        let cluster = find(&fleet, id)?;
        let request = DeleteRequest { final_snapshot: args.final_snapshot.clone(), ..DeleteRequest::new(cluster) };
        let plan = plan::delete(&request, desk);
        changes.push(Change { id: engine.new_id(), request: Request::Delete(request), plan });
    }
    let many = changes.len() > 1;
    let tasks = change::run(session, &engine, &args.change, changes, many).await?;
    change::forget(session, &engine, &tasks);
    Ok(())
}
