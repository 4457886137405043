//! Marks, rewinds to them, and what is offered for a moment that no rewind reaches.

use serde_json::Value;

use crate::support::{Account, Run};

const CLONE: &str = "clone-orders-loadtest";

fn marks(account: &Account, cluster: &str) -> Vec<Value> {
    account.json(&["marks", cluster]).value(0)["marks"].as_array().unwrap().clone()
}

fn named<'a>(marks: &'a [Value], name: &str) -> Option<&'a Value> {
    marks.iter().find(|mark| mark["name"] == name)
}

fn ok(run: &Run) {
    assert_eq!(run.code, Some(0), "{run:#?}");
}

#[test]
fn a_mark_on_a_clone_is_a_tag_that_a_rewind_goes_to_and_an_undo_leaves() {
    let account = Account::demo();
    let set = account.json(&["mark", CLONE, "before v2", "--at", "-10m", "--yes"]).value(0);
    assert_eq!((&set["task"]["kind"], &set["task"]["state"]), (&"mark".into(), &"done".into()), "{set}");
    assert_eq!(account.done("AddTagsToResource", "Tags.Tag.1.Key", "aurewind:mark/before v2"), 1);
    let listed = marks(&account, CLONE);
    let mark = named(&listed, "before v2").unwrap();
    assert_eq!((&mark["kept"], &mark["at"]), (&"tag".into(), &set["task"]["result"]["at"]));
    let left = mark["reachable_for_seconds"].as_i64().unwrap();
    assert!(left > 0 && left < 24 * 3600, "{left}");
    let told = account.run(&["marks", CLONE]).out;
    assert!(told.contains(" at most, as the window slides"), "{told}");

    let planned = account.json(&["rewind", CLONE, "--to", "baseline", "--dry-run"]).value(0);
    let checks = planned["plan"]["checks"].as_array().unwrap();
    let lost = checks.iter().find(|check| check["name"] == "marks").unwrap();
    assert!(lost["message"].as_str().unwrap().contains("before v2"), "{lost}");

    let rewound = account.json(&["rewind", CLONE, "--to", "Before V2", "--yes"]).value(0);
    let result = &rewound["task"]["result"];
    assert_eq!(result["asked"], mark["at"], "whatever the case of its name");
    assert!(result.get("outage_seconds").is_some() && result.get("outage_precision_seconds").is_some(), "{result}");
    ok(&account.json(&["undo", CLONE, "--yes"]));
    ok(&account.json(&["rewind", CLONE, "--to", "before v2", "--yes"]));
    let shown = account.json(&["show", CLONE]).value(0);
    assert!(named(shown["cluster"]["marks"].as_array().unwrap(), "before v2").unwrap()["reachable"] == true);

    ok(&account.json(&["mark", CLONE, "before v2", "--remove", "--yes"]));
    assert!(named(&marks(&account, CLONE), "before v2").is_none());
    account.json(&["mark", CLONE, "before v2", "--remove", "--yes"]).value(3);
}

#[test]
fn production_gets_no_tag_and_is_marked_in_the_journal() {
    let account = Account::demo();
    let tags = || account.json(&["show", "orders-prod"]).value(0)["cluster"]["tags"].clone();
    let before = tags();
    for (name, flags) in [("release", &[][..]), ("later", &["--read-only"][..])] {
        let set = account.json(&[&["mark", "orders-prod", name][..], flags].concat()).value(0);
        assert_eq!((&set["mark"]["kept"], &set["task"]), (&"journal".into(), &Value::Null), "{set}");
        assert!(set["mark"]["why"].as_str().unwrap().starts_with("in the journal here"), "{set}");
    }
    assert_eq!(tags(), before);
    assert!(account.calls().iter().all(|call| call.action != "AddTagsToResource"));
    let listed = marks(&account, "orders-prod");
    assert!(named(&listed, "release").is_some() && named(&listed, "later").is_some(), "{listed:?}");
    ok(&account.json(&["mark", "orders-prod", "release", "--remove"]));
    assert_eq!(marks(&account, "orders-prod").len(), 1);
    // A read-only process writes no tag, so it cannot take one off either.
    account.json(&["mark", CLONE, "baseline", "--remove", "--read-only", "--yes"]).value(3);
    let there = account.json(&["mark", CLONE, "x", "--read-only"]).value(0);
    assert_eq!(there["mark"]["kept"], "journal");
}

#[test]
fn a_tag_takes_the_place_of_a_mark_of_the_journal_for_good() {
    let account = Account::demo();
    ok(&account.json(&["mark", CLONE, "first", "--at", "-20m", "--read-only"]));
    ok(&account.json(&["mark", CLONE, "first", "--at", "-10m", "--yes"]));
    assert_eq!(named(&marks(&account, CLONE), "first").unwrap()["kept"], "tag");
    // Behind the tag nothing more can be kept under its name.
    let refused = account.json(&["mark", CLONE, "first", "--at", "-5m", "--read-only"]).value(3);
    assert!(refused["error"]["message"].as_str().unwrap().contains("a tag of this name stays"), "{refused}");
    let listed = marks(&account, CLONE);
    let tag = [("Tags", "aurewind:mark/first")];
    let arn = account.json(&["show", CLONE]).value(0)["cluster"]["arn"].as_str().unwrap().to_owned();
    account.api("RemoveTagsFromResource", &[("ResourceName", &arn), ("TagKeys.member.1", tag[0].1)]);
    assert!(named(&listed, "first").is_some() && named(&marks(&account, CLONE), "first").is_none());
}

#[test]
fn what_is_no_name_or_no_moment_is_refused() {
    let account = Account::demo();
    account.json(&["mark", CLONE, "14:32", "--yes"]).value(2);
    account.json(&["mark", CLONE, "a,b", "--yes"]).value(2);
    account.json(&["mark", CLONE, "v2", "--at", "soon", "--yes"]).value(2);
    account.json(&["mark", CLONE, "v2", "--at", "-3d", "--yes"]).value(3);
    account.json(&["mark", CLONE, "v2", "--at", "2031-01-01T00:00:00Z", "--yes"]).value(3);
    assert_eq!(marks(&account, CLONE).len(), 2);
}

#[test]
fn earlier_than_its_birth_a_full_copy_of_the_source_is_offered_and_works() {
    let account = Account::demo();
    let refused = account.json(&["rewind", CLONE, "--to", "-5h", "--yes"]).value(3);
    let steps: Vec<&str> =
        refused["error"]["next_steps"].as_array().unwrap().iter().map(|step| step.as_str().unwrap()).collect();
    let copy = steps.iter().find(|step| step.starts_with("`aurewind clone orders-staging --full-copy --at ")).unwrap();
    let next = steps.iter().find(|step| step.starts_with("`aurewind clone clone-orders-staging-copy-")).unwrap();
    let mut words: Vec<&str> = copy.trim_matches('`').split(' ').skip(1).collect();
    words.push("--yes");
    let made = account.json(&words).value(0);
    assert_eq!(made["task"]["state"], "done", "{made}");
    let calls = account.calls();
    let restore = calls.iter().rfind(|call| call.action == "RestoreDBClusterToPointInTime").unwrap();
    assert_eq!(restore.parameters["RestoreType"], "full-copy", "{restore:?}");
    assert!(restore.parameters["RestoreToTime"].is_string());
    let name = made["task"]["target"].as_str().unwrap();
    assert_eq!(next.trim_matches('`'), format!("aurewind clone {name}"));
    let clone = account.json(&["clone", name, "--name", "clone-of-copy", "--yes"]).value(0);
    assert_eq!(clone["task"]["state"], "done", "{clone}");
}

fn check<'a>(plan: &'a Value, name: &str) -> Option<&'a Value> {
    plan["plan"]["checks"].as_array().unwrap().iter().find(|check| check["name"] == name)
}

#[test]
fn a_plan_counts_the_connections_where_cloudwatch_is_allowed() {
    let account = Account::demo();
    let plan = |account: &Account| account.json(&["rewind", CLONE, "--to", "-10m", "--dry-run"]).value(0);
    let said = |plan: &Value| check(plan, "connections").unwrap()["message"].as_str().unwrap().to_owned();
    let counted = said(&plan(&account));
    assert!(counted.contains("about ") && counted.contains(" open connections are dropped"), "{counted}");
    assert!(account.calls().iter().any(|call| call.action == "GetMetricData"));
    account.faults(&["denied:GetMetricData=1"]);
    let bare = said(&plan(&account));
    assert!(bare.contains("moment: open connections are dropped"), "{bare}");
}

#[test]
fn a_rewind_does_not_wait_for_cloudwatch() {
    let account = Account::demo();
    account.faults(&["latency:GetMetricData=5m"]);
    let plan = account.json(&["rewind", CLONE, "--to", "-10m", "--dry-run"]).value(0);
    let said = check(&plan, "connections").unwrap()["message"].as_str().unwrap();
    assert!(said.contains("moment: open connections are dropped"), "{said}");
    // Far less than one try of a call may take, and the retries after it.
    let asked = account.calls().into_iter().filter(|call| call.action == "GetMetricData").count();
    assert!(asked <= 1, "{asked}");
}

#[test]
fn cloudwatch_is_not_asked_where_rds_alone_is_elsewhere() {
    let account = Account::demo();
    let with = |names: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_aurewind"));
        command.args(["rewind", CLONE, "--to", "-10m", "--dry-run"]).env_clear().env("HOME", account.state.path());
        command.envs(names.iter().map(|name| (name, &account.url)));
        assert!(command.output().unwrap().status.success());
        account.calls().iter().filter(|call| call.action == "GetMetricData").count()
    };
    assert_eq!(with(&["AWS_ENDPOINT_URL_RDS"]), 0);
    assert_eq!(with(&["AWS_ENDPOINT_URL_RDS", "AWS_ENDPOINT_URL_CLOUDWATCH"]), 1);
}

#[test]
fn cloudwatch_is_left_alone_where_the_settings_say_so() {
    let account = Account::demo();
    let settings = account.state.path().join("settings.toml");
    std::fs::write(&settings, "[metrics]\ncloudwatch = \"off\"\n").unwrap();
    ok(&account.run(&["rewind", CLONE, "--to", "-10m", "--dry-run", "--config", settings.to_str().unwrap()]));
    assert!(account.calls().iter().all(|call| call.action != "GetMetricData"));
}

#[test]
fn binary_logging_asks_for_force_and_force_is_never_dropped() {
    let account = Account::demo();
    let group = ["--parameter-group", "shop-mysql8-binlog"];
    let words = ["clone", "billing-prod", "--name", "clone-log", "--window", "6h", "--yes"];
    ok(&account.json(&[&words[..], &group[..]].concat()));
    account.clock().advance(jiff::SignedDuration::from_mins(20));
    assert_eq!(account.json(&["show", "clone-log"]).value(0)["cluster"]["binlog"], true);
    let refused = account.json(&["rewind", "clone-log", "--to", "earliest", "--yes"]).value(3);
    assert!(refused["error"]["message"].as_str().unwrap().contains("binlog: "), "{refused}");
    assert_eq!(account.done("BacktrackDBCluster", "DBClusterIdentifier", "clone-log"), 0);
    ok(&account.json(&["rewind", "clone-log", "--to", "earliest", "--force", "--yes"]));
    assert_eq!(account.done("BacktrackDBCluster", "Force", "true"), 1);
    // Where binary logging seems to be off, who asks for force gets it, and is told.
    let words = ["rewind", CLONE, "--to", "-5m", "--force"];
    let planned = account.json(&[&words[..], &["--dry-run"]].concat()).value(0);
    assert!(check(&planned, "binlog").unwrap()["message"].as_str().unwrap().starts_with("nothing was found to force"));
    ok(&account.json(&[&words[..], &["--yes"]].concat()));
    assert_eq!(account.done("BacktrackDBCluster", "Force", "true"), 2);
}
