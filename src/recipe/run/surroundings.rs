//! What of this machine may get between commands and the clone.

use std::path::Path;

use super::Outside;
use super::checks::Checks;
use crate::aurora::plan::Level;
use crate::recipe::model::Recipe;
use crate::recipe::process::naming_a_server;
use crate::recipe::redact::SHORTEST;

/// Looks at what commands would find besides what they are told, and at secrets that cannot be kept out of their output.
pub(super) fn look(checks: &mut Checks, recipe: &Recipe, outside: &Outside) {
    if recipe.has_commands()
        && let Some(path) = (outside.env)("HOME").and_then(|home| naming_a_server(Path::new(&home)))
    {
        let message =
            format!("{} names a server: a bare `mysql` in a command goes there, not to the clone", path.display());
        let mend = "write `mysql --defaults-file=\"$AUREWIND_MYSQL_CNF\"`, or take the host out of that file";
        checks.add("commands", Level::Warn, message, mend);
    }
    for name in recipe.secret_variables() {
        let Some(value) = (outside.env)(name) else { continue };
        if value.chars().count() < SHORTEST {
            let message =
                format!("what {name} holds has less than {SHORTEST} characters: it is not taken out of output");
            checks.add("secrets", Level::Warn, message, "take a longer one, if it is a secret");
        }
    }
}
