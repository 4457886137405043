//! Deleting what a run has made, whoever began it, until it is confirmed gone.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::part::{Part, Patience, Unfinished, failure};
use crate::aurora::cluster::Cluster;
use crate::aurora::ids::ClusterId;
use crate::aurora::ownership::TAG_TASK;
use crate::aurora::request::DeleteRequest;
use crate::aws::Aws;
use crate::engine::{Cancel, Engine, Held, Request, Task, TaskError, TaskId, TaskState};

/// Where the teardown of a run is done.
pub(super) struct Ground<'a> {
    pub(super) engine: &'a Engine,
    pub(super) aws: &'a Aws,
    pub(super) held: &'a Held,
    /// The step of the run that tells of it.
    pub(super) step: usize,
    /// How long it may take.
    pub(super) until: Instant,
    /// Leaves everything as it stands.
    pub(super) stop: &'a CancellationToken,
}

/// The first pause after a deletion that failed; every further one is twice as long.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Why something may still be there.
enum Left {
    /// Time is up, or everything is left.
    Over(String),
    /// It is tried again.
    Again(String),
}

impl Ground<'_> {
    /// Deletes the clone and all else that the run has made; gives what could not be confirmed gone, and why.
    pub(super) async fn clear(&self) -> Vec<(String, String)> {
        self.stop_parts();
        let task = self.held.task();
        let mut left = Vec::new();
        if let Some(create) = &task.test.create
            && let Err(why) = self.clear_clone(create).await
        {
            let ids = self.remains(task.request.target()).await;
            left.extend(ids.into_iter().map(|id| (id, why.clone())));
        }
        left
    }

    /// Rewinds, marks and the like that a run had begun are not waited for: their cluster goes.
    fn stop_parts(&self) {
        for id in &self.held.task().test.children {
            let Ok(part) = self.engine.task(id) else { continue };
            let makes = matches!(part.request, Request::Create(_) | Request::Delete(_));
            if !makes && !part.state.is_final() {
                // One that has just ended is as good.
                let _ = self.engine.cancel(id, Cancel::Detach);
            }
        }
    }

    /// Deletes the clone that `create` makes or has made; again and again, until it is gone or time is up.
    async fn clear_clone(&self, create: &TaskId) -> Result<(), String> {
        let mut pause = PAUSE;
        loop {
            let why = match self.try_clear(create).await {
                Ok(()) => return Ok(()),
                Err(Left::Over(why)) => return Err(why),
                Err(Left::Again(why)) => why,
            };
            let next = Instant::now() + pause;
            if next >= self.until {
                return Err(why);
            }
            self.say(&format!("{why}; next try in {} s", pause.as_secs()));
            tokio::select! {
                () = sleep_until(next) => {}
                () = self.stop.cancelled() => return Err(why),
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn try_clear(&self, create: &TaskId) -> Result<(), Left> {
        let again = |error: TaskError| Left::Again(error.to_string());
        let task = match self.engine.task(create) {
            Ok(task) => task,
            // It was named in the journal and never begun.
            Err(_) => return Ok(()),
        };
        if !task.state.is_final() {
            let part = Part::again(self.engine, create, || self.engine.cancel(create, Cancel::TearDown).map(|_| ()));
            let over = self.end(part.map_err(again)?).await?;
            return match over.state {
                TaskState::Cancelled => Ok(()),
                _ => Err(Left::Again(failure(&over).to_string())),
            };
        }
        if let Some(delete) = self.unfinished_delete() {
            let part = Part::again(self.engine, &delete.id, || {
                self.engine.resume(delete.clone());
                Ok(())
            });
            let over = self.end(part.map_err(again)?).await?;
            if over.state == TaskState::Done {
                return Ok(());
            }
        }
        let Some((cluster, named)) = self.find(&task).await? else { return Ok(()) };
        let typed = named.then(|| cluster.id.clone());
        let request = Request::Delete(DeleteRequest::new(&cluster));
        let part = Part::begin(self.engine, |id| self.engine.start_child(self.held.id(), id, request, typed));
        let over = self.end(part.map_err(again)?).await?;
        if over.state == TaskState::Done { Ok(()) } else { Err(Left::Again(failure(&over).to_string())) }
    }

    fn unfinished_delete(&self) -> Option<Task> {
        let children = self.held.task().test.children;
        let tasks = children.iter().rev().filter_map(|id| self.engine.task(id).ok());
        tasks.into_iter().find(|task| matches!(task.request, Request::Delete(_)) && !task.state.is_final())
    }

    /// The clone, and whether its tags name the task that made it. A listing lags behind: what is not in it is looked for
    /// twice.
    async fn find(&self, create: &Task) -> Result<Option<(Cluster, bool)>, Left> {
        for again in [true, false] {
            let name = std::slice::from_ref(create.request.target());
            let read = self.aws.clusters(name).await.map_err(|error| Left::Again(error.message))?;
            let ours = |cluster: &Cluster| {
                let named = cluster.tags.get(TAG_TASK).map(String::as_str) == Some(create.id.as_str());
                let known = create.resource.as_ref() == Some(&cluster.resource_id);
                (known || (named && create.resource.is_none())).then_some(named)
            };
            let found = read.into_iter().find_map(|cluster| ours(&cluster).map(|named| (cluster, named)));
            if found.is_some() {
                return Ok(found);
            }
            if again {
                tokio::select! {
                    () = tokio::time::sleep(PAUSE) => {}
                    () = self.stop.cancelled() => return Err(Left::Over("everything was left".into())),
                }
            }
        }
        Ok(None)
    }

    async fn end(&self, part: Part) -> Result<Task, Left> {
        let patience = Patience { until: self.until, helped_within: None, stop: self.stop };
        let step = self.step;
        let over = part.end(self.engine, patience, |task| {
            let text = task.current().map(|step| format!("{}: {}", step.title(), step.detail));
            // Who has lost the run hears of it by an order.
            let _ = self.held.say(step, &text.unwrap_or_default());
        });
        over.await.map_err(|why| match why {
            Unfinished::Broken(error) => Left::Again(error.to_string()),
            other => Left::Over(other.to_string()),
        })
    }

    fn say(&self, text: &str) {
        let _ = self.held.say(self.step, text);
    }

    /// What there is of the clone, as far as it can be read; else what there may be.
    async fn remains(&self, clone: &ClusterId) -> Vec<String> {
        let name = std::slice::from_ref(clone);
        let (clusters, instances) = tokio::join!(self.aws.clusters(name), self.aws.instances(name));
        let Ok(clusters) = clusters else { return vec![clone.to_string(), clone.instance(1).to_string()] };
        let mut ids: Vec<_> = clusters.into_iter().map(|cluster| cluster.id.to_string()).collect();
        ids.extend(instances.unwrap_or_default().into_iter().map(|instance| instance.id));
        ids
    }
}
