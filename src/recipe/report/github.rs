//! The files by which a step of GitHub Actions tells of itself (GitHub Docs, Workflow commands).

use std::fs;
use std::io;
use std::path::Path;

use uuid::Uuid;

use super::{file, markdown};
use crate::recipe::outcome::Outcome;

/// What GitHub takes as the summary of a step, in bytes; beyond it shows none of it.
const SUMMARY: usize = 1024 * 1024;

/// Adds the Markdown report to the summary of the step.
pub(super) fn summarise(outcome: &Outcome, path: &Path) -> io::Result<()> {
    let there = fs::metadata(path).map_or(0, |file| file.len());
    let room = SUMMARY.saturating_sub(usize::try_from(there).unwrap_or(SUMMARY));
    // What was there may not end with a line break, or end within a list.
    let text = format!("\n\n{}", markdown::report(outcome));
    file::append(path, &markdown::shortened(&text, room))
}

/// Sets outputs of the step: `verdict`, `run`, `clone`, `leaked`, and `kept-until` if the clone is kept.
pub(super) fn output(outcome: &Outcome, path: &Path) -> io::Result<()> {
    let mut values = vec![
        ("verdict", outcome.verdict.as_str().to_owned()),
        ("run", outcome.run.clone()),
        ("clone", outcome.clone.to_string()),
        ("leaked", outcome.leaked.join(" ")),
    ];
    values.extend(outcome.kept_until.map(|until| ("kept-until", until.to_string())));
    // No value can end itself and set another: nobody knows what its end looks like.
    let end = format!("end-{}", Uuid::new_v4());
    let texts: Vec<String> = values.iter().map(|(name, value)| format!("{name}<<{end}\n{value}\n{end}\n")).collect();
    file::append(path, &texts.concat())
}
