//! Rewinding.

use super::{Bench, Code, FleetSpec, count, field};

const REWIND: &str = "BacktrackDBCluster";
const LIST: &str = "DescribeDBClusterBacktracks";

fn to(bench: &Bench, seconds_ago: i64) -> String {
    format!("DBClusterIdentifier=copy BacktrackTo={}", bench.ago(seconds_ago))
}

fn seconds(xml: &str, name: &str) -> i64 {
    field(xml, name).unwrap().parse::<jiff::Timestamp>().unwrap().as_second()
}

/// Rule: A rewind is pending, applying, completed; cluster and instances are backtracking; BacktrackedFrom is later than the request (API reference, DBClusterBacktrack; User Guide, status)
/// Action: BacktrackDBCluster
#[test]
fn a_rewind_goes_through_its_states_with_cluster_and_instances() {
    let mut bench = Bench::with_clone();
    bench.pass(1200);
    let asked = bench.ago(600).as_second();
    let requested = bench.clock.now().as_second();
    let answer = bench.ok(REWIND, &to(&bench, 600));
    assert_eq!(field(&answer, "Status").as_deref(), Some("pending"));
    assert_eq!(count(&answer, "BacktrackedFrom"), 0);
    assert_eq!(bench.status("copy"), "backtracking");
    let instance = |bench: &mut Bench| {
        field(&bench.ok("DescribeDBInstances", "DBInstanceIdentifier=copy-1"), "DBInstanceStatus").unwrap()
    };
    assert_eq!(instance(&mut bench), "backtracking");
    assert_eq!(bench.code(REWIND, &to(&bench, 600)), Code::InvalidClusterState);
    bench.pass(30);
    assert_eq!(field(&bench.ok(LIST, "DBClusterIdentifier=copy"), "Status").as_deref(), Some("applying"));
    bench.pass(70);
    assert_eq!((bench.status("copy").as_str(), instance(&mut bench).as_str()), ("available", "available"));
    let done = bench.ok(LIST, "DBClusterIdentifier=copy");
    assert_eq!(field(&done, "Status").as_deref(), Some("completed"));
    assert!((seconds(&done, "BacktrackTo") - asked).abs() <= 3);
    assert!(seconds(&done, "BacktrackedFrom") > requested + 40);
}

/// Rule: Going forward again is allowed, up to where a rewind came from (User Guide, Backtracking)
/// Action: BacktrackDBCluster
#[test]
fn forward_again_is_allowed_up_to_where_the_rewind_came_from() {
    let mut bench = Bench::with_clone();
    bench.pass(1200);
    bench.ok(REWIND, &to(&bench, 900));
    bench.pass(300);
    let came_from = seconds(&bench.ok(LIST, "DBClusterIdentifier=copy"), "BacktrackedFrom");
    let before = jiff::Timestamp::from_second(came_from - 1).unwrap();
    bench.ok(REWIND, &format!("DBClusterIdentifier=copy BacktrackTo={before}"));
    bench.pass(300);
    let both = bench.ok(LIST, "DBClusterIdentifier=copy");
    assert_eq!(count(&both, "DBClusterBacktrack"), 2);
    assert!((seconds(&both, "BacktrackTo") - came_from + 1).abs() <= 3, "the newest stands first");
}

/// Rule: A clone can't be rewound to before its creation; UseEarliestTimeOnPointInTimeUnavailable goes to the earliest time instead (User Guide, Backtracking)
/// Action: BacktrackDBCluster
#[test]
fn nothing_lies_before_the_creation_of_a_clone() {
    let mut bench = Bench::with_clone();
    let created = seconds(&bench.cluster("copy"), "ClusterCreateTime");
    let age = bench.clock.now().as_second() - created;
    assert_eq!(bench.code(REWIND, &to(&bench, age + 2)), Code::InvalidParameterValue);
    assert_eq!(bench.code(REWIND, &to(&bench, -5)), Code::InvalidParameterValue);
    let earliest = format!("{} UseEarliestTimeOnPointInTimeUnavailable=true", to(&bench, age + 2));
    bench.ok(REWIND, &earliest);
    bench.pass(100);
    let landed = seconds(&bench.ok(LIST, "DBClusterIdentifier=copy"), "BacktrackTo");
    assert!((0..=3).contains(&(landed - created)), "{}", landed - created);
}

/// Rule: Nothing older than the target window is reachable (User Guide, Backtracking)
/// Action: BacktrackDBCluster
#[test]
fn the_target_window_moves_the_floor() {
    let mut bench = Bench::with_clone();
    bench.pass(2 * 3600);
    let floor = seconds(&bench.cluster("copy"), "EarliestBacktrackTime");
    assert_eq!(bench.clock.now().as_second() - floor, 3600);
    assert_eq!(bench.code(REWIND, &to(&bench, 3700)), Code::InvalidParameterValue);
    bench.ok(REWIND, &to(&bench, 3600));
}

/// Rule: EarliestBacktrackTime and BacktrackConsumedChangeRecords are absent while Backtrack is off (API reference, DBCluster)
/// Action: DescribeDBClusters
#[test]
fn only_an_enabled_window_shows_its_records() {
    let mut bench = Bench::with_clone();
    bench.pass(600);
    let with = bench.cluster("copy");
    let consumed: u64 = field(&with, "BacktrackConsumedChangeRecords").unwrap().parse().unwrap();
    assert!(consumed > 0);
    bench.ok("ModifyDBCluster", "DBClusterIdentifier=copy BacktrackWindow=0");
    let without = bench.cluster("copy");
    assert_eq!(field(&without, "BacktrackWindow").as_deref(), Some("0"));
    assert_eq!(count(&without, "EarliestBacktrackTime") + count(&without, "BacktrackConsumedChangeRecords"), 0);
    bench.pass(60);
    assert_eq!(bench.code(REWIND, &to(&bench, 60)), Code::InvalidParameterValue);
}

/// Rule: The actual window is shorter than the target under heavy writes (User Guide, Backtracking)
/// Action: DescribeDBClusters
#[test]
fn heavy_writers_reach_less_far_than_their_target() {
    let mut bench = Bench::with(FleetSpec::Demo);
    let billing = bench.cluster("billing-prod");
    let reach = bench.clock.now().as_second() - seconds(&billing, "EarliestBacktrackTime");
    let target: i64 = field(&billing, "BacktrackWindow").unwrap().parse().unwrap();
    assert!((3600..target / 2).contains(&reach), "{reach} of {target}");
}

/// Rule: Only available Aurora MySQL clusters with a window can be rewound (User Guide, Backtracking)
/// Action: BacktrackDBCluster
#[test]
fn postgresql_and_stopped_clusters_are_refused() {
    let mut bench = Bench::with(FleetSpec::Demo);
    let then = bench.ago(60);
    let rewind = |id: &str| format!("DBClusterIdentifier={id} BacktrackTo={then}");
    let (code, message) = bench.refused(REWIND, &rewind("analytics-prod"));
    assert_eq!(code, Code::InvalidParameterCombination);
    assert!(message.ends_with("does not support Backtrack."), "{message}");
    assert_eq!(bench.code(LIST, "DBClusterIdentifier=analytics-prod"), Code::InvalidParameterCombination);
    assert_eq!(bench.code(REWIND, &rewind("search-dev")), Code::InvalidClusterState);
    assert_eq!(bench.code(REWIND, &rewind("identity-prod")), Code::InvalidParameterValue);
    assert_eq!(bench.code(REWIND, "DBClusterIdentifier=orders-staging"), Code::MissingParameter);
}

/// Rule: With binary logging a rewind needs Force (API reference, BacktrackDBCluster, Force)
/// Action: BacktrackDBCluster
#[test]
fn binary_logging_asks_for_force() {
    let mut bench = Bench::with(FleetSpec::Demo);
    let rewind = format!("DBClusterIdentifier=warehouse-sync-test BacktrackTo={}", bench.ago(600));
    assert_eq!(bench.code(REWIND, &rewind), Code::InvalidParameterCombination);
    bench.ok(REWIND, &format!("{rewind} Force=true"));
}

/// Rule: Past rewinds are listed newest first and found by id, which must be a UUID, and by status (API reference, DescribeDBClusterBacktracks)
/// Action: DescribeDBClusterBacktracks
#[test]
fn past_rewinds_are_found_by_id_and_status() {
    let mut bench = Bench::with(FleetSpec::Demo);
    let list = "DBClusterIdentifier=orders-staging";
    let all = bench.ok(LIST, list);
    assert_eq!(count(&all, "DBClusterBacktrack"), 3);
    let id = field(&all, "BacktrackIdentifier").unwrap();
    assert_eq!(count(&bench.ok(LIST, &format!("{list} BacktrackIdentifier={id}")), "DBClusterBacktrack"), 1);
    let filter = |name: &str, value: &str| {
        format!("{list} Filters.Filter.1.Name={name} Filters.Filter.1.Values.Value.1={value}")
    };
    assert_eq!(count(&bench.ok(LIST, &filter("db-cluster-backtrack-status", "completed")), "DBClusterBacktrack"), 3);
    assert_eq!(count(&bench.ok(LIST, &filter("db-cluster-backtrack-status", "failed")), "DBClusterBacktrack"), 0);
    assert_eq!(bench.code(LIST, &format!("{list} BacktrackIdentifier=x")), Code::InvalidParameterValue);
    let unknown = "00000000-0000-4000-8000-000000000000";
    assert_eq!(bench.code(LIST, &format!("{list} BacktrackIdentifier={unknown}")), Code::BacktrackNotFound);
}
