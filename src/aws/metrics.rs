//! What CloudWatch knows of a cluster: how it wrote before this program looked, and how many connections are open.
//!
//! Only asked for a cluster that somebody looks at closely, all of it in one call (GetMetricData), in the one budget of
//! calls. Where it is not allowed, or the endpoint does not have it, it is not asked again.

use std::time::Duration;

use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy};
use jiff::{SignedDuration, Timestamp};

use super::classify::classify;
use super::error::{AwsError, ErrorKind};
use super::{Aws, convert};
use crate::aurora::cluster::Cluster;
use crate::aurora::pressure::TOLD_FOR;

/// What CloudWatch knows of a cluster.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metrics {
    /// Change records written in a second: the mean of each period of [`TOLD_FOR`] from the moment on, the oldest first.
    pub rates: Vec<(Timestamp, f64)>,
    /// The most connections open on the writer in the last five minutes or so.
    pub connections: Option<u64>,
}

/// Values of connections older than this say nothing about now.
const LATELY: SignedDuration = SignedDuration::from_mins(10);
/// A rewind does not wait longer than this for figures.
const PATIENCE: Duration = Duration::from_secs(3);
/// The ids of the queries.
const RATE_ID: &str = "rate";
const CONNECTIONS_ID: &str = "connections";

fn query(id: &str, metric: &str, dimension: (&str, &str), stat: &str) -> MetricDataQuery {
    let (name, value) = dimension;
    let dimension = Dimension::builder().name(name).value(value).build();
    let metric = Metric::builder().namespace("AWS/RDS").metric_name(metric).dimensions(dimension).build();
    let period = i32::try_from(TOLD_FOR.as_secs()).unwrap_or(300);
    let stat = MetricStat::builder().metric(metric).period(period).stat(stat).build();
    MetricDataQuery::builder().id(id).metric_stat(stat).build()
}

/// Times and values of the query `id`, the oldest first. What is no moment up to `now`, or no number, is left out.
fn series(results: &[MetricDataResult], id: &str, now: Timestamp) -> Vec<(Timestamp, f64)> {
    let of = |result: &&MetricDataResult| result.id() == Some(id);
    let points = |result: &MetricDataResult| {
        let values = result.values().iter().copied();
        let both = result.timestamps().iter().zip(values).collect::<Vec<_>>();
        both.into_iter().filter_map(|(at, value)| Some((convert::moment(at)?, value))).collect::<Vec<_>>()
    };
    let sane = |(at, value): &(Timestamp, f64)| value.is_finite() && *at <= now;
    let mut found: Vec<_> = results.iter().filter(of).flat_map(points).filter(sane).collect();
    found.sort_by_key(|(at, _)| *at);
    found
}

fn metrics(results: &[MetricDataResult], now: Timestamp) -> Metrics {
    let rates =
        series(results, RATE_ID, now).into_iter().map(|(at, count)| (at, count.max(0.0) / TOLD_FOR.as_secs_f64()));
    let last = series(results, CONNECTIONS_ID, now).pop().filter(|(at, _)| now.duration_since(*at) < LATELY);
    Metrics { rates: rates.collect(), connections: last.map(|(_, count)| count.round().max(0.0) as u64) }
}

impl Aws {
    /// What CloudWatch knows of `cluster` at `now`: its target window long, or the last hour without one. Nothing where it
    /// is switched off, was refused before, or does not answer in time; figures that nobody waits for.
    ///
    /// # Errors
    /// Once, why it is not asked any more.
    pub async fn metrics(&self, cluster: &Cluster, now: Timestamp) -> Result<Option<Metrics>, AwsError> {
        let Some(client) = self.cloudwatch.as_ref().filter(|_| self.no_metrics.get().is_none()) else {
            return Ok(None);
        };
        let id = ("DBClusterIdentifier", cluster.id.as_str());
        let mut queries = Vec::new();
        if cluster.backtrack.enabled() {
            queries.push(query(RATE_ID, "BacktrackChangeRecordsCreationRate", id, "Average"));
        }
        if let Some(writer) = cluster.writer() {
            let of = ("DBInstanceIdentifier", writer);
            queries.push(query(CONNECTIONS_ID, "DatabaseConnections", of, "Maximum"));
        }
        if queries.is_empty() {
            return Ok(None);
        }
        let back = if cluster.backtrack.enabled() { cluster.backtrack.target() } else { SignedDuration::from_hours(1) };
        let call = client
            .get_metric_data()
            .set_metric_data_queries(Some(queries))
            .start_time(convert::date_time(now - back))
            .end_time(convert::date_time(now))
            // The newest first: if not all fits into an answer, what is missing is long ago.
            .scan_by(ScanBy::TimestampDescending);
        let asked = async {
            self.pace.turn().await;
            call.send().await.map_err(|error| classify("GetMetricData", &error))
        };
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(answer)) => Ok(Some(metrics(answer.metric_data_results(), now))),
            Ok(Err(error)) => self.without_metrics(error),
            Err(_) => Ok(None),
        }
    }

    /// What passes is passed over; for everything else CloudWatch is left alone from now on.
    fn without_metrics(&self, error: AwsError) -> Result<Option<Metrics>, AwsError> {
        tracing::debug!("{error}");
        let passes = matches!(
            error.kind,
            ErrorKind::Throttled
                | ErrorKind::Transient
                | ErrorKind::Expired
                | ErrorKind::NoCredentials
                | ErrorKind::Skewed
        );
        // Of several at once only the first one says so.
        if passes || self.no_metrics.set(()).is_err() { Ok(None) } else { Err(error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    /// A result with a value for each of these minutes before noon, in this order.
    fn result(id: &str, points: &[(i64, f64)]) -> MetricDataResult {
        let at = |minutes: i64| convert::date_time(noon() - SignedDuration::from_mins(minutes));
        MetricDataResult::builder()
            .id(id)
            .set_timestamps(Some(points.iter().map(|(minutes, _)| at(*minutes)).collect()))
            .set_values(Some(points.iter().map(|(_, value)| *value).collect()))
            .build()
    }

    #[test]
    fn counts_of_five_minutes_become_rates_the_oldest_first() {
        let found = metrics(&[result(RATE_ID, &[(5, 3_000.0), (10, 300.0), (15, f64::NAN), (20, -1.0)])], noon());
        let want = [(20, 0.0), (10, 1.0), (5, 10.0)];
        assert_eq!(found.rates, want.map(|(minutes, rate)| (noon() - SignedDuration::from_mins(minutes), rate)));
        assert_eq!(found.connections, None);
    }

    #[rstest::rstest]
    #[case(&[(1, 37.0), (2, 12.0)], Some(37))]
    #[case(&[(2, 12.0), (1, 0.0)], Some(0))]
    #[case(&[(11, 37.0)], None)]
    #[case(&[(-1, 37.0), (3, 12.0)], Some(12))]
    #[case(&[], None)]
    fn only_a_late_number_of_connections_counts(#[case] points: &[(i64, f64)], #[case] want: Option<u64>) {
        assert_eq!(metrics(&[result(CONNECTIONS_ID, points)], noon()).connections, want);
    }

    #[test]
    fn results_of_other_queries_and_torn_ones_do_no_harm() {
        let torn = MetricDataResult::builder().id(RATE_ID).values(1.0).build();
        let found = metrics(&[torn, result("other", &[(1, 1.0)])], noon());
        assert_eq!(found, Metrics::default());
    }
}
