//! Fleets as accounts.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::account::MOST_CLONES;
use super::super::account::cluster::{Cluster, ClusterStatus, Origin};
use super::super::account::parameters::GroupKind;
use super::*;
use crate::sim::Clock;

fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn account(fleet: FleetSpec, seed: u64) -> Account {
    build(&Options { fleet, seed, clock: Clock::manual(noon()), ..Options::default() }).unwrap()
}

fn demo() -> Account {
    account(FleetSpec::Demo, 1)
}

#[test]
fn fleets_have_names() {
    assert_eq!("demo".parse::<FleetSpec>().unwrap(), FleetSpec::Demo);
    assert_eq!("empty".parse::<FleetSpec>().unwrap(), FleetSpec::Empty);
    assert_eq!("250".parse::<FleetSpec>().unwrap(), FleetSpec::Count(250));
    for text in ["", "Demo", "-1", "1000000"] {
        assert!(text.parse::<FleetSpec>().unwrap_err().to_string().contains("demo, empty"), "{text}");
    }
}

#[test]
fn a_seed_gives_the_same_fleet_again() {
    let ids = |seed| -> Vec<String> {
        account(FleetSpec::Demo, seed).clusters(None).map(|c| c.resource_id.clone()).collect()
    };
    assert_eq!(ids(1), ids(1));
    assert_ne!(ids(1), ids(2));
}

#[test]
fn a_generated_fleet_has_its_size_and_its_clones() {
    let account = account(FleetSpec::Count(1000), 1);
    assert_eq!((account.clusters(None).count(), account.instances(None).count()), (1000, 1000));
    assert_eq!(account.clusters(None).filter(|cluster| cluster.origin == Origin::Clone).count(), 333);
}

#[test]
fn every_demo_cluster_could_exist_with_every_seed() {
    for seed in 0..12 {
        check_demo(&account(FleetSpec::Demo, seed));
    }
}

fn check_demo(account: &Account) {
    for cluster in account.clusters(None) {
        assert!(cluster.created < noon(), "{}", cluster.id);
        let set = &cluster.settings;
        let group = account.surroundings.parameter_group(GroupKind::Cluster, &set.parameter_group);
        let fits = group.is_some_and(|group| group.family == cluster.engine.family(&cluster.version));
        assert!(fits || !cluster.engine.is_aurora(), "{}", cluster.id);
        assert!(account.surroundings.subnet_group(&set.subnet_group).is_some(), "{}", cluster.id);
        assert!(cluster.tags.len() <= crate::sim::rules::tags::MOST);
        assert!(
            account.members(cluster).all(|member| member.created.is_some_and(|born| born > cluster.created)),
            "{}",
            cluster.id
        );
        let Some(backtrack) = &cluster.backtrack else {
            continue;
        };
        assert!(cluster.engine.has_backtrack());
        for rewind in &backtrack.rewinds {
            assert!(rewind.landed >= cluster.created && rewind.landed < rewind.taken_back, "{}", cluster.id);
            assert!(rewind.done < noon());
        }
    }
}

#[test]
fn every_demo_clone_is_younger_than_its_source() {
    let account = demo();
    for clone in account.clusters(None).filter(|cluster| cluster.origin == Origin::Clone) {
        let Some(parent) = clone.tags.get("aurewind:parent") else {
            continue;
        };
        let parent = account.cluster(parent).unwrap();
        assert!(parent.created < clone.created, "{}", clone.id);
        assert_eq!(parent.clone_group, clone.clone_group);
    }
}

fn windows(account: &Account, wanted: impl Fn(&Cluster, i64, i64) -> bool) -> usize {
    let reaches = account.clusters(None).filter_map(|cluster| {
        let backtrack = cluster.backtrack.as_ref()?;
        let actual = noon().duration_since(backtrack.earliest(noon())).as_secs();
        wanted(cluster, actual, backtrack.target).then_some(())
    });
    reaches.count()
}

#[test]
fn the_demo_shows_every_kind_of_window() {
    let account = demo();
    let age = |cluster: &Cluster| noon().duration_since(cluster.created).as_secs();
    assert!(windows(&account, |_, actual, target| actual == target) >= 5, "full");
    assert!(windows(&account, |cluster, actual, target| actual < target - 600 && age(cluster) > target) >= 1, "shrunk");
    assert!(
        windows(&account, |cluster, actual, target| age(cluster) < target && actual >= age(cluster) - 1) >= 3,
        "young"
    );
    assert!(account.clusters(None).any(|cluster| cluster.backtrack.is_none() && cluster.engine.has_backtrack()), "off");
}

#[test]
fn the_demo_shows_what_clients_must_cope_with() {
    let account = demo();
    let any = |wanted: &dyn Fn(&Cluster) -> bool| account.clusters(None).any(wanted);
    let tag = |cluster: &Cluster, name: &str| cluster.tags.get(&format!("aurewind:{name}")).cloned();
    for status in [ClusterStatus::Stopped, ClusterStatus::CloningFailed, ClusterStatus::Creating] {
        assert!(any(&|cluster| cluster.status() == status), "{status:?}");
    }
    let engines: BTreeSet<&str> = account.clusters(None).map(|cluster| cluster.engine.name()).collect();
    assert_eq!(engines.len(), 4);
    assert!(
        any(&|cluster| tag(cluster, "expires-at").is_some_and(|at| at.parse::<Timestamp>().unwrap() < noon())),
        "expired"
    );
    assert!(any(&|cluster| tag(cluster, "keep").as_deref() == Some("forever")));
    assert!(any(&|cluster| tag(cluster, "clone").is_some_and(|own| own != cluster.resource_id)), "inherited tags");
    assert!(any(&|cluster| cluster.origin == Origin::Clone && cluster.tags.is_empty()), "unknown maker");
    assert!(any(&|cluster| cluster.members.is_empty() && cluster.status() == ClusterStatus::Available), "no instances");
    assert!(account.instances(None).any(|instance| instance.class == "db.serverless"));
    let catalog = account.cluster("catalog-prod").unwrap().clone_group.clone().unwrap();
    assert_eq!(account.clones_in(&catalog), MOST_CLONES - 1);
    let forward = account.cluster("orders-staging").unwrap().backtrack.clone().unwrap();
    assert!(
        forward.rewinds.windows(2).any(|pair| pair[1].landed > pair[0].landed && pair[1].landed < pair[0].taken_back)
    );
    assert!(
        account.events.between(Timestamp::MIN, noon(), 0).filter(|event| event.category == "backtrack").count() >= 3
    );
}
