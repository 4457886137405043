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
            let Err(errors) = file::load(&path) else { panic!("{} is accepted", path.display()) };
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

const BEGIN: &str = "<!-- begin: written by `AUREWIND_BLESS=1 cargo test --test it recipes` -->\n";
const END: &str = "<!-- end -->\n";

/// What a schema refers to.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|at| at.strip_prefix("#/$defs/")) {
        Some(name) => &root["$defs"][name],
        None => schema,
    }
}

/// What can be written for a key, in a word.
fn kind(root: &Value, schema: &Value) -> String {
    let at = resolved(root, schema);
    if let Some(choices) = at["oneOf"].as_array().filter(|_| at["properties"].is_null()) {
        let words = choices.iter().map(|choice| match choice["const"].as_str() {
            Some(word) => format!("`\"{word}\"`"),
            None => "table".to_owned(),
        });
        return words.collect::<Vec<_>>().join(", ");
    }
    let name = schema["$ref"].as_str().and_then(|at| at.rsplit('/').next()).unwrap_or_default();
    match (name, at["type"].as_str()) {
        ("Span" | "Window", _) => "length of time".into(),
        ("Words", _) => "string or array of strings".into(),
        ("Parameter", _) => "string or `{ env = \"NAME\" }`".into(),
        (_, Some("integer" | "number")) => "number".into(),
        (_, Some("boolean")) => "`true`, `false`".into(),
        (_, Some("array")) => format!("array of {}", plural(&kind(root, &at["items"]))),
        (_, Some("object")) if at["properties"].is_null() => {
            format!("table of {}", plural(&kind(root, &at["additionalProperties"])))
        }
        (_, Some("object")) => "table".into(),
        (_, Some(other)) => other.to_owned(),
        (_, None) => "step".into(),
    }
}

fn plural(word: &str) -> String {
    if word.contains(' ') { word.to_owned() } else { format!("{word}s") }
}

/// The keys of one table, then those of the tables in it.
fn table(root: &Value, schema: &Value, header: &str, page: &mut String) {
    let at = resolved(root, schema);
    write!(page, "\n### {header}\n\n").unwrap();
    if let Some(text) = schema["description"].as_str().or(at["description"].as_str()).filter(|_| header != "The recipe")
    {
        write!(page, "{text}\n\n").unwrap();
    }
    page.push_str("| Key | Value | Meaning |\n|---|---|---|\n");
    let required: Vec<_> = at["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let keys = at["properties"].as_object().unwrap();
    let mut further = Vec::new();
    for (key, value) in keys {
        let inner = resolved(root, value);
        let needed = if required.contains(&key.as_str()) { " **Required.**" } else { "" };
        let text = value["description"].as_str().or(inner["description"].as_str());
        let text =
            text.unwrap_or_else(|| panic!("{header} {key} is not described")).replace('\n', " ").replace('|', "\\|");
        writeln!(page, "| `{key}` | {} | {}{needed} |", kind(root, value), text.trim_end_matches('.').to_owned() + ".")
            .unwrap();
        for choice in inner["oneOf"].as_array().into_iter().flatten().filter(|_| inner["properties"].is_null()) {
            let word = choice["const"].as_str().map_or("{ ca = \"FILE\" }".to_owned(), |word| format!("\"{word}\""));
            writeln!(page, "| | `{word}` | {} |", choice["description"].as_str().unwrap()).unwrap();
        }
        if inner["properties"].is_object() && key != "step" {
            further.push((key, value));
        }
    }
    let prefix = header.trim_matches(['`', '[', ']']);
    for (key, value) in further {
        let outer = if header == "The recipe" { String::new() } else { format!("{prefix}.") };
        table(root, value, &format!("`[{outer}{key}]`"), page);
    }
}

#[test]
fn the_page_tells_every_key() {
    let path = Path::new("docs/recipes.md");
    let root: Value = serde_json::from_str(&file::schema()).unwrap();
    let mut keys = String::new();
    table(&root, &root, "The recipe", &mut keys);
    table(&root, &root["$defs"]["Step"], "`[[step]]`", &mut keys);
    let page = fs::read_to_string(path).unwrap();
    let (head, rest) = page.split_once(BEGIN).expect("docs/recipes.md has the line that begins the keys");
    let (_, tail) = rest.split_once(END).expect("docs/recipes.md has the line that ends the keys");
    held(path, &format!("{head}{BEGIN}{keys}\n{END}{tail}"));
    // The recipe on the page can be used as it stands.
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    if let Err(errors) = file::read(example, path) {
        panic!("{}", messages(&errors));
    }
}

#[test]
fn inputs_kept_for_the_fuzzer_are_taken_without_a_panic() {
    let mut seen = 0;
    for entry in fs::read_dir("fuzz/corpus/recipe").unwrap() {
        file::fuzzing(&fs::read(entry.unwrap().path()).unwrap());
        seen += 1;
    }
    assert!(seen > 3);
}

/// The command lines of this program in a text; what a shell or a page puts behind them is left out.
fn command_lines(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for line in text.lines() {
        for rest in line.split("aurewind ").skip(1) {
            let end = rest.find(['`', '|', '>', '&', ';', '"', '#']).unwrap_or(rest.len());
            let words: Vec<_> = rest[..end].split_whitespace().map(str::to_owned).collect();
            let command = words.first().map(String::as_str).unwrap_or_default();
            if ["test", "sweep", "tasks", "iam-policy", "sim", "extend", "keep"].contains(&command) {
                found.push(words);
            }
        }
    }
    found
}

#[test]
fn command_lines_of_pages_and_examples_are_understood() {
    let mut files: Vec<_> = ["README.md", "docs/recipes.md", "docs/reports.md"].map(PathBuf::from).into();
    for folder in ["docs/schedules", "config/recipes"] {
        files.extend(fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()));
    }
    let mut count = 0;
    for path in files {
        for words in command_lines(&fs::read_to_string(&path).unwrap()) {
            // Everything before `--help` is looked at before help is given.
            let program =
                std::process::Command::new(env!("CARGO_BIN_EXE_aurewind")).args(&words).arg("--help").output();
            let output = program.unwrap();
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{}: {words:?}: {told}", path.display());
            count += 1;
        }
    }
    assert!(count > 40, "{count}");
}

/// What is wrong with a recipe is told alike by a check and by a run that does not begin.
#[test]
fn programs_get_the_same_findings_from_a_check_and_a_run() {
    let home = tempfile::tempdir().unwrap();
    for (name, more) in [("structure/always-with-role", true), ("sense/mark-twice", false)] {
        let told = |check: bool| {
            let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_aurewind"));
            program
                .args(["test", &format!("tests/recipes/invalid/{name}.toml"), "--json"])
                .args(check.then_some("--check"));
            program.env("AUREWIND_STATE_DIR", home.path()).env("HOME", home.path());
            let output = program.output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{output:?}");
            serde_json::from_slice::<Value>(&output.stdout).unwrap()
        };
        let (checked, run) = (told(true), told(false));
        assert_eq!(checked["recipes"], run["recipes"]);
        assert_eq!(run["recipes"][0]["more_may_follow"], more, "{run:#}");
        assert!(run["recipes"][0]["findings"][0]["line"].is_u64() && run["error"]["code"] == "recipe", "{run:#}");
    }
}

#[test]
fn workflows_and_buildspecs_are_yaml() {
    for entry in fs::read_dir("docs/schedules").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "yaml") {
            let text = fs::read_to_string(&path).unwrap();
            let wrong = saphyr_parser::Parser::new_from_str(&text).find_map(Result::err);
            assert!(wrong.is_none(), "{}: {wrong:?}", path.display());
        }
    }
}
