//! Two hundred tasks at once through an account where much goes wrong: all of them end done, and the ledger of the account
//! knows of nothing that was done twice or left over.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aurewind::aurora::cluster::{Cluster, ClusterStatus};
use aurewind::aurora::policy::{Deed, Policy, Ruling};
use aurewind::aurora::request::{CloneRequest, DeleteRequest, RewindRequest};
use aurewind::aurora::{Fleet, lineage, ownership};
use aurewind::aws::{Aws, Connection, FleetEvent};
use aurewind::engine::journal::Journal;
use aurewind::engine::{Engine, Request, Rules, TaskState, Tempo, system_clock};
use aurewind::sim::{FleetSpec, Options};
use jiff::SignedDuration;

use crate::support::Account;

const FAULTS: &[&str] = &["throttle=0.3", "lost=0.1", "reset=0.05", "error=0.05"];
const CREATES: usize = 30;
const REWINDS: usize = 70;
const DELETES: usize = 100;

async fn connect(account: &Account) -> Aws {
    let (endpoint, region) = (Some(account.url.clone()), Some("eu-west-1".to_owned()));
    Connection { endpoint, region, demo: true, ..Connection::default() }.open().await.unwrap()
}

async fn fleet(aws: &Aws) -> Fleet {
    let (pages, mut inbox) = tokio::sync::mpsc::channel(64);
    let mut fleet = Fleet::default();
    aws.list(&pages).await;
    drop(pages);
    while let Some(event) = inbox.recv().await {
        match event {
            FleetEvent::Begun => fleet.begin(),
            FleetEvent::Clusters(page) => fleet.merge(page),
            FleetEvent::Instances(page) => fleet.merge_instances(page),
            FleetEvent::Done => fleet.finish(),
            FleetEvent::Failed(error) => panic!("{error}"),
        }
    }
    fleet
}

/// What is asked for: rewinds and deletions of what the policy allows, clones of what is left alone.
fn requests(fleet: &Fleet) -> Vec<Request> {
    let now = system_clock()();
    let to = ownership::whole_second(now - SignedDuration::from_mins(10));
    let free = |cluster: &&Cluster| {
        let kin = fleet.kin(cluster);
        let ruling = Policy::default().rule(Deed::Delete, cluster, &kin, now);
        let is_source = lineage::clones_of(cluster, &kin) != lineage::Clones::default();
        !matches!(ruling, Ruling::Refused(_)) && !is_source && cluster.status == ClusterStatus::Available
    };
    let (free, sources): (Vec<&Cluster>, Vec<&Cluster>) = fleet.iter().partition(free);
    let can = |cluster: &&Cluster| cluster.reach(now).is_some_and(|reach| reach.check(to).is_ok());
    let (rewound, rest): (Vec<&Cluster>, Vec<&Cluster>) = free.into_iter().partition(can);
    let (rewound, spare) = rewound.split_at(REWINDS);
    let rewinds = rewound.iter().map(|cluster| {
        let (cluster, resource) = (cluster.id.clone(), cluster.resource_id.clone());
        Request::Rewind(RewindRequest { cluster, resource, to, earliest: false, force: false })
    });
    let deletes = rest.iter().chain(spare).take(DELETES).map(|cluster| {
        let (cluster, resource) = (cluster.id.clone(), cluster.resource_id.clone());
        Request::Delete(DeleteRequest { cluster, resource, final_snapshot: None, expired: false })
    });
    let creates = sources.iter().cycle().take(CREATES).enumerate().map(|(n, source)| {
        let name = format!("clone-test-{n}").parse().unwrap();
        Request::Create(CloneRequest::new(source.id.clone(), name, "ana@laptop"))
    });
    creates.chain(rewinds).chain(deletes).collect()
}

#[test]
fn two_hundred_tasks_end_done_where_much_goes_wrong() {
    let options = Options { fleet: FleetSpec::Count(420), speed: 3_000.0, ..Options::default() };
    let account = Account::with(options);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let requests = runtime.block_on(async {
        let aws = connect(&account).await;
        let requests = requests(&fleet(&aws).await);
        assert_eq!(requests.len(), CREATES + REWINDS + DELETES);
        account.faults(FAULTS);
        let journal = Arc::new(Journal::open(account.state.path()).unwrap());
        let tempo = Tempo { fast: Duration::from_millis(100), slow: Duration::from_millis(250) };
        let engine = Engine::new(aws, journal, Rules::default(), tempo, system_clock());
        let mut watched = Vec::new();
        for request in &requests {
            let events = engine.events();
            let typed = Some(request.target().clone());
            let task = engine.start(engine.new_id(), request.clone(), typed).unwrap();
            watched.push((task, events));
        }
        for (task, events) in watched {
            let over = engine.watch(&task.id, events, |_| {}, |_| false).await.unwrap();
            assert_eq!(over.state, TaskState::Done, "{over:#?}");
        }
        requests
    });
    account.faults(&[]);
    assert_nothing_twice(&account, &requests);
    let fleet = runtime.block_on(async { fleet(&connect(&account).await).await });
    for request in &requests {
        let left = fleet.named(request.target());
        match request {
            Request::Create(_) => {
                assert_eq!(fleet.instances(&left.unwrap().id).len(), 1, "{request:?}");
                assert!(left.unwrap().ownership().ours().is_some(), "{request:?}");
            }
            Request::Rewind(_) => assert_eq!(left.unwrap().status, ClusterStatus::Available),
            Request::Delete(_) => {
                assert!(left.is_none(), "{request:?}");
                assert!(fleet.instances(request.target()).is_empty(), "{request:?}");
            }
            other => unreachable!("{other:?} is not among them"),
        }
    }
}

fn assert_nothing_twice(account: &Account, requests: &[Request]) {
    let mut done: BTreeMap<(String, String), usize> = BTreeMap::new();
    let calls = account.calls();
    for call in calls.iter().filter(|call| call.done) {
        let of = ["DBInstanceIdentifier", "DBClusterIdentifier"].iter().find_map(|key| call.parameters[key].as_str());
        *done.entry((call.action.clone(), of.unwrap_or_default().to_owned())).or_default() += 1;
    }
    let of = |action: &str| done.iter().filter(|((name, _), _)| name == action).collect::<Vec<_>>();
    for (action, want) in [
        ("RestoreDBClusterToPointInTime", CREATES),
        ("CreateDBInstance", CREATES),
        ("BacktrackDBCluster", REWINDS),
        ("DeleteDBCluster", DELETES),
        ("DeleteDBInstance", DELETES),
    ] {
        let made = of(action);
        assert_eq!(made.len(), want, "{action}");
        assert!(made.iter().all(|(_, count)| **count == 1), "{action}: {made:?}");
    }
    println!(
        "{} tasks, {} calls, {} of them without the work done",
        requests.len(),
        calls.len(),
        calls.iter().filter(|c| !c.done).count()
    );
}
