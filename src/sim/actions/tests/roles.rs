//! Roles, Extended Support, tags of automated backups, and what a new cluster may name that is not there.

use super::{Bench, Code, RESTORE, count, field};
use crate::sim::FleetSpec;

const ROLE: &str = "arn:aws:iam::123456789012:role/aurora";
const NEW: &str = "MasterUsername=admin MasterUserPassword=secret-enough";

/// Rule: a role is pending at first, then active, and a clone has none of its source's (API reference, DBClusterRole; assumption)
/// Action: AddRoleToDBCluster
#[test]
fn a_role_becomes_active_and_is_not_cloned() {
    let mut bench = Bench::with_source();
    bench.ok("AddRoleToDBCluster", &format!("DBClusterIdentifier=orders RoleArn={ROLE}"));
    let status =
        |bench: &mut Bench| bench.cluster("orders").split_once("<RoleArn>").map(|(_, rest)| field(rest, "Status"));
    assert_eq!(status(&mut bench), Some(Some("PENDING".into())));
    bench.pass(300);
    assert_eq!(status(&mut bench), Some(Some("ACTIVE".into())));
    assert_eq!(count(&bench.clone("orders", "copy", ""), "DBClusterRole"), 0);
}

/// Rule: a role that is there twice, not there, or one too many is refused; a role may serve several features (API reference, AddRoleToDBCluster and RemoveRoleFromDBCluster; User Guide, Quotas)
/// Action: AddRoleToDBCluster, RemoveRoleFromDBCluster
#[test]
fn roles_are_counted_and_told_apart() {
    let mut bench = Bench::with_source();
    let of = |name: &str| format!("DBClusterIdentifier=orders RoleArn={ROLE}{name}");
    bench.ok("AddRoleToDBCluster", &of(""));
    assert_eq!(bench.code("AddRoleToDBCluster", &of("")), Code::RoleAlreadyExists);
    bench.ok("AddRoleToDBCluster", &format!("{} FeatureName=Lambda", of("")));
    assert_eq!(bench.code("RemoveRoleFromDBCluster", &of("-2")), Code::RoleNotFound);
    bench.ok("RemoveRoleFromDBCluster", &of(""));
    assert_eq!(count(&bench.cluster("orders"), "DBClusterRole"), 1);
    for number in 2..=5 {
        bench.ok("AddRoleToDBCluster", &of(&format!("-{number}")));
    }
    assert_eq!(bench.code("AddRoleToDBCluster", &of("-6")), Code::RoleQuotaExceeded);
    bench.ok("StopDBCluster", "DBClusterIdentifier=orders");
    assert_eq!(bench.code("RemoveRoleFromDBCluster", &of("-2")), Code::InvalidClusterState);
}

/// Rule: a clone has the roles of its request, at most five, pending while it is created (API reference, RestoreDBClusterToPointInTime, AssociatedRoles)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn a_clone_has_the_roles_of_its_request() {
    let mut bench = Bench::with_source();
    let roles = |most: usize| {
        let one = |n: usize| format!("AssociatedRoles.DBClusterAssociatedRole.{n}.RoleArn={ROLE}-{n}");
        (1..=most).map(one).collect::<Vec<_>>().join(" ")
    };
    let made = bench.clone("orders", "copy", &roles(5));
    assert_eq!((count(&made, "DBClusterRole"), made.contains("PENDING")), (5, true));
    bench.pass(400);
    assert!(!bench.cluster("copy").contains("PENDING"));
    let six = format!("DBClusterIdentifier=x SourceDBClusterIdentifier=orders RestoreType=copy-on-write {}", roles(6));
    assert_eq!(bench.code(RESTORE, &six), Code::RoleQuotaExceeded);
}

/// Rule: without Extended Support a copy of a version that has ended is upgraded, and a new cluster of it is refused (API reference, EngineLifecycleSupport)
/// Action: RestoreDBClusterToPointInTime, CreateDBCluster
#[test]
fn versions_that_ended_are_upgraded_without_extended_support() {
    let mut bench = Bench::empty();
    let old = "Engine=aurora-mysql EngineVersion=5.7.mysql_aurora.2.11.5";
    let declined = "EngineLifecycleSupport=open-source-rds-extended-support-disabled";
    let refused = bench.code("CreateDBCluster", &format!("DBClusterIdentifier=old {old} {NEW} {declined}"));
    assert_eq!(refused, Code::InvalidParameterCombination);
    bench.ok("CreateDBCluster", &format!("DBClusterIdentifier=old {old} {NEW}"));
    bench.pass(300);
    let full = "SourceDBClusterIdentifier=old UseLatestRestorableTime=true";
    let same = bench.ok(RESTORE, &format!("DBClusterIdentifier=same {full}"));
    assert_eq!(field(&same, "EngineVersion").as_deref(), Some("5.7.mysql_aurora.2.11.5"));
    let higher = bench.ok(RESTORE, &format!("DBClusterIdentifier=higher {full} {declined}"));
    assert!(field(&higher, "EngineVersion").unwrap().starts_with("8.0."));
    assert_eq!(field(&higher, "DBClusterParameterGroup").as_deref(), Some("default.aurora-mysql8.0"));
}

/// Rule: each cluster has an automated backup, from when its restore is done; TagSpecifications tags it (API reference, DescribeDBClusterAutomatedBackups and TagSpecifications)
/// Action: DescribeDBClusterAutomatedBackups, RestoreDBClusterToPointInTime
#[test]
fn automated_backups_have_tags_of_their_own() {
    let mut bench = Bench::with_source();
    let item = "TagSpecifications.item.1";
    let tags =
        format!("{item}.ResourceType=cluster-auto-backup {item}.Tags.Tag.1.Key=kept {item}.Tags.Tag.1.Value=long");
    let made = bench.clone("orders", "copy", &tags);
    assert!(!made.contains("kept"), "the cluster's own tags are others");
    let ask = "DescribeDBClusterAutomatedBackups";
    assert_eq!(bench.code(ask, "DBClusterIdentifier=copy"), Code::ClusterAutomatedBackupNotFound);
    bench.pass(400);
    let seen = bench.ok(ask, "DBClusterIdentifier=copy");
    assert_eq!((field(&seen, "Key").as_deref(), field(&seen, "Value").as_deref()), (Some("kept"), Some("long")));
    let range = field(&seen, "EarliestTime");
    assert!(range.is_some());
    assert_eq!(range, field(&bench.cluster("copy"), "EarliestRestorableTime"));
    let retained = "Filters.Filter.1.Name=status Filters.Filter.1.Values.Value.1=retained";
    assert_eq!(count(&bench.ok(ask, retained), "DBClusterAutomatedBackup"), 0);
    assert_eq!(count(&bench.ok(ask, ""), "DBClusterAutomatedBackup"), 2);
    let id = field(&bench.cluster("orders"), "DbClusterResourceId").unwrap();
    assert!(bench.ok(ask, &format!("DbClusterResourceId={id}")).contains("<DBClusterIdentifier>orders<"));
}

/// Rule: an internet access gateway is for Aurora PostgreSQL, instead of a VPC and with IAM authentication (API reference, EnableInternetAccessGateway)
/// Action: RestoreDBClusterToPointInTime
#[rstest::rstest]
#[case::whole(
    "EnableVPCNetworking=false EnableInternetAccessGateway=true EnableIAMDatabaseAuthentication=true",
    Some(true)
)]
#[case::a_vpc(
    "EnableVPCNetworking=true EnableInternetAccessGateway=false EnableIAMDatabaseAuthentication=true",
    Some(false)
)]
#[case::neither("", Some(false))]
#[case::alone("EnableVPCNetworking=false EnableIAMDatabaseAuthentication=true", None)]
#[case::both("EnableVPCNetworking=true EnableInternetAccessGateway=true EnableIAMDatabaseAuthentication=true", None)]
#[case::without_iam("EnableVPCNetworking=false EnableInternetAccessGateway=true", None)]
fn the_internet_instead_of_a_vpc(#[case] sent: &str, #[case] internet: Option<bool>) {
    let mut bench = Bench::empty();
    bench.ok("CreateDBCluster", &format!("DBClusterIdentifier=orders Engine=aurora-postgresql {NEW}"));
    bench.pass(300);
    let made = bench.call(
        RESTORE,
        &format!("DBClusterIdentifier=copy SourceDBClusterIdentifier=orders UseLatestRestorableTime=true {sent}"),
    );
    match internet {
        None => assert_eq!(made.unwrap_err().code, Code::InvalidParameterCombination),
        Some(on) => assert_eq!(made.unwrap().contains("<InternetAccessGatewayEnabled>true<"), on),
    }
}

/// Rule: what a new cluster is to replicate has to be there and available (API reference, CreateDBCluster, ReplicationSourceIdentifier and GlobalClusterIdentifier)
/// Action: CreateDBCluster
#[rstest::rstest]
#[case("GlobalClusterIdentifier=world", Code::GlobalClusterNotFound)]
#[case("ReplicationSourceIdentifier=nope", Code::ClusterNotFound)]
#[case("ReplicationSourceIdentifier=arn:aws:rds:eu-west-1:123456789012:db:nope", Code::InstanceNotFound)]
#[case("ReplicationSourceIdentifier=search-dev", Code::InvalidClusterState)]
#[case("ReplicationSourceIdentifier=orders-prod", Code::NotImplemented)]
#[case("Domain=d-1234567890", Code::DomainNotFound)]
#[case("Iops=3000", Code::InvalidParameterCombination)]
fn what_a_new_cluster_names_is_there(#[case] sent: &str, #[case] code: Code) {
    let mut bench = Bench::with(FleetSpec::Demo);
    assert_eq!(bench.code("CreateDBCluster", &format!("DBClusterIdentifier=x Engine=aurora-mysql {NEW} {sent}")), code);
}

/// Rule: a snapshot of an instance is named by its ARN, and there is none (API reference, RestoreDBClusterFromSnapshot, SnapshotIdentifier)
/// Action: RestoreDBClusterFromSnapshot
#[test]
fn snapshots_of_instances_are_not_there() {
    let mut bench = Bench::empty();
    let arn = "arn:aws:rds:eu-west-1:123456789012:snapshot:old";
    let asked = format!("DBClusterIdentifier=x Engine=aurora-mysql SnapshotIdentifier={arn}");
    assert_eq!(bench.code("RestoreDBClusterFromSnapshot", &asked), Code::SnapshotNotFound);
}

/// Rule: where Backtrack is not offered no cluster has a window, not even one of the fleet (User Guide, Backtracking: Region availability)
/// Action: CreateDBCluster, DescribeDBClusters
#[test]
fn some_regions_have_no_backtrack() {
    let mut bench = Bench::in_region("eu-north-1", FleetSpec::Demo);
    let all = bench.ok("DescribeDBClusters", "");
    assert!(all.contains("arn:aws:rds:eu-north-1:123456789012:cluster:orders-prod") && !all.contains("eu-west-1"));
    assert_eq!(count(&all, "EarliestBacktrackTime"), 0);
    let new = format!("DBClusterIdentifier=x Engine=aurora-mysql {NEW}");
    assert_eq!(
        bench.code("CreateDBCluster", &format!("{new} BacktrackWindow=3600")),
        Code::InvalidParameterCombination
    );
    bench.ok("CreateDBCluster", &new);
}

/// Rule: storage is in three zones, those of the request before those of the subnets; a clone's are its source's (API reference, CreateDBCluster, AvailabilityZones; User Guide, Cloning across VPCs)
/// Action: CreateDBCluster, RestoreDBClusterToPointInTime
#[test]
fn storage_is_in_three_zones() {
    let mut bench = Bench::in_region("us-east-1", FleetSpec::Empty);
    let zones = |seen: &str| -> Vec<String> {
        seen.split("<AvailabilityZone>").skip(1).map(|rest| rest[9..10].to_owned()).take(3).collect()
    };
    let new = format!("Engine=aurora-mysql {NEW} DBClusterIdentifier");
    assert_eq!(zones(&bench.ok("CreateDBCluster", &format!("{new}=plain"))), ["a", "b", "c"]);
    let sent = "AvailabilityZones.AvailabilityZone.1=us-east-1f AvailabilityZones.AvailabilityZone.2=us-east-1b";
    assert_eq!(zones(&bench.ok("CreateDBCluster", &format!("{new}=far {sent}"))), ["a", "b", "f"]);
    let nowhere = "AvailabilityZones.AvailabilityZone.1=eu-west-1a";
    assert_eq!(bench.code("CreateDBCluster", &format!("{new}=x {nowhere}")), Code::InvalidParameterValue);
    bench.pass(300);
    bench.instance("far", "far-1");
    assert_eq!(zones(&bench.clone("far", "copy", "")), ["a", "b", "f"]);
}
