//! The tasks, newest first.

use crate::engine::{Task, TaskId};

/// The task pane.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaskPane {
    tasks: Vec<Task>,
    cursor: Option<TaskId>,
    /// First visible row.
    pub offset: usize,
}

impl TaskPane {
    /// All tasks, newest first.
    pub fn all(&self) -> &[Task] {
        &self.tasks
    }

    /// The task with this id.
    pub fn get(&self, id: &TaskId) -> Option<&Task> {
        self.tasks.iter().find(|task| task.id == *id)
    }

    /// The tasks that have not ended.
    pub fn unfinished(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| !task.state.is_final())
    }

    /// Number of tasks that have not ended.
    pub fn running(&self) -> usize {
        self.unfinished().count()
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
        if let Some(have) = self.tasks.iter_mut().find(|have| have.id == task.id) {
            return Some(std::mem::replace(have, task));
        }
        // Ids sort by age; a task of another process may arrive late.
        let at = self.tasks.partition_point(|have| have.id > task.id);
        self.tasks.insert(at, task);
        None
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
