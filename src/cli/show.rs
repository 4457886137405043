//! `aurewind show`.

use std::fmt::Write;

use jiff::SignedDuration;
use serde_json::json;

use super::args::ShowArgs;
use super::error::CliError;
use super::json;
use super::marks::{left_text, with_reach};
use super::session::{Session, read_fleet};
use crate::aurora::cluster::Cluster;
use crate::aurora::fleet::Fleet;
use crate::aurora::ids::ClusterId;
use crate::aurora::lineage::Parent;
use crate::aurora::mark::Mark;
use crate::aurora::policy::{Deed, Ruling};
use crate::aurora::{span, time};
use crate::aws::{AwsError, ErrorKind, History};
use crate::engine::store::Store;

/// The cluster with this name.
///
/// # Errors
/// If it is not there.
pub fn find<'a>(fleet: &'a Fleet, id: &ClusterId) -> Result<&'a Cluster, CliError> {
    let missing = || AwsError::new(ErrorKind::NotFound, format!("there is no Aurora cluster `{id}` here"));
    Ok(fleet.named(id).ok_or_else(missing)?)
}

/// Shows one cluster.
pub async fn run(session: &Session, args: &ShowArgs) -> Result<(), CliError> {
    let aws = session.aws().await?;
    let fleet = read_fleet(&aws).await?;
    let cluster = find(&fleet, &args.id)?;
    let history = aws.history(cluster).await?;
    let journal = session.journal()?.marks(&cluster.resource_id)?;
    let marks = with_reach(session, cluster, &journal);
    let object = json!({ "cluster": json::closely(cluster, &fleet, &history, &marks, session.now()) });
    session.output.result(object, || text(session, cluster, &fleet, &history, &marks))?;
    Ok(())
}

fn text(
    session: &Session,
    cluster: &Cluster,
    fleet: &Fleet,
    history: &History,
    marks: &[(Mark, Option<SignedDuration>)],
) -> String {
    let now = session.zoned();
    let at = |moment| time::date_text(moment, now.time_zone());
    let mut out = String::new();
    let mut line = |name: &str, value: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{name:<14}{value}");
    };
    line("cluster", format!("{} ({})", cluster.id, cluster.resource_id));
    line("engine", format!("{} {}", cluster.engine, cluster.engine_version));
    line("status", cluster.status.to_string());
    line("made", cluster.created_at.map(at).unwrap_or_default());
    line("from", parent(cluster, fleet));
    line("endpoint", endpoint(cluster));
    for instance in fleet.instances(&cluster.id) {
        line("instance", format!("{} {} {}", instance.id, instance.class, instance.status));
    }
    match cluster.reach(now.timestamp()) {
        None => line("backtrack", "off: this cluster cannot be rewound".into()),
        Some(reach) => {
            let target = span::exact(cluster.backtrack.target());
            let actual = span::short(reach.actual());
            line("backtrack", format!("{actual} of {target}, back to {}", at(reach.floor)));
        }
    }
    let kin = fleet.kin(cluster);
    for deed in [Deed::Rewind, Deed::Delete] {
        let ruling = match session.policy().rule(deed, cluster, &kin, now.timestamp()) {
            Ruling::Allowed => format!("may be {deed}"),
            Ruling::Confirm(why) => format!("is only {deed} with --confirm {}: {why}", cluster.id),
            Ruling::Refused(why) => format!("must not be {deed}: {}", why.join("; ")),
        };
        line("policy", ruling);
    }
    for (mark, left) in marks {
        line("mark", format!("{} {} ({})", at(mark.at), mark.name, left_text(*left)));
    }
    for rewind in &history.rewinds {
        let from = rewind.from.map(at).unwrap_or_default();
        let to = rewind.to.map(at).unwrap_or_default();
        line("rewind", format!("{from} → {to} {}", rewind.status.as_str()));
    }
    for event in history.events.iter().take(10) {
        line("event", format!("{} {} {}", at(event.at), event.source, event.message));
    }
    for missing in &history.missing {
        line("not read", missing.clone());
    }
    out
}

fn parent(cluster: &Cluster, fleet: &Fleet) -> String {
    let name = |id| fleet.get(id).map_or(String::new(), |source| source.id.to_string());
    match fleet.parent(cluster) {
        Parent::Known(id) => name(&id),
        Parent::Probable(id) => format!("probably {}", name(&id)),
        Parent::Gone(source) => format!("{source}, which is gone"),
        Parent::None => "not a clone, as far as is known".into(),
    }
}

fn endpoint(cluster: &Cluster) -> String {
    match (&cluster.network.endpoint, cluster.network.port) {
        (Some(name), Some(port)) => format!("{name}:{port}"),
        (Some(name), None) => name.clone(),
        (None, _) => "none yet".into(),
    }
}
