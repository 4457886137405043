//! Test runs: their rows, their card, the output of their steps.

use std::path::PathBuf;

use insta::assert_snapshot;
use jiff::SignedDuration;

use super::fixture::{ago, at, clone_request, now, ready, resource, rewind_request, select, task};
use crate::engine::task::{FailureKind, StepState, TaskState};
use crate::engine::{Request, StageKind, Task, TaskError, TaskResult, TestRequest};
use crate::tui::harness::Harness;
use crate::tui::state::{LogLine, Outlook, Overlay, Part, Stretch};
use crate::tui::{Effect, Event};

const STEPS: [(&str, StageKind); 7] = [
    ("mask", StageKind::Prepare),
    ("before-release", StageKind::Other),
    ("0042-release", StageKind::Release),
    ("checkout", StageKind::Test),
    ("back to before-release", StageKind::Other),
    ("0042-release again", StageKind::Release),
    ("schema", StageKind::Other),
];

const LOGS: &str = "/home/ana/.local/state/aurewind/runs/t1/";

/// A run that tests its release for the first time.
pub(in crate::tui) fn run() -> Task {
    let request = Request::Test(Box::new(TestRequest {
        recipe: "shop".into(),
        path: "/home/ana/recipes/shop.toml".into(),
        source: Some("orders-prod".parse().unwrap()),
        clone: "test-shop-x7k2".parse().unwrap(),
        stack: None,
        directory: "/home/ana/.local/state/aurewind/runs/t1".into(),
        stages: STEPS.map(|(name, kind)| (name.to_owned(), kind)).into(),
        deadline: SignedDuration::from_mins(60),
    }));
    let mut run = task(9, request, TaskState::Running);
    run.created_at = ago("8m");
    for (index, step) in run.steps.iter_mut().take(7).enumerate() {
        step.state = if index == 6 { StepState::Running } else { StepState::Done };
        let began = ago("8m") + SignedDuration::from_mins(index as i64);
        step.started_at = Some(began);
        step.ended_at = (index < 6).then(|| began + SignedDuration::from_secs(50));
        step.attempts = 1;
    }
    run.steps[1].detail = "`test-shop-x7k2` is there".into();
    run.steps[5].detail = "3 statements".into();
    run.steps[5].logs = vec![format!("{LOGS}03-0042-release.log").into()];
    run.steps[6].logs =
        ["04-checkout-round-1.log", "05-checkout-round-2.log"].map(|name| format!("{LOGS}{name}").into()).into();
    run.steps[6].detail = "pytest -q tests/checkout".into();
    run.steps[6].attempts = 2;
    run.test.marks = vec![("fresh".into(), ago("6m")), ("before-release".into(), ago("4m"))];
    run
}

/// What the step that runs is writing.
fn written() -> PathBuf {
    run().steps[6].logs[1].clone()
}

/// The clone of the run and a rewind in it.
fn parts(run: &Task) -> [Task; 2] {
    let mut made = task(10, clone_request("orders-prod", "test-shop-x7k2"), TaskState::Done);
    let mut rewound = task(11, rewind_request("test-shop-x7k2", ago("3m")), TaskState::Running);
    for part in [&mut made, &mut rewound] {
        part.parent = Some(run.id.clone());
    }
    made.ended_at = Some(ago("5m"));
    [made, rewound]
}

fn over(verdict: &str, leaked: &[&str]) -> Task {
    let mut run = run();
    for step in &mut run.steps {
        step.state = StepState::Done;
        step.started_at.get_or_insert(ago("1m"));
        step.ended_at.get_or_insert(now());
    }
    run.state = TaskState::Done;
    run.ended_at = Some(now());
    run.result = Some(TaskResult::Test {
        verdict: verdict.into(),
        leaked: leaked.iter().map(|id| (*id).to_owned()).collect(),
        kept_until: None,
        reports: vec!["out/report.json".into(), "out/junit.xml".into()],
    });
    run
}

fn send(harness: &mut Harness, task: &Task) -> Vec<Effect> {
    harness.send(Event::Task(Box::new(task.clone())))
}

/// A dashboard with a run under way and what it has begun.
fn with_run(width: u16, height: u16) -> Harness {
    let mut harness = ready(width, height);
    let run = run();
    send(&mut harness, &run);
    let here = Outlook { hand: crate::engine::Hand::Here, estimate: None };
    harness.send(Event::Outlook(run.id.clone(), here));
    for part in parts(&run) {
        send(&mut harness, &part);
        harness.send(Event::Outlook(part.id.clone(), here));
    }
    harness
}

fn output(lines: &[&str]) -> Stretch {
    let mut from = 0;
    let mut line = |text: &str| {
        let line = LogLine { at: from, text: text.into() };
        from += text.len() as u64 + 1;
        line
    };
    let lines: Vec<_> = lines.iter().map(|text| line(text)).collect();
    Stretch { part: Part::End, lines, from: 0, to: from, size: from }
}

/// The card is open, and has read what the step wrote.
fn opened(width: u16, height: u16) -> Harness {
    let mut harness = with_run(width, height);
    harness.keys("Shift-Tab Enter");
    let path = written();
    let lines: Vec<String> = (1..=40).map(|n| format!("tests/checkout/test_{n:02}.py::test_total PASSED")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    harness.send(Event::Output { path, result: Ok(output(&lines)) });
    harness
}

#[test]
fn what_a_run_has_begun_is_folded_under_it() {
    let mut harness = with_run(120, 36);
    assert_eq!((harness.state.tasks.len(), harness.state.tasks.running()), (1, 1));
    assert!(!harness.screen().contains("clone orders-prod as"));
    harness.keys("Shift-Tab Space");
    assert_eq!(harness.state.tasks.len(), 3);
    assert_snapshot!("unfolded_120x36", harness.screen());
    harness.keys("j j");
    assert_eq!(harness.state.task().unwrap().request.kind(), "rewind", "in the order in which they were begun");
    harness.keys("Space");
    assert_eq!((harness.state.tasks.len(), harness.state.task().unwrap().request.kind()), (1, "test"));
}

#[test]
fn the_end_of_a_part_is_no_news_and_that_of_the_run_is() {
    let mut harness = with_run(120, 36);
    let mut part = parts(&run())[1].clone();
    part.state = TaskState::Done;
    part.ended_at = Some(harness.now);
    send(&mut harness, &part);
    assert_eq!(harness.state.messages.current(), None);
    send(&mut harness, &over("failed", &["test-shop-x7k2"]));
    let said = harness.state.messages.current().unwrap().text.clone();
    assert_eq!(said, "failed: test shop on test-shop-x7k2; NOT GONE: test-shop-x7k2");
}

#[test]
fn a_run_whose_parts_were_read_first_takes_them_in() {
    let mut harness = ready(120, 36);
    let run = run();
    for part in parts(&run) {
        send(&mut harness, &part);
    }
    assert_eq!(harness.state.tasks.len(), 2);
    send(&mut harness, &run);
    assert_eq!(harness.state.tasks.len(), 1);
}

#[test]
fn the_card_of_a_run_at_every_size() {
    for (width, height) in [(60, 16), (80, 24), (120, 36), (200, 50)] {
        assert_snapshot!(format!("card_{width}x{height}"), opened(width, height).screen());
    }
}

#[test]
fn what_came_of_a_run_comes_first() {
    for (name, task) in [("passed", over("passed", &[])), ("leaked", over("failed", &["test-shop-x7k2", "stack-x"]))] {
        let mut harness = with_run(120, 36);
        send(&mut harness, &task);
        harness.keys("Shift-Tab Enter");
        assert_snapshot!(format!("card_{name}_120x36"), harness.screen());
    }
    let mut failed = over("release-failed", &[]);
    failed.state = TaskState::Failed;
    failed.steps[5].state = StepState::Failed;
    failed.error = Some(
        TaskError::new(FailureKind::Conflict, "sql/0042.sql:12: Unknown column `totl` in `field list`")
            .next("mend the script and run the recipe again"),
    );
    let mut harness = with_run(80, 24);
    send(&mut harness, &failed);
    harness.keys("Shift-Tab Enter");
    assert_snapshot!("card_failed_80x24", harness.screen());
}

#[test]
fn output_is_read_while_it_is_looked_at_and_follows_what_runs() {
    let mut harness = with_run(120, 36);
    let effects = harness.keys("Shift-Tab Enter");
    let path = written();
    assert!(effects.contains(&Effect::ReadOutput { path: path.clone(), part: Part::End }), "{effects:?}");
    harness.send(Event::Output { path: path.clone(), result: Ok(output(&["one"])) });
    let effects = harness.advance(SignedDuration::from_millis(600));
    assert!(effects.contains(&Effect::ReadOutput { path: path.clone(), part: Part::From(4) }), "{effects:?}");
    harness.send(Event::Output { path: path.clone(), result: Ok(output(&["one"])) });
    // The next step begins: its output is another file.
    let mut next = run();
    next.steps[6].state = StepState::Done;
    next.steps[7].state = StepState::Running;
    next.steps[7].logs = vec!["/run/07.log".into()];
    let effects = send(&mut harness, &next);
    assert!(effects.contains(&Effect::ReadOutput { path: "/run/07.log".into(), part: Part::End }), "{effects:?}");
    harness.keys("Esc");
    assert!(harness.advance(SignedDuration::from_secs(3)).iter().all(|e| !matches!(e, Effect::ReadOutput { .. })));
}

#[test]
fn a_cursor_that_was_moved_stays_on_its_step() {
    let mut harness = opened(120, 36);
    let effects = harness.keys("k");
    let path = format!("{LOGS}03-0042-release.log");
    assert!(effects.contains(&Effect::ReadOutput { path: path.into(), part: Part::End }), "{effects:?}");
    let mut next = run();
    next.steps[6].state = StepState::Done;
    next.steps[7].state = StepState::Running;
    send(&mut harness, &next);
    let Some(Overlay::Run(card)) = harness.state.overlays.last() else { panic!("the card is open") };
    assert_eq!(card.position(&next), 5);
    harness.keys("G Enter");
    assert!(harness.screen().contains("this step has not begun"), "a key is never silent");
}

#[test]
fn the_output_of_a_step_is_read_in_full() {
    let mut harness = opened(80, 24);
    harness.keys("Enter");
    assert_snapshot!("log_80x24", harness.screen());
    assert!(harness.screen().contains("test_40"));
    harness.keys("k");
    assert!(!harness.screen().contains("test_40") && harness.screen().contains("G goes to the end"));
    harness.keys("g");
    assert!(harness.screen().contains("test_01"));
    harness.keys("PgDn PgDn PgDn");
    assert!(harness.screen().contains("test_40") && harness.screen().contains("follows as it grows"));
    harness.keys("Esc");
    assert!(matches!(harness.state.overlays[..], [Overlay::Run(_)]), "back to the card");
}

#[test]
fn while_a_step_writes_nothing_the_last_output_stays() {
    let mut harness = opened(80, 24);
    let mut next = run();
    next.steps[6].state = StepState::Done;
    next.steps[7].state = StepState::Running;
    send(&mut harness, &next);
    assert!(harness.screen().contains("Output of checkout") && harness.screen().contains("test_40"));
    harness.keys("j");
    assert!(!harness.screen().contains("Output of"), "a step that was chosen shows its own");
}

#[test]
fn every_round_of_a_step_has_an_output_of_its_own() {
    let mut harness = opened(80, 24);
    harness.keys("Enter");
    assert!(harness.screen().contains("2 of 2"));
    let effects = harness.keys("Left");
    let first = format!("{LOGS}04-checkout-round-1.log");
    assert!(effects.contains(&Effect::ReadOutput { path: first.into(), part: Part::End }), "{effects:?}");
    assert!(harness.screen().contains("1 of 2") && !harness.screen().contains("follows as it grows"));
    harness.keys("n n");
    assert!(harness.screen().contains("2 of 2"));
    let mut harness = opened(80, 24);
    harness.keys("k Enter Left");
    assert!(harness.screen().contains("this step ran once"));
}

#[test]
fn what_a_reader_looks_at_stays_while_the_file_grows() {
    let mut harness = opened(80, 24);
    harness.keys("Enter g j j");
    let before = harness.screen();
    let path = written();
    let grown = Stretch { part: Part::From(0), ..output(&["tests/checkout/test_01.py::test_total PASSED"; 90]) };
    harness.send(Event::Output { path, result: Ok(grown) });
    assert_eq!(harness.screen().lines().nth(3).unwrap().len(), before.lines().nth(3).unwrap().len());
    assert!(harness.screen().contains("G goes to the end"));
}

#[test]
fn a_run_leaves_its_steps_and_marks_on_the_timeline() {
    let mut harness = with_run(120, 36);
    let mut clones = super::fixture::clusters();
    let clone = super::fixture::window(super::fixture::cluster("test-shop-x7k2", "8m"), 24, "8m");
    clones.push(super::fixture::ours(clone, "orders-prod", "ana@laptop", Some(at("2026-11-22T16:00:00Z"))));
    super::fixture::list(&mut harness, clones);
    select(&mut harness, "test-shop-x7k2");
    let id = resource("test-shop-x7k2");
    let history = crate::aws::History { rewinds: vec![], events: vec![], ..super::fixture::history() };
    harness.send(Event::History { id, result: Ok(history) });
    assert_snapshot!("timeline_120x36", harness.screen());
    harness.keys("t P R");
    let screen = harness.screen();
    assert!(screen.contains("undoes the release `0042-release`, the test `checkout`"), "{screen}");
    assert!(screen.contains("a test run is using it"), "{screen}");
    harness.keys("Esc D");
    assert!(harness.screen().contains("a test run is using it"), "{}", harness.screen());
    harness.keys("Esc");
    send(&mut harness, &over("passed", &[]));
    harness.keys("D");
    assert!(!harness.screen().contains("is using it"));
}

fn left(width: u16, height: u16) -> Harness {
    let mut harness = ready(width, height);
    let run = run();
    send(&mut harness, &run);
    harness.send(Event::Outlook(run.id.clone(), Outlook { hand: crate::engine::Hand::Nobody, estimate: None }));
    harness
}

#[test]
fn ending_a_run_says_what_each_way_leaves() {
    for (width, height) in [(60, 16), (80, 24), (120, 36)] {
        let mut harness = opened(width, height);
        harness.keys("x");
        assert_snapshot!(format!("cancel_{width}x{height}"), harness.screen());
    }
    let mut harness = opened(120, 36);
    assert!(harness.keys("x Enter").is_empty(), "Enter alone ends nothing");
    let effects = harness.keys("x j Enter");
    let id = run().id;
    assert!(effects.contains(&Effect::Cancel { id, how: crate::engine::Cancel::TearDown }), "{effects:?}");
}

#[test]
fn a_run_that_was_left_is_torn_down_after_a_question() {
    let mut harness = left(80, 24);
    assert!(harness.screen().contains("left behind: C tears it down"), "{}", harness.screen());
    assert!(harness.keys("Shift-Tab C").iter().all(|effect| !matches!(effect, Effect::CarryOn(_))));
    assert_snapshot!("take_up_80x24", harness.screen());
    assert_eq!(harness.keys("j Enter"), [Effect::CarryOn(run().id)]);
}

#[test]
fn leaving_a_run_waits_for_it_or_tears_it_down() {
    for (width, height) in [(60, 16), (80, 24), (120, 36)] {
        let mut harness = with_run(width, height);
        assert!(harness.keys("q").is_empty());
        assert_snapshot!(format!("quit_{width}x{height}"), harness.screen());
    }
    let mut harness = with_run(120, 36);
    assert!(harness.keys("q w").iter().all(|effect| *effect != Effect::Quit));
    assert!(harness.screen().contains("leaving after 1 task"));
    harness.keys("Esc Esc");
    assert!(!harness.state.leaving, "Esc stays");
    let effects = harness.keys("q t");
    assert_eq!(effects, [Effect::Cancel { id: run().id, how: crate::engine::Cancel::TearDown }]);
    let mut part = parts(&run())[1].clone();
    part.state = TaskState::Done;
    send(&mut harness, &part);
    assert!(send(&mut harness, &over("interrupted", &[])).contains(&Effect::Quit));
}
