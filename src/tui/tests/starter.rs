//! Starting a test run.

use std::path::PathBuf;

use insta::assert_snapshot;

use super::fixture::{ready, select};
use crate::aurora::cost::Cost;
use crate::aurora::plan::{Check, Level, Plan};
use crate::config::Memory;
use crate::tui::harness::Harness;
use crate::tui::state::{Found, FoundKind, Overlay, Prospect};
use crate::tui::{Effect, Event};

pub(in crate::tui) fn recipe(path: &str, source: &str) -> Found {
    let name = path.rsplit('/').next().unwrap().trim_end_matches(".toml").to_owned();
    let description = Some(format!("Try the release of {name} on a copy of last night's data"));
    Found { path: path.into(), kind: FoundKind::Recipe { name, description, source: Some(source.into()), steps: 7 } }
}

pub(in crate::tui) fn broken(path: &str) -> Found {
    Found { path: path.into(), kind: FoundKind::Broken(2) }
}

pub(in crate::tui) fn folder(path: &str) -> Found {
    Found { path: path.into(), kind: FoundKind::Folder }
}

fn check(name: &'static str, level: Level, message: &str) -> Check {
    Check { name, level, message: message.into(), mend: (level != Level::Pass).then(|| "mend it".into()) }
}

fn prospect(checks: Vec<Check>) -> Prospect {
    let clone = "test-shop-x7k2".parse().unwrap();
    let mut plan = Plan::about("Test shop on test-shop-x7k2, a clone of orders-prod".into(), clone, None);
    plan.checks = checks;
    plan.calls = vec!["aws rds restore-db-cluster-to-point-in-time --db-cluster-identifier test-shop-x7k2".into()];
    plan.cost = Some(Cost {
        per_hour: 0.313,
        until_expiry: None,
        currency: "USD".into(),
        note: "db.r6g.large, prices of 2026-11-01".into(),
    });
    let steps = [
        ("mask", "prepare: sql/mask.sql"),
        ("before-release", "mark"),
        ("0042-release", "release: sql/0042.sql"),
        ("checkout", "test: pytest -q"),
    ];
    Prospect {
        name: "shop".into(),
        description: Some("Try the release of shop on a copy of last night's data".into()),
        steps: steps.map(|(name, what)| (name.to_owned(), what.to_owned())).into(),
        warnings: Vec::new(),
        plan,
    }
}

/// The dialog is open over `orders-prod` and has found a few recipes.
fn open(width: u16, height: u16) -> Harness {
    let mut harness = ready(width, height);
    select(&mut harness, "orders-prod");
    let effects = harness.keys("T");
    assert_eq!(effects, [Effect::FindRecipes { folder: None, recent: Vec::new() }]);
    let found = vec![recipe("a.toml", "users-eu"), broken("half.toml"), recipe("recipes/shop.toml", "orders-prod")];
    harness.send(Event::Recipes { folder: None, found });
    harness
}

fn checked(harness: &mut Harness, result: Result<Prospect, Vec<String>>) {
    harness.send(Event::Checked { path: "recipes/shop.toml".into(), result: result.map(Box::new) });
}

fn good() -> Prospect {
    prospect(vec![
        check("source", Level::Pass, "orders-prod is available"),
        check("instances", Level::Warn, "the class is that of the source"),
    ])
}

#[test]
fn recipes_are_chosen_from_a_list() {
    for (width, height) in [(60, 16), (80, 24), (120, 36), (200, 50)] {
        assert_snapshot!(format!("recipes_{width}x{height}"), open(width, height).screen());
    }
    let mut harness = open(120, 36);
    assert_eq!(
        harness.keys("Enter"),
        [Effect::CheckRecipe("recipes/shop.toml".into())],
        "the one of the cluster is first"
    );
}

#[test]
fn a_plan_is_shown_and_enter_alone_begins_nothing() {
    for (width, height) in [(60, 16), (80, 24), (120, 36)] {
        let mut harness = open(width, height);
        harness.keys("Enter");
        checked(&mut harness, Ok(good()));
        assert_snapshot!(format!("plan_{width}x{height}"), harness.screen());
    }
    let mut harness = open(120, 36);
    harness.keys("Enter");
    checked(&mut harness, Ok(good()));
    assert!(harness.keys("Enter").is_empty(), "the button that goes back has the keys");
    harness.keys("Enter");
    checked(&mut harness, Ok(good()));
    let path = PathBuf::from("recipes/shop.toml");
    let memory = Memory { utc: None, recipes: vec![path.clone()] };
    assert_eq!(harness.keys("Tab Enter"), [Effect::StartTest(path), Effect::Remember(memory)]);
    assert!(harness.state.overlays.is_empty());
}

#[test]
fn what_forbids_a_run_is_said_first_and_there_is_nothing_to_press() {
    let mut harness = open(80, 24);
    harness.keys("Enter");
    checked(
        &mut harness,
        Ok(prospect(vec![
            check("name", Level::Pass, "test-shop-x7k2"),
            check("rewinds", Level::Fail, "the clone has no Backtrack window"),
        ])),
    );
    assert_snapshot!("blocked_80x24", harness.screen());
    assert!(harness.keys("Tab Enter").iter().all(|effect| !matches!(effect, Effect::StartTest(_))));
}

#[test]
fn what_is_wrong_with_a_file_is_explained_and_checked_again() {
    let mut harness = open(80, 24);
    harness.keys("Enter");
    let problem = "error: `step[2].timeout = 5x`: `5x` is no length of time\n --> recipes/shop.toml:14:11\n   |\n14 | timeout = \"5x\"\n   |           ^^^^";
    checked(&mut harness, Err(vec![problem.into()]));
    assert_snapshot!("wrong_80x24", harness.screen());
    assert_eq!(harness.keys("r"), [Effect::CheckRecipe("recipes/shop.toml".into())]);
    harness.keys("Esc");
    assert!(matches!(harness.state.overlays[..], [Overlay::Starter(_)]), "back to the list");
    checked(&mut harness, Ok(good()));
    assert!(harness.screen().contains("half.toml"), "an answer that nobody waits for changes nothing");
}

#[test]
fn a_path_is_typed_and_completed() {
    let mut harness = open(120, 36);
    let effects = harness.keys("ci/");
    assert_eq!(effects, [Effect::FindRecipes { folder: Some("ci".into()), recent: Vec::new() }]);
    let found = vec![folder("ci/nightly"), recipe("ci/shop.toml", "users-eu")];
    harness.send(Event::Recipes { folder: Some("ci".into()), found });
    let effects = harness.keys("n Tab");
    assert_eq!(effects, [Effect::FindRecipes { folder: Some("ci/nightly".into()), recent: Vec::new() }]);
    assert!(harness.screen().contains("ci/nightly/"));
    harness.send(Event::Recipes { folder: Some("ci/nightly".into()), found: Vec::new() });
    harness.keys("x.toml");
    assert_eq!(harness.keys("Enter"), [Effect::CheckRecipe("ci/nightly/x.toml".into())], "what is typed counts");
}
