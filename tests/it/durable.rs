//! Tasks from the command line: ended early, undone, taken over from tags alone, waited for, and stopped where the journal
//! cannot be written.

use std::fs;
use std::process::{Child, Stdio};

use aurewind::sim::Options;
use serde_json::Value;

use crate::support::{Account, Run, until};

const CLONE: &[&str] = &["clone", "orders-staging", "--name", "clone-test", "--yes", "--json"];
const OURS: &str = "clone-orders-loadtest";

/// A program in the background; it does not outlive its test.
struct Process(Child);

impl Process {
    fn start(account: &Account, words: &[&str]) -> Self {
        Self(account.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    fn end(mut self) -> Option<i32> {
        self.0.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn slow() -> Account {
    Account::with(Options { speed: 200.0, ..Options::default() })
}

fn until_step(account: &Account, step: &str) {
    let begun = format!("SELECT count(*) FROM steps WHERE name = '{step}' AND state <> 'waiting'");
    until(step, || account.journal::<i64>(&begun).unwrap_or_default() > 0);
}

fn task_id(account: &Account) -> String {
    account.json(&["tasks"]).value(0)["tasks"][0]["id"].as_str().unwrap().to_owned()
}

fn clusters(account: &Account, id: &str) -> Vec<Value> {
    let list = account.json(&["list"]).value(0);
    list["clusters"].as_array().unwrap().iter().filter(|cluster| cluster["id"] == id).cloned().collect()
}

#[test]
fn a_clone_that_another_process_drives_is_torn_down() {
    for step in ["cluster", "instance"] {
        let account = slow();
        let driver = Process::start(&account, CLONE);
        until_step(&account, step);
        let id = task_id(&account);
        let refused = account.json(&["tasks", "cancel", &id]).value(3);
        assert!(refused["error"]["next_steps"][0].as_str().unwrap().contains("--yes"), "{refused}");
        let cancelled = account.json(&["tasks", "cancel", &id, "--yes"]).value(0);
        assert_eq!(cancelled["task"]["state"], "cancelled", "{cancelled}");
        let steps = cancelled["task"]["steps"].as_array().unwrap();
        assert_eq!(steps.last().unwrap()["name"], "gone");
        assert_eq!(driver.end(), Some(3), "whoever waited for the clone hears that there is none");
        assert!(clusters(&account, "clone-test").is_empty());
        let holders = "SELECT count(DISTINCT holder) FROM calls";
        assert_eq!(account.journal::<i64>(holders), Some(1), "the driver has torn it down itself");
    }
}

#[test]
fn a_clone_that_nobody_drives_is_torn_down_too() {
    let account = slow();
    let words = ["clone", "orders-staging", "--name", "clone-test", "--yes", "--no-wait"];
    account.json(&words).value(0);
    let id = task_id(&account);
    for words in [&["tasks", "resume", "--read-only"][..], &["tasks", "cancel", &id, "--yes", "--read-only"][..]] {
        let refused = account.json(words).value(3);
        assert!(refused["error"]["message"].as_str().unwrap().contains("read-only"), "{refused}");
    }
    let cancelled = account.json(&["tasks", "cancel", &id, "--tear-down", "--yes"]).value(0);
    assert_eq!(cancelled["task"]["state"], "cancelled");
    assert!(clusters(&account, "clone-test").is_empty());
    let again = account.json(&["tasks", "cancel", &id, "--yes"]).value(3);
    assert!(again["error"]["message"].as_str().unwrap().contains("cancelled already"), "{again}");
}

#[test]
fn kept_it_is_left_to_aws_and_can_be_adopted_later() {
    let account = Account::demo();
    account.json(&["clone", "orders-staging", "--name", "clone-test", "--yes", "--no-wait"]).value(0);
    let id = task_id(&account);
    let cancelled = account.json(&["tasks", "cancel", &id, "--keep"]).value(0);
    assert_eq!(cancelled["task"]["state"], "cancelled");
    assert_eq!(clusters(&account, "clone-test").len(), 1);
    let adopted = account.json(&["adopt", "clone-test", "--yes"]).value(0);
    assert_eq!((&adopted["task"]["id"], &adopted["task"]["state"]), (&id.as_str().into(), &"done".into()), "{adopted}");
    let clone = &clusters(&account, "clone-test")[0];
    assert_eq!(clone["instances"].as_array().unwrap().len(), 1);
    assert_eq!(clone["tags"]["aurewind:clone"], clone["resource_id"]);
}

#[test]
fn kept_it_is_carried_on_with_by_its_task_too() {
    let account = Account::demo();
    account.json(&["clone", "orders-staging", "--name", "clone-test", "--yes", "--no-wait"]).value(0);
    let id = task_id(&account);
    account.json(&["tasks", "cancel", &id, "--keep"]).value(0);
    assert_eq!(account.json(&["tasks", "resume"]).value(0)["tasks"].as_array().unwrap().len(), 0, "only by its name");
    assert_eq!(account.json(&["tasks", "resume", &id, "--read-only"]).code, Some(3));
    let resumed = account.json(&["tasks", "resume", &id]).value(0);
    assert_eq!(resumed["tasks"][0]["state"], "done", "{resumed}");
    assert_eq!(account.done("RestoreDBClusterToPointInTime", "DBClusterIdentifier", "clone-test"), 1);
    assert_eq!(account.done("CreateDBInstance", "DBClusterIdentifier", "clone-test"), 1);
}

#[test]
fn a_machine_without_the_journal_finishes_or_deletes_by_the_tags() {
    let account = Account::demo();
    for name in ["clone-one", "clone-two"] {
        account.json(&["clone", "orders-staging", "--name", name, "--yes", "--no-wait"]).value(0);
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| {
        let mut command = account.command(words);
        Run::of(&command.arg("--json").env("AUREWIND_STATE_DIR", elsewhere.path()).output().unwrap())
    };
    let plan = run(&["adopt", "clone-one", "--dry-run"]).value(0);
    assert!(plan["plan"]["calls"][0].as_str().unwrap().contains("create-db-instance"), "{plan}");
    let adopted = run(&["adopt", "clone-one", "--yes"]).value(0);
    assert_eq!(adopted["task"]["state"], "done", "{adopted}");
    assert_eq!(clusters(&account, "clone-one")[0]["instances"].as_array().unwrap().len(), 1);
    assert_eq!(run(&["adopt", "clone-one", "--yes"]).value(0)["task"]["id"], adopted["task"]["id"]);
    assert_eq!(account.done("CreateDBInstance", "DBClusterIdentifier", "clone-one"), 1);

    // Its tags are not bound to its resource id yet, so its name is asked for.
    assert_eq!(run(&["delete", "clone-two", "--yes"]).code, Some(3));
    let deleted = run(&["delete", "clone-two", "--yes", "--confirm", "clone-two"]).value(0);
    assert_eq!(deleted["task"]["state"], "done");
    assert!(clusters(&account, "clone-two").is_empty());

    let refused = run(&["adopt", "reviews-dev", "--yes"]).value(3);
    assert!(refused["error"]["message"].as_str().unwrap().contains("do not say"), "{refused}");
}

#[test]
fn undo_goes_back_to_where_the_last_rewind_came_from() {
    let account = Account::demo();
    let nothing = account.json(&["undo", "reviews-dev", "--yes"]).value(3);
    assert!(nothing["error"]["message"].as_str().unwrap().contains("never been rewound"), "{nothing}");
    let rewound = account.json(&["rewind", OURS, "--to", "-20m", "--yes"]).value(0);
    let from = &rewound["task"]["result"]["backtracked_from"];
    let from: jiff::Timestamp = from.as_str().unwrap().parse().unwrap();
    let undone = account.json(&["undo", OURS, "--yes"]).value(0);
    // Where it lands is for the account to say, up to three seconds off; just before is what is asked for.
    let asked: jiff::Timestamp = undone["task"]["result"]["asked"].as_str().unwrap().parse().unwrap();
    let before = from.duration_since(asked);
    assert!((0..=1).contains(&before.as_secs()), "{undone}");
    assert!(undone["task"]["result"]["delta_seconds"].as_f64().unwrap().abs() <= 3.0, "{undone}");
    // The window has moved on: what it does not hold any more cannot be undone.
    account.clock().advance(jiff::SignedDuration::from_hours(24 * 4));
    let late = account.json(&["undo", OURS, "--yes"]);
    assert_eq!(late.code, Some(3), "{late:?}");
}

#[test]
fn expired_credentials_pause_a_task_until_they_work_again() {
    let account = Account::demo();
    account.json(&["clone", "orders-staging", "--name", "clone-test", "--yes", "--no-wait"]).value(0);
    account.faults(&["expired=1"]);
    let resumed = Process::start(&account, &["tasks", "resume"]);
    until("the task is paused", || {
        account.journal::<i64>("SELECT count(*) FROM tasks WHERE state = 'paused'") == Some(1)
    });
    let told = "SELECT count(*) FROM steps WHERE state = 'running' AND detail LIKE '%sign in again%'";
    assert_eq!(account.journal::<i64>(told), Some(1));
    account.faults(&[]);
    assert_eq!(resumed.end(), Some(0));
    assert_eq!(account.json(&["tasks"]).value(0)["tasks"][0]["state"], "done");
}

#[test]
fn throttling_is_told_with_the_next_try() {
    let account = Account::with_faults(&["throttle:RestoreDBClusterToPointInTime=1"]);
    let mut driver = Process::start(&account, CLONE);
    let waiting = "SELECT count(*) FROM steps WHERE detail = 'throttled'";
    until("it is throttled", || account.journal::<i64>(waiting).unwrap_or_default() > 0);
    let again = "SELECT count(*) FROM tasks WHERE json_extract(body, '$.retry_at') IS NOT NULL";
    until("it says when it tries again", || account.journal::<i64>(again).unwrap_or_default() > 0);
    account.faults(&[]);
    assert_eq!(driver.0.wait().unwrap().code(), Some(0));
    assert_eq!(account.journal::<i64>(again), Some(0));
}

#[test]
fn resume_is_idempotent_and_wait_sees_the_end_of_what_others_drive() {
    let account = slow();
    let driver = Process::start(&account, CLONE);
    until_step(&account, "cluster");
    let id = task_id(&account);
    let waited = account.json(&["tasks", "wait", &id]).value(0);
    assert_eq!(waited["task"]["state"], "done");
    assert_eq!(driver.end(), Some(0));
    for words in [&["tasks", "resume", &id][..], &["tasks", "wait", &id][..]] {
        assert_eq!(account.json(words).code, Some(0), "{words:?}");
    }
    assert_eq!(account.json(&["tasks", "resume"]).value(0)["tasks"].as_array().unwrap().len(), 0);
    assert_eq!(account.done("CreateDBInstance", "DBClusterIdentifier", "clone-test"), 1);
    let shown = account.json(&["tasks", "show", &id]).value(0);
    assert_eq!(shown["task"]["estimate"]["samples"], 1, "{shown}");
    let timed = account.json(&["clone", "orders-staging", "--name", "clone-b", "--yes", "--no-wait"]).value(0);
    let other = timed["task"]["id"].as_str().unwrap();
    assert_eq!(account.json(&["tasks", "wait", other, "--timeout", "1s"]).code, Some(6));
}

#[test]
fn a_broken_journal_is_set_aside_and_work_goes_on() {
    let account = Account::demo();
    account.json(&["clone", "orders-staging", "--name", "clone-test", "--yes", "--no-wait"]).value(0);
    let path = account.state.path().join("journal.db");
    fs::write(&path, "this is no journal any more. ".repeat(400)).unwrap();
    // What SQLite keeps beside it would heal it.
    for beside in ["journal.db-wal", "journal.db-shm"] {
        let _ = fs::remove_file(account.state.path().join(beside));
    }
    let output = account.command(&["tasks", "--json"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("set aside"), "{output:?}");
    assert_eq!(Run::of(&output).value(0)["tasks"].as_array().unwrap().len(), 0);
    assert_eq!(account.json(&["adopt", "clone-test", "--yes"]).value(0)["task"]["state"], "done");
}

#[cfg(unix)]
#[test]
fn a_full_disk_stops_a_change_before_the_call() {
    let account = Account::demo();
    account.json(&["tasks"]).value(0);
    // No file may grow: what a full disk does, for one process.
    let direct = account.command(&["rewind", OURS, "--to", "-20m", "--yes", "--json"]);
    let mut shell = std::process::Command::new("/bin/sh");
    shell
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"])
        .arg(direct.get_program())
        .args(direct.get_args());
    shell.env_clear().envs(direct.get_envs().filter_map(|(key, value)| Some((key, value?)))).stdin(Stdio::null());
    let run = Run::of(&shell.output().unwrap());
    assert_eq!(run.value(3)["error"]["code"], "journal");
    assert!(account.calls().iter().all(|call| call.action.starts_with("Describe")));
}
