//! Comparisons of schema and row counts with how they were before.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use super::book::Book;
use super::leaf::Place;
use super::own::{Cut, SNAPSHOT, own};
use super::ready::Site;
use super::running::Run;
use crate::recipe::database::compare;
use crate::recipe::model::{Action, Against, Diff, Step};
use crate::recipe::outcome::{StepEnd, StepOutcome};

/// Keeps what later steps compare with, if any do.
pub(super) async fn keep(
    run: &Run,
    book: &mut Book,
    site: &Site,
    against: Against,
    stop: &CancellationToken,
) -> Result<(), Cut> {
    let Some(database) = &site.database else { return Ok(()) };
    for rows in wanted(&run.recipe().step, &against) {
        let snapshot = own(SNAPSHOT, stop, database.snapshot(rows)).await?;
        book.snapshots.retain(|(of, counted, _)| (of, *counted) != (&against, rows));
        book.snapshots.push((against.clone(), rows, snapshot));
    }
    Ok(())
}

/// Whether anything is compared with it: without row counts, with them, or both.
fn wanted(steps: &[Step], against: &Against) -> BTreeSet<bool> {
    let mut found = BTreeSet::new();
    for step in steps {
        match &step.action {
            Action::Diff(diff) if diff.against == *against => {
                found.insert(diff.rows);
            }
            Action::Repeat(repeat) => found.extend(wanted(&repeat.steps, against)),
            _ => {}
        }
    }
    found
}

/// Takes a `diff` step.
pub(super) async fn diff(run: &Run, book: &Book, name: &str, diff: &Diff, place: &Place<'_>) -> StepOutcome {
    let started_at = Some(run.now());
    let mut out = StepOutcome { started_at, round: place.round, ..StepOutcome::new(name, "diff") };
    (out.end, out.message) = match look(run, book, diff, &mut out, place).await {
        Ok(end) => {
            let message = out.diff.as_ref().map(|diff| match (diff.text.is_empty(), diff.as_expected) {
                (true, true) => format!("no difference from {}", diff.against),
                (false, true) => format!("the differences from {} are those that are expected", diff.against),
                (true, false) => format!("no difference from {}, and some were expected", diff.against),
                (false, false) => format!("other differences from {} than expected", diff.against),
            });
            (end, message)
        }
        Err((end, error)) => (end, Some(run.redact.clean(&error))),
    };
    if diff.allow_failure && out.end == StepEnd::Failed {
        out.end = StepEnd::Allowed;
    }
    out.ended_at = Some(run.now());
    out
}

async fn look(
    run: &Run,
    book: &Book,
    diff: &Diff,
    out: &mut StepOutcome,
    place: &Place<'_>,
) -> Result<StepEnd, (StepEnd, String)> {
    let failed = |why: String| (StepEnd::Failed, why);
    let database = book.site.as_ref().and_then(|site| site.database.as_ref());
    let database = database.ok_or_else(|| failed("there is no clone that answers SQL".into()))?;
    let against = match &diff.against {
        Against::Source => "the clone as it came".to_owned(),
        Against::Mark(mark) => format!("the mark `{mark}`"),
    };
    let before = book.snapshot(&diff.against, diff.rows);
    let before = before.ok_or_else(|| failed(format!("there is nothing to compare with: {against} was not seen")))?;
    let expected = match &diff.expect {
        Some(file) => {
            let text = tokio::fs::read_to_string(run.base().join(file)).await;
            Some(text.map_err(|error| failed(format!("{}: {error}", file.display())))?)
        }
        None => None,
    };
    let after = own(SNAPSHOT, place.stop, database.snapshot(diff.rows)).await;
    let after = after.map_err(|cut| (cut.end(), cut.to_string()))?;
    let mut found = compare(before, &after, expected.as_deref(), &against);
    found.text = run.redact.clean(&found.text);
    let end = if found.as_expected { StepEnd::Passed } else { StepEnd::Failed };
    out.diff = Some(found);
    Ok(end)
}
