//! What came of a run: what reports are made from.

use std::path::PathBuf;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::model::Role;
use crate::aurora::ids::ClusterId;

/// What a run is judged to be. The order is that of weight: the worst that happened is the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every step passed, within the limits.
    Passed,
    /// A test, a diff or a limit failed.
    Failed,
    /// A rewind landed outside of its tolerance, could not be proved, or was refused.
    RewindOff,
    /// A step that prepares or releases failed.
    ReleaseFailed,
    /// Something took too long.
    TimedOut,
    /// AWS answered with an error.
    Aws,
    /// Nothing was begun: a check forbade it.
    Refused,
    /// A person or a signal ended it.
    Interrupted,
}

impl Verdict {
    const ALL: [Self; 8] = [
        Self::Passed,
        Self::Failed,
        Self::RewindOff,
        Self::ReleaseFailed,
        Self::TimedOut,
        Self::Aws,
        Self::Refused,
        Self::Interrupted,
    ];

    /// The word in reports and in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::RewindOff => "rewind-off",
            Self::ReleaseFailed => "release-failed",
            Self::TimedOut => "timed-out",
            Self::Aws => "aws",
            Self::Refused => "refused",
            Self::Interrupted => "interrupted",
        }
    }

    /// Reads the word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == word)
    }

    /// The verdict in words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::RewindOff => "rewind off",
            Self::ReleaseFailed => "release failed",
            Self::TimedOut => "timed out",
            Self::Aws => "failed with an error of AWS",
            other => other.as_str(),
        }
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StepEnd {
    /// As it should.
    Passed,
    /// It failed.
    Failed,
    /// It failed, and the recipe lets it.
    Allowed,
    /// It took too long and was stopped.
    TimedOut,
    /// It was stopped with the run.
    Interrupted,
    /// It was not begun.
    Skipped,
}

impl StepEnd {
    /// The end in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Allowed => "failed, allowed",
            Self::TimedOut => "timed out",
            Self::Interrupted => "interrupted",
            Self::Skipped => "skipped",
        }
    }
}

/// A rewind as it came.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RewindOutcome {
    /// The moment asked for.
    pub asked: Timestamp,
    /// Where it landed, as AWS says.
    pub landed: Timestamp,
    /// Landed minus asked, in seconds.
    pub delta_seconds: f64,
    /// How far off it might have been, in seconds.
    pub within_seconds: f64,
    /// Whether the data shows it: the heartbeat row is that of the moment. Absent: there is no SQL to look with.
    pub proved: Option<bool>,
}

impl RewindOutcome {
    /// Whether it landed farther away than it might.
    pub fn off(&self) -> bool {
        self.delta_seconds.abs() > self.within_seconds
    }
}

/// A comparison as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DiffOutcome {
    /// What was compared with, in words.
    pub against: String,
    /// The differences, as a unified diff; empty if there are none.
    pub text: String,
    /// Whether they are those that the recipe expects.
    pub as_expected: bool,
}

/// What was seen of locks and DDL during a step.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LockOutcome {
    /// The longest wait for a lock, in seconds.
    pub longest_seconds: f64,
    /// The statement that waited, as far as it could be read.
    pub statement: Option<String>,
    /// DDL that was seen running, with the longest time of each in seconds.
    #[serde(serialize_with = "ddl")]
    #[schemars(with = "Vec<Ddl>")]
    pub ddl: Vec<(String, f64)>,
    /// How often it was looked; 0: nothing could be seen, and there is nothing to be said of locks.
    pub samples: u32,
    /// What could not be looked at, and why.
    pub notes: Vec<String>,
}

impl LockOutcome {
    /// The same with every text changed by `clean`.
    #[must_use]
    pub fn map_texts(self, clean: impl Fn(&str) -> String) -> Self {
        Self {
            statement: self.statement.as_deref().map(&clean),
            ddl: self.ddl.iter().map(|(statement, seconds)| (clean(statement), *seconds)).collect(),
            notes: self.notes.iter().map(|note| clean(note)).collect(),
            ..self
        }
    }
}

/// DDL as reports have it.
#[derive(Serialize, JsonSchema)]
struct Ddl<'a> {
    /// The statement, as far as it could be read.
    statement: &'a str,
    /// The longest that it was seen running, in seconds.
    longest_seconds: f64,
}

fn ddl<S: Serializer>(seen: &[(String, f64)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(seen.iter().map(|(statement, seconds)| Ddl { statement, longest_seconds: *seconds }))
}

/// A test case of a child's JUnit file.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Case {
    /// Suite.
    pub suite: String,
    /// Class.
    pub class: String,
    /// Name.
    pub name: String,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Why it failed; absent if it did not.
    pub failure: Option<String>,
    /// Whether it was skipped.
    pub skipped: bool,
}

/// A step as it came. One that is repeated comes once for each round.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StepOutcome {
    /// Its name.
    pub name: String,
    /// `sql`, `run`, `mark`, `rewind`, `diff`, or a phase of the run: `environment`, `clone`, `ready`, `teardown`.
    pub kind: &'static str,
    /// What it is to the verdict, for `sql` and `run`.
    pub role: Option<Role>,
    /// The round, from 1 on, of a step that is repeated.
    pub round: Option<u32>,
    /// How it ended.
    pub end: StepEnd,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What is to be said of it.
    pub message: Option<String>,
    /// Its output, redacted.
    pub log: Option<PathBuf>,
    /// The last lines of its output, redacted.
    pub tail: Vec<String>,
    /// The rewind.
    pub rewind: Option<RewindOutcome>,
    /// The comparison.
    pub diff: Option<DiffOutcome>,
    /// Locks and DDL.
    pub locks: Option<LockOutcome>,
    /// What its tests reported.
    pub cases: Vec<Case>,
}

impl StepOutcome {
    /// A step that has not begun.
    pub fn new(name: impl Into<String>, kind: &'static str) -> Self {
        Self {
            name: name.into(),
            kind,
            role: None,
            round: None,
            end: StepEnd::Skipped,
            started_at: None,
            ended_at: None,
            message: None,
            log: None,
            tail: Vec::new(),
            rewind: None,
            diff: None,
            locks: None,
            cases: Vec::new(),
        }
    }

    /// Its name, with the round if it is repeated.
    pub fn title(&self) -> String {
        match self.round {
            Some(round) => format!("{} (round {round})", self.name),
            None => self.name.clone(),
        }
    }

    /// How long it took, in seconds; absent if it was not begun or has not ended.
    pub fn seconds(&self) -> Option<f64> {
        Some(self.ended_at?.duration_since(self.started_at?).as_secs_f64())
    }
}

/// A limit of the recipe, and what was measured.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LimitOutcome {
    /// `total`, `release`, `longest-lock` or `cost-usd`.
    pub name: &'static str,
    /// What is allowed: seconds, or US dollars.
    pub allowed: f64,
    /// What was measured; absent if it could not be.
    pub measured: Option<f64>,
    /// Whether it was measured and kept. What could not be measured is not counted against the run.
    pub kept: bool,
}

impl LimitOutcome {
    /// Whether what was measured is over it.
    pub fn exceeded(&self) -> bool {
        self.measured.is_some() && !self.kept
    }
}

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Outcome {
    /// Name of the recipe.
    pub recipe: String,
    /// What it is for.
    pub description: Option<String>,
    /// Id of the run: of its task.
    pub run: String,
    /// The source; absent where the stack that names it never came.
    #[schemars(with = "Option<String>")]
    pub source: Option<ClusterId>,
    /// The clone.
    #[schemars(with = "String")]
    pub clone: ClusterId,
    /// The stack.
    pub stack: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, where it is not passed.
    pub reason: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Its steps.
    pub steps: Vec<StepOutcome>,
    /// Its limits.
    pub limits: Vec<LimitOutcome>,
    /// What the clone is estimated to have cost, in US dollars.
    pub cost_usd: Option<f64>,
    /// Changing calls that AWS accepted.
    pub calls: u32,
    /// What could not be confirmed gone: identifiers of clusters, instances and stacks.
    pub leaked: Vec<String>,
    /// Until when the clone is kept to look at it.
    pub kept_until: Option<Timestamp>,
    /// What can be done next.
    pub next_steps: Vec<String>,
}

impl Outcome {
    /// How long it took, in seconds.
    pub fn seconds(&self) -> f64 {
        self.ended_at.duration_since(self.started_at).as_secs_f64()
    }

    /// Whether a step that did not pass counts: neither the recipe nor a later round that passed made up for it.
    pub fn counts(&self, step: &StepOutcome) -> bool {
        let off = matches!(step.end, StepEnd::Failed | StepEnd::TimedOut | StepEnd::Interrupted);
        off && self.verdict != Verdict::Passed
    }
}
