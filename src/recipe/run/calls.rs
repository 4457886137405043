//! The calls of a run, in their order, as command lines that do the same.

use super::plan::Names;
use crate::recipe::model::{Environment, Master, Recipe};

/// All of them; `clone` are those that make the clone, none if its source is not known yet. What a stack will have as outputs
/// stands there by its name.
pub(super) fn all(recipe: &Recipe, names: &Names, clone: Vec<String>) -> Vec<String> {
    let mut calls = Vec::new();
    let mut clone = if clone.is_empty() { of_output(recipe, names) } else { clone };
    if let (Some(stack), Some(environment)) = (&names.stack, &recipe.environment) {
        calls.push(format!("aws cloudformation create-stack --stack-name {stack} --template-body '<its file>'"));
        if let Some(restore) = clone.first_mut() {
            put_outputs(restore, environment);
        }
    }
    calls.append(&mut clone);
    calls.extend(secure(recipe, names));
    let clone = &names.clone;
    calls.push(format!(
        "aws rds delete-db-instance --db-instance-identifier {} --skip-final-snapshot",
        clone.instance(1)
    ));
    calls.push(format!("aws rds delete-db-cluster --db-cluster-identifier {clone} --skip-final-snapshot"));
    if let Some(stack) = &names.stack {
        calls.push(format!("aws cloudformation delete-stack --stack-name {stack}"));
    }
    calls
}

/// A clone of what an output names; what follows that cluster is left out.
fn of_output(recipe: &Recipe, names: &Names) -> Vec<String> {
    let output = recipe.environment.as_ref().and_then(|environment| environment.source_output.as_deref());
    let Some(output) = output else { return Vec::new() };
    let clone = &names.clone;
    let how = match &recipe.clone.at {
        None => "copy-on-write --use-latest-restorable-time".to_owned(),
        Some(at) => format!("full-copy --restore-to-time '<{at}>'"),
    };
    let window = recipe.clone.window.filter(|window| !window.is_off());
    let window = window.map_or(String::new(), |window| format!(" --backtrack-window {}", window.0.as_secs()));
    let class = recipe.clone.class.as_deref().unwrap_or("'<that of its writer>'");
    vec![
        format!(
            "aws rds restore-db-cluster-to-point-in-time --db-cluster-identifier {clone} \
             --source-db-cluster-identifier '<output {output}>' --restore-type {how}{window}"
        ),
        format!(
            "aws rds create-db-instance --db-instance-identifier {} --db-cluster-identifier {clone} \
             --db-instance-class {class} --engine '<its engine>'",
            clone.instance(1)
        ),
    ]
}

/// Puts what outputs will name into the call that makes the clone.
fn put_outputs(restore: &mut String, environment: &Environment) {
    let shown = |output: &String| format!("'<output {output}>'");
    let groups: Vec<_> = environment.security_group_outputs.iter().map(shown).collect();
    let named = [
        ("db-subnet-group-name", environment.subnet_group_output.as_ref().map(shown)),
        ("vpc-security-group-ids", (!groups.is_empty()).then(|| groups.join(" "))),
    ];
    for (option, value) in named {
        let Some(value) = value else { continue };
        let option = format!(" --{option} ");
        // Neither names nor ids of groups have spaces.
        if let Some(start) = restore.find(&option) {
            let from = start + option.len();
            let end = restore[from..].find(" --").map_or(restore.len(), |at| from + at);
            restore.replace_range(from..end, &value);
        } else {
            restore.push_str(&option);
            restore.push_str(&value);
        }
    }
}

fn secure(recipe: &Recipe, names: &Names) -> Option<String> {
    let days = recipe.clone.retention_days.map(|days| format!(" --backup-retention-period {days}"));
    let password = match recipe.secrets.master {
        Master::Rotate => Some(" --master-user-password '<a new random one>'"),
        Master::Managed => Some(" --manage-master-user-password"),
        Master::Keep => None,
    };
    if days.is_none() && password.is_none() {
        return None;
    }
    let (clone, password, days) = (&names.clone, password.unwrap_or_default(), days.unwrap_or_default());
    Some(format!("aws rds modify-db-cluster --db-cluster-identifier {clone}{password}{days} --apply-immediately"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn calls(source: &str, clone: Vec<String>) -> Vec<String> {
        let text = format!(
            "schema = 1\nname = 'x'\nstep = [{{ run = 'true' }}]\n[clone]\nwindow = '1h'\n[environment]\n\
             template = 'stack.yaml'\nsubnet-group-output = 'Subnets'\nsecurity-group-outputs = ['A', 'B']\n{source}"
        );
        let (recipe, _) = crate::recipe::file::read(&text, Path::new("x.toml")).unwrap();
        let stack = Some("test-x".parse().unwrap());
        let names = Names { source: None, clone: "test-x".parse().unwrap(), stack, directory: "/runs".into() };
        all(&recipe, &names, clone)
    }

    #[test]
    fn a_stack_comes_first_and_its_outputs_stand_in_the_call_of_the_clone() {
        let made = calls("source-output = 'Source'", Vec::new());
        let begins: Vec<_> = made.iter().map(|call| call.split_whitespace().nth(2).unwrap()).collect();
        assert_eq!(
            begins,
            [
                "create-stack",
                "restore-db-cluster-to-point-in-time",
                "create-db-instance",
                "modify-db-cluster",
                "delete-db-instance",
                "delete-db-cluster",
                "delete-stack"
            ]
        );
        for part in
            ["'<output Source>'", "--backtrack-window 3600", "--vpc-security-group-ids '<output A>' '<output B>'"]
        {
            assert!(made[1].contains(part), "{}", made[1]);
        }
    }

    #[test]
    fn what_outputs_name_replaces_what_follows_the_source() {
        let restore = "aws rds restore --db-subnet-group-name prod --vpc-security-group-ids sg-1 sg-2 --tags a b";
        let made = calls("[source]\ncluster = 'orders'", vec![restore.to_owned()]);
        let want = "aws rds restore --db-subnet-group-name '<output Subnets>' \
                    --vpc-security-group-ids '<output A>' '<output B>' --tags a b";
        assert_eq!(made[1], want);
    }
}
