//! The head of a recipe, its source, secrets, connection, limits and reports.

use std::collections::BTreeMap;
use std::path::Component;

use super::{Notes, short, variables, way};
use crate::aurora::ids::ClusterId;
use crate::aurora::plan::MAX_CLONES;
use crate::recipe::file::serde_words::instead;
use crate::recipe::model::{Action, Command, Master, Probe, Recipe, Role, Sql, Window};

/// The only version of the format.
const SCHEMA: u32 = 1;
/// The longest name of a recipe.
const LONGEST_NAME: usize = 20;
/// The longest name of a user (MySQL Reference Manual, Restrictions on user names).
const LONGEST_LOGIN: usize = 32;

pub fn all(recipe: &Recipe, notes: &mut Notes) {
    head(recipe, notes);
    source(recipe, notes);
    secrets(recipe, notes);
    without_sql(recipe, notes);
    limits(recipe, notes);
    reports(recipe, notes);
}

fn head(recipe: &Recipe, notes: &mut Notes) {
    if recipe.schema != SCHEMA {
        let mend = format!("write {SCHEMA}; a later format wants a later aurewind");
        notes.wrong(way!["schema"], "this version of the format is not known", mend);
    }
    let legal = recipe.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let some = recipe.name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !legal || !some || recipe.name.len() > LONGEST_NAME || recipe.name.ends_with('-') {
        let mend = format!("use 1 to {LONGEST_NAME} letters, digits and hyphens, no hyphen first or last");
        notes.wrong(way!["name"], "a recipe cannot be called so", mend);
    }
}

fn source(recipe: &Recipe, notes: &mut Notes) {
    let output = recipe.environment.as_ref().and_then(|environment| environment.source_output.as_ref());
    match (&recipe.source.cluster, output) {
        (None, None) => notes.wrong(way!["source"], "no cluster is named", "add `cluster = \"…\"` to `[source]`"),
        (Some(_), Some(_)) => notes.wrong(
            way!["environment", "source-output"],
            "the cluster is named twice",
            "leave out this, or `source.cluster`",
        ),
        (Some(id), None) => {
            if let Err(error) = id.parse::<ClusterId>() {
                notes.wrong(way!["source", "cluster"], short(&error), "write the identifier of a cluster, not its ARN");
            }
        }
        (None, Some(_)) => {}
    }
    let expect = &recipe.source.expect;
    let engines = ["aurora-mysql", "aurora-postgresql"];
    if let Some(engine) = expect.engine.as_deref().filter(|engine| !engines.contains(engine)) {
        let mend = instead(engine, &engines, "write");
        notes.wrong(way!["source", "expect", "engine"], "this engine is not known", mend);
    }
    if expect.engine.as_deref() == Some("aurora-postgresql") && recipe.connect.probe == Probe::Sql {
        let mend = "set `connect.probe = \"tcp\"`, and use commands instead of SQL steps";
        notes.wrong(way!["source", "expect", "engine"], "SQL is spoken with Aurora MySQL only", mend);
    }
    if expect.version.as_deref().is_some_and(|version| version.trim().is_empty()) {
        notes.wrong(way!["source", "expect", "version"], "it is empty", "write for example \"8.0\", or leave it out");
    }
    if expect.window.is_some_and(Window::is_off) {
        let mend = "leave it out, if the source needs none";
        notes.wrong(way!["source", "expect", "window"], "a window of zero is no expectation", mend);
    }
    if expect.max_clones.is_some_and(|most| most as usize > MAX_CLONES) {
        let mend = format!("write {MAX_CLONES} at most");
        let what = "from the sixteenth clone on AWS makes full copies";
        notes.odd(way!["source", "expect", "max-clones"], what, mend);
    }
}

fn secrets(recipe: &Recipe, notes: &mut Notes) {
    let secrets = &recipe.secrets;
    match (&secrets.password_env, secrets.master) {
        (None, Master::Keep) => {
            let mend = "add `password-env = \"NAME\"`, the environment variable that has the source's password";
            notes.wrong(way!["secrets", "master"], "nobody knows the password then", mend);
        }
        (Some(_), Master::Rotate | Master::Managed) => {
            let mend = "leave it out, or set `master = \"keep\"`";
            notes.wrong(way!["secrets", "password-env"], "the source's password is not used", mend);
        }
        (Some(name), Master::Keep) if !variables::is_name(name) => {
            let mend = "name a variable, not its value; `DB_SOURCE_PASSWORD` for example";
            notes.wrong(way!["secrets", "password-env"], "no environment variable is called so", mend);
        }
        _ => {}
    }
    let Some(app) = &secrets.app else { return };
    let name = &app.name;
    if name.is_empty() || name.chars().count() > LONGEST_LOGIN || name.chars().any(char::is_control) {
        let mend = format!("use 1 to {LONGEST_LOGIN} characters");
        notes.wrong(way!["secrets", "app", "name"], "a user cannot be called so", mend);
    }
    if app.grants.is_empty() {
        notes.wrong(way!["secrets", "app", "grants"], "the user may do nothing", "add for example \"ALL ON shop.*\"");
    }
    for (index, grant) in app.grants.iter().enumerate() {
        if !grant.to_ascii_uppercase().contains(" ON ") || grant.contains(';') {
            let mend = "write what stands between GRANT and TO: \"SELECT, INSERT ON shop.*\"";
            notes.wrong(way!["secrets", "app", "grants", index], "this grants nothing", mend);
        }
    }
}

/// What needs SQL where the recipe says that there is none.
fn without_sql(recipe: &Recipe, notes: &mut Notes) {
    if recipe.connect.probe == Probe::Sql {
        return;
    }
    let mend = "set `connect.probe = \"sql\"`, or leave this out";
    if recipe.secrets.app.is_some() {
        notes.wrong(way!["secrets", "app"], "without SQL no user can be made", mend);
    }
    if !recipe.secrets.keep_events {
        notes.odd(
            way!["connect", "probe"],
            "without SQL the event scheduler stays as it is: jobs of the source may run on the clone",
            "give the clone a parameter group that has it off, and set `secrets.keep-events = true`",
        );
    }
    let leaves = recipe.always.iter().enumerate().map(|(index, leaf)| (way!["always", index], &leaf.action));
    for (mut way, action) in super::steps::every(recipe).into_iter().chain(leaves) {
        let (key, what) = match action {
            Action::Sql(_) => ("sql", "without SQL no file can be run"),
            Action::Diff(_) => ("diff", "without SQL nothing can be compared"),
            Action::Run(Command { observe: true, role: Role::Prepare | Role::Test, .. }) => {
                ("observe", "without SQL nothing can be observed")
            }
            _ => continue,
        };
        way.push(key.into());
        notes.wrong(way, what, mend);
    }
}

fn limits(recipe: &Recipe, notes: &mut Notes) {
    let limits = &recipe.limits;
    if limits.cost_usd.is_some_and(|cost| !cost.is_finite() || cost <= 0.0) {
        notes.wrong(way!["limits", "cost-usd"], "no run costs that little", "write an amount above zero, as in 5.00");
    }
    let steps = super::steps::every(recipe);
    let observed = |action: &Action| {
        matches!(action, Action::Sql(Sql { observe: true, .. }) | Action::Run(Command { observe: true, .. }))
    };
    if limits.longest_lock.is_some() && !steps.iter().any(|(_, action)| observed(action)) {
        let mend = "add `observe = true` to a step that runs SQL or a command";
        notes.odd(way!["limits", "longest-lock"], "no step is observed, so that this is always kept", mend);
    }
    let releases = |action: &Action| {
        matches!(
            action,
            Action::Sql(Sql { role: Role::Release, .. }) | Action::Run(Command { role: Role::Release, .. })
        )
    };
    if limits.release.is_some() && !steps.iter().any(|(_, action)| releases(action)) {
        let mend = "set `role = \"release\"` at the step that is meant";
        notes.odd(way!["limits", "release"], "no step is a release, so that this is always kept", mend);
    }
}

fn reports(recipe: &Recipe, notes: &mut Notes) {
    let report = &recipe.report;
    let paths = [("json", &report.json), ("junit", &report.junit), ("markdown", &report.markdown)];
    let mut taken = BTreeMap::new();
    for (key, path) in paths {
        let Some(path) = path else { continue };
        if path.as_os_str().is_empty() {
            notes.wrong(way!["report", key], "it is empty", "name a file, or leave it out");
        } else if let Some(other) =
            taken.insert(path.components().filter(|part| *part != Component::CurDir).collect::<Vec<_>>(), key)
        {
            let mend = "give each report a file of its own";
            notes.wrong(way!["report", key], format!("`{other}` is written there, too"), mend);
        }
    }
}
