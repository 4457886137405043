//! Reports: what came of a run, for programs and for people.

mod file;
mod github;
pub mod junit;
mod markdown;
#[cfg(test)]
mod tests;
mod text;
mod words;

use std::io;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;
use thiserror::Error;

use super::model::Report;
use super::outcome::Outcome;

pub use text::text;

/// Version of the JSON report.
const SCHEMA: u32 = 1;

/// A report of `aurewind test`.
#[derive(Serialize, JsonSchema)]
struct Json<'a> {
    /// Version of the format: 1.
    #[schemars(extend("const" = SCHEMA))]
    schema: u32,
    /// The run.
    run: &'a Outcome,
}

/// Reports that could not be written.
#[derive(Debug, Error)]
#[error("{}", failed.join("; "))]
pub struct ReportError {
    /// Those that were.
    pub written: Vec<PathBuf>,
    /// What failed, a sentence for each.
    pub failed: Vec<String>,
}

/// Writes the reports of `report`, whose paths are seen from `base`, and adds to the files that `env` names as those
/// of a CI run: `GITHUB_STEP_SUMMARY`, `GITHUB_OUTPUT`. Gives what was written.
///
/// # Errors
/// If one of them cannot be written; the others are.
pub fn write(
    outcome: &Outcome,
    report: &Report,
    base: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<PathBuf>, ReportError> {
    let (mut written, mut failed) = (Vec::new(), Vec::new());
    let mut note = |path: &Path, result: io::Result<()>| match result {
        Ok(()) => written.push(path.to_owned()),
        Err(error) => failed.push(format!("the report {} could not be written: {error}", path.display())),
    };
    if let Some(path) = report.json.as_ref().map(|path| base.join(path)) {
        note(&path, write_json(outcome, &path));
    }
    if let Some(path) = report.junit.as_ref().map(|path| base.join(path)) {
        note(&path, file::replace(&path, &junit::write(outcome)));
    }
    if let Some(path) = report.markdown.as_ref().map(|path| base.join(path)) {
        note(&path, file::replace(&path, &markdown::report(outcome)));
    }
    // An empty variable is as none.
    let named = |name: &str| env(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    if let Some(path) = named("GITHUB_STEP_SUMMARY") {
        note(&path, github::summarise(outcome, &path));
    }
    if let Some(path) = named("GITHUB_OUTPUT") {
        note(&path, github::output(outcome, &path));
    }
    if failed.is_empty() { Ok(written) } else { Err(ReportError { written, failed }) }
}

/// Writes the JSON report to `path`, described by `docs/report.schema.json`.
///
/// # Errors
/// If it cannot be written.
pub fn write_json(outcome: &Outcome, path: &Path) -> io::Result<()> {
    let text = serde_json::to_string_pretty(&Json { schema: SCHEMA, run: outcome })?;
    file::replace(path, &format!("{text}\n"))
}
