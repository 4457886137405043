//! The task pane.

use jiff::SignedDuration;

use super::fixture::{ago, clone_request, progress, ready, rewind_request, select, task, tasks};
use crate::engine::task::TaskState;
use crate::tui::harness::Harness;
use crate::tui::state::Overlay;
use crate::tui::{Effect, Event};

fn send(harness: &mut Harness, task: crate::engine::Task) -> Vec<Effect> {
    harness.send(Event::Task(Box::new(task)))
}

#[test]
fn a_snapshot_replaces_the_one_before_and_the_newest_is_first() {
    let mut harness = ready(120, 36);
    for task in tasks() {
        send(&mut harness, task);
    }
    let again =
        progress(task(3, clone_request("orders-prod", "clone-orders-x7k2"), TaskState::Running), 3, "adding it");
    send(&mut harness, again);
    let states: Vec<_> = harness.state.tasks.all().iter().map(|task| task.state).collect();
    assert_eq!(states, [TaskState::Running, TaskState::Done, TaskState::Failed]);
    assert!(harness.screen().contains("instance: adding it"));
    assert!(harness.screen().contains("1 task"), "the badge");
}

#[test]
fn elapsed_time_goes_on_while_it_runs() {
    let mut harness = ready(120, 36);
    send(&mut harness, tasks().remove(0));
    assert!(harness.screen().contains("2m 00s"));
    harness.advance(SignedDuration::from_secs(3));
    assert!(harness.screen().contains("2m 03s"));
}

#[test]
fn the_end_is_announced_and_the_fleet_is_read_again() {
    let mut harness = ready(120, 36);
    let request = || rewind_request("clone-orders-hotfix", ago("1h"));
    send(&mut harness, task(5, request(), TaskState::Running));
    let mut done = task(5, request(), TaskState::Done);
    done.ended_at = Some(harness.now);
    assert_eq!(send(&mut harness, done.clone()), [Effect::Refresh]);
    assert!(harness.state.messages.current().unwrap().text.starts_with("done: rewind"));
    harness.keys("j");
    assert!(send(&mut harness, done).is_empty(), "not announced twice");
    assert_eq!(harness.state.messages.current(), None);
}

#[test]
fn what_ended_before_the_dashboard_began_is_no_news() {
    let mut harness = ready(120, 36);
    for task in tasks() {
        send(&mut harness, task);
    }
    assert_eq!(harness.state.messages.current(), None);
}

#[test]
fn the_history_of_what_was_changed_is_read_again() {
    let mut harness = ready(120, 36);
    select(&mut harness, "clone-orders-hotfix");
    let id = harness.state.cluster().unwrap().resource_id.clone();
    harness.advance(SignedDuration::from_secs(1));
    harness.send(Event::History { id: id.clone(), result: Ok(super::fixture::history()) });
    let effects = send(&mut harness, task(5, rewind_request("clone-orders-hotfix", ago("1h")), TaskState::Running));
    assert!(matches!(&effects[..], [Effect::LoadHistory { id: read, .. }] if *read == id), "{effects:?}");
}

#[test]
fn leaving_asks_while_tasks_run() {
    let mut harness = ready(120, 36);
    send(&mut harness, tasks().remove(0));
    assert!(harness.keys("q").is_empty());
    let screen = harness.screen();
    assert!(screen.contains("Leave? 1 task runs") && screen.contains("AWS goes on"), "{screen}");
    assert!(harness.keys("Enter").is_empty(), "Enter stays");
    assert!(harness.state.overlays.is_empty());
    assert_eq!(harness.keys("q y"), [Effect::Quit]);
}

#[test]
fn a_task_is_opened_from_its_pane_and_stays_up_to_date() {
    let mut harness = ready(120, 36);
    assert!(harness.keys("Shift-Tab Enter").is_empty());
    assert!(harness.state.messages.current().unwrap().text.contains("no task yet"));
    for task in tasks() {
        send(&mut harness, task);
    }
    harness.keys("j j Enter");
    assert!(matches!(harness.state.overlays[..], [Overlay::Task(..)]));
    let screen = harness.screen();
    for part in
        ["InvalidDBInstanceState", "8f2a0c1e-5d7b-4a53-9e0c-3b1f1d2c4e5f", "wait until the instance is available"]
    {
        assert!(screen.contains(part), "{part}: {screen}");
    }
}

#[test]
fn the_cursor_of_the_pane_is_bound_to_its_task() {
    let mut harness = ready(120, 36);
    for task in tasks() {
        send(&mut harness, task);
    }
    harness.keys("Shift-Tab j");
    let id = harness.state.tasks.cursor().unwrap().clone();
    send(&mut harness, task(9, clone_request("users-eu", "clone-users"), TaskState::Queued));
    assert_eq!(harness.state.tasks.cursor(), Some(&id));
}
