//! The plan of a rewind.

use super::call::Line;
use super::{Checks, Desk, Plan};
use crate::aurora::cluster::{Cluster, Health};
use crate::aurora::mark::marks;
use crate::aurora::policy::Deed;
use crate::aurora::request::RewindRequest;
use crate::aurora::span;

/// The plan of `request`.
pub fn rewind(request: &RewindRequest, desk: Desk<'_>) -> Plan {
    let mut checks = Checks::default();
    let mut plan = Plan {
        title: format!("Rewind {} to {}", request.cluster, request.to),
        subject: request.cluster.clone(),
        resource: Some(request.resource.clone()),
        checks: Vec::new(),
        calls: vec![call(request)],
        cost: None,
        confirm: None,
    };
    match desk.fleet.get(&request.resource) {
        None => {
            checks.fail("cluster", format!("`{}` is not there any more", request.cluster), "look at the list again");
        }
        Some(cluster) => {
            check_state(&mut checks, cluster);
            check_reach(&mut checks, request, cluster, desk);
            let kin = desk.fleet.kin(cluster);
            plan.confirm = checks.policy(desk.policy.rule(Deed::Rewind, cluster, &kin, desk.now));
            check_loss(&mut checks, request, cluster, desk);
        }
    }
    plan.checks = checks.0;
    plan
}

fn check_state(checks: &mut Checks, cluster: &Cluster) {
    match cluster.status.health() {
        Health::Ready => checks.pass("cluster", format!("{} {}, available", cluster.engine, cluster.engine_version)),
        Health::Stopped => checks.fail("cluster", "it is stopped", "start it first"),
        Health::Busy | Health::Broken => {
            checks.fail("cluster", format!("its status is `{}`", cluster.status), "wait until it is available");
        }
    }
    if cluster.global {
        checks.fail("cluster", "it belongs to a global database, which has no Backtrack", "use a clone of it");
    }
}

fn check_reach(checks: &mut Checks, request: &RewindRequest, cluster: &Cluster, desk: Desk<'_>) {
    let Some(reach) = cluster.reach(desk.now) else {
        let why = if cluster.engine.can_backtrack() {
            "Backtrack is off, and it cannot be switched on later".to_owned()
        } else {
            format!("{} has no Backtrack", cluster.engine)
        };
        checks.fail("window", why, "clone a source that has Backtrack, with a window");
        return;
    };
    if request.earliest {
        checks.pass("window", format!("the earliest moment is {}", reach.floor));
        return;
    }
    match reach.check(request.to) {
        Ok(()) => {
            let back = span::short(desk.now.duration_since(request.to));
            checks.pass("window", format!("{back} back, inside the window of {}", span::short(reach.actual())));
        }
        Err(why) => {
            checks.fail("window", why.to_string(), format!("choose a time from {} on", reach.clamp(reach.floor)));
        }
    }
}

fn check_loss(checks: &mut Checks, request: &RewindRequest, cluster: &Cluster, desk: Desk<'_>) {
    checks.warn(
        "connections",
        "all instances stop for a moment: open connections are dropped, uncommitted work is lost",
        "pause the applications that use it",
    );
    let lost: Vec<_> =
        marks(cluster, &[]).into_iter().filter(|mark| mark.at > request.to).map(|mark| mark.name.to_string()).collect();
    if !lost.is_empty() {
        let message = format!("marks after that moment: {}", lost.join(", "));
        checks.warn("marks", message, "undo the rewind to come back to them");
    }
    let undone = span::short(desk.now.duration_since(request.to));
    checks.warn(
        "changes",
        format!("every change of the last {undone} is undone"),
        "undo goes forward again while the window holds it",
    );
}

fn call(request: &RewindRequest) -> String {
    let line = Line::new("backtrack-db-cluster")
        .arg("db-cluster-identifier", request.cluster.as_str())
        .arg("backtrack-to", &request.to.to_string());
    let line = if request.earliest { line.flag("use-earliest-time-on-point-in-time-unavailable") } else { line };
    line.done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::cluster::{ClusterStatus, Engine};
    use crate::aurora::cost::Prices;
    use crate::aurora::fleet::Fleet;
    use crate::aurora::fleet::tests::cluster;
    use crate::aurora::policy::Policy;

    fn clone() -> Cluster {
        let mut clone = cluster("clone-a");
        clone.tags.insert("aurewind:clone".into(), "cluster-CLONEA".into());
        clone.backtrack.target_seconds = 86_400;
        clone.backtrack.earliest = "2026-11-22T06:00:00Z".parse().ok();
        clone
    }

    fn plan(cluster: Cluster, to: &str) -> Plan {
        let request = RewindRequest {
            cluster: cluster.id.clone(),
            resource: cluster.resource_id.clone(),
            to: format!("2026-11-22T{to}Z").parse().unwrap(),
            earliest: false,
        };
        let (fleet, policy, prices) = (Fleet::of([cluster]), Policy::default(), Prices::default());
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        rewind(&request, Desk { fleet: &fleet, policy: &policy, prices: &prices, now })
    }

    #[test]
    fn inside_the_window_of_a_clone_of_ours_nothing_forbids_it() {
        let plan = plan(clone(), "11:30:00");
        assert!(!plan.blocked() && plan.confirm.is_none(), "{:?}", plan.checks);
        assert_eq!(
            plan.calls,
            ["aws rds backtrack-db-cluster --db-cluster-identifier clone-a --backtrack-to 2026-11-22T11:30:00Z"]
        );
    }

    #[rstest::rstest]
    #[case("05:59:59", "window")]
    #[case("12:00:00", "window")]
    fn outside_the_window_it_is_refused(#[case] to: &str, #[case] name: &str) {
        assert_eq!(plan(clone(), to).failures().next().unwrap().name, name);
    }

    #[test]
    fn engines_states_and_names_that_forbid_it() {
        let changes: [(&str, fn(&mut Cluster)); 5] = [
            ("window", |c| {
                c.engine = Engine::AuroraPostgresql;
                c.backtrack.target_seconds = 0;
            }),
            ("window", |c| c.backtrack.target_seconds = 0),
            ("cluster", |c| c.status = ClusterStatus::Backtracking),
            ("cluster", |c| c.global = true),
            ("policy", |c| c.id = "orders-prod".parse().unwrap()),
        ];
        for (name, change) in changes {
            let mut cluster = clone();
            change(&mut cluster);
            let plan = plan(cluster, "11:30:00");
            assert!(plan.failures().any(|check| check.name == name), "{name}: {:?}", plan.checks);
        }
    }

    #[test]
    fn what_is_not_ours_asks_for_the_name() {
        let mut foreign = clone();
        foreign.tags.clear();
        assert!(plan(foreign, "11:30:00").confirm.is_some());
    }
}
