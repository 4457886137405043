//! The past of described clusters: when they were born, their rewinds and their events.

use jiff::{SignedDuration, Timestamp};

use super::super::account::Account;
use super::super::account::backtrack::{Backtrack, Order, Rewind, Writing};
use super::super::account::cluster::{Cluster, ClusterStatus, Origin};
use super::super::account::event::Source;
use super::super::clock::{after, whole_second};
use super::super::rules::chance;
use super::super::rules::load::{Load, Surge};
use super::super::rules::timing::{Pace, Work};
use super::demo::ago;
use super::spec::{BacktrackSpec, ClusterSpec};

/// An event before it is in its place in time.
pub type PastEvent = (Timestamp, Source, String, String, String);

/// When a described cluster and its first instance began to work.
#[derive(Clone, Copy, Debug)]
pub struct Birth {
    /// The end of `creating`.
    pub cluster: Timestamp,
    /// The end of the first instance's `creating`.
    pub instance: Timestamp,
}

impl Birth {
    /// What is past took its time at AWS's own pace, whatever the speed of the simulator.
    pub fn of(cluster: &Cluster) -> Self {
        let pace = Pace { seed: 0, speed: 1.0 };
        let work = match cluster.origin {
            Origin::New => Work::CreateCluster,
            Origin::Clone => Work::Clone,
            Origin::FullCopy => Work::FullCopy,
        };
        let done = after(cluster.created, pace.takes(work, &cluster.resource_id));
        Self { cluster: done, instance: after(done, pace.takes(Work::CreateInstance, &cluster.resource_id)) }
    }
}

/// The Backtrack side of a cluster with its past rewinds.
pub fn backtrack(
    account: &mut Account,
    cluster: &Cluster,
    of: &BacktrackSpec,
    spec: &ClusterSpec,
    (birth, now): (Birth, Timestamp),
) -> Backtrack {
    let seed = account.pace.seed;
    let mut rng = chance::of(seed, &[&cluster.id, "load"]);
    let surge = of.surge.as_ref().map(|surge| {
        let from = ago(now, surge.ago);
        Surge { from, to: after(from, surge.lasts.0), times: surge.times }
    });
    let mut backtrack = Backtrack {
        target: of.window.0.as_secs(),
        kept_since: cluster.created,
        load: Load { seed: rng.u64(..), per_second: of.writes, bursts: of.bursts, surge },
        capacity: of.room,
        writing: Writing {
            from: (!spec.instances.is_empty()).then_some(birth.instance),
            until: spec.stopped.map(|age| ago(now, age)),
        },
        short: false,
        next_look: now,
        counted: None,
        rewinds: Vec::new(),
        measured: None,
    };
    backtrack.short = backtrack.lack(now) > 0.0;
    for past in &of.rewinds {
        let requested = ago(now, past.requested);
        let floor = backtrack.earliest(requested).max(cluster.created);
        let order = Order {
            resource_id: &cluster.resource_id,
            seed,
            aim: whole_second(ago(now, past.to)).max(floor),
            floor,
            ceiling: None,
            requested,
            takes: SignedDuration::from_secs(rng.i64(60..90)),
            fails: false,
            off: None,
        };
        let id = account.new_uuid();
        backtrack.rewinds.push(Rewind::plan(id, order));
    }
    backtrack
}

/// What DescribeEvents knows of a cluster: the described events, and its birth.
pub fn events(spec: &ClusterSpec, now: Timestamp, birth: Birth, events: &mut Vec<PastEvent>) {
    let first = spec.instances.first().map(|member| format!("{}-{}", spec.id, member.name));
    let mut add = |at, instance: bool, category: &str, message: &str| {
        let (source, id) = match (&first, instance) {
            (Some(first), true) => (Source::Instance, first.clone()),
            _ => (Source::Cluster, spec.id.clone()),
        };
        events.push((at, source, id, category.to_owned(), message.to_owned()));
    };
    for event in &spec.events {
        add(ago(now, event.ago), event.instance, &event.category, &event.message);
    }
    if matches!(spec.status, Some(ClusterStatus::Creating | ClusterStatus::CloningFailed)) {
        return;
    }
    add(birth.cluster, false, "creation", "DB cluster created.");
    if first.is_some() {
        add(birth.instance, true, "creation", "DB instance created.");
    }
}
