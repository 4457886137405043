//! From a key to an action: lines of text first, then the catalogue.

use crossterm::event::{Event as Terminal, KeyEvent, KeyEventKind};
use tui_input::{Input, InputRequest};

use super::{app, cluster, dialog, filter, lists, picker, starter, tasks, time};
use crate::tui::catalogue::{self, Action};
use crate::tui::chord::Chord;
use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::state::{Focus, Notice, Stage, State};

pub(super) fn key(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    if layout::too_small(state.pulse.size) && !state.overlays.is_empty() {
        // Nothing can be read, so nothing may be confirmed.
        return Vec::new();
    }
    if state.messages.seen() {
        state.touch();
    }
    let request = tui_input::backend::crossterm::to_input_request(&Terminal::Key(key));
    if let Some(request) = request
        && let Some(input) = line(state)
    {
        // A line has no use for control characters, whatever the terminal sends.
        if !matches!(request, InputRequest::InsertChar(c) if c.is_control()) {
            input.handle(request);
            return edited(state);
        }
        return Vec::new();
    }
    match catalogue::find(state, Chord::from(key)) {
        Some(entry) => act(state, entry.action),
        None => Vec::new(),
    }
}

/// A paste goes into the line that is being typed, and nowhere else: its letters are no commands.
pub(super) fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    let text = crate::aurora::text::clean(text.trim());
    match line(state) {
        Some(input) => {
            for c in text.chars() {
                input.handle(InputRequest::InsertChar(c));
            }
            return edited(state);
        }
        None => state.tell(Notice::warn("nothing is being typed here; the paste was ignored")),
    }
    Vec::new()
}

/// The line that text goes to.
fn line(state: &mut State) -> Option<&mut Input> {
    if state.starter().is_some() {
        let choosing = state.starter_mut().filter(|starter| starter.stage == Stage::Choosing);
        return choosing.map(|starter| &mut starter.input);
    }
    if !state.overlays.is_empty() {
        return state.dialog_mut()?.editing_mut().map(|field| &mut field.input);
    }
    match state.focus {
        Focus::Fleet if state.fleet.filter.editing => Some(&mut state.fleet.filter.input),
        Focus::Timeline => state.timeline.entry.as_mut().map(|entry| &mut entry.input),
        _ => None,
    }
}

fn edited(state: &mut State) -> Vec<Effect> {
    let mut effects = Vec::new();
    if state.starter().is_some() {
        effects = starter::edited(state);
    } else if !state.overlays.is_empty() {
        dialog::edited(state);
    } else if state.focus == Focus::Timeline {
        time::read_entry(state);
    } else {
        filter::edited(state);
    }
    state.touch();
    effects
}

/// Does `action`, or says why not.
fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if let Some(reason) = catalogue::why_disabled(state, action) {
        state.tell(Notice::warn(reason));
        return Vec::new();
    }
    state.touch();
    match action {
        Action::Move(step) => lists::step(state, step),
        Action::App(action) => return app::act(state, action),
        Action::Cluster(action) => return cluster::act(state, action),
        Action::Task(action) => return tasks::act(state, action),
        Action::Filter(action) => filter::act(state, action),
        Action::Time(action) => time::act(state, action),
        Action::Pick(action) => return picker::act(state, action),
        Action::Recipe(action) => return starter::act(state, action),
        Action::Dialog(action) => return dialog::act(state, action),
    }
    Vec::new()
}
