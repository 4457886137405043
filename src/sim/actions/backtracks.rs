//! BacktrackDBCluster and DescribeDBClusterBacktracks.

use jiff::Timestamp;

use super::super::account::backtrack::{Order, Rewind};
use super::super::account::cluster::{Cluster, ClusterStatus};
use super::super::account::instance::InstanceStatus;
use super::super::account::lifecycle::Lifecycle;
use super::super::protocol::{ApiError, Code, Filter, Page, Xml};
use super::super::rules::timing::Work;
use super::super::rules::window;
use super::super::twists::Turn;
use super::Call;

/// What BacktrackDBCluster knows.
pub const PARAMETERS: &[&str] =
    &["BacktrackTo", "DBClusterIdentifier", "Force", "UseEarliestTimeOnPointInTimeUnavailable"];

const FILTERS: &[&str] = &["db-cluster-backtrack-id", "db-cluster-backtrack-status"];

/// Rewinds a cluster in place, all its instances with it (API reference, BacktrackDBCluster). The timeline is by wall
/// clock: what lies before and what lies after an earlier rewind both stay reachable, so forward again is allowed.
pub fn backtrack(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    call.form.required("BacktrackTo")?;
    let asked = call.form.time("BacktrackTo")?.unwrap_or(call.now);
    let (force, earliest) = (call.form.flag("Force")?, call.form.flag("UseEarliestTimeOnPointInTimeUnavailable")?);
    let cluster = call.available_cluster("DBClusterIdentifier")?.clone();
    if !cluster.engine.has_backtrack() {
        return Err(cluster.engine.no_backtrack(&cluster.version));
    }
    let floor = cluster.floor(call.now).ok_or_else(not_enabled)?;
    if call.account.binlog_format(&cluster.id) != "OFF" && !force {
        return Err(ApiError::combination(format!(
            "Binary logging is enabled on DBCluster {}. Specify Force to backtrack it nevertheless.",
            cluster.id
        )));
    }
    let aim = window::aim(asked, floor, call.now, earliest)?;
    let id = call.account.new_uuid();
    // A cluster is rewound often; each time takes its own time.
    let takes = call.account.pace.takes(Work::Backtrack, &id);
    // What lies on the other side of an earlier rewind is another state: the nearest moment is looked for on this side.
    let seams = || cluster.backtrack.iter().flat_map(|backtrack| &backtrack.rewinds).filter_map(|r| r.from(call.now));
    let order = Order {
        resource_id: &cluster.resource_id,
        seed: call.account.pace.seed,
        aim,
        floor: seams().filter(|from| *from <= aim).max().map_or(floor, |from| from.max(floor)),
        ceiling: seams().filter(|from| *from > aim).min(),
        requested: call.now,
        takes,
        fails: call.twists.take(Turn::FailedBacktrack),
        off: call.twists.landing,
    };
    let rewind = Rewind::plan(id, order);
    let done = rewind.done;
    write(xml, &cluster.id, &rewind, call.now);
    if let Some(backtrack) = call.account.cluster_mut(&cluster.id)?.backtrack.as_mut() {
        backtrack.rewinds.push(rewind);
    }
    busy(call, &cluster, done);
    Ok(())
}

/// The cluster and its working instances are `backtracking` until the end (User Guide, status).
fn busy(call: &mut Call<'_>, cluster: &Cluster, done: Timestamp) {
    let life = Lifecycle::until(ClusterStatus::Backtracking, done, ClusterStatus::Available);
    call.account.steer_cluster(&cluster.id, life);
    for member in &cluster.members {
        let working = call.account.instance(member).is_ok_and(|one| one.status() == InstanceStatus::Available);
        if working {
            let life = Lifecycle::until(InstanceStatus::Backtracking, done, InstanceStatus::Available);
            call.account.steer_instance(member, life);
        }
    }
}

/// Lists the rewinds of a cluster, newest first (API reference, DescribeDBClusterBacktracks).
pub fn describe(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let page = Page::read(call.form, "backtracks")?;
    let filters = Filter::read(call.form, FILTERS)?;
    let cluster = call.cluster("DBClusterIdentifier")?;
    if !cluster.engine.has_backtrack() {
        return Err(cluster.engine.no_backtrack(&cluster.version));
    }
    let now = call.now;
    let rewinds = cluster.backtrack.as_ref().map_or(&[][..], |backtrack| &backtrack.rewinds);
    let wanted = call.form.text("BacktrackIdentifier");
    if let Some(id) = wanted {
        check_known(id, rewinds)?;
    }
    let rows = rewinds.iter().rev().skip_while(|rewind| page.after().is_some_and(|last| rewind.id != last));
    let rows = rows.skip(usize::from(page.after().is_some()));
    let rows = rows.filter(|rewind| wanted.is_none_or(|id| rewind.id.eq_ignore_ascii_case(id)));
    let rows = rows.filter(|rewind| {
        filters.iter().all(|filter| match filter.name {
            "db-cluster-backtrack-id" => filter.has(&rewind.id),
            _ => filter.has(rewind.status(now)),
        })
    });
    page.write(
        xml,
        "backtracks",
        "DBClusterBacktracks",
        rows,
        |rewind| rewind.id.clone(),
        |xml, rewind| {
            xml.element("DBClusterBacktrack", |xml| {
                write(xml, &cluster.id, rewind, now);
            });
        },
    );
    Ok(())
}

fn check_known(id: &str, rewinds: &[Rewind]) -> Result<(), ApiError> {
    if uuid::Uuid::try_parse(id).is_err() {
        return Err(ApiError::value(format!("The parameter BacktrackIdentifier is not a valid UUID: {id}")));
    }
    if rewinds.iter().any(|rewind| rewind.id.eq_ignore_ascii_case(id)) {
        return Ok(());
    }
    Err(ApiError::new(Code::BacktrackNotFound, format!("DBClusterBacktrack {id} not found.")))
}

fn write(xml: &mut Xml, cluster: &str, rewind: &Rewind, now: Timestamp) {
    xml.text("DBClusterIdentifier", cluster);
    xml.text("BacktrackIdentifier", &rewind.id);
    xml.time("BacktrackTo", rewind.to(now));
    xml.optional_time("BacktrackedFrom", rewind.from(now));
    xml.time("BacktrackRequestCreationTime", rewind.requested);
    xml.text("Status", rewind.status(now));
}

fn not_enabled() -> ApiError {
    ApiError::value("Backtrack is not enabled for the aurora-mysql engine.")
}
