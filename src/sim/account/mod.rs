//! The simulated account: clusters, instances, events, and the passing of time.

pub mod backtrack;
pub mod cluster;
pub mod ec2;
pub mod event;
mod holds;
pub mod instance;
pub mod intent;
pub mod lifecycle;
pub mod measured;
pub mod metrics;
pub mod network;
pub mod parameters;
pub mod power;
mod settle;
pub mod snapshots;
mod storage;
pub mod strain;
mod watch;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use fastrand::Rng;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cloudformation::stack::Stack;
use super::protocol::{ApiError, Code};
use super::rules::chance;
use super::rules::timing::{Pace, Work};
use cluster::{Cluster, ClusterStatus, Origin};
use ec2::Network;
use event::EventLog;
use instance::{Instance, InstanceStatus};
use intent::Intent;
use lifecycle::Lifecycle;
use network::Surroundings;
use snapshots::Snapshot;
use storage::Volume;
use strain::Strain;

/// How many clusters, and how many instances, an account may have before anybody asks for more (User Guide, Quotas).
const QUOTA: usize = 40;

/// The most instances of one cluster: a writer and fifteen readers (User Guide, Quotas).
pub const MOST_MEMBERS: usize = 16;

/// The most copy-on-write clones of one clone group (User Guide, Cloning).
pub const MOST_CLONES: usize = 15;

/// One simulated AWS account in one Region.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    pub surroundings: Surroundings,
    pub pace: Pace,
    pub events: EventLog,
    snapshots: BTreeMap<String, Snapshot>,
    clusters: BTreeMap<String, Cluster>,
    instances: BTreeMap<String, Instance>,
    /// Pages by the resource id of their cluster.
    volumes: BTreeMap<String, Volume>,
    /// The names that clusters which are being renamed will have.
    renames: BTreeMap<String, String>,
    /// CloudFormation's stacks, by their ids.
    #[serde(default)]
    pub stacks: BTreeMap<String, Stack>,
    agenda: BinaryHeap<Reverse<(Timestamp, Subject)>>,
    /// Clusters, by resource id, whose databases are at work.
    #[serde(skip)]
    held: BTreeSet<String>,
    #[serde(skip)]
    intents: Vec<Intent>,
    #[serde(skip)]
    pub strain: Strain,
    #[serde(with = "chance::kept")]
    names: Rng,
    /// What the fleet brought along; the quotas leave as much room beside it as an empty account has.
    brought: (usize, usize),
}

/// Whose turn it is on the agenda.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Subject {
    Instance(String),
    Cluster(String),
    /// The actual window of a cluster.
    Window(String),
    Snapshot(String),
}

impl Account {
    /// An account without clusters.
    pub fn empty(mut surroundings: Surroundings, pace: Pace) -> Self {
        surroundings.network = Network::of_groups(&surroundings.subnet_groups);
        Self {
            surroundings,
            pace,
            events: EventLog::default(),
            snapshots: BTreeMap::new(),
            renames: BTreeMap::new(),
            stacks: BTreeMap::new(),
            clusters: BTreeMap::new(),
            instances: BTreeMap::new(),
            volumes: BTreeMap::new(),
            agenda: BinaryHeap::new(),
            held: BTreeSet::new(),
            intents: Vec::new(),
            strain: Strain::default(),
            names: chance::of(pace.seed, &["names"]),
            brought: (0, 0),
        }
    }

    /// Counts what is there as brought along, not as used up.
    pub fn raise_quotas(&mut self) {
        self.brought = (self.clusters.len(), self.instances.len());
    }

    /// A new resource id, such as `cluster-` or `db-` and 26 letters and digits.
    pub fn new_resource_id(&mut self, prefix: &str) -> String {
        let letters = (0..26).map(|_| self.names.digit(36).to_ascii_uppercase());
        format!("{prefix}-{}", letters.collect::<String>())
    }

    /// A new UUID.
    pub fn new_uuid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.names.u128(..).to_be_bytes()).into_uuid().to_string()
    }

    /// All clusters by identifier, behind `after`.
    pub fn clusters(&self, after: Option<&str>) -> impl Iterator<Item = &Cluster> {
        behind(&self.clusters, after)
    }

    /// All instances by identifier, behind `after`.
    pub fn instances(&self, after: Option<&str>) -> impl Iterator<Item = &Instance> {
        behind(&self.instances, after)
    }

    /// The stored identifier that a request's identifier or ARN names.
    pub fn key(&self, kind: &str, reference: &str) -> String {
        self.surroundings.name_in_arn(kind, reference).unwrap_or_else(|| reference.to_ascii_lowercase())
    }

    /// The cluster of an identifier or ARN.
    pub fn cluster(&self, reference: &str) -> Result<&Cluster, ApiError> {
        self.clusters.get(&self.key("cluster", reference)).ok_or_else(|| no_cluster(reference))
    }

    /// The cluster of an identifier or ARN, to change what is not its status.
    pub fn cluster_mut(&mut self, reference: &str) -> Result<&mut Cluster, ApiError> {
        let key = self.key("cluster", reference);
        self.clusters.get_mut(&key).ok_or_else(|| no_cluster(reference))
    }

    /// The instance of an identifier or ARN.
    pub fn instance(&self, reference: &str) -> Result<&Instance, ApiError> {
        self.instances.get(&self.key("db", reference)).ok_or_else(|| no_instance(reference))
    }

    /// The instance of an identifier or ARN, to change what is not its status.
    pub fn instance_mut(&mut self, reference: &str) -> Result<&mut Instance, ApiError> {
        let key = self.key("db", reference);
        self.instances.get_mut(&key).ok_or_else(|| no_instance(reference))
    }

    /// The instances of a cluster, in the order of their creation.
    pub fn members(&self, cluster: &Cluster) -> impl Iterator<Item = &Instance> {
        cluster.members.iter().filter_map(|id| self.instances.get(id))
    }

    /// How many living copy-on-write clones a clone group has.
    pub fn clones_in(&self, group: &str) -> usize {
        let in_group = |cluster: &&Cluster| cluster.clone_group.as_deref() == Some(group);
        self.clusters.values().filter(in_group).filter(|cluster| cluster.origin == Origin::Clone).count()
    }

    /// How many clusters, and how many instances, there may be.
    pub fn quotas(&self) -> (usize, usize) {
        (QUOTA + self.brought.0, QUOTA + self.brought.1)
    }

    /// Whether a cluster may be called so.
    pub fn check_cluster_name(&self, id: &str) -> Result<(), ApiError> {
        if self.clusters.contains_key(id) || self.renames.values().any(|to| to == id) {
            return Err(ApiError::new(Code::ClusterAlreadyExists, "DB Cluster already exists"));
        }
        Ok(())
    }

    /// Whether a new cluster may have this identifier; a name is held until its cluster is gone.
    pub fn check_room_for_cluster(&self, id: &str) -> Result<(), ApiError> {
        self.check_cluster_name(id)?;
        if self.clusters.len() >= self.quotas().0 {
            return Err(ApiError::new(
                Code::ClusterQuotaExceeded,
                "DBCluster quota exceeded: cannot create more clusters",
            ));
        }
        self.check_storage()
    }

    /// Whether a new instance may have this identifier.
    pub fn check_room_for_instance(&self, id: &str) -> Result<(), ApiError> {
        if self.instances.contains_key(id) {
            return Err(ApiError::new(Code::InstanceAlreadyExists, "DB instance already exists"));
        }
        if self.instances.len() >= self.quotas().1 {
            return Err(ApiError::new(Code::InstanceQuotaExceeded, "DB instance quota exceeded"));
        }
        Ok(())
    }

    /// Adds a cluster.
    pub fn add_cluster(&mut self, cluster: Cluster) {
        self.schedule(cluster.life.next_due(), Subject::Cluster(cluster.id.clone()));
        let look = cluster.backtrack.as_ref().map(|backtrack| backtrack.next_look);
        self.schedule(look, Subject::Window(cluster.id.clone()));
        self.new_volume(&cluster);
        self.clusters.insert(cluster.id.clone(), cluster);
    }

    /// Adds an instance to its cluster; the first one is the writer.
    pub fn add_instance(&mut self, instance: Instance) {
        self.schedule(instance.life.next_due(), Subject::Instance(instance.id.clone()));
        if let Some(cluster) = self.clusters.get_mut(&instance.cluster) {
            cluster.members.push(instance.id.clone());
            cluster.writer.get_or_insert_with(|| instance.id.clone());
        }
        self.instances.insert(instance.id.clone(), instance);
    }

    /// Puts a cluster into a status and what follows it.
    pub fn steer_cluster(&mut self, id: &str, life: Lifecycle<ClusterStatus>) {
        self.schedule(life.next_due(), Subject::Cluster(id.to_owned()));
        if let Some(cluster) = self.clusters.get_mut(id) {
            cluster.life = life;
        }
    }

    /// Puts an instance into a status and what follows it.
    pub fn steer_instance(&mut self, id: &str, life: Lifecycle<InstanceStatus>) {
        self.schedule(life.next_due(), Subject::Instance(id.to_owned()));
        if let Some(instance) = self.instances.get_mut(id) {
            instance.life = life;
        }
    }

    /// The end of `work` on a resource that begins at `from`.
    pub fn end_of(&self, work: Work, resource_id: &str, from: Timestamp) -> Timestamp {
        super::clock::after(from, self.pace.takes(work, resource_id))
    }

    /// Whether everything that is named is there; what was written down may have been damaged since.
    pub fn check_whole(&self) -> Result<(), String> {
        for cluster in self.clusters.values() {
            let stranger = cluster
                .members
                .iter()
                .chain(&cluster.writer)
                .find(|id| self.instances.get(*id).is_none_or(|instance| instance.cluster != cluster.id));
            if let Some(stranger) = stranger {
                return Err(format!("the cluster {} has no instance {stranger}", cluster.id));
            }
        }
        let homeless = self.instances.values().find(|instance| !self.clusters.contains_key(&instance.cluster));
        homeless.map_or(Ok(()), |instance| Err(format!("the instance {} has no cluster", instance.id)))
    }

    fn schedule(&mut self, due: Option<Timestamp>, subject: Subject) {
        if let Some(due) = due {
            self.agenda.push(Reverse((due, subject)));
        }
    }
}

fn behind<'a, T>(rows: &'a BTreeMap<String, T>, after: Option<&str>) -> impl Iterator<Item = &'a T> + use<'a, T> {
    use std::ops::Bound;
    let start = after.map_or(Bound::Unbounded, |key| Bound::Excluded(key.to_owned()));
    rows.range((start, Bound::Unbounded)).map(|(_, row)| row)
}

fn no_cluster(reference: &str) -> ApiError {
    ApiError::new(Code::ClusterNotFound, format!("DBCluster {reference} not found."))
}

fn no_instance(reference: &str) -> ApiError {
    ApiError::new(Code::InstanceNotFound, format!("DBInstance {reference} not found."))
}
