//! Keeping the clone of a run whose process ended while it was about to be kept: that it was to be kept is in the journal
//! before it is on the clone.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use super::gone::Ground;
use super::part::{Part, Patience, failure};
use crate::aurora::ids::ResourceId;
use crate::aurora::ownership::Ownership;
use crate::aurora::stay::{Stay, StayRequest};
use crate::aws::AwsError;
use crate::engine::{Cancel, Request, TaskState};

/// Between two tries to read the clone.
const PAUSE: Duration = Duration::from_secs(5);

/// Whether the clone is kept.
pub(super) enum Kept {
    /// It is.
    Yes,
    /// It is not, and why it cannot be.
    No(Option<String>),
    /// That could not be read.
    Unknown(String),
}

/// Sees to it that the clone lives until `at`.
pub(super) async fn until(ground: &Ground<'_>, at: Timestamp) -> Kept {
    let Some(resource) = ground.held.task().test.resource else { return Kept::No(None) };
    loop {
        let why = match lives(ground, &resource, at).await {
            Ok(Some(true)) => return Kept::Yes,
            Ok(Some(false)) => break,
            Ok(None) => return Kept::No(Some("it is not there any more".into())),
            Err(error) => error.message,
        };
        let next = Instant::now() + PAUSE;
        if next >= ground.until {
            return Kept::Unknown(why);
        }
        tokio::select! {
            () = sleep_until(next) => {}
            () = ground.over.cancelled() => return Kept::Unknown(why),
        }
    }
    prolong(ground, resource, at).await
}

/// Whether the clone lives until `at` by its tags; none if it is not there.
async fn lives(ground: &Ground<'_>, resource: &ResourceId, at: Timestamp) -> Result<Option<bool>, AwsError> {
    let name = ground.held.task().request.target().clone();
    let clusters = ground.aws.clusters(std::slice::from_ref(&name)).await?;
    let clone = clusters.into_iter().find(|cluster| cluster.resource_id == *resource);
    Ok(clone.map(|clone| match clone.ownership() {
        Ownership::Ours(ours) => {
            ours.expires_at.is_none_or(|end| end >= at) || ours.keep.is_some_and(|keep| keep.holds(at))
        }
        Ownership::Copied(_) | Ownership::Foreign => true,
    }))
}

/// Moves the end of its life.
async fn prolong(ground: &Ground<'_>, resource: ResourceId, at: Timestamp) -> Kept {
    let Ground { engine, held, .. } = ground;
    let task = held.task();
    for part in &task.test.children {
        // The one that was to do it is done once more: it may have been about to write another moment.
        if engine.task(part).is_ok_and(|part| matches!(part.request, Request::Stay(_)) && !part.state.is_final()) {
            let _ = engine.cancel(part, Cancel::Detach);
        }
    }
    let cluster = task.request.target().clone();
    let request = Request::Stay(StayRequest { cluster, resource, stay: Stay::Expire(at) });
    let part = match Part::request(engine, held, request) {
        Ok(part) => part,
        Err(error) => return Kept::Unknown(error.to_string()),
    };
    let patience = Patience { until: ground.until, helped_within: None, stop: ground.over };
    match part.end(engine, patience, |_| {}).await {
        Ok(task) if task.state == TaskState::Done => Kept::Yes,
        Ok(task) => Kept::No(Some(failure(&task).to_string())),
        Err(why) => Kept::Unknown(why.to_string()),
    }
}
