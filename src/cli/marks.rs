//! `aurewind marks`.

use jiff::SignedDuration;
use serde_json::json;

use super::args::MarksArgs;
use super::error::CliError;
use super::json;
use super::session::{Session, read_fleet};
use super::show::find;
use crate::aurora::cluster::Cluster;
use crate::aurora::mark::{Mark, marks};
use crate::aurora::pressure::reachable_for;
use crate::aurora::{span, time};
use crate::engine::store::Store;

/// Lists the marks of a cluster.
pub async fn run(session: &Session, args: &MarksArgs) -> Result<(), CliError> {
    let aws = session.aws().await?;
    let fleet = read_fleet(&aws).await?;
    let cluster = find(&fleet, &args.id)?;
    let journal = session.journal()?.marks(&cluster.resource_id)?;
    let listed = with_reach(session, cluster, &journal);
    let values: Vec<_> = listed.iter().map(|(mark, left)| json::mark(mark, *left)).collect();
    session.output.result(json!({ "marks": values }), || text(session, cluster, &listed))?;
    Ok(())
}

/// The marks of `cluster`, each with how long it can still be rewound to; nothing if it is out of reach.
pub fn with_reach(session: &Session, cluster: &Cluster, journal: &[Mark]) -> Vec<(Mark, Option<SignedDuration>)> {
    let now = session.now();
    let reach = cluster.reach(now);
    // One reading says nothing about the room for records.
    let left = |mark: &Mark| reach.and_then(|reach| reachable_for(mark.at, &reach, None));
    marks(cluster, journal).into_iter().map(|mark| (mark.clone(), left(&mark))).collect()
}

/// How long a mark can be rewound to, in words.
pub fn left_text(left: Option<SignedDuration>) -> String {
    left.map_or("out of reach".into(), |left| {
        format!("reachable for another {} at most, as the window slides", span::short(left))
    })
}

fn text(session: &Session, cluster: &Cluster, listed: &[(Mark, Option<SignedDuration>)]) -> String {
    if listed.is_empty() {
        return format!("`{}` has no marks", cluster.id);
    }
    let zone = session.zoned().time_zone().clone();
    let width = listed.iter().map(|(mark, _)| mark.name.as_str().chars().count()).max().unwrap_or_default();
    let line = |(mark, left): &(Mark, Option<SignedDuration>)| {
        let at = time::date_text(mark.at, &zone);
        format!("{:<width$}  {at}  {:<7}  {}", mark.name, mark.kept.as_str(), left_text(*left))
    };
    listed.iter().map(line).collect::<Vec<_>>().join("\n")
}
