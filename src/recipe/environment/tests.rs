//! What can be told of an environment before it is made, and what its outputs are to a run.

use std::fs;

use secrecy::ExposeSecret as _;

use super::*;
use crate::recipe::model::Pattern;

const TEMPLATE: &str = "Parameters:\n  Password: {Type: String, NoEcho: true}\n  Open: {Type: String, Default: x}\n\
                        Resources:\n  Source: {Type: AWS::RDS::DBCluster, DeletionPolicy: Delete}\n\
                        Outputs:\n  Id: {Value: !Ref Source}\n  Groups: {Value: 'sg-1,sg-2'}\n";

fn environment(parameters: &[(&str, Parameter)]) -> Environment {
    Environment {
        template: "stack.yaml".into(),
        stack: Pattern::default(),
        parameters: parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        capabilities: Vec::new(),
        source_output: None,
        subnet_group_output: None,
        security_group_outputs: Vec::new(),
        env_outputs: BTreeMap::new(),
    }
}

fn from_variable(name: &str) -> Parameter {
    Parameter::Env { env: name.into() }
}

/// The checks of an environment whose template says this. Those that passed are left out, and the one that is always there.
fn checks(template: &str, environment: &Environment) -> Vec<(&'static str, Level, String)> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("stack.yaml"), template).unwrap();
    let blueprint = Blueprint::read(environment, folder.path()).unwrap();
    let (always, checks): (Vec<_>, Vec<_>) = blueprint.checks().into_iter().partition(|check| check.name == "sweep");
    assert!(always[0].message.contains("`aurewind tasks resume`"));
    let failed = checks.into_iter().filter(|check| check.level != Level::Pass);
    failed.map(|check| (check.name, check.level, check.message)).collect()
}

#[test]
fn what_is_right_passes() {
    let mut right = environment(&[("Password", from_variable("PASSWORD"))]);
    right.source_output = Some("Id".into());
    assert_eq!(checks(TEMPLATE, &right), []);
}

#[test]
fn what_the_template_does_not_have_is_found_before_anything_is_made() {
    let mut wrong = environment(&[("Pasword", from_variable("PASSWORD"))]);
    wrong.subnet_group_output = Some("Subnets".into());
    let found = checks(TEMPLATE, &wrong);
    let message = "the template has no parameter `Pasword`; the parameter `Password` has no value";
    assert_eq!(
        found,
        [
            ("parameters", Level::Fail, message.into()),
            ("outputs", Level::Fail, "the template has no output `Subnets`".into()),
        ]
    );
}

#[test]
fn snapshots_that_stay_and_secrets_that_show_are_warned_of() {
    let template = TEMPLATE.replace(", DeletionPolicy: Delete", "").replace(", NoEcho: true", "");
    let found = checks(&template, &environment(&[("Password", from_variable("PASSWORD"))]));
    assert_eq!(
        found,
        [
            ("leftovers", Level::Warn, "`Source`: without a DeletionPolicy a snapshot of it stays".into()),
            ("secrets", Level::Warn, "whoever may describe the stack sees `Password`".into()),
        ]
    );
}

#[test]
fn a_variable_that_is_not_set_is_named_and_one_that_is_set_is_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("stack.yaml"), TEMPLATE).unwrap();
    let own = environment(&[("Password", from_variable("PASSWORD")), ("Open", Parameter::Text("y".into()))]);
    let blueprint = Blueprint::read(&own, folder.path()).unwrap();
    let error = blueprint.spec("ana@laptop", |_| None).unwrap_err().to_string();
    assert!(error.contains("`Password`") && error.contains("PASSWORD, which is not set"), "{error}");
    let spec = blueprint.spec("ana@laptop", |name| (name == "PASSWORD").then(|| "hunter2".into())).unwrap();
    assert_eq!((spec.parameters["Password"].expose(), spec.parameters["Open"].expose()), ("hunter2", "y"));
    assert_eq!(spec.tags[TAG_OWNER], "ana@laptop");
    assert_eq!(spec.redact("hunter2 y"), "**** y");
}

#[test]
fn files_that_are_no_templates_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let own = environment(&[]);
    let read = || Blueprint::read(&own, folder.path()).unwrap_err();
    assert!(matches!(read(), EnvironmentError::Unreadable { .. }));
    fs::write(folder.path().join("stack.yaml"), "Resources: [").unwrap();
    assert!(matches!(read(), EnvironmentError::Malformed { .. }));
    fs::write(folder.path().join("stack.yaml"), "#".repeat(MAX_TEMPLATE + 1)).unwrap();
    assert!(matches!(read(), EnvironmentError::TooBig { .. }));
}

#[test]
fn outputs_feed_the_clone_and_the_commands() {
    let outputs = [("Id", "Shop-Source"), ("Groups", "sg-1, sg-2"), ("Subnets", "shop-subnets"), ("Bad", "-")];
    let stack = BuiltStack {
        name: "test-shop".parse().unwrap(),
        id: "arn".into(),
        outputs: outputs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    };
    let mut own = environment(&[]);
    assert_eq!(Feeds::of(&stack, &own).unwrap(), Feeds::default());
    own.source_output = Some("Id".into());
    own.subnet_group_output = Some("Subnets".into());
    own.security_group_outputs = vec!["Groups".into()];
    own.env_outputs = BTreeMap::from([("SHOP".into(), "Id".into()), ("API_TOKEN".into(), "Groups".into())]);
    let feeds = Feeds::of(&stack, &own).unwrap();
    assert_eq!(feeds.source, Some("shop-source".parse().unwrap()));
    assert_eq!((feeds.subnet_group.as_deref(), feeds.env["SHOP"].as_str()), (Some("shop-subnets"), "Shop-Source"));
    assert_eq!(feeds.security_groups, ["sg-1", "sg-2"]);
    let secrets: Vec<_> = feeds.secrets().map(|secret| secret.expose_secret().to_owned()).collect();
    assert_eq!(secrets, ["sg-1, sg-2"], "the name says that it is secret");
    own.source_output = Some("Bad".into());
    assert!(matches!(Feeds::of(&stack, &own), Err(EnvironmentError::NoCluster { .. })));
    own.source_output = Some("Nope".into());
    assert_eq!(Feeds::of(&stack, &own).unwrap_err().to_string(), "the stack `test-shop` has no output `Nope`");
}
