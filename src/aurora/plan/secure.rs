//! The plan of securing a clone: the master user's password, and how long backups are kept.

use super::call::Line;
use super::{Checks, Desk, Plan};
use crate::aurora::cluster::{Cluster, Health};
use crate::aurora::policy::Deed;
use crate::aurora::secure::{MasterPassword, SecureRequest};

/// How long automated backups can be kept, in days (API reference, ModifyDBCluster, BackupRetentionPeriod).
const RETENTION: std::ops::RangeInclusive<u16> = 1..=35;

/// The plan of `request`.
pub fn secure(request: &SecureRequest, desk: Desk<'_>) -> Plan {
    let mut checks = Checks::default();
    let title = format!("Secure {}", request.cluster);
    let mut plan = Plan::about(title, request.cluster.clone(), Some(request.resource.clone()));
    match desk.fleet.get(&request.resource) {
        None => checks.missing(&request.cluster),
        Some(cluster) => {
            check_state(&mut checks, cluster);
            checks.ours_alone(desk.policy.rule(Deed::Secure, cluster, &[], desk.now));
            check_request(&mut checks, request, cluster);
            plan.calls = vec![call(request)];
        }
    }
    plan.checks = checks.0;
    plan
}

fn check_state(checks: &mut Checks, cluster: &Cluster) {
    let found = format!("{} {}, {}", cluster.engine, cluster.engine_version, cluster.status);
    match cluster.status.health() {
        // What is busy is available in a while.
        Health::Ready | Health::Busy => checks.pass("cluster", found),
        Health::Stopped => checks.fail("cluster", found, "start it first"),
        Health::Broken => checks.fail("cluster", found, "make another clone"),
    }
}

fn check_request(checks: &mut Checks, request: &SecureRequest, cluster: &Cluster) {
    match request.master {
        MasterPassword::Rotate if cluster.settings.master_secret.is_some() => {
            checks.fail("password", "Secrets Manager keeps its password", "take `managed`");
        }
        MasterPassword::Rotate => checks.pass("password", "the master user gets a new random one"),
        MasterPassword::Managed => checks.pass("password", "Secrets Manager makes one and keeps it"),
        MasterPassword::Keep => checks.warn("password", "the clone keeps its source's", "have it changed"),
    }
    match request.retention_days {
        Some(days) if !RETENTION.contains(&days) => {
            checks.fail("retention", format!("backups cannot be kept for {days} days"), "take 1 to 35 days");
        }
        Some(days) => checks.pass("retention", format!("backups are kept for {days} days")),
        None => {}
    }
}

fn call(request: &SecureRequest) -> String {
    let line = Line::new("modify-db-cluster").arg("db-cluster-identifier", request.cluster.as_str());
    let line = match request.master {
        MasterPassword::Rotate => line.arg("master-user-password", "<a new random one>"),
        MasterPassword::Managed => line.flag("manage-master-user-password"),
        MasterPassword::Keep => line,
    };
    let line = match request.retention_days {
        Some(days) => line.arg("backup-retention-period", &days.to_string()),
        None => line,
    };
    line.flag("apply-immediately").done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::cluster::ClusterStatus;
    use crate::aurora::cost::Prices;
    use crate::aurora::fleet::Fleet;
    use crate::aurora::fleet::tests::cluster;
    use crate::aurora::ownership::TAG_CLONE;
    use crate::aurora::policy::Policy;
    use crate::aurora::secure::MasterSecret;

    fn clone(change: impl FnOnce(&mut Cluster)) -> Cluster {
        let mut clone = cluster("clone-a");
        clone.tags.insert(TAG_CLONE.into(), clone.resource_id.to_string());
        change(&mut clone);
        clone
    }

    fn plan(cluster: &Cluster, master: MasterPassword, retention_days: Option<u16>) -> Plan {
        let (fleet, policy) = (Fleet::of([cluster.clone()]), Policy::default());
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let desk = Desk { fleet: &fleet, policy: &policy, prices: &Prices::default(), now, known: None };
        let (cluster, resource) = (cluster.id.clone(), cluster.resource_id.clone());
        secure(&SecureRequest { cluster, resource, master, retention_days }, desk)
    }

    #[rstest::rstest]
    #[case::a_clone(clone(|_| {}), 1, false)]
    #[case::busy(clone(|clone| clone.status = ClusterStatus::Modifying), 1, false)]
    #[case::stopped(clone(|clone| clone.status = ClusterStatus::Stopped), 1, true)]
    #[case::not_ours(cluster("orders-dev"), 1, true)]
    #[case::bound_by_name_only(clone(|clone| { clone.tags.insert(TAG_CLONE.into(), "clone-a".into()); }), 1, true)]
    #[case::of_another_cluster(clone(|clone| { clone.tags.insert(TAG_CLONE.into(), "cluster-OTHER".into()); }), 1, true)]
    #[case::protected(clone(|clone| clone.id = "orders-prod".parse().unwrap()), 1, true)]
    #[case::too_short(clone(|_| {}), 0, true)]
    #[case::too_long(clone(|_| {}), 36, true)]
    #[case::managed_already(clone(|clone| clone.settings.master_secret = Some(MasterSecret { arn: "arn".into(), active: true })), 1, true)]
    fn only_clones_of_ours_are_secured(#[case] cluster: Cluster, #[case] days: u16, #[case] blocked: bool) {
        let plan = plan(&cluster, MasterPassword::Rotate, Some(days));
        assert_eq!(plan.blocked(), blocked, "{:?}", plan.checks);
    }

    #[rstest::rstest]
    #[case(MasterPassword::Rotate, Some(1), " --master-user-password '<a new random one>' --backup-retention-period 1")]
    #[case(MasterPassword::Managed, None, " --manage-master-user-password")]
    #[case(MasterPassword::Keep, Some(7), " --backup-retention-period 7")]
    fn the_call_is_shown_without_a_password(
        #[case] master: MasterPassword,
        #[case] days: Option<u16>,
        #[case] want: &str,
    ) {
        let want = format!("aws rds modify-db-cluster --db-cluster-identifier clone-a{want} --apply-immediately");
        assert_eq!(plan(&clone(|_| {}), master, days).calls, [want]);
    }
}
