//! An instance as the account holds it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::rules::tags::Tags;
use super::lifecycle::Lifecycle;

/// The statuses that this simulator can put an instance into (User Guide, instance status).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceStatus {
    Available,
    Backtracking,
    ConfiguringEnhancedMonitoring,
    ConfiguringLogExports,
    Creating,
    Deleting,
    Rebooting,
    Starting,
    Stopped,
    Stopping,
}

impl InstanceStatus {
    /// The status on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Backtracking => "backtracking",
            Self::ConfiguringEnhancedMonitoring => "configuring-enhanced-monitoring",
            Self::ConfiguringLogExports => "configuring-log-exports",
            Self::Creating => "creating",
            Self::Deleting => "deleting",
            Self::Rebooting => "rebooting",
            Self::Starting => "starting",
            Self::Stopped => "stopped",
            Self::Stopping => "stopping",
        }
    }
}

/// One instance of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    pub id: String,
    pub resource_id: String,
    pub cluster: String,
    pub class: String,
    pub life: Lifecycle<InstanceStatus>,
    /// Absent while it is being created.
    pub created: Option<Timestamp>,
    pub zone: String,
    pub promotion_tier: i64,
    pub parameter_group: String,
    pub public: bool,
    pub monitoring_interval: i64,
    pub performance_insights: bool,
    pub minor_upgrades: bool,
    /// The certificate authority of its server certificate.
    pub certificate: String,
    pub maintenance_window: String,
    pub tags: Tags,
}

impl Instance {
    /// The present status.
    pub fn status(&self) -> InstanceStatus {
        self.life.status()
    }
}
