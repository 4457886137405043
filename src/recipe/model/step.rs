//! The steps of a recipe.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::quantity::{Span, Target};
use super::raw;

/// What a step is to the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Makes the clone fit to be used: masking, seeding. If it fails, the run ends with exit code 4.
    Prepare,
    /// What is tried. If it fails, the run ends with exit code 4.
    Release,
    /// Tells whether the release is good. If it fails, the verdict is failed, exit code 1.
    Test,
}

impl Role {
    /// The word in recipes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Release => "release",
            Self::Test => "test",
        }
    }
}

/// A step: what it is called, and exactly one of `sql`, `run`, `mark`, `rewind`, `diff`, `repeat`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "raw::Step")]
pub struct Step {
    /// What reports call it.
    pub name: String,
    /// What it does.
    pub action: Action,
}

/// A step of `always`: SQL or a command.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "raw::Leaf")]
pub struct Leaf {
    /// What reports call it.
    pub name: String,
    /// What it does: [`Action::Sql`] or [`Action::Run`].
    pub action: Action,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Runs SQL files.
    Sql(Sql),
    /// Runs a command.
    Run(Command),
    /// Names the present moment.
    Mark(Mark),
    /// Takes the clone back.
    Rewind(Rewind),
    /// Compares schema and row counts.
    Diff(Diff),
    /// Does steps again and again.
    Repeat(Repeat),
}

impl Action {
    /// The key of recipes that names it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Sql(_) => "sql",
            Self::Run(_) => "run",
            Self::Mark(_) => "mark",
            Self::Rewind(_) => "rewind",
            Self::Diff(_) => "diff",
            Self::Repeat(_) => "repeat",
        }
    }
}

/// SQL files, run statement by statement until one fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sql {
    /// The files, seen from the recipe.
    pub files: Vec<PathBuf>,
    /// Default: release.
    pub role: Role,
    /// How long all of them may take.
    pub timeout: Span,
    /// Go on when it fails; the verdict does not count it.
    pub allow_failure: bool,
    /// Watch locks and running DDL meanwhile. Default: in release steps.
    pub observe: bool,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Program and arguments; a text is given to `sh -c`.
    pub words: Vec<String>,
    /// Default: test.
    pub role: Role,
    /// How long it may take.
    pub timeout: Span,
    /// Go on when it fails; the verdict does not count it.
    pub allow_failure: bool,
    /// Watch locks and running DDL meanwhile. Default: in release steps.
    pub observe: bool,
    /// Environment variables of this command alone.
    pub env: BTreeMap<String, String>,
    /// JUnit files that it writes, with `*`, seen from its directory: merged into the report.
    pub junit: Option<String>,
}

/// A mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What it is called: `rewind`, `diff` and `repeat` name it so.
    pub mark: String,
}

/// A rewind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewind {
    /// Where to.
    pub to: Target,
    /// How far from the moment asked for it may land.
    pub within: Span,
}

/// What a diff compares with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// The clone as it came: the source at the moment of cloning.
    Source,
    /// The clone at a mark of this recipe.
    Mark(String),
}

/// A comparison of schema and row counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    /// What with.
    pub against: Against,
    /// The file with the differences that are expected, seen from the recipe; absent: none are.
    pub expect: Option<PathBuf>,
    /// Whether rows are counted, too. Default: no.
    pub rows: bool,
    /// Only report differences, never fail because of them.
    pub allow_failure: bool,
}

/// When a repeat ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Until {
    /// With the first round in which every step passed; the verdict asks for one such round.
    Pass,
    /// After all rounds; the verdict asks that every one passed.
    #[default]
    End,
}

/// Steps that are done several times, with a rewind before every round but the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Repeat {
    /// How often at most.
    pub times: u32,
    /// When it ends.
    pub until: Until,
    /// The mark that is rewound to between rounds.
    pub reset: String,
    /// How far from it a rewind may land.
    pub within: Span,
    /// The steps of a round: `sql`, `run` and `diff`.
    pub steps: Vec<Step>,
}
