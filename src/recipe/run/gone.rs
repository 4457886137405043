//! Deleting what a run has made, whoever began it, until it is confirmed gone.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::part::{Part, Patience, Unfinished, failure, progress};
use crate::aurora::cluster::Cluster;
use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aurora::ownership::TAG_TASK;
use crate::aurora::request::DeleteRequest;
use crate::aws::{Aws, ErrorKind};
use crate::engine::task::FailureKind;
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
/// How often in a row a deletion may be refused: a permission that was just given takes a moment, one that is missing stays so.
const REFUSALS: u32 = 3;

/// Codes of AWS that say that it is not allowed.
const DENIED: [&str; 4] = ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"];

/// Why something may still be there.
enum Left {
    /// Time is up, or everything is left.
    Over(String),
    /// The policy or AWS does not allow it.
    Refused(String),
    /// It is tried again.
    Again(String),
}

impl Left {
    fn of(error: &TaskError) -> Self {
        let denied = error.code.as_deref().is_some_and(|code| DENIED.contains(&code));
        if denied || error.kind == FailureKind::Refused {
            Self::Refused(error.to_string())
        } else {
            Self::Again(error.to_string())
        }
    }
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
            let ids = self.remains(create, task.request.target()).await;
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
        let (mut pause, mut refused) = (PAUSE, 0);
        loop {
            let why = match self.try_clear(create).await {
                Ok(()) => return Ok(()),
                Err(Left::Over(why)) => return Err(why),
                Err(Left::Refused(why)) => {
                    refused += 1;
                    if refused == REFUSALS {
                        return Err(why);
                    }
                    why
                }
                Err(Left::Again(why)) => {
                    refused = 0;
                    why
                }
            };
            self.rest(&mut pause, why).await?;
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
        let again = |error: TaskError| Left::of(&error);
        self.go_on()?;
        let made = self.engine.task(create).ok();
        if let Some(task) = &made
            && !task.state.is_final()
        {
            let part = Part::again(self.engine, create, || self.engine.cancel(create, Cancel::TearDown).map(|_| ()));
            let over = self.end(part.map_err(again)?).await?;
            return match over.state {
                TaskState::Cancelled => Ok(()),
                _ => Err(Left::of(&failure(&over))),
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
        if over.state == TaskState::Done { Ok(()) } else { Err(Left::of(&failure(&over))) }
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
            let read = read.map_err(|error| match error.kind {
                ErrorKind::Denied => Left::Refused(error.message),
                _ => Left::Again(error.message),
            })?;
            let ours = |cluster: &Cluster| ours(cluster, create, resource);
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
            if let Some(text) = progress(task) {
                // Who has lost the run hears of it by an order.
                let _ = self.held.say(step, &text);
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

    /// What there is of the clone, as far as it can be read; else what there may be. Never nothing: a listing lags behind, and
    /// what is being made comes later.
    async fn remains(&self, create: &TaskId, clone: &ClusterId) -> Vec<String> {
        let name = std::slice::from_ref(clone);
        let (clusters, instances) = tokio::join!(self.aws.clusters(name), self.aws.instances(name));
        let Ok(clusters) = clusters else { return vec![clone.to_string(), clone.instance(1).to_string()] };
        let resource = self.engine.task(create).ok().and_then(|task| task.resource);
        match clusters.first() {
            None => vec![clone.to_string()],
            // The name of what is somebody else's would have it deleted.
            Some(cluster) if ours(cluster, create, resource.as_ref()).is_none() => {
                vec![format!("the clone of task {create}")]
            }
            Some(cluster) => {
                let instances = instances.unwrap_or_default().into_iter().map(|instance| instance.id);
                std::iter::once(cluster.id.to_string()).chain(instances).collect()
            }
        }
    }
}

/// Whether a cluster is what `create` has made, by its resource id or else by its tags: then, whether its tags say so.
fn ours(cluster: &Cluster, create: &TaskId, resource: Option<&ResourceId>) -> Option<bool> {
    let named = cluster.tags.get(TAG_TASK).map(String::as_str) == Some(create.as_str());
    resource.map_or(named, |resource| *resource == cluster.resource_id).then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(FailureKind::Refused, None, true)]
    #[case(FailureKind::Aws, Some("AccessDenied"), true)]
    #[case(FailureKind::Aws, Some("ThrottlingException"), false)]
    #[case(FailureKind::Timeout, None, false)]
    fn what_is_forbidden_is_not_tried_for_long(
        #[case] kind: FailureKind,
        #[case] code: Option<&str>,
        #[case] want: bool,
    ) {
        let error = TaskError { code: code.map(str::to_owned), ..TaskError::new(kind, "no") };
        assert_eq!(matches!(Left::of(&error), Left::Refused(_)), want);
    }
}
