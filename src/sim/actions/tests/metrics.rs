//! CloudWatch's metrics of RDS.

use super::super::super::protocol::Code;
use super::{Bench, count, field};

/// A query of one metric over the last so many seconds.
fn metric(bench: &Bench, seconds: i64, name: &str, dimension: &str, more: &str) -> String {
    let (dimension, value) = dimension.split_once('=').unwrap();
    let of = "MetricDataQueries.member.1.MetricStat";
    format!(
        "MetricDataQueries.member.1.Id=m {of}.Metric.Namespace=AWS/RDS {of}.Metric.MetricName={name} {of}.Stat=Average \
         {of}.Metric.Dimensions.member.1.Name={dimension} {of}.Metric.Dimensions.member.1.Value={value} {of}.Period=300 \
         StartTime={} EndTime={} {more}",
        bench.ago(seconds),
        bench.clock.now()
    )
}

fn values(answer: &str) -> Vec<f64> {
    let list = field(answer, "Values").unwrap_or_default();
    list.split("<member>").skip(1).filter_map(|part| part.split('<').next()?.parse().ok()).collect()
}

fn get(bench: &mut Bench, parameters: &str) -> String {
    bench.call_of("2010-08-01", "GetMetricData", parameters).unwrap_or_else(|error| panic!("{parameters}: {error:?}"))
}

fn code(bench: &mut Bench, parameters: &str) -> Code {
    bench.call_of("2010-08-01", "GetMetricData", parameters).unwrap_err().code
}

/// Rule: BacktrackChangeRecordsStored agrees with BacktrackConsumedChangeRecords (User Guide, CloudWatch metrics)
/// Action: GetMetricData
#[test]
fn stored_records_agree_with_what_the_cluster_says() {
    let mut bench = Bench::with_source();
    bench.pass(3 * 3600);
    // A point stands for the five minutes that begin with it, so the last one ends now.
    let past = bench.clock.now().as_second().rem_euclid(300);
    bench.pass(300 - past);
    let query = metric(&bench, 600, "BacktrackChangeRecordsStored", "DBClusterIdentifier=orders", "");
    let stored = values(&get(&mut bench, &query));
    let consumed: f64 = field(&bench.cluster("orders"), "BacktrackConsumedChangeRecords").unwrap().parse().unwrap();
    assert_eq!(stored.len(), 2);
    assert!((stored[0] - consumed).abs() < 1.0, "{stored:?} {consumed}");
    assert!(stored[0] > stored[1]);
}

/// Rule: BacktrackChangeRecordsCreationRate counts the records of five minutes (User Guide, CloudWatch metrics)
/// Action: GetMetricData
#[test]
fn the_creation_rate_adds_up_to_what_is_stored() {
    let mut bench = Bench::with_source();
    bench.pass(6 * 3600);
    let past = bench.clock.now().as_second().rem_euclid(300);
    bench.pass(300 - past);
    let all = |name: &str| metric(&bench, 7 * 3600, name, "DBClusterIdentifier=orders", "");
    let (rate, stored) = (all("BacktrackChangeRecordsCreationRate"), all("BacktrackChangeRecordsStored"));
    let written: f64 = values(&get(&mut bench, &rate)).iter().sum();
    let stored = values(&get(&mut bench, &stored))[0];
    assert!(written > 0.0 && (written - stored).abs() < 100.0, "{written} {stored}");
}

/// Rule: VolumeBytesUsed of a clone starts near zero and counts its own pages (User Guide, Cloning and CloudWatch metrics)
/// Action: GetMetricData
#[test]
fn a_clones_volume_begins_small() {
    let mut bench = Bench::with_clone();
    bench.pass(3600);
    let mut used = |id: &str| {
        let query = metric(&bench, 900, "VolumeBytesUsed", &format!("DBClusterIdentifier={id}"), "");
        values(&get(&mut bench, &query))[0]
    };
    let (source, clone) = (used("orders"), used("copy"));
    assert!(clone < source / 4.0, "{clone} {source}");
}

/// Rule: a rewind closes every connection (User Guide, Backtracking)
/// Action: GetMetricData
#[test]
fn connections_drop_while_a_cluster_is_rewound() {
    let mut bench = Bench::with_source();
    bench.pass(3600);
    let connections = |bench: &Bench| {
        let query =
            metric(bench, 240, "DatabaseConnections", "DBInstanceIdentifier=orders-1", "ScanBy=TimestampAscending");
        query.replace("Period=300", "Period=60")
    };
    let query = connections(&bench);
    assert!(values(&get(&mut bench, &query)).iter().all(|open| *open > 0.0));
    let to = bench.ago(1800);
    bench.ok("BacktrackDBCluster", &format!("DBClusterIdentifier=orders BacktrackTo={to}"));
    bench.pass(180);
    let query = connections(&bench);
    let open = values(&get(&mut bench, &query));
    assert!(open.contains(&0.0) && open.iter().any(|open| *open > 0.0), "{open:?}");
}

/// Rule: a metric that nobody wrote has no points and is no error (CloudWatch API reference, GetMetricData)
/// Action: GetMetricData
#[test]
fn unknown_metrics_and_resources_have_no_points() {
    let mut bench = Bench::with_source();
    bench.pass(3600);
    for (name, dimension) in [
        ("NoSuchMetric", "DBClusterIdentifier=orders"),
        ("DatabaseConnections", "DBInstanceIdentifier=nope"),
        ("BacktrackWindowActual", "DBClusterIdentifier=orders"),
        ("BacktrackChangeRecordsStored", "DBClusterIdentifier=ORDERS"),
    ] {
        let query = metric(&bench, 3600, name, dimension, "");
        let answer = get(&mut bench, &query);
        assert_eq!(field(&answer, "StatusCode").as_deref(), Some("Complete"));
        assert!(values(&answer).is_empty(), "{name} {dimension}");
    }
    let query = metric(&bench, 3600, "BacktrackWindowAlert", "DBInstanceIdentifier=orders-1", "");
    assert!(
        values(&get(&mut bench, &query)).iter().all(|alert| (*alert - 1.0).abs() < f64::EPSILON),
        "young: too short"
    );
}

/// Rule: more points than MaxDatapoints come in pages (CloudWatch API reference, GetMetricData)
/// Action: GetMetricData
#[test]
fn points_come_in_pages() {
    let mut bench = Bench::with_source();
    bench.pass(6 * 3600);
    let all = metric(&bench, 6 * 3600, "BacktrackChangeRecordsStored", "DBClusterIdentifier=orders", "");
    let whole = values(&get(&mut bench, &all));
    let (mut pages, mut token) = (Vec::new(), String::new());
    loop {
        let answer = get(&mut bench, &format!("{all} MaxDatapoints=25 {token}"));
        pages.extend(values(&answer));
        let Some(next) = field(&answer, "NextToken") else { break };
        assert_eq!(field(&answer, "StatusCode").as_deref(), Some("PartialData"));
        token = format!("NextToken={next}");
    }
    assert!(whole.len() > 50);
    assert_eq!(pages, whole);
    assert_eq!(code(&mut bench, &format!("{all} NextToken=nonsense")), Code::InvalidNextToken);
}

/// Rule: what a query may ask (CloudWatch API reference, GetMetricData and MetricDataQuery)
/// Action: GetMetricData
#[test]
fn broken_queries_are_refused() {
    let mut bench = Bench::with_source();
    let good = metric(&bench, 3600, "DatabaseConnections", "DBInstanceIdentifier=orders-1", "");
    for (from, to, expected) in [
        ("Id=m", "Id=M", Code::Validation),
        ("Period=300", "Period=7", Code::Validation),
        ("Stat=Average", "Stat=p99", Code::Validation),
        ("Id=m", "Id=m MetricDataQueries.member.2.Id=m", Code::MissingParameter),
        ("Id=m", "Id=m MetricDataQueries.member.1.Expression=SUM", Code::NotImplemented),
        ("Id=m", "Id=m MetricDataQueries.member.1.ReturnData=false", Code::Validation),
        ("Id=m", "Id=m ScanBy=Newest", Code::Validation),
        ("Id=m", "Id=m LabelOptions.Timezone=%2B0100", Code::NotImplemented),
    ] {
        assert_eq!(code(&mut bench, &good.replacen(from, to, 1)), expected, "{to}");
    }
    let backwards = good.replace("StartTime", "T").replace("EndTime", "StartTime").replace(" T=", " EndTime=");
    assert_eq!(code(&mut bench, &backwards), Code::Validation);
    assert_eq!(count(&get(&mut bench, &good), "Id"), 1);
}

/// Rule: anybody may ask who they are (API reference, GetCallerIdentity)
/// Action: GetCallerIdentity
#[test]
fn the_caller_is_named() {
    let answer = Bench::empty().call_of("2011-06-15", "GetCallerIdentity", "").unwrap();
    assert_eq!(field(&answer, "Account").as_deref(), Some("123456789012"));
    assert!(field(&answer, "Arn").unwrap().starts_with("arn:aws:iam::123456789012:"));
}
