//! Test runs in the dashboard: chosen, shown, run, read, ended.

use aurewind::engine::{Request, TaskResult, TaskState};
use aurewind::tui::{Effect, State};

use super::scenario::Stage;

const RECIPE: &str = r#"
schema = 1
name = "smoke"
description = "Release and test on a clone"
source.cluster = "orders-prod"
connect.probe = "api"

[[step]]
mark = "fresh"

[[step]]
name = "release"
run = "echo released $AUREWIND_CLONE"
role = "release"

[[step]]
name = "checks"
run = "echo checked; test -z \"$FAIL\""
"#;

/// A dashboard that finds this recipe.
async fn stage(recipe: &str) -> Stage {
    let stage = Stage::new(&[]).await;
    std::fs::write(stage.folder.path().join("smoke.toml"), recipe).unwrap();
    stage
}

/// Chooses the recipe and begins its run.
async fn begin(stage: &mut Stage) {
    stage.choose("orders-prod").await;
    stage.live.keys("T");
    stage.until("the recipe is found", |_, screen| screen.contains("smoke.toml")).await;
    stage.live.keys("Enter");
    stage.until("its plan is shown", |_, screen| screen.contains("[ Run ]")).await;
    assert!(stage.screen().contains("Release and test on a clone"), "{}", stage.screen());
    stage.live.keys("Tab Enter");
    stage.until("it has begun", |state, _| run(state).is_some()).await;
}

fn run(state: &State) -> Option<&aurewind::engine::Task> {
    state.tasks.all().iter().find(|task| matches!(task.request, Request::Test(_)))
}

fn verdict(state: &State) -> Option<String> {
    match &run(state)?.result {
        Some(TaskResult::Test { verdict, leaked, .. }) if leaked.is_empty() => Some(verdict.clone()),
        _ => None,
    }
}

fn clones_of_runs(state: &State) -> usize {
    state.fleet.data.iter().filter(|cluster| cluster.id.as_str().starts_with("test-smoke")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipe_is_run_from_the_dashboard_and_leaves_nothing() {
    let mut stage = stage(RECIPE).await;
    begin(&mut stage).await;
    stage.until("it is over", |state, _| run(state).is_some_and(|run| run.state.is_final())).await;
    let after = &stage.live.harness.state;
    assert_eq!(verdict(after).as_deref(), Some("passed"), "{:#?}", run(after));
    assert_eq!(after.tasks.len(), 1, "its parts are folded away");
    stage.until("the clone is gone", |state, _| clones_of_runs(state) == 0).await;
    stage.live.keys("Shift-Tab Enter k k k Enter");
    stage.until("its output is read", |_, screen| screen.contains("released test-smoke")).await;
    stage.live.keys("Esc k");
    assert!(stage.screen().contains("fresh"), "{}", stage.screen());
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_ended_and_torn_down() {
    let mut stage = stage(&RECIPE.replace("echo checked", "sleep 600")).await;
    begin(&mut stage).await;
    stage.live.keys("Shift-Tab");
    stage
        .until("it tests", |state, _| {
            run(state)
                .and_then(|run| run.current())
                .is_some_and(|step| step.title() == "checks" && step.started_at.is_some())
        })
        .await;
    assert_eq!(clones_of_runs(&stage.live.harness.state), 1);
    stage.live.keys("q t");
    stage.until("it is over", |state, _| run(state).is_some_and(|run| run.state.is_final())).await;
    let after = &stage.live.harness.state;
    assert_eq!(verdict(after).as_deref(), Some("interrupted"), "{:#?}", run(after));
    assert_ne!(run(after).unwrap().state, TaskState::Done);
    assert!(stage.live.left.contains(&Effect::Quit), "nothing is left to wait for");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_recipe_is_shown() {
    let mut stage = stage(&RECIPE.replace("role = \"release\"", "role = \"relaese\"")).await;
    stage.live.keys("T");
    stage.until("the recipe is found", |_, screen| screen.contains("1 mistake")).await;
    stage.live.keys("Enter");
    stage.until("the mistake is explained", |_, screen| screen.contains("relaese")).await;
    stage.live.keys("Esc Esc");
    assert!(stage.live.harness.state.overlays.is_empty());
    stage.end().await;
}
