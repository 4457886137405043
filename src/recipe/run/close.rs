//! What came of a run: its outcome, its reports, the end of its task.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::book::Book;
use super::part::detach_all;
use super::running::{Finished, Run};
use super::stop::Leave;
use super::verdict;
use crate::aurora::ownership::TAG_EXPIRES;
use crate::engine::TaskState;
use crate::recipe::model::Report;
use crate::recipe::outcome::{LimitOutcome, Outcome};
use crate::recipe::report;

/// What the clone is estimated to have cost so far, in US dollars.
pub(super) fn cost(run: &Run, book: &Book) -> Option<f64> {
    let (from, to) = (book.lived.0?, book.lived.1.unwrap_or_else(|| run.now()));
    let create = run.engine.task(run.held.task().test.create.as_ref()?).ok()?;
    let spec = create.spec?;
    let hours = to.duration_since(from).as_secs_f64() / 3600.0;
    let lowest = spec.serverless.map(|(lowest, _)| lowest);
    let cost = run.outside.rules.prices.instance(&spec.instance?.class, lowest, Some(hours))?;
    (cost.currency == "USD").then_some(cost.until_expiry).flatten()
}

/// Ends a run: its reports, its task. What was left for another process to finish is not ended.
pub(super) fn close(run: &Run, book: Book, started_at: Timestamp, limits: Vec<LimitOutcome>) -> Finished {
    if book.kept_until.is_none() {
        // Who runs this may have removed it.
        let _ = fs::remove_file(run.option_file());
    }
    let left = run.stop.left();
    let outcome = outcome(run, book, started_at, limits);
    let mut written = Vec::new();
    let mut unwritten = Vec::new();
    if left.is_none() {
        (written, unwritten) = reports(run, &outcome);
    }
    match left {
        None => {
            let (state, error) = verdict::ending(&outcome);
            let _ = run.held.finish(state, verdict::result(&outcome, written.clone()), error);
        }
        Some(Leave::Detached) => {
            detach_all(&run.engine, &run.held);
            let _ = run.held.finish(TaskState::Cancelled, verdict::result(&outcome, Vec::new()), None);
        }
        Some(Leave::Interrupted) => run.held.leave(),
        Some(Leave::Stopped | Leave::Lost) => {}
    }
    let (halted, signalled) = (run.stop.halted(), run.stop.signalled());
    Finished { outcome, halted, signalled, left, reports: written, unwritten }
}

fn outcome(run: &Run, book: Book, started_at: Timestamp, limits: Vec<LimitOutcome>) -> Outcome {
    let task = run.held.task();
    let (verdict, reason) = book.verdict();
    let calls = |id| run.engine.task(id).map_or(0, |part| part.calls_made);
    let mut outcome = Outcome {
        recipe: run.recipe().name.clone(),
        description: run.recipe().description.clone(),
        run: run.held.id().to_string(),
        source: book.feeds.source.clone().or_else(|| run.names.source.clone()),
        clone: run.names.clone.clone(),
        stack: run.names.stack.as_ref().map(ToString::to_string),
        verdict,
        reason,
        started_at,
        ended_at: run.now(),
        cost_usd: cost(run, &book),
        steps: book.steps,
        limits,
        calls: task.test.children.iter().map(calls).sum(),
        leaked: book.leaked,
        kept_until: book.kept_until,
        next_steps: Vec::new(),
    };
    if run.stop.left().is_some() {
        let clone = task.test.create.is_some().then(|| run.names.clone.to_string());
        let stack = task.test.environment.as_ref().and(outcome.stack.clone());
        outcome.leaked = clone.into_iter().chain(stack).collect();
    }
    outcome.next_steps = next_steps(run, &outcome);
    outcome
}

fn next_steps(run: &Run, outcome: &Outcome) -> Vec<String> {
    let (clone, id) = (&outcome.clone, &outcome.run);
    let mut steps = Vec::new();
    match (run.stop.left(), outcome.leaked.is_empty()) {
        (Some(Leave::Lost), _) => steps.push(format!("follow it with `aurewind tasks wait {id}`")),
        (Some(_), false) => {
            steps.push(format!("`aurewind tasks resume {id}` deletes what is left"));
            if let Some(at) = expiry(run) {
                steps.push(format!("a sweep deletes `{clone}` after {at}"));
            }
        }
        (None, false) => steps.push(format!("`aurewind tasks resume {id}` tries again")),
        _ => {}
    }
    if outcome.kept_until.is_some() {
        let file = run.option_file();
        if file.is_file() {
            steps.push(format!("look at it: mysql --defaults-file={}", file.display()));
        }
        steps.push(format!("delete it: aurewind delete {clone} --yes"));
        steps.push(format!("keep it for longer: aurewind extend {clone} 2h"));
        if let Some(stack) = &outcome.stack {
            steps.push(format!("then delete its stack `{stack}`, which no sweep does: aurewind tasks resume {id}"));
        }
    }
    steps
}

/// When the clone expires by its tags.
pub(super) fn expiry(run: &Run) -> Option<Timestamp> {
    let create = run.engine.task(run.held.task().test.create.as_ref()?).ok()?;
    create.spec?.tags.get(TAG_EXPIRES)?.parse().ok()
}

/// Writes the reports; gives those that were written, and why others were not.
fn reports(run: &Run, outcome: &Outcome) -> (Vec<PathBuf>, Vec<String>) {
    let own = run.names.directory.join("run.json");
    let mut unwritten = Vec::new();
    if let Err(error) = report::write_json(outcome, &own) {
        unwritten.push(format!("{}: {error}", own.display()));
    }
    let (wanted, base) = match &run.options.report_dir {
        Some(folder) => (moved(&run.recipe().report, folder), PathBuf::from(".")),
        None => (run.recipe().report.clone(), run.base().to_owned()),
    };
    match report::write(outcome, &wanted, &base, &*run.outside.env) {
        Ok(written) => (written, unwritten),
        Err(error) => {
            unwritten.extend(error.failed);
            (error.written, unwritten)
        }
    }
}

/// All reports in one folder, under the names that the recipe gives them.
fn moved(report: &Report, folder: &Path) -> Report {
    let in_folder = |path: &Option<PathBuf>, name: &str| {
        let name = path.as_ref().and_then(|path| path.file_name()).map_or_else(|| name.into(), PathBuf::from);
        Some(folder.join(name))
    };
    Report {
        json: in_folder(&report.json, "report.json"),
        junit: in_folder(&report.junit, "junit.xml"),
        markdown: in_folder(&report.markdown, "report.md"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_moved_under_their_own_names() {
        let report = Report { junit: Some("out/tests.xml".into()), ..Report::default() };
        let moved = moved(&report, Path::new("/ci"));
        assert_eq!(moved.junit, Some("/ci/tests.xml".into()));
        assert_eq!(moved.json, Some("/ci/report.json".into()));
        assert_eq!(moved.markdown, Some("/ci/report.md".into()));
    }
}
