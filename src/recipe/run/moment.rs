//! Marks and rewinds: named moments, the way back to them, and the proof that it was gone.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};

use super::book::{Book, Marked};
use super::compare;
use super::leaf::Place;
use super::own::{Cut, own};
use super::part::{Part, failure};
use super::phase::end_of;
use super::ready::{self, Site};
use super::running::{Failed, Run, within};
use crate::aurora::mark::MarkName;
use crate::aurora::request::{MarkRequest, RewindRequest};
use crate::aurora::span;
use crate::aurora::window::ceil_second;
use crate::engine::task::FailureKind;
use crate::engine::{Request, TaskResult, TaskState};
use crate::recipe::database;
use crate::recipe::model::{Against, Span, Target};
use crate::recipe::outcome::{RewindOutcome, StepEnd, StepOutcome, Verdict};

/// How long the tag of a mark is waited for.
const TAGGED: Duration = Duration::from_mins(2);
/// How long a beat before a rewind is tried to be written.
const BEAT: Span = Span(SignedDuration::from_secs(10));
/// The guard on either side of a mark that nothing in the data shows: Backtrack goes by seconds (User Guide, Overview of
/// Backtracking).
const GUARD: SignedDuration = SignedDuration::from_secs(1);

/// Sets a mark: in the run, and as a tag of the clone.
pub(super) async fn mark(run: &Run, book: &mut Book, name: &str, place: &Place<'_>) -> StepOutcome {
    let mut out = StepOutcome { started_at: Some(run.now()), ..StepOutcome::new(name, "mark") };
    let Some(site) = book.site.clone() else { return missing(run, out) };
    (out.end, out.message) = match moment(run, &site, name, place).await {
        Ok(marked) => {
            book.marks.insert(name.to_owned(), marked);
            book.mark = Some(name.to_owned());
            run.tell(|task| task.test.marks.push((name.to_owned(), marked.at)));
            let snapshot = compare::keep(run, book, &site, Against::Mark(name.to_owned()), place.stop).await;
            let proof = if marked.beat.is_some() { ", with a beat in the data" } else { "" };
            let tag = tag(run, &site, name, marked.at, place).await.err();
            let but = tag.map_or(String::new(), |why| format!("; it is no tag of the clone: {why}"));
            match snapshot {
                Ok(()) => (StepEnd::Passed, Some(format!("{}{proof}{but}", marked.at))),
                Err(cut) => (cut.end(), Some(format!("what a diff compares with cannot be read: {cut}"))),
            }
        }
        Err(cut) => (cut.end(), Some(format!("the mark `{name}` cannot be set: {cut}"))),
    };
    out.ended_at = Some(run.now());
    out
}

fn missing(run: &Run, mut out: StepOutcome) -> StepOutcome {
    out.end = StepEnd::Failed;
    out.message = Some("there is no clone".into());
    out.ended_at = Some(run.now());
    out
}

async fn moment(run: &Run, site: &Site, name: &str, place: &Place<'_>) -> Result<Marked, Cut> {
    let limit = run.recipe().wait.ready;
    if let Some(database) = &site.database {
        run.say(place.step, &format!("setting the mark `{name}`"));
        let moment = own(limit, place.stop, database::mark(database, run.held.id().as_str())).await?;
        return Ok(Marked { at: moment.at, beat: Some(moment.beat) });
    }
    // A guard on either side, by the clock here: nothing tells the server's.
    let at = ceil_second(run.now() + GUARD);
    let until = at + GUARD;
    while let Ok(left) = Duration::try_from(until.duration_since(run.now()))
        && !left.is_zero()
    {
        tokio::select! {
            () = sleep(left) => {}
            () = place.stop.cancelled() => return Err(Cut::Stopped),
        }
    }
    Ok(Marked { at, beat: None })
}

/// The mark as a tag, so that everybody sees it.
async fn tag(run: &Run, site: &Site, name: &str, at: Timestamp, place: &Place<'_>) -> Result<(), String> {
    let name = MarkName::try_from(name).map_err(|error| error.to_string())?;
    let (cluster, resource) = (site.cluster.clone(), site.resource.clone());
    let request = Request::Mark(MarkRequest { cluster, resource, name, at: Some(at) });
    let part = Part::request(&run.engine, &run.held, request).map_err(|error| error.to_string())?;
    let patience = run.patience(Instant::now() + TAGGED, place.stop);
    match part.end(&run.engine, patience, run.telling(place.step)).await {
        Ok(task) if task.state == TaskState::Done => Ok(()),
        Ok(task) => Err(failure(&task).to_string()),
        Err(why) => Err(why.to_string()),
    }
}

/// Takes the clone back, waits until it can be used again, and looks at whether it landed where it should. Gives the step,
/// and what that means for the run.
pub(super) async fn rewind(
    run: &Run,
    book: &mut Book,
    (name, to, within): (&str, &Target, SignedDuration),
    place: &Place<'_>,
) -> (StepOutcome, Option<Failed>) {
    let started_at = Some(run.now());
    let mut out = StepOutcome { started_at, round: place.round, ..StepOutcome::new(name, "rewind") };
    let Some(site) = book.site.clone() else {
        return (missing(run, out), Some((Verdict::Aws, "there is no clone to rewind".into())));
    };
    let judged = match target(run, book, &site, to) {
        Ok((at, marked)) => {
            newer(run, &site, place).await;
            match carry_out(run, &site, at, place).await {
                Ok((landed, delta_seconds)) => {
                    let within_seconds = within.as_secs_f64();
                    let rewind = RewindOutcome { asked: at, landed, delta_seconds, within_seconds, proved: None };
                    look(run, book, &site, marked, out.rewind.insert(rewind), place).await
                }
                Err(failed) => Some(failed),
            }
        }
        Err(message) => Some((Verdict::RewindOff, message)),
    };
    if let (None, Target::Mark(mark)) = (&judged, to) {
        book.mark = Some(mark.clone());
    }
    out.ended_at = Some(run.now());
    out.end = judged.as_ref().map_or(StepEnd::Passed, |(verdict, _)| end_of(*verdict));
    let landed = out.rewind.as_ref().map(|rewind| {
        let proved = if rewind.proved == Some(true) { ", proved by the data" } else { "" };
        format!("asked {}, landed {} ({:+} s){proved}", rewind.asked, rewind.landed, rewind.delta_seconds)
    });
    out.message = judged.as_ref().map(|(_, message)| message.clone()).or(landed);
    (out, judged)
}

/// The moment to rewind to, and its mark; or why it cannot be gone back to.
fn target(run: &Run, book: &Book, site: &Site, to: &Target) -> Result<(Timestamp, Option<Marked>), String> {
    let (at, marked) = match to {
        Target::Mark(mark) => {
            let marked = book.marks.get(mark).ok_or_else(|| format!("the mark `{mark}` was not set"))?;
            (marked.at, Some(*marked))
        }
        Target::Ago(ago) => (ceil_second(run.now() - *ago), None),
        Target::At(at) => (*at, None),
    };
    // A rewind may land a little before what was asked for.
    if at < site.since + GUARD {
        let message = format!(
            "{at} is before the clone was ready ({}): its data would have the source's passwords and events again",
            site.since
        );
        return Err(message);
    }
    Ok((at, marked))
}

/// Writes a newer beat, so that the data differs from that of every mark. One that cannot be written does not hinder the way
/// back out of a broken database: marks and rewinds leave one behind themselves, too.
async fn newer(run: &Run, site: &Site, place: &Place<'_>) {
    let Some(database) = &site.database else { return };
    if let Err(cut @ (Cut::Late(_) | Cut::Failed(_))) =
        own(BEAT, place.stop, database.beat(run.held.id().as_str())).await
    {
        run.say(place.step, &format!("no beat before the rewind: {cut}"));
    }
}

/// The engine's rewind; gives where it landed, and how far that is from what was asked for, in seconds.
async fn carry_out(run: &Run, site: &Site, to: Timestamp, place: &Place<'_>) -> Result<(Timestamp, f64), Failed> {
    let (cluster, resource) = (site.cluster.clone(), site.resource.clone());
    let request = Request::Rewind(RewindRequest { cluster, resource, to, earliest: false, force: false });
    let part = Part::request(&run.engine, &run.held, request).map_err(|e| (Verdict::Aws, e.to_string()))?;
    let patience = run.patience(within(run.recipe().wait.rewind), place.stop);
    match part.end(&run.engine, patience, run.telling(place.step)).await {
        Ok(task) => {
            if let Some(TaskResult::Rewind { landed, delta_seconds, .. }) = task.result {
                return Ok((landed, delta_seconds));
            }
            let error = failure(&task);
            let verdict = match error.kind {
                FailureKind::Refused => Verdict::RewindOff,
                FailureKind::Timeout => Verdict::TimedOut,
                _ => Verdict::Aws,
            };
            Err((verdict, error.to_string()))
        }
        Err(why) => {
            let limit = span::exact(run.recipe().wait.rewind.0);
            Err(why.failed(|what| format!("the rewind took longer than {limit} (wait.rewind): {what}")))
        }
    }
}

/// A rewind drops every connection: waits for the next answer, then looks at what the data says.
async fn look(
    run: &Run,
    book: &mut Book,
    site: &Site,
    marked: Option<Marked>,
    rewind: &mut RewindOutcome,
    place: &Place<'_>,
) -> Option<Failed> {
    if rewind.landed < site.since {
        let message = format!(
            "landed at {}, before the clone was ready ({}): its data has the source's passwords and events again",
            rewind.landed, site.since
        );
        return Some((Verdict::RewindOff, message));
    }
    let again = tokio::select! {
        again = ready::answers(run, site, place.step) => again,
        () = place.stop.cancelled() => return Some((Verdict::Interrupted, "stopped".into())),
    };
    let database = match again {
        Ok(database) => database,
        Err(failed) => return Some(failed),
    };
    if let Some(database) = &database {
        if let Err(failed) = ready::stop_events(run, database, place).await {
            return Some(failed);
        }
        let moment = marked.and_then(|marked| Some(database::Moment { at: marked.at, beat: marked.beat? }));
        let looked = database::landed(database, run.held.id().as_str(), moment.as_ref());
        match own(run.recipe().wait.ready, place.stop, looked).await {
            Ok(proved) => rewind.proved = proved,
            Err(cut) => {
                let message = format!("what the data shows cannot be read: {cut}");
                return Some((cut.verdict(Verdict::RewindOff), message));
            }
        }
    }
    if let Some(site) = &mut book.site {
        site.database = database;
    }
    if rewind.off() {
        let message = format!(
            "landed {:+} s from {}, and {} s are allowed",
            rewind.delta_seconds, rewind.asked, rewind.within_seconds
        );
        return Some((Verdict::RewindOff, message));
    }
    if rewind.proved == Some(false) {
        let message = format!("AWS says that it landed at {}; the data shows another moment", rewind.landed);
        return Some((Verdict::RewindOff, message));
    }
    None
}
