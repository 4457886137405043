//! The dashboard: state, update, effects, view.
//!
//! [`update()`] is the only writer of the [`State`] and does no work of its own; what the outside is to do it hands out
//! as [`Effect`]s. The view reads the state and writes to a buffer. [`run`](run::run) is the loop around both.

pub mod backend;
pub mod catalogue;
pub mod chord;
mod deadline;
pub mod dialogs;
mod effect;
mod event;
pub mod format;
pub mod glyphs;
pub mod harness;
pub mod layout;
pub mod live;
pub mod picture;
pub mod run;
pub mod state;
pub mod terminal;
pub mod theme;
mod update;
mod view;
pub mod widgets;

pub use deadline::{next_deadline, shown_age};
pub use effect::Effect;
pub use event::Event;
pub use state::State;
pub use update::update;
pub use view::{render, view};

#[cfg(test)]
mod tests;
