//! Actions that hold everywhere.

use super::settle;
use crate::config::Memory;
use crate::tui::catalogue::App;
use crate::tui::effect::Effect;
use crate::tui::layout::WIDE;
use crate::tui::state::{Focus, Overlay, Scroll, State};

pub(super) fn act(state: &mut State, action: App) -> Vec<Effect> {
    match action {
        App::Help => state.overlays.push(Overlay::Help(Scroll::default())),
        App::Messages => state.overlays.push(Overlay::Messages(Scroll::default())),
        App::Refresh => state.feed.want(),
        App::Zone => {
            state.ui.utc = !state.ui.utc;
            return vec![Effect::Remember(Memory { utc: Some(state.ui.utc) })];
        }
        App::NextPane => turn(state, true),
        App::PreviousPane => turn(state, false),
        App::Back => back(state),
        App::OpenTask => {
            if let Some(id) = state.tasks.cursor().cloned() {
                state.overlays.push(Overlay::Task(id, Scroll::default()));
            }
        }
        App::Suspend => return vec![Effect::Suspend],
        App::Quit if state.tasks.driven().next().is_some() => state.overlays.push(Overlay::Quit),
        App::Quit | App::QuitNow => return vec![Effect::Quit],
    }
    Vec::new()
}

/// The panes in the order of Tab. Where the details have no column of their own, Enter shows them.
fn turn(state: &mut State, forward: bool) {
    const WITH_DETAILS: &[Focus] = &[Focus::Fleet, Focus::Details, Focus::Timeline, Focus::Tasks];
    const WITHOUT: &[Focus] = &[Focus::Fleet, Focus::Timeline, Focus::Tasks];
    let panes = if state.pulse.size.width >= WIDE { WITH_DETAILS } else { WITHOUT };
    let here = panes.iter().position(|pane| *pane == state.focus).unwrap_or(0);
    let next = if forward { here + 1 } else { here + panes.len() - 1 };
    if let Some(pane) = panes.get(next % panes.len()) {
        focus(state, *pane);
    }
}

pub(super) fn focus(state: &mut State, pane: Focus) {
    state.focus = pane;
    state.timeline.entry = None;
    state.timeline.forget_wish();
    settle(state);
}

/// One step back: what is on top goes first.
fn back(state: &mut State) {
    if state.overlays.pop().is_some() || state.messages.dismiss() {
        return;
    }
    if state.focus != Focus::Fleet {
        focus(state, Focus::Fleet);
    } else if state.fleet.filter.active() || state.fleet.filter.error.is_some() {
        super::filter::clear(state);
    }
}
