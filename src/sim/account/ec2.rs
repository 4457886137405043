//! The VPCs, subnets and security groups that the databases stand in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::network::{Subnet, SubnetGroup};
use super::{Account, Surroundings};

/// A subnet of a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcSubnet {
    pub vpc: String,
    pub zone: String,
}

/// What there is, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// The default security group of each VPC.
    pub vpcs: BTreeMap<String, String>,
    pub subnets: BTreeMap<String, VpcSubnet>,
    /// The VPC of each security group that somebody made.
    pub security_groups: BTreeMap<String, String>,
}

impl Network {
    /// What the subnet groups of an account tell about its network.
    pub fn of_groups(groups: &[SubnetGroup]) -> Self {
        let mut network = Self::default();
        for group in groups {
            network.vpcs.insert(group.vpc.clone(), group.default_security_group.clone());
            for Subnet { id, zone } in &group.subnets {
                network.subnets.insert(id.clone(), VpcSubnet { vpc: group.vpc.clone(), zone: zone.clone() });
            }
        }
        network
    }

    /// Whether something stands in a VPC.
    pub fn is_used(&self, vpc: &str) -> bool {
        self.subnets.values().any(|subnet| subnet.vpc == vpc) || self.security_groups.values().any(|own| own == vpc)
    }
}

impl Surroundings {
    /// The subnet groups that have this subnet.
    pub fn groups_of_subnet<'a>(&'a self, subnet: &'a str) -> impl Iterator<Item = &'a SubnetGroup> {
        self.subnet_groups.iter().filter(move |group| group.subnets.iter().any(|own| own.id == subnet))
    }
}

impl Account {
    /// A new id such as `vpc-` and 17 hexadecimal digits.
    pub fn new_network_id(&mut self, prefix: &str) -> String {
        let digits = (0..17).map(|_| self.names.digit(16));
        format!("{prefix}-{}", digits.collect::<String>())
    }

    /// Whether a cluster is in this security group.
    pub fn uses_security_group(&self, id: &str) -> bool {
        self.clusters.values().any(|cluster| cluster.settings.security_groups.iter().any(|own| own == id))
    }
}
