//! The end of a run: what a recipe does whatever happened, and the teardown.

use jiff::SignedDuration;
use tokio::time::Instant;

use super::book::Book;
use super::close;
use super::gone::Ground;
use super::leaf::{self, Place};
use super::part::Part;
use super::running::{Run, unwound, within};
use crate::aurora::ownership::whole_second;
use crate::aurora::span;
use crate::aurora::stay::{Stay, StayRequest};
use crate::engine::task::StepName;
use crate::engine::{Request, StepState, TaskState};
use crate::recipe::outcome::{StepEnd, StepOutcome, Verdict};

/// Takes the `always` steps, all of them, and deletes what was made, unless it is to be kept.
pub(super) async fn all(run: &Run, book: &mut Book) {
    // What hangs in the one takes no time from the other.
    let deadline = run.recipe().teardown.deadline;
    if let Err(panic) = unwound(always(run, book, within(deadline))).await {
        book.judge(Verdict::Aws, run.redact.clean(&panic));
        run.end(run.position(StepName::Always), StepState::Failed, &panic);
    }
    let until = within(deadline);
    if run.stop.all().is_cancelled() {
        return;
    }
    let step = run.position(StepName::Teardown);
    if run.held.task().test.children.is_empty() {
        run.end(step, StepState::Skipped, "nothing was made");
        return;
    }
    run.begin(step);
    let mut out = StepOutcome { started_at: Some(run.now()), ..StepOutcome::new("teardown", "teardown") };
    let kept = match run.keeps(book) {
        Some(span) => keep(run, book, span, until).await,
        None => Ok(false),
    };
    let (state, message) = match kept {
        Ok(true) => {
            out.end = StepEnd::Skipped;
            let until = book.kept_until.map(|at| at.to_string()).unwrap_or_default();
            (StepState::Skipped, format!("`{}` is kept until {until}", run.names.clone))
        }
        kept => {
            let (end, state, message) = clear(run, book, step, until).await;
            out.end = end;
            let but = kept.err().map_or(String::new(), |why| format!("; it could not be kept: {why}"));
            (state, format!("{message}{but}"))
        }
    };
    out.ended_at = Some(run.now());
    book.lived.1 = out.ended_at;
    run.end(step, state, &message);
    out.message = Some(message);
    book.add(out);
}

async fn always(run: &Run, book: &mut Book, until: Instant) {
    let at = run.position(StepName::Always);
    let leaves = &run.recipe().always;
    if leaves.is_empty() || run.stop.all().is_cancelled() {
        run.end(at, StepState::Skipped, if leaves.is_empty() { "there is nothing" } else { "everything was left" });
        return;
    }
    run.begin(at);
    let mut failed = Vec::new();
    for leaf in leaves {
        if Instant::now() >= until {
            let limit = span::exact(run.recipe().teardown.deadline.0);
            failed.push(format!("{} (not begun: {limit} are over)", leaf.name));
            book.add(StepOutcome::new(&leaf.name, leaf.action.as_str()));
            continue;
        }
        run.say(at, &leaf.name);
        let place = Place { step: at, round: None, always: true, stop: run.stop.all(), until: Some(until) };
        let mut out = leaf::take(run, book, &leaf.name, &leaf.action, &place).await;
        out.role = None;
        // They are no part of the verdict.
        if matches!(out.end, StepEnd::Failed | StepEnd::TimedOut) {
            failed.push(leaf.name.clone());
            out.end = StepEnd::Allowed;
        }
        book.add(out);
    }
    match failed.as_slice() {
        [] => run.end(at, StepState::Done, &format!("{} done", leaves.len())),
        failed => run.end(at, StepState::Failed, &format!("failed: {}", failed.join(", "))),
    }
}

async fn clear(run: &Run, book: &mut Book, step: usize, until: Instant) -> (StepEnd, StepState, String) {
    let (engine, aws, held, over) = (&run.engine, &run.outside.aws, &run.held, run.stop.all());
    let left = Ground { engine, aws, held, step, until, over }.clear().await;
    let Some((_, why)) = left.first() else {
        return (StepEnd::Passed, StepState::Done, "everything is gone".into());
    };
    let why = why.clone();
    book.leaked = left.into_iter().map(|(id, _)| id).collect();
    (StepEnd::Failed, StepState::Failed, format!("not confirmed gone: {}; {why}", book.leaked.join(", ")))
}

/// Lets the clone live for so long; says whether there is one.
async fn keep(run: &Run, book: &mut Book, span: SignedDuration, until: Instant) -> Result<bool, String> {
    let Some(site) = &book.site else { return Ok(false) };
    let at = whole_second(run.now() + span);
    // A life is never made shorter.
    if let Some(expiry) = close::expiry(run).filter(|expiry| *expiry >= at) {
        run.tell(|task| task.test.kept_until = Some(expiry));
        book.kept_until = Some(expiry);
        return Ok(true);
    }
    let (cluster, resource) = (site.cluster.clone(), site.resource.clone());
    let request = Request::Stay(StayRequest { cluster, resource, stay: Stay::Expire(at) });
    // Whoever takes over from here on keeps it, too.
    run.tell(|task| task.test.kept_until = Some(at));
    let told = async {
        let part = Part::request(&run.engine, &run.held, request).map_err(|error| error.to_string())?;
        let over = part.end(&run.engine, run.patience(until, run.stop.all()), |_| {}).await;
        let task = over.map_err(|why| why.to_string())?;
        if task.state == TaskState::Done { Ok(()) } else { Err(super::part::failure(&task).to_string()) }
    };
    match told.await {
        Ok(()) => {
            book.kept_until = Some(at);
            Ok(true)
        }
        Err(why) => {
            run.tell(|task| task.test.kept_until = None);
            Err(why)
        }
    }
}
