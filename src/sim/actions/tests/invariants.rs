//! What holds whatever is called, and whenever.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use jiff::Timestamp;

use super::{Bench, RESTORE, table};
use crate::sim::account::cluster::{Cluster, ClusterStatus, Origin};

const NAMES: [&str; 6] = ["orders", "a", "b", "c", "d", "e"];
const ACCOUNT: &str = "arn:aws:rds:eu-west-1:123456789012";

/// The parameters of one call that may or may not be allowed.
fn parameters(action: &str, bench: &Bench, rng: &mut Rng) -> String {
    let (one, other) = (NAMES[rng.usize(0..6)], NAMES[rng.usize(0..6)]);
    let (id, instance) = (format!("DBClusterIdentifier={one}"), format!("DBInstanceIdentifier={one}-{}", rng.u8(1..4)));
    let named = |what: &str| format!("{what}=own-{other}");
    let window = |rng: &mut Rng| format!("BacktrackWindow={}", rng.u32(0..4) * 1800);
    match action {
        "CreateDBCluster" => {
            format!("{id} Engine=aurora-mysql MasterUsername=admin MasterUserPassword=secret-enough {}", window(rng))
        }
        RESTORE => {
            let kind = if rng.u8(0..4) > 0 { "RestoreType=copy-on-write" } else { "UseLatestRestorableTime=true" };
            format!("{id} SourceDBClusterIdentifier={other} {kind} {}", window(rng))
        }
        "RestoreDBClusterFromSnapshot" => {
            format!("{id} SnapshotIdentifier=own-{other} Engine=aurora-mysql {}", window(rng))
        }
        "CreateDBInstance" => format!("{instance} {id} Engine=aurora-mysql DBInstanceClass=db.r6g.large"),
        "BacktrackDBCluster" => format!(
            "{id} BacktrackTo={} UseEarliestTimeOnPointInTimeUnavailable={} Force={}",
            bench.ago(rng.i64(-10..9000)),
            rng.bool(),
            rng.bool()
        ),
        "DeleteDBInstance" | "RebootDBInstance" | "DescribeDBInstances" => instance,
        "DeleteDBCluster" if rng.bool() => format!("{id} SkipFinalSnapshot=true"),
        "DeleteDBCluster" => format!("{id} {}", named("FinalDBSnapshotIdentifier")),
        "ModifyDBCluster" => match rng.u8(0..4) {
            0 => format!("{id} DeletionProtection={} BackupRetentionPeriod=2", rng.bool()),
            1 => format!("{id} NewDBClusterIdentifier={other} ApplyImmediately=true"),
            2 => format!("{id} MasterUserPassword=brand-new-1"),
            _ => format!("{id} {}", window(rng)),
        },
        "AddTagsToResource" => {
            format!("ResourceName={ACCOUNT}:cluster:{one} Tags.Tag.1.Key=k{} Tags.Tag.1.Value=v", rng.u8(0..60))
        }
        "RemoveTagsFromResource" => format!("ResourceName={ACCOUNT}:cluster:{one} TagKeys.member.1=k{}", rng.u8(0..60)),
        "ListTagsForResource" => format!("ResourceName={ACCOUNT}:cluster:{one}"),
        "CreateDBClusterSnapshot" => format!("{id} {}", named("DBClusterSnapshotIdentifier")),
        "DeleteDBClusterSnapshot" => named("DBClusterSnapshotIdentifier"),
        "CreateDBSubnetGroup" => format!(
            "{} DBSubnetGroupDescription=x SubnetIds.SubnetIdentifier.1=subnet-0a11d92f4be7c3051 SubnetIds.SubnetIdentifier.2=subnet-0a22e83c5af6b4162",
            named("DBSubnetGroupName")
        ),
        "DeleteDBSubnetGroup" => named("DBSubnetGroupName"),
        "CreateDBClusterParameterGroup" | "CreateDBParameterGroup" => {
            let name = if action.contains("Cluster") { "DBClusterParameterGroupName" } else { "DBParameterGroupName" };
            format!("{} DBParameterGroupFamily=aurora-mysql8.0 Description=x", named(name))
        }
        other if other.contains("ClusterParameter") => named("DBClusterParameterGroupName"),
        "DeleteDBParameterGroup" => named("DBParameterGroupName"),
        // Whatever is left takes a cluster or nothing.
        _ if rng.bool() => id,
        _ => String::new(),
    }
}

/// Calls something at random. Refusals are as good as successes; only what they leave behind matters.
fn random_call(bench: &mut Bench, rng: &mut Rng, actions: &[&'static str]) -> bool {
    // Clones, instances and rewinds make the account; the rest comes in between.
    let usual =
        [RESTORE, "CreateDBInstance", "BacktrackDBCluster", "DeleteDBInstance", "DeleteDBCluster", "ModifyDBCluster"];
    let action = if rng.bool() { usual[rng.usize(0..usual.len())] } else { actions[rng.usize(0..actions.len())] };
    let parameters = parameters(action, bench, rng);
    bench.call(action, &parameters).is_ok()
}

/// What was true before, of what may only move one way.
#[derive(Default)]
struct Memory {
    /// The target window and the earliest time, by resource id.
    earliest: BTreeMap<String, (i64, Timestamp, Timestamp)>,
    tags: BTreeMap<String, usize>,
    groups: BTreeMap<String, String>,
    bytes: f64,
    clusters: usize,
    at: Option<Timestamp>,
}

fn check(bench: &mut Bench, memory: &mut Memory) {
    let now = bench.clock.now();
    crate::sim::cloudformation::settle(&mut bench.account, &mut bench.faults, now);
    let account = &bench.account;
    assert_eq!(account.check_whole(), Ok(()), "no instance without a cluster, no member that is not there");
    let mut members = BTreeSet::new();
    let mut resource_ids = BTreeSet::new();
    for cluster in account.clusters(None) {
        let ids: BTreeSet<&String> = cluster.members.iter().collect();
        assert_eq!(ids.len(), account.members(cluster).count(), "members of {} exist", cluster.id);
        assert!(
            ids.len() <= 16 && ids.iter().all(|id| members.insert((*id).clone())),
            "{} shares no member",
            cluster.id
        );
        assert_eq!(cluster.writer.is_some(), !ids.is_empty(), "{} has a writer", cluster.id);
        assert!(cluster.writer.iter().all(|writer| ids.contains(writer)));
        assert!(resource_ids.insert(cluster.resource_id.clone()), "resource ids are unique");
        assert!(cluster.life.next_due().is_none_or(|due| due > now), "{} is settled", cluster.id);
        assert!(cluster.tags.len() <= 50);
        assert!(account.volume_bytes(cluster, now) >= 0.0);
        check_group(cluster, account.clusters(None), memory);
        check_window(cluster, memory, now);
    }
    assert!(account.instances(None).all(|instance| members.contains(&instance.id)), "no instance without a cluster");
    assert!(
        account.clusters(None).count() <= 40
            && account.instances(None).count() <= 40
            && account.snapshots(None).count() <= 100
    );
    let clusters = account.clusters(None).count();
    // Nobody can free more bytes than there were, and a deletion makes none.
    let bytes = account.all_bytes(now);
    let written = memory.at.map_or(0.0, |at| 40.0 * 4000.0 * now.duration_since(at).as_secs_f64());
    assert!(clusters >= memory.clusters || bytes <= memory.bytes + written + 1.0, "{bytes} of {}", memory.bytes);
    (memory.bytes, memory.clusters, memory.at) = (bytes, clusters, Some(now));
    let times: Vec<Timestamp> =
        account.events.between(Timestamp::MIN, Timestamp::MAX, 0).map(|event| event.at).collect();
    assert!(times.is_sorted() && times.last().is_none_or(|last| *last <= now), "events are in order and not ahead");
}

/// A group is closed: it is never left, and a clone shares it with whom it shares pages.
fn check_group<'a>(cluster: &Cluster, all: impl Iterator<Item = &'a Cluster>, memory: &mut Memory) {
    assert!(cluster.origin != Origin::Clone || cluster.clone_group.is_some());
    let Some(group) = &cluster.clone_group else {
        assert!(!memory.groups.contains_key(&cluster.resource_id), "{} has lost its group", cluster.id);
        return;
    };
    let before = memory.groups.insert(cluster.resource_id.clone(), group.clone());
    assert!(before.is_none_or(|before| before == *group), "{} has changed its group", cluster.id);
    let clones = all.filter(|one| one.clone_group.as_ref() == Some(group) && one.origin == Origin::Clone);
    assert!(clones.count() <= 15, "fifteen clones of a group at most");
}

/// The window never reaches before the creation or into the future, and only moves back when its target grows.
fn check_window(cluster: &Cluster, memory: &mut Memory, now: Timestamp) {
    let Some(backtrack) = &cluster.backtrack else {
        memory.earliest.remove(&cluster.resource_id);
        return;
    };
    assert!((1..=259_200).contains(&backtrack.target));
    let earliest = backtrack.earliest(now);
    assert!((cluster.created..=now).contains(&earliest), "{}: {earliest}", cluster.id);
    assert!(cluster.floor(now).is_some_and(|floor| (cluster.created..=now).contains(&floor)));
    let kept = memory.earliest.insert(cluster.resource_id.clone(), (backtrack.target, earliest, now));
    if let Some((target, before, at)) = kept
        && target == backtrack.target
    {
        assert!(earliest >= before, "{}: {earliest} at {now}, {before} at {at}", cluster.id);
    }
    for rewind in &backtrack.rewinds {
        assert!(rewind.landed >= cluster.created && rewind.landed <= rewind.taken_back, "{rewind:?}");
    }
    let busy = backtrack.rewinds.iter().any(|rewind| rewind.done > now);
    assert_eq!(busy, cluster.status() == ClusterStatus::Backtracking, "{}", cluster.id);
}

/// Tags come and go one by one, never by themselves.
fn check_tags(bench: &Bench, memory: &mut Memory, lost: usize) {
    let mut present = BTreeMap::new();
    for cluster in bench.account.clusters(None) {
        let before = memory.tags.get(&cluster.resource_id).copied().unwrap_or(0);
        assert!(cluster.tags.len() + lost >= before, "{} has lost tags", cluster.id);
        present.insert(cluster.resource_id.clone(), cluster.tags.len());
    }
    memory.tags = present;
}

fn run(seed: u64, calls: usize, faults: &[&str]) -> usize {
    let mut rng = Rng::with_seed(seed);
    let mut bench = Bench::with_source();
    for fault in faults {
        bench.fault(fault);
    }
    // Other services have tests of their own.
    let others = |name: &&'static str| name.contains("Stack") || name.contains("Template") || name.starts_with("Get");
    let actions: Vec<&'static str> = table::names().filter(|name| !others(name)).collect();
    let mut memory = Memory::default();
    let mut done = 0;
    for _ in 0..calls {
        done += usize::from(random_call(&mut bench, &mut rng, &actions));
        check_tags(&bench, &mut memory, 1);
        match rng.u8(0..20) {
            0 => bench.pass(rng.i64(0..9 * 86_400)),
            1..10 => bench.pass(rng.i64(0..900)),
            _ => {}
        }
        check(&mut bench, &mut memory);
    }
    done
}

#[test]
fn no_sequence_of_calls_and_waits_breaks_the_account() {
    let done: usize = (0..60).map(|seed| run(seed, 150, &[])).sum();
    assert!(done > 2000, "{done} calls did something");
}

#[test]
fn nor_does_one_in_which_much_goes_wrong() {
    let faults =
        ["stuck-creating=0.1", "cloning-failed=0.2", "failed-backtrack=0.3", "landing=-50s", "slow-recovery=0.3"];
    let done: usize = (100..120).map(|seed| run(seed, 150, &faults)).sum();
    assert!(done > 500, "{done} calls did something");
}
