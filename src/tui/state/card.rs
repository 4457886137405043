//! A test run that is open: a cursor on its steps, and the output of the one under it.

use std::path::PathBuf;

use super::reading::{Reading, Wish};
use super::{Overlay, State};
use crate::engine::{Request, StepState, Task, TaskId};
use crate::tui::{format, layout};

/// The card of a test run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunCard {
    /// The run.
    pub task: TaskId,
    /// The step under the cursor; none is the one that runs, whichever that is.
    step: Option<usize>,
}

/// The output of a step in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogView {
    /// The run.
    pub task: TaskId,
    /// The step.
    pub step: usize,
    /// Which of its files, from 0 on; none is the last one, which may yet be another.
    file: Option<usize>,
    /// Where the first visible line begins, in bytes; none follows the end.
    pub top: Option<u64>,
}

impl RunCard {
    /// A card that follows what runs.
    pub fn new(task: TaskId) -> Self {
        Self { task, step: None }
    }

    /// The step under the cursor.
    pub fn position(&self, task: &Task) -> usize {
        self.step.unwrap_or_else(|| now_or_last(task)).min(task.steps.len().saturating_sub(1))
    }

    /// The step whose output is shown: where nobody has moved the cursor, the last one that has written any.
    pub fn shown(&self, task: &Task) -> usize {
        let here = self.position(task);
        let written = || (0..=here).rev().find(|step| !logs_of(task, *step).is_empty());
        if self.step.is_some() { here } else { written().unwrap_or(here) }
    }

    /// Puts the cursor on a step; on the one that runs it follows from then on.
    pub(in super::super) fn move_to(&mut self, step: usize, task: &Task) {
        self.step = Some(step).filter(|step| *step != now_or_last(task));
    }
}

/// The step that runs, else the one that failed, else the last that was taken.
fn now_or_last(task: &Task) -> usize {
    let of = |state| task.steps.iter().position(|step| step.state == state);
    let taken = || task.steps.iter().rposition(|step| step.state != StepState::Waiting);
    of(StepState::Running).or_else(|| of(StepState::Failed)).or_else(taken).unwrap_or(0)
}

/// What a step of a run has written, a file for each round.
pub fn logs_of(task: &Task, step: usize) -> &[PathBuf] {
    task.steps.get(step).map_or(&[], |step| &step.logs)
}

impl LogView {
    /// The last output of a step; follows its end.
    pub fn new(task: TaskId, step: usize) -> Self {
        Self { task, step, file: None, top: None }
    }

    /// Which of `count` files is read.
    pub fn file(&self, count: usize) -> usize {
        let last = count.saturating_sub(1);
        self.file.unwrap_or(last).min(last)
    }

    /// Turns to the file before, or to the next one.
    pub(in super::super) fn turn(&mut self, count: usize, next: bool) {
        let here = self.file(count);
        let to = if next { here + 1 } else { here.saturating_sub(1) };
        self.file = (to + 1 < count).then_some(to);
        self.top = None;
    }

    /// The first visible line of what is here, on a page of so many columns and rows.
    pub fn first(&self, reading: &Reading, columns: usize, page: usize) -> usize {
        let tail = tail(reading, reading.lines().len(), columns, page);
        let top = self.top.map(|at| reading.lines().partition_point(|line| line.at < at));
        top.map_or(tail, |top| top.min(tail))
    }

    /// What is wanted next of the file.
    fn wish(&self, reading: &Reading, columns: usize, page: usize) -> Wish {
        let first = self.first(reading, columns, page);
        match self.top {
            None => Wish::End,
            Some(0) => Wish::Start,
            Some(_) if first < page => Wish::Earlier,
            Some(_) if first + 2 * page >= reading.lines().len() => Wish::Later,
            Some(_) => Wish::Middle,
        }
    }
}

/// The line from which the lines before `end` fill a page.
pub fn tail(reading: &Reading, end: usize, columns: usize, page: usize) -> usize {
    let mut rows = 0;
    let mut fits = |line: &super::LogLine| {
        rows += format::pieces(&line.text, columns).len();
        rows <= page
    };
    let count = reading.lines().iter().take(end).rev().take_while(|line| fits(line)).count();
    end - count.max(1).min(end)
}

/// What is read, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The file.
    pub path: PathBuf,
    /// Whether it may grow.
    pub live: bool,
    /// Which part of it is looked at.
    pub wish: Wish,
}

impl State {
    /// The test runs that this process runs: they end with it.
    pub fn driven_runs(&self) -> impl Iterator<Item = &Task> {
        self.tasks.driven().filter(|task| matches!(task.request, Request::Test(_)))
    }

    /// The output that is looked at, if a run or the output of a step is open.
    pub fn wanted_output(&self) -> Option<Wanted> {
        let (task, step, log) = match self.overlays.last()? {
            Overlay::Run(card) => {
                let task = self.tasks.get(&card.task)?;
                (task, card.shown(task), None)
            }
            Overlay::Log(view) => (self.tasks.get(&view.task)?, view.step, Some(view)),
            _ => return None,
        };
        let logs = logs_of(task, step);
        let file = log.map_or(logs.len().saturating_sub(1), |view| view.file(logs.len()));
        let path = logs.get(file)?.clone();
        let last = file + 1 == logs.len();
        let area = layout::log(self.pulse.size);
        let wish =
            log.map_or(Wish::End, |view| view.wish(&self.reading, usize::from(area.width), usize::from(area.height)));
        let live = last && task.steps.get(step).is_some_and(|step| step.state == StepState::Running);
        Some(Wanted { path, live, wish })
    }
}
