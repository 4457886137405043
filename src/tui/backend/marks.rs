//! Marks: as tags by a task, or in the journal.

use super::Inner;
use crate::aurora::cluster::Cluster;
use crate::aurora::fleet::Fleet;
use crate::aurora::ids::ResourceId;
use crate::aurora::mark::Kept;
use crate::aurora::plan::{self, Desk};
use crate::aurora::request::MarkRequest;
use crate::engine::task::FailureKind;
use crate::engine::{Request, TaskError};
use crate::tui::event::Event;
use crate::tui::state::Notice;
use std::sync::PoisonError;

impl Inner {
    /// Tells which marks of a cluster the journal keeps.
    pub(super) async fn show_marks(&self, id: &ResourceId) {
        let Ok(engine) = self.engine().await else { return };
        match engine.marks(id) {
            Ok(marks) => self.tell(Event::Marks { id: id.clone(), marks }).await,
            Err(error) => self.tell(Event::Notice(Notice::warn(error.to_string()))).await,
        }
    }

    /// Sets or takes off a mark.
    pub(super) async fn mark(&self, request: MarkRequest) {
        match self.try_mark(&request).await {
            Ok(notice) => {
                self.show_marks(&request.resource).await;
                if let Some(notice) = notice {
                    self.tell(Event::Notice(notice)).await;
                }
            }
            Err(error) => self.tell(Event::Refused(error)).await,
        }
    }

    /// Gives back what is to be said, where no task says it.
    async fn try_mark(&self, request: &MarkRequest) -> Result<Option<Notice>, TaskError> {
        let engine = self.engine().await?;
        let unkept = |error: crate::engine::store::StoreError| TaskError::new(FailureKind::Journal, error.to_string());
        let journal = engine.marks(&request.resource).map_err(unkept)?;
        let fleet = Fleet::of(self.cluster(&request.resource));
        let rules = &self.parts.rules;
        let now = (self.parts.clock)();
        let desk = Desk { fleet: &fleet, policy: &rules.policy, prices: &rules.prices, now, known: None };
        let (plan, kept) = plan::mark(request, &journal, desk);
        if let Some(failure) = plan.failures().next() {
            let error = TaskError::new(FailureKind::Refused, format!("{}: {}", plan.title, failure.message));
            return Err(plan.next_steps().into_iter().fold(error, TaskError::next));
        }
        if kept == Kept::Journal {
            engine.mark_here(request).map_err(unkept)?;
        }
        if kept == Kept::Tag {
            engine.start(engine.new_id(), Request::Mark(request.clone()), None)?;
            return Ok(None);
        }
        let done = if request.at.is_some() { "is marked" } else { "is off" };
        let where_to = plan.checks.iter().find(|check| check.name == "kept").map(|check| check.message.clone());
        let place = where_to.unwrap_or_else(|| "in the journal here".into());
        Ok(Some(Notice::info(format!("`{}` {done}, {place}", request.name))))
    }

    fn cluster(&self, id: &ResourceId) -> Option<Cluster> {
        self.clusters.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }
}
