//! Clicks and the wheel.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use jiff::{SignedDuration, Timestamp};

use super::fixture::{ago, full, now};
use crate::tui::Event;
use crate::tui::harness::Harness;
use crate::tui::layout;
use crate::tui::state::Focus;
use crate::tui::widgets::timeline::{Span, column_of};

fn mouse(harness: &mut Harness, kind: MouseEventKind, (column, row): (u16, u16)) {
    harness.send(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
}

fn click(harness: &mut Harness, at: (u16, u16)) {
    mouse(harness, MouseEventKind::Down(MouseButton::Left), at);
}

/// The place on screen of the `row`th line that contains `text`.
fn place(harness: &Harness, text: &str) -> (u16, u16) {
    let screen = harness.screen();
    let (row, line) = screen.lines().enumerate().find(|(_, line)| line.contains(text)).unwrap();
    let column = line[..line.find(text).unwrap()].chars().count();
    (column as u16, row as u16)
}

fn span(harness: &Harness) -> Span {
    harness.state.timeline.span.unwrap_or_else(|| Span::whole(&harness.state.story().unwrap()))
}

/// The place of a moment on the band.
fn on_timeline(harness: &Harness, at: Timestamp) -> (u16, u16) {
    let inside = layout::timeline_inside(layout::areas(&harness.state).timeline.unwrap());
    (inside.x + column_of(&span(harness), inside.width, at).unwrap(), inside.y + 2)
}

fn cursor(harness: &Harness) -> Option<Timestamp> {
    harness.state.timeline.at(&harness.state.cluster().unwrap().resource_id)
}

#[test]
fn a_click_chooses_a_cluster_and_a_task() {
    let mut harness = full(120, 36);
    let at = place(&harness, "users-eu");
    click(&mut harness, at);
    assert_eq!(harness.state.cluster().unwrap().id.as_str(), "users-eu");
    let at = place(&harness, "delete clone-orders-hotfix");
    click(&mut harness, at);
    assert_eq!((harness.state.focus, harness.state.tasks.position()), (Focus::Tasks, 2));
    let before = harness.state.cluster().unwrap().id.clone();
    click(&mut harness, (3, 15));
    assert_eq!(harness.state.cluster().unwrap().id, before, "below the last row is nothing");
}

#[test]
fn a_click_on_the_timeline_puts_the_cursor_there_and_dragging_takes_it_along() {
    let mut harness = full(120, 36);
    let column = SignedDuration::from_secs(span(&harness).length().as_secs() / 118 + 1);
    let at = on_timeline(&harness, ago("9h"));
    click(&mut harness, at);
    assert_eq!(harness.state.focus, Focus::Timeline);
    assert!(cursor(&harness).unwrap().duration_since(ago("9h")).abs() <= column, "{:?}", cursor(&harness));
    let at = on_timeline(&harness, ago("3h"));
    mouse(&mut harness, MouseEventKind::Drag(MouseButton::Left), at);
    assert!(cursor(&harness).unwrap().duration_since(ago("3h")).abs() <= column, "{:?}", cursor(&harness));
    // Left of the floor: as far as it goes, with the reason.
    click(&mut harness, (2, at.1));
    assert_eq!(cursor(&harness), Some(ago("23h")));
    assert!(harness.screen().contains("the window reaches back to"), "{}", harness.screen());
}

#[test]
fn the_wheel_over_the_timeline_zooms_around_the_moment_under_it() {
    let mut harness = full(120, 36);
    harness.keys("t");
    let at = on_timeline(&harness, ago("9h"));
    for _ in 0..6 {
        mouse(&mut harness, MouseEventKind::ScrollUp, at);
    }
    let fine = span(&harness);
    assert!(fine.length() < SignedDuration::from_hours(9) && fine.holds(ago("9h")), "{fine:?}");
    assert!(on_timeline(&harness, ago("9h")).0.abs_diff(at.0) <= 6);
    for _ in 0..12 {
        mouse(&mut harness, MouseEventKind::ScrollDown, at);
    }
    assert_eq!(harness.state.timeline.span, None);
    assert_eq!(cursor(&harness), None, "looking moves no cursor");
}

#[test]
fn the_wheel_moves_the_list_under_it_and_scrolls_what_lies_over_all() {
    let mut harness = full(120, 36);
    harness.keys("g t");
    mouse(&mut harness, MouseEventKind::ScrollDown, (10, 5));
    assert_eq!((harness.state.fleet.position(), harness.state.focus), (3, Focus::Timeline));
    harness.keys("Esc Esc ?");
    let before = harness.screen();
    mouse(&mut harness, MouseEventKind::ScrollDown, (10, 5));
    assert_ne!(harness.screen(), before);
    assert_eq!(harness.state.fleet.position(), 3, "what lies below does not move");
}

#[test]
fn nothing_is_confirmed_by_a_click() {
    let mut harness = full(120, 36);
    super::fixture::select(&mut harness, "users-eu");
    harness.keys("R");
    let overlays = harness.state.overlays.len();
    for y in 0..36 {
        for x in 0..120 {
            let effects = harness.send(Event::Mouse(MouseEvent {
                kind: MouseEventKind::Down(MouseButton::Left),
                column: x,
                row: y,
                modifiers: KeyModifiers::NONE,
            }));
            assert!(effects.is_empty());
        }
    }
    assert_eq!((harness.state.overlays.len(), harness.state.tasks.all().len()), (overlays, 3));
    assert_eq!(harness.now, now());
}
