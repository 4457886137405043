//! What is asked for before the first run: permissions, health, settings, a place to try things in.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Account, Run, until};

/// Calls of whoever makes what a plan names: RDS checks them, too (Service Authorization Reference, dependent actions).
const DEPENDENT: [&str; 3] =
    ["rds:CreateDBClusterSnapshot", "secretsmanager:CreateSecret", "secretsmanager:TagResource"];

/// Every feature that makes calls.
const FEATURES: &str = "clone,rewind,tags,delete,metrics,test,managed,environment";

/// Every operation that the program calls, as IAM names it: each is named once more where its errors are read.
fn called() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for rest in text.split("classify(\"").skip(1) {
            found.insert(match rest.split('"').next().unwrap() {
                // Needs no permission (STS API reference).
                "GetCallerIdentity" => continue,
                "GetMetricData" => "cloudwatch:GetMetricData".to_owned(),
                "GetSecretValue" => "secretsmanager:GetSecretValue".to_owned(),
                action if action.contains("Stack") => format!("cloudformation:{action}"),
                action => format!("rds:{action}"),
            });
        }
    }
    found
}

fn actions(policy: &Value) -> BTreeSet<String> {
    // What CloudFormation calls is in no source of ours.
    let ours = |of: &&Value| !of["Condition"].to_string().contains("aws:CalledVia");
    let statements = policy["Statement"].as_array().unwrap().iter().filter(ours);
    let actions = statements.flat_map(|of| of["Action"].as_array().unwrap());
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_policy_allows_every_call_and_no_other() {
    let account = Account::empty();
    let words = ["iam-policy", "--features", FEATURES];
    let printed = account.run(&words);
    let policy: Value = serde_json::from_str(&printed.out).unwrap();
    assert_eq!(policy["Version"], "2012-10-17");
    let mut wanted = called();
    assert!(wanted.len() >= 13, "{wanted:?}");
    wanted.extend(DEPENDENT.map(str::to_owned));
    assert_eq!(actions(&policy), wanted);
    assert_eq!(account.json(&words).value(0)["policy"], policy);
}

#[test]
fn the_policy_is_as_narrow_as_is_asked() {
    let account = Account::empty();
    let words = ["iam-policy", "--features", "clone", "--prefix", "ci-", "--source", "orders-prod", "--account"];
    let printed = account.run(&[&words[..], &["123456789012", "--region", "eu-west-1"]].concat());
    let policy: Value = serde_json::from_str(&printed.out).unwrap();
    assert!(actions(&policy).iter().all(|action| !action.contains("Delete") && action != "rds:BacktrackDBCluster"));
    for part in ["arn:aws:rds:eu-west-1:123456789012:cluster:orders-prod", "eu-west-1:123456789012:db:ci-*"] {
        assert!(printed.out.contains(part), "{}", printed.out);
    }
    assert!(!printed.out.contains("cluster:*") && !printed.out.contains("clone-"), "{}", printed.out);
    account.json(&["iam-policy", "--features", "all"]).value(2);
}

fn levels(value: &Value) -> Vec<(&str, &str)> {
    let checks = value["checks"].as_array().unwrap().iter();
    checks.map(|check| (check["name"].as_str().unwrap(), check["level"].as_str().unwrap())).collect()
}

#[test]
fn the_doctor_finds_a_healthy_account_and_changes_nothing() {
    let account = Account::demo();
    let value = account.json(&["doctor"]).value(0);
    assert_eq!(value["healthy"], true);
    let levels = levels(&value);
    for name in
        ["settings", "journal", "region", "endpoint", "clock", "credentials", "clusters", "instances", "history"]
    {
        assert!(levels.contains(&(name, "pass")), "{name}: {value:#}");
    }
    assert!(value.to_string().contains("account 123456789012"), "{value:#}");
    let reads = ["Describe", "Get"];
    assert!(account.calls().iter().all(|call| reads.iter().any(|start| call.action.starts_with(start))));
}

#[rstest::rstest]
#[case::denied("denied:DescribeDBClusters=1", 5, "clusters")]
#[case::expired("expired=1", 5, "clusters")]
fn the_doctor_says_what_is_refused(#[case] fault: &str, #[case] exit: i32, #[case] name: &str) {
    let account = Account::with_faults(&[fault]);
    let value = account.json(&["doctor"]).value(exit);
    assert_eq!(value["healthy"], false);
    assert!(levels(&value).contains(&(name, "fail")), "{value:#}");
    assert!(!value["error"]["next_steps"].as_array().unwrap().is_empty());
    let said = account.run(&["doctor"]);
    assert!(said.code == Some(exit) && said.out.contains("✗ FAIL") && said.err.contains(name), "{said:#?}");
}

#[test]
fn the_doctor_warns_of_what_it_can_do_without_and_names_an_unreachable_endpoint() {
    let account = Account::with_faults(&["denied:DescribeEvents=1"]);
    let value = account.json(&["doctor"]).value(0);
    assert!(levels(&value).contains(&("history", "warn")), "{value:#}");
    let mut nowhere = Command::new(env!("CARGO_BIN_EXE_aurewind"));
    nowhere.args(["doctor", "--json", "--endpoint-url", "http://127.0.0.1:9"]).env_clear();
    nowhere.env("AUREWIND_STATE_DIR", account.state.path()).env("HOME", account.state.path());
    let value = Run::of(&nowhere.output().unwrap()).value(5);
    assert!(
        levels(&value).contains(&("endpoint", "pass")) && levels(&value).contains(&("clusters", "fail")),
        "{value:#}"
    );
}

#[test]
fn config_tells_where_everything_comes_from() {
    let account = Account::empty();
    let file = account.state.path().join("aurewind/settings.toml");
    let value = account.json(&["config"]).value(0);
    assert_eq!((&value["config_file"], &value["exists"]), (&file.to_str().unwrap().into(), &false.into()));
    assert_eq!(value["state_dir"], account.state.path().to_str().unwrap());
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "\n[sweep]\nlimit = 3\n").unwrap();
    let value = account.json(&["config"]).value(0);
    let settings = value["settings"].as_array().unwrap();
    let of = |key: &str| settings.iter().find(|setting| setting["key"] == key).unwrap();
    assert_eq!((&of("sweep.limit")["value"], &of("sweep.limit")["line"]), (&3.into(), &3.into()));
    assert_eq!((&of("sweep.warn")["origin"], &of("sweep.warn")["line"]), (&"default".into(), &Value::Null));
    let said = account.run(&["config"]);
    assert!(said.out.contains("sweep.limit = 3") && said.out.contains("# line 3"), "{said:#?}");
    assert_eq!(account.run(&["config", "--check"]).code, Some(0));
    fs::write(&file, "[sweep]\nlimit = 0\n").unwrap();
    let error = account.json(&["config", "--check"]).value(2);
    assert!(error["error"]["message"].as_str().unwrap().contains("settings.toml:2: `sweep.limit = 0`"), "{error}");
}

/// A call of CloudFormation, which no client of this program makes.
fn cloudformation(account: &Account, fields: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Version", "2010-05-15").extend_pairs(fields);
    let (body, address) = (form.finish(), account.url.strip_prefix("http://").unwrap());
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: sim\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=a/20261122/eu-west-1/cloudformation/aws4_request\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_template_makes_a_source_that_can_be_cloned_and_leaves_nothing_behind() {
    let account = Account::demo();
    let template = account.run(&["template"]).out;
    let made = cloudformation(
        &account,
        &[
            ("Action", "CreateStack"),
            ("StackName", "clone-test"),
            ("TemplateBody", &template),
            ("Parameters.member.1.ParameterKey", "MasterPassword"),
            ("Parameters.member.1.ParameterValue", "not-a-secret-here"),
            ("Parameters.member.2.ParameterKey", "EngineVersion"),
            ("Parameters.member.2.ParameterValue", "8.0.mysql_aurora.3.08.2"),
        ],
    );
    assert!(made.contains("<StackId>"), "{made}");
    let describe = || cloudformation(&account, &[("Action", "DescribeStacks"), ("StackName", "clone-test")]);
    until("the stack is there", || describe().contains("CREATE_COMPLETE"));
    let outputs = describe();
    let value = outputs.split("<OutputKey>SourceId</OutputKey>").nth(1).unwrap();
    let source = value.split("<OutputValue>").nth(1).unwrap().split('<').next().unwrap();
    let cloned = account.json(&["clone", source, "--name", "clone-of-stack", "--window", "1h", "--yes"]).value(0);
    assert_eq!(cloned["task"]["state"], "done", "{cloned}");
    let clone = account.json(&["show", "clone-of-stack"]).value(0);
    assert_eq!(clone["cluster"]["backtrack"]["target_seconds"], 3_600);
    account.json(&["delete", "clone-of-stack", "--yes"]).value(0);
    cloudformation(&account, &[("Action", "DeleteStack"), ("StackName", "clone-test")]);
    until("the stack is gone", || !describe().contains("DELETE_IN_PROGRESS"));
    let listed = account.json(&["list"]).value(0).to_string();
    assert!(!listed.contains(source), "{listed}");
}
