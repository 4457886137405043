//! Recipe files: what is accepted, what is refused and in which words, and the schema that editors use.
//!
//! After a change, `AUREWIND_BLESS=1 cargo test --test it recipes` writes the messages and the schema anew.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use aurewind::recipe::file::{self, FileError};
use serde_json::Value;

/// Compares with the file, or writes it anew.
fn held(path: &Path, wanted: &str) {
    if std::env::var_os("AUREWIND_BLESS").is_some() {
        fs::write(path, wanted).unwrap();
        return;
    }
    let there = fs::read_to_string(path).unwrap_or_default();
    assert!(
        there == wanted,
        "{} is out of date; look at the difference after AUREWIND_BLESS=1 cargo test --test it recipes\n{wanted}",
        path.display()
    );
}

fn recipes(folder: &str) -> Vec<PathBuf> {
    // Relative, as the messages name it: tests run in the folder of the package.
    let folder = Path::new("tests/recipes").join(folder);
    let mut found: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    found.sort();
    assert!(!found.is_empty(), "{} has no recipe", folder.display());
    found
}

fn messages(errors: &[FileError]) -> String {
    errors.iter().fold(String::new(), |mut text, error| {
        write!(text, "{error}\n\n").unwrap();
        text
    })
}

fn validator() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(&file::schema()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// A recipe as JSON has it.
fn value(path: &Path) -> Value {
    serde_json::to_value(fs::read_to_string(path).unwrap().parse::<toml::Table>().unwrap()).unwrap()
}

#[test]
fn valid_recipes_are_accepted_with_these_warnings() {
    let validator = validator();
    let examples = ["shop", "environment"].map(|name| PathBuf::from(format!("config/recipes/{name}.toml")));
    for path in recipes("valid").into_iter().chain(examples) {
        let loaded = file::load(&path).unwrap_or_else(|errors| panic!("{}", messages(&errors)));
        assert!(loaded.warnings.iter().all(|warning| warning.warning));
        if path.ends_with("warnings.toml") {
            held(&path.with_extension("txt"), &messages(&loaded.warnings));
        } else {
            assert!(loaded.warnings.is_empty(), "{}", messages(&loaded.warnings));
        }
        let wrong: Vec<_> = validator.iter_errors(&value(&path)).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", path.display());
    }
}

#[test]
fn invalid_recipes_are_refused_in_these_words() {
    let mut count = 0;
    for folder in ["syntax", "structure", "sense"] {
        for path in recipes(&format!("invalid/{folder}")) {
            let errors = match file::load(&path) {
                Ok(_) => panic!("{} is accepted", path.display()),
                Err(errors) => errors,
            };
            assert!(errors.iter().any(|error| !error.warning), "{}", path.display());
            for error in &errors {
                let told = error.line.is_some() && error.column.is_some() && !error.problem.is_empty();
                assert!(told && !error.mend.is_empty(), "{error}");
                assert!(
                    folder == "syntax" || !error.key.is_empty() || error.problem.ends_with("is missing"),
                    "{error}"
                );
            }
            let text = messages(&errors);
            assert!(!text.contains("hunter2"), "{text}");
            assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
            held(&path.with_extension("txt"), &text);
            count += 1;
        }
    }
    assert!(count >= 60, "{count}");
}

#[test]
fn the_schema_refuses_what_the_format_does_not_know() {
    let validator = validator();
    // What the schema leaves to the program: names and marks that have rules of their own.
    let beyond = ["mark-called-source", "pattern-unknown", "rewind-nowhere", "window-too-long"];
    let accepted: Vec<_> = recipes("invalid/structure")
        .iter()
        .filter(|path| validator.is_valid(&value(path)))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(accepted, beyond);
}

#[test]
fn the_published_schema_is_that_of_the_program() {
    held(Path::new("docs/recipe.schema.json"), &file::schema());
}
