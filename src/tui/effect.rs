//! What the outside is asked to do: data, carried out by the runtime and the engine.

use std::path::PathBuf;

use super::state::Part;
use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aurora::request::MarkRequest;
use crate::config::Memory;
use crate::engine::task::Make;
use crate::engine::{Cancel, Request, TaskId};

/// Work that [`update`](super::update()) asks for and never does itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// List the fleet again. Asked for only while no listing is under way.
    Refresh,
    /// Read past rewinds and events of this cluster, and how long rewinds of its make take.
    LoadHistory {
        /// The cluster.
        id: ResourceId,
        /// Its engine and class.
        make: Option<Make>,
    },
    /// Start a task. The person has seen its plan, and typed the identifier where the policy asks for it.
    Start {
        /// What is asked for.
        request: Box<Request>,
        /// The identifier as typed.
        typed: Option<ClusterId>,
    },
    /// Set or take off a mark, as a tag or in the journal.
    Mark(MarkRequest),
    /// Look for recipes in this folder, or in the usual places and among those that were used last.
    FindRecipes {
        /// The folder; none for the usual places.
        folder: Option<PathBuf>,
        /// Recipes that were used last.
        recent: Vec<PathBuf>,
    },
    /// Read a recipe, check it, and plan its run.
    CheckRecipe(PathBuf),
    /// Begin the run of the recipe that was checked last. The person has seen its plan.
    StartTest(PathBuf),
    /// Keep this for the next time.
    Remember(Memory),
    /// End a task before its time.
    Cancel {
        /// The task.
        id: TaskId,
        /// How.
        how: Cancel,
    },
    /// Take up a task that was left.
    CarryOn(TaskId),
    /// Read tasks that are over and older than this one.
    LoadPast(TaskId),
    /// Count the calls that went out.
    CountCalls,
    /// Read a part of the output of a step.
    ReadOutput {
        /// The file.
        path: PathBuf,
        /// Which part.
        part: Part,
    },
    /// Put this text on the clipboard.
    Copy(String),
    /// Hand the terminal back to the shell until it is continued.
    Suspend,
    /// Leave.
    Quit,
}
