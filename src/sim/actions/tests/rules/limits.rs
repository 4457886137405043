//! 1.4 Instances, and 3.4 quotas.

use rstest::rstest;

use super::{Bench, Code, FleetSpec, RESTORE, clone_of_orders, field};

const CREATE: &str = "CreateDBInstance";
const BASE: &str = "DBInstanceIdentifier=new DBClusterIdentifier=copy Engine=aurora-mysql DBInstanceClass=db.r6g.large";

/// Rule: What is sent for an instance is what it has (API reference, CreateDBInstance)
/// Action: CreateDBInstance
#[rstest]
#[case::class("", "DBInstanceClass", "db.r6g.large")]
#[case::zone("AvailabilityZone=eu-west-1c", "AvailabilityZone", "eu-west-1c")]
#[case::tier("PromotionTier=0", "PromotionTier", "0")]
#[case::public("PubliclyAccessible=true", "PubliclyAccessible", "true")]
#[case::upgrades("AutoMinorVersionUpgrade=false", "AutoMinorVersionUpgrade", "false")]
#[case::monitored(
    "MonitoringInterval=15 MonitoringRoleArn=arn:aws:iam::123456789012:role/m",
    "MonitoringInterval",
    "15"
)]
#[case::insights("EnablePerformanceInsights=true", "PerformanceInsightsEnabled", "true")]
#[case::certificate("CACertificateIdentifier=rds-ca-ecc384-g1", "CACertificateIdentifier", "rds-ca-ecc384-g1")]
#[case::maintenance(
    "PreferredMaintenanceWindow=mon:01:00-mon:01:30",
    "PreferredMaintenanceWindow",
    "mon:01:00-mon:01:30"
)]
#[case::same_version("EngineVersion=8.0.mysql_aurora.3.08.2", "EngineVersion", "8.0.mysql_aurora.3.08.2")]
fn rule_1_4_what_is_sent_is_what_the_instance_has(#[case] sent: &str, #[case] name: &str, #[case] value: &str) {
    let mut bench = Bench::with_clone();
    assert_eq!(field(&bench.ok(CREATE, &format!("{BASE} {sent}")), name).as_deref(), Some(value));
}

/// Rule: What is not sent for an instance falls to the default: tier 1, the engine's parameter group, not public, no tags (API reference, CreateDBInstance)
/// Action: CreateDBInstance
#[rstest]
#[case("PromotionTier", "1")]
#[case("DBParameterGroupName", "default.aurora-mysql8.0")]
#[case("PubliclyAccessible", "false")]
#[case("AutoMinorVersionUpgrade", "true")]
#[case("MonitoringInterval", "0")]
#[case("CACertificateIdentifier", "rds-ca-rsa2048-g1")]
#[case("TagList", "")]
fn rule_1_4_what_is_not_sent_falls_to_the_default(#[case] name: &str, #[case] value: &str) {
    let mut bench = Bench::with_clone();
    assert_eq!(field(&bench.ok(CREATE, BASE), name).as_deref(), Some(value));
}

/// Rule: What the cluster manages can't be sent for an instance (API reference, CreateDBInstance)
/// Action: CreateDBInstance
#[rstest]
#[case("AllocatedStorage=100")]
#[case("BackupRetentionPeriod=7")]
#[case("DBName=shop")]
#[case("DeletionProtection=true")]
#[case("EnableCloudwatchLogsExports.member.1=error")]
#[case("EnableIAMDatabaseAuthentication=true")]
#[case("KmsKeyId=k")]
#[case("MasterUsername=admin")]
#[case("MultiAZ=true")]
#[case("PreferredBackupWindow=05:00-05:30")]
#[case("StorageType=aurora")]
#[case("VpcSecurityGroupIds.VpcSecurityGroupId.1=sg-11111111")]
fn rule_1_4_what_the_cluster_manages_is_refused(#[case] sent: &str) {
    assert_eq!(Bench::with_clone().code(CREATE, &format!("{BASE} {sent}")), Code::InvalidParameterCombination);
}

/// Rule: An instance has the version and the subnet group of its cluster, and a known certificate authority (API reference, CreateDBInstance)
/// Action: CreateDBInstance
#[rstest]
#[case("EngineVersion=8.0.mysql_aurora.3.04.0", Code::InvalidParameterCombination)]
#[case("DBSubnetGroupName=shop-private", Code::InvalidParameterCombination)]
#[case("CACertificateIdentifier=rds-ca-2019", Code::CertificateNotFound)]
fn rule_1_4_an_instance_fits_its_cluster(#[case] sent: &str, #[case] code: Code) {
    assert_eq!(Bench::with_clone().code(CREATE, &format!("{BASE} {sent}")), code);
}

/// Rule: The API makes no instance by itself (User Guide, Cloning)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn rule_1_4_a_clone_comes_without_instances() {
    let mut bench = Bench::with_source();
    bench.ok(RESTORE, &clone_of_orders("copy", ""));
    bench.pass(3600);
    assert_eq!(field(&bench.cluster("copy"), "DBClusterMembers").as_deref(), Some(""));
}

/// Rule: An account has room for 40 instances (User Guide, Quotas)
/// Action: CreateDBInstance
#[test]
fn rule_3_4_an_account_has_room_for_forty_instances() {
    let mut bench = Bench::with_source();
    for cluster in ["a", "b"] {
        bench.clone("orders", cluster, "");
    }
    bench.pass(400);
    let create = |cluster: &str, number: usize| {
        format!(
            "DBInstanceIdentifier={cluster}-{number} DBClusterIdentifier={cluster} Engine=aurora-mysql DBInstanceClass=db.r6g.large"
        )
    };
    for number in 2..=16 {
        bench.ok(CREATE, &create("orders", number));
    }
    for number in 1..=16 {
        bench.ok(CREATE, &create("a", number));
    }
    for number in 1..=8 {
        bench.ok(CREATE, &create("b", number));
    }
    assert_eq!(bench.code(CREATE, &create("b", 9)), Code::InstanceQuotaExceeded);
}

/// Rule: A fleet of any size leaves room for 40 clusters more (User Guide, Quotas, which can be raised)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn rule_3_4_a_big_fleet_leaves_room_for_forty_more() {
    let mut bench = Bench::with(FleetSpec::Count(100));
    let source = bench.account.clusters(None).find(|one| one.clone_group.is_none()).unwrap().id.clone();
    for number in 0..40 {
        bench.clone(&source, &format!("more-{number}"), "");
    }
    let one_more = format!("DBClusterIdentifier=x SourceDBClusterIdentifier={source} RestoreType=copy-on-write");
    assert_eq!(bench.code(RESTORE, &one_more), Code::ClusterQuotaExceeded);
}
