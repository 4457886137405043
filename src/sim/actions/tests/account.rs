//! Subnet groups, what can be ordered, quotas, stopping, starting and renaming.

use super::{Bench, Code, FleetSpec, RESTORE, count, field};

const A: &str = "subnet-05b4c6d7e8f9a0b1c";
const B: &str = "subnet-05c5d7e8f9a0b1c2d";
const OTHER_VPC: &str = "subnet-0e1f2a3b4c5d6e7f8";

fn group(name: &str, subnets: &[&str]) -> String {
    let list: Vec<String> =
        subnets.iter().enumerate().map(|(n, id)| format!("SubnetIds.SubnetIdentifier.{}={id}", n + 1)).collect();
    format!("DBSubnetGroupName={name} DBSubnetGroupDescription=x {}", list.join(" "))
}

/// Rule: a subnet group has subnets of one VPC in at least two zones (API reference, CreateDBSubnetGroup)
/// Action: CreateDBSubnetGroup
#[test]
fn subnet_groups_cover_two_zones_of_one_vpc() {
    let mut bench = Bench::empty();
    let made = bench.ok("CreateDBSubnetGroup", &group("Mine", &[A, B]));
    assert_eq!(field(&made, "DBSubnetGroupName").as_deref(), Some("mine"));
    assert_eq!(field(&made, "VpcId").as_deref(), Some("vpc-04c7e1a9d35f80b62"));
    for (name, subnets, code) in [
        ("MINE", &[A, B][..], Code::SubnetGroupAlreadyExists),
        ("one-zone", &[A], Code::NotEnoughZones),
        ("none", &[], Code::NotEnoughZones),
        ("strange", &[A, "subnet-00000000000000000"], Code::InvalidSubnet),
        ("two-vpcs", &[A, OTHER_VPC], Code::InvalidSubnet),
        ("default", &[A, B], Code::InvalidParameterValue),
        ("a/b", &[A, B], Code::InvalidParameterValue),
    ] {
        assert_eq!(bench.code("CreateDBSubnetGroup", &group(name, subnets)), code, "{name}");
    }
    assert_eq!(bench.code("CreateDBSubnetGroup", &group("many", &[A; 21])), Code::SubnetQuotaExceeded);
    let tagged = "ResourceName=arn:aws:rds:eu-west-1:123456789012:subgrp:mine Tags.Tag.1.Key=a Tags.Tag.1.Value=b";
    bench.ok("AddTagsToResource", tagged);
}

/// Rule: an account has at most 50 subnet groups (User Guide, Quotas)
/// Action: CreateDBSubnetGroup, DescribeDBSubnetGroups
#[test]
fn there_are_at_most_fifty_subnet_groups() {
    let mut bench = Bench::empty();
    let made =
        (0..60).take_while(|n| bench.call("CreateDBSubnetGroup", &group(&format!("g{n}"), &[A, B])).is_ok()).count();
    assert_eq!(made, 47, "three are there from the beginning");
    assert_eq!(bench.code("CreateDBSubnetGroup", &group("more", &[A, B])), Code::SubnetGroupQuotaExceeded);
    let first = bench.ok("DescribeDBSubnetGroups", "MaxRecords=30");
    let marker = field(&first, "Marker").unwrap();
    let second = bench.ok("DescribeDBSubnetGroups", &format!("MaxRecords=30 Marker={marker}"));
    assert_eq!((count(&first, "DBSubnetGroup"), count(&second, "DBSubnetGroup")), (30, 20));
}

/// Rule: a subnet group that a cluster is in can't be deleted (API reference, DeleteDBSubnetGroup)
/// Action: DeleteDBSubnetGroup, DescribeDBSubnetGroups
#[test]
fn a_subnet_group_in_use_stays() {
    let mut bench = Bench::with_source();
    bench.ok("CreateDBSubnetGroup", &group("mine", &[A, B]));
    bench.clone("orders", "copy", "DBSubnetGroupName=mine");
    bench.pass(400);
    let (code, message) = bench.refused("DeleteDBSubnetGroup", "DBSubnetGroupName=mine");
    assert_eq!(code, Code::InvalidSubnetGroupState);
    assert!(message.contains("mine") && message.contains("copy"), "{message}");
    assert_eq!(bench.code("DeleteDBSubnetGroup", "DBSubnetGroupName=default"), Code::InvalidSubnetGroupState);
    bench.ok("DeleteDBCluster", "DBClusterIdentifier=copy SkipFinalSnapshot=true");
    bench.pass(400);
    bench.ok("DeleteDBSubnetGroup", "DBSubnetGroupName=mine");
    assert_eq!(bench.code("DescribeDBSubnetGroups", "DBSubnetGroupName=mine"), Code::SubnetGroupNotFound);
    assert_eq!(bench.code("DeleteDBSubnetGroup", "DBSubnetGroupName=mine"), Code::SubnetGroupNotFound);
}

/// Rule: valid classes for an engine and version come in pages (API reference, DescribeOrderableDBInstanceOptions)
/// Action: DescribeOrderableDBInstanceOptions
#[test]
fn what_can_be_ordered_is_listed_in_pages() {
    let mut bench = Bench::empty();
    let (mut all, mut marker) = (0, String::new());
    loop {
        let page = bench.ok("DescribeOrderableDBInstanceOptions", &format!("Engine=aurora-mysql {marker}"));
        all += count(&page, "OrderableDBInstanceOption");
        let Some(next) = field(&page, "Marker") else { break };
        marker = format!("Marker={next}");
    }
    let whole = bench.ok("DescribeOrderableDBInstanceOptions", "Engine=aurora-mysql MaxRecords=10000");
    assert_eq!(count(&whole, "OrderableDBInstanceOption"), all);
    assert!(all > 200);
    for (more, found) in [
        ("EngineVersion=8.0.mysql_aurora.3.08.2 DBInstanceClass=db.r6g.large", 1),
        ("EngineVersion=5.7 DBInstanceClass=db.serverless", 0),
        ("LicenseModel=bring-your-own", 0),
        ("Vpc=false", 0),
    ] {
        let answer = bench.ok("DescribeOrderableDBInstanceOptions", &format!("Engine=aurora-mysql {more}"));
        assert_eq!(count(&answer, "OrderableDBInstanceOption"), found, "{more}");
    }
    assert_eq!(count(&bench.ok("DescribeOrderableDBInstanceOptions", "Engine=mysql"), "OrderableDBInstanceOption"), 0);
    assert_eq!(bench.code("DescribeOrderableDBInstanceOptions", ""), Code::MissingParameter);
}

/// Rule: engine versions are listed by engine, beginning, family and default (API reference, DescribeDBEngineVersions)
/// Action: DescribeDBEngineVersions
#[test]
fn versions_are_listed() {
    let mut bench = Bench::empty();
    for (parameters, found) in [
        ("Engine=aurora-mysql DefaultOnly=true", 1),
        ("Engine=aurora-mysql EngineVersion=8.0.mysql_aurora.3.08.2", 1),
        ("Engine=aurora-postgresql EngineVersion=16", 3),
        ("DBParameterGroupFamily=aurora-postgresql17", 2),
        ("Engine=oracle-ee", 0),
        ("DefaultOnly=true", 2),
    ] {
        assert_eq!(count(&bench.ok("DescribeDBEngineVersions", parameters), "DBEngineVersion"), found, "{parameters}");
    }
}

/// Rule: quotas are told with what is used of them (API reference, DescribeAccountAttributes)
/// Action: DescribeAccountAttributes
#[test]
fn quotas_are_told() {
    let mut bench = Bench::with_source();
    let answer = bench.ok("DescribeAccountAttributes", "");
    let clusters = answer.split("<AccountQuotaName>DBClusters<").nth(1).unwrap();
    assert_eq!((field(clusters, "Used").as_deref(), field(clusters, "Max").as_deref()), (Some("1"), Some("40")));
}

/// Rule: a stopped cluster can't be changed, starts again, and by itself after seven days (User Guide, stopping a cluster)
/// Action: StopDBCluster, StartDBCluster
#[test]
fn a_cluster_is_stopped_and_started() {
    let mut bench = Bench::with_source();
    let one = "DBClusterIdentifier=orders";
    assert_eq!(bench.code("StartDBCluster", one), Code::InvalidClusterState);
    bench.ok("StopDBCluster", one);
    assert_eq!(bench.status("orders"), "stopping");
    assert_eq!(bench.code("StopDBCluster", one), Code::InvalidClusterState);
    bench.pass(400);
    assert_eq!(bench.status("orders"), "stopped");
    let state = |bench: &mut Bench| {
        let answer = bench.ok("DescribeDBInstances", "DBInstanceIdentifier=orders-1");
        field(&answer, "DBInstanceStatus").unwrap()
    };
    assert_eq!(state(&mut bench), "stopped");
    for (action, more) in [
        ("ModifyDBCluster", "BackupRetentionPeriod=3"),
        ("BacktrackDBCluster", "BacktrackTo=2026-11-22T12:01:00Z"),
        ("DeleteDBCluster", "SkipFinalSnapshot=true"),
        ("StopDBCluster", ""),
    ] {
        let outcome = bench.call(action, &format!("{one} {more}"));
        assert!(outcome.is_err(), "{action}");
    }
    bench.ok("StartDBCluster", one);
    assert_eq!((bench.status("orders"), state(&mut bench)), ("starting".into(), "starting".into()));
    bench.pass(500);
    assert_eq!((bench.status("orders"), state(&mut bench)), ("available".into(), "available".into()));
    assert_eq!(field(&bench.cluster("orders"), "AutomaticRestartTime"), None);
    bench.ok("StopDBCluster", one);
    bench.pass(7 * 86_400 + 2000);
    assert_eq!((bench.status("orders"), state(&mut bench)), ("available".into(), "available".into()));
}

/// Rule: a cluster with an instance that is busy can't be stopped (API reference, StopDBCluster)
/// Action: StopDBCluster
#[test]
fn busy_instances_keep_their_cluster_running() {
    let mut bench = Bench::with_source();
    bench.ok("RebootDBInstance", "DBInstanceIdentifier=orders-1");
    assert_eq!(bench.code("StopDBCluster", "DBClusterIdentifier=orders"), Code::InvalidInstanceState);
}

/// Rule: a renamed cluster keeps its resource id, its instances and its tags (API reference, ModifyDBCluster, NewDBClusterIdentifier)
/// Action: ModifyDBCluster
#[test]
fn a_cluster_is_renamed() {
    let mut bench = Bench::with_source();
    let before = field(&bench.cluster("orders"), "DbClusterResourceId");
    let rename = "DBClusterIdentifier=orders NewDBClusterIdentifier";
    bench.ok("ModifyDBCluster", &format!("{rename}=Orders-Old ApplyImmediately=true"));
    assert_eq!(bench.status("orders"), "renaming");
    assert_eq!(
        bench
            .code(RESTORE, "DBClusterIdentifier=orders-old SourceDBClusterIdentifier=orders RestoreType=copy-on-write"),
        Code::ClusterAlreadyExists
    );
    bench.pass(100);
    assert_eq!(bench.code("DescribeDBClusters", "DBClusterIdentifier=orders"), Code::ClusterNotFound);
    let after = bench.cluster("orders-old");
    assert_eq!(field(&after, "DbClusterResourceId"), before);
    assert_eq!(field(&after, "Status").as_deref(), Some("available"));
    assert_eq!(field(&after, "DBInstanceIdentifier").as_deref(), Some("orders-1"));
    assert!(field(&after, "DBClusterArn").unwrap().ends_with(":cluster:orders-old"));
    assert!(field(&after, "Endpoint").unwrap().starts_with("orders-old.cluster-"));
    let instance = bench.ok("DescribeDBInstances", "DBInstanceIdentifier=orders-1");
    assert_eq!(field(&instance, "DBClusterIdentifier").as_deref(), Some("orders-old"));
}

/// Rule: a new name must be legal and free (API reference, ModifyDBCluster, NewDBClusterIdentifier)
/// Action: ModifyDBCluster
#[test]
fn names_that_are_taken_or_illegal_are_refused() {
    let mut bench = Bench::with(FleetSpec::Demo);
    let rename = "DBClusterIdentifier=orders-staging ApplyImmediately=true NewDBClusterIdentifier";
    assert_eq!(bench.code("ModifyDBCluster", &format!("{rename}=orders-prod")), Code::ClusterAlreadyExists);
    assert_eq!(bench.code("ModifyDBCluster", &format!("{rename}=1st")), Code::InvalidParameterValue);
    let later = "DBClusterIdentifier=orders-staging NewDBClusterIdentifier=x";
    assert_eq!(bench.code("ModifyDBCluster", later), Code::NotImplemented);
}
