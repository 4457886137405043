//! Reading for all running tasks together: who waits for the same moment shares one describe.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::Clock;
use super::seen::{Needs, Seen};
use crate::aurora::cluster::Cluster;
use crate::aws::{Aws, AwsError, ErrorKind};

/// What is sent back to who asked.
type Answer = Result<Arc<Seen>, AwsError>;

/// A question that is waiting.
#[derive(Debug)]
struct Ask {
    needs: Needs,
    due: Instant,
    /// How much earlier it may be answered, if somebody else is asking anyway.
    slack: Duration,
    reply: oneshot::Sender<Answer>,
}

/// A handle to the reader; the reader ends with its last handle.
#[derive(Debug, Clone)]
pub struct Reader {
    asks: mpsc::Sender<Ask>,
}

impl Reader {
    /// Starts a reader on the current runtime.
    pub fn start(aws: Aws, clock: Clock) -> Self {
        let (asks, inbox) = mpsc::channel(64);
        tokio::spawn(serve(aws, clock, inbox));
        Self { asks }
    }

    /// Reads what is needed, `after` from now.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn see(&self, needs: Needs, after: Duration) -> Answer {
        let (reply, answer) = oneshot::channel();
        let ask = Ask { needs, due: Instant::now() + after, slack: after / 2, reply };
        let stopped = || AwsError::new(ErrorKind::Transient, "the reader has stopped");
        self.asks.send(ask).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

async fn serve(aws: Aws, clock: Clock, mut inbox: mpsc::Receiver<Ask>) {
    let mut waiting: Vec<Ask> = Vec::new();
    loop {
        let due = waiting.iter().map(|ask| ask.due).min();
        let next = async {
            match due {
                Some(due) => tokio::time::timeout_at(due, inbox.recv()).await,
                None => Ok(inbox.recv().await),
            }
        };
        match next.await {
            Ok(Some(ask)) => waiting.push(ask),
            Ok(None) => return,
            Err(_due) => {
                let now = Instant::now();
                let (ready, later) = waiting.into_iter().partition(|ask: &Ask| ask.due - ask.slack <= now);
                waiting = later;
                tokio::spawn(answer(aws.clone(), clock.clone(), ready));
            }
        }
    }
}

/// One describe for the clusters of all askers, one for their instances, one for their clone groups. Past rewinds can only
/// be read cluster by cluster, for those who need them.
async fn answer(aws: Aws, clock: Clock, asks: Vec<Ask>) {
    let (aws, base) = (&aws, &read(&aws, clock, &asks).await);
    let replies = asks.into_iter().map(|ask| async move {
        let seen = match base {
            Ok(base) => complete(aws, base, &ask.needs).await.map(Arc::new),
            Err(error) => Err(error.clone()),
        };
        // Who asked may be gone by now.
        let _ = ask.reply.send(seen);
    });
    join_all(replies).await;
}

async fn read(aws: &Aws, clock: Clock, asks: &[Ask]) -> Result<Seen, AwsError> {
    let ids: BTreeSet<_> = asks.iter().flat_map(|ask| ask.needs.clusters.iter().cloned()).collect();
    let ids: Vec<_> = ids.into_iter().collect();
    // What is read is at least as new as the moment before.
    let at = clock();
    let (clusters, instances) = tokio::join!(aws.clusters(&ids), aws.instances(&ids));
    let mut seen = Seen {
        at,
        needs: Needs::default(),
        clusters: clusters?,
        instances: instances?,
        rewinds: Vec::new(),
        stack: None,
    };
    let of = |ask: &Ask| seen.cluster(ask.needs.group_of.as_ref()?)?.clone_group.clone();
    let groups: BTreeSet<String> = asks.iter().filter_map(of).collect();
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    // AWS gives a group to whatever was cloned. An emulator may not: there only the tags of all others tell.
    let ungrouped = |ask: &Ask| {
        ask.needs.group_of.as_ref().and_then(|id| seen.cluster(id)).is_some_and(|c| c.clone_group.is_none())
    };
    if !aws.reports_groups() && asks.iter().any(ungrouped) {
        let kin = aws.all_clusters().await?;
        seen.clusters.extend(kin.into_iter().filter(|other| !ids.contains(&other.id)));
    }
    for member in aws.clone_groups(&groups).await? {
        if seen.cluster(&member.id).is_none() {
            seen.clusters.push(member);
        }
    }
    Ok(seen)
}

/// The part of `base` that one asker needs, with the rewinds.
async fn complete(aws: &Aws, base: &Seen, needs: &Needs) -> Result<Seen, AwsError> {
    let group = needs.group_of.as_ref().and_then(|id| base.cluster(id)?.clone_group.as_ref());
    let kin = |cluster: &Cluster| match group {
        Some(group) => cluster.clone_group.as_ref() == Some(group),
        None => needs.group_of.is_some() && cluster.clone_group.is_none(),
    };
    let wanted = |cluster: &&Cluster| needs.clusters.contains(&cluster.id) || kin(cluster);
    let mut seen = Seen {
        at: base.at,
        needs: needs.clone(),
        clusters: base.clusters.iter().filter(wanted).cloned().collect(),
        instances: base.instances.iter().filter(|i| needs.clusters.contains(&i.cluster)).cloned().collect(),
        rewinds: Vec::new(),
        stack: None,
    };
    if let Some(id) = &needs.resource
        && seen.resource(id).is_none()
    {
        seen.clusters.extend(aws.cluster_by_resource(id).await?);
    }
    if let Some(id) = &needs.rewinds_of
        && seen.cluster(id).is_some_and(|cluster| cluster.backtrack.enabled())
    {
        seen.rewinds = aws.rewinds(id).await?;
    }
    if let Some(reference) = &needs.stack {
        seen.stack = aws.stack(reference).await?;
    }
    Ok(seen)
}
