//! Environment variables.

use super::{Notes, way};
use crate::recipe::model::{Action, Part, Recipe};

/// Beginnings of variables that the run itself sets.
const TAKEN: [&str; 4] = ["AUREWIND_", "DB_", "MYSQL_", "MARIADB_"];
/// Others that name a database.
const NAMES_A_DATABASE: [&str; 9] = [
    "DATABASE_URL",
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGUSER",
    "PGPASSWORD",
    "PGDATABASE",
    "PGSERVICE",
    "PGSERVICEFILE",
];
/// What a variable is called that holds a secret.
const SECRET: [&str; 8] = ["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "ACCESSKEY", "PRIVATEKEY"];

pub fn all(recipe: &Recipe, notes: &mut Notes) {
    for (name, value) in &recipe.env {
        one(way!["env", name.as_str()], name, Some(value), notes);
    }
    let outputs = recipe.environment.iter().flat_map(|environment| &environment.env_outputs);
    for (name, _) in outputs {
        let way = way!["environment", "env-outputs", name.as_str()];
        one(way.clone(), name, None, notes);
        if recipe.env.contains_key(name) {
            notes.wrong(way, "`[env]` sets it, too", "leave one of them out");
        }
    }
    let leaves = recipe.always.iter().enumerate().map(|(index, leaf)| (way!["always", index], &leaf.action));
    for (way, action) in super::steps::every(recipe).into_iter().chain(leaves) {
        let Action::Run(command) = action else { continue };
        for (name, value) in &command.env {
            let way = way.iter().cloned().chain(way!["env", name.as_str()]).collect();
            one(way, name, Some(value), notes);
        }
    }
    for (index, pattern) in recipe.commands.clear.iter().enumerate() {
        let fine = |c: char| c.is_ascii_alphanumeric() || "_*?".contains(c);
        if pattern.is_empty() || !pattern.chars().all(fine) {
            let mend = "write the name of a variable, with `*` and `?` if need be";
            notes.wrong(way!["commands", "clear", index], "no environment variable is called so", mend);
        }
    }
}

fn one(way: Vec<Part>, name: &str, value: Option<&str>, notes: &mut Notes) {
    if !is_name(name) {
        let mend = "use letters, digits and `_`, no digit first";
        notes.wrong(way, "no environment variable is called so", mend);
    } else if NAMES_A_DATABASE.contains(&name) || TAKEN.iter().any(|taken| name.starts_with(taken)) {
        let mend = "call it otherwise; docs/recipes.md tells which variables commands get";
        notes.wrong(way, "the run itself tells commands where the clone is", mend);
    } else if value.is_some_and(|value| value.contains('\0')) {
        notes.wrong(way, "no environment variable can hold this", "leave the NUL character out");
    } else if may_be_secret(name) && value.is_some_and(|value| !value.is_empty()) {
        notes.odd(
            way,
            "this looks like a secret, in a file that others read",
            "leave it out and set it where aurewind is started: commands inherit it",
        );
    }
}

/// Whether an environment variable can be called so.
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether what is called so may be a secret.
pub fn may_be_secret(name: &str) -> bool {
    let plain = name.to_uppercase().replace(['_', '-'], "");
    SECRET.iter().any(|word| plain.contains(word))
}
