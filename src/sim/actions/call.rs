//! What an action is given, and the questions that several ask.

use jiff::Timestamp;

use super::super::account::Account;
use super::super::account::cluster::{Cluster, ClusterStatus};
use super::super::account::lifecycle::Lifecycle;
use super::super::protocol::{ApiError, Code, Form};
use super::super::twists::{NO_CLUSTERS, NO_STORAGE, Turn, Twists};

/// One call: the account, the request, and the present moment.
pub struct Call<'a> {
    /// The account, settled at `now`.
    pub account: &'a mut Account,
    /// The parameters.
    pub form: &'a Form,
    /// The present moment.
    pub now: Timestamp,
    /// What will go wrong later.
    pub twists: &'a Twists,
}

impl Call<'_> {
    /// How a new cluster comes to life: `creating` until `ready`.
    pub fn birth_of_cluster(&self, ready: Timestamp) -> Lifecycle<ClusterStatus> {
        if self.twists.take(Turn::StuckCreating) {
            return Lifecycle::steady(ClusterStatus::Creating);
        }
        let failed = self.twists.take(Turn::CloningFailed);
        let end = if failed { ClusterStatus::CloningFailed } else { ClusterStatus::Available };
        Lifecycle::until(ClusterStatus::Creating, ready, end)
    }

    /// Whether there is capacity and storage for another cluster; only a fault on demand says no. CreateDBCluster knows
    /// no lack of capacity (API reference, its errors).
    pub fn check_capacity(&self) -> Result<(), ApiError> {
        let restores = self.form.text("Action") != Some("CreateDBCluster");
        if restores && self.twists.is_full(NO_CLUSTERS) {
            let message = "The DB cluster doesn't have enough capacity for the current operation.";
            return Err(ApiError::new(Code::InsufficientClusterCapacity, message));
        }
        if self.twists.is_full(NO_STORAGE) {
            let message = "There is insufficient storage available for the current action. Use other Availability \
                           Zones in the subnet group.";
            return Err(ApiError::new(Code::InsufficientStorage, message));
        }
        Ok(())
    }

    /// The cluster that a required parameter names.
    pub fn cluster(&self, parameter: &str) -> Result<&Cluster, ApiError> {
        self.account.cluster(self.form.required(parameter)?)
    }

    /// The same, when it is an Aurora cluster that nothing else is happening to. A stopped cluster can't be modified,
    /// cloned, rewound or deleted (User Guide, stopping a cluster).
    pub fn available_cluster(&self, parameter: &str) -> Result<&Cluster, ApiError> {
        let cluster = self.cluster(parameter)?;
        aurora_only(cluster)?;
        require_available(cluster)?;
        Ok(cluster)
    }
}

/// Refuses a cluster that is busy, stopped or broken.
pub fn require_available(cluster: &Cluster) -> Result<(), ApiError> {
    // A cluster whose final snapshot is being taken still says `available`, but its end is settled.
    if cluster.status() == ClusterStatus::Available && cluster.life.next_due().is_none() {
        return Ok(());
    }
    Err(ApiError::new(
        Code::InvalidClusterState,
        format!(
            "DBCluster {} is not currently in the available state; its status is {}.",
            cluster.id,
            cluster.status().name()
        ),
    ))
}

/// Neptune and DocumentDB clusters are listed, and that is all that this simulator does with them.
pub fn aurora_only(cluster: &Cluster) -> Result<(), ApiError> {
    if cluster.engine.is_aurora() {
        return Ok(());
    }
    Err(ApiError::new(
        Code::NotImplemented,
        format!(
            "The simulator only lists clusters of the engine {}; {} can't be changed.",
            cluster.engine.name(),
            cluster.id
        ),
    ))
}
