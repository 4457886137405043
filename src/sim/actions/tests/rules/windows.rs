//! 2.4 and 2.6 The two windows, the records that make them, and their events.

use jiff::SignedDuration;

use super::{Bench, Code, REWIND, count, field, second};
use crate::sim::account::backtrack::Backtrack;
use crate::sim::account::measured::Measured;

const EVENTS: &str =
    "SourceType=db-instance SourceIdentifier=orders-1 Duration=20160 EventCategories.EventCategory.1=backtrack";

impl Bench {
    /// `orders`, described anew: so many records a second, with bursts, and room for so many.
    fn writing(per_second: f64, bursts: f64, capacity: f64) -> Self {
        let mut bench = Self::with_source();
        let backtrack = bench.backtrack();
        (backtrack.load.per_second, backtrack.load.bursts, backtrack.capacity) = (per_second, bursts, capacity);
        bench
    }

    fn backtrack(&mut self) -> &mut Backtrack {
        self.account.cluster_mut("orders").unwrap().backtrack.as_mut().unwrap()
    }

    fn actual(&mut self) -> i64 {
        let now = self.clock.now().as_second();
        now - second(&self.cluster("orders"), "EarliestBacktrackTime")
    }

    fn consumed(&mut self) -> u64 {
        field(&self.cluster("orders"), "BacktrackConsumedChangeRecords").unwrap().parse().unwrap()
    }
}

/// Rule: A young cluster reaches back to its creation and no further (User Guide, Backtracking)
/// Action: DescribeDBClusters
#[test]
fn rule_2_4_a_young_cluster_reaches_its_creation() {
    let mut bench = Bench::writing(10.0, 0.0, 1e12);
    let created = second(&bench.cluster("orders"), "ClusterCreateTime");
    assert_eq!(second(&bench.cluster("orders"), "EarliestBacktrackTime"), created);
    bench.pass(3600);
    assert_eq!(second(&bench.cluster("orders"), "EarliestBacktrackTime"), created);
    bench.pass(86_400);
    assert_eq!(bench.actual(), 86_400, "and then as far as its target");
}

/// Rule: BacktrackConsumedChangeRecords grows with what is written and stays below the room there is (User Guide, Backtracking)
/// Action: DescribeDBClusters
#[test]
fn rule_2_4_consumed_records_follow_the_writes() {
    let mut bench = Bench::writing(100.0, 0.0, 3_000_000.0);
    let mut last = bench.consumed();
    for _ in 0..6 {
        bench.pass(600);
        let next = bench.consumed();
        assert!(next > last, "{next} after {last}");
        last = next;
    }
    bench.pass(86_400);
    let full = bench.consumed();
    assert!((2_900_000..=3_000_000).contains(&full), "{full}");
}

/// Rule: The actual window shrinks by day and recovers by night where records run out (User Guide, Backtracking)
/// Action: DescribeDBClusters
#[test]
fn rule_2_4_the_actual_window_shrinks_under_load_and_recovers() {
    let mut bench = Bench::writing(100.0, 0.0, 2_000_000.0);
    bench.pass(2 * 86_400);
    let by_hour: Vec<i64> = (0..24)
        .map(|_| {
            bench.pass(3600);
            bench.actual()
        })
        .collect();
    let (shortest, longest) = (by_hour.iter().min().unwrap(), by_hour.iter().max().unwrap());
    assert!(longest > &(shortest * 3 / 2), "{by_hour:?}");
    assert!(*longest < 86_400);
}

/// Rule: Bursts take from the window (User Guide, Backtracking)
/// Action: DescribeDBClusters
#[test]
fn rule_2_4_bursts_take_from_the_window() {
    let reach = |bursts: f64| {
        let mut bench = Bench::writing(100.0, bursts, 2_000_000.0);
        bench.pass(2 * 86_400);
        bench.actual()
    };
    assert!(reach(20.0) < reach(0.0));
}

/// Rule: EarliestBacktrackTime never moves back while the target stays (User Guide, Backtracking)
/// Action: DescribeDBClusters
#[test]
fn rule_2_4_the_earliest_time_never_moves_back() {
    let mut bench = Bench::writing(100.0, 10.0, 2_000_000.0);
    let mut last = 0;
    for _ in 0..200 {
        bench.pass(977);
        let next = second(&bench.cluster("orders"), "EarliestBacktrackTime");
        assert!(next >= last);
        last = next;
    }
}

/// Rule: A shorter target throws records away, and a longer one does not bring them back (User Guide, Backtracking)
/// Action: ModifyDBCluster
#[test]
fn rule_2_4_thrown_away_records_do_not_come_back() {
    let mut bench = Bench::writing(10.0, 0.0, 1e12);
    bench.pass(40_000);
    bench.ok("ModifyDBCluster", "DBClusterIdentifier=orders BacktrackWindow=3600");
    assert_eq!(bench.actual(), 3600);
    bench.pass(60);
    bench.ok("ModifyDBCluster", "DBClusterIdentifier=orders BacktrackWindow=86400");
    assert_eq!(bench.actual(), 3600);
    bench.pass(1000);
    assert_eq!(bench.actual(), 4600);
}

/// Rule: The records are of the cluster: the window goes on while its instances change, and stays while it has none (User Guide, Backtracking)
/// Action: DeleteDBInstance
#[test]
fn rule_2_4_without_instances_nothing_is_written() {
    let mut bench = Bench::writing(100.0, 0.0, 1e12);
    bench.pass(3600);
    bench.ok("DeleteDBInstance", "DBInstanceIdentifier=orders-1");
    bench.pass(300);
    let before = bench.consumed();
    bench.pass(3600);
    assert_eq!(bench.consumed(), before);
    bench.instance("orders", "orders-2");
    bench.pass(600);
    assert!(bench.consumed() > before);
}

/// Rule: RDS-EVENT-0131 says that the actual window is smaller than the target, RDS-EVENT-0132 that it is the same again (User Guide, Events)
/// Action: DescribeEvents
#[test]
fn rule_2_6_events_say_when_the_window_falls_short_and_recovers() {
    let mut bench = Bench::writing(100.0, 0.0, 8_000_000.0);
    bench.pass(12 * 3600);
    assert_eq!(count(&bench.ok("DescribeEvents", EVENTS), "Event"), 0);
    // A day of 8.64 million records does not fit.
    bench.pass(12 * 3600);
    let short = bench.ok("DescribeEvents", EVENTS);
    assert_eq!(count(&short, "Event"), 1, "{short}");
    assert!(short.contains("is smaller than the target Backtrack window"));
    assert_eq!(field(&short, "SourceType").as_deref(), Some("db-instance"));
    assert!(bench.actual() < 86_400);
    bench.ok("ModifyDBCluster", "DBClusterIdentifier=orders BacktrackWindow=36000");
    bench.pass(600);
    let both = bench.ok("DescribeEvents", EVENTS);
    assert_eq!(count(&both, "Event"), 2, "{both}");
    assert!(both.contains("is the same as the target Backtrack window"));
}

/// Rule: A young window is no alarm: it is short of nothing that was ever written (assumption; User Guide, Events)
/// Action: DescribeEvents
#[test]
fn rule_2_6_a_young_window_is_no_alarm() {
    let mut bench = Bench::writing(100.0, 0.0, 1e9);
    bench.pass(14 * 86_400);
    assert_eq!(count(&bench.ok("DescribeEvents", EVENTS), "Event"), 0);
}

/// Rule: The event comes within the time between two looks, and a day's wave of load rings it once each way (User Guide, Events)
/// Action: DescribeEvents
#[test]
fn rule_2_6_the_alarm_rings_when_it_happens() {
    let mut bench = Bench::writing(100.0, 0.0, 3_000_000.0);
    bench.ok("ModifyDBCluster", "DBClusterIdentifier=orders BacktrackWindow=25200");
    bench.pass(4 * 86_400);
    let events = bench.ok("DescribeEvents", EVENTS);
    let dates: Vec<jiff::Timestamp> =
        events.split("<Date>").skip(1).map(|rest| rest.split('<').next().unwrap().parse().unwrap()).collect();
    assert!(dates.len() >= 6, "{events}");
    let backtrack = bench.backtrack();
    for at in dates {
        let before = at.checked_sub(SignedDuration::from_mins(6)).unwrap();
        assert_ne!(backtrack.lack(before) > 0.0, backtrack.lack(at) > 0.0, "{at}");
    }
}

/// Rule: A rewind to a time that the records no longer reach is refused, though the target would (User Guide, Backtracking)
/// Action: BacktrackDBCluster
#[test]
fn rule_2_4_the_actual_window_bounds_a_rewind() {
    let mut bench = Bench::writing(1000.0, 0.0, 2_000_000.0);
    bench.pass(86_400);
    let actual = bench.actual();
    let to = |seconds: i64, bench: &Bench| format!("DBClusterIdentifier=orders BacktrackTo={}", bench.ago(seconds));
    assert_eq!(bench.code(REWIND, &to(actual + 5, &bench)), Code::InvalidParameterValue);
    bench.ok(REWIND, &to(actual - 5, &bench));
}

/// Rule: with a real database the window is what its past holds, within the target, and its shortness and its end are told (assumption)
/// Action: DescribeEvents, DescribeDBClusters
#[test]
fn rule_2_4_a_real_past_that_falls_short_is_told_of() {
    let mut bench = Bench::with_source();
    let told = |bench: &mut Bench| count(&bench.ok("DescribeEvents", "SourceType=db-instance Duration=600"), "Event");
    let before = told(&mut bench);
    let has = |bench: &mut Bench, seconds: i64| {
        let (first, now) = (bench.ago(seconds), bench.clock.now());
        let past = Measured::new(vec![(first, 0), (now, 1_000)]);
        bench.account.cluster_mut("orders").unwrap().backtrack.as_mut().unwrap().measure(past);
        bench.account.watch_measured("orders", now);
        let earliest = second(&bench.cluster("orders"), "EarliestBacktrackTime");
        now.as_second() - earliest
    };
    // Nothing before the database was there is missed, and nothing before the target is offered.
    assert_eq!(has(&mut bench, 60), 60);
    bench.pass(3_600);
    assert_eq!((has(&mut bench, 3_660), told(&mut bench)), (3_660, before));
    assert_eq!((has(&mut bench, 600), told(&mut bench)), (600, before + 1));
    assert!(bench.ok("DescribeEvents", "SourceType=db-instance Duration=5").contains("is smaller than the target"));
    assert_eq!((has(&mut bench, 500), told(&mut bench)), (500, before + 1));
    assert_eq!((has(&mut bench, 3_660), told(&mut bench)), (3_660, before + 2));
    assert!(bench.ok("DescribeEvents", "SourceType=db-instance Duration=5").contains("is the same as the target"));
    bench.pass(86_400);
    assert_eq!(has(&mut bench, 90_000), 86_400);
}
