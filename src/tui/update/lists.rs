//! Moving in lists and texts.

use super::settle;
use crate::tui::catalogue::Move;
use crate::tui::layout;
use crate::tui::state::{Focus, Overlay, Scroll, State};

pub(super) fn step(state: &mut State, step: Move) {
    let height = state.pulse.size.height;
    if state.picker().is_some() {
        return super::picker::step(state, step);
    }
    match state.overlays.last_mut() {
        Some(Overlay::Help(scroll) | Overlay::Messages(scroll) | Overlay::Task(_, scroll)) => {
            scroll_by(scroll, step, height);
        }
        Some(Overlay::Dialog(dialog)) => {
            let mut scroll = Scroll(dialog.scroll);
            scroll_by(&mut scroll, step, height / 2);
            dialog.scroll = scroll.0;
        }
        Some(Overlay::Starter(_)) => super::starter::step(state, step),
        Some(Overlay::Run(_)) => super::card::step(state, step),
        Some(Overlay::Log(_)) => super::card::scroll(state, step),
        Some(Overlay::Picker(_) | Overlay::Choice(_) | Overlay::Quit) => {}
        None => in_pane(state, step),
    }
}

fn in_pane(state: &mut State, step: Move) {
    match state.focus {
        Focus::Details => {
            let page = state.pulse.size.height / 2;
            scroll_by(&mut state.details, step, page);
        }
        Focus::Tasks => {
            let (page, count) = (layout::task_rows(state), state.tasks.len());
            go(state, target(step, state.tasks.position(), page, count));
        }
        Focus::Fleet | Focus::Timeline => {
            let (page, count) = (layout::fleet_rows(state), state.fleet.len());
            // The first move of all shows where the cursor is.
            let hidden = state.fleet.cursor().is_none();
            let to = if hidden { 0 } else { target(step, state.fleet.position(), page, count) };
            go(state, to);
        }
    }
}

/// Puts the cursor of the list that has the keys on row `to`.
pub(super) fn go(state: &mut State, to: usize) {
    if state.focus == Focus::Tasks {
        let page = layout::task_rows(state);
        return state.tasks.move_to(to, page);
    }
    let now = state.now();
    state.fleet.move_to(to, now);
    state.details = Scroll::default();
    settle(state);
}

pub(super) fn target(step: Move, here: usize, page: usize, count: usize) -> usize {
    match step {
        Move::Up => here.saturating_sub(1),
        Move::Down => (here + 1).min(count.saturating_sub(1)),
        Move::PageUp => here.saturating_sub(page),
        Move::PageDown => (here + page).min(count.saturating_sub(1)),
        Move::First => 0,
        Move::Last => count.saturating_sub(1),
    }
}

/// The view never shows less than a full page; a line beyond the end costs one key press on the way back, no more,
/// because the end is known to the view alone.
pub(super) fn scroll_by(scroll: &mut Scroll, step: Move, page: u16) {
    const END: u16 = 10_000;
    scroll.0 = match step {
        Move::Up => scroll.0.saturating_sub(1),
        Move::Down => scroll.0.saturating_add(1).min(END),
        Move::PageUp => scroll.0.saturating_sub(page),
        Move::PageDown => scroll.0.saturating_add(page).min(END),
        Move::First => 0,
        Move::Last => END,
    };
}
