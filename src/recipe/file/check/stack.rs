//! The CloudFormation stack of a recipe.

use super::clone::SOME_RUN;
use super::{Notes, short, variables, way};
use crate::aurora::stack::StackName;
use crate::recipe::file::serde_words::instead;
use crate::recipe::model::{Environment, LONGEST_USER, Parameter, Recipe};

/// What CloudFormation can be let do (API reference, CreateStack, Capabilities).
const CAPABILITIES: [&str; 3] = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"];

pub fn all(recipe: &Recipe, notes: &mut Notes) {
    let Some(environment) = &recipe.environment else { return };
    let longest = environment.stack.fill(&recipe.name, &"u".repeat(LONGEST_USER), SOME_RUN);
    if let Err(error) = longest.parse::<StackName>() {
        let mend = "start with a letter and keep it short, as in `test-{recipe}-{run}`";
        notes.wrong(way!["environment", "stack"], short(&error), mend);
    }
    for (index, word) in environment.capabilities.iter().enumerate() {
        if !CAPABILITIES.contains(&word.as_str()) {
            let mend = instead(word, &CAPABILITIES, "write");
            notes.wrong(way!["environment", "capabilities", index], "this capability is not known", mend);
        }
    }
    parameters(environment, notes);
    outputs(recipe, environment, notes);
}

fn parameters(environment: &Environment, notes: &mut Notes) {
    for (name, value) in &environment.parameters {
        let way = way!["environment", "parameters", name.as_str()];
        match value {
            Parameter::Text(text) if variables::may_be_secret(name) && !text.is_empty() => notes.odd(
                way,
                "this looks like a secret, in a file that others read",
                "write `{ env = \"NAME\" }` to take it from an environment variable",
            ),
            Parameter::Env { env } if !variables::is_name(env) => {
                notes.wrong(way, "no environment variable is called so", "name a variable, not its value");
            }
            _ => {}
        }
    }
}

fn outputs(recipe: &Recipe, environment: &Environment, notes: &mut Notes) {
    let single =
        [("source-output", &environment.source_output), ("subnet-group-output", &environment.subnet_group_output)];
    let single = single.into_iter().filter_map(|(key, name)| Some((way!["environment", key], name.as_ref()?)));
    let groups = environment.security_group_outputs.iter().enumerate();
    let groups = groups.map(|(index, name)| (way!["environment", "security-group-outputs", index], name));
    let env = environment.env_outputs.iter();
    let env = env.map(|(variable, name)| (way!["environment", "env-outputs", variable.as_str()], name));
    // Logical ids are alphanumeric (CloudFormation User Guide, Outputs).
    for (way, name) in single.chain(groups).chain(env) {
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
            notes.wrong(way, "no output is called so", "write the logical id of an output of the template");
        }
    }
    if recipe.clone.subnet_group.is_some() && environment.subnet_group_output.is_some() {
        let mend = "leave out this, or `clone.subnet-group`";
        notes.wrong(way!["environment", "subnet-group-output"], "the subnet group is named twice", mend);
    }
    if !recipe.clone.security_groups.is_empty() && !environment.security_group_outputs.is_empty() {
        let mend = "leave out these, or `clone.security-groups`";
        notes.wrong(way!["environment", "security-group-outputs"], "security groups are named twice", mend);
    }
}
