//! Actions that hold everywhere.

use super::settle;
use crate::engine::Cancel;
use crate::tui::catalogue::App;
use crate::tui::effect::Effect;
use crate::tui::layout::WIDE;
use crate::tui::state::{Focus, Notice, Overlay, Scroll, State};

pub(super) fn act(state: &mut State, action: App) -> Vec<Effect> {
    match action {
        App::Help => state.overlays.push(Overlay::Help(Scroll::default())),
        App::Messages => state.overlays.push(Overlay::Messages(Scroll::default())),
        App::Refresh => state.feed.want(),
        App::Zone => {
            state.ui.utc = !state.ui.utc;
            state.setup.memory.utc = Some(state.ui.utc);
            return vec![Effect::Remember(state.setup.memory.clone())];
        }
        App::NextPane => turn(state, true),
        App::PreviousPane => turn(state, false),
        App::Back => back(state),
        App::OpenTask => {
            if let Some(task) = state.task().cloned() {
                super::card::open(state, &task);
            }
        }
        App::TurnLog(next) => super::card::turn(state, next),
        App::OpenLog => super::card::open_log(state),
        App::Suspend => return vec![Effect::Suspend],
        App::Quit if state.tasks.driven().next().is_some() => state.overlays.push(Overlay::Quit),
        App::QuitLater => leave_later(state),
        App::QuitTearingDown => {
            let runs: Vec<_> = state.driven_runs().map(|run| run.id.clone()).collect();
            leave_later(state);
            return runs.into_iter().map(|id| Effect::Cancel { id, how: Cancel::TearDown }).collect();
        }
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

/// Leaves as soon as nothing is driven here any more.
fn leave_later(state: &mut State) {
    state.overlays.pop();
    state.leaving = true;
    state.tell(Notice::info("leaving as soon as everything here is over; Esc stays"));
}

/// One step back: what is on top goes first.
fn back(state: &mut State) {
    if state.overlays.is_empty() && std::mem::take(&mut state.leaving) {
        return state.tell(Notice::info("staying"));
    }
    if state.overlays.pop().is_some() || state.messages.dismiss() {
        return;
    }
    if state.focus != Focus::Fleet {
        focus(state, Focus::Fleet);
    } else if state.fleet.filter.active() || state.fleet.filter.error.is_some() {
        super::filter::clear(state);
    }
}
