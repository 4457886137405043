//! The plan of a longer stay: the protection of a clone, and the end of its life.

use jiff::Timestamp;

use super::call::Line;
use super::{Checks, Desk, Plan};
use crate::aurora::cluster::{Cluster, ClusterStatus};
use crate::aurora::ownership::{Keep, Ours};
use crate::aurora::policy::Deed;
use crate::aurora::span;
use crate::aurora::stay::{Stay, StayRequest};

/// The most tags that a resource can have (API reference, Tag).
const MOST_TAGS: usize = 50;

/// The plan of `request`.
pub fn stay(request: &StayRequest, desk: Desk<'_>) -> Plan {
    let mut checks = Checks::default();
    let mut plan = Plan::about(title(request), request.cluster.clone(), Some(request.resource.clone()));
    match desk.fleet.get(&request.resource) {
        None => checks.missing(&request.cluster),
        Some(cluster) => {
            check_state(&mut checks, cluster);
            checks.ours_alone(desk.policy.rule(Deed::Stay, cluster, &[], desk.now));
            if let Some(ours) = cluster.ownership().ours() {
                check_stay(&mut checks, request.stay, ours, desk.now);
            }
            check_room(&mut checks, request.stay, cluster);
            plan.calls = vec![call(request.stay, cluster)];
            plan.cost = cost(request.stay, cluster, desk);
        }
    }
    plan.checks = checks.0;
    plan
}

fn title(request: &StayRequest) -> String {
    let cluster = &request.cluster;
    match request.stay {
        Stay::Keep(keep) => format!("Keep {cluster} {}", keep.in_words()),
        Stay::Release => format!("Keep {cluster} no longer"),
        Stay::Expire(at) => format!("Let {cluster} live until {at}"),
    }
}

fn check_state(checks: &mut Checks, cluster: &Cluster) {
    match &cluster.status {
        ClusterStatus::Deleting => checks.fail("cluster", "it is being deleted", "make another clone"),
        status => checks.pass("cluster", format!("{} {}, {status}", cluster.engine, cluster.engine_version)),
    }
}

fn check_stay(checks: &mut Checks, stay: Stay, ours: &Ours, now: Timestamp) {
    match stay {
        Stay::Expire(at) => check_expiry(checks, at, ours, now),
        Stay::Keep(keep) => check_keep(checks, keep, ours, now),
        Stay::Release if ours.keep.is_none() => {
            checks.fail("keep", "it is not marked to be kept", "nothing needs to be done");
        }
        Stay::Release => match ours.expires_at {
            Some(at) if at <= now => {
                let ago = span::short(now.duration_since(at));
                checks.warn("keep", format!("it expired {ago} ago: the next sweep deletes it"), "extend it first");
            }
            Some(at) => checks.pass("keep", format!("it may be deleted; it expires at {at}")),
            None => checks.pass("keep", "it may be deleted; no sweep does, because it never expires"),
        },
    }
}

fn check_expiry(checks: &mut Checks, at: Timestamp, ours: &Ours, now: Timestamp) {
    let in_all = span::short(at.duration_since(now));
    match ours.expires_at {
        _ if at <= now => checks.fail("expiry", "this moment is over", "extend it by more"),
        None => checks.fail("expiry", "it never expires", "nothing needs to be done"),
        Some(old) if old > at => {
            checks.fail("expiry", format!("it lives until {old} already"), "nothing needs to be done");
        }
        Some(old) if old <= now => {
            let ago = span::short(now.duration_since(old));
            checks.warn(
                "expiry",
                format!("it expired {ago} ago; it gets {in_all} from now"),
                "a sweep may be under way",
            );
        }
        Some(old) => checks.pass("expiry", format!("instead of {old}: {in_all} from now")),
    }
    if ours.keep.is_some_and(|keep| keep.holds(now)) {
        checks.pass("keep", "it is kept as well");
    }
}

fn check_keep(checks: &mut Checks, keep: Keep, ours: &Ours, now: Timestamp) {
    let shorter = match (ours.keep, keep) {
        (Some(Keep::Forever), Keep::Until(_)) => true,
        (Some(Keep::Until(old)), Keep::Until(new)) => new < old,
        _ => false,
    };
    match ours.keep {
        _ if !keep.holds(now) => checks.fail("keep", "this moment is over", "keep it for longer"),
        Some(old) if shorter => {
            checks.warn("keep", format!("shorter than now: {}", old.in_words()), "extend it, if it is to stay longer");
        }
        _ => checks.pass("keep", format!("no sweep and no delete takes it {}", keep.in_words())),
    }
}

fn check_room(checks: &mut Checks, stay: Stay, cluster: &Cluster) {
    let (key, value) = stay.tag();
    if value.is_some() && !cluster.tags.contains_key(key) && cluster.tags.len() >= MOST_TAGS {
        checks.fail("tags", format!("it has {MOST_TAGS} tags, the most there can be"), "take a tag or a mark off");
    }
}

fn call(stay: Stay, cluster: &Cluster) -> String {
    let (key, value) = stay.tag();
    match value {
        Some(value) => {
            let tag = format!("Key={key},Value={value}");
            Line::new("add-tags-to-resource").arg("resource-name", &cluster.arn).list("tags", [tag.as_str()])
        }
        None => Line::new("remove-tags-from-resource").arg("resource-name", &cluster.arn).list("tag-keys", [key]),
    }
    .done()
}

/// What its writer costs until its new end.
fn cost(stay: Stay, cluster: &Cluster, desk: Desk<'_>) -> Option<crate::aurora::cost::Cost> {
    let Stay::Expire(at) = stay else { return None };
    let writer = cluster.writer()?;
    let instance = desk.fleet.instances(&cluster.id).iter().find(|instance| instance.id == writer)?;
    let least = cluster.settings.serverless.map(|(min, _)| min);
    let hours = at.duration_since(desk.now).as_secs_f64() / 3_600.0;
    desk.prices.instance(&instance.class, least, Some(hours))
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::aurora::cost::Prices;
    use crate::aurora::fleet::Fleet;
    use crate::aurora::fleet::tests::cluster;
    use crate::aurora::ownership::{TAG_CLONE, TAG_EXPIRES, TAG_KEEP};
    use crate::aurora::policy::Policy;
    use crate::aurora::stay::KeepFor;

    fn noon() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn clone(tags: &[(&str, &str)]) -> Cluster {
        let mut clone = cluster("clone-a");
        clone.tags.insert(TAG_CLONE.into(), clone.resource_id.to_string());
        clone.tags.extend(tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        clone
    }

    fn plan(cluster: &Cluster, stay: Stay) -> Plan {
        let (fleet, policy) = (Fleet::of([cluster.clone()]), Policy::default());
        let prices = Prices::default();
        let desk = Desk { fleet: &fleet, policy: &policy, prices: &prices, now: noon(), known: None };
        super::stay(&StayRequest::new(cluster, stay), desk)
    }

    fn worst(plan: &Plan) -> &'static str {
        plan.checks.iter().map(|check| check.level).max().unwrap().as_str()
    }

    const LATER: (&str, &str) = (TAG_EXPIRES, "2026-11-22T15:00:00Z");
    const OVER: (&str, &str) = (TAG_EXPIRES, "2026-11-22T09:00:00Z");

    #[rstest::rstest]
    #[case::first_time(&[], "2h", "pass")]
    #[case::longer(&[(TAG_KEEP, "2026-11-22T13:00:00Z")], "2h", "pass")]
    #[case::shorter(&[(TAG_KEEP, "forever")], "2h", "warn")]
    #[case::off(&[(TAG_KEEP, "forever"), LATER], "off", "pass")]
    #[case::off_and_over(&[(TAG_KEEP, "forever"), OVER], "off", "warn")]
    #[case::off_although_it_is(&[LATER], "off", "fail")]
    fn protection(#[case] tags: &[(&str, &str)], #[case] length: &str, #[case] want: &str) {
        let plan = plan(&clone(tags), KeepFor::parse(length).unwrap().from(noon()));
        assert_eq!(worst(&plan), want, "{:?}", plan.checks);
    }

    #[rstest::rstest]
    #[case::longer(&[LATER], 6, "pass")]
    #[case::over(&[OVER], 4, "warn")]
    #[case::no_end(&[], 4, "fail")]
    #[case::shorter(&[LATER], 1, "fail")]
    #[case::in_the_past(&[OVER], -1, "fail")]
    fn expiry(#[case] tags: &[(&str, &str)], #[case] hours: i64, #[case] want: &str) {
        let plan = plan(&clone(tags), Stay::Expire(noon() + SignedDuration::from_hours(hours)));
        assert_eq!(worst(&plan), want, "{:?}", plan.checks);
    }

    #[test]
    fn only_bound_clones_with_room_for_a_tag_are_touched() {
        let keep = Stay::Keep(Keep::Forever);
        assert!(plan(&cluster("orders-dev"), keep).blocked());
        let mut unbound = clone(&[]);
        unbound.tags.insert(TAG_CLONE.into(), "clone-a".into());
        assert!(plan(&unbound, keep).blocked());
        let mut full = clone(&[LATER]);
        full.tags.extend((0..48).map(|n| (format!("t{n}"), String::new())));
        assert!(plan(&full, keep).blocked());
        assert!(
            !plan(&full, Stay::Expire(noon() + SignedDuration::from_hours(9))).blocked(),
            "it has this tag already"
        );
    }

    #[test]
    fn the_calls_can_be_replayed() {
        let arn = "arn:aws:rds:eu-west-1:123456789012:cluster:clone-a";
        let kept = clone(&[(TAG_KEEP, "forever")]);
        assert_eq!(
            plan(&kept, KeepFor::parse("2h").unwrap().from(noon())).calls,
            [format!(
                "aws rds add-tags-to-resource --resource-name {arn} --tags Key=aurewind:keep,Value=2026-11-22T14:00:00Z"
            )]
        );
        assert_eq!(
            plan(&kept, Stay::Release).calls,
            [format!("aws rds remove-tags-from-resource --resource-name {arn} --tag-keys aurewind:keep")]
        );
    }
}
