//! What serde says of a value, in the words of recipes.

use super::error::Finding;
use super::tree::{self, Node};
use crate::recipe::model::{Part, Wrong};

/// The key that is missing, where that is what serde says.
pub fn missing(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

/// What serde says of the value at the end of `at`.
pub fn explain(root: &Node, error: &toml::de::Error, at: Vec<Part>, is_key: bool) -> Finding {
    let message = error.message();
    let (what, mend) = words(message, &at, tree::kind(root, &at));
    let finding = Finding::wrong(root, Wrong { at, what, mend });
    if is_key { finding.of_key() } else { finding }
}

fn words(message: &str, at: &[Part], kind: &str) -> (String, String) {
    if let Some(key) = missing(message) {
        let mend = match key {
            "schema" => "add `schema = 1`".to_owned(),
            "step" => "add `[[step]]` with what is to be done".to_owned(),
            _ => format!("add `{key} = …`"),
        };
        return (format!("`{key}` is missing"), mend);
    }
    if let Some(rest) = message.strip_prefix("unknown field `") {
        let (key, known) = rest.split_once('`').unwrap_or((rest, ""));
        let table = match at {
            [] | [_] => "a recipe".to_owned(),
            [.., Part::Index(_), _] => "a step".to_owned(),
            [outer @ .., _] => format!("`{}`", super::error::shown(outer)),
        };
        return (format!("`{key}` is no key of {table}"), instead(key, &quoted(known), "the keys here are"));
    }
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        let (value, known) = rest.split_once('`').unwrap_or((rest, ""));
        return (format!("`{value}` is not known here"), instead(value, &quoted(known), "write"));
    }
    if let Some((_, wanted)) = message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected ")) {
        let mend = match (kind, wanted) {
            ("integer" | "float" | "boolean" | "datetime", "a string") => "put it in quotes".to_owned(),
            ("string", "a boolean") => "write true or false, without quotes".to_owned(),
            ("string", "u32" | "f64") => "write the number without quotes".to_owned(),
            ("table", "a sequence") if matches!(at, [_]) => "write its header as `[[…]]`, once for each".to_owned(),
            _ => format!("write {}", named(wanted)),
        };
        return (format!("this is {}, and not {}", named(kind), named(wanted)), mend);
    }
    if let Some((_, wanted)) = message.strip_prefix("invalid value: ").and_then(|rest| rest.split_once(", expected ")) {
        return (format!("{} like this cannot be used", named(kind)), format!("write {}", named(wanted)));
    }
    let (what, mend) = message.split_once("; ").unwrap_or((message, "see docs/recipes.md"));
    (what.to_owned(), mend.to_owned())
}

/// A type of TOML or of serde as people call it.
fn named(kind: &str) -> String {
    let name = match kind {
        "u32" => "a whole number from 0 on",
        "f64" | "integer" | "float" => "a number",
        "map" | "a map" | "table" => "a table",
        "sequence" | "a sequence" | "array" => "an array",
        "boolean" | "a boolean" => "true or false",
        "string" => "a string",
        "datetime" => "a date",
        "struct Diff" => "a table, as in `{ against = \"source\" }`",
        other if other.starts_with("struct ") => "a table",
        other => other,
    };
    name.to_owned()
}

/// The words in backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// What to write instead of a word that is not known: the nearest one, and all there are.
pub fn instead(word: &str, known: &[&str], all: &str) -> String {
    let list = known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
    match nearest(word, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "leave it out".to_owned(),
        None => format!("{all} {list}"),
    }
}

/// The known word that is so near that it was probably meant.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let word = word.to_lowercase().replace('_', "-");
    let near = known.iter().map(|known| (strsim::damerau_levenshtein(&word, known), *known));
    near.filter(|(distance, known)| *distance <= known.chars().count().max(word.chars().count()).max(3) / 3)
        .min()
        .map(|(_, known)| known)
}
