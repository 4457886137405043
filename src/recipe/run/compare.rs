//! Comparisons of schema and row counts with how they were before.

use std::collections::BTreeSet;

use super::book::Book;
use super::leaf::Place;
use super::ready::Site;
use super::running::Run;
use crate::recipe::database::{DatabaseError, compare};
use crate::recipe::model::{Action, Against, Diff, Step};
use crate::recipe::outcome::{StepEnd, StepOutcome};

/// Keeps what later steps compare with, if any do.
pub(super) async fn keep(run: &Run, book: &mut Book, site: &Site, against: Against) -> Result<(), DatabaseError> {
    let Some(database) = &site.database else { return Ok(()) };
    for rows in wanted(&run.recipe().step, &against) {
        let snapshot = database.snapshot(rows).await?;
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
    let looked = tokio::select! {
        looked = look(run, book, diff, &mut out) => looked,
        () = place.stop.cancelled() => Ok(StepEnd::Interrupted),
    };
    (out.end, out.message) = match looked {
        Ok(end) => {
            let message = out.diff.as_ref().map(|diff| match (diff.text.is_empty(), diff.as_expected) {
                (true, true) => format!("no difference from {}", diff.against),
                (false, true) => format!("the differences from {} are those that are expected", diff.against),
                (true, false) => format!("no difference from {}, and some were expected", diff.against),
                (false, false) => format!("other differences from {} than expected", diff.against),
            });
            (end, message)
        }
        Err(error) => (StepEnd::Failed, Some(run.redact.clean(&error))),
    };
    if diff.allow_failure && out.end == StepEnd::Failed {
        out.end = StepEnd::Allowed;
    }
    out.ended_at = Some(run.now());
    out
}

async fn look(run: &Run, book: &Book, diff: &Diff, out: &mut StepOutcome) -> Result<StepEnd, String> {
    let database = book.site.as_ref().and_then(|site| site.database.as_ref());
    let database = database.ok_or("there is no clone that answers SQL")?;
    let against = match &diff.against {
        Against::Source => "the clone as it came".to_owned(),
        Against::Mark(mark) => format!("the mark `{mark}`"),
    };
    let before = book.snapshot(&diff.against, diff.rows);
    let before = before.ok_or_else(|| format!("there is nothing to compare with: {against} was not seen"))?;
    let expected = match &diff.expect {
        Some(file) => {
            let text = tokio::fs::read_to_string(run.base().join(file)).await;
            Some(text.map_err(|error| format!("{}: {error}", file.display()))?)
        }
        None => None,
    };
    let after = database.snapshot(diff.rows).await.map_err(|error| error.to_string())?;
    let mut found = compare(before, &after, expected.as_deref(), &against);
    found.text = run.redact.clean(&found.text);
    let end = if found.as_expected { StepEnd::Passed } else { StepEnd::Failed };
    out.diff = Some(found);
    Ok(end)
}
