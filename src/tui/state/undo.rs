//! What can be taken back, of a cluster and of a task.

use super::State;
use crate::aurora::ids::ResourceId;
use crate::aurora::request::RewindRequest;
use crate::aurora::rewind::{Rewind, RewindStatus};
use crate::aurora::undo;
use crate::engine::{Request, Task, TaskResult, TaskState};

impl State {
    /// The rewind that takes back the last one of the cluster under the cursor.
    ///
    /// # Errors
    /// Why there is none.
    pub fn undo_of_cluster(&self) -> Result<RewindRequest, String> {
        let cluster = self.cluster().ok_or("no cluster is selected")?;
        let known = self.histories.get(&cluster.resource_id);
        let history = known.and_then(|known| known.history.as_ref());
        let history = history.ok_or_else(|| match known.and_then(|known| known.error.as_ref()) {
            Some(error) => format!("the past rewinds of `{}` could not be read: {error}", cluster.id),
            None => format!("the past rewinds of `{}` are still being read", cluster.id),
        })?;
        undo::undo(cluster, &history.rewinds, self.now()).map_err(|why| format!("`{}`: {why}", cluster.id))
    }

    /// The rewind that takes back the one which `task` made, if that is the last one of its cluster, as far as is known.
    ///
    /// # Errors
    /// Why there is none.
    pub fn undo_of_task(&self, task: &Task) -> Result<RewindRequest, String> {
        let made = rewind_of(task).filter(|rewind| rewind.status.is_final());
        let made = made.ok_or("only a rewind that is done can be undone")?;
        let name = task.request.target();
        let cluster = task.resource.as_ref().and_then(|resource| self.fleet.data.get(resource));
        let cluster = cluster.ok_or_else(|| format!("`{name}` is not there any more"))?;
        let rewinds = self.rewinds_of(&cluster.resource_id);
        let request = undo::undo(cluster, &rewinds, self.now()).map_err(|why| format!("`{name}`: {why}"))?;
        if made.undo_to() == Some(request.to) {
            return Ok(request);
        }
        Err(format!(
            "`{name}` has been rewound again since; U on it in the fleet takes back the last rewind, H lists all"
        ))
    }

    /// The rewinds of this cluster that AWS or our tasks tell of: what was read of it may be older than a task.
    fn rewinds_of(&self, resource: &ResourceId) -> Vec<Rewind> {
        let tasks = self.tasks.all().iter().filter(|task| task.resource.as_ref() == Some(resource));
        let mut rewinds: Vec<Rewind> = tasks.filter_map(rewind_of).collect();
        let known = self.histories.get(resource).and_then(|known| known.history.as_ref());
        for rewind in known.map_or(&[][..], |history| &history.rewinds) {
            if rewinds.iter().all(|ours| ours.id != rewind.id) {
                rewinds.push(rewind.clone());
            }
        }
        rewinds
    }
}

/// The rewind that `task` has made, or is making.
fn rewind_of(task: &Task) -> Option<Rewind> {
    let Request::Rewind(request) = &task.request else { return None };
    let id = task.backtrack_id.clone().unwrap_or_default();
    match &task.result {
        Some(TaskResult::Rewind { landed, backtracked_from, .. }) => Some(Rewind {
            id,
            to: Some(*landed),
            from: *backtracked_from,
            requested_at: None,
            status: RewindStatus::Completed,
        }),
        None if task.state == TaskState::Running => {
            Some(Rewind { id, to: Some(request.to), from: None, requested_at: None, status: RewindStatus::Applying })
        }
        _ => None,
    }
}
