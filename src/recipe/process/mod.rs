//! Commands of a recipe: what they get, how they are run and ended, what becomes of their output.

mod connection;
mod defaults;
mod environment;
mod group;
mod lines;
mod log;
mod note;
mod output;
mod run;
#[cfg(test)]
#[cfg(unix)]
mod tests;

pub use connection::{Connection, write_option_file};
pub use defaults::naming_a_server;
pub use environment::{Facts, env};
pub use log::{LONGEST_LOG, Log};
pub use note::end_orphans;
pub use run::{Ended, Spawn, Why, run};
