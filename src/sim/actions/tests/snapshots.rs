//! Snapshots and what is restored from them.

use super::{Bench, Code, count, field};

const NAME: &str = "DBClusterSnapshotIdentifier=before-upgrade";

fn with_snapshot() -> Bench {
    let mut bench = Bench::with_source();
    bench.ok(
        "CreateDBClusterSnapshot",
        &format!("DBClusterIdentifier=orders {NAME} Tags.Tag.1.Key=a Tags.Tag.1.Value=b"),
    );
    bench.pass(300);
    bench
}

fn restore(more: &str) -> String {
    format!("DBClusterIdentifier=restored SnapshotIdentifier=before-upgrade Engine=aurora-mysql {more}")
}

/// Rule: a snapshot is creating, then available, and only then can be deleted (API reference, CreateDBClusterSnapshot and DeleteDBClusterSnapshot)
/// Action: CreateDBClusterSnapshot, DescribeDBClusterSnapshots, DeleteDBClusterSnapshot
#[test]
fn a_snapshot_takes_its_time() {
    let mut bench = Bench::with_source();
    let made =
        bench.ok("CreateDBClusterSnapshot", "DBClusterIdentifier=orders DBClusterSnapshotIdentifier=Before-Upgrade");
    assert_eq!(field(&made, "Status").as_deref(), Some("creating"));
    assert_eq!(field(&made, "DBClusterSnapshotIdentifier").as_deref(), Some("before-upgrade"));
    assert_eq!(bench.status("orders"), "available", "the cluster goes on");
    assert_eq!(bench.code("DeleteDBClusterSnapshot", NAME), Code::InvalidClusterSnapshotState);
    assert_eq!(bench.code("RestoreDBClusterFromSnapshot", &restore("")), Code::InvalidClusterSnapshotState);
    bench.pass(300);
    let described = bench.ok("DescribeDBClusterSnapshots", NAME);
    assert_eq!(field(&described, "Status").as_deref(), Some("available"));
    assert_eq!(field(&described, "PercentProgress").as_deref(), Some("100"));
    let events = bench.ok("DescribeEvents", "SourceType=db-cluster-snapshot SourceIdentifier=before-upgrade");
    assert!(events.contains("Manual cluster snapshot created"), "{events}");
    bench.ok("DeleteDBClusterSnapshot", NAME);
    assert_eq!(bench.code("DescribeDBClusterSnapshots", NAME), Code::ClusterSnapshotNotFound);
    assert_eq!(bench.code("DeleteDBClusterSnapshot", NAME), Code::ClusterSnapshotNotFound);
}

/// Rule: the name of a snapshot is unique, and its cluster must be there and available (API reference, CreateDBClusterSnapshot)
/// Action: CreateDBClusterSnapshot
#[test]
fn snapshots_of_nothing_and_taken_names_are_refused() {
    let mut bench = with_snapshot();
    let create =
        |cluster: &str, name: &str| format!("DBClusterIdentifier={cluster} DBClusterSnapshotIdentifier={name}");
    for (cluster, name, code) in [
        ("orders", "BEFORE-upgrade", Code::ClusterSnapshotAlreadyExists),
        ("nope", "x", Code::ClusterNotFound),
        ("orders", "x--y", Code::InvalidParameterValue),
    ] {
        assert_eq!(bench.code("CreateDBClusterSnapshot", &create(cluster, name)), code, "{name}");
    }
    bench.ok("ModifyDBCluster", "DBClusterIdentifier=orders BackupRetentionPeriod=3");
    assert_eq!(bench.code("CreateDBClusterSnapshot", &create("orders", "x")), Code::InvalidClusterState);
}

/// Rule: an account has at most 100 manual snapshots (User Guide, Quotas)
/// Action: CreateDBClusterSnapshot, DeleteDBCluster
#[test]
fn the_hundred_and_first_snapshot_is_refused() {
    let mut bench = Bench::with_source();
    for number in 0..100 {
        bench.ok(
            "CreateDBClusterSnapshot",
            &format!("DBClusterIdentifier=orders DBClusterSnapshotIdentifier=s{number}"),
        );
    }
    let one_more = "DBClusterIdentifier=orders DBClusterSnapshotIdentifier=one-more";
    assert_eq!(bench.code("CreateDBClusterSnapshot", one_more), Code::SnapshotQuotaExceeded);
    bench.ok("ModifyDBCluster", "DBClusterIdentifier=orders DeletionProtection=false");
    bench.ok("DeleteDBInstance", "DBInstanceIdentifier=orders-1");
    let end = "DBClusterIdentifier=orders FinalDBSnapshotIdentifier=last";
    assert_eq!(bench.code("DeleteDBCluster", end), Code::SnapshotQuotaExceeded);
    assert_eq!(count(&bench.ok("DescribeDBClusterSnapshots", "MaxRecords=20"), "DBClusterSnapshot"), 20);
}

/// Rule: snapshots are found by cluster, kind and filter (API reference, DescribeDBClusterSnapshots)
/// Action: DescribeDBClusterSnapshots
#[test]
fn snapshots_are_found() {
    let mut bench = with_snapshot();
    let filter =
        |name: &str, value: &str| format!("Filters.Filter.1.Name={name} Filters.Filter.1.Values.Value.1={value}");
    for (parameters, found) in [
        (String::new(), 1),
        ("DBClusterIdentifier=Orders".into(), 1),
        ("DBClusterIdentifier=other".into(), 0),
        ("SnapshotType=automated".into(), 0),
        ("SnapshotType=manual".into(), 1),
        (filter("engine", "aurora-mysql"), 1),
        (filter("snapshot-type", "automated"), 0),
        (filter("db-cluster-snapshot-id", "before-upgrade"), 1),
    ] {
        let answer = bench.ok("DescribeDBClusterSnapshots", &parameters);
        assert_eq!(count(&answer, "DBClusterSnapshot"), found, "{parameters}");
    }
    assert_eq!(bench.code("DescribeDBClusterSnapshots", "SnapshotType=mine"), Code::InvalidParameterValue);
}

/// Rule: a restored cluster falls to the defaults, has no instances and is in no clone group (API reference, RestoreDBClusterFromSnapshot; DBCluster.CloneGroupId)
/// Action: RestoreDBClusterFromSnapshot
#[test]
fn a_restored_cluster_is_one_of_its_own() {
    let mut bench = with_snapshot();
    bench.clone("orders", "sibling", "");
    let answer = bench.ok("RestoreDBClusterFromSnapshot", &restore(""));
    for (name, value) in [
        ("Status", Some("creating")),
        ("Port", Some("3306")),
        ("DBClusterParameterGroup", Some("default.aurora-mysql8.0")),
        ("DBSubnetGroup", Some("default")),
        ("DeletionProtection", Some("false")),
        ("BacktrackWindow", Some("0")),
        ("MasterUsername", Some("admin")),
        ("StorageEncrypted", Some("true")),
        ("CloneGroupId", None),
    ] {
        assert_eq!(field(&answer, name).as_deref(), value, "{name}");
    }
    assert_eq!(count(&answer, "DBClusterMember"), 0);
    bench.pass(1000);
    assert_eq!(bench.status("restored"), "available");
}

/// Rule: restoring a snapshot may enable Backtrack, even if its cluster never had it (User Guide, configuring Backtrack)
/// Action: RestoreDBClusterFromSnapshot
#[test]
fn a_snapshot_is_the_way_to_a_first_window() {
    let mut bench = Bench::empty();
    let new = "Engine=aurora-mysql MasterUsername=admin MasterUserPassword=secret-enough";
    bench.ok("CreateDBCluster", &format!("DBClusterIdentifier=plain {new}"));
    bench.pass(120);
    bench.ok("CreateDBClusterSnapshot", &format!("DBClusterIdentifier=plain {NAME}"));
    bench.pass(300);
    let answer = bench.ok("RestoreDBClusterFromSnapshot", &restore("BacktrackWindow=7200"));
    assert_eq!(field(&answer, "BacktrackWindow").as_deref(), Some("7200"));
}

/// Rule: what a restore may ask (API reference, RestoreDBClusterFromSnapshot)
/// Action: RestoreDBClusterFromSnapshot
#[test]
fn impossible_restores_are_refused() {
    let mut bench = with_snapshot();
    for (more, code) in [
        ("EngineVersion=16.8", Code::InvalidParameterCombination),
        ("BacktrackWindow=259201", Code::InvalidParameterValue),
        ("DBSubnetGroupName=nope", Code::SubnetGroupNotFound),
        ("DBClusterParameterGroupName=nope", Code::ClusterParameterGroupNotFound),
        ("EngineMode=serverless", Code::InvalidParameterValue),
        ("Iops=1000", Code::InvalidParameterCombination),
    ] {
        assert_eq!(bench.code("RestoreDBClusterFromSnapshot", &restore(more)), code, "{more}");
    }
    let other = |from: &str, to: &str| restore("").replace(from, to);
    for (from, to, code) in [
        ("=restored", "=orders", Code::ClusterAlreadyExists),
        ("=before-upgrade", "=nope", Code::ClusterSnapshotNotFound),
        ("aurora-mysql", "aurora-postgresql", Code::InvalidParameterCombination),
        ("aurora-mysql", "mysql", Code::InvalidParameterValue),
    ] {
        assert_eq!(bench.code("RestoreDBClusterFromSnapshot", &other(from, to)), code, "{to}");
    }
}

/// Rule: a final snapshot outlives its cluster and can be restored from (User Guide, deleting a cluster)
/// Action: DeleteDBCluster, RestoreDBClusterFromSnapshot
#[test]
fn the_final_snapshot_brings_the_cluster_back() {
    let mut bench = Bench::with_clone();
    bench.ok("DeleteDBInstance", "DBInstanceIdentifier=copy-1");
    bench.ok("DeleteDBCluster", "DBClusterIdentifier=copy FinalDBSnapshotIdentifier=before-upgrade");
    bench.pass(1000);
    assert_eq!(bench.code("DescribeDBClusters", "DBClusterIdentifier=copy"), Code::ClusterNotFound);
    let answer = bench.ok("RestoreDBClusterFromSnapshot", &restore("BacktrackWindow=3600"));
    assert_eq!(field(&answer, "DBClusterIdentifier").as_deref(), Some("restored"));
}

/// Rule: snapshots carry the cluster's tags when CopyTagsToSnapshot says so, and tags of their own (API reference, CopyTagsToSnapshot)
/// Action: CreateDBClusterSnapshot, AddTagsToResource, ListTagsForResource
#[test]
fn snapshots_have_tags() {
    let mut bench = with_snapshot();
    let arn = "ResourceName=arn:aws:rds:eu-west-1:123456789012:cluster-snapshot:before-upgrade";
    bench.ok("AddTagsToResource", &format!("{arn} Tags.Tag.1.Key=c Tags.Tag.1.Value=d"));
    assert_eq!(count(&bench.ok("ListTagsForResource", arn), "Tag"), 2);
    bench.ok("ModifyDBCluster", "DBClusterIdentifier=orders CopyTagsToSnapshot=true");
    let second = bench.ok("CreateDBClusterSnapshot", "DBClusterIdentifier=orders DBClusterSnapshotIdentifier=second");
    assert!(second.contains("<Key>team</Key>"), "{second}");
    assert_eq!(
        bench.code("ListTagsForResource", &arn.replace("before-upgrade", "nope")),
        Code::ClusterSnapshotNotFound
    );
}
