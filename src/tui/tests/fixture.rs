//! A small company's account at noon of 2026-11-22.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Size;

use crate::aurora::cluster::Binlog;
use crate::aurora::cluster::{Cluster, ClusterStatus, Engine, Instance, Member, Network};
use crate::aurora::cost::Prices;
use crate::aurora::ids::ResourceId;
use crate::aurora::rewind::{Rewind, RewindStatus};
use crate::aurora::{ClusterEvent, window::Backtrack};
use crate::aws::{FleetEvent, History, Place};
use crate::engine::Outage;
use crate::engine::task::{FailureKind, StepState, TaskState};
use crate::engine::{Request, Task, TaskError, TaskId, TaskResult};
use crate::tui::Event;
use crate::tui::glyphs::Glyphs;
use crate::tui::harness::Harness;
use crate::tui::state::{Setup, Ui};
use crate::tui::theme::Theme;

pub(in crate::tui) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(in crate::tui) fn now() -> Timestamp {
    at("2026-11-22T12:00:00Z")
}

pub(in crate::tui) fn ago(text: &str) -> Timestamp {
    now() - crate::aurora::span::parse(text).unwrap()
}

pub(in crate::tui) fn resource(id: &str) -> ResourceId {
    ResourceId::new(format!("cluster-{:0>20}", id.to_uppercase().replace('-', "")))
}

pub(in crate::tui) fn cluster(id: &str, age: &str) -> Cluster {
    Cluster {
        id: id.parse().unwrap(),
        resource_id: resource(id),
        arn: format!("arn:aws:rds:eu-west-1:123456789012:cluster:{id}"),
        engine: Engine::AuroraMysql,
        engine_version: "8.0.mysql_aurora.3.08.2".into(),
        status: ClusterStatus::Available,
        created_at: Some(ago(age)),
        clone_group: None,
        global: false,
        members: vec![Member { id: format!("{id}-1"), writer: true }],
        backtrack: Backtrack::default(),
        restorable: None,
        restarts_at: None,
        network: Network {
            endpoint: Some(format!("{id}.cluster-c9akciq32.eu-west-1.rds.amazonaws.com")),
            reader_endpoint: Some(format!("{id}.cluster-ro-c9akciq32.eu-west-1.rds.amazonaws.com")),
            port: Some(3306),
            subnet_group: Some("private".into()),
            security_groups: vec!["sg-0a1b2c3d".into()],
            availability_zones: Vec::new(),
        },
        settings: crate::aurora::cluster::Settings::default(),
        tags: std::collections::BTreeMap::new(),
    }
}

pub(in crate::tui) fn window(mut cluster: Cluster, hours: i64, floor: &str) -> Cluster {
    cluster.backtrack =
        Backtrack { target_seconds: hours * 3600, earliest: Some(ago(floor)), change_records: Some(1_204_331) };
    cluster
}

pub(in crate::tui) fn grouped(mut cluster: Cluster, group: &str) -> Cluster {
    cluster.clone_group = Some(group.into());
    cluster
}

pub(in crate::tui) fn ours(mut clone: Cluster, source: &str, owner: &str, expires: Option<Timestamp>) -> Cluster {
    let tags = [
        ("aurewind:clone", clone.resource_id.to_string()),
        ("aurewind:parent", source.to_owned()),
        ("aurewind:parent-resource-id", resource(source).to_string()),
        ("aurewind:owner", owner.to_owned()),
    ];
    clone.tags.extend(tags.map(|(key, value)| (key.to_owned(), value)));
    if let Some(at) = expires {
        clone.tags.insert("aurewind:expires-at".into(), at.to_string());
    }
    clone
}

fn with(mut cluster: Cluster, change: impl FnOnce(&mut Cluster)) -> Cluster {
    change(&mut cluster);
    cluster
}

fn later(text: &str) -> Timestamp {
    now() + crate::aurora::span::parse(text).unwrap()
}

pub(in crate::tui) fn clusters() -> Vec<Cluster> {
    let orders = with(grouped(window(cluster("orders-prod", "812d"), 72, "72h"), "g1"), |c| {
        c.members.push(Member { id: "orders-prod-2".into(), writer: false });
        c.members.push(Member { id: "orders-prod-3".into(), writer: false });
        c.settings.deletion_protection = true;
        c.tags.insert("team".into(), "shop".into());
    });
    let release = with(
        ours(
            grouped(window(cluster("clone-orders-release", "1d"), 24, "23h"), "g1"),
            "orders-prod",
            "ana@laptop",
            Some(later("3h")),
        ),
        |c| {
            c.tags.insert("aurewind:mark/before-migration".into(), ago("2h").to_string());
            c.tags.insert("team".into(), "shop".into());
        },
    );
    let fixed = ours(
        grouped(window(cluster("clone-orders-hotfix", "5h"), 24, "5h"), "g1"),
        "clone-orders-release",
        "ben@ci-7",
        Some(ago("2h")),
    );
    let stranger = grouped(window(cluster("orders-loadtest", "9d"), 24, "6h"), "g1");
    let making = with(
        ours(
            grouped(window(cluster("clone-orders-x7k2", "4m"), 24, "4m"), "g1"),
            "orders-prod",
            "ana@laptop",
            Some(later("4h")),
        ),
        |c| {
            c.status = ClusterStatus::Creating;
            c.members.clear();
            c.network.endpoint = None;
        },
    );
    let billing = with(cluster("billing", "400d"), |c| {
        c.engine = Engine::AuroraPostgresql;
        c.engine_version = "16.4".into();
        c.network.port = Some(5432);
    });
    let reports = with(cluster("reports-stage", "90d"), |c| c.status = ClusterStatus::Stopped);
    let broken = with(ours(cluster("clone-billing-q9", "2d"), "billing", "cy@desk", None), |c| {
        c.status = ClusterStatus::CloningFailed;
        c.engine = Engine::AuroraPostgresql;
        c.engine_version = "16.4".into();
    });
    let users = window(cluster("users-eu", "200d"), 48, "48h");
    vec![orders, release, fixed, stranger, making, billing, reports, broken, users]
}

pub(in crate::tui) fn instances() -> Vec<Instance> {
    let of = |cluster: Cluster| {
        let id = cluster.id.clone();
        let status = cluster.status.clone();
        cluster.members.into_iter().map(move |member| Instance {
            parameter_group: None,
            public: false,
            id: member.id,
            cluster: id.clone(),
            class: "db.r6g.large".into(),
            status: status.clone(),
        })
    };
    clusters().into_iter().flat_map(of).collect()
}

pub(in crate::tui) fn setup() -> Setup {
    Setup {
        place: Place {
            profile: Some("shop-dev".into()),
            region: Some("eu-west-1".into()),
            endpoint: None,
            demo: false,
        },
        prices: Prices {
            currency: "USD".into(),
            as_of: "2026-11-01".into(),
            instance_hour: std::collections::BTreeMap::from([("db.r6g.large".into(), 0.313)]),
            acu_hour: 0.14,
            change_records_million_hour: 0.012,
        },
        owner: "ana@laptop".into(),
        ..Setup::default()
    }
}

pub(in crate::tui) fn ui(ascii: bool, theme: Theme) -> Ui {
    Ui { theme, glyphs: Glyphs::pick(ascii), zone: TimeZone::UTC, utc: false }
}

/// A dashboard that has read nothing yet.
pub(in crate::tui) fn empty(width: u16, height: u16) -> Harness {
    Harness::new(setup(), ui(false, Theme::mono()), Size::new(width, height), now())
}

/// Feeds a complete listing.
pub(in crate::tui) fn list(harness: &mut Harness, clusters: Vec<Cluster>) {
    harness.send(Event::Fleet(FleetEvent::Begun));
    harness.send(Event::Fleet(FleetEvent::Clusters(clusters)));
    harness.send(Event::Fleet(FleetEvent::Instances(instances())));
    harness.send(Event::Fleet(FleetEvent::Done));
}

/// A dashboard that has read the account of [`clusters`].
pub(in crate::tui) fn ready(width: u16, height: u16) -> Harness {
    let mut harness = empty(width, height);
    list(&mut harness, clusters());
    harness
}

/// Puts the cursor on a cluster.
pub(in crate::tui) fn select(harness: &mut Harness, id: &str) {
    harness.keys("g");
    for _ in 0..harness.state.fleet.len() {
        if harness.state.cluster().unwrap().id.as_str() == id {
            return;
        }
        harness.keys("j");
    }
    panic!("`{id}` is not shown");
}

pub(in crate::tui) fn history() -> History {
    let event = |ago_: &str, message: &str| ClusterEvent {
        at: ago(ago_),
        source: "clone-orders-release".into(),
        categories: vec!["backtrack".into()],
        message: message.into(),
    };
    History {
        rewinds: vec![Rewind {
            id: "b1".into(),
            to: Some(ago("7h")),
            from: Some(ago("6h") + SignedDuration::from_millis(640)),
            requested_at: Some(ago("6h")),
            status: RewindStatus::Completed,
        }],
        events: vec![event("40m", "DB cluster parameter group was changed"), event("6h", "Backtrack completed")],
        binlog: Binlog::Off,
        missing: Vec::new(),
    }
}

pub(in crate::tui) fn task(n: u32, request: Request, state: TaskState) -> Task {
    let mut task = Task::new(TaskId::new(ago("2m"), n), request, None, ago("2m"));
    task.state = state;
    task
}

/// Puts the steps up to `done` behind it, and the next one under way.
pub(in crate::tui) fn progress(mut task: Task, done: usize, detail: &str) -> Task {
    for (index, step) in task.steps.iter_mut().enumerate() {
        if index < done {
            step.state = StepState::Done;
            step.started_at = Some(ago("2m"));
            step.ended_at = Some(ago("90s"));
            step.attempts = 1;
            step.detail = "as it should be".into();
        } else if index == done && task.state == TaskState::Running {
            step.state = StepState::Running;
            step.started_at = Some(ago("90s"));
            step.attempts = 3;
            step.detail = detail.into();
        }
    }
    task
}

pub(in crate::tui) fn clone_request(source: &str, name: &str) -> Request {
    Request::Create(crate::aurora::CloneRequest::new(source.parse().unwrap(), name.parse().unwrap(), "ana@laptop"))
}

pub(in crate::tui) fn rewind_request(id: &str, to: Timestamp) -> Request {
    Request::Rewind(crate::aurora::RewindRequest {
        cluster: id.parse().unwrap(),
        resource: resource(id),
        to,
        earliest: false,
        force: false,
    })
}

pub(in crate::tui) fn delete_request(id: &str) -> Request {
    Request::Delete(crate::aurora::DeleteRequest {
        cluster: id.parse().unwrap(),
        resource: resource(id),
        final_snapshot: None,
        expired: false,
    })
}

/// One running, one done, one failed.
pub(in crate::tui) fn tasks() -> Vec<Task> {
    let making = progress(
        task(3, clone_request("orders-prod", "clone-orders-x7k2"), TaskState::Running),
        2,
        "creating for 1m 30s; AWS says `creating`",
    );
    let mut rewound = task(2, rewind_request("clone-orders-release", ago("7h")), TaskState::Done);
    rewound = progress(rewound, 4, "");
    rewound.ended_at = Some(ago("30s"));
    rewound.result = Some(TaskResult::Rewind {
        asked: ago("7h"),
        landed: ago("7h") - SignedDuration::from_secs(3),
        delta_seconds: -3.0,
        backtracked_from: Some(ago("1m")),
        outage: Some(Outage { seconds: 18.0, precision: 3.0 }),
    });
    let mut failed = progress(task(1, delete_request("clone-orders-hotfix"), TaskState::Failed), 1, "");
    failed.steps[1].state = StepState::Failed;
    failed.ended_at = Some(ago("1m"));
    failed.error = Some(TaskError {
        kind: FailureKind::Aws,
        message: "Instance clone-orders-hotfix-1 is not in available state".into(),
        code: Some("InvalidDBInstanceState".into()),
        request_id: Some("8f2a0c1e-5d7b-4a53-9e0c-3b1f1d2c4e5f".into()),
        next_steps: vec!["wait until the instance is available, then delete again".into()],
    });
    vec![making, rewound, failed]
}

/// Everything at once: a listing, tasks, and the history of the cluster under the cursor.
pub(in crate::tui) fn full(width: u16, height: u16) -> Harness {
    let mut harness = ready(width, height);
    for task in tasks() {
        harness.send(Event::Task(Box::new(task)));
    }
    harness.keys("Esc");
    select(&mut harness, "clone-orders-release");
    harness.send(Event::History { id: resource("clone-orders-release"), result: Ok(history()) });
    harness
}
