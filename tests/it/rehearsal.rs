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
async fn dashboard(recipe: &str) -> Stage {
    let dashboard = Stage::new(&[]).await;
    std::fs::write(dashboard.folder.path().join("smoke.toml"), recipe).unwrap();
    dashboard
}

/// Chooses the recipe and begins its run.
async fn begin(dashboard: &mut Stage) {
    dashboard.choose("orders-prod").await;
    dashboard.live.keys("T");
    dashboard.until("the recipe is found", |_, screen| screen.contains("smoke.toml")).await;
    dashboard.live.keys("Enter");
    dashboard.until("its plan is shown", |_, screen| screen.contains("[ Run ]")).await;
    assert!(dashboard.screen().contains("Release and test on a clone"), "{}", dashboard.screen());
    dashboard.live.keys("Tab Enter");
    dashboard.until("it has begun", |state, _| run(state).is_some()).await;
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
    let mut dashboard = dashboard(RECIPE).await;
    begin(&mut dashboard).await;
    dashboard.until("it is over", |state, _| run(state).is_some_and(|run| run.state.is_final())).await;
    let state = &dashboard.live.harness.state;
    assert_eq!(verdict(state).as_deref(), Some("passed"), "{:#?}", run(state));
    assert_eq!(state.tasks.len(), 1, "its parts are folded away");
    dashboard.until("the clone is gone", |state, _| clones_of_runs(state) == 0).await;
    dashboard.live.keys("Shift-Tab Enter k k k Enter");
    dashboard.until("its output is read", |_, screen| screen.contains("released test-smoke")).await;
    dashboard.live.keys("Esc k");
    assert!(dashboard.screen().contains("fresh"), "{}", dashboard.screen());
    dashboard.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_ended_and_torn_down() {
    let mut dashboard = dashboard(&RECIPE.replace("echo checked", "sleep 600")).await;
    begin(&mut dashboard).await;
    dashboard.live.keys("Shift-Tab");
    dashboard
        .until("it tests", |state, _| {
            run(state)
                .and_then(|run| run.current())
                .is_some_and(|step| step.title() == "checks" && step.started_at.is_some())
        })
        .await;
    assert_eq!(clones_of_runs(&dashboard.live.harness.state), 1);
    dashboard.live.keys("q t");
    dashboard.until("it is over", |state, _| run(state).is_some_and(|run| run.state.is_final())).await;
    let state = &dashboard.live.harness.state;
    assert_eq!(verdict(state).as_deref(), Some("interrupted"), "{:#?}", run(state));
    assert_ne!(run(state).unwrap().state, TaskState::Done);
    assert!(dashboard.live.left.contains(&Effect::Quit), "nothing is left to wait for");
    dashboard.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_recipe_is_shown() {
    let mut dashboard = dashboard(&RECIPE.replace("role = \"release\"", "role = \"relaese\"")).await;
    dashboard.live.keys("T");
    dashboard.until("the recipe is found", |_, screen| screen.contains("1 mistake")).await;
    dashboard.live.keys("Enter");
    dashboard.until("the mistake is explained", |_, screen| screen.contains("relaese")).await;
    dashboard.live.keys("Esc Esc");
    assert!(dashboard.live.harness.state.overlays.is_empty());
    dashboard.end().await;
}
