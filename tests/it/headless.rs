//! The headless commands against the simulated account: what they do, print and exit with.

use serde_json::Value;

use crate::support::{Account, Run};

fn ids(value: &Value) -> Vec<&str> {
    value["clusters"].as_array().unwrap().iter().map(|cluster| cluster["id"].as_str().unwrap()).collect()
}

fn find<'a>(value: &'a Value, id: &str) -> &'a Value {
    value["clusters"].as_array().unwrap().iter().find(|cluster| cluster["id"] == id).unwrap()
}

#[test]
fn list_shows_aurora_only_with_every_field_of_the_contract() {
    let account = Account::demo();
    let value = account.json(&["list"]).value(0);
    let listed = ids(&value);
    assert!(listed.len() >= 18, "{listed:?}");
    assert!(value["clusters"].as_array().unwrap().iter().all(|c| c["engine"].as_str().unwrap().starts_with("aurora-")));
    let clone = find(&value, "clone-orders-loadtest");
    for field in [
        "id",
        "resource_id",
        "arn",
        "engine",
        "engine_version",
        "status",
        "created_at",
        "clone_group_id",
        "parent",
        "owned",
        "owner",
        "expires_at",
        "keep",
        "endpoint",
        "reader_endpoint",
        "port",
        "instances",
        "backtrack",
        "tags",
    ] {
        assert!(clone.get(field).is_some(), "{field} is missing");
    }
    assert_eq!(clone["owned"], true);
    assert_eq!(clone["parent"], "orders-staging");
    assert_eq!(clone["backtrack"]["enabled"], true);
    assert!(clone["backtrack"]["actual_seconds"].as_i64().unwrap() > 0);
}

#[test]
fn list_filters_and_a_wrong_filter_is_a_usage_error() {
    let account = Account::demo();
    let expired = account.json(&["list", "--filter", "expired:yes"]).value(0);
    assert!(!ids(&expired).is_empty());
    assert!(expired["clusters"].as_array().unwrap().iter().all(|c| c["owned"] == true));
    let clones = account.json(&["list", "--clones", "--filter", "orders"]).value(0);
    assert!(ids(&clones).iter().all(|id| *id != "orders-prod"));
    let error = account.json(&["list", "--filter", "colour:red"]).value(2);
    assert_eq!(error["error"]["code"], "usage");
    assert!(error["error"]["message"].as_str().unwrap().contains("colour"));
}

#[test]
fn a_copied_tag_proves_nothing() {
    let account = Account::demo();
    let value = account.json(&["list"]).value(0);
    let copied = value["clusters"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["tags"]["aurewind:clone"].is_string() && c["owned"] == false)
        .expect("the demo fleet has a clone with inherited tags");
    let id = copied["id"].as_str().unwrap();
    let refused = account.json(&["delete", id, "--yes"]).value(3);
    assert!(refused["error"]["message"].as_str().unwrap().contains("copied"), "{refused}");
}

#[test]
fn clone_rewind_delete_end_done_and_nothing_is_left() {
    let account = Account::demo();
    let created =
        account.json(&["clone", "orders-prod", "--name", "clone-test", "--ttl", "2h", "--window", "6h", "--yes"]);
    let task = &created.value(0)["task"];
    assert_eq!((task["state"].as_str(), task["kind"].as_str()), (Some("done"), Some("create")));
    assert!(task["result"]["differences"].as_array().unwrap().is_empty(), "{task}");
    let shown = account.json(&["show", "clone-test"]).value(0);
    let clone = &shown["cluster"];
    assert_eq!(clone["tags"]["aurewind:clone"], clone["resource_id"]);
    assert_eq!(clone["tags"]["aurewind:task"], task["id"]);
    assert_eq!(clone["owner"], "ana@laptop");
    assert_eq!(clone["backtrack"]["target_seconds"], 6 * 3600);
    assert_eq!(clone["instances"].as_array().unwrap().len(), 1);

    account.clock().advance(jiff::SignedDuration::from_mins(20));
    let rewound = account.json(&["rewind", "clone-test", "--to", "earliest", "--yes"]).value(0);
    let result = &rewound["task"]["result"];
    assert!(result["landed"].is_string() && result["backtracked_from"].is_string(), "{rewound}");
    let shown = account.json(&["show", "clone-test"]).value(0);
    assert_eq!(shown["cluster"]["rewinds"].as_array().unwrap().len(), 1);

    let deleted = account.json(&["delete", "clone-test", "--yes"]).value(0);
    assert_eq!(deleted["task"]["state"], "done");
    assert!(!ids(&account.json(&["list"]).value(0)).contains(&"clone-test"));
    let tasks = account.json(&["tasks"]).value(0);
    assert_eq!(tasks["tasks"].as_array().unwrap().len(), 3);
}

#[test]
fn production_is_refused_whatever_is_typed() {
    let account = Account::demo();
    for words in [
        &["rewind", "orders-prod", "--to", "-5m", "--yes", "--confirm", "orders-prod"][..],
        &["delete", "orders-prod", "--yes", "--confirm", "orders-prod"][..],
    ] {
        let error = account.json(words).value(3);
        assert!(error["error"]["message"].as_str().unwrap().contains("`*prod*`"), "{error}");
    }
    let error = account.json(&["clone", "orders-prod", "--yes", "--read-only"]).value(3);
    assert!(error["error"]["message"].as_str().unwrap().contains("read-only"), "{error}");
}

#[test]
fn what_is_not_ours_wants_its_name() {
    let account = Account::demo();
    let refused = account.json(&["delete", "reviews-dev", "--yes"]).value(3);
    assert!(refused["error"]["next_steps"][0].as_str().unwrap().contains("--confirm reviews-dev"), "{refused}");
    let wrong = account.json(&["delete", "reviews-dev", "--yes", "--confirm", "reviews-de"]);
    assert_eq!(wrong.code, Some(3));
    let done = account.json(&["delete", "reviews-dev", "--yes", "--confirm", "reviews-dev"]).value(0);
    assert_eq!(done["task"]["state"], "done");
}

#[test]
fn nothing_is_changed_without_being_asked() {
    let account = Account::demo();
    let before = account.json(&["list"]).out;
    let silent = account.json(&["clone", "orders-prod", "--name", "clone-test"]);
    assert!(silent.value(3)["error"]["next_steps"][0].as_str().unwrap().contains("--yes"));
    let plan = account.json(&["clone", "orders-prod", "--name", "clone-test", "--dry-run"]).value(0);
    assert!(plan["plan"]["calls"][0].as_str().unwrap().contains("--restore-type copy-on-write"));
    assert!(plan["plan"]["cost"]["per_hour"].as_f64().unwrap() > 0.0);
    assert!(plan["plan"]["checks"].as_array().unwrap().iter().all(|check| check["level"] != "fail"));
    let blocked = account.json(&["rewind", "analytics-prod", "--to", "-5m", "--dry-run"]).value(3);
    assert!(blocked["plan"]["checks"].as_array().unwrap().iter().any(|check| check["level"] == "fail"));
    let names = |text: &str| -> Vec<String> {
        let value: Value = serde_json::from_str(text).unwrap();
        ids(&value).into_iter().map(str::to_owned).collect()
    };
    assert_eq!(names(&before), names(&account.json(&["list"]).out));
    assert_eq!(account.json(&["tasks"]).value(0)["tasks"].as_array().unwrap().len(), 0);
}

#[test]
fn a_task_that_was_left_is_carried_on() {
    let account = Account::demo();
    let left = account.json(&["clone", "orders-prod", "--name", "clone-test", "--yes", "--no-wait"]).value(0);
    let id = left["task"]["id"].as_str().unwrap().to_owned();
    assert_eq!(left["task"]["state"], "running");
    let done = account.json(&["tasks", "resume"]).value(0);
    assert_eq!(done["tasks"][0]["id"].as_str(), Some(id.as_str()));
    assert_eq!(done["tasks"][0]["state"], "done");
    let shown = account.json(&["tasks", "show", &id]).value(0);
    assert_eq!(shown["task"]["result"]["cluster"], "clone-test");
    assert_eq!(account.json(&["show", "clone-test"]).value(0)["cluster"]["instances"].as_array().unwrap().len(), 1);
}

#[test]
fn throttling_lost_answers_and_failures_are_got_over() {
    let account = Account::with_faults(&["throttle=0.2", "error=0.1", "lost:RestoreDBClusterToPointInTime=1"]);
    let created = account.json(&["clone", "orders-prod", "--name", "clone-test", "--yes"]).value(0);
    let restore = created["task"]["steps"].as_array().unwrap().iter().find(|step| step["name"] == "restore").unwrap();
    assert_eq!(restore["state"], "done");
    assert!(restore["detail"].as_str().unwrap().contains("earlier call"), "{restore}");
    let list = account.json(&["list", "--filter", "clone-test"]).value(0);
    assert_eq!(ids(&list), ["clone-test"]);
}

#[test]
fn errors_of_aws_name_code_and_request() {
    let account = Account::with_faults(&["denied:DescribeDBClusters=1"]);
    let error = account.json(&["list"]).value(5);
    assert_eq!(error["error"]["code"], "denied");
    assert_eq!(error["error"]["aws"]["code"], "AccessDenied");
    assert!(error["error"]["aws"]["request_id"].is_string());
    let account = Account::empty();
    let error = account.json(&["show", "nowhere"]).value(5);
    assert_eq!(error["error"]["code"], "not_found");
    assert_eq!(account.json(&["list"]).value(0)["clusters"].as_array().unwrap().len(), 0);
}

#[test]
fn without_region_or_network_it_says_what_is_missing() {
    let account = Account::empty();
    let plain = |words: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_aurewind"));
        let home = account.state.path();
        command.args(words).arg("--json").env_clear().env("HOME", home).env("AWS_EC2_METADATA_DISABLED", "true");
        Run::of(&command.output().unwrap())
    };
    let error = plain(&["list"]).value(5);
    assert!(error["error"]["message"].as_str().unwrap().contains("no region is set"), "{error}");
    assert!(error["error"]["next_steps"][0].as_str().unwrap().contains("aurewind demo"));
    let error = plain(&["list", "--region", "eu-west-1"]).value(5);
    assert_eq!(error["error"]["code"], "no_credentials");
    // A port on which nobody listens.
    let error = plain(&["list", "--endpoint-url", "http://127.0.0.1:1"]).value(5);
    assert_eq!(error["error"]["code"], "unreachable", "{error}");
}

#[test]
fn an_unwritable_journal_stops_a_change_before_the_call() {
    let account = Account::demo();
    let file = account.state.path().join("not-a-folder");
    std::fs::write(&file, "").unwrap();
    let mut command = account.command(&["clone", "orders-prod", "--name", "clone-test", "--yes", "--json"]);
    let run = Run::of(&command.env("AUREWIND_STATE_DIR", &file).output().unwrap());
    assert_eq!(run.value(3)["error"]["code"], "journal");
    assert!(!ids(&account.json(&["list"]).value(0)).contains(&"clone-test"));
}

#[test]
fn timeouts_leave_the_task_to_be_resumed() {
    let account = Account::with(aurewind::sim::Options { speed: 1.0, ..aurewind::sim::Options::default() });
    let run = account.json(&["clone", "orders-prod", "--name", "clone-test", "--yes", "--timeout", "1s"]);
    let error = run.value(6);
    assert!(error["error"]["next_steps"][0].as_str().unwrap().contains("tasks resume"), "{error}");
    assert_eq!(account.json(&["tasks"]).value(0)["tasks"][0]["state"], "running");
}
