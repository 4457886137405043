//! What holds whatever is called, and whenever.

use std::collections::BTreeSet;

use fastrand::Rng;

use super::{Bench, RESTORE};
use crate::sim::account::cluster::{ClusterStatus, Origin};

const NAMES: [&str; 5] = ["orders", "a", "b", "c", "d"];

/// One call that may or may not be allowed.
fn random_call(bench: &mut Bench, rng: &mut Rng) {
    let (one, other) = (NAMES[rng.usize(0..5)], NAMES[rng.usize(0..5)]);
    let past = bench.ago(rng.i64(-10..9000));
    let (action, parameters) = match rng.u8(0..8) {
        0 | 1 => {
            let kind = if rng.bool() { "RestoreType=copy-on-write" } else { "UseLatestRestorableTime=true" };
            let window = rng.u32(0..3) * 3600;
            (
                RESTORE,
                format!("DBClusterIdentifier={one} SourceDBClusterIdentifier={other} {kind} BacktrackWindow={window}"),
            )
        }
        2 => {
            let fit = "Engine=aurora-mysql DBInstanceClass=db.r6g.large";
            ("CreateDBInstance", format!("DBInstanceIdentifier={one}-{} DBClusterIdentifier={one} {fit}", rng.u8(1..4)))
        }
        3 => ("BacktrackDBCluster", format!("DBClusterIdentifier={one} BacktrackTo={past}")),
        4 => ("DeleteDBInstance", format!("DBInstanceIdentifier={one}-{}", rng.u8(1..4))),
        5 => {
            let how = if rng.bool() { "SkipFinalSnapshot=true" } else { "FinalDBSnapshotIdentifier=last" };
            ("DeleteDBCluster", format!("DBClusterIdentifier={one} {how}"))
        }
        6 => (
            "ModifyDBCluster",
            format!("DBClusterIdentifier={one} DeletionProtection={} BackupRetentionPeriod=2", rng.bool()),
        ),
        _ => ("ModifyDBCluster", format!("DBClusterIdentifier={one} BacktrackWindow={}", rng.u32(0..3) * 1800)),
    };
    // Refusals are as good as successes here; only what they leave behind matters.
    let _either = bench.call(action, &parameters);
}

fn check(bench: &mut Bench) {
    let now = bench.clock.now();
    crate::sim::cloudformation::settle(&mut bench.account, now);
    let account = &bench.account;
    let mut members = BTreeSet::new();
    for cluster in account.clusters(None) {
        let ids: BTreeSet<&String> = cluster.members.iter().collect();
        assert_eq!(ids.len(), account.members(cluster).count(), "members of {} exist", cluster.id);
        assert_eq!(cluster.writer.is_some(), !ids.is_empty(), "{} has a writer", cluster.id);
        assert!(cluster.writer.iter().all(|writer| ids.contains(writer)));
        assert!(cluster.origin != Origin::Clone || cluster.clone_group.is_some());
        assert!(cluster.life.next_due().is_none_or(|due| due > now), "{} is settled", cluster.id);
        members.extend(ids);
        let Some(backtrack) = &cluster.backtrack else {
            continue;
        };
        assert!((1..=259_200).contains(&backtrack.target));
        assert!(cluster.floor(now).is_some_and(|floor| (cluster.created..=now).contains(&floor)));
        for rewind in &backtrack.rewinds {
            assert!(rewind.landed >= cluster.created && rewind.landed <= rewind.taken_back, "{rewind:?}");
        }
        let busy = backtrack.rewinds.iter().any(|rewind| rewind.done > now);
        assert_eq!(busy, cluster.status() == ClusterStatus::Backtracking, "{}", cluster.id);
    }
    assert!(account.instances(None).all(|instance| members.contains(&instance.id)), "no instance without a cluster");
}

#[test]
fn no_sequence_of_calls_and_waits_breaks_the_account() {
    for seed in 0..60 {
        let mut rng = Rng::with_seed(seed);
        let mut bench = Bench::with_source();
        for _ in 0..120 {
            random_call(&mut bench, &mut rng);
            if rng.bool() {
                bench.pass(rng.i64(0..900));
            }
            check(&mut bench);
        }
    }
}
