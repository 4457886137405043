//! The plan of a mark: where it is kept, and what that takes.

use super::call::Line;
use super::{Checks, Desk, Plan};
use crate::aurora::cluster::{Cluster, ClusterStatus};
use crate::aurora::mark::{self, Kept, Mark, fits};
use crate::aurora::policy::{Deed, Ruling};
use crate::aurora::request::MarkRequest;
use crate::aurora::span;

/// The plan of `request`, and where the mark is kept, or taken from. `journal` holds the marks of the cluster that the
/// journal knows.
///
/// A mark becomes a tag on a clone of ours that has room for one; everything else stays as it is, and the mark goes to the
/// journal, which changes nothing in AWS.
pub fn mark(request: &MarkRequest, journal: &[Mark], desk: Desk<'_>) -> (Plan, Kept) {
    let mut checks = Checks::default();
    let title = match request.at {
        Some(at) => format!("Mark {at} on {} as `{}`", request.cluster, request.name),
        None => format!("Take the mark `{}` off {}", request.name, request.cluster),
    };
    let mut plan = Plan::about(title, request.cluster.clone(), Some(request.resource.clone()));
    let kept = match desk.fleet.get(&request.resource) {
        None => {
            checks.missing(&request.cluster);
            Kept::Journal
        }
        Some(cluster) => {
            check_state(&mut checks, cluster);
            let present = mark::marks(cluster, journal).into_iter().find(|mark| mark.name == request.name);
            let kept = match request.at {
                Some(_) => check_setting(&mut checks, request, cluster, present.as_ref(), desk),
                None => check_removal(&mut checks, cluster, present.as_ref(), desk),
            };
            if kept == Kept::Tag {
                plan.calls = vec![call(request, cluster)];
            }
            kept
        }
    };
    plan.checks = checks.0;
    (plan, kept)
}

fn check_state(checks: &mut Checks, cluster: &Cluster) {
    match &cluster.status {
        ClusterStatus::Deleting => checks.fail("cluster", "it is being deleted", "mark another one"),
        status => checks.pass("cluster", format!("{} {}, {status}", cluster.engine, cluster.engine_version)),
    }
}

fn check_setting(
    checks: &mut Checks,
    request: &MarkRequest,
    cluster: &Cluster,
    present: Option<&Mark>,
    desk: Desk<'_>,
) -> Kept {
    let Some(at) = request.at else { return Kept::Journal };
    let reachable = cluster.reach(desk.now).is_some_and(|reach| at >= reach.floor);
    if at > desk.now {
        checks.fail("moment", "it is in the future", "mark what has happened");
    } else if let Some(made) = cluster.created_at.filter(|made| at < *made) {
        checks.fail("moment", format!("the cluster did not exist before {made}"), "mark its source");
    } else if reachable {
        checks.pass("moment", format!("{} ago, and it can be rewound to", span::short(desk.now.duration_since(at))));
    } else {
        checks.warn("moment", "no rewind reaches it", "a full copy can, while the backups go back that far");
    }
    if let Some(present) = present.filter(|present| present.at != at) {
        checks.warn("name", format!("it is taken from {}", present.at), "give this one another name to keep both");
    }
    let kept = check_keeping(checks, request, cluster, desk);
    if kept == Kept::Journal && present.is_some_and(|present| present.kept == Kept::Tag) {
        checks.fail("name", "a tag of this name stays, and goes before the journal", "give this one another name");
    }
    kept
}

/// Where a mark is kept, and why.
fn check_keeping(checks: &mut Checks, request: &MarkRequest, cluster: &Cluster, desk: Desk<'_>) -> Kept {
    match desk.policy.rule(Deed::Mark, cluster, &[], desk.now) {
        Ruling::Allowed if fits(cluster, &request.name) => {
            checks.pass("kept", "as a tag on the cluster");
            Kept::Tag
        }
        Ruling::Allowed => {
            checks.warn("kept", "in the journal here: its tags have no room for more", "take old marks off");
            Kept::Journal
        }
        Ruling::Refused(reasons) => {
            checks.warn("kept", format!("in the journal here: {}", reasons.join("; ")), "nobody else will see it");
            Kept::Journal
        }
        Ruling::Confirm(reason) => {
            checks.warn("kept", format!("in the journal here: {reason}"), "nobody else will see it");
            Kept::Journal
        }
    }
}

fn check_removal(checks: &mut Checks, cluster: &Cluster, present: Option<&Mark>, desk: Desk<'_>) -> Kept {
    let Some(present) = present else {
        checks.fail("mark", format!("`{}` has no mark of this name", cluster.id), "`aurewind marks` lists them");
        return Kept::Journal;
    };
    checks.pass("mark", format!("it stands for {}", present.at));
    if present.kept == Kept::Tag
        && let Ruling::Refused(reasons) = desk.policy.rule(Deed::Mark, cluster, &[], desk.now)
    {
        checks.fail("policy", format!("its tag stays: {}", reasons.join("; ")), "choose a clone of yours");
    }
    present.kept
}

fn call(request: &MarkRequest, cluster: &Cluster) -> String {
    let key = request.name.tag_key();
    match request.at {
        Some(at) => {
            let tag = format!("Key={key},Value={at}");
            Line::new("add-tags-to-resource").arg("resource-name", &cluster.arn).list("tags", [tag.as_str()])
        }
        None => {
            Line::new("remove-tags-from-resource").arg("resource-name", &cluster.arn).list("tag-keys", [key.as_str()])
        }
    }
    .done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::cost::Prices;
    use crate::aurora::fleet::Fleet;
    use crate::aurora::fleet::tests::cluster;
    use crate::aurora::policy::Policy;

    fn clone() -> Cluster {
        let mut clone = cluster("clone-a");
        clone.tags.insert("aurewind:clone".into(), clone.resource_id.to_string());
        clone.tags.insert("aurewind:mark/old".into(), "2026-11-22T08:00:00Z".into());
        clone.backtrack.target_seconds = 86_400;
        clone.backtrack.earliest = "2026-11-22T06:00:00Z".parse().ok();
        clone
    }

    fn plan(cluster: &Cluster, name: &str, at: Option<&str>, read_only: bool) -> (Plan, Kept) {
        let request = MarkRequest {
            cluster: cluster.id.clone(),
            resource: cluster.resource_id.clone(),
            name: name.parse().unwrap(),
            at: at.map(|at| format!("2026-11-22T{at}Z").parse().unwrap()),
        };
        let fleet = Fleet::of([cluster.clone()]);
        let (policy, prices) = (Policy { read_only, ..Policy::default() }, Prices::default());
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let journal =
            [Mark { name: "here".parse().unwrap(), at: "2026-11-22T09:00:00Z".parse().unwrap(), kept: Kept::Journal }];
        mark(&request, &journal, Desk { fleet: &fleet, policy: &policy, prices: &prices, now, known: None })
    }

    fn worst(plan: &Plan) -> &'static str {
        plan.checks.iter().map(|check| check.level).max().unwrap().as_str()
    }

    #[rstest::rstest]
    #[case::on_a_clone_of_ours(&clone(), "new", Some("11:00:00"), false, Kept::Tag, "pass")]
    #[case::moved(&clone(), "old", Some("11:00:00"), false, Kept::Tag, "warn")]
    #[case::before_the_floor(&clone(), "new", Some("05:00:00"), false, Kept::Tag, "warn")]
    #[case::in_the_future(&clone(), "new", Some("12:00:01"), false, Kept::Tag, "fail")]
    #[case::on_production(&cluster("orders-prod"), "new", Some("11:00:00"), false, Kept::Journal, "warn")]
    #[case::read_only(&clone(), "new", Some("11:00:00"), true, Kept::Journal, "warn")]
    #[case::behind_a_tag_that_stays(&clone(), "old", Some("11:00:00"), true, Kept::Journal, "fail")]
    #[case::taken_off(&clone(), "old", None, false, Kept::Tag, "pass")]
    #[case::taken_off_the_journal(&clone(), "here", None, true, Kept::Journal, "pass")]
    #[case::a_tag_while_read_only(&clone(), "old", None, true, Kept::Tag, "fail")]
    #[case::none_of_this_name(&clone(), "other", None, false, Kept::Journal, "fail")]
    fn marks(
        #[case] cluster: &Cluster,
        #[case] name: &str,
        #[case] at: Option<&str>,
        #[case] read_only: bool,
        #[case] want: Kept,
        #[case] level: &str,
    ) {
        let (plan, kept) = plan(cluster, name, at, read_only);
        assert_eq!((kept, worst(&plan)), (want, level), "{:?}", plan.checks);
        assert_eq!(plan.calls.len(), usize::from(kept == Kept::Tag), "only a tag takes a call");
    }

    #[test]
    fn the_calls_can_be_replayed() {
        let arn = "arn:aws:rds:eu-west-1:123456789012:cluster:clone-a";
        assert_eq!(
            plan(&clone(), "v 2", Some("11:00:00"), false).0.calls,
            [format!(
                "aws rds add-tags-to-resource --resource-name {arn} --tags \
                 'Key=aurewind:mark/v 2,Value=2026-11-22T11:00:00Z'"
            )]
        );
        assert_eq!(
            plan(&clone(), "old", None, false).0.calls,
            [format!("aws rds remove-tags-from-resource --resource-name {arn} --tag-keys aurewind:mark/old")]
        );
    }
}
