//! Creating and listing instances.

use super::{Bench, Code, FleetSpec, count, field};

const CREATE: &str = "CreateDBInstance";
const BASE: &str = "DBInstanceIdentifier=copy-9 DBClusterIdentifier=copy Engine=aurora-mysql";

/// Rule: An instance can be made once the restore is done; it is created, configured, then available (API reference, RestoreDBClusterToPointInTime)
/// Action: CreateDBInstance
#[test]
fn an_instance_is_created_then_configured_then_available() {
    let mut bench = Bench::with_source();
    bench.clone("orders", "copy", "EnableCloudwatchLogsExports.member.1=error");
    let create = format!("{BASE} DBInstanceClass=db.r6g.large");
    assert_eq!(bench.code(CREATE, &create), Code::InvalidClusterState, "only once the restore is done");
    bench.pass(400);
    let made = bench.ok(CREATE, &create);
    assert_eq!(field(&made, "DBInstanceStatus").as_deref(), Some("creating"));
    assert_eq!(count(&made, "InstanceCreateTime") + count(&made, "Address"), 0);
    let mut seen = vec!["creating".to_owned()];
    for _ in 0..60 {
        bench.pass(10);
        let status =
            field(&bench.ok("DescribeDBInstances", "DBInstanceIdentifier=copy-9"), "DBInstanceStatus").unwrap();
        if seen.last() != Some(&status) {
            seen.push(status);
        }
    }
    assert_eq!(seen, ["creating", "configuring-log-exports", "available"]);
}

/// Rule: The first instance is the writer, later ones are readers (User Guide, Aurora DB clusters)
/// Action: CreateDBInstance
#[test]
fn the_first_instance_writes_and_the_next_ones_read() {
    let mut bench = Bench::with_clone();
    bench.instance("copy", "copy-2");
    let cluster = bench.cluster("copy");
    let writers: Vec<&str> = cluster.split("<IsClusterWriter>").skip(1).map(|rest| &rest[..4]).collect();
    assert_eq!(writers, ["true", "fals"]);
}

/// Rule: What the cluster decides can't be sent for an instance, and what is sent must fit the cluster (API reference, CreateDBInstance)
/// Action: CreateDBInstance
#[test]
fn what_does_not_fit_the_cluster_is_refused() {
    let mut bench = Bench::with_clone();
    let class = "DBInstanceClass=db.r6g.large";
    for (parameters, code) in [
        (BASE.to_owned(), Code::MissingParameter),
        (format!("{BASE} DBInstanceClass=r6g.large"), Code::InvalidParameterValue),
        (format!("{BASE} DBInstanceClass=db.serverless"), Code::InvalidParameterCombination),
        (format!("{BASE} {class} MasterUserPassword=secret-enough"), Code::InvalidParameterCombination),
        (format!("{BASE} {class} Port=3306"), Code::InvalidParameterCombination),
        (format!("{BASE} {class} AvailabilityZone=us-east-1a"), Code::InvalidParameterValue),
        (format!("{BASE} {class} PromotionTier=16"), Code::InvalidParameterValue),
        (format!("{BASE} {class} MonitoringInterval=7"), Code::InvalidParameterValue),
        (format!("{BASE} {class} MonitoringInterval=60"), Code::InvalidParameterCombination),
        (
            format!("DBInstanceIdentifier=x DBClusterIdentifier=copy Engine=aurora-postgresql {class}"),
            Code::InvalidParameterCombination,
        ),
        (format!("DBInstanceIdentifier=x DBClusterIdentifier=none Engine=aurora-mysql {class}"), Code::ClusterNotFound),
        (
            format!("DBInstanceIdentifier=COPY-1 DBClusterIdentifier=copy Engine=aurora-mysql {class}"),
            Code::InstanceAlreadyExists,
        ),
    ] {
        assert_eq!(bench.code(CREATE, &parameters), code, "{parameters}");
    }
}

/// Rule: A db.serverless instance needs a scaling configuration on its cluster (User Guide, Aurora Serverless v2)
/// Action: CreateDBInstance
#[test]
fn serverless_needs_a_capacity_on_the_cluster() {
    let mut bench = Bench::with_source();
    let capacity = "ServerlessV2ScalingConfiguration.MinCapacity=0.5 ServerlessV2ScalingConfiguration.MaxCapacity=8";
    bench.clone("orders", "copy", capacity);
    bench.pass(400);
    bench.ok(CREATE, &format!("{BASE} DBInstanceClass=db.serverless"));
}

/// Rule: A cluster has at most a writer and 15 readers (User Guide, Quotas)
/// Action: CreateDBInstance
#[test]
fn a_cluster_has_a_writer_and_fifteen_readers() {
    let mut bench = Bench::with_clone();
    for number in 2..=16 {
        bench.ok(CREATE, &format!("DBInstanceIdentifier=r{number} DBClusterIdentifier=copy Engine=aurora-mysql DBInstanceClass=db.r6g.large"));
    }
    assert_eq!(bench.code(CREATE, &format!("{BASE} DBInstanceClass=db.r6g.large")), Code::InstanceQuotaExceeded);
}

/// Rule: Instances are filtered by their cluster (API reference, DescribeDBInstances)
/// Action: DescribeDBInstances
#[test]
fn instances_are_found_by_cluster() {
    let mut bench = Bench::with(FleetSpec::Demo);
    let by = |name: &str, value: &str| format!("Filters.Filter.1.Name={name} Filters.Filter.1.Values.Value.1={value}");
    for (filter, found) in [
        (by("db-cluster-id", "orders-prod"), 3),
        (by("db-cluster-id", "arn:aws:rds:eu-west-1:123456789012:cluster:orders-prod"), 3),
        (by("db-cluster-id", "Orders-Prod"), 0),
        (by("db-instance-id", "orders-prod-a"), 1),
        (by("engine", "neptune"), 1),
        (by("db-cluster-id", "orders-prod") + " Filters.Filter.1.Values.Value.2=billing-prod", 5),
    ] {
        assert_eq!(count(&bench.ok("DescribeDBInstances", &filter), "DBInstance"), found, "{filter}");
    }
    assert_eq!(bench.code("DescribeDBInstances", &by("status", "x")), Code::InvalidParameterValue);
    assert_eq!(bench.code("DescribeDBInstances", "DBInstanceIdentifier=nope"), Code::InstanceNotFound);
}
