//! Parameter groups: what their makers changed, over what the engine has by itself.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::rules::parameters::{self, FAMILIES, Parameter};
use super::super::rules::tags::Tags;
use super::cluster::Cluster;
use super::{Account, Surroundings};

/// A parameter group of clusters or of instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterGroup {
    pub name: String,
    pub family: String,
    pub description: String,
    /// What was changed, by parameter.
    #[serde(default)]
    pub changed: BTreeMap<String, String>,
    #[serde(default)]
    pub tags: Tags,
}

/// Whose parameters a group holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    Cluster,
    Instance,
}

impl ParameterGroup {
    /// A group that changes nothing.
    pub fn new(name: &str, family: &str, description: &str, tags: Tags) -> Self {
        Self {
            name: name.to_owned(),
            family: family.to_owned(),
            description: description.to_owned(),
            changed: BTreeMap::new(),
            tags,
        }
    }

    /// The group that every family has and nobody can change.
    fn default_of(kind: GroupKind, family: &str) -> Self {
        let whose = if kind == GroupKind::Cluster { "cluster parameter group" } else { "parameter group" };
        Self::new(&format!("default.{family}"), family, &format!("Default {whose} for {family}"), Tags::new())
    }

    /// Whether it is the family's own.
    pub fn is_default(&self) -> bool {
        self.name.starts_with("default.")
    }

    /// The value of a parameter: changed, or the engine's own.
    pub fn value(&self, parameter: &Parameter) -> Option<&str> {
        self.changed.get(parameter.name).map(String::as_str).or(parameter.default)
    }

    /// The changed parameters that only a restart brings into effect.
    fn fixed_at_start(&self) -> BTreeMap<String, String> {
        let waits = |name: &str| parameters::find(&self.family, name).is_ok_and(|parameter| parameter.is_static);
        self.changed.iter().filter(|(name, _)| waits(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

impl Surroundings {
    fn own_groups(&self, kind: GroupKind) -> &Vec<ParameterGroup> {
        match kind {
            GroupKind::Cluster => &self.parameter_groups,
            GroupKind::Instance => &self.instance_parameter_groups,
        }
    }

    /// The groups that somebody made, to add to and to take from.
    pub fn own_groups_mut(&mut self, kind: GroupKind) -> &mut Vec<ParameterGroup> {
        match kind {
            GroupKind::Cluster => &mut self.parameter_groups,
            GroupKind::Instance => &mut self.instance_parameter_groups,
        }
    }

    /// All groups by name, those of the families included.
    pub fn parameter_groups(&self, kind: GroupKind) -> BTreeMap<String, ParameterGroup> {
        let own = self.own_groups(kind).iter().cloned();
        let defaults = FAMILIES.iter().map(|family| ParameterGroup::default_of(kind, family));
        own.chain(defaults).map(|group| (group.name.clone(), group)).collect()
    }

    /// The group of this name, ignoring case.
    pub fn parameter_group(&self, kind: GroupKind, name: &str) -> Option<ParameterGroup> {
        let name = name.to_ascii_lowercase();
        if let Some(family) = name.strip_prefix("default.") {
            return FAMILIES.contains(&family).then(|| ParameterGroup::default_of(kind, family));
        }
        self.own_groups(kind).iter().find(|group| group.name == name).cloned()
    }

    /// How many groups somebody made.
    pub fn own_group_count(&self, kind: GroupKind) -> usize {
        self.own_groups(kind).len()
    }
}

impl Account {
    /// The parameter `binlog_format` as it is in effect on a cluster; a rewind asks for Force unless it is `OFF`.
    pub fn binlog_format(&self, cluster: &str) -> &str {
        let in_effect = self.clusters.get(cluster).map(|cluster| &cluster.settings.in_effect);
        in_effect.and_then(|in_effect| in_effect.get("binlog_format")).map_or("OFF", String::as_str)
    }

    /// Whether a parameter of the cluster's group waits for a restart of the writer.
    pub fn awaits_restart(&self, cluster: &Cluster) -> bool {
        self.at_next_start(cluster).is_some_and(|next| next != cluster.settings.in_effect)
    }

    /// The static parameters of a cluster come into effect when its writer starts (User Guide, parameter groups).
    pub fn apply_parameters(&mut self, cluster: &str) {
        let next = self.clusters.get(cluster).and_then(|cluster| self.at_next_start(cluster));
        if let (Some(cluster), Some(next)) = (self.clusters.get_mut(cluster), next) {
            cluster.settings.in_effect = next;
        }
    }

    fn at_next_start(&self, cluster: &Cluster) -> Option<BTreeMap<String, String>> {
        let group = self.surroundings.parameter_group(GroupKind::Cluster, &cluster.settings.parameter_group)?;
        Some(group.fixed_at_start())
    }

    /// The writer that just became able to work starts with the parameters as they are.
    pub(super) fn started(&mut self, instance: &str, cluster: &str, at: Timestamp) {
        let writes = self.clusters.get(cluster).is_some_and(|own| own.writer.as_deref() == Some(instance));
        if writes {
            self.apply_parameters(cluster);
        }
        self.begin_writing(cluster, at);
    }
}
