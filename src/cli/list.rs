//! `aurewind list`.

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use serde_json::json;

use super::args::ListArgs;
use super::error::CliError;
use super::json;
use super::session::{Session, read_fleet};
use crate::aurora::filter::Filter;
use crate::aurora::fleet::Fleet;
use crate::aurora::lineage::{self, Parent, Row};
use crate::aurora::{Cluster, span};
use jiff::Timestamp;

/// Lists the fleet as a tree.
pub async fn run(session: &Session, args: &ListArgs) -> Result<(), CliError> {
    let filter = Filter::parse(&args.filter).map_err(|error| CliError::usage(error.to_string()))?;
    let aws = session.aws().await?;
    let fleet = read_fleet(&aws).await?;
    let now = session.now();
    let rows: Vec<Row> = lineage::tree(&fleet)
        .into_iter()
        .filter(|row| {
            let is_clone = row.parent != Parent::None;
            let passes = |cluster| filter.passes(cluster, is_clone, now);
            (is_clone || !args.clones) && fleet.get(&row.id).is_some_and(passes)
        })
        .collect();
    let cluster = |row: &Row| Some(json::cluster(fleet.get(&row.id)?, &row.parent, &fleet, now));
    let clusters: Vec<_> = if session.output.json { rows.iter().filter_map(cluster).collect() } else { Vec::new() };
    session.output.result(json!({ "clusters": clusters }), || table(&rows, &fleet, now))?;
    Ok(())
}

fn table(rows: &[Row], fleet: &Fleet, now: Timestamp) -> String {
    if rows.is_empty() {
        return "no Aurora cluster here".into();
    }
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["CLUSTER", "STATUS", "ENGINE", "WINDOW", "AGE", "OWNER", "EXPIRES"]);
    for row in rows {
        if let Some(cluster) = fleet.get(&row.id) {
            table.add_row(cells(row, cluster, now));
        }
    }
    table.trim_fmt()
}

fn cells(row: &Row, cluster: &Cluster, now: Timestamp) -> [String; 7] {
    let ownership = cluster.ownership();
    let ours = ownership.ours();
    let guess = if matches!(row.parent, Parent::Probable(_)) { " ?" } else { "" };
    let window = cluster.reach(now).map_or("off".to_owned(), |reach| {
        format!("{} of {}", span::short(reach.actual()), span::exact(cluster.backtrack.target()))
    });
    let expires = ours.and_then(|ours| ours.expires_at).map(|at| {
        let left = at.duration_since(now);
        if left.is_positive() { format!("in {}", span::short(left)) } else { format!("{} ago", span::short(left)) }
    });
    [
        format!("{}{}{guess}", "  ".repeat(row.depth()), cluster.id),
        cluster.status.to_string(),
        format!("{} {}", cluster.engine, cluster.engine_version),
        window,
        cluster.age(now).map(span::short).unwrap_or_default(),
        ours.and_then(|ours| ours.owner.clone()).unwrap_or_default(),
        expires.unwrap_or_default(),
    ]
}
