//! The cursor of the timeline. It cannot leave the reachable part, and says why.

use jiff::{SignedDuration, Timestamp};
use tui_input::Input;

use crate::aurora::ids::ResourceId;
use crate::aurora::time::{self, date_text, zone_text};
use crate::aurora::window::{OutOfReach, Reach};
use crate::tui::catalogue::InTime;
use crate::tui::dialogs::Aim;
use crate::tui::state::{Notice, State, TimeEntry};
use crate::tui::widgets::timeline::{MomentKind, Span, TimelineData, moments};

pub(super) fn act(state: &mut State, action: InTime) {
    match action {
        InTime::By(seconds) => by(state, seconds),
        InTime::Previous => to_moment(state, false, "mark, seam, task or event", |_| true),
        InTime::Next => to_moment(state, true, "mark, seam, task or event", |_| true),
        InTime::PreviousMark => to_moment(state, false, "mark", |kind| kind == MomentKind::Mark),
        InTime::NextMark => to_moment(state, true, "mark", |kind| kind == MomentKind::Mark),
        InTime::Floor => {
            if let Some(reach) = reach(state) {
                go(state, Some(reach.clamp(reach.floor)), None);
            }
        }
        InTime::Now => go(state, None, None),
        InTime::ZoomIn => zoom_here(state, 0.5),
        InTime::ZoomOut => zoom_here(state, 2.0),
        InTime::Type => state.timeline.entry = Some(TimeEntry { input: Input::default(), read: None }),
        InTime::Take => take(state),
        InTime::Drop => state.timeline.entry = None,
    }
}

/// The cursor that keys move: the one of the rewind on top, or of the pane.
struct Line {
    id: ResourceId,
    here: Timestamp,
    span: Option<Span>,
    force: bool,
}

fn line(state: &State) -> Option<Line> {
    if let Some(dialog) = state.dialog() {
        let aim = dialog.aim()?;
        return Some(Line { id: dialog.resource().clone(), here: aim.to, span: aim.span, force: aim.force });
    }
    let id = state.cluster()?.resource_id.clone();
    let here = state.timeline.at(&id).unwrap_or(state.now());
    Some(Line { here, span: state.timeline.span, force: false, id })
}

fn reach(state: &State) -> Option<Reach> {
    state.fleet.data.get(&line(state)?.id)?.reach(state.now())
}

fn story(state: &State) -> Option<TimelineData<'_>> {
    state.story_of(&line(state)?.id)
}

/// Puts the cursor on `at`, nothing being now. The visible part moves along.
fn go(state: &mut State, at: Option<Timestamp>, refusal: Option<String>) {
    let Some(line) = line(state) else { return };
    let follow = |span: Span| story(state).map(|story| span.follow(at.unwrap_or(state.now()), &story));
    let span = line.span.and_then(follow);
    if state.dialog().is_some() {
        let last = reach(state).map(|reach| reach.clamp(reach.now));
        if let Some(to) = at.or(last) {
            super::dialog::aim(state, Aim { to, span, force: line.force });
        }
    } else {
        state.timeline.set(&line.id, at);
        state.timeline.span = span;
    }
    state.timeline.refusal = refusal;
    state.timeline.beyond = None;
}

fn look(state: &mut State, span: Option<Span>) {
    match line(state) {
        Some(line) if state.dialog().is_some() => {
            super::dialog::aim(state, Aim { to: line.here, span, force: line.force });
        }
        _ => state.timeline.span = span,
    }
}

fn zoom_here(state: &mut State, factor: f64) {
    if let Some(line) = line(state) {
        zoom(state, line.here, factor);
    }
}

/// Shows `factor` times as much, with `around` staying in its place.
pub(super) fn zoom(state: &mut State, around: Timestamp, factor: f64) {
    let shown = line(state).and_then(|line| line.span);
    let span = story(state).and_then(|story| {
        let whole = Span::whole(&story);
        let span = shown.unwrap_or(whole).zoom(around, factor, &story);
        // All of it is no fixed span: it moves on with time.
        (span.length() < whole.length()).then_some(span)
    });
    look(state, span);
}

fn by(state: &mut State, seconds: i64) {
    let (Some(reach), Some(line)) = (reach(state), line(state)) else { return };
    // What was typed may lie anywhere in time: steps begin where a rewind can be.
    let here = line.here.max(reach.floor).min(reach.now);
    if let Ok(wanted) = here.checked_add(SignedDuration::from_secs(seconds)) {
        to(state, &reach, wanted);
    }
}

/// A hand points at `at`.
pub(super) fn point(state: &mut State, at: Timestamp) {
    let Some(reach) = reach(state) else { return };
    let span = line(state).and_then(|line| line.span);
    to(state, &reach, at);
    // What is under the hand stays there.
    look(state, span);
}

/// Goes to `wanted`, or as near as can be reached, and says why not further.
fn to(state: &mut State, reach: &Reach, wanted: Timestamp) {
    match reach.check(wanted) {
        Ok(()) => go(state, Some(reach.clamp(wanted)), None),
        Err(OutOfReach::NotPast) => go(state, None, Some("this is now; a rewind goes back".into())),
        Err(why) => {
            let why = why_not(state, why);
            go(state, Some(reach.clamp(wanted)), Some(why));
            state.timeline.beyond = Some(wanted);
        }
    }
}

fn why_not(state: &State, why: OutOfReach) -> String {
    const COPY: &str = "F makes a full copy";
    let zone = state.ui.zone();
    let clock = |at: Timestamp| format!("{} {}", date_text(at, &zone), zone_text(at, &zone));
    match why {
        OutOfReach::NotPast => "it is not in the past".into(),
        OutOfReach::BeforeCreation(at) => format!("it did not exist before {}; {COPY}", clock(at)),
        OutOfReach::BeforeEarliest(at) => format!("the window reaches back to {} only; {COPY}", clock(at)),
    }
}

fn to_moment(state: &mut State, next: bool, what: &str, wanted: impl Fn(MomentKind) -> bool) {
    let (Some(reach), Some(story), Some(Line { here, .. })) = (reach(state), story(state), line(state)) else { return };
    let moments = moments(&story);
    let mut reachable = moments.iter().filter(|moment| wanted(moment.kind)).map(|moment| reach.clamp(moment.at));
    let found = if next { reachable.find(|at| *at > here) } else { reachable.rfind(|at| *at < here) };
    if found.is_some() {
        go(state, found, None);
    } else {
        let side = if next { "after" } else { "before" };
        state.timeline.refusal = Some(format!("no {what} {side} this that can be reached"));
    }
}

/// What was typed so far, understood or not. Said while typing, so that nobody is surprised by Enter.
pub(super) fn read_entry(state: &mut State) {
    let now = state.now().to_zoned(state.ui.zone());
    if let Some(entry) = &mut state.timeline.entry {
        let typed = entry.input.value().trim();
        entry.read = (!typed.is_empty()).then(|| time::parse(typed, &now).map_err(|error| error.to_string()));
    }
}

fn take(state: &mut State) {
    let Some(reach) = reach(state) else { return };
    match state.timeline.entry.as_ref().map(|entry| entry.read.clone()) {
        Some(Some(Ok(at))) => {
            state.timeline.entry = None;
            to(state, &reach, at);
        }
        Some(Some(Err(why))) => state.tell(Notice::warn(why)),
        Some(None) | None => state.timeline.entry = None,
    }
}
