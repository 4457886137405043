//! Recipe files: read, checked, and what is wrong with them explained.

mod check;
mod error;
mod serde_words;
mod structure;
#[cfg(test)]
mod tests;
mod tree;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

pub use error::FileError;
use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::Value;

use super::model::Recipe;
use error::Finding;

/// The largest recipe that is read, in bytes: what is larger is something else.
const LARGEST: u64 = 1 << 20;

/// A recipe with where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// What it says.
    pub recipe: Recipe,
    /// Its file, as it was named.
    pub path: PathBuf,
    /// The folder that its paths are seen from.
    pub directory: PathBuf,
    /// What is allowed and yet worth a look.
    pub warnings: Vec<FileError>,
}

/// Reads and checks a recipe, and looks whether the files that it names are there.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn load(path: &Path) -> Result<Loaded, Vec<FileError>> {
    let text = contents(path).map_err(|(what, mend)| vec![FileError::whole(path, what, mend)])?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let (recipe, warnings) = understand(&text, path, Some(&directory))?;
    Ok(Loaded { recipe, path: path.to_owned(), directory, warnings })
}

/// Reads and checks the text of a recipe without a look at the disk; `path` is for messages. Gives the recipe and warnings.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn read(text: &str, path: &Path) -> Result<(Recipe, Vec<FileError>), Vec<FileError>> {
    understand(text, path, None)
}

fn understand(text: &str, path: &Path, directory: Option<&Path>) -> Result<(Recipe, Vec<FileError>), Vec<FileError>> {
    let of_form = |errors: Vec<FileError>| errors.into_iter().map(FileError::of_form).collect::<Vec<_>>();
    let tree =
        tree::parse(text).map_err(|found| of_form(error::explain(found, text, path, &error::suspicious(text))))?;
    let secrets = tree::secrets(&tree);
    let explain = |found: Vec<Finding>| error::explain(found, text, path, &secrets);
    let mut recipe = structure::read(&tree).map_err(|found| of_form(explain(found)))?;
    let mut found = check::sense(&mut recipe, &tree);
    if let Some(directory) = directory {
        found.extend(check::files(&recipe, directory, &tree));
    }
    let usable = found.iter().all(Finding::is_warning);
    let explained = explain(found);
    if usable { Ok((recipe, explained)) } else { Err(explained) }
}

/// The JSON schema of recipes, as a text.
pub fn schema() -> String {
    // TOML has no null: what may be absent is just not required.
    let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(without_null));
    format!("{:#}\n", settings.into_generator().into_root_schema_for::<Recipe>().to_value())
}

fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(kinds)) = schema.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            schema.insert("type".into(), only);
        }
    }
    let Some(Value::Array(any)) = schema.get_mut("anyOf") else { return };
    any.retain(|one| one.get("type").is_none_or(|kind| kind != "null"));
    if let [Value::Object(only)] = any.as_slice() {
        let only = only.clone();
        schema.remove("anyOf");
        schema.ensure_object().extend(only);
    }
}

/// Reads any bytes as a recipe: the target of the fuzzer in `fuzz/`. What is refused is refused with a place and in words
/// that steer no terminal.
///
/// # Panics
/// If that is not so.
pub fn fuzzing(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for error in read(&text, Path::new("recipe.toml")).err().unwrap_or_default() {
        let shown = error.to_string();
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
        assert!(error.line.is_some() && !error.problem.is_empty(), "{shown}");
    }
}

/// The text of a file, or what is wrong with it and the mend.
fn contents(path: &Path) -> Result<String, (String, &'static str)> {
    let mut bytes = Vec::new();
    let file = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    file.map_err(|error| (format!("it cannot be read: {error}"), "name a recipe that can be read"))?;
    if bytes.len() as u64 > LARGEST {
        return Err(("it is larger than 1 MiB".into(), "name a recipe; this is something else"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
        (format!("it is no UTF-8 in line {}", good.matches('\n').count() + 1), "save it as UTF-8")
    })
}
