//! What serde says of a value, in the words of recipes.

use super::error::Finding;
use super::tree::Node;
use crate::recipe::model::{Part, Wrong};

/// The key that is missing, where that is what serde says.
pub fn missing(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

/// What serde says of the value at the end of `at`.
pub fn explain(root: &Node, error: &toml::de::Error, at: Vec<Part>, is_key: bool) -> Finding {
    let message = error.message();
    let (what, mend) = words(message, &at);
    let finding = Finding::wrong(root, Wrong { at, what, mend });
    if is_key { finding.of_key() } else { finding }
}

fn words(message: &str, at: &[Part]) -> (String, String) {
    if let Some(key) = missing(message) {
        return (format!("`{key}` is missing"), format!("add `{key} = …`"));
    }
    if let Some(rest) = message.strip_prefix("unknown field `") {
        let (key, known) = rest.split_once('`').unwrap_or((rest, ""));
        let table = match at {
            [] | [_] => "a recipe".to_owned(),
            [outer @ .., _] => format!("`{}`", super::error::shown(outer)),
        };
        return (format!("`{key}` is no key of {table}"), instead(key, &quoted(known), "the keys here are"));
    }
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        let (value, known) = rest.split_once('`').unwrap_or((rest, ""));
        return (format!("`{value}` is not known here"), instead(value, &quoted(known), "there is"));
    }
    if let Some(rest) = message.strip_prefix("invalid type: ") {
        let (is, wanted) = rest.split_once(", expected ").unwrap_or((rest, "something else"));
        let mend = match (is.split(' ').next(), wanted) {
            (Some("integer" | "floating" | "boolean" | "map"), "a string") if !is.starts_with("map") => {
                "put it in quotes"
            }
            (Some("string"), "a boolean") => "write true or false, without quotes",
            (Some("string"), wanted) if wanted.starts_with('u') || wanted.starts_with('f') => {
                "write the number without quotes"
            }
            _ => "",
        };
        let mend = if mend.is_empty() { format!("write {}", named(wanted)) } else { mend.to_owned() };
        return (format!("this is {}, and not {}", named(is), named(wanted)), mend);
    }
    if let Some(rest) = message.strip_prefix("invalid value: ") {
        let (is, wanted) = rest.split_once(", expected ").unwrap_or((rest, "something else"));
        return (format!("{} cannot be used", named(is)), format!("write {}", named(wanted)));
    }
    let (what, mend) = message.split_once("; ").unwrap_or((message, "see docs/recipes.md"));
    (what.to_owned(), mend.to_owned())
}

/// A type of serde as people call it.
fn named(kind: &str) -> String {
    match kind {
        "u32" | "usize" | "u64" => "a whole number from 0 on".into(),
        "f64" => "a number".into(),
        "a map" | "map" => "a table".into(),
        "a sequence" | "sequence" => "an array".into(),
        other if other.starts_with("struct ") => "a table".into(),
        other if other.starts_with("integer ") => "a number".into(),
        other if other.starts_with("floating point ") => "a number".into(),
        other if other.starts_with("boolean ") => "true or false".into(),
        other if other.starts_with("string ") => "a string".into(),
        other => other.to_owned(),
    }
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
    near.filter(|(distance, known)| *distance <= known.chars().count().max(3) / 3).min().map(|(_, known)| known)
}
