//! 1.1 Each parameter of RestoreDBClusterToPointInTime: what is legal, and what it becomes.

use rstest::rstest;

use super::{Bench, Code, RESTORE, clone_of_orders, field};

fn made_with(more: &str) -> String {
    Bench::with_source().ok(RESTORE, &clone_of_orders("copy", more))
}

fn refused_with(more: &str) -> Code {
    Bench::with_source().code(RESTORE, &clone_of_orders("copy", more))
}

/// Rule: Identifiers have 1 to 63 letters, digits and hyphens, begin with a letter, have no double and no last hyphen (API reference, DBClusterIdentifier)
/// Action: RestoreDBClusterToPointInTime
#[rstest]
#[case("1a")]
#[case("-a")]
#[case("a-")]
#[case("a--b")]
#[case("a_b")]
#[case("a.b")]
#[case("a1234567890123456789012345678901234567890123456789012345678901234")]
fn rule_1_1_identifiers_are_legal(#[case] id: &str) {
    let mut bench = Bench::with_source();
    assert_eq!(bench.code(RESTORE, &clone_of_orders(id, "")), Code::InvalidParameterValue);
}

/// Rule: Identifiers are stored in lower case (API reference, DBClusterIdentifier)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn rule_1_1_identifiers_are_stored_in_lower_case() {
    let mut bench = Bench::with_source();
    let made = bench.ok(RESTORE, &clone_of_orders("Copy-Of-ORDERS", ""));
    assert_eq!(field(&made, "DBClusterIdentifier").as_deref(), Some("copy-of-orders"));
    assert_eq!(bench.code(RESTORE, &clone_of_orders("COPY-of-orders", "")), Code::ClusterAlreadyExists);
}

/// Rule: What a request sends for a setting is what the clone gets (API reference, RestoreDBClusterToPointInTime)
/// Action: RestoreDBClusterToPointInTime
#[rstest]
#[case::port("Port=1150", "Port", "1150")]
#[case::port("Port=65535", "Port", "65535")]
#[case::subnet_group("DBSubnetGroupName=Shop-Private", "DBSubnetGroup", "shop-private")]
#[case::security_group("VpcSecurityGroupIds.VpcSecurityGroupId.1=sg-11111111", "VpcSecurityGroupId", "sg-11111111")]
#[case::parameter_group("DBClusterParameterGroupName=shop-mysql8-dev", "DBClusterParameterGroup", "shop-mysql8-dev")]
#[case::key("KmsKeyId=alias/mine", "KmsKeyId", "arn:aws:kms:eu-west-1:123456789012:alias/mine")]
#[case::iam("EnableIAMDatabaseAuthentication=true", "IAMDatabaseAuthenticationEnabled", "true")]
#[case::window("BacktrackWindow=259200", "BacktrackWindow", "259200")]
#[case::logs("EnableCloudwatchLogsExports.member.1=slowquery", "member", "slowquery")]
#[case::protection("DeletionProtection=true", "DeletionProtection", "true")]
#[case::copied_tags("CopyTagsToSnapshot=true", "CopyTagsToSnapshot", "true")]
#[case::storage("StorageType=aurora-iopt1", "StorageType", "aurora-iopt1")]
#[case::option_group("OptionGroupName=default:aurora-mysql-8-0", "Port", "3306")]
#[case::role(
    "AssociatedRoles.DBClusterAssociatedRole.1.RoleArn=arn:aws:iam::123456789012:role/s3",
    "RoleArn",
    "arn:aws:iam::123456789012:role/s3"
)]
#[case::lifecycle(
    "EngineLifecycleSupport=open-source-rds-extended-support-disabled",
    "EngineLifecycleSupport",
    "open-source-rds-extended-support-disabled"
)]
#[case::network("NetworkType=DUAL", "NetworkType", "DUAL")]
#[case::retention("BackupRetentionPeriod=35", "BackupRetentionPeriod", "35")]
#[case::backup("PreferredBackupWindow=05:00-05:30", "PreferredBackupWindow", "05:00-05:30")]
#[case::serverless(
    "ServerlessV2ScalingConfiguration.MinCapacity=0.5 ServerlessV2ScalingConfiguration.MaxCapacity=256",
    "MaxCapacity",
    "256"
)]
#[case::tag("Tags.Tag.1.Key=k Tags.Tag.1.Value=v", "Value", "v")]
fn rule_1_1_what_is_sent_is_what_the_clone_gets(#[case] sent: &str, #[case] name: &str, #[case] value: &str) {
    assert_eq!(field(&made_with(sent), name).as_deref(), Some(value));
}

/// Rule: What is not sent falls to the default, never to what the source has (API reference, RestoreDBClusterToPointInTime)
/// Action: RestoreDBClusterToPointInTime
#[rstest]
#[case::port("Port", "3306")]
#[case::subnet_group("DBSubnetGroup", "default")]
#[case::security_group("VpcSecurityGroupId", "sg-0d3fa01b7c9e84256")]
#[case::parameter_group("DBClusterParameterGroup", "default.aurora-mysql8.0")]
#[case::iam("IAMDatabaseAuthenticationEnabled", "false")]
#[case::window("BacktrackWindow", "0")]
#[case::protection("DeletionProtection", "false")]
#[case::copied_tags("CopyTagsToSnapshot", "false")]
#[case::network("NetworkType", "IPV4")]
#[case::lifecycle("EngineLifecycleSupport", "open-source-rds-extended-support")]
#[case::roles("AssociatedRoles", "")]
fn rule_1_1_what_is_not_sent_falls_to_the_default(#[case] name: &str, #[case] value: &str) {
    assert_eq!(field(&made_with(""), name).as_deref(), Some(value));
}

/// Rule: User, engine, version, database, key and backup retention come from the source (API reference, RestoreDBClusterToPointInTime)
/// Action: RestoreDBClusterToPointInTime
#[rstest]
#[case("MasterUsername")]
#[case("Engine")]
#[case("EngineVersion")]
#[case("KmsKeyId")]
#[case("StorageEncrypted")]
#[case("BackupRetentionPeriod")]
#[case("PreferredBackupWindow")]
fn rule_1_1_what_has_no_parameter_comes_from_the_source(#[case] name: &str) {
    let mut bench = Bench::with_source();
    let made = bench.ok(RESTORE, &clone_of_orders("copy", ""));
    assert!(field(&made, name).is_some());
    assert_eq!(field(&made, name), field(&bench.cluster("orders"), name));
}

/// Rule: Each parameter out of its range is refused with the code of its error (API reference, RestoreDBClusterToPointInTime)
/// Action: RestoreDBClusterToPointInTime
#[rstest]
#[case::port("Port=1149", Code::InvalidParameterValue)]
#[case::port("Port=65536", Code::InvalidParameterValue)]
#[case::window("BacktrackWindow=259201", Code::InvalidParameterValue)]
#[case::window("BacktrackWindow=-1", Code::InvalidParameterValue)]
#[case::retention("BackupRetentionPeriod=0", Code::InvalidParameterValue)]
#[case::retention("BackupRetentionPeriod=36", Code::InvalidParameterValue)]
#[case::storage("StorageType=gp3", Code::StorageTypeNotSupported)]
#[case::storage("StorageType=paper", Code::InvalidParameterValue)]
#[case::network("NetworkType=IPV6", Code::NetworkTypeNotSupported)]
#[case::option_group("OptionGroupName=mine", Code::OptionGroupNotFound)]
#[case::key("KmsKeyId=arn:aws:kms:us-east-1:123456789012:key/x", Code::KeyNotAccessible)]
#[case::role("AssociatedRoles.DBClusterAssociatedRole.1.RoleArn=admin", Code::InvalidParameterValue)]
#[case::role("AssociatedRoles.DBClusterAssociatedRole.1.FeatureName=Lambda", Code::MissingParameter)]
#[case::lifecycle("EngineLifecycleSupport=forever", Code::InvalidParameterValue)]
#[case::backup_tags("TagSpecifications.item.1.ResourceType=og", Code::InvalidParameterValue)]
#[case::subnet_group("DBSubnetGroupName=nowhere", Code::SubnetGroupNotFound)]
#[case::parameter_group("DBClusterParameterGroupName=nothing", Code::ClusterParameterGroupNotFound)]
#[case::logs("EnableCloudwatchLogsExports.member.1=postgresql", Code::InvalidParameterCombination)]
#[case::directory("Domain=d-1234567890", Code::DomainNotFound)]
#[case::switch("DeletionProtection=yes", Code::InvalidParameterValue)]
#[case::tag("Tags.Tag.1.Key=aws:mine", Code::InvalidParameterValue)]
fn rule_1_1_what_is_out_of_range_is_refused(#[case] sent: &str, #[case] code: Code) {
    assert_eq!(refused_with(sent), code);
}

/// Rule: What only Limitless or Multi-AZ clusters take is refused (API reference, RestoreDBClusterToPointInTime)
/// Action: RestoreDBClusterToPointInTime
#[rstest]
#[case("EnablePerformanceInsights=true")]
#[case("MonitoringInterval=60")]
#[case("DBClusterInstanceClass=db.r6gd.large")]
#[case("Iops=1000")]
#[case("PubliclyAccessible=true")]
#[case("ScalingConfiguration.MinCapacity=1")]
#[case("RdsCustomClusterConfiguration.ReplicaMode=mounted")]
#[case("EnableVPCNetworking=false EnableInternetAccessGateway=true EnableIAMDatabaseAuthentication=true")]
fn rule_1_1_what_aurora_does_not_take_is_refused(#[case] sent: &str) {
    assert_eq!(refused_with(sent), Code::InvalidParameterCombination);
}

/// Rule: A capacity range goes in half steps from 0 or 0.5 to 256 (API reference, ServerlessV2ScalingConfiguration)
/// Action: RestoreDBClusterToPointInTime
#[rstest]
#[case("0.3", "4")]
#[case("0.5", "256.5")]
#[case("8", "4")]
#[case("-0.5", "4")]
#[case("0", "0.5")]
fn rule_1_1_capacities_go_in_half_steps(#[case] least: &str, #[case] most: &str) {
    let base = "ServerlessV2ScalingConfiguration";
    assert_eq!(
        refused_with(&format!("{base}.MinCapacity={least} {base}.MaxCapacity={most}")),
        Code::InvalidParameterValue
    );
}

/// Rule: A source is named by its identifier or, never for a clone, by the resource id of its backups (API reference, SourceDbClusterResourceId)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn rule_1_1_a_source_is_named_once() {
    let mut bench = Bench::with_source();
    let id = field(&bench.cluster("orders"), "DbClusterResourceId").unwrap();
    let full = "DBClusterIdentifier=copy UseLatestRestorableTime=true";
    let by = format!("SourceDbClusterResourceId={id}");
    assert_eq!(
        bench.code(RESTORE, &format!("{full} SourceDBClusterIdentifier=orders {by}")),
        Code::InvalidParameterCombination
    );
    assert_eq!(
        bench.code(RESTORE, &format!("{full} {by} RestoreType=copy-on-write")),
        Code::InvalidParameterCombination
    );
    assert_eq!(
        bench.code(RESTORE, &format!("{full} SourceDbClusterResourceId=cluster-GONE")),
        Code::ClusterAutomatedBackupNotFound
    );
    assert_eq!(bench.code(RESTORE, full), Code::MissingParameter);
    bench.ok(RESTORE, &format!("{full} {by}"));
}

/// Rule: A new clone is creating, has no members, has its endpoints, a resource id and a group of its own (API reference, DBCluster)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn rule_1_2_the_answer_describes_a_cluster_without_instances() {
    let mut bench = Bench::with_source();
    let made = bench.ok(RESTORE, &clone_of_orders("copy", ""));
    assert_eq!(field(&made, "Status").as_deref(), Some("creating"));
    assert_eq!(field(&made, "DBClusterMembers").as_deref(), Some(""));
    assert!(field(&made, "Endpoint").unwrap().starts_with("copy.cluster-"));
    assert!(field(&made, "ReaderEndpoint").unwrap().starts_with("copy.cluster-ro-"));
    assert!(field(&made, "DbClusterResourceId").unwrap().starts_with("cluster-"));
    assert_eq!(field(&made, "DBClusterArn").as_deref(), Some("arn:aws:rds:eu-west-1:123456789012:cluster:copy"));
    assert!(field(&made, "CloneGroupId").is_some() && field(&made, "ClusterCreateTime").is_some());
}
