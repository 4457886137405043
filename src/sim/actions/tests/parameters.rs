//! Parameter groups and when parameters take effect.

use super::{Bench, Code, FleetSpec, count, field};

const GROUP: &str = "DBClusterParameterGroupName=mine";

fn with_group() -> Bench {
    let mut bench = Bench::with_source();
    let answer = bench.ok(
        "CreateDBClusterParameterGroup",
        "DBClusterParameterGroupName=Mine DBParameterGroupFamily=aurora-mysql8.0 Description=of+mine",
    );
    assert_eq!(field(&answer, "DBClusterParameterGroupName").as_deref(), Some("mine"));
    bench
}

fn set(name: &str, value: &str, apply: &str) -> String {
    let of = "Parameters.Parameter.1";
    format!("{GROUP} {of}.ParameterName={name} {of}.ParameterValue={value} {of}.ApplyMethod={apply}")
}

fn value(bench: &mut Bench, group: &str, name: &str) -> Option<String> {
    let filter = format!("Filters.Filter.1.Name=parameter-name Filters.Filter.1.Values.Value.1={name}");
    let answer = bench.ok("DescribeDBClusterParameters", &format!("DBClusterParameterGroupName={group} {filter}"));
    assert_eq!(count(&answer, "Parameter"), 1);
    field(&answer, "ParameterValue")
}

/// Rule: a cluster parameter group has a family, a unique name and a description (API reference, CreateDBClusterParameterGroup)
/// Action: CreateDBClusterParameterGroup
#[test]
fn a_group_is_made_once_for_a_known_family() {
    let mut bench = with_group();
    let make = |name: &str, family: &str| {
        format!("DBClusterParameterGroupName={name} DBParameterGroupFamily={family} Description=x")
    };
    for (name, family, code) in [
        ("MINE", "aurora-mysql8.0", Code::ParameterGroupAlreadyExists),
        ("other", "mysql8.0", Code::InvalidParameterValue),
        ("-other", "aurora-mysql8.0", Code::InvalidParameterValue),
        ("default.aurora-mysql8.0", "aurora-mysql8.0", Code::InvalidParameterValue),
    ] {
        assert_eq!(bench.code("CreateDBClusterParameterGroup", &make(name, family)), code, "{name}");
    }
}

/// Rule: an account has at most 50 parameter groups of its own (User Guide, Quotas)
/// Action: CreateDBClusterParameterGroup, CreateDBParameterGroup
#[test]
fn there_are_at_most_fifty_groups() {
    let mut bench = Bench::empty();
    for (action, name) in [
        ("CreateDBClusterParameterGroup", "DBClusterParameterGroupName"),
        ("CreateDBParameterGroup", "DBParameterGroupName"),
    ] {
        let make = |number: usize| format!("{name}=g{number} DBParameterGroupFamily=aurora-mysql8.0 Description=x");
        let count = (0..60).take_while(|number| bench.call(action, &make(*number)).is_ok()).count();
        assert!((40..=50).contains(&count), "{count}");
        assert_eq!(bench.code(action, &make(99)), Code::ParameterGroupQuotaExceeded);
    }
}

/// Rule: every family has a default group that can't be changed (User Guide, parameter groups)
/// Action: DescribeDBClusterParameterGroups, ModifyDBClusterParameterGroup, ResetDBClusterParameterGroup, DeleteDBClusterParameterGroup
#[test]
fn default_groups_are_there_and_stay_as_they_are() {
    let mut bench = with_group();
    let all = bench.ok("DescribeDBClusterParameterGroups", "");
    assert!(all.contains("default.aurora-mysql8.0") && all.contains(">mine<") && all.contains(">shop-mysql8<"));
    let default = "DBClusterParameterGroupName=default.aurora-mysql8.0";
    let change = set("binlog_format", "ROW", "pending-reboot").replace(GROUP, default);
    assert_eq!(bench.code("ModifyDBClusterParameterGroup", &change), Code::InvalidParameterGroupState);
    let reset = format!("{default} ResetAllParameters=true");
    assert_eq!(bench.code("ResetDBClusterParameterGroup", &reset), Code::InvalidParameterGroupState);
    assert_eq!(bench.code("DeleteDBClusterParameterGroup", default), Code::InvalidParameterGroupState);
    for action in ["DescribeDBClusterParameterGroups", "DescribeDBClusterParameters", "DeleteDBClusterParameterGroup"] {
        assert_eq!(bench.code(action, "DBClusterParameterGroupName=nope"), Code::ParameterGroupNotFound);
    }
    assert_eq!(value(&mut bench, "default.aurora-mysql8.0", "binlog_format").as_deref(), Some("OFF"));
}

/// Rule: a static parameter can't be applied at once, and values have a range (API reference, ModifyDBClusterParameterGroup)
/// Action: ModifyDBClusterParameterGroup
#[test]
fn parameters_are_checked_before_any_of_them_is_changed() {
    let mut bench = with_group();
    for (name, value, apply, code) in [
        ("binlog_format", "ROW", "immediate", Code::InvalidParameterCombination),
        ("binlog_format", "FULL", "pending-reboot", Code::InvalidParameterValue),
        ("no_such_thing", "1", "immediate", Code::InvalidParameterValue),
        ("allow-suspicious-udfs", "1", "pending-reboot", Code::InvalidParameterValue),
    ] {
        assert_eq!(bench.code("ModifyDBClusterParameterGroup", &set(name, value, apply)), code, "{name}");
    }
    let second = "Parameters.Parameter.2.ParameterName=nope Parameters.Parameter.2.ParameterValue=1";
    let mixed = format!("{} {second}", set("binlog_format", "ROW", "pending-reboot"));
    assert_eq!(bench.code("ModifyDBClusterParameterGroup", &mixed), Code::InvalidParameterValue);
    assert_eq!(value(&mut bench, "mine", "binlog_format").as_deref(), Some("OFF"));
}

/// Rule: binlog_format takes effect when the writer restarts; a rewind then asks for Force (User Guide, Backtracking; parameter groups)
/// Action: ModifyDBClusterParameterGroup, RebootDBInstance, BacktrackDBCluster
#[test]
fn binary_logging_begins_with_a_restart() {
    let mut bench = with_group();
    bench.ok("ModifyDBCluster", "DBClusterIdentifier=orders DBClusterParameterGroupName=mine");
    bench.pass(60);
    bench.ok("ModifyDBClusterParameterGroup", &set("binlog_format", "ROW", "pending-reboot"));
    let state = |bench: &mut Bench| field(&bench.cluster("orders"), "DBClusterParameterGroupStatus").unwrap();
    assert_eq!(state(&mut bench), "pending-reboot");
    let rewind = format!("DBClusterIdentifier=orders BacktrackTo={}", bench.ago(60));
    bench.ok("BacktrackDBCluster", &rewind);
    bench.pass(120);
    let answer = bench.ok("RebootDBInstance", "DBInstanceIdentifier=orders-1");
    assert_eq!(field(&answer, "DBInstanceStatus").as_deref(), Some("rebooting"));
    assert_eq!(bench.code("RebootDBInstance", "DBInstanceIdentifier=orders-1"), Code::InvalidInstanceState);
    bench.pass(60);
    assert_eq!(state(&mut bench), "in-sync");
    let rewind = format!("DBClusterIdentifier=orders BacktrackTo={}", bench.ago(60));
    assert_eq!(bench.code("BacktrackDBCluster", &rewind), Code::InvalidParameterCombination);
    bench.ok("BacktrackDBCluster", &format!("{rewind} Force=true"));
}

/// Rule: a new cluster's writer starts with its group's static parameters (User Guide, parameter groups)
/// Action: CreateDBInstance, BacktrackDBCluster
#[test]
fn a_clone_logs_when_its_own_group_says_so() {
    let mut bench = Bench::with_source();
    bench.clone("orders", "logging", "BacktrackWindow=3600 DBClusterParameterGroupName=shop-mysql8-binlog");
    bench.clone("orders", "silent", "BacktrackWindow=3600");
    bench.pass(400);
    for id in ["logging", "silent"] {
        bench.instance(id, &format!("{id}-1"));
        let outcome =
            bench.call("BacktrackDBCluster", &format!("DBClusterIdentifier={id} BacktrackTo={}", bench.ago(30)));
        assert_eq!(outcome.is_err(), id == "logging", "{outcome:?}");
    }
}

/// Rule: parameters go back to the engine's own, one by one or all (API reference, ResetDBClusterParameterGroup)
/// Action: ResetDBClusterParameterGroup, DescribeDBClusterParameters
#[test]
fn changed_parameters_are_told_apart_and_reset() {
    let mut bench = with_group();
    bench.ok("ModifyDBClusterParameterGroup", &set("binlog_format", "ROW", "pending-reboot"));
    bench.ok("ModifyDBClusterParameterGroup", &set("long_query_time", "2", "immediate"));
    let users = |bench: &mut Bench| {
        let answer = bench.ok("DescribeDBClusterParameters", &format!("{GROUP} Source=user MaxRecords=20"));
        count(&answer, "Parameter")
    };
    assert_eq!(users(&mut bench), 2);
    let one = format!("{GROUP} Parameters.Parameter.1.ParameterName=binlog_format");
    bench.ok("ResetDBClusterParameterGroup", &one);
    assert_eq!(users(&mut bench), 1);
    assert_eq!(bench.code("ResetDBClusterParameterGroup", GROUP), Code::InvalidParameterCombination);
    bench.ok("ResetDBClusterParameterGroup", &format!("{GROUP} ResetAllParameters=true"));
    assert_eq!(users(&mut bench), 0);
    assert_eq!(value(&mut bench, "mine", "max_connections"), None, "the engine decides");
    assert_eq!(bench.code("DescribeDBClusterParameters", &format!("{GROUP} Source=me")), Code::InvalidParameterValue);
}

/// Rule: a parameter group in use can't be deleted (API reference, DeleteDBClusterParameterGroup)
/// Action: DeleteDBClusterParameterGroup, DeleteDBParameterGroup
#[test]
fn a_group_in_use_stays() {
    let mut bench = with_group();
    bench.ok("CreateDBParameterGroup", "DBParameterGroupName=own DBParameterGroupFamily=aurora-mysql8.0 Description=x");
    bench.ok("ModifyDBCluster", "DBClusterIdentifier=orders DBClusterParameterGroupName=mine");
    bench.pass(60);
    let instance = "DBInstanceIdentifier=orders-2 DBClusterIdentifier=orders DBInstanceClass=db.r6g.large";
    bench.ok("CreateDBInstance", &format!("{instance} Engine=aurora-mysql DBParameterGroupName=own"));
    assert_eq!(bench.code("DeleteDBClusterParameterGroup", GROUP), Code::InvalidParameterGroupState);
    assert_eq!(bench.code("DeleteDBParameterGroup", "DBParameterGroupName=own"), Code::InvalidParameterGroupState);
    bench.ok("ModifyDBCluster", "DBClusterIdentifier=orders DBClusterParameterGroupName=default.aurora-mysql8.0");
    bench.ok("DeleteDBClusterParameterGroup", GROUP);
    assert_eq!(bench.code("DeleteDBClusterParameterGroup", GROUP), Code::ParameterGroupNotFound);
}

/// Rule: a parameter group fits only its own family (API reference, CreateDBInstance and ModifyDBCluster)
/// Action: CreateDBInstance, ModifyDBCluster, DescribeDBParameterGroups
#[test]
fn groups_of_other_families_and_unknown_ones_are_refused() {
    let mut bench = Bench::with(FleetSpec::Demo);
    let change = "DBClusterIdentifier=orders-staging DBClusterParameterGroupName";
    for (group, code) in [
        ("insights-postgresql16", Code::InvalidParameterCombination),
        ("default.aurora-mysql5.7", Code::InvalidParameterCombination),
        ("default.nonsense", Code::ClusterParameterGroupNotFound),
    ] {
        assert_eq!(bench.code("ModifyDBCluster", &format!("{change}={group}")), code, "{group}");
    }
    let instance = "DBInstanceIdentifier=x DBClusterIdentifier=orders-staging DBInstanceClass=db.r6g.large";
    let group = format!("{instance} Engine=aurora-mysql DBParameterGroupName");
    assert_eq!(bench.code("CreateDBInstance", &format!("{group}=nope")), Code::ParameterGroupNotFound);
    bench.ok("CreateDBInstance", &format!("{group}=shop-mysql8-writer"));
    let found = bench.ok("DescribeDBParameterGroups", "DBParameterGroupName=shop-mysql8-writer");
    assert_eq!(
        field(&found, "DBParameterGroupArn").as_deref(),
        Some("arn:aws:rds:eu-west-1:123456789012:pg:shop-mysql8-writer")
    );
}
