//! The filter line.

use super::settle;
use crate::tui::catalogue::OnFilter;
use crate::tui::state::State;

pub(super) fn act(state: &mut State, action: OnFilter) {
    match action {
        OnFilter::Edit => state.fleet.filter.editing = true,
        OnFilter::Keep => state.fleet.filter.editing = false,
        OnFilter::Clear => return clear(state),
    }
    settle(state);
}

pub(super) fn clear(state: &mut State) {
    let now = state.now();
    state.fleet.clear_filter(now);
    settle(state);
}

pub(super) fn edited(state: &mut State) {
    let now = state.now();
    state.fleet.apply_filter(now);
    settle(state);
}
