//! The example of a recipe, on real databases behind the simulated account: production's rows, a release, tests, rewinds.
//! Commands want a client of MariaDB or MySQL.

#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::SystemTime;

use aurewind::recipe::redact::Redactor;
use aurewind::recipe::report::junit;
use aurewind::sim::FLEET_PASSWORD;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use super::dataplane::Bench;
use super::support::{Run, until};

/// The recipes of the project in a folder of their own, where they may leave their reports.
struct Shop {
    bench: Bench,
    folder: TempDir,
}

impl Shop {
    /// Nothing where there is no server.
    fn open() -> Option<Self> {
        let bench = Bench::start(|_| {})?;
        let folder = tempfile::tempdir().unwrap();
        let recipes = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/recipes");
        fs::create_dir(folder.path().join("sql")).unwrap();
        for part in ["", "sql"] {
            for entry in fs::read_dir(recipes.join(part)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    fs::copy(&path, folder.path().join(part).join(path.file_name().unwrap())).unwrap();
                }
            }
        }
        Some(Self { bench, folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn words(&self) -> Vec<String> {
        ["test", self.path("shop.toml").to_str().unwrap(), "--yes", "--json"].map(str::to_owned).to_vec()
    }

    fn test(&self) -> Run {
        let words = self.words();
        self.bench.account.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn start(&self) -> Child {
        let words = self.words();
        let mut command = self.bench.account.command(&words.iter().map(String::as_str).collect::<Vec<_>>());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn change(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{name} has changed");
        fs::write(self.path(name), text.replace(from, to)).unwrap();
    }

    fn clones(&self) -> Vec<String> {
        let list = self.bench.account.json(&["list"]).value(0);
        let ids = list["clusters"].as_array().unwrap().iter().map(|cluster| cluster["id"].as_str().unwrap().to_owned());
        ids.filter(|id| id.starts_with("test-shop-")).collect()
    }

    /// What the account, the source and the folders are like after any run.
    #[track_caller]
    fn assert_left_alone(&self) {
        assert_eq!(self.clones(), Vec::<String>::new());
        let mut source = self.bench.client("shop-prod");
        assert_eq!(source.number("SELECT COUNT(*) FROM customers WHERE email LIKE '%masked.invalid'"), 0);
        let changed =
            "SELECT COUNT(*) FROM information_schema.columns WHERE table_name = 'orders' AND column_name = 'total'";
        assert_eq!(source.number(changed), 0, "production is as it was");
        let mut files = files(self.bench.account.state.path());
        files.extend(self::files(self.folder.path()));
        for path in files {
            let bytes = fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(FLEET_PASSWORD), "{} has the password of production", path.display());
            assert!(!text.contains("[client]"), "{} would log somebody in", path.display());
        }
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}

/// The steps with this name, in order.
fn named<'a>(run: &'a Value, name: &str) -> Vec<&'a Value> {
    run["steps"].as_array().unwrap().iter().filter(|step| step["name"] == name).collect()
}

#[track_caller]
fn ends(run: &Value, name: &str) -> Vec<String> {
    named(run, name).iter().map(|step| step["end"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_release_is_tried_rewound_tried_again_and_nothing_of_it_stays() {
    let Some(shop) = Shop::open() else { return };
    let value = shop.test().value(0);
    let run = &value["run"];
    assert_eq!(run["verdict"], "passed");
    assert_eq!((ends(run, "release"), ends(run, "mask")), (vec!["passed".into(); 2], vec!["passed".into()]));
    assert_eq!(ends(run, "tests"), ["allowed", "passed"], "the first round fails, the second passes: {run:#}");
    let rewinds: Vec<_> = run["steps"].as_array().unwrap().iter().filter(|step| step["rewind"].is_object()).collect();
    assert_eq!(rewinds.len(), 2);
    for rewind in rewinds {
        assert_eq!(rewind["rewind"]["proved"], true, "{rewind:#}");
    }
    let after = &named(run, "schema after the release")[0]["diff"];
    assert!(after["as_expected"] == true && after["text"].as_str().unwrap().contains("total"), "{after:#}");
    let back = &named(run, "schema after the way back")[0]["diff"];
    assert!(back["as_expected"] == true && back["text"] == "", "{back:#}");
    assert_eq!(named(run, "tests")[0]["cases"].as_array().unwrap().len(), 5, "the report of the tests is merged");
    reports(&shop);
    shop.assert_left_alone();
}

/// The reports are there, and others can read them.
fn reports(shop: &Shop) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/report.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let report: Value = serde_json::from_str(&fs::read_to_string(shop.path("out/run.json")).unwrap()).unwrap();
    let problems: Vec<_> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&report).map(|error| error.to_string()).collect();
    assert_eq!(problems, Vec::<String>::new());
    let found = junit::read("out/run.xml", shop.folder.path(), SystemTime::UNIX_EPOCH, &Redactor::new([]));
    assert_eq!(found.problems, Vec::<String>::new());
    assert!(found.cases.iter().all(|case| case.failure.is_none()), "who only counts failures sees a run that passed");
    assert!(found.cases.iter().any(|case| case.name.contains("every order has the total")), "{:?}", found.cases);
    let markdown = fs::read_to_string(shop.path("out/run.md")).unwrap();
    assert!(markdown.contains("shop: passed") && markdown.contains("before-release"), "{markdown}");
}

#[test]
fn a_release_that_fails_is_shown_with_file_line_and_the_words_of_the_server() {
    let Some(shop) = Shop::open() else { return };
    shop.change("sql/backfill.sql", "o.total", "o.totl");
    let value = shop.test().value(4);
    let run = &value["run"];
    assert_eq!(run["verdict"], "release-failed");
    let release = named(run, "release")[0];
    let message = release["message"].as_str().unwrap();
    assert!(message.contains("backfill.sql:") && message.contains("Unknown column"), "{message}");
    assert_eq!(ends(run, "collect"), ["passed"], "what is always done is done now, too");
    shop.assert_left_alone();
}

#[test]
fn a_schema_that_nobody_expects_fails_the_run() {
    let Some(shop) = Shop::open() else { return };
    shop.change("sql/release.sql", "ADD INDEX by_customer_and_total (customer_id, total)", "ADD COLUMN surprise INT");
    let value = shop.test().value(1);
    assert_eq!(value["run"]["verdict"], "failed");
    let diff = &named(&value["run"], "schema after the release")[0]["diff"];
    assert!(diff["as_expected"] == false && diff["text"].as_str().unwrap().contains("surprise"), "{diff:#}");
    shop.assert_left_alone();
}

#[test]
fn a_run_that_is_killed_within_a_statement_is_torn_down_by_whoever_resumes_it() {
    let Some(shop) = Shop::open() else { return };
    shop.change("sql/backfill.sql", ";", ";\nSELECT SLEEP(600);");
    let mut child = shop.start();
    let asleep = || {
        let Some(clone) = shop.clones().first().cloned() else { return false };
        let tasks = shop.bench.account.json(&["tasks"]).value(0);
        let running = |step: &Value| step["name"] == "release and tests" && step["state"] == "running";
        !clone.is_empty()
            && tasks["tasks"]
                .as_array()
                .unwrap()
                .iter()
                .any(|task| task["steps"].as_array().unwrap().iter().any(running))
    };
    until("the release runs", asleep);
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    assert_eq!(shop.clones().len(), 1, "nobody has torn it down");
    shop.bench.account.json(&["tasks", "resume"]);
    shop.assert_left_alone();
}
