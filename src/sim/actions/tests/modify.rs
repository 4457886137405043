//! Changing a cluster.

use super::{Bench, Code, FleetSpec, field};

const MODIFY: &str = "ModifyDBCluster";

/// Rule: A change shows at once, and the cluster is modifying for a while (User Guide, status)
/// Action: ModifyDBCluster
#[test]
fn a_change_is_seen_at_once_and_takes_a_while() {
    let mut bench = Bench::with_clone();
    let answer = bench.ok(MODIFY, "DBClusterIdentifier=copy BackupRetentionPeriod=3 DBClusterParameterGroupName=shop-mysql8 Port=4400 VpcSecurityGroupIds.VpcSecurityGroupId.1=sg-22222222");
    for (name, value) in [
        ("BackupRetentionPeriod", "3"),
        ("DBClusterParameterGroup", "shop-mysql8"),
        ("Port", "4400"),
        ("VpcSecurityGroupId", "sg-22222222"),
        ("Status", "available"),
    ] {
        assert_eq!(field(&answer, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(bench.status("copy"), "modifying");
    assert_eq!(bench.code(MODIFY, "DBClusterIdentifier=copy BackupRetentionPeriod=4"), Code::InvalidClusterState);
    bench.pass(45);
    assert_eq!(bench.status("copy"), "available");
}

/// Rule: A new password has 8 to 41 printable characters without / " @ and a status of its own (API reference, MasterUserPassword)
/// Action: ModifyDBCluster
#[test]
fn a_new_password_has_its_own_status_and_rules() {
    let mut bench = Bench::with_clone();
    for password in ["short", "with/slash1", "with%20space", "with@sign22"] {
        assert_eq!(
            bench.code(MODIFY, &format!("DBClusterIdentifier=copy MasterUserPassword={password}")),
            Code::InvalidParameterValue
        );
    }
    bench.ok(MODIFY, "DBClusterIdentifier=copy MasterUserPassword=brand-new-1");
    assert_eq!(bench.status("copy"), "resetting-master-credentials");
    bench.pass(45);
    assert_eq!(bench.status("copy"), "available");
}

/// Rule: Deletion protection switches without a wait (API reference, DeletionProtection)
/// Action: ModifyDBCluster
#[test]
fn protection_switches_without_a_wait() {
    let mut bench = Bench::with_source();
    bench.ok(MODIFY, "DBClusterIdentifier=orders DeletionProtection=false");
    assert_eq!(bench.status("orders"), "available");
    assert_eq!(field(&bench.cluster("orders"), "DeletionProtection").as_deref(), Some("false"));
}

/// Rule: A window's length can change and it can be switched off, but never on (User Guide, Disabling Backtrack)
/// Action: ModifyDBCluster
#[test]
fn backtrack_can_be_switched_off_but_never_on() {
    let mut bench = Bench::with_clone();
    let window = |seconds: i64| format!("DBClusterIdentifier=copy BacktrackWindow={seconds}");
    bench.ok(MODIFY, &window(7200));
    bench.pass(45);
    assert_eq!(field(&bench.cluster("copy"), "BacktrackWindow").as_deref(), Some("7200"));
    bench.ok(MODIFY, &window(0));
    bench.pass(45);
    assert_eq!(bench.code(MODIFY, &window(7200)), Code::InvalidParameterCombination);
    let mut demo = Bench::with(FleetSpec::Demo);
    for id in ["identity-prod", "analytics-prod"] {
        assert_eq!(
            demo.code(MODIFY, &format!("DBClusterIdentifier={id} BacktrackWindow=3600")),
            Code::InvalidParameterCombination,
            "{id}"
        );
    }
}

/// Rule: A stopped cluster can't be modified (User Guide, Stopping a cluster)
/// Action: ModifyDBCluster
#[test]
fn nothing_stopped_and_not_simulated_are_refused() {
    let mut bench = Bench::with(FleetSpec::Demo);
    for (parameters, code) in [
        ("DBClusterIdentifier=orders-staging", Code::InvalidParameterCombination),
        ("DBClusterIdentifier=orders-staging ApplyImmediately=true", Code::InvalidParameterCombination),
        ("DBClusterIdentifier=orders-staging EngineVersion=16.9", Code::NotImplemented),
        ("DBClusterIdentifier=search-dev BackupRetentionPeriod=3", Code::InvalidClusterState),
        ("DBClusterIdentifier=nope BackupRetentionPeriod=3", Code::ClusterNotFound),
        ("DBClusterIdentifier=orders-staging BackupRetentionPeriod=36", Code::InvalidParameterValue),
    ] {
        assert_eq!(bench.code(MODIFY, parameters), code, "{parameters}");
    }
}

/// Rule: A stopped cluster starts by itself after seven days (User Guide, Stopping a cluster)
/// Action: DescribeDBClusters
#[test]
fn a_stopped_cluster_starts_by_itself_after_a_week() {
    let mut bench = Bench::with(FleetSpec::Demo);
    assert!(field(&bench.cluster("search-dev"), "AutomaticRestartTime").is_some());
    bench.pass(5 * 86_400);
    let after = bench.cluster("search-dev");
    assert_eq!(field(&after, "Status").as_deref(), Some("available"));
    assert_eq!(field(&after, "AutomaticRestartTime"), None);
    let instance = bench.ok("DescribeDBInstances", "DBInstanceIdentifier=search-dev-a");
    assert_eq!(field(&instance, "DBInstanceStatus").as_deref(), Some("available"));
}

/// Rule: Secrets Manager makes a master password and keeps it: not together with one that is given, and rotated at once (API reference, ManageMasterUserPassword and RotateMasterUserPassword)
/// Action: ModifyDBCluster
#[test]
fn a_managed_password_has_a_secret() {
    let mut bench = Bench::with_clone();
    let with = |more: &str| format!("DBClusterIdentifier=copy {more}");
    for more in [
        "ManageMasterUserPassword=true MasterUserPassword=brand-new-1",
        "RotateMasterUserPassword=true ApplyImmediately=true",
    ] {
        assert_eq!(bench.code(MODIFY, &with(more)), Code::InvalidParameterCombination, "{more}");
    }
    let answer = bench.ok(MODIFY, &with("ManageMasterUserPassword=true"));
    assert!(field(&answer, "SecretArn").is_some());
    assert_eq!(bench.status("copy"), "resetting-master-credentials");
    bench.pass(45);
    let seen = bench.ok("DescribeDBClusters", "DBClusterIdentifier=copy");
    assert_eq!(field(&seen, "SecretStatus").as_deref(), Some("active"));
    for more in ["MasterUserPassword=brand-new-1", "RotateMasterUserPassword=true", "ManageMasterUserPassword=false"] {
        assert_eq!(bench.code(MODIFY, &with(more)), Code::InvalidParameterCombination, "{more}");
    }
    bench.ok(MODIFY, &with("RotateMasterUserPassword=true ApplyImmediately=true"));
    bench.pass(45);
    bench.ok(MODIFY, &with("ManageMasterUserPassword=false MasterUserPassword=brand-new-1"));
    bench.pass(45);
    let seen = bench.ok("DescribeDBClusters", "DBClusterIdentifier=copy");
    assert_eq!(field(&seen, "SecretArn"), None);
}
