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
    let mut blocks = blocks(&errors);
    if let Some(recipe) = &recipe {
        let (steps, always) = (recipe.step.len(), recipe.always.len());
        let after = if always == 0 { String::new() } else { format!(", {always} always") };
        let shown = crate::aurora::text::clean(&path.display().to_string());
        blocks.push(format!("{shown}: `{}` is fine: {}{after}", recipe.name, counted(steps, "step")));
    }
    let value = value(path, recipe.as_ref().map(|recipe| recipe.name.as_str()), &errors);
    Looked { fine: recipe.is_some(), text: blocks.join("\n\n"), value }
}

/// What was found, in blocks of lines.
fn blocks(errors: &[FileError]) -> Vec<String> {
    let mut blocks: Vec<String> = errors.iter().map(ToString::to_string).collect();
    if hides_others(errors) {
        blocks.push(
            "more may be found once this is mended: what keys mean is looked at when all of them are right".into(),
        );
    }
    blocks
}

fn hides_others(errors: &[FileError]) -> bool {
    errors.iter().any(FileError::hides_others)
}

/// The same for programs. A recipe without a name cannot be used.
fn value(path: &Path, name: Option<&str>, errors: &[FileError]) -> Value {
    json!({
        "file": path, "usable": name.is_some(), "name": name, "findings": errors,
        "more_may_follow": hides_others(errors),
    })
}

/// Tells what keeps a recipe from being run, in the words and with the object of `--check`; gives how the command ends.
pub fn refuse(output: Output, path: &Path, errors: &[FileError]) -> CliError {
    let error = refused(1, 1);
    if output.json {
        output.error_with(&error, json!({"recipes": [value(path, None, errors)]}));
        return CliError { code: PRINTED, ..error };
    }
    Output::show(&blocks(errors).join("\n\n"));
    error
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
