//! The cursor is bound to a cluster, not to a row.

use jiff::SignedDuration;

use super::fixture::{cluster, clusters, empty, full, list, ready, select};
use crate::aurora::cluster::{Cluster, ClusterStatus};
use crate::aws::FleetEvent;
use crate::tui::harness::Harness;
use crate::tui::state::Overlay;
use crate::tui::{Effect, Event};

fn under(harness: &Harness) -> &str {
    harness.state.cluster().unwrap().id.as_str()
}

#[test]
fn a_refresh_leaves_it_on_its_cluster() {
    let mut harness = ready(100, 30);
    select(&mut harness, "users-eu");
    let mut more = clusters();
    more.extend((0..5).map(|n| cluster(&format!("a-new-one-{n}"), "1h")));
    list(&mut harness, more);
    assert_eq!(under(&harness), "users-eu");
}

#[test]
fn while_pages_come_it_stays_and_nothing_is_dropped() {
    let mut harness = ready(100, 30);
    select(&mut harness, "users-eu");
    harness.send(Event::Fleet(FleetEvent::Begun));
    harness.send(Event::Fleet(FleetEvent::Clusters(vec![cluster("billing", "400d")])));
    assert_eq!((under(&harness), harness.state.fleet.len()), ("users-eu", 9));
}

#[test]
fn it_goes_to_the_neighbour_when_its_cluster_vanishes() {
    let mut harness = ready(100, 30);
    select(&mut harness, "orders-loadtest");
    let rest: Vec<Cluster> = clusters().into_iter().filter(|c| c.id.as_str() != "orders-loadtest").collect();
    list(&mut harness, rest);
    assert_eq!(under(&harness), "clone-orders-release");
}

#[test]
fn a_renamed_cluster_keeps_it() {
    let mut harness = ready(100, 30);
    select(&mut harness, "users-eu");
    let mut renamed = clusters();
    for cluster in &mut renamed {
        if cluster.id.as_str() == "users-eu" {
            cluster.id = "aaa-users".parse().unwrap();
        }
    }
    list(&mut harness, renamed);
    assert_eq!(under(&harness), "aaa-users");
}

#[test]
fn an_open_dialog_keeps_its_target_whatever_happens_to_the_list() {
    let mut harness = ready(100, 30);
    select(&mut harness, "clone-orders-hotfix");
    harness.keys("D Tab");
    let rest: Vec<Cluster> = clusters().into_iter().filter(|c| c.id.as_str() != "clone-orders-hotfix").collect();
    list(&mut harness, rest);
    let dialog = harness.state.dialog().unwrap();
    assert_eq!(dialog.target.id.as_str(), "clone-orders-hotfix");
    assert!(dialog.gone && dialog.refused());
    assert!(harness.screen().contains("`clone-orders-hotfix` is not there any more"));
    assert!(harness.keys("Enter").is_empty());
    assert!(harness.state.overlays.is_empty());
}

#[test]
fn before_the_first_listing_is_complete_nothing_is_chosen() {
    let mut harness = empty(100, 30);
    harness.send(Event::Fleet(FleetEvent::Begun));
    harness.send(Event::Fleet(FleetEvent::Clusters(vec![cluster("users", "1d")])));
    assert!(harness.state.cluster().is_none());
    harness.keys("j");
    assert_eq!(under(&harness), "users");
    harness.send(Event::Fleet(FleetEvent::Clusters(vec![cluster("billing", "1d")])));
    harness.send(Event::Fleet(FleetEvent::Done));
    assert_eq!(under(&harness), "users");
}

#[test]
fn the_filter_moves_it_only_while_its_row_is_hidden() {
    let mut harness = ready(100, 30);
    select(&mut harness, "users-eu");
    harness.keys("/ orders");
    assert_ne!(under(&harness), "users-eu");
    assert_eq!(harness.state.fleet.len(), 5);
    harness.keys("zzz");
    assert!(harness.state.cluster().is_none());
    harness.keys("Esc");
    assert_eq!((under(&harness), harness.state.fleet.len()), ("users-eu", 9));
}

#[test]
fn the_filter_is_kept_across_a_refresh_and_bad_ones_are_named() {
    let mut harness = ready(100, 30);
    harness.keys("/ status:creating Enter");
    assert_eq!(harness.state.fleet.len(), 1);
    list(&mut harness, clusters());
    assert_eq!(harness.state.fleet.len(), 1);
    assert!(harness.screen().contains("Fleet 1/9"));
    harness.keys("/ Space");
    harness.send(Event::Paste("colour:red".into()));
    assert!(harness.screen().contains("`colour` is not a field"));
    assert_eq!(harness.state.fleet.len(), 1, "the last good one stays in force");
}

#[test]
fn what_it_rests_on_is_read_and_what_it_passes_is_not() {
    let mut harness = ready(100, 30);
    let mut effects = Vec::new();
    for _ in 0..4 {
        effects.extend(harness.keys("j"));
        effects.extend(harness.advance(SignedDuration::from_millis(30)));
    }
    assert!(effects.is_empty(), "{effects:?}");
    let id = harness.state.cluster().unwrap().resource_id.clone();
    let effects = harness.advance(SignedDuration::from_millis(300));
    assert!(matches!(&effects[..], [Effect::LoadHistory { id: read, .. }] if *read == id), "{effects:?}");
    assert_eq!(harness.advance(SignedDuration::from_secs(4)), []);
    harness.send(Event::History { id, result: Ok(super::fixture::history()) });
    harness.keys("k j");
    let effects = harness.advance(SignedDuration::from_secs(1));
    let read = effects.iter().any(|effect| matches!(effect, Effect::LoadHistory { .. }));
    assert!(!read, "what is known is not read again at once");
}

#[test]
fn ten_thousand_clusters_show_a_page_and_keep_every_one() {
    let mut harness = empty(120, 40);
    harness.send(Event::Fleet(FleetEvent::Begun));
    for page in 0..100 {
        let page = (0..100).map(|n| cluster(&format!("c-{page:02}-{n:02}"), "1d")).collect();
        harness.send(Event::Fleet(FleetEvent::Clusters(page)));
    }
    harness.send(Event::Fleet(FleetEvent::Done));
    assert_eq!(harness.state.fleet.len(), 10_000);
    harness.keys("G");
    assert_eq!(under(&harness), "c-99-99");
    assert!(harness.screen().contains("c-99-99"));
    harness.keys("/ c-50-5");
    assert_eq!(harness.state.fleet.len(), 10);
}

#[test]
fn a_status_is_shown_as_soon_as_its_page_is_there() {
    let mut harness = ready(100, 30);
    harness.send(Event::Fleet(FleetEvent::Begun));
    let mut changed = cluster("users-eu", "200d");
    changed.status = ClusterStatus::Backtracking;
    harness.send(Event::Fleet(FleetEvent::Clusters(vec![changed])));
    assert!(harness.screen().contains("backtracking"));
}

#[test]
fn what_lies_on_top_gets_the_keys() {
    let mut harness = ready(100, 30);
    harness.keys("? j j");
    assert_eq!(harness.state.fleet.position(), 0);
    assert!(matches!(harness.state.overlays[..], [Overlay::Help(scroll)] if scroll.0 == 2));
    harness.keys("Esc j");
    assert_eq!(harness.state.fleet.position(), 1);
}

#[test]
fn a_plan_knows_its_cluster_wherever_the_cursor_goes() {
    let mut harness = full(120, 36);
    harness.keys("t { R");
    let known = |harness: &Harness| {
        let dialog = harness.state.dialog().unwrap();
        let names = dialog.plan.checks.iter().map(|check| check.name).collect::<Vec<_>>();
        (harness.state.story_of(dialog.resource()).is_some(), names)
    };
    let before = known(&harness);
    assert!(before.0 && before.1.contains(&"events"), "{before:?}");
    let now = harness.now;
    harness.state.fleet.move_to(0, now);
    harness.send(Event::Tick);
    assert_eq!(known(&harness), before);
}
