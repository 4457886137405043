//! What the tags on a cluster prove, and the tags that we write.
//!
//! A restore without `Tags` inherits the source's tags (User Guide, restoring a DB cluster to a specified time), so a
//! tag is believed only if it names the very cluster that carries it.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cluster::Cluster;
use super::ids::{ClusterId, ResourceId};

/// The clone's own resource id, or its identifier until that is known.
pub const TAG_CLONE: &str = "aurewind:clone";
/// Identifier of the source.
pub const TAG_PARENT: &str = "aurewind:parent";
/// Resource id of the source.
pub const TAG_PARENT_RESOURCE: &str = "aurewind:parent-resource-id";
/// `user@host`.
pub const TAG_OWNER: &str = "aurewind:owner";
/// The task that made it.
pub const TAG_TASK: &str = "aurewind:task";
/// When it may be swept, RFC 3339 UTC.
pub const TAG_EXPIRES: &str = "aurewind:expires-at";
/// Protected until this moment, or `forever`.
pub const TAG_KEEP: &str = "aurewind:keep";
/// Prefix of a mark's tag; its value is the moment, RFC 3339 UTC.
pub const TAG_MARK: &str = "aurewind:mark/";

/// What the tags of a cluster prove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ownership {
    /// Made by this program: the tags name this cluster.
    Ours(Box<Ours>),
    /// The tags name another cluster: they were inherited or copied and prove nothing.
    Copied(String),
    /// No tags of ours.
    Foreign,
}

/// What we wrote on a clone of ours.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ours {
    /// Whether the tags name the resource id. Until the task that makes a clone has bound them they name only its
    /// identifier, which another cluster may take over.
    pub bound: bool,
    /// Identifier of the source when the clone was made.
    pub parent: Option<String>,
    /// Resource id of the source.
    pub parent_resource: Option<ResourceId>,
    /// `user@host`.
    pub owner: Option<String>,
    /// Task that made it.
    pub task: Option<String>,
    /// When it may be swept; a value that is no time counts as never.
    pub expires_at: Option<Timestamp>,
    /// Whether it is protected.
    pub keep: Option<Keep>,
}

/// Protection from sweep and delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// Until somebody takes it off; also what an unreadable value counts as.
    Forever,
    /// Until this moment.
    Until(Timestamp),
}

impl Keep {
    fn read(value: &str) -> Self {
        value.parse().map_or(Self::Forever, Self::Until)
    }

    /// Whether it protects at `now`.
    pub fn holds(self, now: Timestamp) -> bool {
        match self {
            Self::Forever => true,
            Self::Until(end) => now < end,
        }
    }

    /// Until when, for people.
    pub fn in_words(self) -> String {
        match self {
            Self::Forever => "until somebody says otherwise".into(),
            Self::Until(end) => format!("until {end}"),
        }
    }
}

/// As the tag has it.
impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forever => f.write_str("forever"),
            Self::Until(end) => end.fmt(f),
        }
    }
}

impl Ownership {
    /// Reads the tags of `cluster`.
    pub fn of(cluster: &Cluster) -> Self {
        let Some(named) = cluster.tags.get(TAG_CLONE) else { return Self::Foreign };
        let bound = named == cluster.resource_id.as_str();
        if !bound && !named.eq_ignore_ascii_case(cluster.id.as_str()) {
            return Self::Copied(named.clone());
        }
        let tag = |key: &str| cluster.tags.get(key).cloned();
        Self::Ours(Box::new(Ours {
            bound,
            parent: tag(TAG_PARENT),
            parent_resource: tag(TAG_PARENT_RESOURCE).map(ResourceId::new),
            owner: tag(TAG_OWNER),
            task: tag(TAG_TASK),
            expires_at: tag(TAG_EXPIRES).and_then(|value| value.parse().ok()),
            keep: tag(TAG_KEEP).map(|value| Keep::read(&value)),
        }))
    }

    /// What we wrote, if the tags prove that the cluster is ours.
    pub fn ours(&self) -> Option<&Ours> {
        match self {
            Self::Ours(ours) => Some(ours),
            _ => None,
        }
    }
}

/// The tags of a new clone, before its resource id is known.
pub fn birth_tags(
    name: &ClusterId,
    source: &Cluster,
    owner: &str,
    task: &str,
    expires_at: Option<Timestamp>,
) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::from([
        (TAG_CLONE.to_owned(), name.to_string()),
        (TAG_PARENT.to_owned(), source.id.to_string()),
        (TAG_PARENT_RESOURCE.to_owned(), source.resource_id.to_string()),
        (TAG_OWNER.to_owned(), legal_value(owner)),
        (TAG_TASK.to_owned(), task.to_owned()),
    ]);
    if let Some(at) = expires_at {
        tags.insert(TAG_EXPIRES.to_owned(), whole_second(at).to_string());
    }
    tags
}

/// `at` without a fraction: tags and screens speak in seconds.
pub fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// `text` with every character that a tag value may not have replaced by a hyphen, 256 at most (API reference, Tag).
pub fn legal_value(text: &str) -> String {
    text.chars().take(256).map(|c| if legal(c) { c } else { '-' }).collect()
}

fn legal(c: char) -> bool {
    c.is_alphanumeric() || " _.:/=+-@".contains(c)
}

/// Why a tag cannot be one that somebody gives to a clone: its form (API reference, Tag), or a key that says whose it is.
pub fn not_a_tag(key: &str, value: &str) -> Option<&'static str> {
    let lower = key.to_ascii_lowercase();
    if lower.starts_with("aurewind:") {
        Some("tags that begin with `aurewind:` are written by this program alone")
    } else if lower.starts_with("aws:") || lower.starts_with("rds:") {
        Some("tags that begin with `aws:` or `rds:` belong to AWS")
    } else if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
        Some("the key of a tag has 1 to 128 characters, its value 256 at most")
    } else if !key.chars().chain(value.chars()).all(legal) {
        Some("letters, digits, spaces and _ . : / = + - @ can be in a tag")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::fleet::tests::cluster;

    #[test]
    fn a_tag_is_believed_only_if_it_names_its_bearer() {
        let mut clone = cluster("orders-clone");
        assert_eq!(clone.ownership(), Ownership::Foreign);
        clone.tags.insert(TAG_CLONE.into(), "cluster-OTHER".into());
        assert_eq!(clone.ownership(), Ownership::Copied("cluster-OTHER".into()));
        clone.tags.insert(TAG_CLONE.into(), clone.resource_id.to_string());
        assert!(clone.ownership().ours().is_some());
        clone.tags.insert(TAG_CLONE.into(), "orders-clone".into());
        assert!(clone.ownership().ours().is_some());
    }

    #[test]
    fn unreadable_protection_protects_and_unreadable_expiry_never_comes() {
        let mut clone = cluster("c");
        clone.tags.insert(TAG_CLONE.into(), "c".into());
        clone.tags.insert(TAG_KEEP.into(), "next tuesday".into());
        clone.tags.insert(TAG_EXPIRES.into(), "soon".into());
        let ownership = clone.ownership();
        let ours = ownership.ours().unwrap();
        assert_eq!(ours.keep, Some(Keep::Forever));
        assert_eq!(ours.expires_at, None);
    }

    #[rstest::rstest]
    #[case("team", "payments", None)]
    #[case("cost-centre", "", None)]
    #[case("Aurewind:keep", "forever", Some("this program alone"))]
    #[case("aws:created", "x", Some("belong to AWS"))]
    #[case("", "x", Some("1 to 128"))]
    #[case("team", "a\u{1b}[31m", Some("can be in a tag"))]
    fn given_tags_never_say_whose_a_clone_is(#[case] key: &str, #[case] value: &str, #[case] want: Option<&str>) {
        match (not_a_tag(key, value), want) {
            (None, None) => {}
            (Some(why), Some(want)) => assert!(why.contains(want), "{why}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn tag_values_are_legal() {
        assert_eq!(legal_value("ana (dba)@höst,1"), "ana -dba-@höst-1");
        assert_eq!(legal_value(&"x".repeat(300)).len(), 256);
    }
}
