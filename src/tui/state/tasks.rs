//! The tasks, newest first. What a test run begins is folded under it.

use std::collections::{HashMap, HashSet};

use crate::engine::{Estimate, Hand, Task, TaskId};

/// What the engine knows of a task besides what it says itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outlook {
    /// Who drives it.
    pub hand: Hand,
    /// What earlier ones took.
    pub estimate: Option<Estimate>,
}

/// The task pane.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaskPane {
    tasks: Vec<Task>,
    outlooks: HashMap<TaskId, Outlook>,
    cursor: Option<TaskId>,
    past: Past,
    unfolded: HashSet<TaskId>,
    /// What the pane shows, worked out whenever the tasks change.
    rows: Vec<Place>,
    /// First visible row.
    pub offset: usize,
}

/// A row of the pane, by the place of its task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    index: usize,
    /// Of a part: whether it is the last one.
    part: Option<bool>,
    /// How many parts it has.
    parts: usize,
}

/// A row of the pane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TaskRow<'a> {
    /// The task.
    pub task: &'a Task,
    /// Of a part of the run above: whether it is the last one.
    pub part: Option<bool>,
    /// How many parts it has.
    pub parts: usize,
    /// Whether they are shown below it.
    pub unfolded: bool,
}

/// Whether the journal has older tasks than those that are here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Past {
    /// As far as is known it has not.
    #[default]
    All,
    /// It has.
    More,
    /// They are being read.
    Loading,
    /// It has, and no more of them are taken in.
    Full,
}

/// Tasks kept here; what is older stays in the journal.
const KEPT: usize = 500;

impl TaskPane {
    /// All tasks, newest first.
    pub fn all(&self) -> &[Task] {
        &self.tasks
    }

    /// The task with this id.
    pub fn get(&self, id: &TaskId) -> Option<&Task> {
        self.place(id).ok().and_then(|at| self.tasks.get(at))
    }

    /// Where the task with this id is, or would be: ids sort by age.
    fn place(&self, id: &TaskId) -> Result<usize, usize> {
        self.tasks.binary_search_by(|task| id.cmp(&task.id))
    }

    /// The test run that a task is a part of, if it is here.
    pub fn whole_of(&self, task: &Task) -> Option<&Task> {
        self.get(task.parent.as_ref()?)
    }

    /// The rows of the pane from `offset` on.
    pub fn rows(&self, offset: usize) -> impl Iterator<Item = TaskRow<'_>> {
        self.rows.iter().skip(offset).filter_map(|place| {
            let task = self.tasks.get(place.index)?;
            let unfolded = self.unfolded.contains(&task.id);
            Some(TaskRow { task, part: place.part, parts: place.parts, unfolded })
        })
    }

    /// Number of rows of the pane.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the pane has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What the engine knows of a task.
    pub fn outlook(&self, id: &TaskId) -> Outlook {
        self.outlooks.get(id).copied().unwrap_or_default()
    }

    /// Who drives a task; nobody drives one that waits for a person.
    pub fn hand(&self, task: &Task) -> Hand {
        if task.is_at_rest() { Hand::Nobody } else { self.outlook(&task.id).hand }
    }

    /// The tasks that somebody drives; parts of a run that is driven count with it.
    pub fn under_way(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| self.hand(task) != Hand::Nobody && !self.is_covered(task))
    }

    /// The tasks that this process drives: they stop where they are when it ends. Parts of a run count with it.
    pub fn driven(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| self.hand(task) == Hand::Here && !self.is_covered(task))
    }

    /// Whether it is a part of a run that somebody drives.
    fn is_covered(&self, task: &Task) -> bool {
        self.whole_of(task).is_some_and(|whole| self.hand(whole) != Hand::Nobody)
    }

    /// Number of tasks that somebody drives.
    pub fn running(&self) -> usize {
        self.under_way().count()
    }

    /// Whether the journal has older tasks than those that are here.
    pub fn has_more(&self) -> bool {
        self.past != Past::All
    }

    /// Whether older ones are to be found in the journal only.
    pub fn is_full(&self) -> bool {
        self.past == Past::Full
    }

    /// Id of the task under the cursor; the newest one until somebody moved it.
    pub fn cursor(&self) -> Option<&TaskId> {
        let row = self.rows.get(self.position())?;
        self.tasks.get(row.index).map(|task| &task.id)
    }

    /// Row of the cursor: that of the run if its part is folded away.
    pub fn position(&self) -> usize {
        let row = |id: &TaskId| {
            let index = self.place(id).ok()?;
            self.rows.iter().position(|row| row.index == index)
        };
        let Some(id) = &self.cursor else { return 0 };
        let whole = || row(&self.whole_of(self.get(id)?)?.id);
        row(id).or_else(whole).unwrap_or(0)
    }

    /// Takes a task as it stands now; gives back how it stood before.
    pub(in super::super) fn put(&mut self, task: Task) -> Option<Task> {
        if task.state.is_final() {
            self.outlooks.remove(&task.id);
        }
        match self.place(&task.id) {
            Ok(at) => self.tasks.get_mut(at).map(|have| std::mem::replace(have, task)),
            // A task of another process may arrive late.
            Err(at) => {
                self.tasks.insert(at, task);
                self.forget();
                self.arrange();
                None
            }
        }
    }

    /// Works the rows out anew: parts below the run that they belong to, in the order in which they were begun.
    fn arrange(&mut self) {
        let mut parts: HashMap<&TaskId, Vec<usize>> = HashMap::new();
        for (index, task) in self.tasks.iter().enumerate().rev() {
            if let Some(whole) = self.whole_of(task) {
                parts.entry(&whole.id).or_default().push(index);
            }
        }
        let mut rows = Vec::with_capacity(self.tasks.len());
        for (index, task) in self.tasks.iter().enumerate().filter(|(_, task)| self.whole_of(task).is_none()) {
            let parts = parts.get(&task.id).map_or(&[][..], Vec::as_slice);
            rows.push(Place { index, part: None, parts: parts.len() });
            if self.unfolded.contains(&task.id) {
                let last = parts.len().saturating_sub(1);
                let place = |(n, index): (usize, &usize)| Place { index: *index, part: Some(n == last), parts: 0 };
                rows.extend(parts.iter().enumerate().map(place));
            }
        }
        self.rows = rows;
    }

    /// Shows the parts of the run under the cursor, or hides them.
    pub(in super::super) fn fold(&mut self, page: usize) {
        let Some(task) = self.cursor().and_then(|id| self.get(id)) else { return };
        let whole = self.whole_of(task).unwrap_or(task).id.clone();
        if !self.unfolded.remove(&whole) {
            self.unfolded.insert(whole.clone());
        }
        self.cursor = Some(whole);
        self.arrange();
        self.keep_visible(page);
    }

    /// Lets go of the oldest that is over, if there are too many.
    fn forget(&mut self) {
        if self.tasks.len() > KEPT
            && let Some(oldest) = self.tasks.iter().rposition(|task| task.state.is_final())
        {
            self.tasks.remove(oldest);
            self.past = Past::Full;
        }
    }

    /// Takes what the engine knows of a task; says whether that is new.
    pub(in super::super) fn expect(&mut self, id: TaskId, outlook: Outlook) -> bool {
        self.outlooks.insert(id, outlook) != Some(outlook)
    }

    /// Takes older tasks from the journal; `more` says whether it has still older ones.
    pub(in super::super) fn recall(&mut self, tasks: Vec<Task>, more: bool) {
        self.past = if more { Past::More } else { Past::All };
        for task in tasks {
            self.put(task);
        }
        self.unfolded.retain(|id| self.tasks.iter().any(|task| task.id == *id));
        if more && self.tasks.len() >= KEPT {
            self.past = Past::Full;
        }
    }

    /// The task that older ones are to be read before, once the cursor is less than `page` rows from the last one.
    pub(in super::super) fn wants_older(&mut self, page: usize) -> Option<TaskId> {
        // Unfinished ones are all here, however old they are.
        let oldest = self.tasks.iter().rev().find(|task| task.state.is_final())?;
        let near = self.position() + page >= self.rows.len();
        // A part without its run is put in its place as soon as the run is read.
        let whole = |task: &Task| task.parent.as_ref().is_some_and(|id| *id < oldest.id && self.get(id).is_none());
        if self.past != Past::More || !(near || self.tasks.iter().any(whole)) {
            return None;
        }
        let oldest = oldest.id.clone();
        self.past = Past::Loading;
        Some(oldest)
    }

    pub(in super::super) fn move_to(&mut self, position: usize, page: usize) {
        let position = position.min(self.rows.len().saturating_sub(1));
        let row = self.rows.get(position).and_then(|row| self.tasks.get(row.index));
        self.cursor = row.map(|task| task.id.clone());
        self.keep_visible(page);
    }

    pub(in super::super) fn keep_visible(&mut self, page: usize) {
        self.offset = super::fleet::scrolled(self.offset, self.position(), page, self.rows.len());
    }
}
