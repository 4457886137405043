//! What may be rewound or deleted. The only place that decides it, and the only maker of permits.

mod stack;

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use wildmatch::WildMatch;

use super::cluster::Cluster;
use super::ids::{ClusterId, ResourceId};
use super::lineage;
use super::ownership::Ownership;

pub use stack::{StackApplication, StackDeed, StackPermit, StackRefusal};

/// How long a reading counts as fresh when a permit is made from it.
pub const FRESH_FOR: SignedDuration = SignedDuration::from_secs(30);

/// A change to an existing cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deed {
    /// Make a clone or a full copy of it; the cluster itself is not touched.
    Copy,
    /// Add instances and tags to a cluster that the same task made.
    Equip,
    /// Set or take off the tags of marks; its data is not touched.
    Mark,
    /// Say how long it stays: the tags of its protection and its expiry.
    Stay,
    /// Change its master user's password, and how long its backups are kept.
    Secure,
    /// Take it back in time, in place.
    Rewind,
    /// Delete it with its instances.
    Delete,
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Copy => "cloned",
            Self::Equip => "changed",
            Self::Mark | Self::Stay => "tagged",
            Self::Secure => "secured",
            Self::Rewind => "rewound",
            Self::Delete => "deleted",
        })
    }
}

/// The rules of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Identifiers that are never rewound or deleted, with `*` and `?`, whatever their case.
    pub protected: Vec<String>,
    /// Refuse every change.
    pub read_only: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self { protected: vec!["*prod*".into()], read_only: false }
    }
}

/// What the policy says to a deed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// Go on.
    Allowed,
    /// Go on once the cluster's identifier has been typed, for this reason.
    Confirm(String),
    /// Never, for these reasons.
    Refused(Vec<String>),
}

/// A reading, and when it was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Fresh<T> {
    /// What was read.
    pub value: T,
    /// When.
    pub read_at: Timestamp,
}

/// Why no permit was made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The policy refuses.
    #[error("`{cluster}` must not be {deed}: {}", reasons.join("; "))]
    Policy {
        /// The cluster.
        cluster: ClusterId,
        /// What was asked for.
        deed: Deed,
        /// Every reason.
        reasons: Vec<String>,
    },
    /// The identifier was not typed.
    #[error("`{cluster}` is only {deed} after its identifier has been typed: {reason}")]
    Unconfirmed {
        /// The cluster.
        cluster: ClusterId,
        /// What was asked for.
        deed: Deed,
        /// Why it is asked for.
        reason: String,
    },
    /// The cluster under this name is another one than the task was made for.
    #[error("`{cluster}` is now another cluster ({found} instead of {expected})")]
    Replaced {
        /// The name.
        cluster: ClusterId,
        /// The resource id that the task is bound to.
        expected: ResourceId,
        /// The resource id under that name now.
        found: ResourceId,
    },
    /// The reading is too old.
    #[error("`{0}` was not read just before the call")]
    Stale(ClusterId),
}

/// The proof that a call may go out: for this deed, on this cluster. Only [`Policy::permit`] makes one, and it is
/// used up by the call.
#[derive(Debug)]
pub struct Permit {
    deed: Deed,
    cluster: ClusterId,
    resource: ResourceId,
    arn: String,
}

impl Permit {
    /// What it allows.
    pub fn deed(&self) -> Deed {
        self.deed
    }

    /// The cluster that it holds for.
    pub fn cluster(&self) -> &ClusterId {
        &self.cluster
    }

    /// The resource id of that cluster.
    pub fn resource(&self) -> &ResourceId {
        &self.resource
    }

    /// The ARN of that cluster.
    pub fn arn(&self) -> &str {
        &self.arn
    }
}

/// What a permit is asked for.
#[derive(Debug)]
pub struct Application<'a> {
    /// The deed.
    pub deed: Deed,
    /// The cluster, just read.
    pub cluster: &'a Fresh<Cluster>,
    /// The members of its clone group, just read.
    pub group: &'a [&'a Cluster],
    /// The resource id that the task was planned for.
    pub expected: Option<&'a ResourceId>,
    /// The task that asks.
    pub task: &'a str,
    /// The identifier that a person typed.
    pub typed: Option<&'a ClusterId>,
    /// The present moment.
    pub now: Timestamp,
}

impl Policy {
    /// The protected pattern that `id` matches, if any.
    pub fn protects(&self, id: &ClusterId) -> Option<&str> {
        self.protects_name(id.as_str())
    }

    fn protects_name(&self, name: &str) -> Option<&str> {
        let hit = |pattern: &&String| WildMatch::new_case_insensitive(pattern).matches(name);
        self.protected.iter().find(hit).map(String::as_str)
    }

    /// Rules on a deed; `group` holds the members of the cluster's clone group.
    pub fn rule(&self, deed: Deed, cluster: &Cluster, group: &[&Cluster], now: Timestamp) -> Ruling {
        if self.read_only {
            return Ruling::Refused(vec!["this is read-only mode".into()]);
        }
        match deed {
            Deed::Copy => Ruling::Allowed,
            Deed::Equip => match cluster.ownership() {
                Ownership::Ours(_) => Ruling::Allowed,
                _ => Ruling::Refused(vec!["its tags do not say that this program made it".into()]),
            },
            Deed::Mark | Deed::Stay | Deed::Secure => self.rule_bound(cluster),
            Deed::Rewind | Deed::Delete => self.rule_destructive(deed, cluster, group, now),
        }
    }

    /// Tags and passwords are only for clones of ours: on what others made, production above all, nothing is written.
    fn rule_bound(&self, cluster: &Cluster) -> Ruling {
        if let Some(pattern) = self.protects(&cluster.id) {
            return Ruling::Refused(vec![format!("its name matches the protected pattern `{pattern}`")]);
        }
        match cluster.ownership() {
            Ownership::Ours(ours) if ours.bound => Ruling::Allowed,
            _ => Ruling::Refused(vec!["its tags do not say that this program made it".into()]),
        }
    }

    fn rule_destructive(&self, deed: Deed, cluster: &Cluster, group: &[&Cluster], now: Timestamp) -> Ruling {
        let ownership = cluster.ownership();
        let mut reasons = Vec::new();
        if let Some(pattern) = self.protects(&cluster.id) {
            reasons.push(format!("its name matches the protected pattern `{pattern}`"));
        }
        if cluster.settings.deletion_protection {
            reasons.push("its deletion protection is on".into());
        }
        // The mark protects from deletion; going back and forth is what a kept clone is for.
        let kept = ownership.ours().and_then(|ours| ours.keep).is_some_and(|keep| keep.holds(now));
        if kept && deed == Deed::Delete {
            reasons.push("it is marked to be kept".into());
        }
        let clones = lineage::clones_of(cluster, group);
        if let Some(names) = few(&clones.known) {
            reasons.push(format!("it is the source of {names}"));
        }
        if !reasons.is_empty() {
            return Ruling::Refused(reasons);
        }
        // A guess must not be the last word, or nobody could ever delete a clone whose source is gone.
        if let Some(names) = few(&clones.probable) {
            return Ruling::Confirm(format!("it may be the source of {names}"));
        }
        match ownership {
            Ownership::Ours(ours) if ours.bound => Ruling::Allowed,
            Ownership::Ours(_) => {
                Ruling::Confirm("its tags name it by its identifier only, not by its resource id".into())
            }
            Ownership::Copied(_) => {
                Ruling::Confirm("its tags were copied from another cluster and prove nothing".into())
            }
            Ownership::Foreign => Ruling::Confirm("it was not made by this program".into()),
        }
    }

    /// Makes a permit from a reading made just before.
    ///
    /// # Errors
    /// Says why there is none.
    pub fn permit(&self, asked: &Application<'_>) -> Result<Permit, Refusal> {
        let Application { deed, cluster: fresh, .. } = *asked;
        let cluster = &fresh.value;
        if asked.now.duration_since(fresh.read_at) > FRESH_FOR {
            return Err(Refusal::Stale(cluster.id.clone()));
        }
        if let Some(expected) = asked.expected
            && *expected != cluster.resource_id
        {
            return Err(Refusal::Replaced {
                cluster: cluster.id.clone(),
                expected: expected.clone(),
                found: cluster.resource_id.clone(),
            });
        }
        let refused = |reasons| Refusal::Policy { cluster: cluster.id.clone(), deed, reasons };
        if deed == Deed::Equip && !made_by(cluster, asked.task) {
            return Err(refused(vec!["its tags do not name this task".into()]));
        }
        match self.rule(deed, cluster, asked.group, asked.now) {
            Ruling::Allowed => {}
            Ruling::Confirm(_) if asked.typed == Some(&cluster.id) => {}
            // What a task has made itself it may tear down, bound or not.
            Ruling::Confirm(_) if made_by(cluster, asked.task) => {}
            Ruling::Confirm(reason) => {
                return Err(Refusal::Unconfirmed { cluster: cluster.id.clone(), deed, reason });
            }
            Ruling::Refused(reasons) => return Err(refused(reasons)),
        }
        let (resource, arn) = (cluster.resource_id.clone(), cluster.arn.clone());
        Ok(Permit { deed, cluster: cluster.id.clone(), resource, arn })
    }
}

/// Whether the tags of `cluster` say that `task` made it.
fn made_by(cluster: &Cluster, task: &str) -> bool {
    cluster.ownership().ours().and_then(|ours| ours.task.as_deref()) == Some(task)
}

/// The first of `names`, and how many more there are.
fn few(names: &[ClusterId]) -> Option<String> {
    let first = names.first()?;
    Some(match names.len() - 1 {
        0 => format!("`{first}`"),
        more => format!("`{first}` and {more} more"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::fleet::tests::cluster;
    use crate::aurora::ownership::{TAG_CLONE, TAG_KEEP, TAG_PARENT_RESOURCE, TAG_TASK};

    fn now() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn ours(id: &str) -> Cluster {
        let mut clone = cluster(id);
        clone.tags.insert(TAG_CLONE.into(), clone.resource_id.to_string());
        clone.tags.insert(TAG_TASK.into(), "t1".into());
        clone
    }

    fn with(mut cluster: Cluster, change: impl FnOnce(&mut Cluster)) -> Cluster {
        change(&mut cluster);
        cluster
    }

    fn word(ruling: &Ruling) -> &'static str {
        match ruling {
            Ruling::Allowed => "allowed",
            Ruling::Confirm(_) => "confirm",
            Ruling::Refused(_) => "refused",
        }
    }

    #[rstest::rstest]
    #[case(ours("clone-a"), "allowed")]
    #[case(cluster("orders-dev"), "confirm")]
    #[case(cluster("orders-prod"), "refused")]
    #[case(cluster("PRODUCTS"), "refused")]
    #[case(ours("clone-prod-a"), "refused")]
    #[case(with(ours("clone-a"), |c| c.settings.deletion_protection = true), "refused")]
    #[case(with(ours("clone-a"), |c| { c.tags.insert(TAG_KEEP.into(), "2026-11-22T11:00:00Z".into()); }), "allowed")]
    #[case(with(cluster("x"), |c| { c.tags.insert(TAG_CLONE.into(), "cluster-ELSE".into()); }), "confirm")]
    fn destructive_deeds(#[case] cluster: Cluster, #[case] want: &str) {
        for deed in [Deed::Rewind, Deed::Delete] {
            assert_eq!(word(&Policy::default().rule(deed, &cluster, &[], now())), want);
        }
        assert_eq!(word(&Policy::default().rule(Deed::Copy, &cluster, &[], now())), "allowed");
        let read_only = Policy { read_only: true, ..Policy::default() };
        assert_eq!(word(&read_only.rule(Deed::Copy, &cluster, &[], now())), "refused");
        assert_eq!(word(&read_only.rule(Deed::Delete, &cluster, &[], now())), "refused");
    }

    #[rstest::rstest]
    #[case(ours("clone-a"), "allowed")]
    #[case(cluster("orders-dev"), "refused")]
    #[case(ours("clone-prod-a"), "refused")]
    #[case(with(ours("clone-a"), |c| { c.tags.insert(TAG_CLONE.into(), "clone-a".into()); }), "refused")]
    #[case(with(ours("clone-a"), |c| c.settings.deletion_protection = true), "allowed")]
    fn only_clones_of_ours_are_tagged(#[case] cluster: Cluster, #[case] want: &str) {
        let read_only = Policy { read_only: true, ..Policy::default() };
        for deed in [Deed::Mark, Deed::Stay] {
            assert_eq!(word(&Policy::default().rule(deed, &cluster, &[], now())), want);
            assert_eq!(word(&read_only.rule(deed, &cluster, &[], now())), "refused");
        }
    }

    #[rstest::rstest]
    #[case("forever", "refused")]
    #[case("2026-11-22T13:00:00Z", "refused")]
    #[case("2026-11-22T11:00:00Z", "allowed")]
    fn a_kept_clone_may_be_rewound_but_not_deleted(#[case] keep: &str, #[case] deletion: &str) {
        let kept = with(ours("clone-a"), |c| {
            c.tags.insert(TAG_KEEP.into(), keep.into());
        });
        assert_eq!(word(&Policy::default().rule(Deed::Delete, &kept, &[], now())), deletion);
        assert_eq!(word(&Policy::default().rule(Deed::Rewind, &kept, &[], now())), "allowed");
    }

    #[test]
    fn the_probable_source_of_others_wants_its_name() {
        let root = with(ours("clone-a"), |c| {
            c.clone_group = Some("g".into());
            c.created_at = "2026-11-20T00:00:00Z".parse().ok();
        });
        let stranger = with(cluster("x"), |c| c.clone_group = Some("g".into()));
        let ruling = Policy::default().rule(Deed::Delete, &root, &[&root, &stranger], now());
        assert_eq!(ruling, Ruling::Confirm("it may be the source of `x`".into()));
    }

    #[test]
    fn the_source_of_others_is_refused_even_if_ours() {
        let source = with(ours("clone-a"), |c| {
            c.clone_group = Some("g".into());
            c.created_at = "2026-11-20T00:00:00Z".parse().ok();
        });
        let clone = with(ours("x"), |c| {
            c.clone_group = Some("g".into());
            c.tags.insert(TAG_PARENT_RESOURCE.into(), source.resource_id.to_string());
        });
        let ruling = Policy::default().rule(Deed::Delete, &source, &[&source, &clone], now());
        assert_eq!(ruling, Ruling::Refused(vec!["it is the source of `x`".into()]));
    }

    fn apply(
        deed: Deed,
        cluster: &Cluster,
        typed: Option<&str>,
        age: i64,
        expected: Option<&str>,
    ) -> Result<Permit, Refusal> {
        let fresh = Fresh { value: cluster.clone(), read_at: now() - SignedDuration::from_secs(age) };
        let typed = typed.map(|id| id.parse().unwrap());
        let expected = expected.map(ResourceId::new);
        Policy::default().permit(&Application {
            deed,
            cluster: &fresh,
            group: &[],
            expected: expected.as_ref(),
            task: "t1",
            typed: typed.as_ref(),
            now: now(),
        })
    }

    #[test]
    fn a_permit_wants_a_fresh_reading_the_same_cluster_and_the_typed_name() {
        let foreign = cluster("orders-dev");
        assert!(matches!(apply(Deed::Delete, &foreign, None, 0, None), Err(Refusal::Unconfirmed { .. })));
        assert!(matches!(apply(Deed::Delete, &foreign, Some("orders-de"), 0, None), Err(Refusal::Unconfirmed { .. })));
        let permit = apply(Deed::Delete, &foreign, Some("orders-dev"), 0, None).unwrap();
        assert_eq!((permit.arn(), permit.resource()), (foreign.arn.as_str(), &foreign.resource_id));
        assert!(matches!(apply(Deed::Delete, &foreign, Some("orders-dev"), 31, None), Err(Refusal::Stale(_))));
        let other = Some("cluster-OTHER");
        assert!(matches!(apply(Deed::Delete, &foreign, Some("orders-dev"), 0, other), Err(Refusal::Replaced { .. })));
        assert!(apply(Deed::Delete, &cluster("a-prod"), Some("a-prod"), 0, None).is_err());
    }

    #[test]
    fn tags_that_name_only_the_identifier_ask_for_it() {
        let unbound = with(ours("clone-a"), |c| {
            c.tags.insert(TAG_CLONE.into(), "clone-a".into());
        });
        assert_eq!(word(&Policy::default().rule(Deed::Delete, &unbound, &[], now())), "confirm");
        assert!(apply(Deed::Delete, &unbound, None, 0, None).is_ok(), "the task that made it may tear it down");
        let other = with(unbound, |c| {
            c.tags.insert(TAG_TASK.into(), "t2".into());
        });
        assert!(apply(Deed::Delete, &other, None, 0, None).is_err());
    }

    #[test]
    fn only_the_task_that_made_a_clone_may_equip_it() {
        assert!(apply(Deed::Equip, &ours("clone-a"), None, 0, None).is_ok());
        let other = with(ours("clone-a"), |c| {
            c.tags.insert(TAG_TASK.into(), "t2".into());
        });
        assert!(apply(Deed::Equip, &other, None, 0, None).is_err());
        assert!(apply(Deed::Equip, &cluster("x"), Some("x"), 0, None).is_err());
    }
}
