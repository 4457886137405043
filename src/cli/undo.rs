//! `aurewind undo`.

use super::args::UndoArgs;
use super::error::CliError;
use super::rewind;
use super::session::{Session, read_fleet};
use super::show::find;
use crate::aurora::cluster::Cluster;
use crate::aurora::request::RewindRequest;
use crate::aurora::rewind::{Rewind, last_undo};

/// Takes a cluster back to just before its last rewind.
pub async fn run(session: &Session, args: &UndoArgs) -> Result<(), CliError> {
    let aws = session.aws().await?;
    let engine = session.engine(&aws)?;
    let fleet = read_fleet(&aws).await?;
    let cluster = find(&fleet, &args.id)?;
    let rewinds = if cluster.backtrack.enabled() { aws.rewinds(&cluster.id).await? } else { Vec::new() };
    let request = request(session, cluster, &rewinds)?;
    rewind::carry_out(session, &engine, &fleet, request, &args.change, args.tolerance).await
}

fn request(session: &Session, cluster: &Cluster, rewinds: &[Rewind]) -> Result<RewindRequest, CliError> {
    if let Some(busy) = rewinds.iter().find(|rewind| !rewind.status.is_final()) {
        let message = format!("a rewind of `{}` is `{}`", cluster.id, busy.status.as_str());
        return Err(CliError::refused(message).next("wait until it is over"));
    }
    let Some((_, to)) = last_undo(rewinds) else {
        return Err(CliError::refused(format!("`{}` has not been rewound: there is nothing to undo", cluster.id)));
    };
    let reach = cluster.reach(session.now());
    if let Some(floor) = reach.map(|reach| reach.floor).filter(|floor| to < *floor) {
        let message = format!(
            "the last rewind of `{}` was taken back from {to}, and its window holds nothing before {floor} any more",
            cluster.id
        );
        return Err(CliError::refused(message).next("only the source, or a snapshot, may still have that state"));
    }
    Ok(RewindRequest { cluster: cluster.id.clone(), resource: cluster.resource_id.clone(), to, earliest: false })
}
