//! When something changes on screen by itself. There is no tick: who waits, waits until then.

use jiff::{SignedDuration, Timestamp};

use super::state::State;
use super::update::{history_due, output_due};

/// The shortest time between two pictures of a spinner.
const SHORTEST: SignedDuration = SignedDuration::from_millis(150);

/// The next moment at which [`Event::Tick`](super::Event::Tick) is due.
pub fn next_deadline(state: &State, now: Timestamp) -> Option<Timestamp> {
    let listing = state.feed.due(&state.setup.tempo, state.busy());
    let spinner = state.spins().then(|| next_multiple(now, state.setup.tempo.spinner.max(SHORTEST)));
    let calls = state.calls.due().filter(|_| state.reads_messages());
    let output = output_due(state).map(|(due, _)| due);
    let deadlines = [listing, history_due(state), ages(state, now), spinner, calls, output];
    let next = deadlines.into_iter().flatten().min()?;
    Some(next.max(now))
}

/// Picture of the spinner at `now`.
pub fn spinner_frame(state: &State, now: Timestamp) -> usize {
    let step = state.setup.tempo.spinner.max(SHORTEST).as_millis();
    usize::try_from(i128::from(now.as_millisecond()) / step).unwrap_or_default()
}

/// When an age, a distance or a countdown reads differently.
fn ages(state: &State, now: Timestamp) -> Option<Timestamp> {
    let every_second = state.feed.failure.is_some()
        || state.tasks.running() > 0
        || state.dialog().is_some_and(|dialog| dialog.moment().is_some());
    if every_second {
        return Some(next_multiple(now, SignedDuration::from_secs(1)));
    }
    let read_at = state.feed.read_at?;
    let age = now.duration_since(read_at);
    Some(read_at + shown_age(age) + age_step(age))
}

/// The age that is shown for `age`: seconds at first, then coarser, because nobody needs to see them count.
pub fn shown_age(age: SignedDuration) -> SignedDuration {
    let step = age_step(age).as_secs().max(1);
    SignedDuration::from_secs(age.as_secs().max(0) / step * step)
}

fn age_step(age: SignedDuration) -> SignedDuration {
    match age.as_secs() {
        ..10 => SignedDuration::from_secs(1),
        10..60 => SignedDuration::from_secs(5),
        _ => SignedDuration::from_secs(60),
    }
}

/// The next moment after `now` that is a multiple of `step` since the epoch.
fn next_multiple(now: Timestamp, step: SignedDuration) -> Timestamp {
    let step = i64::try_from(step.as_millis()).unwrap_or(1_000).max(1);
    let millis = now.as_millisecond();
    Timestamp::from_millisecond(millis - millis.rem_euclid(step) + step).unwrap_or(now)
}
