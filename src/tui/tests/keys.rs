//! Keys in general.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::fixture::{ready, select};
use crate::tui::state::{Focus, Overlay};
use crate::tui::{Effect, Event};

#[test]
fn a_released_key_does_nothing() {
    let mut harness = ready(100, 30);
    let before = (harness.state.pulse.version, harness.state.fleet.position());
    let mut key = KeyEvent::new(KeyCode::Char('j'), KeyModifiers::NONE);
    key.kind = KeyEventKind::Release;
    harness.send(Event::Key(key));
    assert_eq!((harness.state.pulse.version, harness.state.fleet.position()), before);
    key.kind = KeyEventKind::Repeat;
    harness.send(Event::Key(key));
    assert_eq!(harness.state.fleet.position(), 1);
}

#[test]
fn a_key_without_meaning_changes_nothing_on_screen() {
    let mut harness = ready(100, 30);
    let version = harness.state.pulse.version;
    harness.keys("x");
    assert_eq!(harness.state.pulse.version, version);
}

#[rstest::rstest]
#[case("reports-stage", "R", "Backtrack is off on `reports-stage`")]
#[case("billing", "R", "aurora-postgresql has no Backtrack")]
#[case("reports-stage", "c", "only an available cluster can be cloned")]
#[case("clone-orders-x7k2", "Y", "has no endpoint yet")]
#[case("billing", "t Left", "aurora-postgresql has no Backtrack")]
fn what_is_not_possible_says_why(#[case] id: &str, #[case] keys: &str, #[case] why: &str) {
    let mut harness = ready(100, 30);
    select(&mut harness, id);
    assert!(harness.keys(keys).is_empty());
    let said = &harness.state.messages.current().unwrap().text;
    assert!(said.contains(why), "{said}");
    assert!(harness.state.overlays.is_empty());
    assert!(harness.screen().contains(&why[..15]));
    harness.keys("Down");
    assert_eq!(harness.state.messages.current(), None);
}

#[test]
fn read_only_mode_refuses_every_change() {
    let mut harness = ready(100, 30);
    harness.state.setup.policy.read_only = true;
    select(&mut harness, "clone-orders-hotfix");
    for key in ["c", "R", "D"] {
        harness.keys(key);
        assert!(harness.state.messages.current().unwrap().text.contains("read-only"));
        assert!(harness.state.overlays.is_empty());
    }
}

#[test]
fn an_error_stays_until_it_is_dismissed() {
    let mut harness = ready(100, 30);
    harness.send(Event::Notice(crate::tui::state::Notice::error("it broke")));
    harness.keys("j k Tab");
    assert!(harness.screen().contains("it broke"));
    harness.keys("Esc");
    assert!(!harness.screen().contains("it broke"));
    harness.keys("!");
    assert!(harness.screen().contains("it broke"), "the history keeps it");
}

#[test]
fn panes_take_turns_and_esc_leads_home() {
    let mut harness = ready(100, 30);
    let mut seen = Vec::new();
    for _ in 0..3 {
        harness.keys("Tab");
        seen.push(harness.state.focus);
    }
    assert_eq!(seen, [Focus::Timeline, Focus::Tasks, Focus::Fleet]);
    harness.resize(120, 30);
    harness.keys("Tab");
    assert_eq!(harness.state.focus, Focus::Details);
    harness.keys("Esc");
    assert_eq!(harness.state.focus, Focus::Fleet);
}

#[test]
fn identifiers_and_endpoints_are_copied() {
    let mut harness = ready(100, 30);
    select(&mut harness, "users-eu");
    assert_eq!(harness.keys("y"), [Effect::Copy("users-eu".into())]);
    let endpoint = "users-eu.cluster-c9akciq32.eu-west-1.rds.amazonaws.com:3306";
    assert_eq!(harness.keys("Y"), [Effect::Copy(endpoint.into())]);
}

#[test]
fn a_paste_is_text_and_never_a_command() {
    let mut harness = ready(100, 30);
    assert!(harness.send(Event::Paste("q".into())).is_empty());
    assert!(harness.state.overlays.is_empty());
    harness.keys("/");
    harness.send(Event::Paste(" or\x1b[31mders\n".into()));
    assert_eq!(harness.state.fleet.filter.input.value(), "or[31mders");
}

#[test]
fn wide_characters_can_be_typed_and_taken_back() {
    let mut harness = ready(60, 16);
    harness.keys("/");
    harness.type_text("größe 日本語");
    harness.screen();
    harness.keys("Backspace Left Backspace");
    assert_eq!(harness.state.fleet.filter.input.value(), "größe 本");
    harness.screen();
}

#[test]
fn times_are_shown_in_utc_or_in_the_own_zone() {
    let mut harness = super::fixture::full(120, 36);
    harness.state.ui.zone =
        jiff::tz::TimeZone::get("Europe/Berlin").unwrap_or(jiff::tz::TimeZone::fixed(jiff::tz::offset(1)));
    assert!(harness.screen().contains("now 13:00:00"));
    harness.keys("u");
    assert!(harness.screen().contains("now 12:00:00"));
}

#[test]
fn suspending_and_leaving_are_for_the_outside() {
    let mut harness = ready(100, 30);
    assert_eq!(harness.keys("Ctrl-Z"), [Effect::Suspend]);
    assert_eq!(harness.keys("q"), [Effect::Quit]);
    assert_eq!(harness.keys("Ctrl-C"), [Effect::Quit]);
}

#[test]
fn on_a_screen_too_small_to_read_nothing_is_confirmed() {
    let mut harness = ready(100, 30);
    select(&mut harness, "clone-orders-hotfix");
    harness.keys("D Tab");
    harness.resize(40, 10);
    assert!(harness.keys("Enter").is_empty());
    harness.resize(100, 30);
    assert!(matches!(harness.state.overlays[..], [Overlay::Dialog(_)]));
}
