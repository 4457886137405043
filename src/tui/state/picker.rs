//! Moments of one cluster in a list: its past rewinds, or its marks.

use jiff::Timestamp;

use super::State;
use crate::aurora::ids::ResourceId;
use crate::aurora::mark::{Mark, MarkName};
use crate::aurora::rewind::Rewind;
use crate::engine::{Task, TaskResult};

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Listed {
    /// Past rewinds.
    Rewinds,
    /// Marks.
    Marks,
}

/// A list of one cluster's moments, with a cursor. It stays with that cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picker {
    /// What is listed.
    pub listed: Listed,
    /// The cluster.
    pub cluster: ResourceId,
    /// What the cursor is on; none is the first row. An entry and no row: marks and rewinds come and go.
    entry: Option<Entry>,
}

/// What a row stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Entry {
    Rewind(String),
    Mark(MarkName),
}

impl Picker {
    /// A list with its cursor on the newest.
    pub fn new(listed: Listed, cluster: ResourceId) -> Self {
        Self { listed, cluster, entry: None }
    }

    /// The past rewinds, the newest first.
    pub fn rewinds<'a>(&self, state: &'a State) -> Vec<&'a Rewind> {
        let known = state.histories.get(&self.cluster).and_then(|known| known.history.as_ref());
        let mut rewinds: Vec<_> = known.map_or(&[][..], |history| &history.rewinds).iter().collect();
        rewinds.sort_by_key(|rewind| std::cmp::Reverse(rewind.requested_at.or(rewind.from)));
        rewinds
    }

    /// The marks, the newest first.
    pub fn marks<'a>(&self, state: &'a State) -> Vec<&'a Mark> {
        let selected = state.selected(&self.cluster);
        let mut marks: Vec<_> = selected.map_or(&[][..], |selected| &selected.marks).iter().collect();
        marks.reverse();
        marks
    }

    fn entries(&self, state: &State) -> Vec<Entry> {
        match self.listed {
            Listed::Rewinds => self.rewinds(state).into_iter().map(|r| Entry::Rewind(r.id.clone())).collect(),
            Listed::Marks => self.marks(state).into_iter().map(|mark| Entry::Mark(mark.name.clone())).collect(),
        }
    }

    /// Number of rows.
    pub fn len(&self, state: &State) -> usize {
        self.entries(state).len()
    }

    /// Row of the cursor.
    pub fn position(&self, state: &State) -> usize {
        let entries = self.entries(state);
        self.entry.as_ref().and_then(|entry| entries.iter().position(|other| other == entry)).unwrap_or(0)
    }

    /// The list with its cursor on `row`.
    pub(in super::super) fn moved(&self, state: &State, row: usize) -> Self {
        let entries = self.entries(state);
        let row = row.min(entries.len().saturating_sub(1));
        Self { entry: entries.into_iter().nth(row), ..self.clone() }
    }

    /// The rewind under the cursor.
    pub fn rewind<'a>(&self, state: &'a State) -> Option<&'a Rewind> {
        if self.listed != Listed::Rewinds {
            return None;
        }
        self.rewinds(state).into_iter().nth(self.position(state))
    }

    /// The mark under the cursor.
    pub fn mark<'a>(&self, state: &'a State) -> Option<&'a Mark> {
        if self.listed != Listed::Marks {
            return None;
        }
        self.marks(state).into_iter().nth(self.position(state))
    }

    /// The moment that the row under the cursor leads to: a mark's, or just before a rewind.
    pub fn moment(&self, state: &State) -> Option<Timestamp> {
        self.mark(state).map(|mark| mark.at).or_else(|| self.rewind(state)?.undo_to())
    }
}

impl State {
    /// The list on top, if one is.
    pub fn picker(&self) -> Option<&Picker> {
        match self.overlays.last() {
            Some(super::Overlay::Picker(picker)) => Some(picker),
            _ => None,
        }
    }

    /// The task of ours that made `rewind`, with the moment that was asked for: AWS keeps only where it landed.
    pub fn task_of_rewind(&self, rewind: &Rewind) -> Option<(&Task, Timestamp)> {
        let task = self.tasks.all().iter().find(|task| task.backtrack_id.as_ref() == Some(&rewind.id))?;
        match task.result {
            Some(TaskResult::Rewind { asked, .. }) => Some((task, asked)),
            _ => None,
        }
    }
}
