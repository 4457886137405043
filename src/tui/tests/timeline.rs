//! Moving in time.

use jiff::{SignedDuration, Timestamp};

use super::fixture::{ago, full, now, ready, select};
use crate::tui::harness::Harness;

fn cursor(harness: &Harness) -> Option<Timestamp> {
    harness.state.timeline.at(&harness.state.cluster().unwrap().resource_id)
}

#[rstest::rstest]
#[case("Left", "1s")]
#[case("Left Left Right", "1s")]
#[case("h h h", "3s")]
#[case("[", "1m")]
#[case("{", "1h")]
#[case("{ ] l", "3539s")]
#[case("Home", "23h")]
#[case("@ -25m Enter", "25m")]
#[case(": 11:30 Enter", "30m")]
fn steps(#[case] keys: &str, #[case] back: &str) {
    let mut harness = full(120, 36);
    harness.keys("t");
    harness.keys(keys);
    assert_eq!(cursor(&harness), Some(ago(back)));
}

#[rstest::rstest]
#[case("Right", None, "this is now")]
#[case("Home Left", Some("23h"), "the window reaches back to 2026-11-21 13:00:00 UTC only")]
#[case("@ -30h Enter", Some("23h"), "the window reaches back to")]
#[case("p p p p p p p p", Some("23h"), "no mark, seam, task or event before this")]
fn it_cannot_leave_what_can_be_reached_and_says_why(#[case] keys: &str, #[case] back: Option<&str>, #[case] why: &str) {
    let mut harness = full(120, 36);
    harness.keys("t");
    harness.keys(keys);
    assert_eq!(cursor(&harness), back.map(ago));
    assert!(harness.screen().contains(why), "{}", harness.screen());
}

#[test]
fn moments_are_visited_in_order() {
    let mut harness = full(120, 36);
    harness.keys("t");
    let mut back = Vec::new();
    for _ in 0..5 {
        harness.keys("p");
        back.push(cursor(&harness).unwrap());
    }
    assert_eq!(back, [ago("2m"), ago("40m"), ago("2h"), ago("6h"), ago("23h")], "task, event, mark, seam, floor");
    harness.keys("n");
    assert_eq!(cursor(&harness), Some(ago("6h")));
    harness.keys("End");
    assert_eq!(cursor(&harness), None);
}

#[test]
fn what_is_typed_is_shown_as_understood_before_enter() {
    let mut harness = full(120, 36);
    harness.keys("t @ 1h30m");
    assert!(harness.screen().contains("not yet a time"));
    harness.keys("Enter");
    assert!(harness.screen().contains("`1h30m` is not a time; write"));
    harness.type_text(" ago");
    assert!(harness.screen().contains("2026-11-22 10:30:00 UTC"), "{}", harness.screen());
    assert_eq!(cursor(&harness), None, "nothing moved yet");
    harness.keys("Esc");
    assert!(harness.state.timeline.entry.is_none());
    assert_eq!(cursor(&harness), None);
}

#[test]
fn it_belongs_to_one_cluster() {
    let mut harness = full(120, 36);
    harness.keys("t { + + Down");
    assert_eq!(cursor(&harness), None);
    assert!(harness.state.timeline.span.is_none());
    harness.keys("Up");
    assert_eq!(cursor(&harness), None, "what was chosen elsewhere is not kept in secret");
}

#[test]
fn zooming_ends_where_everything_is_seen() {
    let mut harness = full(120, 36);
    harness.keys("t { + + + +");
    let fine = harness.state.timeline.span.unwrap().length();
    assert!(fine < SignedDuration::from_hours(2));
    assert!(harness.state.timeline.span.unwrap().holds(cursor(&harness).unwrap()));
    harness.keys("- - - - - -");
    assert_eq!(harness.state.timeline.span, None);
}

#[test]
fn the_visible_part_follows() {
    let mut harness = full(120, 36);
    harness.keys("t + + + + { { { { {");
    let span = harness.state.timeline.span.unwrap();
    assert!(span.holds(ago("5h")) && !span.holds(now()));
}

#[test]
fn the_floor_pushes_it_along() {
    let mut harness = ready(120, 36);
    select(&mut harness, "users-eu");
    harness.keys("t Home");
    assert_eq!(cursor(&harness), Some(ago("48h")));
    harness.state.fleet.data.put({
        let mut cluster = harness.state.cluster().unwrap().clone();
        cluster.backtrack.earliest = Some(ago("47h"));
        cluster
    });
    harness.advance(SignedDuration::from_secs(2));
    assert_eq!(cursor(&harness), Some(ago("47h")));
    assert!(harness.screen().contains("the floor has moved on"));
}

#[test]
fn marks_are_visited_alone() {
    let mut harness = full(120, 36);
    harness.keys("t P");
    assert_eq!(cursor(&harness), Some(ago("2h")));
    harness.keys("P");
    assert!(harness.screen().contains("no mark before this that can be reached"), "{}", harness.screen());
    harness.keys("Home N");
    assert_eq!(cursor(&harness), Some(ago("2h")));
}

/// A clone whose backups begin with it, and its source, whose backups go back a week.
fn with_backups() -> Harness {
    let mut harness = full(120, 36);
    let mut clusters = super::fixture::clusters();
    for cluster in &mut clusters {
        let first = cluster.created_at.unwrap().max(ago("7d"));
        cluster.restorable = Some((first, ago("5m")));
    }
    super::fixture::list(&mut harness, clusters);
    harness.keys("Esc");
    select(&mut harness, "clone-orders-release");
    harness
}

#[rstest::rstest]
#[case::before_the_clone_was_made("t @ -30h Enter F", "orders-prod", "30h")]
#[case::before_the_floor("t @ -23h30m Enter F", "clone-orders-release", "23h30m")]
#[case::at_the_cursor("t { F", "clone-orders-release", "1h")]
fn what_no_rewind_reaches_can_be_copied(#[case] keys: &str, #[case] source: &str, #[case] back: &str) {
    let mut harness = with_backups();
    harness.keys(keys);
    let dialog = harness.state.dialog().unwrap();
    assert_eq!((dialog.target.id.as_str(), dialog.copied_moment()), (source, Some(ago(back))), "{}", harness.screen());
    assert_eq!(harness.state.overlays.len(), 1);
    let screen = harness.screen();
    assert!(
        screen.contains("A full copy of") && screen.contains("takes hours and pays for all of its storage"),
        "{screen}"
    );
    let effects = harness.keys("Enter");
    assert!(matches!(&effects[..], [crate::tui::Effect::Start { request, .. }]
        if matches!(&**request, crate::engine::Request::Create(request) if request.full_copy_at == Some(ago(back)))));
}

#[test]
fn a_moment_that_no_backup_holds_is_said_in_the_form() {
    let mut harness = with_backups();
    harness.keys("F Tab Ctrl-U 2026-11-01 Space 10:00 Enter");
    assert!(harness.screen().contains("is outside the backups"), "{}", harness.screen());
    assert!(harness.state.dialog().is_some());
}

#[test]
fn the_plan_of_a_rewind_gives_way_to_a_copy_of_what_it_does_not_reach() {
    let mut harness = with_backups();
    select(&mut harness, "clone-orders-hotfix");
    harness.keys("R Home [");
    assert!(harness.screen().contains("F makes a full copy"), "{}", harness.screen());
    harness.keys("F");
    let dialog = harness.state.dialog().unwrap();
    assert_eq!(dialog.copied_moment(), Some(ago("5h1m")));
    assert_eq!((dialog.target.id.as_str(), harness.state.overlays.len()), ("clone-orders-release", 1), "its source");
}
