//! What RDS reports to have happened to a cluster or its instances.

use jiff::Timestamp;

/// One line of DescribeEvents. RDS keeps them for 14 days (API reference, DescribeEvents).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterEvent {
    /// When it happened.
    pub at: Timestamp,
    /// The cluster or instance that it happened to.
    pub source: String,
    /// `backtrack`, `failover`, `maintenance` …
    pub categories: Vec<String>,
    /// The sentence of RDS.
    pub message: String,
}
