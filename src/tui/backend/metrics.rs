//! What CloudWatch tells of the cluster that is looked at.

use std::sync::PoisonError;

use jiff::{SignedDuration, Timestamp};

use super::Inner;
use crate::aurora::cluster::Cluster;
use crate::tui::event::Event;
use crate::tui::state::Notice;

/// How long an answer of CloudWatch is good enough: its own figures are no finer.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(1);

impl Inner {
    /// Tells what CloudWatch knows of `cluster`, once a minute at most; the first refusal is told, and nothing more.
    pub(super) async fn show_metrics(&self, cluster: &Cluster) {
        let now = (self.parts.clock)();
        if !self.is_due(cluster, now) {
            return;
        }
        let Ok(aws) = self.aws().await else { return };
        match aws.metrics(cluster, now).await {
            Ok(Some(metrics)) => self.tell(Event::Metrics { id: cluster.resource_id.clone(), metrics }).await,
            Ok(None) => {}
            Err(error) => {
                let text = format!("CloudWatch is left alone from now on ({error}): connections are not known");
                self.tell(Event::Notice(Notice::info(text))).await;
            }
        }
    }

    fn is_due(&self, cluster: &Cluster, now: Timestamp) -> bool {
        let mut measured = self.measured.lock().unwrap_or_else(PoisonError::into_inner);
        measured.retain(|_, at| now.duration_since(*at) < GOOD_FOR);
        if measured.contains_key(&cluster.resource_id) {
            return false;
        }
        measured.insert(cluster.resource_id.clone(), now);
        true
    }
}
