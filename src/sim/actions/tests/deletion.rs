//! Deleting instances and clusters.

use super::{Bench, Code, FleetSpec, field};

const CLUSTER: &str = "DeleteDBCluster";
const INSTANCE: &str = "DeleteDBInstance";
const SKIP: &str = "SkipFinalSnapshot=true";

/// Rule: A cluster can be deleted once all its instances are at least deleting; the answer shows the status from before (User Guide, Deleting a cluster)
/// Action: DeleteDBCluster
#[test]
fn instances_go_before_their_cluster() {
    let mut bench = Bench::with_clone();
    let delete = format!("DBClusterIdentifier=copy {SKIP}");
    let (code, message) = bench.refused(CLUSTER, &delete);
    assert_eq!(code, Code::InvalidClusterState);
    assert_eq!(message, "Cluster cannot be deleted, it still contains DB instances in non-deleting state.");
    bench.ok(INSTANCE, "DBInstanceIdentifier=copy-1");
    // Accepted once all are at least deleting; the answer shows the status from before.
    assert_eq!(field(&bench.ok(CLUSTER, &delete), "Status").as_deref(), Some("available"));
    assert_eq!(bench.status("copy"), "deleting");
    bench.pass(250);
    assert_eq!(bench.code("DescribeDBInstances", "DBInstanceIdentifier=copy-1"), Code::InstanceNotFound);
    assert_eq!(bench.status("copy"), "deleting");
    bench.pass(120);
    assert_eq!(bench.code("DescribeDBClusters", "DBClusterIdentifier=copy"), Code::ClusterNotFound);
}

/// Rule: Deletion protection protects the cluster but not its instances (User Guide, Deleting a cluster)
/// Action: DeleteDBCluster
#[test]
fn protection_protects_the_cluster_but_not_its_instances() {
    let mut bench = Bench::with_source();
    let (code, message) = bench.refused(CLUSTER, &format!("DBClusterIdentifier=orders {SKIP}"));
    assert_eq!(code, Code::InvalidParameterCombination);
    assert_eq!(message, "Cannot delete protected Cluster, please disable deletion protection and try again.");
    bench.ok(INSTANCE, "DBInstanceIdentifier=orders-1");
}

/// Rule: A final snapshot is named or skipped; while it is taken the cluster stays available (API reference, DeleteDBCluster)
/// Action: DeleteDBCluster
#[test]
fn a_final_snapshot_is_named_or_skipped_and_keeps_the_cluster_available() {
    let mut bench = Bench::with_clone();
    bench.ok(INSTANCE, "DBInstanceIdentifier=copy-1");
    assert_eq!(bench.code(CLUSTER, "DBClusterIdentifier=copy"), Code::InvalidParameterCombination);
    let both = format!("DBClusterIdentifier=copy {SKIP} FinalDBSnapshotIdentifier=last");
    assert_eq!(bench.code(CLUSTER, &both), Code::InvalidParameterCombination);
    let named = "DBClusterIdentifier=copy FinalDBSnapshotIdentifier=last";
    bench.ok(CLUSTER, named);
    assert_eq!(bench.status("copy"), "available");
    for (action, parameters) in
        [(CLUSTER, named), ("ModifyDBCluster", "DBClusterIdentifier=copy BackupRetentionPeriod=3")]
    {
        assert_eq!(bench.code(action, parameters), Code::InvalidClusterState, "{action}");
    }
    bench.pass(245);
    assert_eq!(bench.status("copy"), "deleting");
    bench.pass(400);
    bench.clone("orders", "copy", "");
    bench.pass(400);
    assert_eq!(bench.code(CLUSTER, named), Code::ClusterSnapshotAlreadyExists);
}

/// Rule: A source can be deleted while its clones live (User Guide, Cloning)
/// Action: DeleteDBCluster
#[test]
fn a_source_can_go_while_its_clones_live() {
    let mut bench = Bench::with_clone();
    bench.ok("ModifyDBCluster", "DBClusterIdentifier=orders DeletionProtection=false");
    bench.ok(INSTANCE, "DBInstanceIdentifier=orders-1");
    bench.ok(CLUSTER, &format!("DBClusterIdentifier=orders {SKIP}"));
    bench.pass(600);
    assert_eq!(bench.status("copy"), "available");
    assert!(field(&bench.cluster("copy"), "CloneGroupId").is_some());
}

/// Rule: When the writer goes, a reader takes over (User Guide, Fault tolerance)
/// Action: DeleteDBInstance
#[test]
fn a_reader_takes_over_from_a_deleted_writer() {
    let mut bench = Bench::with_clone();
    bench.instance("copy", "copy-2");
    bench.ok(INSTANCE, "DBInstanceIdentifier=copy-1");
    let cluster = bench.cluster("copy");
    let writer =
        cluster.split("<IsClusterWriter>true").next().unwrap().rsplit("<DBInstanceIdentifier>").next().unwrap();
    assert!(writer.starts_with("copy-2"), "{writer}");
    let events = bench
        .ok("DescribeEvents", "SourceType=db-cluster SourceIdentifier=copy EventCategories.EventCategory.1=failover");
    assert!(events.contains("Completed failover to DB instance: copy-2"));
}

/// Rule: What is being created or deleted can't be deleted (API reference, InvalidDBInstanceState)
/// Action: DeleteDBInstance
#[test]
fn busy_things_are_not_deleted() {
    let mut bench = Bench::with_source();
    bench.clone("orders", "copy", "");
    assert_eq!(bench.code(CLUSTER, &format!("DBClusterIdentifier=copy {SKIP}")), Code::InvalidClusterState);
    bench.pass(400);
    bench.ok(
        "CreateDBInstance",
        "DBInstanceIdentifier=copy-1 DBClusterIdentifier=copy Engine=aurora-mysql DBInstanceClass=db.r6g.large",
    );
    assert_eq!(bench.code(INSTANCE, "DBInstanceIdentifier=copy-1"), Code::InvalidInstanceState);
    bench.pass(500);
    bench.ok(INSTANCE, "DBInstanceIdentifier=copy-1");
    assert_eq!(bench.code(INSTANCE, "DBInstanceIdentifier=copy-1"), Code::InvalidInstanceState);
}

/// Rule: A stopped cluster can't be deleted; a clone that failed can (User Guide, Stopping a cluster)
/// Action: DeleteDBCluster
#[test]
fn stopped_ones_stay_and_failed_clones_go() {
    let mut bench = Bench::with(FleetSpec::Demo);
    assert_eq!(bench.code(CLUSTER, &format!("DBClusterIdentifier=search-dev {SKIP}")), Code::InvalidClusterState);
    assert_eq!(bench.code(INSTANCE, "DBInstanceIdentifier=search-dev-a"), Code::InvalidInstanceState);
    bench.ok(CLUSTER, &format!("DBClusterIdentifier=clone-catalog-pr-4312 {SKIP}"));
    assert_eq!(bench.code(CLUSTER, &format!("DBClusterIdentifier=fraud-graph-prod {SKIP}")), Code::NotImplemented);
}
