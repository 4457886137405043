//! Runs of recipes in the real program: however they end, nothing of them is left in the account, or what is left is
//! named.

#![cfg(unix)]

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use aurewind::sim::Options;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Account, Run, api_of, until};

/// An account with a folder for recipes and what their commands leave.
struct Lab {
    account: Account,
    folder: TempDir,
}

/// What all recipes here have in common: no database is asked.
const HEAD: &str = "schema = 1\nname = \"lab\"\n\n[source]\ncluster = \"orders-staging\"\n\n\
                    [connect]\nprobe = \"api\"\n\n";

/// A step that tells its process number and then does nothing for long.
const HANG: &str = "[[step]]\nname = \"hang\"\nrun = \"echo $$ > pid; exec sleep 600\"\nrole = \"test\"\n";

impl Lab {
    fn new() -> Self {
        Self::with(Options { speed: 2_000.0, ..Options::default() })
    }

    fn with(options: Options) -> Self {
        let lab = Self { account: Account::with(options), folder: tempfile::tempdir().unwrap() };
        // Nobody signs in here.
        let settings = lab.account.state.path().join("aurewind");
        fs::create_dir_all(&settings).unwrap();
        fs::write(settings.join("settings.toml"), "[tasks]\npatience = \"2s\"\n").unwrap();
        lab
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a recipe; gives the words that run it.
    fn recipe(&self, body: &str) -> Vec<String> {
        let path = self.path("lab.toml");
        fs::write(&path, format!("{HEAD}{body}")).unwrap();
        ["test", path.to_str().unwrap(), "--yes", "--json"].map(str::to_owned).to_vec()
    }

    fn run(&self, body: &str) -> Run {
        let words = self.recipe(body);
        self.account.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Starts it and waits until its step hangs.
    fn hanging(&self, body: &str) -> Child {
        let child = self.start(body);
        until("the step runs", || fs::read_to_string(self.path("pid")).is_ok_and(|text| text.ends_with('\n')));
        child
    }

    fn start(&self, body: &str) -> Child {
        let words = self.recipe(body);
        let mut command = self.account.command(&words.iter().map(String::as_str).collect::<Vec<_>>());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// The process of the step that hangs is no more.
    fn assert_step_gone(&self) {
        let pid: i32 = fs::read_to_string(self.path("pid")).unwrap().trim().parse().unwrap();
        let pid = Pid::from_raw(pid).unwrap();
        until("the process of the step is gone", || test_kill_process(pid).is_err());
    }

    /// The clusters that runs have made, with their instances.
    fn left(&self) -> Vec<String> {
        let list = self.account.json(&["list"]).value(0);
        let clusters = list["clusters"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|cluster| cluster["id"].as_str().unwrap().starts_with("test-lab-"));
        clusters.map(|cluster| cluster["id"].as_str().unwrap().to_owned()).collect()
    }

    #[track_caller]
    fn assert_nothing_left(&self) {
        assert_eq!(self.left(), Vec::<String>::new());
        let made = self.account.calls().iter().filter(|call| call.done && call.action == "CreateDBInstance").count();
        let gone = self.account.calls().iter().filter(|call| call.done && call.action == "DeleteDBInstance").count();
        assert_eq!(made, gone, "every instance that was made was deleted");
    }

    /// The run in the journal, and its parts.
    fn tasks(&self) -> Vec<Value> {
        self.account.json(&["tasks"]).value(0)["tasks"].as_array().unwrap().clone()
    }
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

fn end(child: Child) -> Run {
    Run::of(&child.wait_with_output().unwrap())
}

/// The steps of a run by name, with how they ended.
fn steps(value: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let steps = value["run"]["steps"].as_array().unwrap().iter();
    steps.map(|step| (text(&step["name"]), text(&step["end"]))).collect()
}

fn step(name: &str, end: &str) -> (String, String) {
    (name.into(), end.into())
}

const ROUNDS: &str = r#"
[report]
json = "out/report.json"
junit = "out/junit.xml"
markdown = "out/report.md"

[[step]]
name = "prepare"
run = "echo $AUREWIND_CLONE >> log; test -n \"$DB_HOST\""
role = "prepare"

[[step]]
mark = "before"

[[step]]
name = "rounds"
repeat = 3
until = "pass"
reset = "before"
within = "30s"

[[step.step]]
name = "try"
run = "echo try $AUREWIND_ATTEMPT; test $AUREWIND_ATTEMPT -ge 2"
role = "test"

[[always]]
name = "bye"
run = "touch bye"
"#;

#[test]
fn a_run_that_passes_rewinds_between_rounds_and_leaves_its_reports_alone() {
    let lab = Lab::new();
    let value = lab.run(ROUNDS).value(0);
    assert_eq!(value["run"]["verdict"], "passed", "{value:#}");
    let want = [
        step("clone", "passed"),
        step("ready", "passed"),
        step("prepare", "passed"),
        step("mark before", "passed"),
        step("try", "allowed"),
        step("rewind to before", "passed"),
        step("try", "passed"),
        step("bye", "passed"),
        step("teardown", "passed"),
    ];
    assert_eq!(steps(&value), want);
    let rewind = &value["run"]["steps"][5]["rewind"];
    assert!(rewind["proved"].is_null() && rewind["delta_seconds"].as_f64().unwrap().abs() <= 30.0, "{rewind}");
    assert_eq!(value["task"]["state"], "done");
    assert_eq!(value["task"]["result"]["verdict"], "passed");
    for report in ["out/report.json", "out/junit.xml", "out/report.md", "bye"] {
        assert!(lab.path(report).exists(), "{report}");
    }
    let clone = value["run"]["clone"].as_str().unwrap();
    assert_eq!(fs::read_to_string(lab.path("log")).unwrap().trim(), clone);
    assert_eq!(lab.account.done("BacktrackDBCluster", "DBClusterIdentifier", clone), 1);
    lab.assert_nothing_left();
    let run = value["run"]["run"].as_str().unwrap();
    let folder = lab.account.state.path().join("runs").join(run);
    assert!(folder.join("run.json").exists() && !folder.join("client.cnf").exists());
}

#[test]
fn a_dry_run_shows_the_plan_and_changes_nothing() {
    let lab = Lab::new();
    let mut words = lab.recipe(ROUNDS);
    words.push("--dry-run".into());
    let plan = lab.account.run(&words.iter().map(String::as_str).collect::<Vec<_>>()).value(0);
    assert!(plan["plan"]["calls"].as_array().unwrap().len() >= 4, "{plan}");
    assert!(lab.account.calls().iter().all(|call| call.action.starts_with("Describe")), "{:?}", lab.account.calls());
    assert_eq!(lab.tasks().len(), 0);
}

#[rstest::rstest]
#[case::trial("role = \"test\"", 1, "failed")]
#[case::release("role = \"release\"", 4, "release-failed")]
#[case::preparation("role = \"prepare\"", 4, "release-failed")]
fn a_command_that_fails(#[case] role: &str, #[case] code: i32, #[case] verdict: &str) {
    let lab = Lab::new();
    let after = "[[step]]\nname = \"after\"\nrun = \"true\"\nrole = \"test\"\n";
    let body = format!("[[step]]\nname = \"bad\"\nrun = \"echo no >&2; exit 3\"\n{role}\n\n{after}");
    let value = lab.run(&body).value(code);
    assert_eq!(value["run"]["verdict"], verdict, "{value:#}");
    assert_eq!(value["error"]["code"], verdict);
    assert!(value["run"]["reason"].as_str().unwrap().contains("exit code 3"), "{value:#}");
    assert_eq!(value["run"]["steps"][2]["tail"][0], "no");
    // What follows a test is tried all the same; what follows a release is not.
    let want = if code == 1 { "passed" } else { "skipped" };
    assert_eq!(steps(&value)[3], step("after", want));
    lab.assert_nothing_left();
    let run = value["run"]["run"].as_str().unwrap();
    assert_eq!(lab.account.json(&["tasks", "wait", run]).code, Some(code), "who waits for it hears the same");
}

#[test]
fn a_command_that_hangs_is_killed() {
    let lab = Lab::new();
    let value = lab.run(&format!("{HANG}timeout = \"1s\"\n")).value(6);
    assert_eq!((value["run"]["verdict"].as_str(), &steps(&value)[2].1[..]), (Some("timed-out"), "timed-out"));
    lab.assert_step_gone();
    lab.assert_nothing_left();
}

#[test]
fn a_run_that_takes_too_long_is_stopped() {
    let lab = Lab::new();
    let value = lab.run(&format!("[limits]\ntotal = \"3s\"\n\n{HANG}")).value(6);
    assert!(value["run"]["reason"].as_str().unwrap().contains("took longer than 3s"), "{value:#}");
    assert_eq!(value["run"]["limits"][0]["kept"], false);
    lab.assert_step_gone();
    lab.assert_nothing_left();
}

#[test]
fn one_signal_stops_the_step_and_tears_down() {
    std::thread::scope(|scope| {
        for (kind, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 143)] {
            scope.spawn(move || {
                let lab = Lab::new();
                let child = lab.hanging(&format!("{HANG}\n[[always]]\nname = \"bye\"\nrun = \"touch bye\"\n"));
                signal(&child, kind);
                let value = end(child).value(code);
                assert_eq!(value["run"]["verdict"], "interrupted", "{value:#}");
                assert_eq!(value["task"]["state"], "cancelled");
                assert_eq!(steps(&value)[2], step("hang", "interrupted"));
                assert!(lab.path("bye").exists(), "what is always done was done");
                lab.assert_step_gone();
                lab.assert_nothing_left();
            });
        }
    });
}

#[test]
fn a_signal_after_the_steps_changes_the_exit_code_alone() {
    let lab = Lab::new();
    let always =
        HANG.replace("[[step]]", "[[always]]").replace("sleep 600", "sleep 2").replace("role = \"test\"\n", "");
    let child = lab.hanging(&format!("[[step]]\nname = \"fine\"\nrun = \"true\"\n\n{always}"));
    signal(&child, Signal::TERM);
    signal(&child, Signal::HUP);
    let value = end(child).value(143);
    assert_eq!(value["run"]["verdict"], "passed", "{value:#}");
    assert_eq!((value["error"]["code"].as_str(), value["task"]["state"].as_str()), (Some("interrupted"), Some("done")));
    lab.assert_nothing_left();
}

#[test]
fn what_is_always_done_and_hangs_leaves_time_for_the_teardown() {
    let lab = Lab::new();
    let always = HANG.replace("[[step]]", "[[always]]").replace("role = \"test\"\n", "");
    let body = format!("[teardown]\ndeadline = \"6s\"\n\n[[step]]\nname = \"fine\"\nrun = \"true\"\n\n{always}");
    let value = lab.run(&body).value(0);
    assert_eq!(steps(&value)[3..], [step("hang", "allowed"), step("teardown", "passed")], "{value:#}");
    let told = value["run"]["steps"][3]["message"].as_str().unwrap();
    assert!(told.contains("6s") && told.contains("teardown.deadline"), "{told}");
    lab.assert_step_gone();
    lab.assert_nothing_left();
}

#[test]
fn a_rewind_to_before_the_clone_was_ready_is_refused() {
    let lab = Lab::new();
    let value = lab.run("[[step]]\nrewind = \"-10m\"\n\n[[step]]\nname = \"after\"\nrun = \"true\"\n").value(8);
    assert!(value["run"]["reason"].as_str().unwrap().contains("before the clone was ready"), "{value:#}");
    assert_eq!(steps(&value)[3], step("after", "skipped"));
    let clone = value["run"]["clone"].as_str().unwrap();
    assert_eq!(lab.account.done("BacktrackDBCluster", "DBClusterIdentifier", clone), 0);
    lab.assert_nothing_left();
}

#[test]
fn a_signal_while_the_clone_is_made_tears_it_down() {
    // Slow enough to be met while it is made.
    let lab = Lab::with(Options { speed: 60.0, ..Options::default() });
    let child = lab.start(HANG);
    until("the clone is asked for", || lab.account.calls().iter().any(|call| call.action.starts_with("Restore")));
    signal(&child, Signal::INT);
    let value = end(child).value(130);
    assert!(steps(&value).contains(&step("clone", "interrupted")), "{value:#}");
    lab.assert_nothing_left();
}

#[test]
fn the_second_signal_leaves_the_rest_to_another_process() {
    let lab = Lab::new();
    let child = lab.hanging(HANG);
    lab.account.faults(&["latency:DeleteDBInstance=10m"]);
    signal(&child, Signal::INT);
    let asked = "SELECT count(*) FROM calls WHERE action = 'DeleteDBInstance'";
    until("it is being torn down", || lab.account.journal::<i64>(asked) == Some(1));
    let mut child = child;
    // One that comes at once is the same.
    until("it is left", || {
        signal(&child, Signal::INT);
        child.try_wait().unwrap().is_some()
    });
    let value = end(child).value(130);
    let clone = value["run"]["clone"].as_str().unwrap();
    assert_eq!(value["run"]["leaked"][0], clone, "{value:#}");
    let next: Vec<_> = value["error"]["next_steps"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
    let run = value["run"]["run"].as_str().unwrap();
    assert!(next.iter().any(|step| step.contains(&format!("tasks resume {run}"))), "{next:?}");
    assert!(next.iter().any(|step| step.contains("a sweep deletes")), "{next:?}");
    lab.assert_step_gone();
    lab.account.faults(&[]);
    let resumed = lab.account.json(&["tasks", "resume"]).value(0);
    assert_eq!(resumed["tasks"].as_array().unwrap().len(), 1, "its parts are not taken up by themselves: {resumed:#}");
    assert_eq!(resumed["tasks"][0]["state"], "cancelled");
    lab.assert_nothing_left();
}

#[test]
fn a_run_that_is_killed_is_torn_down_by_whoever_resumes_it() {
    let points = ["RestoreDBClusterToPointInTime", "CreateDBInstance", "AddTagsToResource", "the step"];
    std::thread::scope(|scope| {
        for point in points {
            scope.spawn(move || {
                let lab = Lab::new();
                let mut child = if point == "the step" {
                    lab.hanging(HANG)
                } else {
                    lab.account.faults(&[&format!("latency:{point}=10m")]);
                    let child = lab.start(HANG);
                    let asked = format!("SELECT count(*) FROM calls WHERE action = '{point}'");
                    until(point, || lab.account.journal::<i64>(&asked) == Some(1));
                    child
                };
                child.kill().unwrap();
                child.wait().unwrap();
                lab.account.faults(&[]);
                let resumed = lab.account.json(&["tasks", "resume"]).value(0);
                assert_eq!(resumed["tasks"][0]["state"], "cancelled", "{point}: {resumed:#}");
                assert_eq!(resumed["tasks"][0]["kind"], "test", "{point}: {resumed:#}");
                assert_eq!(lab.left(), Vec::<String>::new(), "{point}");
                assert!(lab.tasks().iter().all(|task| !task["ended_at"].is_null()), "{point}: {:#?}", lab.tasks());
                // Its command had no chance to be ended before.
                if cfg!(target_os = "linux") && lab.path("pid").exists() {
                    let pid = fs::read_to_string(lab.path("pid")).unwrap();
                    // Nobody may be there to wait for it.
                    let stat = || fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
                    until("the command is over", || stat().is_empty() || stat().contains(") Z "));
                }
            });
        }
    });
}

#[test]
fn what_nobody_resumes_is_swept() {
    let lab = Lab::new();
    let mut child = lab.hanging(&format!("[clone]\nttl = \"1h\"\n\n{HANG}"));
    child.kill().unwrap();
    child.wait().unwrap();
    let _ = kill_process(
        Pid::from_raw(fs::read_to_string(lab.path("pid")).unwrap().trim().parse().unwrap()).unwrap(),
        Signal::KILL,
    );
    let clone = lab.left().pop().unwrap();
    let shown = lab.account.json(&["show", &clone]).value(0);
    let expires: jiff::Timestamp = shown["cluster"]["expires_at"].as_str().unwrap().parse().unwrap();
    let made: jiff::Timestamp = shown["cluster"]["created_at"].as_str().unwrap().parse().unwrap();
    assert!(expires.duration_since(made) <= jiff::SignedDuration::from_mins(61), "{shown:#}");
    assert_eq!(shown["cluster"]["owned"], true, "a sweep takes it for ours");
}

#[test]
fn another_process_ends_a_run() {
    let lab = Lab::new();
    let child = lab.hanging(&format!("{HANG}\n[[always]]\nname = \"bye\"\nrun = \"touch bye\"\n"));
    let run = lab.tasks()[0]["id"].as_str().unwrap().to_owned();
    let cancelled = lab.account.json(&["tasks", "cancel", &run, "--yes"]).value(0);
    assert_eq!(cancelled["task"]["state"], "cancelled", "{cancelled:#}");
    let value = end(child).value(3);
    assert_eq!(value["error"]["code"], "cancelled", "{value:#}");
    assert!(lab.path("bye").exists());
    lab.assert_step_gone();
    lab.assert_nothing_left();
}

#[test]
fn a_run_that_a_person_detaches_is_left_as_it_is_and_torn_down_later() {
    let lab = Lab::new();
    let child = lab.hanging(HANG);
    let run = lab.tasks()[0]["id"].as_str().unwrap().to_owned();
    lab.account.json(&["tasks", "cancel", &run, "--keep"]).value(0);
    let value = end(child).value(130);
    assert!(value["error"]["message"].as_str().unwrap().contains("left before it was gone"), "{value:#}");
    lab.assert_step_gone();
    assert_eq!(lab.left().len(), 1);
    let resumed = lab.account.json(&["tasks", "resume", &run]).value(0);
    assert_eq!(resumed["tasks"][0]["state"], "cancelled", "{resumed:#}");
    lab.assert_nothing_left();
}

#[test]
fn a_run_that_is_detached_after_its_process_was_killed_is_left_as_it_is() {
    let lab = Lab::new();
    let mut child = lab.hanging(HANG);
    child.kill().unwrap();
    child.wait().unwrap();
    let run = lab.tasks()[0]["id"].as_str().unwrap().to_owned();
    let left = lab.account.json(&["tasks", "cancel", &run, "--keep"]).value(0);
    assert_eq!(left["task"]["state"], "cancelled", "{left:#}");
    assert_eq!(lab.left().len(), 1);
    assert!(lab.account.calls().iter().all(|call| !call.action.starts_with("Delete")), "nothing of it was deleted");
    lab.account.json(&["tasks", "resume", &run]).value(0);
    lab.assert_nothing_left();
}

#[test]
fn credentials_that_expire_in_the_middle_are_waited_for_and_the_clone_goes() {
    let lab = Lab::new();
    let body = "[[step]]\nmark = \"here\"\n\n\
                [[step]]\nname = \"wait\"\nrun = \"touch here; while ! test -e go; do sleep 0.05; done\"\nrole = \"test\"\n\n\
                [[step]]\nrewind = \"here\"\nwithin = \"30s\"\n";
    let child = lab.start(body);
    until("the step runs", || lab.path("here").exists());
    lab.account.faults(&["expired=1"]);
    fs::write(lab.path("go"), "").unwrap();
    let torn = "SELECT count(*) FROM steps WHERE name = 'teardown' AND state = 'running'";
    until("it is being torn down", || lab.account.journal::<i64>(torn) == Some(1));
    lab.account.faults(&[]);
    let value = end(child).value(5);
    assert!(value["run"]["reason"].as_str().unwrap().contains("nobody has helped in time"), "{value:#}");
    lab.assert_nothing_left();
}

#[test]
fn a_clone_that_takes_too_long_is_deleted_once_it_is_there() {
    let lab = Lab::with(Options { speed: 60.0, ..Options::default() });
    let value = lab.run(&format!("[wait]\ncreate = \"1s\"\n\n{HANG}")).value(6);
    assert!(value["run"]["reason"].as_str().unwrap().contains("wait.create"), "{value:#}");
    lab.assert_nothing_left();
}

/// AWS deletes nothing that is still being made, so it is named.
#[test]
fn a_clone_that_never_comes_is_named() {
    let lab = Lab::new();
    lab.account.faults(&["stuck-creating=1"]);
    let value = lab.run(&format!("[wait]\ncreate = \"1s\"\n\n[teardown]\ndeadline = \"2s\"\n\n{HANG}")).value(7);
    assert_eq!(value["run"]["leaked"].as_array().unwrap(), &[value["run"]["clone"].clone()], "{value:#}");
    assert_eq!(value["error"]["code"], "leaked");
}

#[test]
fn a_clone_that_fails_is_deleted() {
    let lab = Lab::new();
    lab.account.faults(&["cloning-failed=1"]);
    let value = lab.run(HANG).value(5);
    assert_eq!(value["run"]["verdict"], "aws", "{value:#}");
    assert_eq!(lab.left(), Vec::<String>::new());
}

#[test]
fn a_rewind_that_lands_too_far_away_ends_the_run() {
    let lab = Lab::new();
    lab.account.faults(&["landing=-2s"]);
    let body = "[[step]]\nmark = \"before\"\n\n[[step]]\nname = \"work\"\nrun = \"sleep 1\"\n\n\
                [[step]]\nrewind = \"before\"\nwithin = \"1s\"\n\n[[step]]\nname = \"after\"\nrun = \"true\"\n";
    let value = lab.run(body).value(8);
    assert_eq!(value["run"]["verdict"], "rewind-off", "{value:#}");
    assert_eq!(steps(&value)[5], step("after", "skipped"), "{value:#}");
    lab.assert_nothing_left();
}

#[test]
fn a_teardown_that_fails_names_what_is_left_and_can_be_taken_up_again() {
    let lab = Lab::new();
    lab.account.faults(&["denied:DeleteDBInstance=1"]);
    let body = "[teardown]\ndeadline = \"3s\"\n\n[[step]]\nname = \"fine\"\nrun = \"true\"\n";
    let value = lab.run(body).value(7);
    let clone = value["run"]["clone"].as_str().unwrap();
    let leaked: Vec<_> = value["run"]["leaked"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(leaked, [clone, &format!("{clone}-1")], "{value:#}");
    assert_eq!(value["run"]["verdict"], "passed", "what was tried is good");
    assert_eq!(value["task"]["state"], "paused");
    let run = value["run"]["run"].as_str().unwrap();
    let again = lab.account.json(&["tasks", "resume", run]).value(7);
    assert_eq!(again["tasks"][0]["result"]["leaked"][0], clone, "{again:#}");
    lab.account.faults(&[]);
    let over = lab.account.json(&["tasks", "resume", run]).value(0);
    assert_eq!(over["tasks"][0]["state"], "done", "what was tried is still good: {over:#}");
    assert_eq!(over["tasks"][0]["result"]["verdict"], "passed", "{over:#}");
    assert_eq!(over["tasks"][0]["result"]["leaked"], serde_json::json!([]), "{over:#}");
    lab.assert_nothing_left();
}

#[test]
fn a_clone_that_was_about_to_be_kept_is_kept_by_whoever_takes_the_run_over() {
    let lab = Lab::new();
    let step = "[[step]]\nname = \"bad\"\nrun = \"echo $$ > pid; until test -e go; do sleep 0.05; done; false\"\n";
    let mut child = lab.hanging(&format!("[clone]\nttl = \"1h\"\n\n[teardown]\nkeep-on-failure = \"5h\"\n\n{step}"));
    let asked = "SELECT count(*) FROM calls WHERE action = 'AddTagsToResource'";
    let before = lab.account.journal::<i64>(asked).unwrap();
    lab.account.faults(&["latency:AddTagsToResource=10m"]);
    fs::write(lab.path("go"), "").unwrap();
    until("the end of its life is about to be moved", || lab.account.journal::<i64>(asked) > Some(before));
    child.kill().unwrap();
    child.wait().unwrap();
    lab.account.faults(&[]);
    let clone = lab.left().pop().unwrap();
    let resumed = lab.account.json(&["tasks", "resume"]).value(130);
    assert_eq!(resumed["tasks"][0]["state"], "failed", "{resumed:#}");
    let shown = lab.account.json(&["show", &clone]).value(0);
    assert_eq!(shown["cluster"]["expires_at"], resumed["tasks"][0]["result"]["kept_until"], "{shown:#}");
    lab.account.json(&["delete", &clone, "--yes"]).value(0);
    lab.assert_nothing_left();
}

#[test]
fn the_clone_of_a_failed_run_is_kept_if_the_recipe_wants_it() {
    let lab = Lab::new();
    let body =
        "[clone]\nttl = \"1h\"\n\n[teardown]\nkeep-on-failure = \"2h\"\n\n[[step]]\nname = \"bad\"\nrun = \"false\"\n";
    let value = lab.run(body).value(1);
    let clone = value["run"]["clone"].as_str().unwrap();
    assert_eq!(lab.left(), [clone]);
    let shown = lab.account.json(&["show", clone]).value(0);
    assert_eq!(shown["cluster"]["expires_at"], value["run"]["kept_until"], "{shown:#}");
    let next = value["error"]["next_steps"].to_string();
    assert!(next.contains(&format!("aurewind delete {clone}")) && next.contains("--defaults-file"), "{next}");
    let run = value["run"]["run"].as_str().unwrap();
    let password = lab.account.state.path().join("runs").join(run).join("client.cnf");
    assert!(password.exists(), "whoever looks at the clone logs in by it");
    lab.account.json(&["delete", clone, "--yes"]).value(0);
    lab.assert_nothing_left();
    assert!(!password.exists(), "it leads nowhere any more");
}

#[test]
fn the_stack_that_is_kept_with_a_clone_goes_when_the_run_is_taken_up_again() {
    let lab = Lab::new();
    let template = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/environment.yaml");
    let body = format!(
        "[environment]\ntemplate = \"{}\"\n\n[environment.parameters]\nMasterPassword = \"hunter2-hunter2\"\n\
         EngineVersion = \"8.0.mysql_aurora.3.08.2\"\n\n[teardown]\nkeep-on-failure = \"2h\"\n\n\
         [[step]]\nname = \"bad\"\nrun = \"false\"\n",
        template.display()
    );
    let stacks = || api_of(&lab.account.url, "2010-05-15", "DescribeStacks", &[]);
    let value = lab.run(&body).value(1);
    let (run, clone) = (value["run"]["run"].as_str().unwrap(), value["run"]["clone"].as_str().unwrap());
    assert!(value["error"]["next_steps"].to_string().contains(&format!("tasks resume {run}")), "{value:#}");
    assert!(stacks().contains("aurewind:expires-at"), "{}", stacks());

    let kept = lab.account.json(&["tasks", "resume", run]).value(1);
    assert_eq!(kept["tasks"][0]["result"]["kept_until"], value["run"]["kept_until"], "not yet: {kept:#}");
    assert!(lab.left().iter().any(|id| id == clone) && stacks().contains("<StackName>"), "{}", stacks());

    lab.account.json(&["delete", clone, "--yes"]).value(0);
    let over = lab.account.json(&["tasks", "resume", run]).value(1);
    assert_eq!(over["tasks"][0]["result"]["verdict"], "failed", "{over:#}");
    assert!(stacks().contains("<Stacks></Stacks>"), "{}", stacks());
    let again = lab.account.json(&["tasks", "resume", run]).value(1);
    assert_eq!(again["tasks"][0]["ended_at"], over["tasks"][0]["ended_at"], "it is over for good: {again:#}");
}

#[test]
fn a_source_that_is_not_as_expected_is_not_cloned() {
    let lab = Lab::new();
    let recipe = format!("{HEAD}{HANG}").replace("[connect]", "[source.expect]\nversion = \"5.7\"\n\n[connect]");
    fs::write(lab.path("lab.toml"), recipe).unwrap();
    let refused = lab.account.json(&["test", lab.path("lab.toml").to_str().unwrap(), "--yes"]).value(3);
    assert!(refused["error"]["message"].as_str().unwrap().contains("version `5.7`"), "{refused:#}");
    assert!(lab.account.calls().iter().all(|call| call.action.starts_with("Describe")));
}

/// Two runs in one account do not get into each other's way.
#[test]
fn two_runs_at_once() {
    let lab = Lab::new();
    let body = "[[step]]\nname = \"a moment\"\nrun = \"sleep 0.2\"\n";
    let first = lab.start(body);
    let second = lab.start(body);
    let (first, second) = (end(first).value(0), end(second).value(0));
    assert_ne!(first["run"]["clone"], second["run"]["clone"]);
    lab.assert_nothing_left();
}
