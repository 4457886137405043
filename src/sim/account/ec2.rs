//! The VPCs, subnets and security groups that the databases stand in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::network::{Subnet, SubnetGroup};

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
}
