//! Every action once: what it is called, where it holds, which keys it has, and why it may not be possible now. Keys,
//! footer and help all read this list, so none of them can drift.

mod action;
mod disabled;
mod over;
mod table;

use super::chord::Chord;
use super::state::{Focus, Overlay, Stage, State};

pub use action::{Action, App, Context, InDialog, InTime, Move, OnCluster, OnFilter, OnPick, OnRecipe, OnTask};
pub use disabled::{belongs, why_disabled};
pub use table::ENTRIES;

/// A line of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// What it does.
    pub action: Action,
    /// Where its keys hold.
    pub context: Context,
    /// Its keys; the first one is shown in the footer.
    pub keys: &'static [Chord],
    /// A word for the footer; empty: not shown there.
    pub hint: &'static str,
    /// A sentence for the help.
    pub title: &'static str,
}

/// All lines.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    ENTRIES.into_iter().flatten()
}

/// The contexts that keys hold in now, the narrowest first.
pub fn contexts(state: &State) -> &'static [Context] {
    match state.overlays.last() {
        Some(Overlay::Help(_) | Overlay::Messages(_)) => return &[Context::Reader],
        Some(Overlay::Starter(starter)) if starter.stage == Stage::Choosing => return &[Context::Recipes],
        Some(Overlay::Starter(_)) => return &[Context::Recipe],
        Some(Overlay::Run(_)) => return &[Context::OpenRun],
        Some(Overlay::Log(_)) => return &[Context::Log, Context::Reader],
        Some(Overlay::Task(..)) => return &[Context::OpenTask, Context::Reader],
        Some(Overlay::Choice(_)) => return &[Context::Choice],
        Some(Overlay::Dialog(dialog)) if dialog.aim().is_some() && dialog.editing().is_none() => {
            return &[Context::Card, Context::Dialog];
        }
        Some(Overlay::Picker(_)) => return &[Context::Picker],
        Some(Overlay::Dialog(_)) => return &[Context::Dialog],
        Some(Overlay::Quit) => return &[Context::Leaving],
        None => {}
    }
    match state.focus {
        Focus::Fleet if state.fleet.filter.editing => &[Context::FilterLine],
        Focus::Timeline if state.timeline.entry.is_some() => &[Context::TimeLine],
        Focus::Fleet => &[Context::Fleet, Context::Cluster, Context::Everywhere],
        Focus::Details => &[Context::Details, Context::Cluster, Context::Everywhere],
        Focus::Timeline => &[Context::Timeline, Context::Cluster, Context::Everywhere],
        Focus::Tasks => &[Context::Tasks, Context::Everywhere],
    }
}

/// What `chord` does now.
pub fn find(state: &State, chord: Chord) -> Option<&'static Entry> {
    let of = |context: &Context| entries().find(|entry| entry.context == *context && entry.keys.contains(&chord));
    contexts(state).iter().find_map(of)
}
