//! Sweeping what has expired, and keeping or extending what should stay.

use std::process::Stdio;

use serde_json::Value;

use crate::support::{Account, Run, until};

const CLONE: &str = "clone-orders-loadtest";
/// What has expired in the demo fleet and is provably ours, the longest expired first.
const EXPIRED: [&str; 3] = ["clone-catalog-pr-4287", "clone-catalog-pr-4295", "clone-catalog-pr-4299"];

fn ok(run: &Run) {
    assert_eq!(run.code, Some(0), "{run:#?}");
}

fn ids<'a>(value: &'a Value, list: &str, key: &str) -> Vec<&'a str> {
    value[list].as_array().unwrap().iter().map(|of| of[key].as_str().unwrap()).collect()
}

fn clusters(account: &Account) -> Vec<String> {
    let value = account.json(&["list"]).value(0);
    ids(&value, "clusters", "id").into_iter().map(str::to_owned).collect()
}

fn cluster(account: &Account, id: &str) -> Value {
    account.json(&["show", id]).value(0)["cluster"].clone()
}

fn deletions(account: &Account) -> usize {
    account.calls().iter().filter(|call| call.action.starts_with("Delete")).count()
}

#[test]
fn a_sweep_shows_its_plan_first_and_deletes_only_what_is_provably_ours() {
    let account = Account::demo();
    let before = clusters(&account);
    let planned = account.json(&["sweep", "--dry-run"]).value(0);
    let titles: Vec<_> = EXPIRED.iter().map(|id| format!("Delete {id}")).collect();
    assert_eq!(ids(&planned, "plans", "title"), titles);
    // Of its own accord it does nothing where nobody can be asked.
    let refused = account.json(&["sweep"]).value(3);
    assert_eq!((&refused["plans"], &refused["error"]["code"]), (&planned["plans"], &"refused".into()));
    let said = account.run(&["sweep"]);
    assert!(said.code == Some(3) && said.out.contains("aws rds delete-db-cluster"), "{said:#?}");
    account.json(&["sweep", "--read-only", "--yes"]).value(3);
    assert_eq!(deletions(&account), 0);

    let swept = account.json(&["sweep", "--yes"]).value(0);
    let mut targets = ids(&swept, "tasks", "target");
    targets.sort_unstable();
    assert_eq!(targets, EXPIRED);
    assert!(swept["tasks"].as_array().unwrap().iter().all(|task| task["state"] == "done"), "{swept}");
    // One has tags that were copied to it, the other is perhaps its source.
    assert_eq!(ids(&swept, "spared", "id"), ["clone-orders-refund-bug", "clone-orders-refund-bug-2"]);
    assert!(ids(&swept, "spared", "why")[1].contains("copied"), "{swept}");
    let left: Vec<_> = before.into_iter().filter(|id| !EXPIRED.contains(&id.as_str())).collect();
    assert_eq!(clusters(&account), left);
    assert_eq!(
        account.json(&["sweep"]).value(0)["tasks"],
        Value::Array(Vec::new()),
        "nothing is left to be asked about"
    );
}

#[test]
fn a_sweep_takes_so_many_and_warns_of_the_next() {
    let account = Account::demo();
    let value = account.json(&["sweep", "--limit", "1", "--warn", "4h", "--yes"]).value(0);
    assert_eq!(ids(&value, "tasks", "target"), EXPIRED[..1]);
    assert_eq!(ids(&value, "over_limit", "id"), EXPIRED[1..]);
    assert_eq!(ids(&value, "soon", "id"), ["clone-catalog-pr-4301", "clone-catalog-pr-4303"]);
    account.json(&["sweep", "--limit", "0"]).value(2);
    std::fs::create_dir_all(account.state.path().join("aurewind")).unwrap();
    let settings = "[sweep]\nlimit = 1\nwarn = \"1m\"\n";
    std::fs::write(account.state.path().join("aurewind/settings.toml"), settings).unwrap();
    let value = account.json(&["sweep", "--dry-run"]).value(0);
    assert_eq!(ids(&value, "plans", "title"), [format!("Delete {}", EXPIRED[1])]);
    assert!(ids(&value, "soon", "id").is_empty());
}

#[test]
fn what_is_kept_is_neither_swept_nor_deleted_until_it_is_not() {
    let account = Account::demo();
    let id = EXPIRED[0];
    let kept = account.json(&["keep", id, "2h", "--yes"]).value(0);
    assert_eq!((&kept["task"]["kind"], &kept["task"]["state"]), (&"keep".into(), &"done".into()));
    assert_eq!(cluster(&account, id)["keep"], kept["task"]["result"]["keep"]);
    let swept = account.json(&["sweep", "--yes"]).value(0);
    assert!(ids(&swept, "spared", "id").contains(&id), "{swept}");
    account.json(&["delete", id, "--yes"]).value(3);
    ok(&account.json(&["keep", id, "forever", "--yes"]));
    assert_eq!(cluster(&account, id)["keep"], "forever");
    ok(&account.json(&["keep", id, "off", "--yes"]));
    assert_eq!(cluster(&account, id)["keep"], Value::Null);
    assert_eq!(ids(&account.json(&["sweep", "--yes"]).value(0), "tasks", "target"), [id]);
}

#[test]
fn a_life_is_extended_from_its_end_and_one_that_is_over_from_now() {
    let account = Account::demo();
    let at = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let before = at(&cluster(&account, CLONE)["expires_at"]);
    ok(&account.json(&["extend", CLONE, "4h", "--yes"]));
    let after = at(&cluster(&account, CLONE)["expires_at"]);
    assert_eq!(after.duration_since(before).as_secs(), 4 * 3_600);
    ok(&account.json(&["extend", EXPIRED[1], "1h", "--yes"]));
    let swept = account.json(&["sweep", "--dry-run"]).value(0);
    assert_eq!(ids(&swept, "plans", "title").len(), 2, "{swept}");
    assert!(ids(&swept, "soon", "id").contains(&EXPIRED[1]));
}

#[test]
fn what_is_not_a_clone_of_ours_is_neither_kept_nor_extended() {
    let account = Account::demo();
    for id in ["orders-prod", "reviews-dev", "clone-orders-refund-bug-2", "billing-audit-q3"] {
        account.json(&["keep", id, "2h", "--yes"]).value(3);
        account.json(&["extend", id, "2h", "--yes"]).value(3);
    }
    account.json(&["keep", CLONE, "2h", "--read-only", "--yes"]).value(3);
    account.json(&["keep", CLONE, "off", "--yes"]).value(3);
    account.json(&["keep", CLONE, "2h"]).value(3);
    account.json(&["extend", CLONE, "soon", "--yes"]).value(2);
    assert!(account.calls().iter().all(|call| !call.action.contains("Tags")));
}

#[test]
fn what_is_extended_while_a_sweep_waits_for_aws_is_not_deleted() {
    let account = Account::demo();
    account.faults(&["error:DeleteDBInstance=1"]);
    let mut sweep = account.command(&["sweep", "--limit", "1", "--yes", "--json"]);
    let sweep = sweep.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until("the sweep has tried", || account.calls().iter().any(|call| call.action == "DeleteDBInstance"));
    ok(&account.json(&["keep", EXPIRED[0], "2h", "--yes"]));
    account.faults(&[]);
    let swept = Run::of(&sweep.wait_with_output().unwrap()).value(3);
    assert!(swept["error"]["message"].as_str().unwrap().contains("it is marked to be kept"), "{swept}");
    assert!(clusters(&account).iter().any(|id| id == EXPIRED[0]));
}
