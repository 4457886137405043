//! Describing clusters and events, and what is refused before anything else.

use std::collections::BTreeSet;

use super::{Bench, Code, FleetSpec, count, field};

fn pages(bench: &mut Bench, action: &str, parameters: &str, key: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut marker = String::new();
    loop {
        let page = bench.ok(action, &format!("{parameters} {marker}"));
        keys.extend(page.split(&format!("<{key}>")).skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()));
        match field(&page, "Marker") {
            Some(next) => marker = format!("Marker={next}"),
            None => return keys,
        }
        assert!(keys.len() < 1000, "the pages do not end");
    }
}

/// Rule: MaxRecords is 20 to 100 and 100 by default; the pages hold every cluster once (API reference, DescribeDBClusters)
/// Action: DescribeDBClusters
#[test]
fn pages_hold_every_cluster_once_and_in_order() {
    let mut bench = Bench::with(FleetSpec::Count(250));
    for parameters in ["", "MaxRecords=20", "MaxRecords=50"] {
        let ids = pages(&mut bench, "DescribeDBClusters", parameters, "DbClusterResourceId");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 250, "{parameters}");
        assert_eq!(ids.len(), 250);
    }
    assert_eq!(count(&bench.ok("DescribeDBClusters", ""), "DBCluster"), 100);
    for max in ["19", "101", "x"] {
        assert_eq!(bench.code("DescribeDBClusters", &format!("MaxRecords={max}")), Code::InvalidParameterValue);
    }
    assert_eq!(bench.code("DescribeDBClusters", "Marker=2"), Code::InvalidParameterValue);
}

/// Rule: A page goes on behind a cluster that has gone (API reference, Marker)
/// Action: DescribeDBClusters
#[test]
fn a_page_goes_on_behind_a_cluster_that_has_gone() {
    let mut bench = Bench::with(FleetSpec::Count(60));
    let first = bench.ok("DescribeDBClusters", "MaxRecords=20");
    let marker = field(&first, "Marker").unwrap();
    let last = first.rsplit("<DBClusterIdentifier>").next().unwrap().split('<').next().unwrap().to_owned();
    let instance = format!("DBInstanceIdentifier={last}-1");
    bench.ok("DeleteDBInstance", &instance);
    bench.ok("DeleteDBCluster", &format!("DBClusterIdentifier={last} SkipFinalSnapshot=true"));
    bench.pass(600);
    assert_eq!(count(&bench.ok("DescribeDBClusters", &format!("Marker={marker}")), "DBCluster"), 40);
}

/// Rule: Filters by clone group, identifier, resource id, engine and domain, case-sensitive; an unknown one is an error (API reference, DescribeDBClusters)
/// Action: DescribeDBClusters
#[test]
fn filters_narrow_and_name_themselves() {
    let mut bench = Bench::with(FleetSpec::Demo);
    let orders = bench.cluster("orders-prod");
    let group = field(&orders, "CloneGroupId").unwrap();
    let resource = field(&orders, "DbClusterResourceId").unwrap();
    let by = |name: &str, value: &str| format!("Filters.Filter.1.Name={name} Filters.Filter.1.Values.Value.1={value}");
    for (filter, found) in [
        (by("clone-group-id", &group), 5),
        (by("db-cluster-resource-id", &resource), 1),
        (by("db-cluster-id", "orders-prod"), 1),
        (by("db-cluster-id", "nope"), 0),
        (by("engine", "aurora-postgresql"), 2),
        (by("engine", "docdb"), 1),
        (by("domain", "d-1"), 0),
    ] {
        assert_eq!(count(&bench.ok("DescribeDBClusters", &filter), "DBCluster"), found, "{filter}");
    }
    assert_eq!(bench.code("DescribeDBClusters", &by("status", "available")), Code::InvalidParameterValue);
}

/// Rule: A cluster is found by identifier in any case and by ARN (API reference, DBClusterIdentifier)
/// Action: DescribeDBClusters
#[test]
fn clusters_are_found_by_any_case_and_by_arn() {
    let mut bench = Bench::with(FleetSpec::Demo);
    for reference in ["orders-prod", "ORDERS-prod", "arn:aws:rds:eu-west-1:123456789012:cluster:Orders-Prod"] {
        assert_eq!(field(&bench.cluster(reference), "DBClusterIdentifier").as_deref(), Some("orders-prod"));
    }
    let (code, message) = bench.refused("DescribeDBClusters", "DBClusterIdentifier=nope");
    assert_eq!((code, message.as_str()), (Code::ClusterNotFound, "DBCluster nope not found."));
}

/// Rule: Events are those of the last hour unless asked for more, and are kept for 14 days (API reference, DescribeEvents)
/// Action: DescribeEvents
#[test]
fn events_default_to_the_last_hour() {
    let mut bench = Bench::with_source();
    let count_events = |bench: &mut Bench, more: &str| count(&bench.ok("DescribeEvents", more), "Event");
    assert_eq!(count_events(&mut bench, ""), 2);
    assert_eq!(count_events(&mut bench, "SourceType=db-cluster SourceIdentifier=orders"), 1);
    assert_eq!(count_events(&mut bench, "EventCategories.EventCategory.1=deletion"), 0);
    bench.pass(3 * 3600);
    assert_eq!(count_events(&mut bench, ""), 0);
    assert_eq!(count_events(&mut bench, "Duration=300"), 2);
    let (start, end) = (bench.ago(5 * 3600), bench.ago(0));
    assert_eq!(count_events(&mut bench, &format!("StartTime={start}")), 0);
    assert_eq!(count_events(&mut bench, &format!("StartTime={start} EndTime={end}")), 2);
    bench.pass(14 * 86_400);
    assert_eq!(count_events(&mut bench, "Duration=20160"), 0);
}

/// Rule: Events come in pages and in order (API reference, DescribeEvents)
/// Action: DescribeEvents
#[test]
fn events_come_in_pages_and_in_order() {
    let mut bench = Bench::with(FleetSpec::Demo);
    let dates = pages(&mut bench, "DescribeEvents", "Duration=20160 MaxRecords=20", "Date");
    assert!(dates.len() > 40);
    assert!(dates.is_sorted());
    for parameters in [
        "Duration=20161",
        "SourceType=table",
        "StartTime=2026-11-22T12:00Z EndTime=2026-11-22T11:00Z",
        "SourceIdentifier=x",
    ] {
        let code = bench.code("DescribeEvents", parameters);
        assert!(matches!(code, Code::InvalidParameterValue | Code::InvalidParameterCombination), "{parameters}");
    }
}

#[test]
fn what_is_not_there_is_never_an_empty_success() {
    let mut bench = Bench::empty();
    assert_eq!(bench.code("DescribeDBClusterEndpoints", ""), Code::NotImplemented);
    assert_eq!(bench.code("DescribeUnicorns", ""), Code::InvalidAction);
    assert_eq!(bench.code("", ""), Code::MissingAction);
    assert_eq!(bench.code("DescribeDBClusters", "Fliters.Filter.1.Name=engine"), Code::NotImplemented);
    let form = super::Form::parse(b"Action=DescribeDBClusters&Version=2013-01-10").unwrap();
    assert_eq!(super::table::find(&form).err().map(|error| error.code), Some(Code::InvalidAction));
}
