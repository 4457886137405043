//! Steps as they are written: the keys of all kinds of steps side by side. What a step may say depends on what it does.

mod read;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::quantity::Span;
use super::step::{Role, Until};

/// A text, or a list of texts.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[serde(untagged)]
pub enum Words {
    /// One.
    Text(String),
    /// Several.
    List(#[schemars(length(min = 1))] Vec<String>),
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Words;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_str<E>(self, text: &str) -> Result<Words, E> {
                Ok(Words::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Words, A::Error> {
                let mut list = Vec::new();
                while let Some(part) = parts.next_element()? {
                    list.push(part);
                }
                Ok(Words::List(list))
            }
        }
        from.deserialize_any(Either)
    }
}

/// A step: exactly one of `sql`, `run`, `mark`, `rewind`, `diff`, `repeat`, and what belongs to it.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(transform = exactly_one)]
pub struct Step {
    /// What reports call it; default: made from what it does, as in `sql mask.sql` or `mark before`.
    pub name: Option<String>,
    /// The SQL file that is run, or several in this order, seen from the recipe: statement by statement until one fails.
    pub sql: Option<Words>,
    /// The command that is run: a text for `sh -c`, or program and arguments.
    pub run: Option<Words>,
    /// Names the present moment: `rewind`, `diff` and `repeat` refer to it.
    pub mark: Option<String>,
    /// Takes the clone back: to a mark of this recipe, by a length of time as in `-5m`, or to a moment in RFC 3339.
    pub rewind: Option<String>,
    /// Compares schema and row counts.
    pub diff: Option<Diff>,
    /// Does the steps of `[[step.step]]` so often at most, with a rewind to `reset` before every round but the first.
    #[schemars(range(min = 1))]
    pub repeat: Option<u32>,
    /// Of `sql` and `run`: what it is to the verdict; default: `release` for `sql`, `test` for `run`.
    pub role: Option<Role>,
    /// Of `sql` and `run`: how long it may take; default: 30m.
    pub timeout: Option<Span>,
    /// Of `sql`, `run` and `diff`: go on when it fails, and do not count it; default: false.
    pub allow_failure: Option<bool>,
    /// Of `sql` and `run`: watch locks and running DDL meanwhile; default: true in release steps.
    pub observe: Option<bool>,
    /// Of `run`: environment variables of this command alone.
    pub env: Option<BTreeMap<String, String>>,
    /// Of `run`: JUnit files that it writes, with `*`, seen from its directory: merged into the report.
    pub junit: Option<String>,
    /// Of `rewind` and `repeat`: how far from the moment asked for a rewind may land; default: 5s.
    pub within: Option<Span>,
    /// Of `repeat`: when it ends; default: `end`.
    pub until: Option<Until>,
    /// Of `repeat`: the mark that is rewound to between rounds.
    pub reset: Option<String>,
    /// Of `repeat`: the steps of a round: `sql`, `run` and `diff`.
    pub step: Option<Vec<Step>>,
}

/// What a diff says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Diff {
    /// `source`, which is the clone as it came, or a mark of this recipe; default: `source`.
    pub against: Option<String>,
    /// The file with the differences that are expected, seen from the recipe; absent: none are.
    pub expect: Option<PathBuf>,
    /// Count rows, too; default: false.
    pub rows: Option<bool>,
}

/// A step of `always`: as other steps, but only `sql` and `run`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Leaf(pub Step);

impl JsonSchema for Leaf {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Leaf".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let step = generator.subschema_for::<Step>();
        json_schema!({
            "description": "A step of `always`: SQL or a command",
            "allOf": [step, {"not": not_for(Level::Always)}],
        })
    }
}

/// Which keys a step has by what it does; `name` is always allowed.
const KEYS: [(&str, &[&str]); 6] = [
    ("sql", &["role", "timeout", "allow-failure", "observe"]),
    ("run", &["role", "timeout", "allow-failure", "observe", "env", "junit"]),
    ("mark", &[]),
    ("rewind", &["within"]),
    ("diff", &["allow-failure"]),
    ("repeat", &["until", "reset", "within", "step"]),
];

/// Where a step stands: that says what it may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// In the recipe.
    Recipe,
    /// In a round of `repeat`.
    Round,
    /// In `always`.
    Always,
}

impl Level {
    /// What a step does here.
    fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::Recipe => &["sql", "run", "mark", "rewind", "diff", "repeat"],
            Self::Round => &["sql", "run", "diff"],
            Self::Always => &["sql", "run"],
        }
    }

    /// What would mean nothing here: `always` steps are no part of the verdict, and none of them keeps another from being done.
    fn meaningless(self) -> &'static [&'static str] {
        if self == Self::Always { &["role", "observe", "allow-failure"] } else { &[] }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Recipe => "a step",
            Self::Round => "a step of a round",
            Self::Always => "a step of `always`",
        }
    }
}

/// A schema that holds where something is said that is not for `level`.
fn not_for(level: Level) -> serde_json::Value {
    let others = KEYS.iter().map(|(kind, _)| *kind).filter(|kind| !level.kinds().contains(kind));
    let any: Vec<_> =
        others.chain(level.meaningless().iter().copied()).map(|key| serde_json::json!({"required": [key]})).collect();
    serde_json::json!({"anyOf": any})
}

/// Puts into the schema what the kinds of steps are and which keys belong to them.
fn exactly_one(schema: &mut Schema) {
    let kinds = KEYS.map(|(kind, own)| {
        let mut properties = serde_json::Map::new();
        let all = schema.get("properties").and_then(|all| all.as_object()).into_iter().flatten();
        for (key, _) in all.filter(|(key, _)| *key != kind && *key != "name" && !own.contains(&key.as_str())) {
            properties.insert(key.clone(), false.into());
        }
        let needed: &[&str] = if kind == "repeat" { &["repeat", "reset", "step"] } else { &[kind] };
        serde_json::json!({"required": needed, "properties": properties})
    });
    schema.insert("oneOf".into(), kinds.to_vec().into());
    if let Some(step) = schema.get_mut("properties").and_then(|all| all.get_mut("step")) {
        step["items"] = serde_json::json!({"allOf": [step["items"].clone(), {"not": not_for(Level::Round)}]});
        step["minItems"] = 1.into();
    }
}
