//! `aurewind rewind`.

use jiff::SignedDuration;

use super::args::{ChangeArgs, RewindArgs};
use super::change::{self, Change};
use super::error::{CliError, Exit};
use super::session::{Session, read_fleet};
use super::show::find;
use crate::aurora::cluster::Cluster;
use crate::aurora::fleet::Fleet;
use crate::aurora::mark::{marks, named};
use crate::aurora::ownership::whole_second;
use crate::aurora::plan::{self, Desk};
use crate::aurora::request::RewindRequest;
use crate::aurora::time;
use crate::aurora::window::ceil_second;
use crate::engine::{Engine, Request, TaskResult};

/// Takes a cluster back in time.
pub async fn run(session: &Session, args: &RewindArgs) -> Result<(), CliError> {
    let aws = session.aws().await?;
    let engine = session.engine(&aws)?;
    let fleet = read_fleet(&aws).await?;
    let request = request(session, args, find(&fleet, &args.id)?)?;
    carry_out(session, &engine, &fleet, request, &args.change, args.tolerance).await
}

/// Makes a rewind and looks at where it landed.
pub async fn carry_out(
    session: &Session,
    engine: &Engine,
    fleet: &Fleet,
    request: RewindRequest,
    args: &ChangeArgs,
    tolerance: SignedDuration,
) -> Result<(), CliError> {
    let desk = Desk { fleet, policy: session.policy(), prices: &session.rules.prices, now: session.now() };
    let plan = plan::rewind(&request, desk);
    let change = Change { id: engine.new_id(), request: Request::Rewind(request), plan };
    let tasks = change::run(session, engine, args, vec![change], false).await?;
    for task in tasks {
        // The earliest moment moves on while the call is under way: wherever it lands is right.
        let Request::Rewind(RewindRequest { earliest: false, .. }) = task.request else { continue };
        if let Some(TaskResult::Rewind { delta_seconds, .. }) = task.result
            && delta_seconds.abs() > tolerance.as_secs_f64()
        {
            let message = format!("landed {delta_seconds:+} s from what was asked for");
            session.output.say(&format!("aurewind: {message}"));
            return Err(CliError::new(Exit::Tolerance, change::PRINTED, message));
        }
    }
    Ok(())
}

fn request(session: &Session, args: &RewindArgs, cluster: &Cluster) -> Result<RewindRequest, CliError> {
    let earliest = args.to.eq_ignore_ascii_case("earliest");
    let marks = marks(cluster, &[]);
    let now = session.zoned();
    let to = match named(&marks, &args.to) {
        Some(mark) => mark.at,
        None if earliest => cluster.reach(now.timestamp()).map_or(now.timestamp(), |reach| ceil_second(reach.floor)),
        // Backtrack's granularity is one second.
        None => whole_second(time::parse(&args.to, &now).map_err(|error| {
            CliError::usage(format!("--to: {error}; `{}` has no mark of this name either", cluster.id))
        })?),
    };
    Ok(RewindRequest { cluster: cluster.id.clone(), resource: cluster.resource_id.clone(), to, earliest })
}
