//! What is done with tasks: cancel, carry on, undo; what is left when the dashboard starts or ends; history; calls.

use insta::assert_snapshot;
use jiff::SignedDuration;

use super::fixture::rewind_request;
use super::fixture::{
    ago, clone_request, delete_request, full, history, progress, ready, resource, select, task, tasks,
};
use crate::aurora::plan;
use crate::aurora::request::CloneRequest;
use crate::aws::Calls;
use crate::engine::estimate::Estimate;
use crate::engine::task::{FailureKind, TaskState};
use crate::engine::{Cancel, Hand, Request, Task, TaskError, TaskId};
use crate::tui::harness::Harness;
use crate::tui::state::{Outlook, Overlay};
use crate::tui::{Effect, Event};

fn send(harness: &mut Harness, task: Task) {
    harness.send(Event::Task(Box::new(task)));
}

fn making() -> Task {
    tasks().remove(0)
}

/// A dashboard with one running clone, and the keys in the pane of tasks.
fn with(width: u16, height: u16, mut task: Task) -> Harness {
    let mut harness = ready(width, height);
    if let Request::Create(request) = &task.request {
        // As its preflight has fixed it; there the name is still free.
        let free = CloneRequest { name: "clone-free".parse().unwrap(), ..request.clone() };
        task.spec = plan::clone(&free, task.id.as_str(), harness.state.desk()).1;
        if let Some(instance) = task.spec.as_mut().and_then(|spec| spec.instance.as_mut()) {
            instance.id = format!("{}-1", request.name).parse().unwrap();
        }
    }
    send(&mut harness, task);
    harness.keys("Shift-Tab");
    harness
}

fn outlook(harness: &mut Harness, id: &TaskId, hand: Hand, minutes: Option<(i64, i64)>) {
    let estimate = minutes.map(|(median, p90)| Estimate {
        median: SignedDuration::from_mins(median),
        p90: SignedDuration::from_mins(p90),
        samples: 12,
    });
    harness.send(Event::Outlook(id.clone(), Outlook { hand, estimate }));
}

fn said(harness: &Harness) -> &str {
    &harness.state.messages.current().unwrap().text
}

#[test]
fn cancel_asks_and_enter_changes_nothing() {
    let mut harness = with(120, 36, making());
    assert!(harness.keys("x Enter").is_empty());
    assert!(harness.state.overlays.is_empty());
    assert!(harness.keys("x Esc").is_empty());
    assert!(harness.state.overlays.is_empty());
}

#[rstest::rstest]
#[case("x j Enter", Cancel::Detach)]
#[case("x j j Enter", Cancel::TearDown)]
#[case("x Shift-Tab Enter", Cancel::TearDown)]
#[case("Enter x Tab Enter", Cancel::Detach)]
fn each_answer_is_given_for_this_task(#[case] keys: &str, #[case] how: Cancel) {
    let mut harness = with(120, 36, making());
    let id = making().id;
    assert_eq!(harness.keys(keys), [Effect::Cancel { id, how }]);
}

#[test]
fn only_what_was_made_can_be_torn_down() {
    let mut harness = with(120, 36, task(7, delete_request("clone-orders-hotfix"), TaskState::Running));
    harness.keys("x");
    assert!(!harness.screen().contains("Tear down"), "{}", harness.screen());
}

#[test]
fn the_answers_follow_the_task() {
    let mut harness = with(120, 36, making());
    harness.keys("x j j");
    assert!(harness.screen().contains("deletes"), "{}", harness.screen());
    let mut done = making();
    done.state = TaskState::Done;
    done.ended_at = Some(harness.now);
    send(&mut harness, done);
    let screen = harness.screen();
    assert!(screen.contains("[ Close ]") && !screen.contains("Tear down"), "{screen}");
    assert!(harness.keys("Enter").is_empty());
}

#[test]
fn what_cannot_be_done_with_a_task_says_why() {
    let mut harness = with(120, 36, making());
    let id = making().id;
    harness.keys("C");
    assert_eq!(said(&harness), "it is being carried on already");
    harness.keys("U");
    assert!(said(&harness).contains("only a rewind that is done"));
    outlook(&mut harness, &id, Hand::Elsewhere, None);
    harness.keys("x");
    assert!(said(&harness).contains("another process drives it"), "{}", said(&harness));
    harness.keys("C");
    assert!(said(&harness).contains("another process drives it"));
    assert!(harness.screen().contains("elsewhere"));
    harness.state.setup.policy.read_only = true;
    harness.keys("x");
    assert!(said(&harness).contains("read-only"));
    let mut over = full(120, 36);
    for keys in ["Shift-Tab j x", "j x", "C"] {
        over.keys(keys);
        assert!(said(&over).contains("already"), "{keys}: {}", said(&over));
    }
    assert!(over.state.overlays.is_empty());
}

#[test]
fn what_was_left_or_detached_is_carried_on() {
    let left = making();
    let mut harness = with(120, 36, left.clone());
    outlook(&mut harness, &left.id, Hand::Nobody, None);
    assert!(harness.screen().contains("left"), "{}", harness.screen());
    assert_eq!(harness.keys("C"), [Effect::CarryOn(left.id.clone())]);
    let mut detached = left.clone();
    detached.cancel(Cancel::Detach, harness.now);
    send(&mut harness, detached);
    assert_eq!(harness.keys("Enter C"), [Effect::CarryOn(left.id)]);
}

#[test]
fn one_that_outlived_its_deadline_waits_for_a_person() {
    let mut late = making();
    late.fail(TaskError::new(FailureKind::Timeout, "not over after 2h; the cluster is `creating`"), ago("10s"));
    assert_eq!(late.state, TaskState::Paused);
    let mut harness = with(120, 36, late.clone());
    assert_eq!(harness.state.tasks.running(), 0, "nobody drives it");
    assert_eq!(harness.keys("q"), [Effect::Quit], "nothing stops with this process");
    assert_eq!(harness.keys("C"), [Effect::CarryOn(late.id)]);
}

#[test]
fn what_was_refused_is_told() {
    let mut harness = with(120, 36, making());
    let error = TaskError::new(FailureKind::Journal, "the disk is full").next("free some");
    harness.send(Event::Refused(error));
    assert_eq!(said(&harness), "not done: the disk is full");
}

#[test]
fn the_question_at_the_start_waits_behind_what_is_open_and_enter_leaves_them() {
    let mut harness = ready(120, 36);
    let left = making();
    send(&mut harness, left.clone());
    outlook(&mut harness, &left.id, Hand::Nobody, None);
    harness.keys("?");
    harness.send(Event::Left(vec![left.id.clone()]));
    assert!(matches!(harness.state.overlays[..], [Overlay::Choice(_), Overlay::Help(_)]));
    harness.keys("Esc");
    assert!(harness.screen().contains("1 task left unfinished"));
    assert!(harness.keys("Enter").is_empty());
    assert!(said(&harness).starts_with("left as they are"));
    harness.send(Event::Left(vec![left.id.clone()]));
    assert_eq!(harness.keys("Tab Enter"), [Effect::CarryOn(left.id)]);
    harness.send(Event::Left(Vec::new()));
    assert!(harness.state.overlays.is_empty(), "nothing is asked about nothing");
}

fn rewound(harness: &mut Harness, id: &str) {
    select(harness, id);
    harness.send(Event::History { id: resource(id), result: Ok(history()) });
}

#[test]
fn undo_goes_back_to_just_before_the_last_rewind() {
    let mut harness = ready(120, 36);
    select(&mut harness, "clone-orders-hotfix");
    harness.keys("U");
    assert!(said(&harness).contains("still being read"), "{}", said(&harness));
    // Its last rewind was taken back from a moment before it was cloned: an inherited record, so to say.
    rewound(&mut harness, "clone-orders-hotfix");
    harness.keys("U");
    assert!(said(&harness).contains("holds nothing before"), "{}", said(&harness));
    let mut history = history();
    history.rewinds[0].from = Some(ago("2h") + SignedDuration::from_millis(640));
    harness.send(Event::History { id: resource("clone-orders-hotfix"), result: Ok(history.clone()) });
    harness.keys("U");
    assert!(harness.screen().contains("back to just before its last rewind"), "{}", harness.screen());
    assert!(harness.keys("Enter").is_empty(), "Enter is the safe side");
    let effects = harness.keys("U Tab Enter");
    let Some(Effect::Start { request, .. }) = effects.first() else { panic!("{effects:?}") };
    let Request::Rewind(request) = &**request else { panic!("{request:?}") };
    assert_eq!((request.cluster.as_str(), request.to), ("clone-orders-hotfix", ago("2h")));
    history.rewinds.clear();
    harness.send(Event::History { id: resource("clone-orders-hotfix"), result: Ok(history) });
    harness.keys("U");
    assert!(said(&harness).contains("nothing to undo"));
}

/// A rewind that is done, of a clone that nothing was cloned from.
fn rewind_done() -> Task {
    let mut done = task(2, rewind_request("clone-orders-hotfix", ago("3h")), TaskState::Done);
    done.ended_at = Some(ago("30s"));
    done.result = Some(crate::engine::TaskResult::Rewind {
        asked: ago("3h"),
        landed: ago("3h"),
        delta_seconds: 0.0,
        backtracked_from: Some(ago("1m")),
        outage: None,
    });
    done
}

#[test]
fn a_finished_rewind_is_undone_from_its_task() {
    let mut harness = with(120, 36, rewind_done());
    for keys in ["U", "Enter U"] {
        let effects = harness.keys(&format!("{keys} Tab Enter"));
        let start = effects.iter().find(|effect| matches!(effect, Effect::Start { .. }));
        let Some(Effect::Start { request, .. }) = start else { panic!("{effects:?}") };
        let Request::Rewind(request) = &**request else { panic!("{request:?}") };
        assert_eq!(request.to, ago("61s"), "just before it was taken back, on a whole second");
    }
}

#[test]
fn a_rewind_that_is_not_the_last_one_is_not_undone_from_its_task() {
    let mut harness = with(120, 36, rewind_done());
    let mut history = history();
    let id = resource("clone-orders-hotfix");
    history.rewinds[0].from = Some(ago("30s"));
    harness.send(Event::History { id: id.clone(), result: Ok(history.clone()) });
    harness.keys("U");
    assert!(said(&harness).contains("has been rewound again since"), "{}", said(&harness));
    history.rewinds[0].status = crate::aurora::rewind::RewindStatus::Applying;
    harness.send(Event::History { id: id.clone(), result: Ok(history.clone()) });
    harness.keys("U");
    assert!(said(&harness).contains("a rewind of it is `applying`"), "{}", said(&harness));
    history.rewinds.clear();
    harness.send(Event::History { id, result: Ok(history) });
    let mut newer = task(9, rewind_request("clone-orders-hotfix", ago("4h")), TaskState::Running);
    newer.resource = Some(resource("clone-orders-hotfix"));
    send(&mut harness, newer);
    harness.keys("End U");
    assert!(said(&harness).contains("a rewind of it is `applying`"), "{}", said(&harness));
    assert!(harness.state.overlays.is_empty());
}

#[rstest::rstest]
#[case(Some((5, 9)), "about 3m left, at most 7m")]
#[case(Some((1, 3)), "at most 1m left")]
#[case(Some((1, 1)), "longer than usual")]
#[case(None, "2m 00s")]
fn what_is_left_is_told_from_history_alone(#[case] minutes: Option<(i64, i64)>, #[case] want: &str) {
    let mut harness = with(120, 36, making());
    outlook(&mut harness, &making().id, Hand::Here, minutes);
    let screen = harness.screen();
    let line = screen.lines().find(|line| line.contains("2m 00s")).unwrap();
    assert!(line.contains(want), "{screen}");
    assert_eq!(line.contains("left"), want.contains("left"), "{screen}");
    harness.keys("Enter");
    let screen = harness.screen();
    assert_eq!(screen.contains("9 of 10 under") && screen.contains("(12 before)"), minutes.is_some(), "{screen}");
}

#[test]
fn one_that_lay_around_is_not_measured_by_the_others() {
    let mut resumed = making();
    resumed.resumed_at = Some(ago("10s"));
    let mut harness = with(120, 36, resumed.clone());
    outlook(&mut harness, &resumed.id, Hand::Here, Some((1, 1)));
    assert!(!harness.screen().contains("longer than usual"));
    harness.keys("Enter");
    assert!(harness.screen().contains("usually 1m 00s"), "{}", harness.screen());
}

#[rstest::rstest]
#[case(false, "throttled, next try in 4s")]
#[case(true, "credentials expired: The")]
fn what_stands_in_the_way_is_visible_on_a_small_screen(#[case] paused: bool, #[case] want: &str) {
    let mut stopped = progress(making(), 2, "throttled");
    if paused {
        stopped.pause("credentials expired: The security token is expired; sign in again", ago("1s"));
    }
    stopped.retry_at = Some(ago("1s") + SignedDuration::from_secs(5));
    let mut harness = with(80, 24, stopped.clone());
    outlook(&mut harness, &stopped.id, Hand::Here, Some((5, 9)));
    let screen = harness.screen();
    assert!(screen.contains(want) && screen.contains("clone-or"), "{screen}");
    harness.advance(SignedDuration::from_secs(3));
    harness.keys("Enter");
    assert!(harness.screen().contains("next try in 1s"), "the countdown goes on: {}", harness.screen());
}

#[test]
fn leaving_tells_what_each_task_leaves_undone() {
    let mut harness = ready(80, 24);
    send(&mut harness, making());
    for n in 10..20 {
        send(&mut harness, task(n, clone_request("users-eu", &format!("clone-users-{n}")), TaskState::Running));
    }
    outlook(&mut harness, &TaskId::new(ago("2m"), 19), Hand::Elsewhere, None);
    harness.keys("q");
    let screen = harness.screen();
    assert!(screen.contains("Leave? 10 tasks run"), "{screen}");
    assert!(screen.contains("nothing was asked of AWS yet"), "{screen}");
    assert!(screen.contains("more") && screen.contains("y leave"), "{screen}");
    assert!(!screen.contains("clone-users-19"), "that one goes on without us: {screen}");
}

/// Tasks that are over, each a minute older than the one before.
fn past(from: u32, count: u32) -> Vec<Task> {
    let one = |n: u32| {
        let at = ago("3h") - SignedDuration::from_mins(i64::from(n));
        let mut task = Task::new(TaskId::new(at, 0), clone_request("users-eu", &format!("clone-n{n}")), None, at);
        task.state = TaskState::Done;
        task.ended_at = Some(at);
        task
    };
    (from..from + count).map(one).collect()
}

#[test]
fn older_tasks_come_from_the_journal_when_the_cursor_gets_there() {
    let mut harness = ready(120, 36);
    let effects = harness.send(Event::Past { tasks: past(0, 20), more: true });
    assert!(effects.is_empty(), "{effects:?}");
    assert!(harness.screen().contains("Tasks  20+") || harness.screen().contains("Tasks 20+"), "{}", harness.screen());
    let oldest = harness.state.tasks.all().last().unwrap().id.clone();
    assert_eq!(harness.keys("Shift-Tab G"), [Effect::LoadPast(oldest)]);
    assert!(harness.keys("j j").is_empty(), "once");
    harness.send(Event::Past { tasks: past(20, 5), more: false });
    assert_eq!(harness.state.tasks.all().len(), 25);
    assert!(harness.keys("G").is_empty());
    assert!(harness.screen().contains("clone-n24"));
    assert_eq!(harness.state.messages.current(), None, "history is no news");
}

#[test]
fn the_memory_of_tasks_is_bounded() {
    let mut harness = ready(120, 36);
    send(&mut harness, making());
    for page in 0..30 {
        harness.send(Event::Past { tasks: past(page * 20, 20), more: true });
    }
    assert_eq!(harness.state.tasks.all().len(), 500);
    assert!(harness.state.tasks.get(&making().id).is_some());
    assert!(harness.keys("Shift-Tab G").is_empty());
    assert!(harness.screen().contains("older ones: aurewind tasks"), "{}", harness.screen());
}

#[test]
fn calls_are_counted_only_while_somebody_looks() {
    let mut harness = ready(100, 30);
    assert_eq!(harness.keys("!"), [Effect::CountCalls]);
    let calls = Calls { made: 1_204, per_minute: Some(240), last_minute: 37, held_back: 3, held_lately: 2 };
    harness.send(Event::Calls(Some(calls)));
    let screen = harness.screen();
    assert!(screen.contains("37 in the last minute (240 are allowed), 1204 in all"), "{screen}");
    assert!(screen.contains("the limit slows readings down: 2 waited"), "{screen}");
    assert!(harness.advance(SignedDuration::from_secs(2)).contains(&Effect::CountCalls));
    let version = harness.state.pulse.version;
    harness.send(Event::Calls(Some(calls)));
    assert_eq!(harness.state.pulse.version, version, "the same count is not drawn again");
    harness.keys("Esc");
    assert!(!harness.advance(SignedDuration::from_secs(60)).contains(&Effect::CountCalls));
}

#[test]
fn questions_and_what_is_in_the_way_as_they_are_drawn() {
    for (width, height) in [(60, 16), (80, 24), (120, 36)] {
        let mut harness = with(width, height, making());
        outlook(&mut harness, &making().id, Hand::Here, Some((5, 9)));
        assert_snapshot!(format!("task_eta_{width}x{height}"), harness.screen());
        harness.keys("x j j");
        assert_snapshot!(format!("cancel_{width}x{height}"), harness.screen());
        harness.keys("Esc");
        outlook(&mut harness, &making().id, Hand::Nobody, Some((5, 9)));
        harness.send(Event::Left(vec![making().id]));
        assert_snapshot!(format!("left_{width}x{height}"), harness.screen());
        harness.keys("Esc Enter");
        assert_snapshot!(format!("task_left_{width}x{height}"), harness.screen());
        let mut harness = with(width, height, rewind_done());
        harness.keys("U");
        assert_snapshot!(format!("undo_{width}x{height}"), harness.screen());
    }
}
