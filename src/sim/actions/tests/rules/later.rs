//! What faults on demand do to what comes later.

use super::{Bench, Code, RESTORE, REWIND, clone_of_orders, count, field, second};

const INSTANCE: &str =
    "DBInstanceIdentifier=new DBClusterIdentifier=copy Engine=aurora-mysql DBInstanceClass=db.r6g.large";

fn status_of(bench: &mut Bench, instance: &str) -> String {
    let seen = bench.ok("DescribeDBInstances", &format!("DBInstanceIdentifier={instance}"));
    field(&seen, "DBInstanceStatus").unwrap()
}

/// Rule: With stuck-creating a cluster or an instance stays creating (fault on demand)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn fault_stuck_creating_never_ends() {
    let mut bench = Bench::with_clone();
    bench.fault("stuck-creating=1");
    bench.ok(RESTORE, &clone_of_orders("stuck", ""));
    bench.ok("CreateDBInstance", INSTANCE);
    bench.pass(86_400);
    assert_eq!((bench.status("stuck").as_str(), status_of(&mut bench, "new").as_str()), ("creating", "creating"));
}

/// Rule: With cloning-failed a clone ends as cloning-failed, can't be used, and can be deleted (User Guide, status)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn fault_cloning_failed_ends_the_clone() {
    let mut bench = Bench::with_source();
    bench.fault("cloning-failed=1");
    bench.ok(RESTORE, &clone_of_orders("copy", ""));
    assert_eq!(bench.status("copy"), "creating");
    bench.pass(400);
    let failed = bench.cluster("copy");
    assert_eq!(field(&failed, "Status").as_deref(), Some("cloning-failed"));
    assert_eq!(count(&failed, "LatestRestorableTime"), 0);
    assert_eq!(bench.code("CreateDBInstance", INSTANCE), Code::InvalidClusterState);
    bench.ok("DeleteDBCluster", "DBClusterIdentifier=copy SkipFinalSnapshot=true");
    bench.pass(200);
    assert_eq!(bench.code("DescribeDBClusters", "DBClusterIdentifier=copy"), Code::ClusterNotFound);
}

/// Rule: With slow-recovery an instance takes the better part of an hour (re:Post, slow restores)
/// Action: CreateDBInstance
#[test]
fn fault_slow_recovery_takes_long_and_ends() {
    let mut bench = Bench::with_clone();
    bench.fault("slow-recovery=1");
    bench.ok("CreateDBInstance", INSTANCE);
    bench.pass(2500);
    assert_eq!(status_of(&mut bench, "new"), "creating");
    bench.pass(1500);
    assert_eq!(status_of(&mut bench, "new"), "available");
}

/// Rule: An instance class without capacity is InsufficientDBInstanceCapacity, others are made (API reference, CreateDBInstance)
/// Action: CreateDBInstance
#[test]
fn fault_no_capacity_strikes_one_class() {
    let mut bench = Bench::with_clone();
    bench.fault("no-capacity=db.r6g.*");
    let (code, message) = bench.refused("CreateDBInstance", INSTANCE);
    assert_eq!((code, code.wire()), (Code::InsufficientInstanceCapacity, ("InsufficientDBInstanceCapacity", 400)));
    assert!(message.contains("isn't available"));
    bench.ok("CreateDBInstance", &INSTANCE.replace("db.r6g.large", "db.r7g.large"));
}

/// Rule: A failed rewind leaves the cluster available and everything as it was (API reference, DBClusterBacktrack.Status)
/// Action: BacktrackDBCluster
#[test]
fn fault_failed_backtrack_ends_as_failed() {
    let mut bench = Bench::with_clone();
    bench.pass(1200);
    bench.fault("failed-backtrack=1");
    let rewind = format!("DBClusterIdentifier=copy BacktrackTo={}", bench.ago(600));
    let answer = bench.ok(REWIND, &rewind);
    assert_eq!(field(&answer, "Status").as_deref(), Some("pending"));
    bench.pass(100);
    let list = bench.ok("DescribeDBClusterBacktracks", "DBClusterIdentifier=copy");
    assert_eq!(field(&list, "Status").as_deref(), Some("failed"));
    assert_eq!(count(&list, "BacktrackedFrom"), 0);
    assert_eq!(bench.status("copy"), "available");
    let filter = "Filters.Filter.1.Name=db-cluster-backtrack-status Filters.Filter.1.Values.Value.1=failed";
    let failed = bench.ok("DescribeDBClusterBacktracks", &format!("DBClusterIdentifier=copy {filter}"));
    assert_eq!(count(&failed, "DBClusterBacktrack"), 1);
}

/// Rule: A rewind can be made to land elsewhere, but never outside the window (fault on demand)
/// Action: BacktrackDBCluster
#[test]
fn fault_landing_moves_where_a_rewind_ends() {
    let mut bench = Bench::with_clone();
    bench.pass(1200);
    bench.fault("landing=-40s");
    let created = second(&bench.cluster("copy"), "ClusterCreateTime");
    let edge = jiff::Timestamp::from_second(created + 10).unwrap();
    for (asked, off) in [(bench.ago(600), -43..=-37), (edge, -10..=-9)] {
        bench.ok(REWIND, &format!("DBClusterIdentifier=copy BacktrackTo={asked}"));
        bench.pass(100);
        let landed = second(&bench.ok("DescribeDBClusterBacktracks", "DBClusterIdentifier=copy"), "BacktrackTo");
        assert!(off.contains(&(landed - asked.as_second())), "{}", landed - asked.as_second());
    }
}

/// Rule: With no-capacity=storage no cluster can be made, with no-capacity=cluster none from another (fault on demand)
/// Action: CreateDBCluster, RestoreDBClusterToPointInTime, RestoreDBClusterFromSnapshot
#[test]
fn fault_no_room_for_clusters() {
    let new = "DBClusterIdentifier=x Engine=aurora-mysql MasterUsername=admin MasterUserPassword=secret-enough";
    let mut bench = Bench::with_source();
    bench.ok("CreateDBClusterSnapshot", "DBClusterIdentifier=orders DBClusterSnapshotIdentifier=snap");
    bench.pass(3600);
    let from = "DBClusterIdentifier=x SnapshotIdentifier=snap Engine=aurora-mysql";
    bench.fault("no-capacity=storage");
    for (action, parameters) in
        [("CreateDBCluster", new), (RESTORE, &clone_of_orders("x", "")), ("RestoreDBClusterFromSnapshot", from)]
    {
        assert_eq!(bench.code(action, parameters), Code::InsufficientStorage, "{action}");
    }
    assert_eq!(field(&bench.cluster("orders"), "CloneGroupId"), None, "a refusal leaves no trace");
    bench.faults.list.clear();
    bench.fault("no-capacity=cluster");
    assert_eq!(bench.code(RESTORE, &clone_of_orders("x", "")), Code::InsufficientClusterCapacity);
    assert_eq!(bench.code("RestoreDBClusterFromSnapshot", from), Code::InsufficientClusterCapacity);
    bench.instance("orders", "orders-2");
    bench.ok("CreateDBCluster", new);
}

/// Rule: The same seed and the same calls meet the same faults (repeatable runs)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn fault_runs_repeat_with_their_seed() {
    let run = || {
        let mut bench = Bench::with_source();
        bench.fault("cloning-failed=0.4");
        bench.fault("stuck-creating:RestoreDBClusterToPointInTime=0.2");
        for number in 0..12 {
            bench.clone("orders", &format!("c{number}"), "");
        }
        bench.pass(400);
        (0..12).map(|number| bench.status(&format!("c{number}"))).collect::<Vec<_>>()
    };
    let first = run();
    assert_eq!(first, run());
    for status in ["available", "cloning-failed", "creating"] {
        assert!(first.iter().any(|seen| seen == status), "{first:?}");
    }
}
