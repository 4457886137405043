//! Lays a person's settings over the defaults and says exactly which line cannot be used.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use thiserror::Error;
use toml::de::DeTable;
use toml::{Table, Value};

use crate::aurora::text;

/// Why settings cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: {error}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file is no TOML.
    #[error("{}:{line}: {problem}", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// The line.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A setting that does not exist or cannot have this value.
    #[error("{}:{line}: `{key} = {value}`: {problem}", file.display())]
    Setting {
        /// The file.
        file: PathBuf,
        /// The line.
        line: usize,
        /// The setting, with its tables: `clone.ttl`.
        key: String,
        /// What the file says.
        value: String,
        /// What is wrong with it, and what would be right.
        problem: String,
    },
}

/// Reads `own`, the text of `file`, over `defaults`.
pub(super) fn over<T: DeserializeOwned>(defaults: &Table, own: &str, file: &Path) -> Result<T, ConfigError> {
    let parsed: Table = own.parse().map_err(|error| syntax(&error, own, file))?;
    let mut merged = defaults.clone();
    lay(&mut merged, parsed.clone());
    merged.try_into::<T>().map_err(|error| {
        let wrong = leaves(&parsed).into_iter().find_map(|(path, value)| {
            let problem = problem::<T>(defaults, &path, value)?;
            let line = line_of(own, &path);
            let (key, value) = (text::clean(&path.join(".")), text::clean(&value.to_string()));
            Some(ConfigError::Setting { file: file.to_owned(), line, key, value, problem })
        });
        wrong.unwrap_or_else(|| syntax(&error, own, file))
    })
}

/// Where a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The default.
    Default,
    /// This line of a person's file.
    File(usize),
}

/// A setting as it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// With its tables: `clone.ttl`.
    pub key: String,
    /// As TOML has it.
    pub value: Value,
    /// Where it comes from.
    pub origin: Origin,
}

/// Every setting of `own` laid over `defaults`, which [`over`] accepts.
pub(super) fn explain(defaults: &Table, own: &str) -> Vec<Setting> {
    let parsed: Table = own.parse().unwrap_or_default();
    let mine: BTreeSet<_> = leaves(&parsed).into_iter().map(|(path, _)| path).collect();
    let mut merged = defaults.clone();
    lay(&mut merged, parsed.clone());
    let explained = leaves(&merged).into_iter().map(|(path, value)| {
        let origin = if mine.contains(&path) { Origin::File(line_of(own, &path)) } else { Origin::Default };
        Setting { key: text::clean(&path.join(".")), value: value.clone(), origin }
    });
    explained.collect()
}

/// Lays `own` over `base`: tables are merged, everything else is replaced.
fn lay(base: &mut Table, own: Table) {
    for (key, value) in own {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(base)), Value::Table(own)) => lay(base, own),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// What is wrong with one setting, found by laying it over the defaults alone: a merged table has no lines to name.
fn problem<T: DeserializeOwned>(defaults: &Table, path: &[&str], value: &Value) -> Option<String> {
    let (last, tables) = path.split_last()?;
    let mut alone = Table::from_iter([((*last).to_owned(), value.clone())]);
    for name in tables.iter().rev() {
        alone = Table::from_iter([((*name).to_owned(), Value::Table(alone))]);
    }
    let mut merged = defaults.clone();
    lay(&mut merged, alone);
    merged.try_into::<T>().err().map(|error| text::clean(error.message()))
}

/// Every setting with its path.
fn leaves(table: &Table) -> Vec<(Vec<&str>, &Value)> {
    let mut found = Vec::new();
    for (key, value) in table {
        match value {
            Value::Table(inner) if !inner.is_empty() => {
                found.extend(leaves(inner).into_iter().map(|(mut path, value)| {
                    path.insert(0, key.as_str());
                    (path, value)
                }));
            }
            value => found.push((vec![key.as_str()], value)),
        }
    }
    found
}

/// The line that a setting stands on.
fn line_of(text: &str, path: &[&str]) -> usize {
    let at = DeTable::parse(text).ok().and_then(|table| offset(table.get_ref(), path));
    line(text, at.unwrap_or(0))
}

fn offset(table: &DeTable<'_>, path: &[&str]) -> Option<usize> {
    let (first, rest) = path.split_first()?;
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == first)?;
    match (rest, value.get_ref().as_table()) {
        ([], _) | (_, None) => Some(key.span().start),
        (rest, Some(inner)) => offset(inner, rest),
    }
}

fn syntax(error: &toml::de::Error, own: &str, file: &Path) -> ConfigError {
    let line = line(own, error.span().map_or(0, |span| span.start));
    ConfigError::Syntax { file: file.to_owned(), line, problem: text::clean(error.message()) }
}

fn line(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
