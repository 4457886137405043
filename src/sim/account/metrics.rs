//! What CloudWatch knows of the account: metrics computed from the same model as the answers of RDS, so that both agree
//! (User Guide, Amazon CloudWatch metrics for Aurora).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::super::clock::{after, before};
use super::super::rules::connections;
use super::Account;
use super::backtrack::Backtrack;
use super::cluster::{Cluster, ClusterStatus};
use super::instance::Instance;
use super::power::STOPPED;

/// A metric of one resource: points, each of which stands for the step that begins with it.
pub struct Metric<'a> {
    /// Seconds between two points.
    pub step: i64,
    /// The values at a moment; a metric of a cluster gathers those of its instances.
    pub at: Box<dyn Fn(Timestamp) -> Vec<f64> + 'a>,
}

/// The metrics of the volume and of Backtrack come every five minutes.
const SLOW: i64 = 300;

/// Those of an instance come every minute.
const FAST: i64 = 60;

impl Account {
    /// The metric of this name for these dimensions; names and values are case-sensitive.
    pub fn metric(&self, name: &str, dimensions: &BTreeMap<&str, &str>) -> Option<Metric<'_>> {
        let of = |dimension: &str| dimensions.get(dimension).copied();
        match (dimensions.len(), of("DBClusterIdentifier"), of("DBInstanceIdentifier"), of("Role")) {
            (1, Some(id), None, None) => self.of_cluster(name, self.clusters.get(id)?),
            (2, Some(id), None, Some(role @ ("WRITER" | "READER"))) => {
                let cluster = self.clusters.get(id)?;
                let plays = |member: &&Instance| (cluster.writer.as_ref() == Some(&member.id)) == (role == "WRITER");
                let members: Vec<&Instance> = self.members(cluster).filter(plays).collect();
                self.of_instances(name, cluster, members)
            }
            (1, None, Some(id), None) => {
                let instance = self.instances.get(id)?;
                let cluster = self.clusters.get(&instance.cluster)?;
                let writes = cluster.writer.as_ref() == Some(&instance.id);
                of_writer(name, cluster).filter(|_| writes).or_else(|| self.of_instances(name, cluster, vec![instance]))
            }
            _ => None,
        }
    }

    fn of_cluster<'a>(&'a self, name: &str, cluster: &'a Cluster) -> Option<Metric<'a>> {
        let backtrack = || cluster.backtrack.as_ref();
        match name {
            "BacktrackChangeRecordsCreationRate" => {
                backtrack().map(|own| slow(cluster, |from, to| own.written(from, to).floor()))
            }
            "VolumeBytesUsed" => Some(slow(cluster, |_, to| self.volume_bytes(cluster, to).floor())),
            "BacktrackChangeRecordsStored" => backtrack().map(|own| slow(cluster, |_, to| own.consumed(to) as f64)),
            _ => self.of_instances(name, cluster, self.members(cluster).collect()),
        }
    }

    fn of_instances<'a>(&'a self, name: &str, cluster: &'a Cluster, members: Vec<&'a Instance>) -> Option<Metric<'a>> {
        let seed = self.pace.seed;
        let at = move |at: Timestamp| {
            let up = members.iter().filter(|member| works(cluster, member, at));
            up.map(|member| if cut_off(cluster, at) { 0.0 } else { connections(seed, cluster, member, at) }).collect()
        };
        (name == "DatabaseConnections").then(|| Metric { step: FAST, at: Box::new(at) })
    }
}

/// The metrics of Backtrack that stand on the writer. `BacktrackWindowActual` is the actual window in minutes, as the
/// Backtrack page says; the table of metrics calls it the difference to the target.
fn of_writer<'a>(name: &str, cluster: &'a Cluster) -> Option<Metric<'a>> {
    let own = cluster.backtrack.as_ref()?;
    let actual = |to: Timestamp| to.duration_since(own.earliest(to)).as_secs();
    match name {
        "BacktrackWindowActual" => Some(slow(cluster, move |_, to| (actual(to) / 60) as f64)),
        "BacktrackWindowAlert" => Some(slow(cluster, move |_, to| f64::from(is_short(own, actual(to))))),
        _ => None,
    }
}

/// Whether the actual window is shorter than the target, by more than the rounding to whole seconds.
fn is_short(backtrack: &Backtrack, actual: i64) -> bool {
    actual + 1 < backtrack.target
}

/// A metric of a cluster from its creation on; `value` is given the beginning and the end of a step.
fn slow<'a>(cluster: &'a Cluster, value: impl Fn(Timestamp, Timestamp) -> f64 + 'a) -> Metric<'a> {
    let at = move |from: Timestamp| {
        let to = after(from, SignedDuration::from_secs(SLOW));
        if from < cluster.created { Vec::new() } else { vec![value(from, to)] }
    };
    Metric { step: SLOW, at: Box::new(at) }
}

/// An instance reports from its creation on, and not while it is stopped.
fn works(cluster: &Cluster, member: &Instance, at: Timestamp) -> bool {
    let stopped = matches!(cluster.status(), ClusterStatus::Stopped)
        && cluster.restart.is_some_and(|restart| at >= before(restart, STOPPED));
    member.created.is_some_and(|created| created <= at) && !stopped
}

/// A rewind closes every connection (User Guide, Backtracking).
fn cut_off(cluster: &Cluster, at: Timestamp) -> bool {
    let rewinds = cluster.backtrack.as_ref().map_or(&[][..], |backtrack| &backtrack.rewinds);
    rewinds.iter().any(|rewind| rewind.begins <= at && at < rewind.done)
}

fn connections(seed: u64, cluster: &Cluster, member: &Instance, at: Timestamp) -> f64 {
    let writes = cluster.backtrack.as_ref().map(|backtrack| backtrack.load.per_second);
    connections::open(seed, &member.resource_id, writes, at)
}
