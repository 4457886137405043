//! Everything that needs more than one room, in one binary: it links once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test that cannot go on panics")]

mod architecture;
mod crash;
#[cfg(unix)]
mod dataplane;
mod durable;
mod endings;
mod faults;
mod headless;
mod held;
mod leases;
mod marks;
#[cfg(unix)]
mod pty;
mod python;
#[cfg(unix)]
mod recipe_database;
mod recipe_runs;
#[cfg(unix)]
mod recipe_shop;
mod recipes;
mod rehearsal;
mod scenario;
mod simulator_page;
mod stacks;
mod state;
mod story;
mod support;
mod sweep;
mod upkeep;
