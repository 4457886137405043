//! The real program, killed at every boundary of every task and carried on: everything is done once, and nothing is left
//! over.

use std::process::{Child, Stdio};
use std::sync::Mutex;

use aurewind::sim::Options;

use crate::support::{Account, until};

/// A moment to kill the process at.
#[derive(Debug, Clone, Copy)]
enum Point {
    /// The call is announced in the journal and hangs; its work is not done.
    Announced(&'static str),
    /// The connection broke before the work.
    Broken(&'static str),
    /// The work is done, the answer never came.
    Lost(&'static str),
    /// The answer is in the journal.
    Answered(&'static str),
    /// A step has begun.
    Begun(&'static str),
}

impl Point {
    fn faults(self) -> Vec<String> {
        match self {
            Self::Announced(action) => vec![format!("latency:{action}=10m")],
            Self::Broken(action) => vec![format!("reset:{action}=1")],
            Self::Lost(action) => vec![format!("lost:{action}=1")],
            Self::Answered(_) | Self::Begun(_) => Vec::new(),
        }
    }

    fn reached(self, account: &Account) -> bool {
        let count = |question: String| account.journal::<i64>(&question).unwrap_or_default() > 0;
        match self {
            Self::Announced(action) => count(format!("SELECT count(*) FROM calls WHERE action = '{action}'")),
            Self::Broken(action) => account.calls().iter().any(|call| call.action == action && !call.done),
            Self::Lost(action) => account.calls().iter().any(|call| call.action == action && call.done),
            Self::Answered(action) => {
                count(format!("SELECT count(*) FROM calls WHERE action = '{action}' AND outcome = 'ok'"))
            }
            Self::Begun(step) => {
                count(format!("SELECT count(*) FROM steps WHERE name = '{step}' AND state <> 'waiting'"))
            }
        }
    }
}

fn points(actions: &[&'static str], steps: &[&'static str]) -> Vec<Point> {
    let of = |action| [Point::Announced(action), Point::Broken(action), Point::Lost(action), Point::Answered(action)];
    actions.iter().copied().flat_map(of).chain(steps.iter().copied().map(Point::Begun)).collect()
}

/// A child that does not outlive its test.
struct Process(Child);

impl Process {
    fn start(account: &Account, words: &[&str]) -> Self {
        let mut command = account.command(words);
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// SIGKILL; and the dead are buried, because a zombie counts as alive.
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn account() -> Account {
    Account::with(Options { speed: 2_000.0, ..Options::default() })
}

/// Kills `words` at each of `points`, each in an account of its own; carries on without faults and looks at the outcome.
fn survive(name: &str, words: &[&str], points: &[Point], state: &str, check: impl Fn(&Account, Point) + Sync) {
    let left = Mutex::new(points.to_vec());
    let next = || left.lock().unwrap().pop();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(point) = next() {
                    let account = account();
                    let id = words.contains(&"cancel").then(|| half_built(&account));
                    let words: Vec<_> = words.iter().copied().chain(id.as_deref()).collect();
                    let faults = point.faults();
                    account.faults(&faults.iter().map(String::as_str).collect::<Vec<_>>());
                    let process = Process::start(&account, &words);
                    until(&format!("{name} is at {point:?}"), || point.reached(&account));
                    process.kill();
                    account.faults(&[]);
                    let resumed = account.json(&["tasks", "resume"]);
                    assert!(matches!(resumed.code, Some(0)), "{name} {point:?}: {resumed:#?}");
                    let tasks = account.json(&["tasks"]).value(0);
                    assert_eq!(tasks["tasks"].as_array().unwrap().len(), 1);
                    assert_eq!(tasks["tasks"][0]["state"], state, "{name} {point:?}: {tasks}");
                    check(&account, point);
                }
            });
        }
    });
    println!("{name}: {} kill points", points.len());
}

/// The clusters of this name, and the instances of any.
fn census(account: &Account, id: &str) -> (usize, usize) {
    let list = account.json(&["list"]).value(0);
    let clusters: Vec<_> = list["clusters"].as_array().unwrap().iter().filter(|c| c["id"] == id).collect();
    (clusters.len(), clusters.iter().map(|c| c["instances"].as_array().unwrap().len()).sum())
}

const CLONE: &[&str] = &["clone", "orders-staging", "--name", "clone-test", "--yes"];

#[test]
fn a_create_that_is_killed_makes_one_clone_with_one_instance() {
    let points = points(
        &["RestoreDBClusterToPointInTime", "CreateDBInstance", "AddTagsToResource"],
        &["preflight", "restore", "cluster", "instance", "tags", "verify"],
    );
    survive("create", CLONE, &points, "done", |account, point| {
        let restored = account.done("RestoreDBClusterToPointInTime", "DBClusterIdentifier", "clone-test");
        let equipped = account.done("CreateDBInstance", "DBClusterIdentifier", "clone-test");
        assert_eq!((restored, equipped), (1, 1), "{point:?}");
        assert_eq!(census(account, "clone-test"), (1, 1), "{point:?}");
        let shown = account.json(&["show", "clone-test"]).value(0);
        assert_eq!(shown["cluster"]["tags"]["aurewind:clone"], shown["cluster"]["resource_id"], "{point:?}");
    });
}

#[test]
fn a_tear_down_that_is_killed_leaves_nothing() {
    let points = points(&["DeleteDBInstance", "DeleteDBCluster"], &["instances", "remove", "gone"]);
    survive("tear-down", &["tasks", "cancel", "--tear-down", "--yes"], &points, "cancelled", |account, point| {
        assert_eq!(account.done("DeleteDBCluster", "DBClusterIdentifier", "clone-test"), 1, "{point:?}");
        assert_eq!(census(account, "clone-test"), (0, 0), "{point:?}");
    });
}

/// A clone that was left when its instance had been asked for; gives back the id of its task.
fn half_built(account: &Account) -> String {
    let process = Process::start(account, CLONE);
    until("the instance is made", || Point::Answered("CreateDBInstance").reached(account));
    process.kill();
    account.json(&["tasks"]).value(0)["tasks"][0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_rewind_that_is_killed_is_made_once() {
    let points = points(&["BacktrackDBCluster"], &["preflight", "backtrack", "wait", "landed"]);
    let words = &["rewind", "clone-orders-loadtest", "--to", "-20m", "--yes"];
    survive("rewind", words, &points, "done", |account, point| {
        let made = account.done("BacktrackDBCluster", "DBClusterIdentifier", "clone-orders-loadtest");
        assert_eq!(made, 1, "{point:?}");
    });
}

#[test]
fn a_deletion_that_is_killed_leaves_nothing() {
    let points = points(&["DeleteDBInstance", "DeleteDBCluster"], &["preflight", "instances", "remove", "gone"]);
    let words = &["delete", "clone-orders-loadtest", "--yes"];
    survive("delete", words, &points, "done", |account, point| {
        assert_eq!(account.done("DeleteDBCluster", "DBClusterIdentifier", "clone-orders-loadtest"), 1, "{point:?}");
        assert_eq!(census(account, "clone-orders-loadtest"), (0, 0), "{point:?}");
    });
}
