//! The plan of a deletion.

use jiff::Timestamp;

use super::call::Line;
use super::{Checks, Desk, Plan};
use crate::aurora::cluster::{Cluster, ClusterStatus};
use crate::aurora::policy::Deed;
use crate::aurora::request::DeleteRequest;
use crate::aurora::span;

/// The plan of `request`.
pub fn delete(request: &DeleteRequest, desk: Desk<'_>) -> Plan {
    let mut checks = Checks::default();
    let mut plan =
        Plan::about(format!("Delete {}", request.cluster), request.cluster.clone(), Some(request.resource.clone()));
    match desk.fleet.get(&request.resource) {
        None => {
            checks.fail("cluster", format!("`{}` is not there any more", request.cluster), "nothing needs to be done");
        }
        Some(cluster) => {
            check_state(&mut checks, cluster);
            let kin = desk.fleet.kin(cluster);
            plan.confirm = checks.policy(desk.policy.rule(Deed::Delete, cluster, &kin, desk.now));
            if request.expired {
                check_expiry(&mut checks, cluster, desk.now);
            }
            check_instances(&mut checks, cluster);
            check_snapshot(&mut checks, request);
            plan.calls = calls(request, cluster);
        }
    }
    plan.checks = checks.0;
    plan
}

fn check_state(checks: &mut Checks, cluster: &Cluster) {
    match &cluster.status {
        // While stopped a cluster can be neither modified nor deleted (User Guide, cluster status).
        ClusterStatus::Stopped => checks.fail("cluster", "it is stopped", "start it first"),
        ClusterStatus::Deleting => checks.fail("cluster", "it is being deleted already", "wait until it is gone"),
        status => checks.pass("cluster", format!("{} {}, {status}", cluster.engine, cluster.engine_version)),
    }
}

fn check_expiry(checks: &mut Checks, cluster: &Cluster, now: Timestamp) {
    match cluster.ownership().ours().and_then(|ours| ours.expires_at) {
        Some(at) if at <= now => {
            checks.pass("expiry", format!("it expired {} ago, at {at}", span::short(now.duration_since(at))));
        }
        Some(at) => {
            checks.fail("expiry", format!("it lives until {at}"), "wait until it expires, or delete it by name");
        }
        None => checks.fail("expiry", "it never expires", "delete it by name"),
    }
}

fn check_instances(checks: &mut Checks, cluster: &Cluster) {
    let names: Vec<_> = cluster.members.iter().map(|member| member.id.as_str()).collect();
    let message = match names.len() {
        0 => "none".to_owned(),
        1 => format!("{} goes first", names[0]),
        count => format!("{count} go first: {}", names.join(", ")),
    };
    checks.pass("instances", message);
}

fn check_snapshot(checks: &mut Checks, request: &DeleteRequest) {
    if let Some(name) = &request.final_snapshot {
        checks.pass("snapshot", format!("a final snapshot `{name}` is kept"));
        return;
    }
    let mend = if request.expired {
        "keep or extend it, if the data is wanted"
    } else {
        "name one (headless: --final-snapshot)"
    };
    checks.warn("snapshot", "no final snapshot: the data is gone for good", mend);
}

fn calls(request: &DeleteRequest, cluster: &Cluster) -> Vec<String> {
    // Readers before the writer (User Guide, deleting Aurora DB clusters).
    let (writers, readers): (Vec<_>, Vec<_>) = cluster.members.iter().partition(|member| member.writer);
    let instance = |id: &str| Line::new("delete-db-instance").arg("db-instance-identifier", id).done();
    let mut calls: Vec<_> = readers.iter().chain(&writers).map(|member| instance(&member.id)).collect();
    let line = Line::new("delete-db-cluster").arg("db-cluster-identifier", request.cluster.as_str());
    calls.push(match &request.final_snapshot {
        Some(name) => line.arg("final-db-snapshot-identifier", name.as_str()).done(),
        None => line.flag("skip-final-snapshot").done(),
    });
    calls
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::cluster::Member;
    use crate::aurora::cost::Prices;
    use crate::aurora::fleet::Fleet;
    use crate::aurora::fleet::tests::cluster;
    use crate::aurora::policy::Policy;

    fn plan(cluster: Cluster, snapshot: Option<&str>) -> Plan {
        let final_snapshot = snapshot.map(|name| name.parse().unwrap());
        request(DeleteRequest { final_snapshot, ..DeleteRequest::new(&cluster) }, cluster)
    }

    fn request(request: DeleteRequest, cluster: Cluster) -> Plan {
        let (fleet, policy, prices) = (Fleet::of([cluster]), Policy::default(), Prices::default());
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        delete(&request, Desk { fleet: &fleet, policy: &policy, prices: &prices, now, known: None })
    }

    fn clone() -> Cluster {
        let mut clone = cluster("clone-a");
        clone.tags.insert("aurewind:clone".into(), "cluster-CLONEA".into());
        clone
    }

    #[test]
    fn readers_go_before_the_writer_and_the_cluster_last() {
        let mut clone = clone();
        clone.members.push(Member { id: "clone-a-2".into(), writer: false });
        let plan = plan(clone, None);
        assert!(!plan.blocked(), "{:?}", plan.checks);
        assert_eq!(
            plan.calls,
            [
                "aws rds delete-db-instance --db-instance-identifier clone-a-2",
                "aws rds delete-db-instance --db-instance-identifier clone-a-1",
                "aws rds delete-db-cluster --db-cluster-identifier clone-a --skip-final-snapshot",
            ]
        );
    }

    #[test]
    fn a_final_snapshot_is_named() {
        assert!(plan(clone(), Some("last")).calls[1].ends_with("--final-db-snapshot-identifier last"));
    }

    #[rstest::rstest]
    #[case::over(Some("2026-11-22T12:00:00Z"), false)]
    #[case::extended_meanwhile(Some("2026-11-22T12:00:01Z"), true)]
    #[case::never(None, true)]
    fn a_sweep_deletes_only_what_has_expired(#[case] expiry: Option<&str>, #[case] blocked: bool) {
        let mut clone = clone();
        clone.tags.extend(expiry.map(|at| ("aurewind:expires-at".to_owned(), at.to_owned())));
        let swept = DeleteRequest { expired: true, ..DeleteRequest::new(&clone) };
        assert_eq!(request(swept, clone.clone()).blocked(), blocked);
        assert!(!plan(clone, None).blocked(), "by name it may be deleted whenever it expires");
    }

    #[test]
    fn a_stopped_or_protected_cluster_is_refused_before_anything_is_deleted() {
        let mut stopped = clone();
        stopped.status = ClusterStatus::Stopped;
        assert!(plan(stopped, None).blocked());
        let mut protected = clone();
        protected.settings.deletion_protection = true;
        assert!(plan(protected, None).blocked());
    }
}
