//! Two processes on one journal: one of them drives, the other follows; one that was stopped past its lease and comes back
//! calls nothing.

#![cfg(unix)]

use std::process::{Child, Stdio};
use std::time::Duration;

use aurewind::aurora::policy::{Application, Deed, Fresh, Policy};
use aurewind::aws::{Connection, ErrorKind};
use aurewind::engine::system_clock;
use aurewind::sim::Options;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Account, until};

const CLONE: &[&str] = &["clone", "orders-staging", "--name", "clone-test", "--yes", "--json"];

fn start(account: &Account, words: &[&str]) -> Child {
    account.command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Stops it where it holds no lock on the journal (within a transaction it would hold up everybody else, too, until it goes
/// on or dies) and no call is on its way: what has left the process cannot be called back.
fn stop(account: &Account, child: &Child) {
    let journal = rusqlite::Connection::open(account.state.path().join("journal.db")).unwrap();
    journal.busy_timeout(Duration::ZERO).unwrap();
    until("it is stopped between two transactions", || {
        signal(child, Signal::STOP);
        let under_way = "SELECT count(*) FROM calls WHERE answered_at IS NULL";
        let free =
            journal.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok() && account.journal::<i64>(under_way) == Some(0);
        if !free {
            signal(child, Signal::CONT);
        }
        free
    });
}

fn assert_made_once(account: &Account, what: &str) {
    for (action, parameter) in
        [("RestoreDBClusterToPointInTime", "DBClusterIdentifier"), ("CreateDBInstance", "DBClusterIdentifier")]
    {
        let calls: Vec<_> = account.calls().into_iter().filter(|call| call.action == action).collect();
        assert_eq!(calls.len(), 1, "{what}: {calls:?}");
        assert_eq!(account.done(action, parameter, "clone-test"), 1, "{what}");
    }
}

#[test]
fn a_process_that_was_stopped_past_its_lease_calls_nothing_when_it_comes_back() {
    let stopped_at = ["restore", "cluster", "instance", "tags"];
    std::thread::scope(|scope| {
        for step in stopped_at {
            scope.spawn(move || {
                let account = Account::with(Options { speed: 300.0, ..Options::default() });
                let mut first = start(&account, CLONE);
                let begun = format!("SELECT count(*) FROM steps WHERE name = '{step}' AND state <> 'waiting'");
                until(step, || account.journal::<i64>(&begun).unwrap_or_default() > 0);
                stop(&account, &first);
                let resumed = account.json(&["tasks", "resume"]).value(0);
                let before = account.calls().iter().filter(|call| !call.action.starts_with("Describe")).count();
                signal(&first, Signal::CONT);
                // It tells how the task ended, as if it had driven it all the way.
                assert_eq!(first.wait().unwrap().code(), Some(0), "{step}");
                let after = account.calls().iter().filter(|call| !call.action.starts_with("Describe")).count();
                assert_eq!(before, after, "{step}");
                if let Some(task) = resumed["tasks"].get(0) {
                    assert_eq!(task["state"], "done", "{step}");
                }
                assert_made_once(&account, step);
            });
        }
    });
}

#[test]
fn a_second_process_follows_what_the_first_one_drives() {
    let account = Account::with(Options { speed: 300.0, ..Options::default() });
    let mut first = start(&account, CLONE);
    until("the task has begun", || account.journal::<i64>("SELECT count(*) FROM calls").unwrap_or_default() > 0);
    let followed = account.json(&["tasks", "resume"]).value(0);
    assert_eq!(followed["tasks"][0]["state"], "done");
    assert_eq!(first.wait().unwrap().code(), Some(0));
    assert_made_once(&account, "two processes");
    let holders = "SELECT count(DISTINCT holder) FROM calls";
    assert_eq!(account.journal::<i64>(holders), Some(1), "one process made all calls");
}

#[test]
fn sigterm_leaves_a_clean_journal() {
    let account = Account::with(Options { speed: 100.0, ..Options::default() });
    let mut first = start(&account, CLONE);
    until("the clone is begun", || {
        account.journal::<i64>("SELECT count(*) FROM steps WHERE name = 'cluster' AND state = 'running'") == Some(1)
    });
    signal(&first, Signal::TERM);
    assert_eq!(first.wait().unwrap().code(), Some(143));
    assert_eq!(account.journal::<i64>("SELECT count(*) FROM leases WHERE holder <> ''"), Some(0));
    assert_eq!(account.json(&["tasks"]).value(0)["tasks"][0]["state"], "running");
    let done = account.json(&["tasks", "resume"]).value(0);
    assert_eq!(done["tasks"][0]["state"], "done");
    assert_made_once(&account, "SIGTERM");
}

#[test]
fn a_call_that_was_held_up_after_its_announcement_is_not_made() {
    let account = Account::demo();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (endpoint, region) = (Some(account.url.clone()), Some("eu-west-1".to_owned()));
        let aws = Connection { endpoint, region, demo: true, ..Connection::default() }.open().await.unwrap();
        let id = "clone-orders-loadtest".parse().unwrap();
        let cluster = aws.clusters(&[id]).await.unwrap().remove(0);
        let instance = aws.instances(std::slice::from_ref(&cluster.id)).await.unwrap().remove(0);
        let now = system_clock()();
        let fresh = Fresh { value: cluster, read_at: now };
        let permit = Policy::default().permit(&Application {
            deed: Deed::Delete,
            cluster: &fresh,
            group: &[],
            expected: None,
            task: "",
            typed: None,
            now,
        });
        let late = aws.until(tokio::time::Instant::now());
        tokio::time::sleep(Duration::from_millis(5)).await;
        let error = late.delete_instance(permit.unwrap(), &instance).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Transient, "{error}");
    });
    assert!(account.calls().iter().all(|call| call.action.starts_with("Describe")));
}
