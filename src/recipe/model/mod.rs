//! What a recipe says. The types are the file format: the JSON schema is made from them.

mod quantity;
pub mod raw;
mod sections;
mod step;
mod wrong;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

pub use quantity::{LONGEST_USER, Pattern, Span, Target, Window};
pub use sections::{
    AppUser, CloneSection, Commands, Connect, Environment, Expect, Limits, Master, Parameter, Probe, Report, Secrets,
    Source, TearDown, Tls, Waits,
};
pub use step::{Action, Against, Command, Diff, Leaf, Mark, Repeat, Rewind, Role, Sql, Step, Until};
pub use wrong::{Part, Wrong, Wrongs};

/// A test recipe.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Recipe {
    /// Version of the format: 1.
    pub schema: u32,
    /// What reports and names call it: letters, digits and hyphens, 20 characters at most.
    pub name: String,
    /// What it is for, in a sentence.
    pub description: Option<String>,
    /// The cluster that is cloned.
    #[serde(default)]
    pub source: Source,
    /// The clone.
    #[serde(default)]
    pub clone: CloneSection,
    /// Who may log in.
    #[serde(default)]
    pub secrets: Secrets,
    /// How the clone is reached.
    #[serde(default)]
    pub connect: Connect,
    /// How long things may take.
    #[serde(default)]
    pub wait: Waits,
    /// What the verdict asks for besides passing tests.
    #[serde(default)]
    pub limits: Limits,
    /// Environment variables of every command.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// What commands get besides.
    #[serde(default)]
    pub commands: Commands,
    /// A CloudFormation stack that is made first and deleted last.
    pub environment: Option<Environment>,
    /// What is done on the clone, in this order.
    #[schemars(with = "Vec<raw::Step>", length(min = 1))]
    pub step: Vec<Step>,
    /// What is done at the end whatever happened: commands and SQL only.
    #[serde(default)]
    #[schemars(with = "Vec<raw::Leaf>")]
    pub always: Vec<Leaf>,
    /// The end.
    #[serde(default)]
    pub teardown: TearDown,
    /// Where reports are written.
    #[serde(default)]
    pub report: Report,
}

impl Recipe {
    /// Variables that hold secrets of the source or of the stack, by their names.
    pub fn secret_variables(&self) -> impl Iterator<Item = &str> {
        let parameters = self.environment.iter().flat_map(|environment| environment.parameters.values());
        let parameters = parameters.filter_map(|value| match value {
            Parameter::Env { env } => Some(env.as_str()),
            Parameter::Text(_) => None,
        });
        self.secrets.password_env.as_deref().into_iter().chain(parameters)
    }

    /// Variables that commands do not inherit, with `*` and `?`.
    pub fn withheld(&self) -> Vec<String> {
        self.commands.clear.iter().map(String::as_str).chain(self.secret_variables()).map(str::to_owned).collect()
    }

    /// Whether it starts any program.
    pub fn has_commands(&self) -> bool {
        let runs = |action: &Action| matches!(action, Action::Run(_));
        let step = |step: &Step| match &step.action {
            Action::Repeat(repeat) => repeat.steps.iter().any(|inner| runs(&inner.action)),
            action => runs(action),
        };
        self.step.iter().any(step) || self.always.iter().any(|leaf| runs(&leaf.action))
    }
}
