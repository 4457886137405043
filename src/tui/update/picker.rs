//! The lists of past rewinds and marks.

use super::app::focus;
use super::{lists, time};
use crate::aurora::ids::ResourceId;
use crate::aurora::request::MarkRequest;
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
        return take_off(state, &picker);
    }
    let Some(at) = picker.moment(state) else {
        state.tell(Notice::warn(nothing(&picker, state)));
        return Vec::new();
    };
    match action {
        // The list stays behind while the cursor goes: what is chosen is seen in its place in time.
        OnPick::Go => {
            state.overlays.pop();
            focus(state, Focus::Timeline);
            time::point(state, at);
        }
        OnPick::Rewind => {
            let Some(cluster) = state.fleet.data.get(&picker.cluster) else { return Vec::new() };
            let dialog =
                Dialog::rewind(cluster, Aim { to: at, span: None, force: false }, state.desk(), &state.ui.zone());
            state.overlays.push(Overlay::Dialog(Box::new(dialog)));
        }
        OnPick::TakeOff => {}
    }
    Vec::new()
}

/// Takes the mark under the cursor off. It harms nothing: the moment stays where it is, and can be marked again.
fn take_off(state: &mut State, picker: &Picker) -> Vec<Effect> {
    let cluster = state.fleet.data.get(&picker.cluster);
    let request = picker.mark(state).zip(cluster).map(|(mark, cluster)| MarkRequest {
        cluster: cluster.id.clone(),
        resource: cluster.resource_id.clone(),
        name: mark.name.clone(),
        at: None,
    });
    let Some(request) = request else {
        state.tell(Notice::warn("there is no mark here to take off"));
        return Vec::new();
    };
    state.tell(Notice::info(format!("asked for: take the mark `{}` off {}", request.name, request.cluster)));
    vec![Effect::Mark(request)]
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
