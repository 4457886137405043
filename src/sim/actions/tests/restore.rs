//! Clones and full copies.

use super::{Bench, Code, RESTORE, count, field};

/// Rule: Port, parameter group, security group, subnet group, IAM authentication, log exports, protection and backtrack window fall to defaults; user, version, encryption and retention come from the source (API reference, RestoreDBClusterToPointInTime)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn a_clone_falls_to_defaults_and_not_to_its_source() {
    let mut bench = Bench::with_source();
    let made = bench.clone("orders", "Copy", "");
    for (name, value) in [
        ("DBClusterIdentifier", "copy"),
        ("Status", "creating"),
        ("Port", "3306"),
        ("DBClusterParameterGroup", "default.aurora-mysql8.0"),
        ("DBSubnetGroup", "default"),
        ("VpcSecurityGroupId", "sg-0d3fa01b7c9e84256"),
        ("IAMDatabaseAuthenticationEnabled", "false"),
        ("DeletionProtection", "false"),
        ("BacktrackWindow", "0"),
        // These do come from the source.
        ("BackupRetentionPeriod", "14"),
        ("MasterUsername", "admin"),
        ("StorageEncrypted", "true"),
    ] {
        assert_eq!(field(&made, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(count(&made, "EnabledCloudwatchLogsExports"), 0);
    assert_eq!(count(&made, "DBClusterMember"), 0);
    assert_ne!(field(&made, "DbClusterResourceId"), field(&bench.cluster("orders"), "DbClusterResourceId"));
}

/// Rule: What the request sends is what the clone has; the source may be named by ARN in any case (API reference, RestoreDBClusterToPointInTime)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn what_a_request_sends_is_taken() {
    let mut bench = Bench::with_source();
    let made = bench.clone(
        "arn:aws:rds:eu-west-1:123456789012:cluster:ORDERS",
        "copy",
        "Port=4000 DBClusterParameterGroupName=shop-mysql8-dev DBSubnetGroupName=sandbox-isolated BacktrackWindow=600 \
         VpcSecurityGroupIds.VpcSecurityGroupId.1=sg-11111111 DeletionProtection=true",
    );
    for (name, value) in [
        ("Port", "4000"),
        ("DBClusterParameterGroup", "shop-mysql8-dev"),
        ("DBSubnetGroup", "sandbox-isolated"),
        ("VpcSecurityGroupId", "sg-11111111"),
        ("BacktrackWindow", "600"),
        ("DeletionProtection", "true"),
    ] {
        assert_eq!(field(&made, name).as_deref(), Some(value), "{name}");
    }
}

/// Rule: RestoreToTime goes neither with copy-on-write nor with UseLatestRestorableTime; a full copy needs one of the two, within the restorable range (API reference, RestoreToTime)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn the_kind_of_copy_decides_about_the_time() {
    let mut bench = Bench::with_source();
    bench.pass(7200);
    let past = bench.ago(3600).to_string();
    let time = format!("RestoreToTime={past}");
    for (parameters, code) in [
        (format!("RestoreType=copy-on-write {time}"), Code::InvalidParameterCombination),
        (format!("{time} UseLatestRestorableTime=true"), Code::InvalidParameterCombination),
        (String::new(), Code::InvalidParameterCombination),
        ("UseLatestRestorableTime=false".to_owned(), Code::InvalidParameterCombination),
        ("RestoreType=clone UseLatestRestorableTime=true".to_owned(), Code::InvalidParameterValue),
        (format!("RestoreToTime={}", bench.ago(-60)), Code::InvalidParameterValue),
        (format!("RestoreToTime={}", bench.ago(90_000)), Code::InvalidParameterValue),
    ] {
        let base = "DBClusterIdentifier=copy SourceDBClusterIdentifier=orders";
        assert_eq!(bench.code(RESTORE, &format!("{base} {parameters}")), code, "{parameters}");
    }
    bench.ok(RESTORE, &format!("DBClusterIdentifier=copy SourceDBClusterIdentifier=orders {time}"));
}

/// Rule: Without RestoreType it is a full copy, which takes long (API reference, RestoreType)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn without_a_restore_type_it_is_a_slow_full_copy() {
    let mut bench = Bench::with_source();
    bench.clone("orders", "quick", "");
    let full = "UseLatestRestorableTime=true";
    bench.ok(RESTORE, &format!("DBClusterIdentifier=slow SourceDBClusterIdentifier=orders {full}"));
    bench.pass(600);
    assert_eq!((bench.status("quick").as_str(), bench.status("slow").as_str()), ("available", "creating"));
    bench.pass(4200);
    assert_eq!(bench.status("slow"), "available");
}

/// Rule: A source must be available and have at least one instance (User Guide, Cloning)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn a_source_must_be_available_and_have_an_instance() {
    let mut bench = Bench::empty();
    let new = "DBClusterIdentifier=a Engine=aurora-mysql MasterUsername=admin MasterUserPassword=secret-enough";
    bench.ok("CreateDBCluster", new);
    let clone = "DBClusterIdentifier=b SourceDBClusterIdentifier=a RestoreType=copy-on-write";
    assert_eq!(bench.code(RESTORE, clone), Code::InvalidClusterState);
    bench.pass(120);
    assert_eq!(bench.code(RESTORE, clone), Code::InvalidClusterState);
    bench.instance("a", "a-1");
    bench.ok(RESTORE, clone);
    assert_eq!(
        bench.code(RESTORE, "DBClusterIdentifier=c SourceDBClusterIdentifier=x RestoreType=copy-on-write"),
        Code::ClusterNotFound
    );
}

/// Rule: A copy has a backtrack window only if its source has one; 0 to 259200 seconds (User Guide, Backtracking)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn a_window_needs_a_source_with_a_window() {
    let mut bench = Bench::with_source();
    bench.clone("orders", "without", "");
    bench.pass(400);
    bench.instance("without", "without-1");
    let clone = "DBClusterIdentifier=b SourceDBClusterIdentifier=without RestoreType=copy-on-write";
    let (code, message) = bench.refused(RESTORE, &format!("{clone} BacktrackWindow=3600"));
    assert_eq!(code, Code::InvalidParameterCombination);
    assert_eq!(message, "Backtrack cannot currently be enabled for this cluster");
    assert_eq!(bench.code(RESTORE, &format!("{clone} BacktrackWindow=259201")), Code::InvalidParameterValue);
    bench.ok(RESTORE, &format!("{clone} BacktrackWindow=0"));
}

/// Rule: CloneGroupId appears with the first clone on both, stays when the clone goes, and full copies inherit it (API reference, DBCluster.CloneGroupId)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn the_clone_group_appears_with_the_first_clone_and_stays() {
    let mut bench = Bench::with_source();
    let full = "SourceDBClusterIdentifier=orders UseLatestRestorableTime=true";
    let early = bench.ok(RESTORE, &format!("DBClusterIdentifier=early {full}"));
    assert_eq!(field(&early, "CloneGroupId"), None);
    let group = field(&bench.clone("orders", "copy", ""), "CloneGroupId");
    assert!(group.is_some());
    assert_eq!(field(&bench.cluster("orders"), "CloneGroupId"), group);
    let late = bench.ok(RESTORE, &format!("DBClusterIdentifier=late {full}"));
    assert_eq!(field(&late, "CloneGroupId"), group);
    bench.pass(400);
    bench.ok("DeleteDBCluster", "DBClusterIdentifier=copy SkipFinalSnapshot=true");
    bench.pass(400);
    assert_eq!(bench.code("DescribeDBClusters", "DBClusterIdentifier=copy"), Code::ClusterNotFound);
    assert_eq!(field(&bench.cluster("orders"), "CloneGroupId"), group);
}

/// Rule: The sixteenth clone is silently a full copy that takes long (User Guide, Cloning)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn rule_1_5_sixteenth_clone_is_a_full_copy() {
    let mut bench = Bench::with_source();
    for number in 1..=16 {
        bench.clone("orders", &format!("c{number}"), "");
    }
    bench.pass(600);
    assert_eq!((bench.status("c15").as_str(), bench.status("c16").as_str()), ("available", "creating"));
    // A place becomes free when a clone goes.
    bench.ok("DeleteDBCluster", "DBClusterIdentifier=c1 SkipFinalSnapshot=true");
    bench.pass(200);
    bench.clone("orders", "c17", "");
    bench.pass(400);
    assert_eq!(bench.status("c17"), "available");
}

/// Rule: Tags that are not sent are inherited from the source; those that are sent replace them (User Guide, Point-in-time restore)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn tags_are_inherited_unless_some_are_sent() {
    let mut bench = Bench::with_source();
    let inherited = bench.clone("orders", "a", "");
    assert!(inherited.contains("<Tag><Key>team</Key><Value>checkout</Value></Tag>"));
    let own = bench.clone("orders", "b", "Tags.Tag.1.Key=mine Tags.Tag.1.Value=yes");
    assert!(own.contains("<Key>mine</Key>") && !own.contains("<Key>team</Key>"));
}

/// Rule: A name is held until its cluster is gone (API reference, DBClusterAlreadyExistsFault)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn a_name_is_held_until_its_cluster_is_gone() {
    let mut bench = Bench::with_source();
    bench.clone("orders", "copy", "");
    let again = "DBClusterIdentifier=COPY SourceDBClusterIdentifier=orders RestoreType=copy-on-write";
    assert_eq!(bench.code(RESTORE, again), Code::ClusterAlreadyExists);
    bench.pass(400);
    bench.ok("DeleteDBCluster", "DBClusterIdentifier=copy SkipFinalSnapshot=true");
    assert_eq!(bench.status("copy"), "deleting");
    assert_eq!(bench.code(RESTORE, again), Code::ClusterAlreadyExists);
    bench.pass(200);
    bench.ok(RESTORE, again);
}

/// Rule: EarliestRestorableTime and LatestRestorableTime are absent until the restore is done; the latest is within five minutes of now (User Guide, Backups)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn restorable_times_are_absent_until_the_restore_is_done() {
    let mut bench = Bench::with_source();
    let made = bench.clone("orders", "copy", "");
    assert_eq!(count(&made, "EarliestRestorableTime") + count(&made, "LatestRestorableTime"), 0);
    bench.pass(3600);
    let latest = field(&bench.cluster("copy"), "LatestRestorableTime").unwrap();
    let latest: jiff::Timestamp = latest.parse().unwrap();
    let behind = bench.clock.now().duration_since(latest).as_secs();
    assert!((0..300).contains(&behind), "{behind}");
}

/// Rule: Each missing or unknown thing has its own error, and leaves no trace (API reference, RestoreDBClusterToPointInTime)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn missing_and_unknown_things_have_their_own_errors() {
    let mut bench = Bench::with_source();
    let clone = "SourceDBClusterIdentifier=orders RestoreType=copy-on-write";
    for (parameters, code) in [
        ("", Code::MissingParameter),
        ("DBClusterIdentifier=a--b", Code::InvalidParameterValue),
        ("DBClusterIdentifier=a Port=80", Code::InvalidParameterValue),
        ("DBClusterIdentifier=a DBSubnetGroupName=nowhere", Code::SubnetGroupNotFound),
        ("DBClusterIdentifier=a DBClusterParameterGroupName=nothing", Code::ClusterParameterGroupNotFound),
        ("DBClusterIdentifier=a VpcSecurityGroupIds.VpcSecurityGroupId.1=web", Code::InvalidParameterValue),
        ("DBClusterIdentifier=a EnableCloudwatchLogsExports.member.1=postgresql", Code::InvalidParameterCombination),
        ("DBClusterIdentifier=a MonitoringInterval=60", Code::InvalidParameterCombination),
        ("DBClusterIdentifier=a Domain=d-1", Code::DomainNotFound),
        ("DBClusterIdentifier=a EngineMode=serverless", Code::InvalidParameterValue),
        ("DBClusterIdentifier=a DBClusterInstanceClass=db.r6gd.large", Code::InvalidParameterCombination),
        (
            "DBClusterIdentifier=a ServerlessV2ScalingConfiguration.MinCapacity=0.3 ServerlessV2ScalingConfiguration.MaxCapacity=4",
            Code::InvalidParameterValue,
        ),
    ] {
        assert_eq!(bench.code(RESTORE, &format!("{parameters} {clone}")), code, "{parameters}");
    }
    assert_eq!(bench.code(RESTORE, "DBClusterIdentifier=a RestoreType=copy-on-write"), Code::MissingParameter);
    // Nothing of this may have left a trace.
    assert_eq!(field(&bench.cluster("orders"), "CloneGroupId"), None);
}

/// Rule: KmsKeyId is rejected for an unencrypted source (API reference, KmsKeyId)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn an_unencrypted_source_cannot_be_encrypted_by_cloning() {
    let mut bench = Bench::empty();
    let new = "DBClusterIdentifier=a Engine=aurora-mysql MasterUsername=admin MasterUserPassword=secret-enough";
    bench.ok("CreateDBCluster", new);
    bench.pass(120);
    bench.instance("a", "a-1");
    let clone = "DBClusterIdentifier=b SourceDBClusterIdentifier=a RestoreType=copy-on-write KmsKeyId=k";
    assert_eq!(bench.code(RESTORE, clone), Code::InvalidParameterCombination);
}

/// Rule: An account has room for 40 clusters (User Guide, Quotas)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn an_account_has_room_for_forty_clusters() {
    let mut bench = Bench::with_source();
    for number in 2..=40 {
        bench.clone("orders", &format!("c{number}"), "");
    }
    let one_more = "DBClusterIdentifier=c41 SourceDBClusterIdentifier=orders RestoreType=copy-on-write";
    assert_eq!(bench.code(RESTORE, one_more), Code::ClusterQuotaExceeded);
}
