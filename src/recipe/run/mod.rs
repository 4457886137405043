//! Runs of recipes: planned, begun, taken to their end, and torn down whatever happens.
//!
//! Every change of AWS is a task of the engine, a part of the run; the run itself is a task that is held here. What its
//! process leaves, [`TakeOver`] deletes.

mod book;
mod calls;
mod checks;
mod clone;
mod close;
mod compare;
mod end;
mod environment;
mod gone;
mod leaf;
mod leftovers;
mod log;
mod moment;
mod own;
mod part;
mod phase;
mod plan;
mod ready;
mod repeat;
mod running;
mod stages;
mod stay;
mod stop;
mod surroundings;
mod takeover;
mod verdict;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::SignedDuration;

pub use leftovers::forget_passwords;
pub use plan::{PlanError, Planned, plan};
pub use running::{Finished, Running, start};
pub use stop::{Halt, Heard, Leave, Signal, Stop};
pub use takeover::TakeOver;

use crate::aws::Aws;
use crate::engine::{Clock, Rules};

/// What front ends hand to a run.
#[derive(Clone)]
pub struct Outside {
    /// The connection.
    pub aws: Aws,
    /// What may be changed, and what things cost.
    pub rules: Rules,
    /// The clock.
    pub clock: Clock,
    /// Who asks: `user@host`.
    pub owner: String,
    /// The folder in which every run gets one of its own.
    pub runs: PathBuf,
    /// How long a part waits for a person to sign in again.
    pub patience: SignedDuration,
    /// Reads a variable of the environment.
    pub env: Arc<dyn Fn(&str) -> Option<String> + Send + Sync>,
    /// Is told every line of output, cleaned.
    pub line: Arc<dyn Fn(&str) + Send + Sync>,
}

/// What of a recipe's settings is said anew for one run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The folder for all reports, instead of where the recipe wants them.
    pub report_dir: Option<PathBuf>,
    /// Leave the clone of a run without success for so long.
    pub keep_on_failure: Option<SignedDuration>,
    /// Stop the steps after so long, also where the recipe allows more.
    pub timeout: Option<SignedDuration>,
}
