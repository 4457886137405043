//! The plan of a rewind.

use super::call::Line;
use super::offer::{Offer, offers};
use super::{Checks, Desk, Plan};
use crate::aurora::cluster::{Binlog, Cluster, Health};
use crate::aurora::discard::{Discards, Past, discards};
use crate::aurora::lineage::{self, Parent};
use crate::aurora::mark::marks;
use crate::aurora::policy::Deed;
use crate::aurora::request::RewindRequest;
use crate::aurora::span;
use crate::aurora::window::OutOfReach;

/// The plan of `request`.
pub fn rewind(request: &RewindRequest, desk: Desk<'_>) -> Plan {
    let mut checks = Checks::default();
    let title = format!("Rewind {} to {}", request.cluster, request.to);
    let mut plan = Plan::about(title, request.cluster.clone(), Some(request.resource.clone()));
    plan.calls = vec![call(request)];
    match desk.fleet.get(&request.resource) {
        None => checks.missing(&request.cluster),
        Some(cluster) => {
            check_state(&mut checks, cluster);
            plan.offers = check_reach(&mut checks, request, cluster, desk);
            let kin = desk.fleet.kin(cluster);
            plan.confirm = checks.policy(desk.policy.rule(Deed::Rewind, cluster, &kin, desk.now));
            check_binlog(&mut checks, request, desk);
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

fn check_reach(checks: &mut Checks, request: &RewindRequest, cluster: &Cluster, desk: Desk<'_>) -> Vec<Offer> {
    let Some(reach) = cluster.reach(desk.now) else {
        let why = if cluster.engine.can_backtrack() {
            "Backtrack is off, and it cannot be switched on later".to_owned()
        } else {
            format!("{} has no Backtrack", cluster.engine)
        };
        checks.fail("window", why, "clone a source that has Backtrack, with a window");
        return offers(cluster, request.to, desk);
    };
    if request.earliest {
        checks.pass("window", format!("the earliest moment is {}", reach.floor));
        return Vec::new();
    }
    match reach.check(request.to) {
        Ok(()) => {
            let back = span::short(desk.now.duration_since(request.to));
            checks.pass("window", format!("{back} back, inside the window of {}", span::short(reach.actual())));
            Vec::new()
        }
        Err(why) => {
            checks.fail("window", why.to_string(), format!("choose a time from {} on", reach.clamp(reach.floor)));
            if why == OutOfReach::NotPast { Vec::new() } else { offers(cluster, request.to, desk) }
        }
    }
}

/// With binary logging on Aurora refuses a rewind unless it is forced. What reads the binary log never hears of it: its
/// replicas, and blue/green deployments, break (User Guide, Backtracking an Aurora DB cluster).
fn check_binlog(checks: &mut Checks, request: &RewindRequest, desk: Desk<'_>) {
    let Some(known) = desk.known_of(&request.resource) else { return };
    match (known.binlog, request.force) {
        (Binlog::Off, false) => {}
        // The group's value counts from the next reboot on only, so Aurora may know better.
        (Binlog::Off, true) => checks.warn(
            "binlog",
            "nothing was found to force: the parameter group says that binary logging is off; it goes on either way",
            "leave force out, unless Aurora refuses without it",
        ),
        (Binlog::On, true) => {
            checks.warn("binlog", "binary logging is on: replicas that read it break", "make them anew afterwards");
        }
        (Binlog::On, false) => checks.fail(
            "binlog",
            "binary logging is on, and what reads it never hears of a rewind",
            "go on all the same, if nothing does, with force (headless: --force)",
        ),
        (Binlog::Unknown, false) => checks.warn(
            "binlog",
            "not known whether binary logging is on; if it is, Aurora refuses",
            "then, if nothing reads it, with force (headless: --force)",
        ),
        (Binlog::Unknown, true) => checks.warn(
            "binlog",
            "not known whether binary logging is on; it goes on either way",
            "make replicas that read it anew afterwards",
        ),
    }
}

fn check_loss(checks: &mut Checks, request: &RewindRequest, cluster: &Cluster, desk: Desk<'_>) {
    let known = desk.known_of(&request.resource);
    checks.pass("landing", "on the consistent time nearest to it, which may be some seconds away");
    let dropped = match known.and_then(|known| known.connections) {
        Some(count) => format!("about {count} open connections are dropped"),
        None => "open connections are dropped".into(),
    };
    checks.warn(
        "connections",
        format!("all instances stop for a moment: {dropped}, uncommitted work is lost"),
        "pause the applications that use it",
    );
    let past = known.map(|known| known.past).unwrap_or_default();
    let marks = marks(cluster, past.marks);
    let gone = discards(request.to, &Past { marks: &marks, ..past }, desk.now);
    check_discards(checks, &gone);
    check_clones(checks, request, cluster, desk);
    check_changes(checks, request, &gone, desk);
    if let Some(estimate) = known.and_then(|known| known.usually) {
        checks.pass("duration", estimate.to_string());
    }
}

/// The most names in a sentence.
const NAMED: usize = 5;

fn few(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let first = names.take(NAMED).collect::<Vec<_>>().join(", ");
    if more == 0 { first } else { format!("{first} and {more} more") }
}

fn check_discards(checks: &mut Checks, gone: &Discards) {
    if !gone.marks.is_empty() {
        let names = few(gone.marks.iter().map(|mark| mark.name.to_string()));
        checks.warn("marks", format!("marks after that moment: {names}"), "undo the rewind to come back to them");
    }
    if !gone.rewinds.is_empty() {
        let moments = few(gone
            .rewinds
            .iter()
            .filter_map(|rewind| rewind.from)
            .map(|at| at.to_string())
            .collect::<Vec<_>>()
            .into_iter());
        checks.warn(
            "rewinds",
            format!("what came of the rewinds of {moments} goes too"),
            "undo the rewind to come back",
        );
    }
    if !gone.work.is_empty() {
        let names = few(gone.work.iter().map(|work| work.what.clone()));
        checks.warn("work", format!("undoes {names}"), "undo the rewind to come back to it");
    }
    if let Some(first) = gone.events.first() {
        let more = gone.events.len() - 1;
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        checks.pass("events", format!("RDS reported since: {}{more}", first.message));
    }
}

/// A clone shares the pages of the moment that it was taken at, whatever its source does later (User Guide, Cloning a volume).
fn check_clones(checks: &mut Checks, request: &RewindRequest, cluster: &Cluster, desk: Desk<'_>) {
    let kin = desk.fleet.kin(cluster);
    let of_it = |other: &&&Cluster| {
        other.created_at.is_some_and(|made| made > request.to)
            && lineage::parent(other, &kin) == Parent::Known(cluster.resource_id.clone())
    };
    let later: Vec<String> = kin.iter().filter(of_it).map(|other| other.id.to_string()).collect();
    if !later.is_empty() {
        checks.pass("clones", format!("those taken after that moment stay as they are: {}", few(later.into_iter())));
    }
}

fn check_changes(checks: &mut Checks, request: &RewindRequest, gone: &Discards, desk: Desk<'_>) {
    let back = desk.now.duration_since(request.to);
    let message = if gone.regained.is_zero() && gone.length == back {
        format!("every change of the last {} is undone", span::short(back))
    } else if gone.regained.is_zero() {
        format!("the changes of {} are undone", span::short(gone.length))
    } else {
        let (gone, regained) = (span::short(gone.length), span::short(gone.regained));
        format!("the changes of {gone} are undone, and {regained} that an earlier rewind undid come back")
    };
    checks.warn("changes", message, "undo goes forward again while the window holds it");
}

fn call(request: &RewindRequest) -> String {
    let line = Line::new("backtrack-db-cluster")
        .arg("db-cluster-identifier", request.cluster.as_str())
        .arg("backtrack-to", &request.to.to_string());
    let line = if request.earliest { line.flag("use-earliest-time-on-point-in-time-unavailable") } else { line };
    if request.force { line.flag("force").done() } else { line.done() }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::aurora::cluster::{ClusterStatus, Engine};
    use crate::aurora::cost::Prices;
    use crate::aurora::fleet::Fleet;
    use crate::aurora::fleet::tests::cluster;
    use crate::aurora::ownership::TAG_PARENT_RESOURCE;
    use crate::aurora::plan::Knowledge;
    use crate::aurora::policy::Policy;
    use crate::aurora::rewind::{Rewind, RewindStatus};
    use crate::aurora::usual::Estimate;

    fn clone() -> Cluster {
        let mut clone = cluster("clone-a");
        clone.tags.insert("aurewind:clone".into(), "cluster-CLONEA".into());
        clone.backtrack.target_seconds = 86_400;
        clone.backtrack.earliest = "2026-11-22T06:00:00Z".parse().ok();
        clone
    }

    fn plan(cluster: Cluster, to: &str) -> Plan {
        plan_knowing(cluster, to, false, |known| known)
    }

    /// The plan of somebody who knows what `change` makes of knowing nothing.
    fn plan_knowing(
        cluster: Cluster,
        to: &str,
        force: bool,
        change: impl for<'a> FnOnce(Knowledge<'a>) -> Knowledge<'a>,
    ) -> Plan {
        let to = format!("2026-11-22T{to}Z").parse().unwrap();
        let request = RewindRequest { force, ..RewindRequest::new(&cluster, to) };
        let nothing = Knowledge {
            cluster: &request.resource,
            past: Past::default(),
            connections: None,
            binlog: Binlog::Off,
            usually: None,
        };
        let (fleet, policy, prices) = (Fleet::of([cluster]), Policy::default(), Prices::default());
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let known = Some(change(nothing));
        rewind(&request, Desk { fleet: &fleet, policy: &policy, prices: &prices, now, known })
    }

    fn said<'a>(plan: &'a Plan, name: &str) -> Option<(&'static str, &'a str)> {
        plan.checks.iter().find(|check| check.name == name).map(|check| (check.level.as_str(), check.message.as_str()))
    }

    #[rstest::rstest]
    #[case(Binlog::Off, false, None)]
    #[case(Binlog::Off, true, Some("warn"))]
    #[case(Binlog::On, false, Some("fail"))]
    #[case(Binlog::On, true, Some("warn"))]
    #[case(Binlog::Unknown, false, Some("warn"))]
    #[case(Binlog::Unknown, true, Some("warn"))]
    fn binary_logging_asks_for_force(#[case] binlog: Binlog, #[case] force: bool, #[case] want: Option<&str>) {
        let plan = plan_knowing(clone(), "11:30:00", force, |known| Knowledge { binlog, ..known });
        assert_eq!(said(&plan, "binlog").map(|(level, _)| level), want);
        assert_eq!(plan.calls[0].ends_with("--force"), force);
    }

    #[test]
    fn what_goes_is_named() {
        let mut clone = clone();
        clone.tags.insert("aurewind:mark/v2".into(), "2026-11-22T11:45:00Z".into());
        clone.tags.insert("aurewind:mark/v1".into(), "2026-11-22T11:00:00Z".into());
        let plan = plan_knowing(clone, "11:30:00", false, |known| Knowledge {
            connections: Some(37),
            usually: Some(Estimate {
                median: SignedDuration::from_secs(70),
                p90: SignedDuration::from_secs(130),
                samples: 4,
            }),
            ..known
        });
        assert_eq!(said(&plan, "marks"), Some(("warn", "marks after that moment: v2")));
        assert_eq!(said(&plan, "changes"), Some(("warn", "every change of the last 30m 00s is undone")));
        assert_eq!(said(&plan, "duration"), Some(("pass", "usually 1m 10s (4 before)")));
        assert!(said(&plan, "connections").unwrap().1.contains("about 37 open connections"));
    }

    #[test]
    fn clones_that_were_taken_later_stay_as_they_are() {
        let source = clone();
        let taken = |name: &str, at: &str| {
            let mut taken = cluster(name);
            taken.created_at = at.parse().ok();
            taken.tags.insert("aurewind:clone".into(), taken.resource_id.to_string());
            taken.tags.insert(TAG_PARENT_RESOURCE.into(), source.resource_id.to_string());
            taken
        };
        let clones = [taken("clone-b", "2026-11-22T11:00:00Z"), taken("clone-c", "2026-11-22T11:45:00Z")];
        let request = RewindRequest::new(&source, "2026-11-22T11:30:00Z".parse().unwrap());
        let (fleet, policy, prices) =
            (Fleet::of([source.clone()].into_iter().chain(clones)), Policy::default(), Prices::default());
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let plan = rewind(&request, Desk { fleet: &fleet, policy: &policy, prices: &prices, now, known: None });
        let want = "those taken after that moment stay as they are: clone-c";
        assert_eq!(said(&plan, "clones"), Some(("pass", want)));
    }

    #[test]
    fn an_undo_says_what_comes_back() {
        let rewinds = [Rewind {
            id: "b".into(),
            to: "2026-11-22T10:00:00Z".parse().ok(),
            from: "2026-11-22T11:15:00Z".parse().ok(),
            requested_at: None,
            status: RewindStatus::Completed,
        }];
        let known = Known { rewinds: &rewinds };
        let plan = known.plan(clone(), "11:14:59");
        let want = "the changes of 45m 00s are undone, and 1h 14m that an earlier rewind undid come back";
        assert_eq!(said(&plan, "changes"), Some(("warn", want)));
        let want = "what came of the rewinds of 2026-11-22T11:15:00Z goes too";
        assert_eq!(said(&plan, "rewinds"), Some(("warn", want)));
    }

    /// Somebody who has read the past rewinds.
    struct Known<'a> {
        rewinds: &'a [Rewind],
    }

    impl Known<'_> {
        fn plan(&self, cluster: Cluster, to: &str) -> Plan {
            let request = RewindRequest::new(&cluster, format!("2026-11-22T{to}Z").parse().unwrap());
            let known = Some(Knowledge {
                cluster: &request.resource,
                past: Past { rewinds: self.rewinds, ..Past::default() },
                connections: None,
                binlog: Binlog::Off,
                usually: None,
            });
            let (fleet, policy, prices) = (Fleet::of([cluster]), Policy::default(), Prices::default());
            let now = "2026-11-22T12:00:00Z".parse().unwrap();
            rewind(&request, Desk { fleet: &fleet, policy: &policy, prices: &prices, now, known })
        }
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
