//! `aurewind test --check`: whether recipes can be used, and every reason why not.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::change::PRINTED;
use super::error::{CliError, Exit};
use super::output::Output;
use crate::recipe::file::{self, FileError};

/// Checks every recipe and prints all that is wrong with them.
///
/// # Errors
/// If one of them cannot be used.
pub fn run(output: Output, recipes: &[PathBuf]) -> Result<(), CliError> {
    let looked: Vec<_> = recipes.iter().map(|path| one(path)).collect();
    let good = looked.iter().filter(|looked| looked.fine).count();
    let error = (good < looked.len()).then(|| refused(looked.len() - good, looked.len()));
    let values: Vec<_> = looked.iter().map(|looked| looked.value.clone()).collect();
    match error {
        None => output.result(json!({"recipes": values}), || texts(&looked))?,
        Some(error) if output.json => {
            output.error_with(&error, json!({"recipes": values}));
            return Err(CliError { code: PRINTED, ..error });
        }
        Some(error) => {
            Output::show(&texts(&looked));
            return Err(error);
        }
    }
    Ok(())
}

/// What was found of a recipe.
struct Looked {
    fine: bool,
    text: String,
    value: Value,
}

fn one(path: &Path) -> Looked {
    let (errors, recipe) = match file::load(path) {
        Ok(loaded) => (loaded.warnings, Some(loaded.recipe)),
        Err(errors) => (errors, None),
    };
    let mut blocks: Vec<String> = errors.iter().map(ToString::to_string).collect();
    if let Some(recipe) = &recipe {
        let (steps, always) = (recipe.step.len(), recipe.always.len());
        let after = if always == 0 { String::new() } else { format!(", {always} always") };
        let shown = crate::aurora::text::clean(&path.display().to_string());
        blocks.push(format!("{shown}: `{}` is fine: {}{after}", recipe.name, counted(steps, "step")));
    }
    let value = json!({
        "file": path, "usable": recipe.is_some(), "name": recipe.as_ref().map(|recipe| &recipe.name),
        "findings": errors,
    });
    Looked { fine: recipe.is_some(), text: blocks.join("\n\n"), value }
}

/// What keeps a recipe from being run, as an error of the command.
pub fn error(errors: &[FileError]) -> CliError {
    let text: Vec<_> = errors.iter().map(ToString::to_string).collect();
    CliError::new(Exit::Usage, "recipe", format!("the recipe cannot be used\n{}", text.join("\n\n")))
}

fn refused(bad: usize, all: usize) -> CliError {
    let message = if all == 1 {
        "the recipe cannot be used".to_owned()
    } else {
        format!("{bad} of {all} recipes cannot be used")
    };
    CliError::new(Exit::Usage, "recipe", message).next("docs/recipes.md tells every key")
}

fn texts(looked: &[Looked]) -> String {
    looked.iter().map(|looked| looked.text.as_str()).collect::<Vec<_>>().join("\n\n")
}

fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
