//! The tasks, newest first.

use std::collections::HashMap;

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
    /// First visible row.
    pub offset: usize,
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
        self.tasks.iter().find(|task| task.id == *id)
    }

    /// What the engine knows of a task.
    pub fn outlook(&self, id: &TaskId) -> Outlook {
        self.outlooks.get(id).copied().unwrap_or_default()
    }

    /// Who drives a task; nobody drives one that waits for a person.
    pub fn hand(&self, task: &Task) -> Hand {
        if task.is_at_rest() { Hand::Nobody } else { self.outlook(&task.id).hand }
    }

    /// The tasks that somebody drives.
    pub fn under_way(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| self.hand(task) != Hand::Nobody)
    }

    /// The tasks that this process drives: they stop where they are when it ends.
    pub fn driven(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| self.hand(task) == Hand::Here)
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
        self.cursor.as_ref().or(self.tasks.first().map(|task| &task.id))
    }

    /// Row of the cursor.
    pub fn position(&self) -> usize {
        self.cursor.as_ref().and_then(|id| self.tasks.iter().position(|task| task.id == *id)).unwrap_or(0)
    }

    /// Takes a task as it stands now; gives back how it stood before.
    pub(in super::super) fn put(&mut self, task: Task) -> Option<Task> {
        if task.state.is_final() {
            self.outlooks.remove(&task.id);
        }
        if let Some(have) = self.tasks.iter_mut().find(|have| have.id == task.id) {
            return Some(std::mem::replace(have, task));
        }
        // Ids sort by age; a task of another process may arrive late.
        let at = self.tasks.partition_point(|have| have.id > task.id);
        self.tasks.insert(at, task);
        self.forget();
        None
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
        if more && self.tasks.len() >= KEPT {
            self.past = Past::Full;
        }
    }

    /// The task that older ones are to be read before, once the cursor is less than `page` rows from the last one.
    pub(in super::super) fn wants_older(&mut self, page: usize) -> Option<TaskId> {
        let near = self.position() + page >= self.tasks.len();
        if self.past != Past::More || !near {
            return None;
        }
        // Unfinished ones are all here, however old they are.
        let oldest = self.tasks.iter().rev().find(|task| task.state.is_final())?;
        self.past = Past::Loading;
        Some(oldest.id.clone())
    }

    pub(in super::super) fn move_to(&mut self, position: usize, page: usize) {
        let position = position.min(self.tasks.len().saturating_sub(1));
        self.cursor = self.tasks.get(position).map(|task| task.id.clone());
        self.keep_visible(page);
    }

    pub(in super::super) fn keep_visible(&mut self, page: usize) {
        self.offset = super::fleet::scrolled(self.offset, self.position(), page, self.tasks.len());
    }
}
