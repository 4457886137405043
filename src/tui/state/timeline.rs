//! The cursor in time, bound to one cluster.

use jiff::Timestamp;
use tui_input::Input;

use crate::aurora::ids::ResourceId;
use crate::tui::widgets::timeline::Span;

/// A time that is being typed.
#[derive(Debug, Clone, Default)]
pub struct TimeEntry {
    /// What is typed.
    pub input: Input,
    /// What was understood, or why nothing was; nothing while the line is empty.
    pub read: Option<Result<Timestamp, String>>,
}

/// The timeline pane.
#[derive(Debug, Clone, Default)]
pub struct TimelinePane {
    bound: Option<ResourceId>,
    at: Option<Timestamp>,
    /// The visible part; none is all of it.
    pub span: Option<Span>,
    /// A time that is being typed.
    pub entry: Option<TimeEntry>,
    /// Why the cursor did not go further.
    pub refusal: Option<String>,
    /// The moment before the floor that was asked for: a full copy may still show it.
    pub beyond: Option<Timestamp>,
}

impl TimelinePane {
    /// The moment under the cursor; none is now, where the cursor starts.
    pub fn at(&self, cluster: &ResourceId) -> Option<Timestamp> {
        self.at.filter(|_| self.bound.as_ref() == Some(cluster))
    }

    /// Puts the cursor of `cluster` on a moment that was found to be reachable.
    pub(in super::super) fn set(&mut self, cluster: &ResourceId, at: Option<Timestamp>) {
        self.bind(cluster);
        self.at = at;
        self.forget_wish();
    }

    /// What was asked for and could not be had is over.
    pub(in super::super) fn forget_wish(&mut self) {
        self.refusal = None;
        self.beyond = None;
    }

    /// Another cluster is looked at: nothing of the last one may be left.
    pub(in super::super) fn bind(&mut self, cluster: &ResourceId) {
        if self.bound.as_ref() != Some(cluster) {
            *self = Self { bound: Some(cluster.clone()), ..Self::default() };
        }
    }
}
