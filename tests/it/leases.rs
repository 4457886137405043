//! Two processes on one journal: one of them drives, the other follows; one that was stopped past its lease and comes back
//! calls nothing.

#![cfg(unix)]

use std::process::{Child, Stdio};

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
                signal(&first, Signal::STOP);
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
