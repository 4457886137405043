//! 2.1 to 2.5 Rewinding.

use rstest::rstest;

use super::{Bench, Code, FleetSpec, RESTORE, REWIND, clone_of_orders, count, field, second};

const LIST: &str = "DescribeDBClusterBacktracks";

fn back(bench: &Bench, seconds: i64) -> String {
    format!("DBClusterIdentifier=copy BacktrackTo={}", bench.ago(seconds))
}

/// Rule: A rewind lands on the nearest consistent time, which is the same for whoever asks again (API reference, BacktrackTo)
/// Action: BacktrackDBCluster
#[test]
fn rule_2_1_a_rewind_lands_on_the_nearest_consistent_time() {
    let mut bench = Bench::with_clone();
    bench.pass(3000);
    let to = format!("DBClusterIdentifier=copy BacktrackTo={}", bench.ago(1200));
    let mut landed = Vec::new();
    for _ in 0..2 {
        let asked = second(&bench.ok(REWIND, &to), "BacktrackTo");
        bench.pass(100);
        landed.push(second(&bench.ok(LIST, "DBClusterIdentifier=copy"), "BacktrackTo"));
        assert!((landed[0] - asked).abs() <= 3);
    }
    assert_eq!(landed[0], landed[1]);
}

/// Rule: BacktrackTo must be in the past (API reference, BacktrackTo)
/// Action: BacktrackDBCluster
#[test]
fn rule_2_1_the_target_is_in_the_past() {
    let mut bench = Bench::with_clone();
    bench.pass(600);
    for seconds in [0, -1, -3600] {
        assert_eq!(bench.code(REWIND, &back(&bench, seconds)), Code::InvalidParameterValue);
    }
}

/// Rule: Both parameters are required, the time in ISO 8601 (API reference, BacktrackDBCluster)
/// Action: BacktrackDBCluster
#[rstest]
#[case("DBClusterIdentifier=copy", Code::MissingParameter)]
#[case("BacktrackTo=2026-11-22T12:00:00Z", Code::MissingParameter)]
#[case("DBClusterIdentifier=copy BacktrackTo=yesterday", Code::InvalidParameterValue)]
#[case("DBClusterIdentifier=nope BacktrackTo=2026-11-22T12:00:00Z", Code::ClusterNotFound)]
fn rule_2_1_both_parameters_are_required(#[case] sent: &str, #[case] code: Code) {
    assert_eq!(Bench::with_clone().code(REWIND, sent), code);
}

/// Rule: The answer of a rewind is not wrapped in an element of its own (API reference, BacktrackDBCluster)
/// Action: BacktrackDBCluster
#[test]
fn rule_2_1_the_members_stand_in_the_result() {
    let mut bench = Bench::with_clone();
    bench.pass(600);
    let answer = bench.ok(REWIND, &back(&bench, 300));
    assert!(answer.starts_with("<DBClusterIdentifier>copy</DBClusterIdentifier><BacktrackIdentifier>"), "{answer}");
    let id = field(&answer, "BacktrackIdentifier").unwrap();
    assert!(uuid::Uuid::try_parse(&id).is_ok());
}

/// Rule: BacktrackedFrom is when the database was taken back, not when that was asked for (API reference, DBClusterBacktrack)
/// Action: DescribeDBClusterBacktracks
#[test]
fn rule_2_2_backtracked_from_is_later_than_the_request() {
    let mut bench = Bench::with_clone();
    bench.pass(600);
    bench.ok(REWIND, &back(&bench, 300));
    bench.pass(100);
    let done = bench.ok(LIST, "DBClusterIdentifier=copy");
    let (from, requested) = (second(&done, "BacktrackedFrom"), second(&done, "BacktrackRequestCreationTime"));
    assert!((40..90).contains(&(from - requested)), "{from} {requested}");
}

/// Rule: The list is newest first, in pages (API reference, DescribeDBClusterBacktracks)
/// Action: DescribeDBClusterBacktracks
#[test]
fn rule_2_2_rewinds_are_listed_newest_first_in_pages() {
    let mut bench = Bench::with_clone();
    bench.pass(3000);
    for _ in 0..25 {
        bench.ok(REWIND, &back(&bench, 60));
        bench.pass(120);
    }
    let list = "DBClusterIdentifier=copy MaxRecords=20";
    let first = bench.ok(LIST, list);
    let marker = field(&first, "Marker").unwrap();
    let rest = bench.ok(LIST, &format!("{list} Marker={marker}"));
    assert_eq!((count(&first, "DBClusterBacktrack"), count(&rest, "DBClusterBacktrack")), (20, 5));
    let times: Vec<String> = [first, rest]
        .iter()
        .flat_map(|page| page.split("<BacktrackRequestCreationTime>").skip(1))
        .map(|part| part.split('<').next().unwrap().to_owned())
        .collect();
    assert!(times.is_sorted_by(|a, b| a > b));
}

/// Rule: A cluster that never had Backtrack has no rewinds; an engine without it is an error (API reference, DescribeDBClusterBacktracks)
/// Action: DescribeDBClusterBacktracks
#[test]
fn rule_2_2_engines_without_backtrack_refuse_the_list() {
    let mut bench = Bench::with(FleetSpec::Demo);
    assert_eq!(count(&bench.ok(LIST, "DBClusterIdentifier=identity-prod"), "DBClusterBacktrack"), 0);
    let (code, message) = bench.refused(LIST, "DBClusterIdentifier=analytics-prod");
    assert_eq!(code, Code::InvalidParameterCombination);
    assert!(message.contains("does not support Backtrack"));
}

/// Rule: Backtrack is enabled when a cluster is made, on Aurora MySQL only (User Guide, Backtracking)
/// Action: CreateDBCluster
#[test]
fn rule_2_3_only_aurora_mysql_is_made_with_a_window() {
    let mut bench = Bench::empty();
    let base = "MasterUsername=admin MasterUserPassword=secret-enough BacktrackWindow=3600";
    let made = bench.ok("CreateDBCluster", &format!("DBClusterIdentifier=a Engine=aurora-mysql {base}"));
    assert_eq!(field(&made, "BacktrackWindow").as_deref(), Some("3600"));
    assert_eq!(
        bench.code("CreateDBCluster", &format!("DBClusterIdentifier=b Engine=aurora-postgresql {base}")),
        Code::InvalidParameterCombination
    );
}

/// Rule: A clone has no window unless it asks for one, whatever its source has (API reference, BacktrackWindow)
/// Action: RestoreDBClusterToPointInTime
#[test]
fn rule_2_3_a_window_is_not_carried_over() {
    let mut bench = Bench::with_source();
    let made = bench.ok(RESTORE, &clone_of_orders("copy", ""));
    assert_eq!(field(&made, "BacktrackWindow").as_deref(), Some("0"));
    bench.pass(400);
    bench.instance("copy", "copy-1");
    assert_eq!(
        bench.code("ModifyDBCluster", "DBClusterIdentifier=copy BacktrackWindow=60"),
        Code::InvalidParameterCombination
    );
    assert_eq!(bench.code(REWIND, &back(&bench, 60)), Code::InvalidParameterValue);
}

/// Rule: Both sides of a rewind stay reachable by their own time, back and forth (User Guide, Backtracking)
/// Action: BacktrackDBCluster
#[test]
fn rule_2_5_back_and_forth() {
    let mut bench = Bench::with_clone();
    bench.pass(3000);
    let (long_ago, between) = (bench.ago(2400), bench.ago(1200));
    for to in [long_ago, between, long_ago, between] {
        bench.ok(REWIND, &format!("DBClusterIdentifier=copy BacktrackTo={to}"));
        bench.pass(100);
        let landed = second(&bench.ok(LIST, "DBClusterIdentifier=copy"), "BacktrackTo");
        assert!((landed - to.as_second()).abs() <= 3);
    }
}

/// Rule: A rewind changes no EarliestBacktrackTime: the timeline is by the clock on the wall (User Guide, Backtracking)
/// Action: BacktrackDBCluster
#[test]
fn rule_2_5_a_rewind_does_not_move_the_window() {
    let mut bench = Bench::with_clone();
    bench.pass(2000);
    let before = second(&bench.cluster("copy"), "EarliestBacktrackTime");
    bench.ok(REWIND, &back(&bench, 900));
    bench.pass(120);
    assert_eq!(second(&bench.cluster("copy"), "EarliestBacktrackTime"), before);
}

/// Rule: Start and end of a rewind are no events (User Guide, Events)
/// Action: DescribeEvents
#[test]
fn rule_2_6_a_rewind_is_no_event() {
    let mut bench = Bench::with_clone();
    bench.pass(1000);
    let before = count(&bench.ok("DescribeEvents", "Duration=20160"), "Event");
    bench.ok(REWIND, &back(&bench, 500));
    bench.pass(200);
    assert_eq!(count(&bench.ok("DescribeEvents", "Duration=20160"), "Event"), before);
}

/// Rule: A cluster that is being rewound can be neither cloned, modified, deleted nor rewound (API reference, InvalidDBClusterStateFault)
/// Action: BacktrackDBCluster
#[test]
fn rule_2_5_a_cluster_that_is_being_rewound_is_busy() {
    let mut bench = Bench::with_clone();
    bench.pass(1000);
    bench.ok(REWIND, &back(&bench, 500));
    for (action, parameters) in [
        (REWIND, back(&bench, 500)),
        (RESTORE, "DBClusterIdentifier=x SourceDBClusterIdentifier=copy RestoreType=copy-on-write".to_owned()),
        ("ModifyDBCluster", "DBClusterIdentifier=copy BacktrackWindow=60".to_owned()),
        ("DeleteDBCluster", "DBClusterIdentifier=copy SkipFinalSnapshot=true".to_owned()),
    ] {
        assert_eq!(bench.code(action, &parameters), Code::InvalidClusterState, "{action}");
    }
    assert_eq!(bench.code("DeleteDBInstance", "DBInstanceIdentifier=copy-1"), Code::InvalidInstanceState);
}
