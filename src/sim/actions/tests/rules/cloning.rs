//! 1.5 and 1.7 Limits and lineage of clones.

use super::{Bench, Code, FleetSpec, RESTORE, clone_of_orders, count, field};
use crate::sim::account::network::{Subnet, SubnetGroup};

fn group(name: &str, zones: &[&str]) -> SubnetGroup {
    SubnetGroup {
        name: name.to_owned(),
        vpc: "vpc-0123456789abcdef0".to_owned(),
        description: name.to_owned(),
        default_security_group: "sg-0123456789abcdef0".to_owned(),
        tags: crate::sim::rules::tags::Tags::new(),
        subnets: zones.iter().map(|zone| Subnet { id: format!("subnet-{zone}"), zone: (*zone).to_owned() }).collect(),
    }
}

/// Rule: A clone of a clone is allowed and belongs to the same group (User Guide, Cloning)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn rule_1_5_a_clone_of_a_clone_is_allowed() {
    let mut bench = Bench::with_clone();
    let second = bench.clone("copy", "copy-of-copy", "BacktrackWindow=600");
    assert_eq!(field(&second, "CloneGroupId"), field(&bench.cluster("orders"), "CloneGroupId"));
    bench.pass(400);
    assert_eq!(bench.status("copy-of-copy"), "available");
}

/// Rule: A clone that became a full copy is in the group, and no field tells (User Guide, Cloning)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn rule_1_5_no_field_tells_that_a_clone_became_a_full_copy() {
    let mut bench = Bench::with_source();
    for number in 1..=15 {
        bench.clone("orders", &format!("c{number}"), "");
    }
    bench.clone("orders", "c16", "");
    let sixteenth = bench.cluster("c16");
    let fifteenth = bench.cluster("c15");
    let elements =
        |xml: &str| xml.split('<').map(|part| part.split('>').next().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(elements(&sixteenth), elements(&fifteenth));
    assert_eq!(field(&sixteenth, "CloneGroupId"), field(&fifteenth, "CloneGroupId"));
}

/// Rule: A clone may be in another VPC and takes that VPC's default security group (User Guide, Cloning across VPCs)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn rule_1_5_a_clone_may_be_in_another_vpc() {
    let mut bench = Bench::with_source();
    let made = bench.ok(RESTORE, &clone_of_orders("copy", "DBSubnetGroupName=sandbox-isolated"));
    assert_eq!(field(&made, "DBSubnetGroup").as_deref(), Some("sandbox-isolated"));
    assert_eq!(field(&made, "VpcSecurityGroupId").as_deref(), Some("sg-0e5d4c3b2a1908f7e"));
}

/// Rule: The subnets of a clone reach at least two zones of its source; those of a full copy need not (User Guide, Cloning across VPCs)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn rule_1_5_subnets_of_a_clone_reach_two_zones_of_its_source() {
    let mut bench = Bench::with_source();
    let groups = &mut bench.account.surroundings.subnet_groups;
    groups.push(group("elsewhere", &["eu-west-1a", "eu-west-1d"]));
    groups.push(group("two-in-common", &["eu-west-1a", "eu-west-1b", "eu-west-1d"]));
    assert_eq!(
        bench.code(RESTORE, &clone_of_orders("copy", "DBSubnetGroupName=elsewhere")),
        Code::InvalidVpcNetworkState
    );
    assert_eq!(field(&bench.cluster("orders"), "CloneGroupId"), None, "a refusal leaves no trace");
    let full = "SourceDBClusterIdentifier=orders UseLatestRestorableTime=true DBSubnetGroupName=elsewhere";
    bench.ok(RESTORE, &format!("DBClusterIdentifier=full {full}"));
    bench.ok(RESTORE, &clone_of_orders("copy", "DBSubnetGroupName=two-in-common"));
    bench.pass(400);
    // Its instances live where both its storage and its subnets are.
    for (name, zone) in [("one", "eu-west-1a"), ("two", "eu-west-1b"), ("three", "eu-west-1a")] {
        bench.instance("copy", name);
        let seen = bench.ok("DescribeDBInstances", &format!("DBInstanceIdentifier={name}"));
        assert_eq!(field(&seen, "AvailabilityZone").as_deref(), Some(zone));
    }
    let wish = "DBInstanceIdentifier=four DBClusterIdentifier=copy Engine=aurora-mysql DBInstanceClass=db.r6g.large";
    for zone in ["eu-west-1c", "eu-west-1d"] {
        let code = bench.code("CreateDBInstance", &format!("{wish} AvailabilityZone={zone}"));
        assert_eq!(code, Code::InvalidParameterValue);
    }
}

/// Rule: Neptune and DocumentDB clusters are listed and can't be cloned as Aurora (API reference, DescribeDBClusters)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn rule_1_5_only_aurora_is_cloned() {
    let mut bench = Bench::with(FleetSpec::Demo);
    let clone = "DBClusterIdentifier=x SourceDBClusterIdentifier=fraud-graph-prod RestoreType=copy-on-write";
    assert_eq!(bench.code(RESTORE, clone), Code::NotImplemented);
}

/// Rule: A clone shows no parent; the group is a set (API reference, DBCluster.CloneGroupId)
/// Action: DescribeDBClusters
#[test]
fn rule_1_7_no_field_names_the_parent() {
    let mut bench = Bench::with_clone();
    let copy = bench.cluster("copy");
    assert!(!copy.contains("orders"), "{copy}");
    let group = field(&copy, "CloneGroupId").unwrap();
    let filter = format!("Filters.Filter.1.Name=clone-group-id Filters.Filter.1.Values.Value.1={group}");
    assert_eq!(count(&bench.ok("DescribeDBClusters", &filter), "DBCluster"), 2);
}

/// Rule: A clone whose source is gone keeps its group, and its copies join it (API reference, DBCluster.CloneGroupId)
/// Action: DeleteDBCluster
#[test]
fn rule_1_7_the_group_outlives_the_source() {
    let mut bench = Bench::with_clone();
    let group = field(&bench.cluster("copy"), "CloneGroupId");
    bench.ok("ModifyDBCluster", "DBClusterIdentifier=orders DeletionProtection=false");
    bench.ok("DeleteDBInstance", "DBInstanceIdentifier=orders-1");
    bench.ok("DeleteDBCluster", "DBClusterIdentifier=orders SkipFinalSnapshot=true");
    bench.pass(900);
    assert_eq!(field(&bench.cluster("copy"), "CloneGroupId"), group);
    let full = "DBClusterIdentifier=full SourceDBClusterIdentifier=copy UseLatestRestorableTime=true";
    assert_eq!(field(&bench.ok(RESTORE, full), "CloneGroupId"), group);
}

/// Rule: A new cluster's creation, and only its end, is an event (User Guide, Events)
/// Action: DescribeEvents
#[test]
fn rule_1_7_creation_and_deletion_are_events() {
    let mut bench = Bench::with_source();
    bench.clone("orders", "copy", "");
    let events = |bench: &mut Bench, kind: &str| {
        let wanted = format!("SourceType=db-cluster SourceIdentifier=copy EventCategories.EventCategory.1={kind}");
        count(&bench.ok("DescribeEvents", &wanted), "Event")
    };
    assert_eq!(events(&mut bench, "creation"), 0);
    bench.pass(400);
    assert_eq!(events(&mut bench, "creation"), 1);
    bench.ok("DeleteDBCluster", "DBClusterIdentifier=copy SkipFinalSnapshot=true");
    assert_eq!(events(&mut bench, "deletion"), 0);
    bench.pass(200);
    assert_eq!(events(&mut bench, "deletion"), 1);
}
