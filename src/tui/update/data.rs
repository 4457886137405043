//! Facts from AWS and from the engine.

use super::settle;
use crate::aurora::ids::ResourceId;
use crate::aurora::mark::Mark;
use crate::aurora::span;
use crate::aws::{AwsError, Calls, ErrorKind, FleetEvent, History, Metrics, Place};
use crate::engine::{Estimate, Task, TaskError, TaskId, TaskResult, TaskState};
use crate::tui::dialogs::{About, Choice};
use crate::tui::effect::Effect;
use crate::tui::state::{Notice, Outlook, Overlay, State, Tone};

pub(super) fn place(state: &mut State, place: Place) -> Vec<Effect> {
    state.setup.place = place;
    state.touch();
    Vec::new()
}

pub(super) fn fleet(state: &mut State, event: FleetEvent) -> Vec<Effect> {
    let now = state.now();
    match event {
        FleetEvent::Begun => {
            state.fleet.data.begin();
            state.feed.begin(now);
            state.touch();
            return Vec::new();
        }
        FleetEvent::Clusters(page) => {
            state.fleet.data.merge(page);
            state.fleet.grown(now);
        }
        FleetEvent::Instances(page) => state.fleet.data.merge_instances(page),
        FleetEvent::Done => {
            state.fleet.data.finish();
            state.meters.read(&state.fleet.data, now);
            state.fleet.rebuild(now);
            state.feed.done(now);
            warn_of_marks(state);
        }
        FleetEvent::Failed(error) => {
            failed(state, &error);
            state.fleet.rebuild(now);
            state.feed.fail(now, error);
        }
    }
    settle(state);
    Vec::new()
}

/// Says once of every mark that it is about to fall off its window.
fn warn_of_marks(state: &mut State) {
    let mut lines = state.newly_falling().into_iter().map(|falling| {
        format!(
            "the mark `{}` on `{}` can be reached for {} more",
            falling.mark,
            falling.cluster,
            span::short(falling.left)
        )
    });
    let Some(first) = lines.next() else { return };
    let notice = lines.fold(Notice::warn(first), Notice::with);
    state.tell(notice);
}

/// The header shows that reading fails, for as long as it does; a message is said once, not with every retry.
fn failed(state: &mut State, error: &AwsError) {
    let before = state.feed.failure.as_ref().map(|failure| failure.error.kind);
    let again = before == Some(error.kind);
    // Without anything to show, the whole pane says it.
    let said_elsewhere = state.feed.read_at.is_none() && state.fleet.data.is_empty();
    if again || said_elsewhere {
        return;
    }
    let tone = if error.kind == ErrorKind::Throttled { Tone::Warn } else { Tone::Error };
    let mut notice = Notice { tone, text: format!("the fleet could not be read: {error}"), more: Vec::new() };
    notice.more.extend(error.code.clone().map(|code| format!("AWS code {code}")));
    notice.more.extend(error.request_id.clone().map(|id| format!("request id {id}")));
    state.tell(notice.with(error.mend()));
}

pub(super) fn history(state: &mut State, id: ResourceId, result: Result<History, AwsError>) -> Vec<Effect> {
    let now = state.now();
    state.histories.put(id, result, now);
    state.touch();
    Vec::new()
}

pub(super) fn metrics(state: &mut State, id: ResourceId, metrics: Metrics) -> Vec<Effect> {
    let now = state.now();
    state.histories.put_connections(&id, metrics.connections, now);
    state.meters.tell(&id, metrics.rates);
    settle(state);
    Vec::new()
}

pub(super) fn usual(state: &mut State, id: ResourceId, estimate: Estimate) -> Vec<Effect> {
    state.histories.put_usual(id, estimate);
    settle(state);
    Vec::new()
}

pub(super) fn marks(state: &mut State, id: ResourceId, marks: Vec<Mark>) -> Vec<Effect> {
    state.histories.put_marks(id, marks);
    settle(state);
    Vec::new()
}

pub(super) fn task(state: &mut State, task: Task) -> Vec<Effect> {
    let (id, ended) = (task.id.clone(), task.state.is_final());
    if let Some(resource) = &task.resource {
        state.histories.expire(resource);
    }
    let before = state.tasks.put(task);
    // One that had ended before this program began is history, no news.
    let was_open = before.is_none_or(|before| !before.state.is_final());
    let is_news = state.tasks.get(&id).is_some_and(|task| task.ended_at.is_none_or(|at| at >= state.feed.began_at()));
    if ended && was_open && is_news {
        // What becomes of a part is told with the run.
        if state.tasks.get(&id).is_some_and(|task| state.tasks.whole_of(task).is_none()) {
            announce(state, &id);
        }
        state.feed.want();
    }
    settle(state);
    Vec::new()
}

fn announce(state: &mut State, id: &TaskId) {
    let Some(task) = state.tasks.get(id) else { return };
    let text = format!("{}: {}", task.state.as_str(), task.title());
    let notice = match (task.state, &task.error) {
        (_, None) if matches!(task.result, Some(TaskResult::Test { .. })) => judged(task),
        (TaskState::Failed, Some(error)) => failure(format!("{text}: {error}"), error),
        (TaskState::Failed, None) => Notice::error(text),
        (TaskState::Cancelled, _) => Notice::warn(text),
        _ => Notice::info(text),
    };
    state.tell(notice);
}

/// What a test run came to: an error stays on screen until it was seen.
fn judged(task: &Task) -> Notice {
    let Some(TaskResult::Test { verdict, leaked, kept_until, reports }) = &task.result else {
        return Notice::info(task.title());
    };
    let text = format!("{verdict}: {}", task.title());
    let mut notice = match leaked.is_empty() {
        true if verdict == "passed" => Notice::info(text),
        true => Notice::error(text),
        false => Notice::error(format!("{text}; NOT GONE: {}", leaked.join(", "))),
    };
    notice.more.extend(kept_until.map(|at| format!("the clone is kept until {at}")));
    notice.more.extend(reports.iter().map(|path| format!("report {}", path.display())));
    notice
}

fn failure(text: String, error: &TaskError) -> Notice {
    let mut notice = Notice::error(text);
    notice.more.extend(error.code.clone().map(|code| format!("AWS code {code}")));
    notice.more.extend(error.request_id.clone().map(|id| format!("request id {id}")));
    notice.more.extend(error.next_steps.iter().map(|step| format!("next: {step}")));
    notice
}

pub(super) fn outlook(state: &mut State, id: TaskId, outlook: Outlook) -> Vec<Effect> {
    if state.tasks.expect(id, outlook) {
        settle(state);
    }
    Vec::new()
}

pub(super) fn past(state: &mut State, tasks: Vec<Task>, more: bool) -> Vec<Effect> {
    state.tasks.recall(tasks, more);
    settle(state);
    Vec::new()
}

/// What is open stays on top; the question comes up behind it.
pub(super) fn left(state: &mut State, ids: Vec<TaskId>) -> Vec<Effect> {
    if !ids.is_empty() {
        state.overlays.insert(0, Overlay::Choice(Choice::new(About::Left(ids))));
    }
    settle(state);
    Vec::new()
}

pub(super) fn calls(state: &mut State, calls: Option<Calls>) -> Vec<Effect> {
    let now = state.now();
    let shown = state.reads_messages() && state.calls.last != calls;
    state.calls.put(calls, now);
    if shown {
        state.touch();
    }
    Vec::new()
}

pub(super) fn refused(state: &mut State, error: &TaskError) -> Vec<Effect> {
    state.tell(failure(format!("not done: {error}"), error));
    Vec::new()
}

pub(super) fn started(state: &mut State, result: Result<TaskId, TaskError>) -> Vec<Effect> {
    if let Err(error) = result {
        state.tell(failure(format!("not started: {error}"), &error));
    }
    state.touch();
    Vec::new()
}
