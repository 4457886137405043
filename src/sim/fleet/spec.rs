//! How a fleet is described in TOML. Times are ages: so long before the start.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::{Deserialize, Deserializer};

use super::super::account::cluster::{Capacity, ClusterStatus};
use super::super::rules::engine::Engine;

/// A described fleet. Sources stand before their clones.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetFile {
    pub cluster: Vec<ClusterSpec>,
}

/// One described cluster.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterSpec {
    pub id: String,
    pub age: Age,
    #[serde(default = "mysql")]
    pub engine: Engine,
    pub version: Option<String>,
    pub status: Option<ClusterStatus>,
    #[serde(default)]
    pub instances: Vec<InstanceSpec>,
    pub made: Option<Made>,
    pub backtrack: Option<BacktrackSpec>,
    pub database: Option<String>,
    pub port: Option<u16>,
    pub parameter_group: Option<String>,
    pub subnet_group: Option<String>,
    #[serde(default)]
    pub security_groups: Vec<String>,
    #[serde(default)]
    pub log_exports: Vec<String>,
    #[serde(default)]
    pub protected: bool,
    #[serde(default)]
    pub iam_authentication: bool,
    #[serde(default)]
    pub io_optimized: bool,
    pub retention_days: Option<i64>,
    pub serverless: Option<Capacity>,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    pub owned: Option<Owned>,
    /// When a stopped cluster was stopped.
    pub stopped: Option<Age>,
    #[serde(default)]
    pub events: Vec<EventSpec>,
}

/// One instance; the first of a cluster is its writer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceSpec {
    pub class: String,
    /// Set apart from the cluster's identifier by a hyphen.
    pub name: String,
    /// Younger than its cluster, when it was added later.
    pub age: Option<Age>,
}

/// What a cluster was made from. Which source it was is nowhere in the API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    pub from: String,
    #[serde(default)]
    pub full_copy: bool,
    /// Whether the request carried no tags, so that the source's were inherited.
    #[serde(default)]
    pub inherited_tags: bool,
}

/// The Backtrack side of a cluster.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BacktrackSpec {
    pub window: Age,
    /// Change records per second.
    pub writes: f64,
    #[serde(default)]
    pub bursts: f64,
    /// Something that wrote much, once.
    pub surge: Option<SurgeSpec>,
    /// How many change records there is room for.
    #[serde(default = "room")]
    pub room: f64,
    #[serde(default)]
    pub rewinds: Vec<RewindSpec>,
}

/// A time of many writes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurgeSpec {
    pub ago: Age,
    pub lasts: Age,
    /// How many times the base rate it adds.
    pub times: f64,
}

/// A past rewind, oldest first.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewindSpec {
    pub requested: Age,
    pub to: Age,
}

/// The tags that prove who owns a clone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owned {
    pub by: String,
    /// How long it may live, counted from its creation.
    pub lifetime: Option<Age>,
    pub keep: Option<String>,
    #[serde(default)]
    pub marks: BTreeMap<String, Age>,
}

/// A past event of a cluster, or of its first instance.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventSpec {
    pub ago: Age,
    #[serde(default)]
    pub instance: bool,
    pub category: String,
    pub message: String,
}

/// A length of time such as `2d 4h`.
#[derive(Clone, Copy, Debug)]
pub struct Age(pub SignedDuration);

impl<'de> Deserialize<'de> for Age {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let span: Span = text.parse().map_err(serde::de::Error::custom)?;
        span.to_duration(SpanRelativeTo::days_are_24_hours()).map(Self).map_err(serde::de::Error::custom)
    }
}

const fn mysql() -> Engine {
    Engine::AuroraMysql
}

const fn room() -> f64 {
    1e12
}
