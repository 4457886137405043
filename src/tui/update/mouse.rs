//! The mouse: a click chooses, the wheel moves a list or changes the scale of the timeline.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::app::focus;
use super::{lists, time};
use crate::tui::catalogue::{Action, InTime, Move, why_disabled};
use crate::tui::layout;
use crate::tui::state::{Focus, State};
use crate::tui::widgets::timeline::{Span, time_at};

/// Rows that one notch of the wheel moves a list by.
const NOTCH: usize = 3;

pub(super) fn mouse(state: &mut State, mouse: MouseEvent) {
    let at = Position::new(mouse.column, mouse.row);
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => click(state, at),
        // A dragged cursor follows the hand, wherever the hand slips to meanwhile.
        MouseEventKind::Drag(MouseButton::Left) if state.overlays.is_empty() && state.focus == Focus::Timeline => {
            if let Some(area) = layout::areas(state).timeline {
                choose(state, layout::timeline_inside(area), at.x);
            }
        }
        MouseEventKind::ScrollUp => wheel(state, at, false),
        MouseEventKind::ScrollDown => wheel(state, at, true),
        _ => {}
    }
}

/// The pane under the mouse, and where it is.
fn pane(state: &State, at: Position) -> Option<(Focus, Rect)> {
    let areas = layout::areas(state);
    let panes = [
        (Focus::Fleet, areas.fleet),
        (Focus::Details, areas.details),
        (Focus::Timeline, areas.timeline),
        (Focus::Tasks, areas.tasks),
    ];
    panes.into_iter().find_map(|(pane, area)| Some((pane, area.filter(|area| area.contains(at))?)))
}

/// Over a dialog or a text nothing is clicked: what changes an account is confirmed with keys.
fn click(state: &mut State, at: Position) {
    if !state.overlays.is_empty() || layout::too_small(state.pulse.size) {
        return;
    }
    let Some((pane, area)) = pane(state, at) else { return };
    if state.focus != pane {
        state.fleet.filter.editing = false;
        focus(state, pane);
    }
    match pane {
        Focus::Fleet => {
            let first = layout::fleet_table(state, area).y;
            if let Some(row) = at.y.checked_sub(first) {
                let to = state.fleet.offset + usize::from(row);
                if to < state.fleet.len() {
                    lists::go(state, to);
                }
            }
        }
        Focus::Tasks => {
            if let Some(row) = at.y.checked_sub(area.y + 1) {
                let to = state.tasks.offset + usize::from(row);
                if to < state.tasks.len() {
                    lists::go(state, to);
                }
            }
        }
        // The pane may have grown with the focus: the moment is the one that was under the hand, whose columns stay.
        Focus::Timeline => choose(state, layout::timeline_inside(area), at.x),
        Focus::Details => {}
    }
    state.touch();
}

/// Puts the cursor of the timeline on the moment at column `x` of the screen.
fn choose(state: &mut State, inside: Rect, x: u16) {
    if why_disabled(state, Action::Time(InTime::Now)).is_some() || inside.is_empty() {
        return;
    }
    let Some(span) = state.story().map(|story| state.timeline.span.unwrap_or_else(|| Span::whole(&story))) else {
        return;
    };
    let column = x.clamp(inside.x, inside.right() - 1) - inside.x;
    time::point(state, time_at(&span, inside.width, column));
    state.touch();
}

fn wheel(state: &mut State, at: Position, down: bool) {
    let step = if down { Move::Down } else { Move::Up };
    if !state.overlays.is_empty() {
        return repeat(state, step);
    }
    let Some((pane, area)) = pane(state, at) else { return };
    match pane {
        Focus::Timeline if why_disabled(state, Action::Time(InTime::ZoomIn)).is_none() => {
            let inside = layout::timeline_inside(area);
            let Some(span) = state.story().map(|story| state.timeline.span.unwrap_or_else(|| Span::whole(&story)))
            else {
                return;
            };
            let column = at.x.clamp(inside.x, inside.right().max(inside.x + 1) - 1) - inside.x;
            time::zoom(state, time_at(&span, inside.width, column), if down { 1.25 } else { 0.8 });
            state.touch();
        }
        Focus::Timeline => {}
        pane => {
            // The wheel scrolls what is under it, and takes the keys nowhere.
            let before = std::mem::replace(&mut state.focus, pane);
            repeat(state, step);
            state.focus = before;
            super::settle(state);
        }
    }
}

fn repeat(state: &mut State, step: Move) {
    for _ in 0..NOTCH {
        lists::step(state, step);
    }
    state.touch();
}
