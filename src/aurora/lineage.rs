//! Who was cloned from whom.
//!
//! AWS has no field for it: `CloneGroupId` is a set, not a tree (API reference, DBCluster). Our tags name the parent
//! surely; the oldest member of the group is the probable root; anything else is unknown, and said to be.

use std::collections::{BTreeMap, HashMap};

use super::cluster::Cluster;
use super::fleet::Fleet;
use super::ids::{ClusterId, ResourceId};
use super::ownership::Ownership;

/// Where a cluster comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parent {
    /// It was not cloned, as far as is known.
    None,
    /// Our tags name the source, which is there.
    Known(ResourceId),
    /// Our tags name a source that is not there any more.
    Gone(String),
    /// The oldest cluster of its clone group; a guess, shown as one.
    Probable(ResourceId),
}

/// Where `cluster` comes from; `group` holds the members of its clone group.
pub fn parent(cluster: &Cluster, group: &[&Cluster]) -> Parent {
    let ownership = cluster.ownership();
    // Tags that were inherited name the cluster they came from, or one that it was cloned from.
    if let Ownership::Copied(bearer) = &ownership {
        let bears = |c: &&&Cluster| c.resource_id.as_str() == bearer || c.id.as_str().eq_ignore_ascii_case(bearer);
        if let Some(source) = group.iter().find(bears) {
            return Parent::Probable(source.resource_id.clone());
        }
    }
    if let Ownership::Ours(ours) = ownership {
        let named = group.iter().find(|c| {
            c.resource_id != cluster.resource_id
                && match &ours.parent_resource {
                    Some(id) => c.resource_id == *id,
                    None => Some(c.id.as_str()) == ours.parent.as_deref(),
                }
        });
        if let Some(source) = named {
            return Parent::Known(source.resource_id.clone());
        }
        if let Some(name) = ours.parent {
            return Parent::Gone(name);
        }
    }
    // A cluster whose age is not known is nobody's elder.
    let root = group.iter().min_by_key(|c| (c.created_at.is_none(), c.created_at, &c.resource_id));
    match root {
        Some(root) if root.resource_id != cluster.resource_id => Parent::Probable(root.resource_id.clone()),
        _ => Parent::None,
    }
}

/// Who has to be looked at to know where `cluster` comes from and what was cloned from it: its clone group, and, because
/// an endpoint may report no groups (an emulator), the source that its tags name and whoever's tags name it.
pub fn kin<'a>(cluster: &Cluster, all: impl Iterator<Item = &'a Cluster>) -> Vec<&'a Cluster> {
    let ownership = cluster.ownership();
    let source = ownership.ours().and_then(|ours| ours.parent_resource.as_ref());
    let names_it = |other: &Cluster| {
        other.ownership().ours().and_then(|ours| ours.parent_resource.as_ref()) == Some(&cluster.resource_id)
    };
    let belongs = |other: &&Cluster| match &cluster.clone_group {
        Some(group) => other.clone_group.as_ref() == Some(group),
        None => other.resource_id == cluster.resource_id || Some(&other.resource_id) == source || names_it(other),
    };
    all.filter(belongs).collect()
}

/// The clones of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clones {
    /// Their tags say so.
    pub known: Vec<ClusterId>,
    /// A guess.
    pub probable: Vec<ClusterId>,
}

/// The clusters that were, or probably were, cloned from `cluster`; `kin` holds the members of its clone group and
/// whoever names it as source.
pub fn clones_of(cluster: &Cluster, kin: &[&Cluster]) -> Clones {
    let mut clones = Clones::default();
    for other in kin.iter().filter(|other| other.resource_id != cluster.resource_id) {
        match parent(other, kin) {
            Parent::Known(id) if id == cluster.resource_id => clones.known.push(other.id.clone()),
            Parent::Probable(id) if id == cluster.resource_id => clones.probable.push(other.id.clone()),
            _ => {}
        }
    }
    clones
}

/// One row of the fleet as a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The cluster.
    pub id: ResourceId,
    /// Where it hangs.
    pub parent: Parent,
    /// For each level above, whether a sibling of it follows below; empty for a root. Its length is the depth.
    pub trunk: Vec<bool>,
    /// Whether it is the last child of its parent.
    pub last: bool,
}

impl Row {
    /// Levels below the root.
    pub fn depth(&self) -> usize {
        self.trunk.len()
    }
}

/// The fleet as a tree, sources first by name, clones below them by age, the oldest first.
pub fn tree(fleet: &Fleet) -> Vec<Row> {
    let mut groups: HashMap<&str, Vec<&Cluster>> = HashMap::new();
    for cluster in fleet.iter() {
        if let Some(group) = &cluster.clone_group {
            groups.entry(group).or_default().push(cluster);
        }
    }
    let mut parents = BTreeMap::new();
    let mut children: HashMap<&ResourceId, Vec<&Cluster>> = HashMap::new();
    let mut roots = Vec::new();
    for cluster in fleet.iter() {
        let group = cluster.clone_group.as_deref().and_then(|group| groups.get(group));
        let parent = match group {
            Some(group) => parent(cluster, group),
            None => fleet.parent(cluster),
        };
        match &parent {
            Parent::Known(id) | Parent::Probable(id) => match fleet.get(id) {
                Some(source) => children.entry(&source.resource_id).or_default().push(cluster),
                None => roots.push(cluster),
            },
            Parent::Gone(_) | Parent::None => roots.push(cluster),
        }
        parents.insert(&cluster.resource_id, parent);
    }
    roots.sort_by(|a, b| a.id.cmp(&b.id));
    for siblings in children.values_mut() {
        siblings.sort_by_key(|c| (c.created_at, &c.id));
    }
    let mut walk = Walk { children, parents, rows: Vec::with_capacity(fleet.len()) };
    for root in roots {
        walk.visit(root, &[], true);
    }
    walk.rescue(fleet);
    walk.rows
}

struct Walk<'a> {
    children: HashMap<&'a ResourceId, Vec<&'a Cluster>>,
    parents: BTreeMap<&'a ResourceId, Parent>,
    rows: Vec<Row>,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, cluster: &'a Cluster, trunk: &[bool], last: bool) {
        let Some(parent) = self.parents.remove(&cluster.resource_id) else { return };
        self.rows.push(Row { id: cluster.resource_id.clone(), parent, trunk: trunk.to_vec(), last });
        let siblings = self.children.remove(&cluster.resource_id).unwrap_or_default();
        let count = siblings.len();
        for (index, child) in siblings.into_iter().enumerate() {
            let mut below = trunk.to_vec();
            below.push(!last && !trunk.is_empty());
            self.visit(child, &below, index + 1 == count);
        }
    }

    /// Tags are data: two clusters may claim each other as parent. Nobody may vanish from the list for that.
    fn rescue(&mut self, fleet: &'a Fleet) {
        for cluster in fleet.iter() {
            if self.parents.contains_key(&cluster.resource_id) {
                self.visit(cluster, &[], true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::fleet::tests::cluster;
    use crate::aurora::ownership::{TAG_CLONE, TAG_PARENT, TAG_PARENT_RESOURCE};

    fn member(id: &str, made: &str) -> Cluster {
        let mut cluster = cluster(id);
        cluster.clone_group = Some("g".into());
        cluster.created_at = format!("2026-11-22T{made}:00Z").parse().ok();
        cluster
    }

    fn ours(id: &str, made: &str, source: &Cluster) -> Cluster {
        let mut clone = member(id, made);
        clone.tags.insert(TAG_CLONE.into(), clone.resource_id.to_string());
        clone.tags.insert(TAG_PARENT.into(), source.id.to_string());
        clone.tags.insert(TAG_PARENT_RESOURCE.into(), source.resource_id.to_string());
        clone
    }

    fn shape(fleet: &Fleet) -> Vec<String> {
        tree(fleet)
            .iter()
            .map(|row| format!("{}{}", "  ".repeat(row.depth()), fleet.get(&row.id).unwrap().id))
            .collect()
    }

    #[test]
    fn clones_hang_below_their_source_and_strangers_below_the_probable_root() {
        let root = member("orders", "01:00");
        let first = ours("orders-a", "02:00", &root);
        let second = ours("orders-b", "03:00", &first);
        let stranger = member("who-knows", "04:00");
        let fleet = Fleet::of([stranger, second, first.clone(), root.clone(), cluster("billing")]);
        assert_eq!(shape(&fleet), ["billing", "orders", "  orders-a", "    orders-b", "  who-knows"]);
        let group = fleet.group("g");
        let named = |ids: &[ClusterId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(named(&clones_of(&root, &group).known), ["orders-a"]);
        assert_eq!(named(&clones_of(&root, &group).probable), ["who-knows"]);
        assert_eq!(named(&clones_of(&first, &group).known), ["orders-b"]);
        let stranger = fleet.named(&"who-knows".parse().unwrap()).unwrap();
        assert_eq!(fleet.parent(stranger), Parent::Probable(root.resource_id));
    }

    #[test]
    fn inherited_tags_name_the_source_they_came_from() {
        let root = member("orders", "01:00");
        let first = ours("orders-a", "02:00", &root);
        let mut copied = member("x", "03:00");
        copied.tags = first.tags.clone();
        let fleet = Fleet::of([root, first.clone(), copied.clone()]);
        assert_eq!(fleet.parent(&copied), Parent::Probable(first.resource_id));
    }

    #[test]
    fn a_cluster_of_unknown_age_is_nobodys_root() {
        let mut ageless = member("a", "01:00");
        ageless.created_at = None;
        let root = member("b", "02:00");
        let fleet = Fleet::of([ageless.clone(), root.clone()]);
        assert_eq!(fleet.parent(&root), Parent::None);
        assert_eq!(fleet.parent(&ageless), Parent::Probable(root.resource_id));
    }

    #[test]
    fn a_clone_outlives_its_source() {
        let root = member("orders", "01:00");
        let first = ours("orders-a", "02:00", &root);
        let fleet = Fleet::of([first.clone()]);
        assert_eq!(fleet.parent(&first), Parent::Gone("orders".into()));
        assert_eq!(shape(&fleet), ["orders-a"]);
    }

    #[test]
    fn clusters_that_name_each_other_as_parent_stay_visible() {
        let mut a = member("a", "01:00");
        let b = ours("b", "02:00", &a);
        a = ours("a", "01:00", &b);
        assert_eq!(shape(&Fleet::of([a, b])).len(), 2);
    }

    #[test]
    fn trunks_tell_where_lines_go_on() {
        let root = member("r", "01:00");
        let a = ours("a", "02:00", &root);
        let aa = ours("aa", "03:00", &a);
        let b = ours("b", "04:00", &root);
        let rows = tree(&Fleet::of([root, a, aa, b]));
        let lines: Vec<_> = rows.iter().map(|r| (r.trunk.clone(), r.last)).collect();
        assert_eq!(lines, [(vec![], true), (vec![false], false), (vec![false, true], true), (vec![false], true)]);
    }
}
