//! `aurewind keep` and `aurewind extend`.

use super::args::{ExtendArgs, KeepArgs};
use super::change::{self, Change};
use super::error::CliError;
use super::session::{Session, read_fleet};
use super::show::find;
use crate::aurora::cluster::Cluster;
use crate::aurora::ids::ClusterId;
use crate::aurora::plan::{self, Desk};
use crate::aurora::stay::StayRequest;
use crate::engine::Request;

/// Protects a clone from sweep and delete, or no longer.
pub async fn keep(session: &Session, args: &KeepArgs) -> Result<(), CliError> {
    let now = session.now();
    run(session, &args.id, &args.change, |cluster| StayRequest::new(cluster, args.length.from(now))).await
}

/// Lets a clone live longer.
pub async fn extend(session: &Session, args: &ExtendArgs) -> Result<(), CliError> {
    let now = session.now();
    run(session, &args.id, &args.change, |cluster| StayRequest::extend(cluster, args.more, now)).await
}

async fn run(
    session: &Session,
    id: &ClusterId,
    args: &super::args::ChangeArgs,
    request: impl FnOnce(&Cluster) -> StayRequest,
) -> Result<(), CliError> {
    let aws = session.aws().await?;
    let engine = session.engine(&aws)?;
    let fleet = read_fleet(&aws).await?;
    let request = request(find(&fleet, id)?);
    let (policy, prices) = (session.policy(), &session.rules.prices);
    let plan = plan::stay(&request, Desk { fleet: &fleet, policy, prices, now: session.now(), known: None });
    let change = Change { id: engine.new_id(), request: Request::Stay(request), plan };
    change::run(session, &engine, args, vec![change], false).await?;
    Ok(())
}
