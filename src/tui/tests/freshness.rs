//! How old the data is, and when it is read again.

use jiff::SignedDuration;

use super::fixture::{clusters, empty, list, ready};
use crate::aurora::cluster::ClusterStatus;
use crate::aws::{AwsError, ErrorKind, FleetEvent};
use crate::tui::harness::Harness;
use crate::tui::{Effect, Event, next_deadline, shown_age};

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

fn fail(harness: &mut Harness, kind: ErrorKind) {
    harness.send(Event::Fleet(FleetEvent::Begun));
    harness.send(Event::Fleet(FleetEvent::Failed(AwsError::new(kind, "Rate exceeded"))));
}

/// A fleet in which nothing is under way.
fn calm() -> Harness {
    let mut harness = empty(120, 30);
    let mut clusters = clusters();
    clusters.retain(|cluster| cluster.status == ClusterStatus::Available);
    list(&mut harness, clusters);
    // Its history is read once; this is about the listings.
    harness.advance(seconds(1));
    let id = harness.state.cluster().unwrap().resource_id.clone();
    harness.send(Event::History { id, result: Ok(crate::aws::History::default()) });
    harness
}

fn refreshes(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| **effect == Effect::Refresh).count()
}

#[test]
fn the_first_deadline_asks_for_the_fleet_and_only_once() {
    let mut harness = empty(120, 30);
    assert_eq!(next_deadline(&harness.state, harness.now), Some(harness.now));
    assert_eq!(harness.send(Event::Tick), [Effect::Refresh]);
    assert_eq!(refreshes(&harness.advance(seconds(300))), 0, "one listing at a time");
}

#[test]
fn calm_and_busy_fleets_have_their_own_pace() {
    let mut harness = calm();
    assert_eq!(refreshes(&harness.advance(seconds(28))), 0);
    assert_eq!(refreshes(&harness.advance(seconds(2))), 1);
    let mut busy = ready(120, 30);
    assert!(busy.state.busy());
    assert_eq!(refreshes(&busy.advance(seconds(4))), 0);
    assert_eq!(refreshes(&busy.advance(seconds(1))), 1);
}

#[test]
fn a_key_asks_at_once_and_says_when_that_is_under_way() {
    let mut harness = calm();
    assert_eq!(harness.keys("r"), [Effect::Refresh]);
    assert!(harness.keys("r").is_empty());
    assert!(harness.state.messages.current().unwrap().text.contains("under way"));
}

#[test]
fn failures_keep_what_is_known_and_are_retried_ever_more_slowly() {
    let mut harness = calm();
    let shown = harness.state.fleet.len();
    let mut pauses = Vec::new();
    for _ in 0..5 {
        fail(&mut harness, ErrorKind::Throttled);
        let start = harness.now;
        while refreshes(&harness.advance(seconds(1))) == 0 {}
        pauses.push(harness.now.duration_since(start).as_secs());
    }
    assert_eq!(pauses, [5, 10, 20, 40, 60]);
    assert_eq!(harness.state.fleet.len(), shown);
    let screen = harness.screen();
    assert!(screen.contains("failing: throttled"), "{screen}");
    assert!(screen.contains("users-eu"));
}

#[test]
fn a_failure_is_said_once_and_shown_as_long_as_it_lasts() {
    let mut harness = calm();
    fail(&mut harness, ErrorKind::Expired);
    assert!(harness.state.messages.current().unwrap().text.contains("could not be read"));
    harness.keys("Esc");
    fail(&mut harness, ErrorKind::Expired);
    assert_eq!(harness.state.messages.current(), None);
    assert!(harness.screen().contains("failing: credentials expired"));
    list(&mut harness, clusters());
    assert!(harness.screen().contains("refreshed 0s ago"));
}

#[test]
fn without_credentials_the_pane_says_what_to_do_and_recovers() {
    let mut harness = empty(120, 30);
    fail(&mut harness, ErrorKind::NoCredentials);
    let screen = harness.screen();
    assert!(screen.contains("No credentials") && screen.contains("aurewind demo") && screen.contains("aws sso login"));
    assert_eq!(harness.state.messages.current(), None, "said once, in the pane");
    list(&mut harness, clusters());
    assert!(harness.screen().contains("orders-prod"));
}

#[test]
fn old_data_is_called_stale() {
    let mut harness = calm();
    harness.advance(seconds(30));
    assert!(harness.screen().contains("refreshed 30s ago"), "{}", harness.screen());
    harness.advance(seconds(95));
    assert!(harness.screen().contains("stale 2m"), "{}", harness.screen());
}

#[test]
fn the_shown_age_grows_coarser() {
    let shown = [0, 9, 10, 14, 59, 61, 119, 3_700].map(|age| shown_age(seconds(age)).as_secs());
    assert_eq!(shown, [0, 9, 10, 10, 55, 60, 60, 3_660]);
}

#[test]
fn nothing_is_drawn_while_nothing_changes() {
    let mut harness = calm();
    harness.advance(seconds(12));
    let (start, mut now, mut wakes) = (harness.now, harness.now, 0);
    while let Some(at) = next_deadline(&harness.state, now).filter(|at| *at < start + seconds(15)) {
        now = at;
        harness.now = at;
        harness.send(Event::Tick);
        wakes += 1;
    }
    assert!(wakes <= 4, "{wakes} wakes in 15 s");
}

#[test]
fn a_spinner_turns_only_while_something_runs() {
    let mut harness = calm();
    let next = |harness: &Harness| next_deadline(&harness.state, harness.now).unwrap().duration_since(harness.now);
    assert!(next(&harness) > SignedDuration::from_millis(200));
    harness.keys("r");
    assert!(next(&harness) <= SignedDuration::from_millis(200));
}
