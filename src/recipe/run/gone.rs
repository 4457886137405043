//! Deleting what a run has made, whoever began it, until it is confirmed gone.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::part::{Part, Patience, Unfinished, failure};
use crate::aurora::cluster::Cluster;
use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aurora::ownership::TAG_TASK;
use crate::aurora::request::DeleteRequest;
use crate::aws::Aws;
use crate::engine::{Cancel, Engine, Held, Request, Task, TaskError, TaskId, TaskState};
use crate::recipe::environment;

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
    pub(super) over: &'a CancellationToken,
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
        let Some(build) = &task.test.environment else { return left };
        // What is in use cannot be deleted: the clone is in its subnet group.
        let unbuilt = if left.is_empty() { self.clear_stack(build).await } else { Err("the clone is in it".into()) };
        if let (Err(why), Request::Test(request)) = (unbuilt, &task.request) {
            left.extend(request.stack.iter().map(|stack| (format!("stack {stack}"), why.clone())));
        }
        left
    }

    /// Rewinds, marks and the like that a run had begun are not waited for: their cluster goes.
    fn stop_parts(&self) {
        for id in &self.held.task().test.children {
            let Ok(part) = self.engine.task(id) else { continue };
            let makes = matches!(part.request, Request::Create(_) | Request::Delete(_) | Request::Stack(_));
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
            match self.try_clear(create).await {
                Ok(()) => return Ok(()),
                Err(Left::Over(why)) => return Err(why),
                Err(Left::Again(why)) => self.rest(&mut pause, why).await?,
            }
        }
    }

    /// The same for the stack that `build` makes or has made.
    async fn clear_stack(&self, build: &TaskId) -> Result<(), String> {
        let mut pause = PAUSE;
        loop {
            let say = |text: &str| self.say(&format!("stack: {text}"));
            let work = environment::tear_down(self.engine, self.held.id(), build, say);
            let done = tokio::select! {
                done = work => done,
                () = sleep_until(self.until) => return Err("not over in time".into()),
                () = self.over.cancelled() => return Err("everything was left".into()),
            };
            match done {
                Ok(()) => return Ok(()),
                Err(left) => self.rest(&mut pause, left.join("; ")).await?,
            }
        }
    }

    /// Waits before the next try, longer each time; fails if there will be none.
    async fn rest(&self, pause: &mut Duration, why: String) -> Result<(), String> {
        let next = Instant::now() + *pause;
        if next >= self.until {
            return Err(why);
        }
        self.say(&format!("{why}; next try in {} s", pause.as_secs()));
        *pause = (*pause * 2).min(LONGEST_PAUSE);
        tokio::select! {
            () = sleep_until(next) => Ok(()),
            () = self.over.cancelled() => Err(why),
        }
    }

    async fn try_clear(&self, create: &TaskId) -> Result<(), Left> {
        let again = |error: TaskError| Left::Again(error.to_string());
        self.go_on()?;
        let made = self.engine.task(create).ok();
        if let Some(task) = &made
            && !task.state.is_final()
        {
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
        let Some((cluster, named)) = self.find(create, made.as_ref().and_then(|task| task.resource.as_ref())).await?
        else {
            return Ok(());
        };
        self.go_on()?;
        let typed = named.then(|| cluster.id.clone());
        let request = Request::Delete(DeleteRequest::new(&cluster));
        let part = Part::begin(self.engine, |id| self.engine.start_child(self.held.id(), id, request, typed));
        let over = self.end(part.map_err(again)?).await?;
        if over.state == TaskState::Done { Ok(()) } else { Err(Left::Again(failure(&over).to_string())) }
    }

    /// Nothing more is asked of AWS once everything is left.
    fn go_on(&self) -> Result<(), Left> {
        if self.over.is_cancelled() { Err(Left::Over("everything was left".into())) } else { Ok(()) }
    }

    fn unfinished_delete(&self) -> Option<Task> {
        let children = self.held.task().test.children;
        let tasks = children.iter().rev().filter_map(|id| self.engine.task(id).ok());
        tasks.into_iter().find(|task| matches!(task.request, Request::Delete(_)) && !task.state.is_final())
    }

    /// The clone, and whether its tags name the task that made it. A listing lags behind: what is not in it is looked for
    /// twice.
    async fn find(&self, create: &TaskId, resource: Option<&ResourceId>) -> Result<Option<(Cluster, bool)>, Left> {
        let name = self.held.task().request.target().clone();
        for again in [true, false] {
            let read = self.aws.clusters(std::slice::from_ref(&name)).await;
            let read = read.map_err(|error| Left::Again(error.message))?;
            let ours = |cluster: &Cluster| {
                let named = cluster.tags.get(TAG_TASK).map(String::as_str) == Some(create.as_str());
                resource.map_or(named, |resource| *resource == cluster.resource_id).then_some(named)
            };
            let found = read.into_iter().find_map(|cluster| ours(&cluster).map(|named| (cluster, named)));
            if found.is_some() {
                return Ok(found);
            }
            if again {
                tokio::select! {
                    () = tokio::time::sleep(PAUSE) => {}
                    () = self.over.cancelled() => return Err(Left::Over("everything was left".into())),
                }
            }
        }
        Ok(None)
    }

    async fn end(&self, part: Part) -> Result<Task, Left> {
        let patience = Patience { until: self.until, helped_within: None, stop: self.over };
        let step = self.step;
        let over = part.end(self.engine, patience, |task| {
            if let Some(current) = task.current().filter(|step| !step.detail.is_empty()) {
                // Who has lost the run hears of it by an order.
                let _ = self.held.say(step, &format!("{}: {}", current.title(), current.detail));
            }
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
