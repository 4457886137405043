//! From a key to a task: the plan is seen first, the guard holds.

use jiff::SignedDuration;

use super::fixture::{ago, clusters, list, now, ready, select};
use crate::aurora::ownership::Keep;
use crate::aurora::request::{CloneRequest, DeleteRequest, RewindRequest};
use crate::aurora::stay::Stay;
use crate::engine::{Estimate, Request};
use crate::tui::dialogs::{FieldName, Stop};
use crate::tui::harness::Harness;
use crate::tui::{Effect, Event};

fn at(id: &str, keys: &str) -> Harness {
    let mut harness = ready(120, 40);
    select(&mut harness, id);
    let effects = harness.keys(keys);
    assert!(effects.is_empty(), "{effects:?}");
    harness
}

fn started(effects: Vec<Effect>) -> (Request, Option<String>) {
    match effects.into_iter().next() {
        Some(Effect::Start { request, typed }) => (*request, typed.map(String::from)),
        other => panic!("nothing was started: {other:?}"),
    }
}

fn clone_request(effects: Vec<Effect>) -> CloneRequest {
    match started(effects).0 {
        Request::Create(request) => request,
        other => panic!("{other:?}"),
    }
}

fn rewind_request(effects: Vec<Effect>) -> RewindRequest {
    match started(effects).0 {
        Request::Rewind(request) => request,
        other => panic!("{other:?}"),
    }
}

fn delete_request(effects: Vec<Effect>) -> DeleteRequest {
    match started(effects).0 {
        Request::Delete(request) => request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_clone_of_production_gets_a_free_name_without_its_protected_part() {
    let mut harness = at("orders-prod", "c");
    let request = clone_request(harness.keys("Enter"));
    assert!(request.name.as_str().starts_with("clone-orders-"), "{}", request.name);
    assert_eq!(request.ttl, Some(SignedDuration::from_hours(4)));
    assert_eq!(request.window, Some(SignedDuration::from_hours(24)));
    assert_eq!(request.owner, "ana@laptop");
    assert!(request.source_resource.is_some() && harness.state.overlays.is_empty());
}

fn stay(effects: Vec<Effect>) -> Stay {
    match started(effects).0 {
        Request::Stay(request) => request.stay,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_clone_is_kept_for_a_week_or_as_is_typed_and_extended_from_its_expiry() {
    let end = |hours| now() + SignedDuration::from_hours(hours);
    let mut harness = at("clone-orders-x7k2", "K");
    assert_eq!(stay(harness.keys("Enter")), Stay::Keep(Keep::Until(end(7 * 24))));
    let mut harness = at("clone-orders-x7k2", "K");
    harness.keys("Ctrl-U forever");
    assert_eq!(stay(harness.keys("Enter")), Stay::Keep(Keep::Forever));
    let mut harness = at("clone-orders-x7k2", "K");
    assert!(harness.keys("Ctrl-U soon Enter").is_empty());
    assert!(harness.screen().contains("or `forever`, or `off`"), "{}", harness.screen());
    let mut harness = at("clone-orders-x7k2", "E");
    let ownership = harness.state.cluster().unwrap().ownership();
    let expiry = ownership.ours().unwrap().expires_at.unwrap();
    assert_eq!(stay(harness.keys("Enter")), Stay::Expire(expiry + SignedDuration::from_hours(4)));
}

#[test]
fn what_is_not_a_clone_of_ours_has_no_end_to_move() {
    for key in ["K", "E"] {
        let harness = at("orders-prod", key);
        assert!(harness.state.overlays.is_empty());
        assert!(harness.screen().contains("protected pattern"), "{}", harness.screen());
    }
}

#[test]
fn every_field_of_the_form_counts() {
    let mut harness = at("orders-prod", "c");
    harness.keys("Ctrl-U my-clone Tab Ctrl-U Tab Ctrl-U off Tab db.r6g.xlarge");
    let request = clone_request(harness.keys("Enter"));
    assert_eq!(request.name.as_str(), "my-clone");
    assert_eq!((request.ttl, request.window), (None, Some(SignedDuration::ZERO)));
    assert_eq!(request.class.as_deref(), Some("db.r6g.xlarge"));
}

#[rstest::rstest]
#[case("Ctrl-U a--b", "ends with a hyphen")]
#[case("Ctrl-U", "the clone needs a name")]
#[case("Ctrl-U users-eu", "there is a cluster `users-eu` already")]
#[case("Ctrl-U orders-prod-2", "matches the protected pattern")]
#[case("Tab Ctrl-U soon", "is not a length of time")]
#[case("Tab Tab Ctrl-U 99h", "72 hours at most")]
fn what_is_wrong_in_the_form_is_shown_and_enter_does_nothing(#[case] keys: &str, #[case] why: &str) {
    let mut harness = at("orders-prod", &format!("c {keys}"));
    assert!(harness.screen().contains(why), "{}", harness.screen());
    assert!(harness.keys("Enter").is_empty());
    assert!(harness.state.dialog().is_some());
    assert!(harness.state.messages.current().unwrap().text.contains(why));
}

#[test]
fn a_rewind_goes_where_the_cursor_of_the_timeline_is() {
    let mut harness = at("clone-orders-hotfix", "t { [ R");
    assert_eq!(harness.state.dialog().unwrap().stop, Stop::Cancel, "the safe side");
    let request = rewind_request(harness.keys("Tab Enter"));
    assert_eq!((request.cluster.as_str(), request.to), ("clone-orders-hotfix", ago("61m")));
    assert!(!request.earliest);
}

#[test]
fn enter_on_the_timeline_is_a_rewind_too_and_cancel_is_the_answer_of_enter() {
    let mut harness = at("clone-orders-hotfix", "t { Enter");
    assert!(harness.state.dialog().is_some());
    assert!(harness.keys("Enter").is_empty());
    assert!(harness.state.overlays.is_empty());
}

#[test]
fn a_typed_moment_is_fixed_when_it_is_typed() {
    let mut harness = at("clone-orders-hotfix", "R Shift-Tab Ctrl-U -25m");
    assert_eq!(harness.state.dialog().unwrap().editing().unwrap().name, FieldName::Time);
    harness.advance(SignedDuration::from_secs(90));
    assert_eq!(harness.state.dialog().unwrap().moment(), Some(ago("25m")));
    assert!(harness.screen().contains("26m 30s ago"), "the distance goes on");
    assert!(harness.keys("Enter").is_empty(), "Enter leaves the line");
    let request = rewind_request(harness.keys("Tab Enter"));
    assert_eq!(request.to, ago("25m"));
}

#[rstest::rstest]
#[case("-9h", "did not exist before")]
#[case("2026-11-22 13:00", "it is not in the past")]
#[case("soon", "is not a time")]
fn a_moment_out_of_reach_can_be_mended_in_place(#[case] typed: &str, #[case] why: &str) {
    let mut harness = at("clone-orders-hotfix", "R Shift-Tab Ctrl-U");
    harness.type_text(typed);
    assert!(harness.screen().contains(why), "{}", harness.screen());
    assert!(harness.keys("Enter Tab Enter").is_empty());
    harness.keys("Tab Ctrl-U -1h Enter");
    assert_eq!(rewind_request(harness.keys("Tab Enter")).to, ago("1h"));
}

#[test]
fn what_is_not_ours_asks_for_its_identifier() {
    let mut harness = at("users-eu", "D");
    assert_eq!(harness.state.dialog().unwrap().editing().unwrap().name, FieldName::Typed);
    for wrong in ["", "users", "users-eu2", "Users-eu"] {
        harness.keys("Ctrl-U");
        harness.type_text(wrong);
        assert!(harness.keys("Enter").is_empty(), "{wrong}");
        assert!(harness.state.dialog().is_some());
    }
    harness.keys("Ctrl-U");
    harness.type_text("users-eu");
    let (request, typed) = started(harness.keys("Enter"));
    assert_eq!((request.target().as_str(), typed.as_deref()), ("users-eu", Some("users-eu")));
}

#[test]
fn ours_is_deleted_after_a_yes_and_nothing_is_typed() {
    let mut harness = at("clone-orders-hotfix", "D");
    let (request, typed) = started(harness.keys("Tab Enter"));
    assert_eq!((request.kind(), typed), ("delete", None));
}

#[test]
fn a_final_snapshot_can_be_named() {
    let mut harness = at("clone-orders-hotfix", "D Shift-Tab last-one");
    assert!(harness.screen().contains("a final snapshot `last-one` is kept"));
    harness.keys("Enter");
    let request = delete_request(harness.keys("Tab Enter"));
    assert_eq!(request.final_snapshot.unwrap().as_str(), "last-one");
}

#[rstest::rstest]
#[case("orders-prod", "D", "matches the protected pattern `*prod*`")]
#[case("orders-prod", "R", "protection is on")]
#[case("clone-orders-release", "R", "it is the source of `clone-orders-hotfix`")]
#[case("reports-stage", "D", "it is stopped")]
fn what_is_refused_can_only_be_closed(#[case] id: &str, #[case] key: &str, #[case] why: &str) {
    let mut harness = at(id, key);
    let dialog = harness.state.dialog().unwrap();
    assert!(dialog.refused() && dialog.editing().is_none());
    assert_eq!(dialog.stops(), [Stop::Cancel]);
    let screen = harness.screen();
    assert!(screen.contains(why) && screen.contains("[ Close ]"), "{screen}");
    assert!(harness.keys("Tab Tab Enter").is_empty());
    assert!(harness.state.overlays.is_empty());
}

#[test]
fn the_plan_is_made_anew_when_the_data_changes() {
    let mut harness = at("clone-orders-hotfix", "D Tab");
    let mut protected = clusters();
    for cluster in &mut protected {
        cluster.settings.deletion_protection |= cluster.id.as_str() == "clone-orders-hotfix";
    }
    list(&mut harness, protected);
    assert!(harness.state.dialog().unwrap().refused());
    assert!(harness.keys("Enter").is_empty());
}

#[test]
fn submitting_checks_once_more_against_the_clock() {
    let mut harness = at("clone-orders-hotfix", "t Home R Tab");
    // The floor is the creation of this clone and stays; the window of another one would move on.
    harness.state.fleet.data.put({
        let mut cluster = harness.state.cluster().unwrap().clone();
        cluster.backtrack.earliest = Some(ago("10m"));
        cluster
    });
    assert!(harness.keys("Enter").is_empty());
    assert!(harness.state.messages.current().unwrap().text.contains("window"));
}

#[test]
fn the_calls_are_shown_as_commands() {
    let mut harness = at("clone-orders-hotfix", "D a");
    assert!(harness.screen().contains("aws rds delete-db-cluster --db-cluster-identifier clone-orders-hotfix"));
    harness.keys("a");
    assert!(!harness.screen().contains("aws rds"));
    harness.keys("Esc");
    select(&mut harness, "orders-prod");
    harness.keys("c a");
    assert!(harness.state.dialog().unwrap().editing().unwrap().input.value().ends_with('a'), "a letter in a line");
}

#[test]
fn a_task_that_could_not_be_started_is_an_error_that_stays() {
    let mut harness = at("clone-orders-hotfix", "D");
    harness.keys("Tab Enter");
    let error =
        crate::engine::TaskError::new(crate::engine::task::FailureKind::Journal, "the disk is full").next("free some");
    harness.send(Event::Started(Err(error)));
    harness.keys("j");
    assert!(harness.screen().contains("not started: the disk is full"));
}

#[test]
fn the_moment_of_a_rewind_is_moved_on_the_timeline_inside_its_plan() {
    let mut harness = at("clone-orders-hotfix", "t { R");
    assert!(harness.screen().contains("floor 07:00:00") || harness.screen().contains("created 07:00:00"));
    harness.keys("[ [ <");
    assert_eq!(harness.state.dialog().unwrap().moment(), Some(ago("1h2m1s")));
    assert!(harness.screen().contains("2026-11-22 10:57:59"), "{}", harness.screen());
    harness.keys("Home <");
    assert_eq!(harness.state.dialog().unwrap().moment(), Some(ago("5h")));
    assert!(harness.screen().contains("it did not exist before"), "{}", harness.screen());
    harness.keys("End");
    assert_eq!(harness.state.dialog().unwrap().moment(), Some(ago("1s")), "a rewind goes back, if only a second");
    harness.keys("} + + +");
    assert!(harness.state.dialog().unwrap().aim().unwrap().span.is_some());
    assert!(harness.state.timeline.span.is_none(), "the pane below shows what it showed");
    // What is typed is taken, and what is moved then is typed over it.
    harness.keys("Shift-Tab Ctrl-U -25m Tab [");
    assert_eq!(harness.state.dialog().unwrap().moment(), Some(ago("26m")));
    let request = rewind_request(harness.keys("Tab Enter"));
    assert_eq!(request.to, ago("26m"));
    assert_eq!(harness.state.timeline.at(&request.resource), Some(ago("1h")), "its cursor has stayed");
}

fn marked(effects: Vec<Effect>) -> crate::aurora::request::MarkRequest {
    match effects.into_iter().next() {
        Some(Effect::Mark(request)) => request,
        other => panic!("nothing was marked: {other:?}"),
    }
}

#[test]
fn a_mark_is_set_now_or_at_the_cursor() {
    let mut harness = at("clone-orders-hotfix", "m before-release");
    let request = marked(harness.keys("Enter"));
    assert_eq!((request.name.as_str(), request.at), ("before-release", Some(now())));
    assert!(harness.state.overlays.is_empty());
    harness.keys("t { m");
    harness.type_text("v 2");
    let request = marked(harness.keys("Enter"));
    assert_eq!((request.name.as_str(), request.at), ("v 2", Some(ago("1h"))));
    harness.keys("m again Tab Ctrl-U -25m");
    assert_eq!(marked(harness.keys("Enter")).at, Some(ago("25m")));
}

#[rstest::rstest]
#[case("m 14:30", "reads as a moment")]
#[case("m a*b", "cannot be in a mark's name")]
#[case("m a Tab Ctrl-U 2026-11-22 Space 13:00", "it is in the future")]
fn a_mark_that_cannot_be_is_refused_in_place(#[case] keys: &str, #[case] why: &str) {
    let mut harness = at("clone-orders-hotfix", keys);
    assert!(harness.screen().contains(why), "{}", harness.screen());
    assert!(harness.keys("Enter").is_empty() && harness.state.dialog().is_some());
}

#[test]
fn force_can_be_asked_for_whatever_is_known_and_is_seen() {
    use crate::aurora::cluster::Binlog;
    let mut harness = at("clone-orders-hotfix", "R f");
    assert!(harness.screen().contains("; with force"), "{}", harness.screen());
    assert!(rewind_request(harness.keys("Tab Enter")).force, "nothing is known of its binary log");
    let history = |binlog| crate::aws::History { binlog, ..super::fixture::history() };
    let id = super::fixture::resource("clone-orders-hotfix");
    harness.send(Event::History { id: id.clone(), result: Ok(history(Binlog::Off)) });
    // A static parameter: what its group says counts from the next reboot on only.
    assert!(rewind_request(harness.keys("R f Tab Enter")).force);
    harness.send(Event::History { id, result: Ok(history(Binlog::On)) });
    harness.keys("R");
    assert!(harness.screen().contains("binary logging is on"), "{}", harness.screen());
    assert!(harness.keys("Tab Enter").is_empty(), "refused without");
    harness.keys("f");
    let request = rewind_request(harness.keys("Enter"));
    assert!(request.force);
}

/// A clone with backups of its own, on which the cursor of the pane was refused another moment.
fn with_backups() -> Harness {
    let mut harness = ready(120, 40);
    let mut known = clusters();
    for cluster in &mut known {
        cluster.restorable = match cluster.id.as_str() {
            "orders-prod" => Some((ago("20d"), ago("5m"))),
            "clone-orders-hotfix" | "users-eu" => Some((ago("5h"), ago("5m"))),
            "clone-orders-release" => Some((ago("1d"), ago("5m"))),
            _ => None,
        };
    }
    list(&mut harness, known);
    select(&mut harness, "clone-orders-hotfix");
    harness
}

fn copied(effects: Vec<Effect>) -> (String, Option<jiff::Timestamp>) {
    let request = clone_request(effects);
    (request.source.to_string(), request.full_copy_at)
}

#[test]
fn the_full_copy_of_a_plan_is_the_one_that_it_offers() {
    let mut harness = with_backups();
    harness.keys("t { { R Shift-Tab Ctrl-U -10h");
    assert!(harness.screen().contains("Tab to a button, then F: a full copy of `clone-orders-release`"));
    harness.keys("Tab");
    assert!(!harness.screen().contains("then F") && harness.screen().contains("a full copy of"));
    harness.keys("F");
    assert_eq!(copied(harness.keys("Enter")), ("clone-orders-release".into(), Some(ago("10h"))));
}

#[test]
fn a_full_copy_from_a_plan_shows_the_moment_of_the_plan() {
    let mut harness = with_backups();
    // The pane was refused an earlier moment; the plan is about another one.
    harness.keys("t Home { R Shift-Tab Ctrl-U -2h Tab F");
    assert_eq!(copied(harness.keys("Enter")), ("clone-orders-hotfix".into(), Some(ago("2h"))));
    // A step beyond the floor inside the plan is a wish of the plan, and ends with it.
    harness.keys("R Home { F");
    assert_eq!(copied(harness.keys("Enter")), ("clone-orders-release".into(), Some(ago("6h"))));
    harness.keys("R Home { Esc End F");
    assert_eq!(copied(harness.keys("Enter")), ("clone-orders-hotfix".into(), Some(ago("5m"))));
}

#[test]
fn a_full_copy_is_of_the_cluster_of_the_plan_wherever_the_cursor_went() {
    let mut harness = with_backups();
    harness.keys("/ clone-orders-hotfix Enter R");
    let mut renamed: Vec<_> = harness.state.fleet.data.iter().cloned().collect();
    for cluster in &mut renamed {
        if cluster.id.as_str() == "clone-orders-hotfix" {
            cluster.id = "clone-orders-away".parse().unwrap();
        } else if cluster.id.as_str() == "users-eu" {
            cluster.id = "clone-orders-hotfix".parse().unwrap();
        }
    }
    list(&mut harness, renamed);
    assert_ne!(harness.state.cluster().unwrap().resource_id, super::fixture::resource("clone-orders-hotfix"));
    harness.keys("F");
    let dialog = harness.state.dialog().unwrap();
    assert_eq!((dialog.target.id.as_str(), dialog.copied_moment()), ("clone-orders-away", Some(ago("5m"))));
}

#[test]
fn arrows_move_in_time_in_a_plan_as_they_do_on_the_timeline() {
    let mut harness = at("clone-orders-hotfix", "t { R Right Right l Left h Left Left");
    let dialog = harness.state.dialog().unwrap();
    assert_eq!((dialog.stop, dialog.moment()), (Stop::Cancel, Some(ago("1h1s"))));
    assert!(harness.keys("Right Enter").is_empty() && harness.state.dialog().is_none());
}

proptest::proptest! {
    #[test]
    fn no_moment_that_is_typed_is_too_far_for_any_key(
        typed in proptest::sample::select(vec![
            "9999-12-30T22:00:00Z", "-009999-01-02T01:59:59Z", "-87660h", "2026-11-22 12:00:00", "1970-01-01 00:00", "-3s",
        ]),
        keys in proptest::collection::vec(proptest::sample::select(vec![
            "Left", "Right", "<", ">", "[", "]", "{", "}", "p", "n", "P", "N", "Home", "End", "+", "-", "Tab", "Shift-Tab",
        ]), 0..12),
    ) {
        let mut harness = at("clone-orders-hotfix", "R Shift-Tab Ctrl-U");
        harness.type_text(typed);
        harness.keys("Tab");
        harness.keys(&keys.join(" "));
        harness.screen();
        harness.keys("Esc Esc t @");
        harness.type_text(typed);
        harness.keys("Enter");
        harness.keys(&keys.join(" "));
        harness.screen();
    }
}

#[test]
fn a_step_from_a_moment_that_never_comes_is_refused() {
    let mut harness = at("clone-orders-hotfix", "R Shift-Tab Ctrl-U 9999-12-30T22:00:00Z Tab }");
    assert!(harness.screen().contains("this is now; a rewind goes back"), "{}", harness.screen());
    harness.keys("{");
    assert_eq!(harness.state.dialog().unwrap().moment(), Some(ago("1h1s")));
}

#[test]
fn instants_of_a_plan_are_told_in_the_chosen_zone() {
    let mut harness = at("clone-orders-hotfix", "");
    harness.state.ui.zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(5));
    harness.keys("R Shift-Tab Ctrl-U 2026-11-22T06:00:00Z Tab");
    let screen = harness.screen();
    assert!(
        screen.contains("did not exist before 2026-11-22 12:00:00 +05") && !screen.contains("07:00:00Z"),
        "{screen}"
    );
}

#[test]
fn how_to_leave_and_what_enter_does_is_seen_on_a_small_screen() {
    let mut harness = at("clone-orders-hotfix", "R");
    harness.resize(80, 24);
    let footer = |harness: &Harness| harness.screen().lines().last().unwrap().to_owned();
    assert!(footer(&harness).contains("scroll") && footer(&harness).contains("Esc cancel"), "{}", footer(&harness));
    assert!(footer(&harness).contains("Enter cancel") || footer(&harness).contains("Enter/Esc cancel"));
    harness.keys("Tab");
    assert!(footer(&harness).contains("Enter Rewind"), "{}", footer(&harness));
}

#[test]
fn an_old_count_of_connections_is_not_told() {
    let mut harness = at("clone-orders-hotfix", "");
    let id = super::fixture::resource("clone-orders-hotfix");
    harness.send(Event::History { id: id.clone(), result: Ok(super::fixture::history()) });
    let metrics = crate::aws::Metrics { rates: Vec::new(), connections: Some(37) };
    harness.send(Event::Metrics { id, metrics });
    harness.keys("R");
    assert!(harness.screen().contains("about 37 open connections"), "{}", harness.screen());
    harness.keys("Esc");
    harness.advance(SignedDuration::from_mins(6));
    harness.keys("R");
    assert!(!harness.screen().contains("37 open") && harness.screen().contains("open connections are"));
}

#[test]
fn the_plan_of_a_rewind_says_how_long_rewinds_took() {
    let mut harness = ready(120, 40);
    select(&mut harness, "clone-orders-hotfix");
    let id = harness.state.cluster().unwrap().resource_id.clone();
    harness.send(Event::History { id: id.clone(), result: Ok(super::fixture::history()) });
    let (median, p90) = (SignedDuration::from_secs(70), SignedDuration::from_secs(130));
    harness.send(Event::Usual { id, estimate: Estimate { median, p90, samples: 4 } });
    harness.keys("R");
    assert!(harness.screen().contains("usually 1m 10s"), "{}", harness.screen());
}
