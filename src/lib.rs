//! aurewind: a terminal dashboard and command line for Amazon Aurora clones and Backtrack.
//!
//! Each module is a room with one job; `ARCHITECTURE.md` is the map.

pub mod aurora;
pub mod aws;
pub mod cli;
pub mod config;
pub mod engine;
pub mod recipe;
pub mod sim;
pub mod tui;
