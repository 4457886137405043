//! The lists of past rewinds and marks.

use super::app::focus;
use super::{lists, time};
use crate::aurora::ids::ResourceId;
use crate::tui::catalogue::{Move, OnPick};
use crate::tui::dialogs::{Aim, Dialog};
use crate::tui::effect::Effect;
use crate::tui::state::{Focus, Listed, Notice, Overlay, Picker, State};

/// Opens a list.
pub(super) fn open(state: &mut State, listed: Listed, cluster: ResourceId) {
    state.overlays.push(Overlay::Picker(Picker::new(listed, cluster)));
}

/// Moves the cursor of the list on top.
pub(super) fn step(state: &mut State, step: Move) {
    let Some(picker) = state.picker() else { return };
    let page = usize::from(state.pulse.size.height / 2).max(1);
    let to = lists::target(step, picker.position(state), page, picker.len(state));
    let moved = picker.moved(state, to);
    state.overlays.pop();
    state.overlays.push(Overlay::Picker(moved));
}

pub(super) fn act(state: &mut State, action: OnPick) -> Vec<Effect> {
    let Some(picker) = state.picker().cloned() else { return Vec::new() };
    if action == OnPick::TakeOff {
        take_off(state, &picker);
        return Vec::new();
    }
    let Some(at) = picker.moment(state) else {
        state.tell(Notice::warn(nothing(&picker, state)));
        return Vec::new();
    };
    match action {
        // The list stays behind while the cursor goes: what is chosen is seen in its place in time.
        OnPick::Go => {
            if !state.fleet.go_to(&picker.cluster, state.pulse.now) {
                state.tell(Notice::warn("its cluster is not shown in the fleet any more"));
                return Vec::new();
            }
            state.overlays.pop();
            focus(state, Focus::Timeline);
            time::point(state, at);
        }
        OnPick::Rewind => {
            let Some(cluster) = state.fleet.data.get(&picker.cluster) else { return Vec::new() };
            let dialog =
                Dialog::rewind(cluster, Aim { to: at, span: None, force: false }, state.desk(), &state.ui.zone());
            state.timeline.forget_wish();
            state.overlays.push(Overlay::Dialog(Box::new(dialog)));
        }
        OnPick::TakeOff => {}
    }
    Vec::new()
}

/// Asks whether to take the mark under the cursor off: others may see it and count on it.
fn take_off(state: &mut State, picker: &Picker) {
    let found = picker.mark(state).zip(state.fleet.data.get(&picker.cluster));
    match found.map(|(mark, cluster)| Dialog::unmark(cluster, &mark.name, state.desk(), &state.ui.zone())) {
        Some(dialog) => state.overlays.push(Overlay::Dialog(Box::new(dialog))),
        None => state.tell(Notice::warn("there is no mark here to take off")),
    }
}

/// Why the row under the cursor leads nowhere.
fn nothing(picker: &Picker, state: &State) -> String {
    match picker.rewind(state) {
        Some(rewind) if rewind.status.is_final() => {
            "this rewind changed nothing; there is nothing to go back to".into()
        }
        Some(_) => "this rewind is not over yet".into(),
        None => "the list is empty".into(),
    }
}
