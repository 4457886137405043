//! The dashboard as a whole, without a terminal, a network or a clock.

mod catalogue;
mod cursor;
mod deeds;
mod dialogs;
pub(super) mod fixture;
mod freshness;
mod keys;
mod mouse;
mod picker;
mod running;
pub(in crate::tui) mod runs;
mod screens;
pub(in crate::tui) mod starter;
mod tasks;
mod timeline;
