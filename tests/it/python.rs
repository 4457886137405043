//! Programs of others: moto as an endpoint, boto3 and the aws command line as clients of the simulator.
//!
//! They want a Python with the packages of `tests/python/requirements.txt`, named by `AUREWIND_PYTHON`. Without it they
//! say so and pass; with `AUREWIND_PYTHON_REQUIRED` set, as in CI, they fail.

use std::path::Path;
use std::process::Command;

fn script(name: &str) {
    let Some(python) = std::env::var_os("AUREWIND_PYTHON") else {
        assert!(std::env::var_os("AUREWIND_PYTHON_REQUIRED").is_none(), "AUREWIND_PYTHON is not set");
        println!("skipped: {name} wants AUREWIND_PYTHON=<a Python with tests/python/requirements.txt installed>");
        return;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let output = Command::new(python)
        .arg(folder.join(name))
        .arg(env!("CARGO_BIN_EXE_aurewind"))
        .current_dir(folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    print!("{}", text(&output.stdout));
}

#[test]
fn moto_is_an_endpoint_like_another() {
    script("moto_endpoint.py");
}

#[test]
fn boto3_and_the_aws_command_line_work_with_the_simulator() {
    script("sim_clients.py");
}

#[test]
fn every_action_of_the_simulator_conforms_to_the_models_of_botocore() {
    script("conformance.py");
}

#[test]
fn the_examples_of_the_aws_command_line_work_unchanged() {
    script("awscli_examples.py");
}

#[test]
fn the_junit_reports_of_recipes_are_what_their_readers_take() {
    script("junit_reports.py");
}
