//! Steps that are done several times, with a rewind in between.

use super::book::Book;
use super::leaf::Place;
use super::running::Run;
use super::{moment, stages};
use crate::recipe::model::{Repeat, Target, Until};
use crate::recipe::outcome::{StepEnd, Verdict};

/// Takes a `repeat` step; gives how it ended, and a sentence on it.
pub(super) async fn repeat(run: &Run, book: &mut Book, repeat: &Repeat, step: usize) -> (StepEnd, String) {
    let first = book.steps.len();
    let mut worst: Option<(Verdict, String)> = None;
    for round in 1..=repeat.times {
        let place = Place { step, round: Some(round), always: false, stop: run.stop.work(), until: None };
        if round > 1 {
            run.say(step, &format!("round {round} of {}: rewind to `{}`", repeat.times, repeat.reset));
            let name = format!("rewind to {}", repeat.reset);
            let to = Target::Mark(repeat.reset.clone());
            let (out, judged) = moment::rewind(run, book, (&name, &to, repeat.within.0), &place).await;
            let end = out.end;
            book.add(out);
            if let Some((verdict, reason)) = judged {
                if verdict != Verdict::Interrupted {
                    book.judge(verdict, format!("{name}, before round {round}: {reason}"));
                }
                return (end, reason);
            }
        }
        match self::round(run, book, repeat, &place).await {
            None if repeat.until == Until::Pass => {
                book.allow_since(first);
                return (StepEnd::Passed, format!("round {round} passed"));
            }
            Some((Verdict::Interrupted, reason)) => return (StepEnd::Interrupted, reason),
            Some((verdict, reason)) if worst.as_ref().is_none_or(|(known, _)| *known < verdict) => {
                worst = Some((verdict, format!("round {round}: {reason}")));
            }
            None | Some(_) => {}
        }
    }
    match worst {
        None => (StepEnd::Passed, format!("{} rounds passed", repeat.times)),
        Some((verdict, reason)) => {
            book.judge(verdict, reason.clone());
            (StepEnd::Failed, reason)
        }
    }
}

/// One round, until the first step that fails; gives what that means.
async fn round(run: &Run, book: &mut Book, repeat: &Repeat, place: &Place<'_>) -> Option<(Verdict, String)> {
    let round = place.round.unwrap_or_default();
    for inner in &repeat.steps {
        run.say(place.step, &format!("round {round} of {}: {}", repeat.times, inner.name));
        let out = stages::simple(run, book, &inner.name, &inner.action, place).await;
        let judged = stages::weigh(&out);
        book.add(out);
        if judged.is_some() {
            return judged;
        }
    }
    None
}
