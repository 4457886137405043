//! Every report of the same runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::Value;

use super::*;
use crate::recipe::model::Role;
use crate::recipe::outcome::{
    Case, DiffOutcome, LimitOutcome, LockOutcome, Outcome, RewindOutcome, StepEnd, StepOutcome, Verdict,
};
use crate::recipe::redact::Redactor;

fn at(seconds: i64) -> Timestamp {
    "2026-11-23T02:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

fn step(name: &str, kind: &'static str, end: StepEnd, from: i64, to: i64) -> StepOutcome {
    StepOutcome { end, started_at: Some(at(from)), ended_at: Some(at(to)), ..StepOutcome::new(name, kind) }
}

fn case(name: &str, failure: Option<&str>, skipped: bool) -> Case {
    let failure = failure.map(ToOwned::to_owned);
    Case { suite: "orders".into(), class: "orders.Api".into(), name: name.into(), seconds: 0.25, failure, skipped }
}

fn outcome(verdict: Verdict, steps: Vec<StepOutcome>) -> Outcome {
    Outcome {
        recipe: "orders-release".into(),
        description: Some("The November release on last night's data".into()),
        run: "test-7f3k".into(),
        source: Some("prod-orders".parse().unwrap()),
        clone: "test-orders-release-7f3k".parse().unwrap(),
        stack: None,
        verdict,
        reason: None,
        started_at: at(0),
        ended_at: at(1_500),
        steps,
        limits: Vec::new(),
        cost_usd: Some(0.1375),
        calls: 6,
        leaked: Vec::new(),
        kept_until: None,
        next_steps: Vec::new(),
    }
}

/// A run in which the first round of tests fails and the second, after a rewind, passes.
fn passed() -> Outcome {
    let locks = LockOutcome {
        longest_seconds: 0.42,
        statement: Some("UPDATE orders SET state = 'x'".into()),
        ddl: vec![("ALTER TABLE orders ADD COLUMN note text".into(), 3.5)],
        samples: 120,
        notes: Vec::new(),
    };
    let rewind =
        RewindOutcome { asked: at(700), landed: at(701), delta_seconds: 1.0, within_seconds: 2.0, proved: Some(true) };
    let diff = DiffOutcome {
        against: "the source".into(),
        text: "@@ table orders @@\n+ note text null".into(),
        as_expected: true,
    };
    let mut steps = vec![
        step("clone", "clone", StepEnd::Passed, 0, 540),
        step("ready", "ready", StepEnd::Passed, 540, 552),
        step("mask", "sql", StepEnd::Passed, 552, 560),
        step("before", "mark", StepEnd::Passed, 560, 563),
        step("release", "sql", StepEnd::Passed, 563, 640),
        step("schema", "diff", StepEnd::Passed, 640, 642),
        step("tests", "run", StepEnd::Failed, 642, 700),
        step("tests", "rewind", StepEnd::Passed, 700, 740),
        step("tests", "run", StepEnd::Passed, 740, 790),
        step("metrics", "run", StepEnd::Allowed, 790, 791),
        step("teardown", "teardown", StepEnd::Passed, 791, 1_500),
    ];
    steps[2].role = Some(Role::Prepare);
    steps[4].role = Some(Role::Release);
    steps[4].locks = Some(locks);
    steps[5].diff = Some(diff);
    for (index, round) in [(6, 1), (7, 2), (8, 2)] {
        steps[index].round = Some(round);
        steps[index].role = (index != 7).then_some(Role::Test);
    }
    steps[6].message = Some("exit code 1; 1 of 2 test cases failed".into());
    steps[6].tail = vec!["FAILED test_refund | 1 failed, 1 passed".into()];
    steps[6].cases =
        vec![case("orders are listed", None, false), case("refund", Some("AssertionError: 3 != 4\n  at 12"), false)];
    steps[7].rewind = Some(rewind);
    steps[8].cases =
        vec![case("orders are listed", None, false), case("refund", None, false), case("later", None, true)];
    steps[9].message = Some("exit code 7".into());
    Outcome {
        limits: vec![
            LimitOutcome { name: "total", allowed: 5_400.0, measured: Some(791.0), kept: true },
            LimitOutcome { name: "cost-usd", allowed: 5.0, measured: Some(0.1375), kept: true },
        ],
        ..outcome(Verdict::Passed, steps)
    }
}

/// A run whose data tries to be more than data, and of which something is left.
fn failed() -> Outcome {
    let mut steps = vec![
        step("clone", "clone", StepEnd::Passed, 0, 540),
        step("back | <b>", "rewind", StepEnd::Failed, 540, 600),
        step("schema", "diff", StepEnd::Failed, 600, 601),
        step("release", "sql", StepEnd::Failed, 601, 602),
        step("smoke", "run", StepEnd::TimedOut, 602, 662),
        StepOutcome { message: Some("the step before it failed".into()), ..StepOutcome::new("tests", "run") },
        step("teardown", "teardown", StepEnd::TimedOut, 662, 1_500),
    ];
    steps[1].rewind = Some(RewindOutcome {
        asked: at(500),
        landed: at(440),
        delta_seconds: -60.25,
        within_seconds: 2.0,
        proved: Some(false),
    });
    steps[1].message = Some("landed 60.25s before the moment asked for".into());
    steps[2].diff = Some(DiffOutcome {
        against: "mark before".into(),
        text: "- note `text`\n```\n+ note varchar(10)".into(),
        as_expected: false,
    });
    steps[3].role = Some(Role::Release);
    steps[3].message = Some("sql/release.sql:12: ERROR 1146 (42S02): Table 'shop.`nope`' doesn't exist".into());
    steps[4].role = Some(Role::Test);
    steps[4].message = Some("took too long and was stopped (killed by signal 15)".into());
    steps[4].tail = vec!["waiting for <app> & co".into(), "\u{1b}[31m@everyone ](http://x) ``` | *".into()];
    steps[4].log = Some(PathBuf::from("/state/runs/test-7f3k/05-smoke.log"));
    steps[6].message = Some("the cluster is deleting for 14m".into());
    Outcome {
        stack: Some("test-orders-release-7f3k".into()),
        reason: Some("the step `release` failed".into()),
        limits: vec![
            LimitOutcome { name: "longest-lock", allowed: 5.0, measured: Some(7.25), kept: false },
            LimitOutcome { name: "release", allowed: 60.0, measured: None, kept: false },
        ],
        leaked: vec!["test-orders-release-7f3k".into(), "test-orders-release-7f3k-1".into()],
        kept_until: Some(at(7_200)),
        next_steps: vec!["aurewind tasks resume".into(), "aurewind delete test-orders-release-7f3k".into()],
        ..outcome(Verdict::ReleaseFailed, steps)
    }
}

#[rstest::rstest]
#[case("passed", passed())]
#[case("failed", failed())]
fn the_same_run_in_every_form(#[case] name: &str, #[case] outcome: Outcome) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| Some(PathBuf::from("out/of/run").join(name));
    let report = Report { json: path("r.json"), junit: path("r.xml"), markdown: path("r.md") };
    let written = write(&outcome, &report, folder.path(), &|_| None).unwrap();
    assert_eq!(written.len(), 3);
    let read = |index: usize| fs::read_to_string(&written[index]).unwrap();
    insta::assert_snapshot!(format!("{name}.json"), read(0));
    insta::assert_snapshot!(format!("{name}.junit"), read(1));
    insta::assert_snapshot!(format!("{name}.md"), read(2));
    insta::assert_snapshot!(format!("{name}.text"), text(&outcome, 100));
    // Nothing else was left in the folder.
    assert_eq!(fs::read_dir(folder.path().join("out/of/run")).unwrap().count(), 3);
}

/// The schema as the types say; `AUREWIND_BLESS=1 cargo test --lib recipe::report` writes it anew.
fn schema() -> Value {
    let schema = schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = schema.into_root_schema_for::<Json<'static>>().to_value();
    schema["title"] = "Report of aurewind test".into();
    schema
}

#[test]
fn the_schema_in_the_documentation_is_that_of_the_reports() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/report.schema.json");
    let made = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    if std::env::var_os("AUREWIND_BLESS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "docs/report.schema.json is not what the types say; AUREWIND_BLESS=1 writes it anew");
    let validator = jsonschema::validator_for(&serde_json::from_str(&kept).unwrap()).unwrap();
    for outcome in [passed(), failed()] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        write_json(&outcome, &path).unwrap();
        let mut report: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        report["schema"] = 2.into();
        assert!(!validator.is_valid(&report));
        report["schema"] = 1.into();
        report["run"]["verdict"] = "fine".into();
        assert!(!validator.is_valid(&report));
    }
}

#[test]
fn a_report_that_cannot_be_written_keeps_none_of_the_others_back() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let report = Report { json: Some("file/r.json".into()), junit: Some("r.xml".into()), markdown: None };
    let error = write(&passed(), &report, folder.path(), &|_| None).unwrap_err();
    assert_eq!(error.written, [folder.path().join("r.xml")]);
    assert!(error.to_string().contains("file/r.json could not be written"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_report_can_be_read_by_whoever_may_read_new_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("plain"), "").unwrap();
    write_json(&passed(), &folder.path().join("r.json")).unwrap();
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
    assert_eq!(mode("r.json"), mode("plain"));
}

/// Reads a file of GitHub's outputs as its runner does.
fn outputs(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (name, end) = line.split_once("<<").unwrap();
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
        found.insert(name.to_owned(), value.join("\n"));
    }
    found
}

#[test]
fn the_files_of_github_are_added_to() {
    let folder = tempfile::tempdir().unwrap();
    let (summary, output) = (folder.path().join("summary"), folder.path().join("output"));
    fs::write(&summary, "before").unwrap();
    fs::write(&output, "other=1\n").unwrap();
    let env = |name: &str| match name {
        "GITHUB_STEP_SUMMARY" => Some(summary.display().to_string()),
        "GITHUB_OUTPUT" => Some(output.display().to_string()),
        _ => None,
    };
    let mut outcome = failed();
    outcome.leaked.push("x\nverdict<<y\npassed\ny".into());
    let written = write(&outcome, &Report::default(), folder.path(), &env).unwrap();
    assert_eq!(written, [summary.clone(), output.clone()]);
    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("before\n\n## ❌ orders-release: release failed\n"), "{text}");
    let text = fs::read_to_string(&output).unwrap();
    let found = outputs(text.strip_prefix("other=1\n").unwrap());
    assert_eq!(found.keys().collect::<Vec<_>>(), ["clone", "kept-until", "leaked", "run", "verdict"]);
    assert_eq!((found["verdict"].as_str(), found["run"].as_str()), ("release-failed", "test-7f3k"));
    assert!(found["leaked"].ends_with("x\nverdict<<y\npassed\ny"));
    let empty = write(&outcome, &Report::default(), folder.path(), &|_| Some(String::new())).unwrap();
    assert!(empty.is_empty());
}

#[test]
fn a_summary_keeps_to_the_room_that_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("summary");
    let room = 1024 * 1024;
    for there in [0, room - 900, room - 50, room] {
        fs::write(&path, vec![b'x'; there]).unwrap();
        github::summarise(&failed(), &path).unwrap();
        let size = fs::metadata(&path).unwrap().len() as usize;
        assert!(size <= room, "{size}");
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.contains("The rest is left out"), there == room - 900);
    }
}

fn readable(outcome: &Outcome) -> junit::Found {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.xml"), junit::write(outcome)).unwrap();
    junit::read("*.xml", folder.path(), SystemTime::UNIX_EPOCH, &Redactor::default())
}

#[rstest::rstest]
#[case::passed(passed(), 0)]
#[case::failed(failed(), 7)]
#[case::refused(Outcome { reason: Some("the source is gone".into()), ..outcome(Verdict::Refused, Vec::new()) }, 1)]
fn who_counts_failures_in_junit_comes_to_the_verdict(#[case] outcome: Outcome, #[case] want: usize) {
    let found = readable(&outcome);
    assert_eq!(found.problems, [""; 0]);
    assert_eq!(found.cases.iter().filter(|case| case.failure.is_some()).count(), want);
    let written = junit::write(&outcome);
    let total = |name: &str| -> usize {
        let rest = written.split_once(&format!(" {name}=\"")).unwrap().1;
        rest.split('"').next().unwrap().parse().unwrap()
    };
    assert_eq!(total("failures") + total("errors"), want);
    assert_eq!(total("tests"), found.cases.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_breaks_a_report(texts in prop::collection::vec("(\\PC|[\u{0}-\u{1f}<>&\"'`|\\]\u{fffe}]){0,40}", 6)) {
        let mut outcome = failed();
        outcome.steps[3].message = Some(texts[0].clone());
        outcome.steps[3].tail = vec![texts[1].clone()];
        outcome.steps[2].name.clone_from(&texts[2]);
        outcome.reason = Some(texts[3].clone());
        outcome.steps[4].cases = vec![case(&texts[4], Some(&texts[5]), false)];
        let found = readable(&outcome);
        prop_assert_eq!(&found.problems, &Vec::<String>::new());
        prop_assert_eq!(found.cases.len(), failed().steps.len() + 1 + 2 + 1);
        for line in text(&outcome, 80).lines() {
            prop_assert!(!line.chars().any(char::is_control), "{line:?}");
        }
        let page = markdown::report(&outcome);
        let rows = page.lines().filter(|line| line.starts_with("| ") && line.ends_with(" |"));
        // Steps have five columns, rewinds six, facts two.
        for row in rows {
            let cells = row.replace("\\\\", "").replace("\\|", "").matches('|').count() - 1;
            prop_assert!(matches!(cells, 2 | 5 | 6), "{row}");
        }
        prop_assert!(!page.chars().any(|c| c.is_control() && c != '\n'));
    }
}

fn read_text(text: &str) -> junit::Found {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("r.xml"), text).unwrap();
    let redact = Redactor::new([SecretString::from("hunter2")]);
    junit::read("r.xml", folder.path(), SystemTime::UNIX_EPOCH, &redact)
}

#[test]
fn suites_within_suites_are_read() {
    let found = read_text(
        r#"<?xml version="1.0"?>
        <testsuites><testsuite name="a" tests="3"><properties/>
          <testsuite name="b &amp; c"><testcase classname="K" name="one" time="1,234.5"/></testsuite>
          <testcase classname="K" name="two"><failure type="T" message="no hunter2">line 1 &lt;x&gt;
line 2</failure><failure>again</failure><system-out>noise</system-out></testcase>
          <testcase name="three"><skipped message="later"/></testcase>
          <testcase name="four"><error><![CDATA[a < b]]></error></testcase>
          <testcase name="five"><failure/></testcase>
        </testsuite><testsuite><error message="cannot import"/></testsuite></testsuites>"#,
    );
    assert_eq!(found.problems, [""; 0]);
    let shown: Vec<String> = found
        .cases
        .iter()
        .map(|case| {
            let failure = case.failure.as_deref().unwrap_or("-").replace('\n', "⏎");
            format!("{}|{}|{}|{}|{failure}|{}", case.suite, case.class, case.name, case.seconds, case.skipped)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "a / b & c|K|one|1234.5|-|false",
            "a|K|two|0|T: no ***⏎line 1 <x>⏎line 2|false",
            "a||three|0|-|true",
            "a||four|0|a < b|false",
            "a||five|0|it gives no reason|false",
            "||the suite|0|cannot import|false",
        ]
    );
}

#[rstest::rstest]
#[case::empty("", 0, "r.xml is empty")]
#[case::not_junit("<html><body/></html>", 0, "r.xml is no JUnit file: it begins with <html>")]
#[case::cut("<testsuite name='a'><testcase name='b'/><testcase name='c'><fail", 1, "r.xml is broken at byte ")]
#[case::open("<testsuite name='a'><testcase name='b'/>", 1, "r.xml ends within <testsuite>")]
#[case::crossed("<testsuite><testcase></testsuite></testcase>", 0, "r.xml is broken at byte ")]
#[case::words("all tests passed", 0, "r.xml is empty")]
#[case::utf16("\u{feff}", 0, "r.xml is empty")]
fn broken_files_are_told_of(#[case] text: &str, #[case] cases: usize, #[case] want: &str) {
    let found = read_text(text);
    assert_eq!(found.cases.len(), cases);
    assert_eq!(found.problems.len(), 1);
    assert!(found.problems[0].starts_with(want), "{:?}", found.problems);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_a_file_holds_is_read_or_told_of(
        parts in prop::collection::vec(
            prop_oneof![
                prop::sample::select(vec![
                    "<testsuites>", "</testsuites>", "<testsuite name='a'>", "</testsuite>", "<testcase name='b' time='1e9'>",
                    "</testcase>", "<failure message='c'>", "</failure>", "<skipped/>", "<error/>", "<![CDATA[", "]]>", "<!--", "-->",
                    "&lt;", "&x;", "&#0;", "&", "<", "\"", "<?xml version='1.1'?>",
                ])
                .prop_map(str::to_owned),
                "\\PC{0,8}",
            ],
            0..24,
        ),
    ) {
        let text = format!("<testsuite>{}", parts.concat());
        let found = read_text(&text);
        prop_assert!(found.problems.len() <= 1);
        // Nothing ends the suite by itself: a file without problems is one that has ended it.
        prop_assert!(!found.problems.is_empty() || text.contains("</testsuite>"));
    }
}

#[test]
fn nothing_is_expanded_or_fetched() {
    let found = read_text(
        r#"<!DOCTYPE testsuite [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>
        <testsuite name="&b;"><testcase name="x"><failure>&b;&f;&#65;</failure></testcase></testsuite>"#,
    );
    assert_eq!(found.problems, [""; 0]);
    assert_eq!(found.cases[0].failure.as_deref(), Some("&b;&f;A"));
    assert_eq!(found.cases[0].suite, "&b;");
    let deep = "<testsuite>".repeat(100_000);
    assert!(read_text(&deep).problems[0].contains("more than 64 deep"));
}

#[test]
fn what_is_too_much_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = fs::File::create(folder.path().join("huge.xml")).unwrap();
    file.set_len(33 * 1024 * 1024).unwrap();
    let found = junit::read("*.xml", folder.path(), SystemTime::UNIX_EPOCH, &Redactor::default());
    assert_eq!(found.problems, ["huge.xml is larger than 32 MiB"]);
    let many = format!("<testsuite>{}</testsuite>", "<testcase name='x'/>".repeat(100_001));
    let found = read_text(&many);
    assert_eq!(found.cases.len(), 100_000);
    assert!(found.problems[0].contains("are left out"), "{:?}", found.problems);
    let long =
        format!("<testsuite><testcase name='x'><failure>{}</failure></testcase></testsuite>", "é".repeat(1 << 20));
    assert!(read_text(&long).cases[0].failure.as_ref().unwrap().len() <= 16 * 1024);
}

#[test]
fn files_are_those_of_the_step() {
    // The name of the folder is no pattern.
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("[a]*");
    fs::create_dir_all(folder.join("junit/deep")).unwrap();
    let place = |name: &str, age: u64| {
        let path = folder.join("junit").join(name);
        fs::write(&path, format!("<testsuite name='{name}'><testcase name='x'/></testsuite>")).unwrap();
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 - age);
        fs::File::options().append(true).open(&path).unwrap().set_modified(then).unwrap();
    };
    let since = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    let read = |pattern: &str| junit::read(pattern, &folder, since, &Redactor::default());
    assert_eq!(read("junit/*.xml").problems, ["no file matches `junit/*.xml`"]);
    place("old.xml", 60);
    assert_eq!(read("junit/*.xml").problems, ["none of the 1 files that match `junit/*.xml` was written by this step"]);
    place("b.xml", 0);
    place("deep/a.xml", 1);
    let names = |found: junit::Found| found.cases.into_iter().map(|case| case.suite).collect::<Vec<_>>();
    assert_eq!(names(read("junit/*.xml")), ["b.xml"]);
    assert_eq!(names(read("junit/**/*.xml")), ["b.xml", "deep/a.xml"]);
    let absolute = glob::Pattern::escape(&folder.display().to_string());
    assert_eq!(names(read(&format!("{absolute}/junit/b.xml"))), ["b.xml"]);
    assert!(read("junit/***").problems[0].starts_with("`junit/***` is no pattern: "));
}
