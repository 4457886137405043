//! What an account has around its clusters: its number, its Region, subnet and parameter groups.

use serde::{Deserialize, Serialize};

use super::super::rules::regions;
use super::super::rules::tags::Tags;
use super::ec2::Network;
use super::parameters::ParameterGroup;

/// The surroundings of the clusters, read from `config/sim/account.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surroundings {
    pub account: String,
    pub region: String,
    /// The part of endpoint names that is the account's own.
    pub endpoint_suffix: String,
    pub hosted_zone: String,
    pub kms_key: String,
    /// The zones that the storage of the fleet is in.
    pub zones: Vec<String>,
    /// What zones the Region has besides.
    #[serde(default)]
    pub other_zones: Vec<String>,
    /// Parameter groups of clusters that somebody made; those of the families always exist.
    pub parameter_groups: Vec<ParameterGroup>,
    /// The same of instances.
    pub instance_parameter_groups: Vec<ParameterGroup>,
    pub subnet_groups: Vec<SubnetGroup>,
    /// What stands around the subnet groups; at first only what they tell.
    #[serde(default)]
    pub network: Network,
}

/// A subnet group and the VPC that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubnetGroup {
    pub name: String,
    pub vpc: String,
    pub description: String,
    /// The default security group of the VPC: what a cluster gets when its request names none.
    pub default_security_group: String,
    pub subnets: Vec<Subnet>,
    #[serde(default)]
    pub tags: Tags,
}

/// A subnet and its zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    pub id: String,
    pub zone: String,
}

impl Surroundings {
    /// The same in another Region.
    #[must_use]
    pub fn moved_to(mut self, region: &str) -> Self {
        let zones = regions::zones(region);
        let storage = zones.len().min(self.zones.len());
        for subnet in self.subnet_groups.iter_mut().flat_map(|group| &mut group.subnets) {
            if let Some(zone) = self.zones.iter().position(|zone| *zone == subnet.zone).and_then(|at| zones.get(at)) {
                subnet.zone.clone_from(zone);
            }
        }
        self.kms_key = self.kms_key.replace(&self.region, region);
        region.clone_into(&mut self.region);
        self.other_zones = zones[storage..].to_vec();
        self.zones = zones[..storage].to_vec();
        self
    }

    /// The same with another number of the account.
    #[must_use]
    pub fn numbered(mut self, account: &str) -> Self {
        self.kms_key = self.kms_key.replace(&self.account, account);
        account.clone_into(&mut self.account);
        self
    }

    /// All zones of the Region.
    pub fn all_zones(&self) -> Vec<String> {
        self.zones.iter().chain(&self.other_zones).cloned().collect()
    }

    /// The subnet group of this name.
    pub fn subnet_group(&self, name: &str) -> Option<&SubnetGroup> {
        self.subnet_groups.iter().find(|group| group.name == name)
    }

    /// Whether a subnet group has a subnet in a zone.
    pub fn reaches(&self, group: &str, zone: &str) -> bool {
        self.subnet_group(group).is_some_and(|group| group.subnets.iter().any(|subnet| subnet.zone == zone))
    }

    /// An ARN of the RDS control plane.
    pub fn arn(&self, kind: &str, name: &str) -> String {
        format!("arn:aws:rds:{}:{}:{kind}:{name}", self.region, self.account)
    }

    /// The name in an ARN of `kind` that belongs to this account and Region; ARNs and names ignore case.
    pub fn name_in_arn(&self, kind: &str, arn: &str) -> Option<String> {
        arn.to_ascii_lowercase().strip_prefix(&self.arn(kind, "")).map(str::to_owned)
    }
}
