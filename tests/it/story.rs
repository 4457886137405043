//! Marks, rewinds and what is told of them, by keys, on the simulated account.

use aurewind::engine::TaskState;
use aurewind::engine::task::TaskResult;
use aurewind::tui::State;
use jiff::{SignedDuration, Timestamp};

use super::scenario::Stage;

const CLONE: &str = "clone-orders-loadtest";

/// Confirms the plan on screen and waits until its rewind, the `count`th task, is done; gives back where it landed and
/// where it came from.
async fn confirmed(stage: &mut Stage, count: usize) -> (Timestamp, Timestamp) {
    stage.live.keys("Tab Enter");
    stage.until("it was asked for", move |state, _| state.tasks.all().len() == count).await;
    stage.done(count).await;
    let result = stage.live.harness.state.tasks.all()[0].result.clone();
    stage.until("it is listed as available", ready).await;
    match result {
        Some(TaskResult::Rewind { landed, backtracked_from: Some(from), .. }) => (landed, from),
        other => panic!("{other:?}"),
    }
}

fn ready(state: &State, _: &str) -> bool {
    state.cluster().is_some_and(|c| c.status.as_str() == "available") && state.undo_of_cluster().is_ok()
}

fn near(a: Timestamp, b: Timestamp) -> bool {
    a.duration_since(b).abs() <= SignedDuration::from_secs(4)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mark_is_come_back_to_left_and_come_back_to_again() {
    let mut stage = Stage::new(&[]).await;
    stage.choose(CLONE).await;
    stage.live.keys("m before-change");
    stage.until("the mark can be set", |_, screen| screen.contains("as a tag on the cluster")).await;
    stage.live.keys("Enter");
    stage.until("it is being set", |state, _| state.tasks.all().len() == 1).await;
    stage.done(1).await;
    let marked = |state: &State| -> Option<Timestamp> {
        let marks = &state.fleet.selected.as_ref()?.marks;
        marks.iter().find(|mark| mark.name.as_str() == "before-change").map(|mark| mark.at)
    };
    stage.until("the mark is read back", move |state, _| marked(state).is_some()).await;
    let mark = marked(&stage.live.harness.state).unwrap();

    // The change that turns out to be a bad one.
    stage.clock.advance(SignedDuration::from_mins(7));
    stage.live.keys("M");
    stage.until("the mark is listed", |_, screen| screen.contains("◆ before-change")).await;
    assert!(stage.screen().contains("at most, as the window slides"), "{}", stage.screen());
    stage.live.keys("R");
    stage.until("the plan is shown", |_, screen| screen.contains("every change of the last")).await;
    let (landed, from) = confirmed(&mut stage, 2).await;
    assert!(near(landed, mark) && from > mark + SignedDuration::from_mins(6), "{landed} {mark} {from}");

    stage.live.keys("Esc U");
    stage.until("the plan is shown", |_, screen| screen.contains("Undo clone-orders-loadtest")).await;
    let (landed, _) = confirmed(&mut stage, 3).await;
    assert!(near(landed, from), "{landed} {from}");

    stage.live.keys("Esc M");
    stage.until("the mark is listed", |_, screen| screen.contains("◆ before-change")).await;
    stage.live.keys("R");
    stage.until("the plan is shown", |_, screen| screen.contains("Rewind clone-orders-loadtest")).await;
    let (landed, _) = confirmed(&mut stage, 4).await;
    assert!(near(landed, mark), "{landed} {mark}");

    // All three are told, the undo as one that went forward again.
    stage.live.keys("Esc H");
    let known = |state: &State, _: &str| state.picker().is_some_and(|picker| picker.rewinds(state).len() >= 6);
    stage.until("its past rewinds are listed", known).await;
    let screen = stage.screen();
    assert!(screen.contains("asked      2026-11-22") && screen.contains("it landed"), "{screen}");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rewind_that_lands_three_seconds_off_says_so() {
    let mut stage = Stage::new(&[]).await;
    stage.choose(CLONE).await;
    stage.live.keys("t @ 13:02:03 Enter R");
    stage.until("the plan is shown", |_, screen| screen.contains("Rewind clone-orders-loadtest")).await;
    let (landed, _) = confirmed(&mut stage, 1).await;
    let task = &stage.live.harness.state.tasks.all()[0];
    assert_eq!(task.state, TaskState::Done);
    let Some(TaskResult::Rewind { asked, .. }) = task.result else { panic!("{task:?}") };
    assert_eq!(landed.duration_since(asked).abs(), SignedDuration::from_secs(3), "{asked} {landed}");
    let off = if landed > asked { "+3.0 s" } else { "-3.0 s" };
    assert!(stage.screen().contains(off), "the line of the task: {}", stage.screen());
    stage.live.keys("Esc H");
    stage
        .until("the list of past rewinds says it", move |_, screen| {
            screen.contains(&format!("it landed {off} from there"))
        })
        .await;
    stage.live.keys("Esc Shift-Tab g Enter");
    let screen = stage.screen();
    assert!(screen.contains("asked") && screen.contains("landed") && screen.contains("outage"), "{screen}");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_tells_of_a_bad_release_by_its_timeline_alone() {
    let mut stage = Stage::new(&[]).await;
    stage.choose("clone-billing-month-end").await;
    stage.live.keys("t");
    // The writes are told by CloudWatch: the dashboard has only just begun to look.
    let told = |state: &State, screen: &str| state.story().is_some() && screen.contains("writes, ");
    stage.until("its past is known", told).await;
    let screen = stage.screen();
    let row = |part: &str| {
        let found = screen.lines().find(|line| line.contains(part));
        let line = found.unwrap_or_else(|| panic!("{part} in\n{screen}"));
        line.chars().collect::<Vec<_>>()
    };
    let column = |line: &[char], wanted: char| line.iter().rposition(|c| *c == wanted).unwrap();
    let (marks, rate) = (row("◆ before-2.41"), row("▁▁▁"));
    let mark = column(&marks, '◆');
    let surge = rate.iter().rposition(|c| *c == '█').unwrap();
    assert!(surge > mark && surge - mark < 8, "the surge comes just after the mark:\n{screen}");
    let trickle = rate[..mark].iter().all(|c| !"▅▆▇█".contains(*c));
    assert!(trickle, "nothing before it was like it:\n{screen}");
    // The mark is where to go back to.
    stage.live.keys("P R");
    stage.until("the plan is shown", |_, screen| screen.contains("Rewind clone-billing-month-end")).await;
    let screen = stage.screen();
    assert!(screen.contains("before-2.41") && screen.contains("RDS reported since"), "{screen}");
    stage.end().await;
}
