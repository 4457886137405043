//! The environment of a run: a CloudFormation stack that is made before the clone and deleted after it.

mod stack;
mod template;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use thiserror::Error;

pub use stack::{Order, begin, built, tear_down};

use super::model::{Environment, Parameter};
use crate::aurora::ids::ClusterId;
use crate::aurora::ownership::TAG_OWNER;
use crate::aurora::plan::{Check, Level};
use crate::aurora::stack::{MAX_TEMPLATE, ParameterValue, StackSpec};
use crate::aurora::text::clean;
use crate::engine::BuiltStack;
use template::Template;

/// Why there is no environment.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EnvironmentError {
    /// The template's file cannot be read.
    #[error("the template {} cannot be read: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// It is too big for a request.
    #[error("the template {} has {size} bytes; CloudFormation takes {MAX_TEMPLATE} at most in a request", path.display())]
    TooBig {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: usize,
    },
    /// It is no template.
    #[error("{} is not a CloudFormation template: {why}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A parameter is to be taken from a variable that is not set.
    #[error("the parameter `{parameter}` is taken from the environment variable {variable}, which is not set")]
    Unset {
        /// The parameter.
        parameter: String,
        /// The variable.
        variable: String,
    },
    /// The stack has no such output.
    #[error("the stack `{stack}` has no output `{output}`")]
    NoOutput {
        /// The stack.
        stack: String,
        /// The output.
        output: String,
    },
    /// An output is to name a cluster and does not.
    #[error("the output `{output}` of the stack `{stack}` names no cluster: {why}")]
    NoCluster {
        /// The stack.
        stack: String,
        /// The output.
        output: String,
        /// What is wrong.
        why: String,
    },
}

/// The environment of a recipe, read but not made.
#[derive(Debug, Clone)]
pub struct Blueprint<'a> {
    environment: &'a Environment,
    path: PathBuf,
    text: String,
    template: Template,
}

impl<'a> Blueprint<'a> {
    /// Reads the template, which is named as seen from `base`.
    ///
    /// # Errors
    /// If the file cannot be read, is too big, or is no template.
    pub fn read(environment: &'a Environment, base: &Path) -> Result<Self, EnvironmentError> {
        let path = base.join(&environment.template);
        let unreadable =
            |error: std::io::Error| EnvironmentError::Unreadable { path: path.clone(), why: error.to_string() };
        let text = std::fs::read_to_string(&path).map_err(unreadable)?;
        if text.len() > MAX_TEMPLATE {
            return Err(EnvironmentError::TooBig { path, size: text.len() });
        }
        match Template::read(&text) {
            Ok(template) => Ok(Self { environment, path, text, template }),
            Err(why) => Err(EnvironmentError::Malformed { path, why: clean(&why) }),
        }
    }

    /// What can be told before anything is made.
    pub fn checks(&self) -> Vec<Check> {
        vec![
            self.check_template(),
            self.check_parameters(),
            self.check_outputs(),
            self.check_leftovers(),
            self.check_secrets(),
            check("sweep", Level::Warn, NO_SWEEP.into(), None),
        ]
    }

    fn check_template(&self) -> Check {
        let message = format!("{} makes {} resources", self.path.display(), self.template.resources);
        check("template", Level::Pass, message, None)
    }

    fn check_parameters(&self) -> Check {
        let (given, declared) = (&self.environment.parameters, &self.template.parameters);
        let unknown = given.keys().filter(|name| !declared.contains_key(*name));
        let missing = declared.iter().filter(|(name, own)| !own.default && !given.contains_key(*name));
        let mut wrong: Vec<String> = unknown.map(|name| format!("the template has no parameter `{name}`")).collect();
        wrong.extend(missing.map(|(name, _)| format!("the parameter `{name}` has no value")));
        if wrong.is_empty() {
            return check("parameters", Level::Pass, "every parameter has a value".into(), None);
        }
        let mend = "say them in `[environment.parameters]` of the recipe";
        check("parameters", Level::Fail, wrong.join("; "), Some(mend))
    }

    fn check_outputs(&self) -> Check {
        let unknown = named_outputs(self.environment).filter(|name| !self.template.outputs.contains(*name));
        let unknown: Vec<String> = unknown.map(|name| format!("`{name}`")).collect();
        if unknown.is_empty() {
            return check("outputs", Level::Pass, "the template has every output that is named".into(), None);
        }
        let message = format!("the template has no output {}", unknown.join(", "));
        check("outputs", Level::Fail, message, Some("add them to its Outputs"))
    }

    /// A snapshot of every run costs, and counts against a quota of a hundred (User Guide, quotas).
    fn check_leftovers(&self) -> Check {
        let left = &self.template.leftovers;
        if left.is_empty() {
            return check("leftovers", Level::Pass, "nothing of the stack stays behind".into(), None);
        }
        let all: Vec<String> = left.iter().map(|(name, how)| format!("`{name}`: {how}")).collect();
        check("leftovers", Level::Warn, all.join("; "), Some("set `DeletionPolicy: Delete` on each"))
    }

    fn check_secrets(&self) -> Check {
        let from_variables =
            self.environment.parameters.iter().filter(|(_, value)| matches!(value, Parameter::Env { .. }));
        let shown =
            from_variables.filter(|(name, _)| self.template.parameters.get(*name).is_some_and(|own| !own.no_echo));
        let shown: Vec<String> = shown.map(|(name, _)| format!("`{name}`")).collect();
        if shown.is_empty() {
            return check("secrets", Level::Pass, "CloudFormation hides what comes from variables".into(), None);
        }
        let message = format!("whoever may describe the stack sees {}", shown.join(", "));
        check("secrets", Level::Warn, message, Some("set `NoEcho: true` on what is secret"))
    }

    /// What is sent for the stack of `owner`; `lookup` knows the environment variables. What comes from a variable is
    /// treated as a secret.
    ///
    /// # Errors
    /// If a variable is not set.
    pub fn spec(&self, owner: &str, lookup: impl Fn(&str) -> Option<String>) -> Result<StackSpec, EnvironmentError> {
        let value = |(name, value): (&String, &Parameter)| match value {
            Parameter::Text(text) => Ok((name.clone(), ParameterValue::Open(text.clone()))),
            Parameter::Env { env } => {
                let unset = || EnvironmentError::Unset { parameter: name.clone(), variable: env.clone() };
                let secret = SecretString::from(lookup(env).ok_or_else(unset)?);
                Ok((name.clone(), ParameterValue::Secret(secret)))
            }
        };
        Ok(StackSpec {
            template: self.text.clone(),
            parameters: self.environment.parameters.iter().map(value).collect::<Result<_, _>>()?,
            capabilities: self.environment.capabilities.clone(),
            tags: BTreeMap::from([(TAG_OWNER.to_owned(), owner.to_owned())]),
            outputs: named_outputs(self.environment).cloned().collect(),
        })
    }
}

fn check(name: &'static str, level: Level, message: String, mend: Option<&str>) -> Check {
    Check { name, level, message: clean(&message), mend: mend.map(str::to_owned) }
}

fn named_outputs(environment: &Environment) -> impl Iterator<Item = &String> {
    let Environment { source_output, subnet_group_output, security_group_outputs, env_outputs, .. } = environment;
    let one = source_output.iter().chain(subnet_group_output);
    one.chain(security_group_outputs).chain(env_outputs.values())
}

/// What nobody may take for granted who is used to clones.
const NO_SWEEP: &str =
    "no sweep deletes the stack: where a run cannot delete it, or keeps it, `aurewind tasks resume` does";

/// Parts of names that are given to what is secret.
const SECRET_WORDS: [&str; 6] = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "CREDENTIAL", "APIKEY"];

fn sounds_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    SECRET_WORDS.iter().any(|word| plain.contains(word))
}

/// What the outputs of a stack are to a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Feeds {
    /// The cluster to clone, instead of the recipe's.
    pub source: Option<ClusterId>,
    /// The clone's DB subnet group.
    pub subnet_group: Option<String>,
    /// The clone's security groups.
    pub security_groups: Vec<String>,
    /// Environment variables of every command.
    pub env: BTreeMap<String, String>,
    /// Those of them that are secret, by what they or their outputs are called.
    pub secret: BTreeSet<String>,
}

impl Feeds {
    /// The values that no output, report or screen shows.
    pub fn secrets(&self) -> impl Iterator<Item = SecretString> {
        self.secret.iter().filter_map(|variable| self.env.get(variable).map(|value| SecretString::from(value.clone())))
    }

    /// Takes them from the outputs of a stack.
    ///
    /// # Errors
    /// If an output that the recipe names is not there, or the source's is no identifier.
    pub fn of(stack: &BuiltStack, environment: &Environment) -> Result<Self, EnvironmentError> {
        let name = || stack.name.to_string();
        let get = |output: &String| {
            let missing = || EnvironmentError::NoOutput { stack: name(), output: output.clone() };
            stack.outputs.get(output).cloned().ok_or_else(missing)
        };
        let cluster = |output: &String| {
            let no_cluster = |why: String| EnvironmentError::NoCluster { stack: name(), output: output.clone(), why };
            get(output)?.parse::<ClusterId>().map_err(|error| no_cluster(error.to_string()))
        };
        let mut groups = Vec::new();
        for output in &environment.security_group_outputs {
            // An output is a text: a list comes joined with commas.
            groups.extend(get(output)?.split(',').map(|id| id.trim().to_owned()));
        }
        let env = environment.env_outputs.iter().map(|(variable, output)| Ok((variable.clone(), get(output)?)));
        let named = environment.env_outputs.iter();
        let secret = named.filter(|(variable, output)| sounds_secret(variable) || sounds_secret(output));
        Ok(Self {
            secret: secret.map(|(variable, _)| variable.clone()).collect(),
            source: environment.source_output.as_ref().map(cluster).transpose()?,
            subnet_group: environment.subnet_group_output.as_ref().map(get).transpose()?,
            security_groups: groups,
            env: env.collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests;
