//! `aurewind undo`.

use super::args::UndoArgs;
use super::error::CliError;
use super::rewind;
use super::session::{Session, read_fleet};
use super::show::find;
use crate::aurora::undo::undo;

/// Takes a cluster back to just before its last rewind.
pub async fn run(session: &Session, args: &UndoArgs) -> Result<(), CliError> {
    let aws = session.aws().await?;
    let engine = session.engine(&aws)?;
    let fleet = read_fleet(&aws).await?;
    let cluster = find(&fleet, &args.id)?;
    let rewinds = if cluster.backtrack.enabled() { aws.rewinds(&cluster.id).await? } else { Vec::new() };
    let request = undo(cluster, &rewinds, session.now())
        .map_err(|why| CliError::refused(format!("`{}` cannot be taken back: {why}", cluster.id)))?;
    rewind::carry_out(session, (&aws, &engine), &fleet, request, &args.change, args.tolerance).await
}
