//! What a sweep deletes: clones that are provably ours and have expired, the longest expired first.

use jiff::{SignedDuration, Timestamp};

use super::cluster::{Cluster, ClusterStatus};
use super::fleet::Fleet;
use super::ids::ClusterId;
use super::ownership::{Ownership, TAG_EXPIRES};
use super::plan::{self, Desk, Plan};
use super::request::DeleteRequest;

/// A clone and the end of its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// Identifier.
    pub cluster: ClusterId,
    /// When it expires.
    pub at: Timestamp,
    /// `user@host`.
    pub owner: Option<String>,
}

/// What a sweep finds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Survey {
    /// What it deletes, in this order.
    pub due: Vec<(DeleteRequest, Plan)>,
    /// What has to wait for the next one.
    pub over_limit: Vec<Expiry>,
    /// What has expired and is left alone, and why.
    pub spared: Vec<(Expiry, String)>,
    /// What expires soon, the first to go first.
    pub soon: Vec<Expiry>,
}

impl Survey {
    /// Looks through the fleet of `desk`. At most `limit` clones are due; what expires within `warning` is told of.
    pub fn of(desk: Desk<'_>, limit: usize, warning: SignedDuration) -> Self {
        let mut survey = Self::default();
        let until = desk.now.checked_add(warning).unwrap_or(Timestamp::MAX);
        for (cluster, expiry) in ends(desk.fleet) {
            if cluster.status == ClusterStatus::Deleting {
                continue;
            }
            if expiry.at > desk.now {
                let leaves = expiry.at <= until && !kept_at(cluster, expiry.at);
                survey.soon.extend(leaves.then_some(expiry));
                continue;
            }
            let request = DeleteRequest { expired: true, ..DeleteRequest::new(cluster) };
            let plan = plan::delete(&request, desk);
            match why_not(&plan, cluster) {
                Some(why) => survey.spared.push((expiry, why)),
                None if survey.due.len() < limit => survey.due.push((request, plan)),
                None => survey.over_limit.push(expiry),
            }
        }
        survey
    }
}

/// Everything with a tag that says when it expires, the first to go first.
fn ends(fleet: &Fleet) -> Vec<(&Cluster, Expiry)> {
    let end = |cluster: &Cluster| {
        let ownership = cluster.ownership();
        let (at, owner) = match &ownership {
            Ownership::Ours(ours) => (ours.expires_at?, ours.owner.clone()),
            Ownership::Copied(_) => (cluster.tags.get(TAG_EXPIRES)?.parse().ok()?, None),
            Ownership::Foreign => return None,
        };
        Some(Expiry { cluster: cluster.id.clone(), at, owner })
    };
    let mut found: Vec<_> = fleet.iter().filter_map(|cluster| Some((cluster, end(cluster)?))).collect();
    found.sort_by(|(_, a), (_, b)| (a.at, &a.cluster).cmp(&(b.at, &b.cluster)));
    found
}

/// Nobody warns of an end that does not come, or of one that would not be ours to bring about.
fn kept_at(cluster: &Cluster, at: Timestamp) -> bool {
    let ownership = cluster.ownership();
    ownership.ours().is_none_or(|ours| !ours.bound || ours.keep.is_some_and(|keep| keep.holds(at)))
}

/// Why a clone that has expired is left alone. Nobody is there to type an identifier.
fn why_not(plan: &Plan, cluster: &Cluster) -> Option<String> {
    if plan.blocked() {
        // That tags were copied says more than that they are not believed.
        let copied = matches!(cluster.ownership(), Ownership::Copied(_));
        let failures = plan.failures().filter(|check| !copied || check.name != "expiry");
        let mut reasons: Vec<_> = failures.map(|check| check.message.clone()).collect();
        reasons.extend(plan.confirm.clone());
        return Some(reasons.join("; "));
    }
    plan.confirm.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::cost::Prices;
    use crate::aurora::fleet::tests::cluster;
    use crate::aurora::ownership::{TAG_CLONE, TAG_KEEP};
    use crate::aurora::policy::Policy;

    fn noon() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn clone(id: &str, hours_to_go: i64) -> Cluster {
        let mut clone = cluster(id);
        clone.tags.insert(TAG_CLONE.into(), clone.resource_id.to_string());
        let at = noon() + SignedDuration::from_hours(hours_to_go);
        clone.tags.insert(TAG_EXPIRES.into(), at.to_string());
        clone
    }

    fn tagged(mut cluster: Cluster, key: &str, value: &str) -> Cluster {
        cluster.tags.insert(key.into(), value.into());
        cluster
    }

    fn survey(clusters: Vec<Cluster>, limit: usize) -> Survey {
        let (fleet, policy, prices) = (Fleet::of(clusters), Policy::default(), Prices::default());
        let desk = Desk { fleet: &fleet, policy: &policy, prices: &prices, now: noon(), known: None };
        Survey::of(desk, limit, SignedDuration::from_hours(2))
    }

    fn due(survey: &Survey) -> Vec<&str> {
        survey.due.iter().map(|(request, _)| request.cluster.as_str()).collect()
    }

    #[test]
    fn the_longest_expired_goes_first_and_a_limit_holds() {
        let clusters = vec![clone("b", -3), clone("a", -1), clone("c", -9), clone("d", 1), clone("e", 9), cluster("f")];
        let found = survey(clusters, 2);
        assert_eq!(due(&found), ["c", "b"]);
        assert!(found.due.iter().all(|(request, plan)| request.expired && plan.confirm.is_none()));
        assert_eq!(found.over_limit[0].cluster.as_str(), "a");
        assert_eq!(found.soon.iter().map(|expiry| expiry.cluster.as_str()).collect::<Vec<_>>(), ["d"]);
        assert!(found.spared.is_empty());
    }

    #[rstest::rstest]
    #[case::kept(tagged(clone("a", -1), TAG_KEEP, "2026-11-22T13:00:00Z"), "it is marked to be kept")]
    #[case::kept_for_ever(tagged(clone("a", -1), TAG_KEEP, "forever"), "it is marked to be kept")]
    #[case::unbound(tagged(clone("a", -1), TAG_CLONE, "a"), "by its identifier only")]
    #[case::copied(tagged(clone("a", -1), TAG_CLONE, "cluster-OTHER"), "its tags were copied from another cluster")]
    #[case::protected_by_name(clone("orders-prod-copy", -1), "the protected pattern")]
    fn what_is_not_provably_ours_or_is_kept_is_left_alone(#[case] cluster: Cluster, #[case] why: &str) {
        let found = survey(vec![cluster], 9);
        assert!(found.due.is_empty());
        assert!(found.spared[0].1.contains(why), "{:?}", found.spared);
    }

    #[test]
    fn protection_that_is_over_protects_no_longer_and_one_that_outlasts_the_end_is_not_warned_of() {
        let over = tagged(clone("a", -1), TAG_KEEP, "2026-11-22T11:59:59Z");
        assert_eq!(due(&survey(vec![over], 9)), ["a"]);
        let kept = tagged(clone("a", 1), TAG_KEEP, "forever");
        assert!(survey(vec![kept], 9).soon.is_empty());
    }
}
