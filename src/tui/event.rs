//! What happened: the only way into [`update`](super::update()).

use std::path::PathBuf;

use crossterm::event::{KeyEvent, MouseEvent};

use super::state::{Found, Notice, Outlook, Prospect, Stretch};
use crate::aurora::ids::ResourceId;
use crate::aurora::mark::Mark;
use crate::aws::{AwsError, Calls, FleetEvent, History, Metrics, Place};
use crate::engine::{Estimate, Task, TaskError, TaskId};

/// A fact from the terminal, from AWS, from the engine or from the clock.
#[derive(Debug, Clone)]
pub enum Event {
    /// A key went down, or repeats.
    Key(KeyEvent),
    /// A button of the mouse or its wheel.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this size now.
    Resized {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// A deadline that [`next_deadline`](super::next_deadline) named has come.
    Tick,
    /// More is known about the account that is looked at.
    Place(Place),
    /// Progress of a listing of the fleet.
    Fleet(FleetEvent),
    /// The history of one cluster was read, or could not be.
    History {
        /// The cluster.
        id: ResourceId,
        /// What came.
        result: Result<History, AwsError>,
    },
    /// What CloudWatch knows of a cluster.
    Metrics {
        /// The cluster.
        id: ResourceId,
        /// What came.
        metrics: Metrics,
    },
    /// How long rewinds of such a cluster took.
    Usual {
        /// The cluster.
        id: ResourceId,
        /// What they took.
        estimate: Estimate,
    },
    /// The marks of a cluster that the journal keeps.
    Marks {
        /// The cluster.
        id: ResourceId,
        /// The marks.
        marks: Vec<Mark>,
    },
    /// A task as it stands now.
    Task(Box<Task>),
    /// What the engine knows of a task besides.
    Outlook(TaskId, Outlook),
    /// Tasks that are over, from the journal.
    Past {
        /// The tasks.
        tasks: Vec<Task>,
        /// Whether there are older ones.
        more: bool,
    },
    /// Tasks that an earlier run left unfinished, and that are not carried on before somebody says so.
    Left(Vec<TaskId>),
    /// Recipes were looked for.
    Recipes {
        /// The folder; none for the usual places.
        folder: Option<PathBuf>,
        /// What was found.
        found: Vec<Found>,
    },
    /// A recipe was checked.
    Checked {
        /// The recipe.
        path: PathBuf,
        /// What it would do, or what is wrong with its file.
        result: Result<Box<Prospect>, Vec<String>>,
    },
    /// A part of the output of a step was read, or could not be.
    Output {
        /// The file.
        path: PathBuf,
        /// What came.
        result: Result<Stretch, String>,
    },
    /// How many calls went out; nothing before there is a connection.
    Calls(Option<Calls>),
    /// What was asked for about a task was not done.
    Refused(TaskError),
    /// A task was started, or could not be.
    Started(Result<TaskId, TaskError>),
    /// Something to tell the person, which belongs to no task.
    Notice(Notice),
}
