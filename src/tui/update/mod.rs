//! The only writer of the state: a plain function from an event to work for the outside.

mod app;
mod card;
mod cluster;
mod data;
mod dialog;
mod filter;
mod keys;
mod lists;
mod mouse;
mod picker;
mod starter;
mod tasks;
mod time;

use jiff::Timestamp;
use ratatui::layout::Size;

use super::effect::Effect;
use super::event::Event;
use super::layout;
use super::state::{Selected, State, Wanted};
use crate::aurora::ids::ResourceId;
use crate::engine::task::Make;

/// Takes an event that happened at `now` into the state, and says what the outside is to do.
pub fn update(state: &mut State, event: Event, now: Timestamp) -> Vec<Effect> {
    state.pulse.now = now;
    let mut effects = match event {
        Event::Key(key) => keys::key(state, key),
        Event::Mouse(event) => {
            mouse::mouse(state, event);
            Vec::new()
        }
        Event::Paste(text) => keys::paste(state, &text),
        Event::Resized { width, height } => resized(state, Size::new(width, height)),
        Event::Tick => tick(state),
        Event::Place(place) => data::place(state, place),
        Event::Fleet(event) => data::fleet(state, event),
        Event::History { id, result } => data::history(state, id, result),
        Event::Metrics { id, metrics } => data::metrics(state, id, metrics),
        Event::Usual { id, estimate } => data::usual(state, id, estimate),
        Event::Marks { id, marks } => data::marks(state, id, marks),
        Event::Task(task) => data::task(state, *task),
        Event::Outlook(id, outlook) => data::outlook(state, id, outlook),
        Event::Past { tasks, more } => data::past(state, tasks, more),
        Event::Left(ids) => data::left(state, ids),
        Event::Recipes { folder, found } => starter::found(state, folder.as_deref(), &found),
        Event::Checked { path, result } => starter::checked(state, &path, &result),
        Event::Output { path, result } => card::output(state, &path, result),
        Event::Calls(calls) => data::calls(state, calls),
        Event::Refused(error) => data::refused(state, &error),
        Event::Started(result) => data::started(state, result),
        Event::Notice(notice) => {
            state.tell(notice);
            Vec::new()
        }
    };
    hold(state);
    dialog::mind_runs(state);
    effects.extend(due(state));
    if state.leaving && state.tasks.driven().next().is_none() {
        effects.push(Effect::Quit);
    }
    effects
}

fn resized(state: &mut State, size: Size) -> Vec<Effect> {
    state.pulse.size = size;
    settle(state);
    Vec::new()
}

/// Something on screen counts time: ages, the spinner, the distance in a dialog.
fn tick(state: &mut State) -> Vec<Effect> {
    dialog::replan(state);
    keep_time(state);
    state.touch();
    Vec::new()
}

/// What is due by now: a listing, or the history of the cluster that the cursor rests on.
fn due(state: &mut State) -> Vec<Effect> {
    let (now, busy) = (state.now(), state.busy());
    let mut effects = Vec::new();
    if state.feed.due(&state.setup.tempo, busy).is_some_and(|at| at <= now) {
        state.feed.begin(now);
        state.touch();
        effects.push(Effect::Refresh);
    }
    if history_due(state).is_some_and(|at| at <= now)
        && let Some(id) = state.looked_at().cloned()
    {
        state.histories.begin(&id);
        state.touch();
        let make = make_of(state, &id);
        effects.push(Effect::LoadHistory { id, make });
    }
    let page = layout::task_rows(state);
    effects.extend(state.tasks.wants_older(page).map(Effect::LoadPast));
    if let Some((_, wanted)) = output_due(state).filter(|(at, _)| *at <= now) {
        let part = state.reading.ask(&wanted.path, wanted.wish);
        effects.push(Effect::ReadOutput { path: wanted.path, part });
    }
    if state.reads_messages() && state.calls.due().is_some_and(|at| at <= now) {
        state.calls.begin();
        effects.push(Effect::CountCalls);
    }
    effects
}

/// What decides how long a rewind of this cluster takes.
fn make_of(state: &State, id: &ResourceId) -> Option<Make> {
    let fleet = &state.fleet.data;
    let cluster = fleet.get(id)?;
    let writer = fleet.instances(&cluster.id).iter().find(|instance| cluster.writer() == Some(instance.id.as_str()));
    Some(Make { engine: cluster.engine.as_str().to_owned(), class: writer.map(|instance| instance.class.clone()) })
}

/// When the history of the cluster that is looked at is to be read: under the cursor once that rests.
pub(super) fn history_due(state: &State) -> Option<Timestamp> {
    let id = state.looked_at()?;
    let rested = match state.fleet.cursor() {
        Some(cursor) if cursor == id => state.fleet.rested_since? + state.setup.tempo.rest,
        _ => Timestamp::MIN,
    };
    // While the fleet cannot be read, neither can this.
    let able = state.feed.failure.is_none();
    state.histories.due(id).map(|at| at.max(rested)).filter(|_| able)
}

/// When the output that somebody looks at is to be read, and which part of it.
pub(super) fn output_due(state: &State) -> Option<(Timestamp, Wanted)> {
    let wanted = state.wanted_output()?;
    let due = state.reading.due(&wanted.path, wanted.live, wanted.wish)?;
    Some((due, wanted))
}

/// After the cursor, the data or the size may have changed: everything that hangs on them is put right.
fn settle(state: &mut State) {
    state.fleet.keep_visible(layout::fleet_rows(state));
    state.tasks.keep_visible(layout::task_rows(state));
    let cursor = state.fleet.cursor().cloned();
    state.fleet.selected = cursor.as_ref().and_then(|id| work_out(state, id));
    let held = state.fleet.held.as_ref().map(|held| held.id.clone());
    state.fleet.held = held.and_then(|id| work_out(state, &id));
    if let Some(id) = &cursor {
        state.timeline.bind(id);
    }
    dialog::replan(state);
    tasks::settle(state);
    keep_time(state);
    state.touch();
}

fn work_out(state: &State, id: &ResourceId) -> Option<Selected> {
    let journal = state.histories.get(id).map_or(&[][..], |known| &known.marks);
    Selected::of(id, &state.desk(), state.tasks.all(), journal)
}

/// A dialog or list about another cluster than the one under the cursor, which may move meanwhile, is known as much about.
fn hold(state: &mut State) {
    let other = state.looked_at().filter(|id| Some(*id) != state.fleet.cursor()).cloned();
    if state.fleet.held.as_ref().map(|held| &held.id) == other.as_ref() {
        return;
    }
    state.fleet.held = other.as_ref().and_then(|id| work_out(state, id));
    dialog::replan(state);
    state.touch();
}

/// The floor comes nearer with time: the cursor of the timeline is pushed along.
fn keep_time(state: &mut State) {
    let Some(cluster) = state.cluster() else { return };
    let id = cluster.resource_id.clone();
    let Some(at) = state.timeline.at(&id) else { return };
    match cluster.reach(state.now()) {
        Some(reach) if reach.check(at).is_ok() => {}
        Some(reach) => {
            let at = reach.clamp(at);
            state.timeline.set(&id, Some(at));
            state.timeline.refusal = Some("the floor has moved on".into());
        }
        None => state.timeline.set(&id, None),
    }
}
