//! Reading: the whole fleet page by page, some clusters at once, the history of one.

use std::collections::HashSet;
use std::future::Future;

use aws_sdk_rds::types::{Filter, SourceType};
use tokio::sync::mpsc;

use super::classify::classify;
use super::error::{AwsError, ErrorKind};
use super::events::{FleetEvent, History};
use super::{Aws, convert};
use crate::aurora::Fleet;
use crate::aurora::cluster::{Binlog, Cluster, Instance};
use crate::aurora::event::ClusterEvent;
use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aurora::rewind::Rewind;

/// Rows of a page (API reference: 20 to 100).
const PAGE: i32 = 100;
/// Values of one filter in one call: far below the limits of a request, and a page of answers.
const BATCH: usize = 100;
/// How far back events are read, in minutes; RDS keeps 14 days.
const EVENT_MINUTES: i32 = 3 * 24 * 60;
/// Pages of events of one source: enough for days of trouble, and an end.
const EVENT_PAGES: usize = 5;

/// Takes pages until there is no marker, or `limit`. A marker that comes again would go round for ever, and what was
/// read so far is not all there is: an error, because rules are decided on what is read.
pub(super) async fn pages<T, F>(limit: usize, mut page: impl FnMut(Option<String>) -> F) -> Result<Vec<T>, AwsError>
where
    F: Future<Output = Result<(Vec<T>, Option<String>), AwsError>>,
{
    let mut all = Vec::new();
    let mut marker = None;
    let mut seen = HashSet::new();
    for _ in 0..limit {
        let (rows, next) = page(marker.clone()).await?;
        all.extend(rows);
        if next.is_none() {
            break;
        }
        if !seen.insert(next.clone()) {
            return Err(AwsError::new(ErrorKind::Transient, "the endpoint pages in circles"));
        }
        marker = next;
    }
    Ok(all)
}

fn filter(name: &str, values: impl IntoIterator<Item = String>) -> Filter {
    Filter::builder().name(name).set_values(Some(values.into_iter().collect())).build()
}

impl Aws {
    /// Reads the whole fleet.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn fleet(&self) -> Result<Fleet, AwsError> {
        let (pages, mut inbox) = mpsc::channel(16);
        let mut fleet = Fleet::default();
        let collect = async {
            while let Some(event) = inbox.recv().await {
                match event {
                    FleetEvent::Begun => fleet.begin(),
                    FleetEvent::Clusters(page) => fleet.merge(page),
                    FleetEvent::Instances(page) => fleet.merge_instances(page),
                    FleetEvent::Done => {
                        fleet.finish();
                        return Ok(());
                    }
                    FleetEvent::Failed(error) => return Err(error),
                }
            }
            Ok(())
        };
        let ((), read) = tokio::join!(self.list(&pages), collect);
        read.map(|()| fleet)
    }

    /// Lists the whole fleet; every page is sent on as it arrives. Ends quietly when nobody listens any more.
    pub async fn list(&self, pages: &mpsc::Sender<FleetEvent>) {
        if pages.send(FleetEvent::Begun).await.is_err() {
            return;
        }
        let (clusters, instances) = tokio::join!(self.list_clusters(pages), self.list_instances(pages));
        let end = clusters.and(instances).map_or_else(FleetEvent::Failed, |()| FleetEvent::Done);
        let _ = pages.send(end).await;
    }

    async fn list_clusters(&self, pages: &mpsc::Sender<FleetEvent>) -> Result<(), AwsError> {
        let mut marker = None;
        loop {
            let (page, next) = self.cluster_page(None, marker.clone()).await?;
            let closed = pages.send(FleetEvent::Clusters(page)).await.is_err();
            if closed || next.is_none() || next == marker {
                return Ok(());
            }
            marker = next;
        }
    }

    async fn list_instances(&self, pages: &mpsc::Sender<FleetEvent>) -> Result<(), AwsError> {
        let mut marker = None;
        loop {
            let (page, next) = self.instance_page(None, marker.clone()).await?;
            let closed = pages.send(FleetEvent::Instances(page)).await.is_err();
            if closed || next.is_none() || next == marker {
                return Ok(());
            }
            marker = next;
        }
    }

    async fn cluster_page(
        &self,
        filter: Option<Filter>,
        marker: Option<String>,
    ) -> Result<(Vec<Cluster>, Option<String>), AwsError> {
        let call = self.rds.describe_db_clusters().max_records(PAGE).set_marker(marker);
        let call = call.set_filters(filter.map(|filter| vec![filter]));
        self.pace.turn().await;
        let answer = call.send().await.map_err(|error| classify("DescribeDBClusters", &error))?;
        if let Some(account) = answer.db_clusters().iter().find_map(convert::account) {
            let _ = self.account.set(account);
        }
        let page: Vec<Cluster> = answer.db_clusters().iter().filter_map(convert::cluster).collect();
        if page.iter().any(|cluster| cluster.clone_group.is_some()) {
            let _ = self.groups.set(());
        }
        Ok((page, answer.marker().map(str::to_owned)))
    }

    async fn instance_page(
        &self,
        filter: Option<Filter>,
        marker: Option<String>,
    ) -> Result<(Vec<Instance>, Option<String>), AwsError> {
        let call = self.rds.describe_db_instances().max_records(PAGE).set_marker(marker);
        let call = call.set_filters(filter.map(|filter| vec![filter]));
        self.pace.turn().await;
        let answer = call.send().await.map_err(|error| classify("DescribeDBInstances", &error))?;
        let page = answer.db_instances().iter().filter_map(convert::instance).collect();
        Ok((page, answer.marker().map(str::to_owned)))
    }

    /// The Aurora clusters with these identifiers; what is not there is left out.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn clusters(&self, ids: &[ClusterId]) -> Result<Vec<Cluster>, AwsError> {
        let mut found = Vec::new();
        for batch in ids.chunks(BATCH) {
            let names: Vec<String> = batch.iter().map(ToString::to_string).collect();
            let read = |marker| self.cluster_page(Some(filter("db-cluster-id", names.clone())), marker);
            found.extend(or_empty(pages(usize::MAX, read).await)?);
        }
        Ok(found)
    }

    /// The instances of these clusters.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn instances(&self, ids: &[ClusterId]) -> Result<Vec<Instance>, AwsError> {
        let mut found = Vec::new();
        for batch in ids.chunks(BATCH) {
            let names: Vec<String> = batch.iter().map(ToString::to_string).collect();
            let read = |marker| self.instance_page(Some(filter("db-cluster-id", names.clone())), marker);
            found.extend(or_empty(pages(usize::MAX, read).await)?);
        }
        Ok(found)
    }

    /// The members of these clone groups.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn clone_groups(&self, groups: &[&str]) -> Result<Vec<Cluster>, AwsError> {
        let mut found = Vec::new();
        for batch in groups.chunks(BATCH) {
            let names: Vec<String> = batch.iter().map(ToString::to_string).collect();
            let read = |marker| self.cluster_page(Some(filter("clone-group-id", names.clone())), marker);
            found.extend(or_empty(pages(usize::MAX, read).await)?);
        }
        Ok(found)
    }

    /// Every Aurora cluster, without the instances.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn all_clusters(&self) -> Result<Vec<Cluster>, AwsError> {
        pages(usize::MAX, |marker| self.cluster_page(None, marker)).await
    }

    /// The cluster with this resource id, whatever it is called now.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn cluster_by_resource(&self, id: &ResourceId) -> Result<Option<Cluster>, AwsError> {
        match self.cluster_page(Some(filter("db-cluster-resource-id", [id.to_string()])), None).await {
            Ok((found, _)) => Ok(found.into_iter().find(|cluster| cluster.resource_id == *id)),
            // An emulator may not know this filter; then nothing more is known than before.
            Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Invalid | ErrorKind::Unsupported) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Finds out which account this is, if nothing that was read so far has named it. An account without any cluster
    /// stays unknown.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn learn_account(&self) -> Result<Option<&str>, AwsError> {
        if self.account().is_none() {
            self.cluster_page(None, None).await?;
        }
        Ok(self.account())
    }

    /// The past rewinds of a cluster, the newest first. Only to be asked of a cluster that has Backtrack: others answer
    /// with an error (API reference, DescribeDBClusterBacktracks).
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn rewinds(&self, id: &ClusterId) -> Result<Vec<Rewind>, AwsError> {
        let mut rewinds = pages(usize::MAX, |marker| self.rewind_page(id, marker)).await?;
        rewinds.sort_by_key(|rewind| std::cmp::Reverse(rewind.requested_at));
        Ok(rewinds)
    }

    async fn rewind_page(
        &self,
        id: &ClusterId,
        marker: Option<String>,
    ) -> Result<(Vec<Rewind>, Option<String>), AwsError> {
        let call = self.rds.describe_db_cluster_backtracks().db_cluster_identifier(id.as_str());
        let call = call.max_records(PAGE).set_marker(marker);
        self.pace.turn().await;
        let answer = call.send().await.map_err(|error| classify("DescribeDBClusterBacktracks", &error))?;
        let page = answer.db_cluster_backtracks().iter().filter_map(convert::rewind).collect();
        Ok((page, answer.marker().map(str::to_owned)))
    }

    async fn events(&self, kind: &SourceType, source: &str) -> Result<Vec<ClusterEvent>, AwsError> {
        pages(EVENT_PAGES, |marker| async move {
            let call = self.rds.describe_events().source_type(kind.clone()).source_identifier(source);
            let call = call.duration(EVENT_MINUTES).max_records(PAGE).set_marker(marker);
            self.pace.turn().await;
            let answer = call.send().await.map_err(|error| classify("DescribeEvents", &error))?;
            Ok((answer.events().iter().filter_map(convert::event).collect(), answer.marker().map(str::to_owned)))
        })
        .await
    }

    /// Rewinds and events of one cluster. Either may be missing (an emulator, a narrow policy): then it is said.
    ///
    /// # Errors
    /// If nothing could be read, for want of credentials or connection.
    pub async fn history(&self, cluster: &Cluster) -> Result<History, AwsError> {
        let rewinds =
            async { if cluster.backtrack.enabled() { self.rewinds(&cluster.id).await } else { Ok(Vec::new()) } };
        let of_cluster = self.events(&SourceType::DbCluster, cluster.id.as_str());
        let of_writer = async {
            match cluster.writer() {
                Some(writer) => self.events(&SourceType::DbInstance, writer).await,
                None => Ok(Vec::new()),
            }
        };
        let binlog =
            async { if cluster.backtrack.enabled() { self.binlog(cluster).await } else { Ok(Binlog::Unknown) } };
        let (rewinds, of_cluster, of_writer, binlog) =
            tokio::join!(Box::pin(rewinds), Box::pin(of_cluster), Box::pin(of_writer), Box::pin(binlog));
        let mut history = History { binlog: binlog?, ..History::default() };
        keep(rewinds, &mut history.rewinds, &mut history.missing, "past rewinds")?;
        keep(of_cluster, &mut history.events, &mut history.missing, "events of the cluster")?;
        keep(of_writer, &mut history.events, &mut history.missing, "events of the writer")?;
        history.events.sort_by_key(|event| std::cmp::Reverse(event.at));
        Ok(history)
    }
}

/// A filter that nothing passes is answered with an empty list, by some endpoints with an error.
fn or_empty<T>(answer: Result<Vec<T>, AwsError>) -> Result<Vec<T>, AwsError> {
    match answer {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(Vec::new()),
        other => other,
    }
}

fn keep<T>(
    answer: Result<Vec<T>, AwsError>,
    into: &mut Vec<T>,
    missing: &mut Vec<String>,
    what: &str,
) -> Result<(), AwsError> {
    match answer {
        Ok(rows) => into.extend(rows),
        Err(error) if matches!(error.kind, ErrorKind::NoCredentials | ErrorKind::Expired | ErrorKind::Unreachable) => {
            return Err(error);
        }
        Err(error) => missing.push(format!("{what}: {error}")),
    }
    Ok(())
}
