//! The resource types: how each is made, how far it is, and how it goes away. What RDS has is made through the actions of
//! the RDS API, as CloudFormation itself does it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::account::Account;
use super::super::account::cluster::ClusterStatus;
use super::super::account::ec2::VpcSubnet;
use super::super::account::instance::InstanceStatus;
use super::functions::text;
use super::requests::{self, Asking};
use super::template::Deletion;

/// A resource type that the simulator makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Cluster,
    ClusterParameterGroup,
    Instance,
    SecurityGroup,
    Subnet,
    SubnetGroup,
    Vpc,
}

const KINDS: [(Kind, &str); 7] = [
    (Kind::Cluster, "AWS::RDS::DBCluster"),
    (Kind::ClusterParameterGroup, "AWS::RDS::DBClusterParameterGroup"),
    (Kind::Instance, "AWS::RDS::DBInstance"),
    (Kind::SecurityGroup, "AWS::EC2::SecurityGroup"),
    (Kind::Subnet, "AWS::EC2::Subnet"),
    (Kind::SubnetGroup, "AWS::RDS::DBSubnetGroup"),
    (Kind::Vpc, "AWS::EC2::VPC"),
];

/// How far something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    Working,
    Done,
    Failed(String),
}

impl Kind {
    /// The type of a template's name for it.
    pub fn read(name: &str) -> Option<Self> {
        KINDS.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    /// Its name in templates.
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// What becomes of it when its template does not say: a cluster leaves a snapshot, and so would an instance that is in
    /// no cluster (CloudFormation reference, DeletionPolicy).
    pub fn default_deletion(self, properties: &Map<String, Value>) -> Deletion {
        match self {
            Self::Cluster => Deletion::Snapshot,
            Self::Instance if !properties.contains_key("DBClusterIdentifier") => Deletion::Snapshot,
            _ => Deletion::Delete,
        }
    }

    /// Begins to make one; gives its physical id.
    pub fn create(self, asking: &mut Asking<'_>, properties: &Map<String, Value>) -> Result<String, String> {
        requests::check_properties(self, properties)?;
        let property = |name: &str| properties.get(name).map(text);
        let needed = |name: &str| property(name).ok_or_else(|| format!("#: required key [{name}] not found"));
        match self {
            Self::Vpc => {
                needed("CidrBlock")?;
                let account = &mut *asking.account;
                let (vpc, group) = (account.new_network_id("vpc"), account.new_network_id("sg"));
                account.surroundings.network.vpcs.insert(vpc.clone(), group);
                Ok(vpc)
            }
            Self::Subnet => {
                let (vpc, zones) = (needed("VpcId")?, asking.account.surroundings.all_zones());
                let zone = property("AvailabilityZone").or_else(|| zones.first().cloned()).unwrap_or_default();
                if !zones.contains(&zone) {
                    return Err(format!("Value ({zone}) for parameter availabilityZone is invalid."));
                }
                require_vpc(asking.account, &vpc)?;
                let id = asking.account.new_network_id("subnet");
                asking.account.surroundings.network.subnets.insert(id.clone(), VpcSubnet { vpc, zone });
                Ok(id)
            }
            Self::SecurityGroup => {
                needed("GroupDescription")?;
                let vpc = needed("VpcId")?;
                require_vpc(asking.account, &vpc)?;
                let id = asking.account.new_network_id("sg");
                asking.account.surroundings.network.security_groups.insert(id.clone(), vpc);
                Ok(id)
            }
            Self::SubnetGroup => requests::subnet_group(asking, properties),
            Self::ClusterParameterGroup => requests::parameter_group(asking, properties),
            Self::Cluster => requests::cluster(asking, properties),
            Self::Instance => requests::instance(asking, properties),
        }
    }

    /// Whether it has been made.
    pub fn created(self, account: &Account, id: &str) -> Progress {
        let gone = || Progress::Failed(format!("Resource {id} went away while it was being created."));
        match self {
            Self::Cluster => account.cluster(id).map_or_else(
                |_| gone(),
                |cluster| match cluster.status() {
                    ClusterStatus::Available | ClusterStatus::Stopped => Progress::Done,
                    ClusterStatus::CloningFailed | ClusterStatus::Deleting => {
                        Progress::Failed(format!("DBCluster {id} is {}.", cluster.status().name()))
                    }
                    _ => Progress::Working,
                },
            ),
            Self::Instance => account.instance(id).map_or_else(
                |_| gone(),
                |instance| match instance.status() {
                    InstanceStatus::Available | InstanceStatus::Stopped => Progress::Done,
                    InstanceStatus::Deleting => Progress::Failed(format!("DBInstance {id} is deleting.")),
                    _ => Progress::Working,
                },
            ),
            _ => Progress::Done,
        }
    }

    /// Begins to take one away. What is not there is no failure; what is busy may be asked for again.
    pub fn delete(self, asking: &mut Asking<'_>, id: &str, deletion: Deletion) -> Progress {
        match self {
            Self::Cluster if asking.account.cluster(id).is_err() => Progress::Done,
            Self::Cluster if self.created(asking.account, id) == Progress::Working => Progress::Working,
            Self::Cluster => requests::delete_cluster(asking, id, deletion),
            Self::Instance if asking.account.instance(id).is_err() => Progress::Done,
            Self::Instance if self.created(asking.account, id) == Progress::Working => Progress::Working,
            Self::Instance => requests::outcome(
                asking.ask("DeleteDBInstance", &[("DBInstanceIdentifier", id), ("SkipFinalSnapshot", "true")]),
            ),
            Self::SubnetGroup => requests::outcome(asking.ask("DeleteDBSubnetGroup", &[("DBSubnetGroupName", id)])),
            Self::ClusterParameterGroup => {
                let group = [("DBClusterParameterGroupName", id)];
                requests::outcome(asking.ask("DeleteDBClusterParameterGroup", &group))
            }
            Self::Vpc | Self::Subnet | Self::SecurityGroup => self.delete_network(asking.account, id),
        }
    }

    fn delete_network(self, account: &mut Account, id: &str) -> Progress {
        let uses_group = account.uses_security_group(id);
        let in_group = account.surroundings.groups_of_subnet(id).next().is_some();
        let network = &mut account.surroundings.network;
        let used = match self {
            Self::Vpc => network.is_used(id),
            Self::Subnet => in_group,
            _ => uses_group,
        };
        if used {
            let what = self.name().rsplit("::").next().unwrap_or_default().to_lowercase();
            return Progress::Failed(format!("The {what} '{id}' has dependencies and cannot be deleted."));
        }
        network.vpcs.remove(id);
        network.subnets.remove(id);
        network.security_groups.remove(id);
        Progress::Done
    }

    /// Whether it is gone.
    pub fn deleted(self, account: &Account, id: &str) -> bool {
        match self {
            Self::Cluster => account.cluster(id).is_err(),
            Self::Instance => account.instance(id).is_err(),
            _ => true,
        }
    }

    /// An attribute, as `Fn::GetAtt` asks for it.
    pub fn attribute(self, account: &Account, id: &str, name: &str) -> Option<String> {
        let network = &account.surroundings.network;
        match (self, name) {
            (Self::Vpc, "VpcId") | (Self::Subnet, "SubnetId") | (Self::SecurityGroup, "GroupId" | "Id") => {
                Some(id.to_owned())
            }
            (Self::Vpc, "DefaultSecurityGroup") => network.vpcs.get(id).cloned(),
            (Self::Subnet, "VpcId") => network.subnets.get(id).map(|subnet| subnet.vpc.clone()),
            (Self::Subnet, "AvailabilityZone") => network.subnets.get(id).map(|subnet| subnet.zone.clone()),
            (Self::SecurityGroup, "VpcId") => network.security_groups.get(id).cloned(),
            (Self::Cluster | Self::Instance, _) => requests::attribute(account, self, id, name),
            _ => None,
        }
    }
}

fn require_vpc(account: &Account, vpc: &str) -> Result<(), String> {
    let known = account.surroundings.network.vpcs.contains_key(vpc);
    if known { Ok(()) } else { Err(format!("The vpc ID '{vpc}' does not exist")) }
}
