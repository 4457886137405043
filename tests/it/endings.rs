//! How commands end that do not come to their end: nobody signs in, time is up, a signal comes, several fail at once, the
//! account is another one, the name of an instance is taken.

#![cfg(unix)]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

use aurewind::sim::Options;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{Account, Run, until};

const CLONE: &[&str] = &["clone", "orders-staging", "--name", "clone-test", "--yes"];

fn settings(account: &Account, text: &str) {
    fs::create_dir_all(account.state.path().join("aurewind")).unwrap();
    fs::write(account.state.path().join("aurewind/settings.toml"), text).unwrap();
}

/// As slow as AWS: nothing is over before the test is.
fn slow() -> Account {
    Account::with(Options { speed: 1.0, ..Options::default() })
}

#[test]
fn a_command_waits_for_credentials_only_so_long() {
    let account = Account::demo();
    settings(&account, "[tasks]\npatience = \"1s\"");
    account.json(&["clone", "orders-staging", "--name", "clone-test", "--yes", "--no-wait"]).value(0);
    account.faults(&["expired=1"]);
    let run = account.json(&["tasks", "resume"]);
    let given_up = run.value(5);
    assert_eq!(given_up["error"]["code"], "paused", "{given_up}");
    assert!(given_up["error"]["message"].as_str().unwrap().contains("credentials expired"), "{given_up}");
    assert!(given_up["error"]["next_steps"][0].as_str().unwrap().contains("tasks resume"), "{given_up}");
    assert_eq!(given_up["tasks"][0]["state"], "paused", "{given_up}");
    assert!(run.err.contains("waits 1s for that, then gives up"), "said at once: {}", run.err);
    account.faults(&[]);
    assert_eq!(account.json(&["tasks", "resume"]).value(0)["tasks"][0]["state"], "done");
    assert_eq!(account.done("RestoreDBClusterToPointInTime", "DBClusterIdentifier", "clone-test"), 1);
}

#[test]
fn who_says_how_long_to_wait_says_it_for_credentials_too() {
    let account = Account::demo();
    settings(&account, "[tasks]\npatience = \"1h\"");
    account.json(&["clone", "orders-staging", "--name", "clone-test", "--yes", "--no-wait"]).value(0);
    let tasks = account.json(&["tasks"]).value(0);
    let id = tasks["tasks"][0]["id"].as_str().unwrap();
    account.faults(&["expired=1"]);
    let timed_out = account.json(&["tasks", "wait", id, "--timeout", "1s"]).value(6);
    assert_eq!(timed_out["task"]["id"], id, "{timed_out}");
}

#[test]
fn time_that_is_up_leaves_the_task_beside_the_error() {
    let account = slow();
    let one = account.json(&[CLONE, &["--timeout", "1s"]].concat()).value(6);
    assert_eq!(
        (one["error"]["code"].as_str(), one["task"]["kind"].as_str()),
        (Some("timeout"), Some("create")),
        "{one}"
    );
    let owned = account.json(&["list", "--filter", "owned:yes"]).value(0);
    let ids = owned["clusters"].as_array().unwrap().iter().map(|cluster| cluster["id"].as_str().unwrap());
    let two: Vec<_> = ids.filter(|id| account.json(&["delete", id, "--dry-run"]).code == Some(0)).take(2).collect();
    let run = account.json(&[&["delete"], &two[..], &["--yes", "--timeout", "1s"]].concat()).value(6);
    assert_eq!(run["tasks"].as_array().unwrap().len(), 2, "{run}");
    // People are told what that leaves undone.
    let text = account.run(&["tasks", "wait", one["task"]["id"].as_str().unwrap(), "--timeout", "1s"]);
    assert_eq!(text.code, Some(6));
    assert!(text.err.contains("AWS goes on making `clone-test`"), "{}", text.err);
}

#[test]
fn a_signal_leaves_the_task_beside_the_error() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let account = slow();
        let words = [CLONE, &["--json"]].concat();
        let child = account.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        until("the clone is asked for", || account.journal::<i64>("SELECT count(*) FROM calls") == Some(1));
        kill_process(Pid::from_child(&child), signal).unwrap();
        let stopped = Run::of(&child.wait_with_output().unwrap()).value(code);
        assert_eq!(stopped["error"]["code"], "interrupted");
        assert_eq!(stopped["task"]["target"], "clone-test", "{stopped}");
    }
}

#[test]
fn each_of_several_errors_is_told_with_its_cluster() {
    let account = Account::demo();
    let missing = account.run(&["delete", "no-such-a", "no-such-b", "--yes"]);
    assert!(missing.err.contains("no-such-a") && missing.err.contains("no-such-b"), "{}", missing.err);
    let both = account.json(&["delete", "no-such-a", "no-such-b", "--yes"]);
    let message = both.value(both.code.unwrap())["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("no-such-a") && message.contains("no-such-b"), "{message}");

    for name in ["clone-one", "clone-two"] {
        account.json(&["clone", "orders-staging", "--name", name, "--yes"]).value(0);
    }
    account.faults(&["denied:DeleteDBInstance=1"]);
    let failed = account.run(&["delete", "clone-one", "clone-two", "--yes"]);
    assert_eq!(failed.code, Some(5), "{failed:?}");
    for name in ["clone-one", "clone-two"] {
        assert!(failed.err.contains(&format!("aurewind: delete {name}: DeleteDBInstance")), "{}", failed.err);
    }
}

#[test]
fn a_task_is_carried_on_in_its_own_account_only() {
    let account = Account::demo();
    account.json(&[CLONE, &["--no-wait"]].concat()).value(0);
    let tasks = account.json(&["tasks"]).value(0);
    let id = tasks["tasks"][0]["id"].as_str().unwrap();
    let journal = rusqlite::Connection::open(account.state.path().join("journal.db")).unwrap();
    let moved = "UPDATE tasks SET body = json_set(body, '$.scope.account', '999999999999')";
    assert_eq!(journal.execute(moved, []).unwrap(), 1);
    let before = account.calls().iter().filter(|call| !call.action.starts_with("Describe")).count();
    for words in [&["tasks", "resume", id][..], &["tasks", "cancel", id, "--yes"]] {
        let refused = account.json(words).value(2);
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains("belongs to 999999999999"), "{refused}");
    }
    assert_eq!(account.json(&["tasks", "resume"]).value(0)["tasks"], Value::Array(Vec::new()), "it is none of ours");
    assert_eq!(account.calls().iter().filter(|call| !call.action.starts_with("Describe")).count(), before);
}

#[test]
fn a_name_that_cannot_be_resolved_is_no_lack_of_credentials() {
    let account = Account::empty();
    let mut plain = std::process::Command::new(env!("CARGO_BIN_EXE_aurewind"));
    plain.args(["list", "--json", "--region", "eu-west-1"]).env_clear().env("HOME", account.state.path());
    // Names under `invalid` never exist (RFC 6761).
    plain.env("AWS_ENDPOINT_URL_RDS", "http://nowhere.invalid:4577").env("AWS_EC2_METADATA_DISABLED", "true");
    plain.env("AWS_ACCESS_KEY_ID", "a").env("AWS_SECRET_ACCESS_KEY", "b");
    let error = Run::of(&plain.output().unwrap()).value(5);
    assert_eq!(error["error"]["code"], "unreachable", "{error}");
}

/// A call of somebody else.
fn foreign_call(account: &Account, form: &str) -> String {
    let mut stream = TcpStream::connect(account.url.strip_prefix("http://").unwrap()).unwrap();
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: sim\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_name_of_an_instance_that_is_taken_elsewhere_is_a_conflict() {
    let account = Account::demo();
    let form = "Action=CreateDBInstance&Version=2014-10-31&DBInstanceIdentifier=clone-test-1\
                &DBClusterIdentifier=orders-staging&DBInstanceClass=db.r6g.large&Engine=aurora-mysql";
    let answer = foreign_call(&account, form);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let failed = account.json(CLONE).value(5);
    assert_eq!(failed["error"]["code"], "conflict", "{failed}");
    assert_eq!(failed["error"]["aws"]["code"], "DBInstanceAlreadyExists", "{failed}");
    let steps = failed["error"]["next_steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step.as_str().unwrap().contains("aurewind delete clone-test")), "{failed}");
    let owner = account.json(&["show", "orders-staging"]).value(0);
    let instances = owner["cluster"]["instances"].as_array().unwrap();
    assert!(instances.iter().any(|instance| instance["id"] == "clone-test-1"), "it is still theirs: {owner}");
    account.json(&["delete", "clone-test", "--yes", "--confirm", "clone-test"]).value(0);
}
