//! The calls that machines ask for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::StackCall;
use crate::aurora::cluster::Instance;
use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aurora::mark::MarkName;
use crate::aurora::policy::{Deed, StackDeed};
use crate::aurora::request::{CloneSpec, InstanceSpec};
use crate::aurora::secure::MasterPassword;
use crate::aurora::stack::StackName;
use crate::aurora::stay::Stay;

/// A call that changes something.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// RestoreDBClusterToPointInTime.
    Restore(Box<CloneSpec>),
    /// CreateDBInstance.
    CreateInstance {
        /// The cluster that gets it.
        cluster: ClusterId,
        /// The instance.
        spec: InstanceSpec,
        /// Its tags.
        tags: BTreeMap<String, String>,
    },
    /// AddTagsToResource.
    Tag {
        /// The cluster.
        cluster: ClusterId,
        /// Its ARN.
        arn: String,
        /// The tags to add.
        tags: BTreeMap<String, String>,
    },
    /// AddTagsToResource or RemoveTagsFromResource, for the tag of a mark.
    Mark {
        /// The cluster.
        cluster: ClusterId,
        /// Its ARN.
        arn: String,
        /// The mark.
        name: MarkName,
        /// The moment that it stands for; absent: it is taken off.
        at: Option<Timestamp>,
    },
    /// AddTagsToResource or RemoveTagsFromResource, for the tag that says how long a clone stays.
    Stay {
        /// The cluster.
        cluster: ClusterId,
        /// Its ARN.
        arn: String,
        /// How long.
        stay: Stay,
    },
    /// ModifyDBCluster, for the master user's password and how long backups are kept. A new password is added when the call
    /// is made.
    Secure {
        /// The cluster.
        cluster: ClusterId,
        /// What becomes of the password.
        master: MasterPassword,
        /// How many days backups are kept.
        retention_days: Option<u16>,
    },
    /// BacktrackDBCluster.
    Backtrack {
        /// The cluster.
        cluster: ClusterId,
        /// The moment.
        to: Timestamp,
        /// Whether the earliest moment will do.
        earliest: bool,
        /// Whether binary logging does not stand against it.
        force: bool,
    },
    /// DeleteDBInstance.
    DeleteInstance(Instance),
    /// DeleteDBCluster.
    DeleteCluster {
        /// The cluster.
        cluster: ClusterId,
        /// Its resource id.
        resource: ResourceId,
        /// Name of the final snapshot.
        final_snapshot: Option<ClusterId>,
    },
    /// One of CloudFormation.
    Stack(StackCall),
}

impl Call {
    /// The name of the operation.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Restore(_) => "RestoreDBClusterToPointInTime",
            Self::CreateInstance { .. } => "CreateDBInstance",
            Self::Tag { .. } | Self::Mark { at: Some(_), .. } => "AddTagsToResource",
            Self::Stay { stay, .. } if *stay != Stay::Release => "AddTagsToResource",
            Self::Mark { at: None, .. } | Self::Stay { .. } => "RemoveTagsFromResource",
            Self::Secure { .. } => "ModifyDBCluster",
            Self::Backtrack { .. } => "BacktrackDBCluster",
            Self::DeleteInstance(_) => "DeleteDBInstance",
            Self::DeleteCluster { .. } => "DeleteDBCluster",
            Self::Stack(call) => call.action(),
        }
    }

    /// What the policy is asked for, and about which cluster or stack: for a clone about its source.
    pub fn subject(&self) -> Subject<'_> {
        match self {
            Self::Restore(spec) => Subject::Cluster(Deed::Copy, &spec.source),
            Self::CreateInstance { cluster, .. } | Self::Tag { cluster, .. } => Subject::Cluster(Deed::Equip, cluster),
            Self::Mark { cluster, .. } => Subject::Cluster(Deed::Mark, cluster),
            Self::Stay { cluster, .. } => Subject::Cluster(Deed::Stay, cluster),
            Self::Secure { cluster, .. } => Subject::Cluster(Deed::Secure, cluster),
            Self::Backtrack { cluster, .. } => Subject::Cluster(Deed::Rewind, cluster),
            Self::DeleteInstance(instance) => Subject::Cluster(Deed::Delete, &instance.cluster),
            Self::DeleteCluster { cluster, .. } => Subject::Cluster(Deed::Delete, cluster),
            Self::Stack(call) => Subject::Stack(call.deed(), call.name()),
        }
    }

    /// The parameters, for the audit trail. There are no secrets among them.
    pub fn parameters(&self) -> Value {
        match self {
            Self::Restore(spec) => serde_json::to_value(spec).unwrap_or_default(),
            Self::CreateInstance { spec, tags, .. } => json!({"instance": spec, "tags": tags}),
            Self::Tag { arn, tags, .. } => json!({"arn": arn, "tags": tags}),
            Self::Mark { arn, name, at, .. } => json!({"arn": arn, "mark": name, "at": at}),
            Self::Stay { arn, stay, .. } => json!({"arn": arn, "stay": stay}),
            Self::Secure { cluster, master, retention_days } => {
                json!({"cluster": cluster, "master": master, "retention_days": retention_days})
            }
            Self::Backtrack { cluster, to, earliest, force } => {
                json!({"cluster": cluster, "to": to, "earliest": earliest, "force": force})
            }
            Self::DeleteInstance(instance) => json!({"instance": instance.id, "cluster": instance.cluster}),
            Self::DeleteCluster { cluster, final_snapshot, .. } => {
                json!({"cluster": cluster, "final_snapshot": final_snapshot})
            }
            Self::Stack(StackCall::Create { name }) => json!({"stack": name}),
            Self::Stack(StackCall::Delete { name, id }) => json!({"stack": name, "id": id}),
        }
    }
}

/// What the policy is asked about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A deed on a cluster.
    Cluster(Deed, &'a ClusterId),
    /// A deed on a stack.
    Stack(StackDeed, &'a StackName),
}
