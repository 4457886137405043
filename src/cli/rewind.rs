//! `aurewind rewind`.

use jiff::SignedDuration;

use super::args::{ChangeArgs, RewindArgs};
use super::change::{self, Change};
use super::error::{CliError, Exit};
use super::session::{Session, read_fleet};
use super::show::find;
use crate::aurora::cluster::Cluster;
use crate::aurora::discard::Past;
use crate::aurora::fleet::Fleet;
use crate::aurora::ids::ResourceId;
use crate::aurora::mark::{Mark, marks, named};
use crate::aurora::ownership::whole_second;
use crate::aurora::plan::{self, Desk, Knowledge};
use crate::aurora::request::RewindRequest;
use crate::aurora::time;
use crate::aurora::window::ceil_second;
use crate::aws::{Aws, History};
use crate::engine::task::Make;
use crate::engine::{Engine, Estimate, Request, TaskResult};

/// Takes a cluster back in time.
pub async fn run(session: &Session, args: &RewindArgs) -> Result<(), CliError> {
    let aws = session.aws().await?;
    let engine = session.engine(&aws)?;
    let fleet = read_fleet(&aws).await?;
    let cluster = find(&fleet, &args.id)?;
    let request = request(session, args, cluster, &engine.marks(&cluster.resource_id)?)?;
    carry_out(session, (&aws, &engine), &fleet, request, &args.change, args.tolerance).await
}

/// Makes a rewind and looks at where it landed.
pub async fn carry_out(
    session: &Session,
    (aws, engine): (&Aws, &Engine),
    fleet: &Fleet,
    request: RewindRequest,
    args: &ChangeArgs,
    tolerance: SignedDuration,
) -> Result<(), CliError> {
    let cluster = fleet.get(&request.resource);
    let (history, metrics) = match cluster {
        // Connections are a figure for the plan: without them it says less.
        Some(cluster) => {
            let (history, metrics) = tokio::join!(aws.history(cluster), aws.metrics(cluster, session.now()));
            (history?, metrics.ok().flatten())
        }
        None => (History::default(), None),
    };
    let journal = engine.marks(&request.resource)?;
    let id = engine.new_id();
    let known = Knowledge {
        cluster: &request.resource,
        past: Past { rewinds: &history.rewinds, marks: &journal, events: &history.events, ..Past::default() },
        connections: metrics.and_then(|metrics| metrics.connections),
        binlog: history.binlog,
        usually: usually(engine, &request.resource, fleet),
    };
    let (policy, prices) = (session.policy(), &session.rules.prices);
    let plan = plan::rewind(&request, Desk { fleet, policy, prices, now: session.now(), known: Some(known) });
    // Force is never dropped: what speaks against it is told even where nobody is shown the plan.
    let forced = plan.checks.iter().find(|check| request.force && check.name == "binlog");
    if let Some(check) = forced.filter(|_| args.yes) {
        session.output.say(&format!("aurewind: {}", check.message));
    }
    let change = Change { id, request: Request::Rewind(request), plan };
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

/// How long rewinds like this one took.
fn usually(engine: &Engine, cluster: &ResourceId, fleet: &Fleet) -> Option<Estimate> {
    let cluster = fleet.get(cluster)?;
    let writer = fleet.instances(&cluster.id).iter().find(|i| cluster.writer() == Some(i.id.as_str()));
    let class = writer.map(|instance| instance.class.clone());
    let make = Make { engine: cluster.engine.as_str().to_owned(), class };
    engine.usual_rewind(Some(&make))
}

fn request(
    session: &Session,
    args: &RewindArgs,
    cluster: &Cluster,
    journal: &[Mark],
) -> Result<RewindRequest, CliError> {
    let earliest = args.to.eq_ignore_ascii_case("earliest");
    let marks = marks(cluster, journal);
    let now = session.zoned();
    let to = match named(&marks, &args.to) {
        Some(mark) => mark.at,
        None if earliest => cluster.reach(now.timestamp()).map_or(now.timestamp(), |reach| ceil_second(reach.floor)),
        // Backtrack's granularity is one second.
        None => whole_second(time::parse(&args.to, &now).map_err(|error| {
            CliError::usage(format!("--to: {error}; `{}` has no mark of this name either", cluster.id))
        })?),
    };
    Ok(RewindRequest { earliest, force: args.force, ..RewindRequest::new(cluster, to) })
}
