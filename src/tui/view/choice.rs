//! Questions about tasks: what each answer does is said before it is given.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::look::Look;
use super::pane;
use super::text::hanging;
use super::words::{plural, task_title};
use crate::engine::{Cancel, Request, Task, TestRequest, left_undone};
use crate::tui::dialogs::{About, Answer, Choice};
use crate::tui::layout;
use crate::tui::state::{Scroll, State};
use crate::tui::theme::Role;

const WIDTH: u16 = 84;

pub(super) fn draw(state: &State, look: &Look<'_>, choice: &Choice, screen: Rect, buffer: &mut Buffer) {
    let width = pane::reader_columns(screen, WIDTH);
    let (title, head) = match &choice.about {
        About::Cancel(id) => match state.tasks.get(id) {
            Some(task) => (format!(" Cancel {id}? "), about_task(look, task, width)),
            None => (format!(" Cancel {id}? "), vec![look.dim("It is not there any more.").into()]),
        },
        About::TakeUp(id) => match state.tasks.get(id) {
            Some(task) => (format!(" Tear down {id}? "), about_task(look, task, width)),
            None => (format!(" Tear down {id}? "), vec![look.dim("It is not there any more.").into()]),
        },
        About::Left(ids) => {
            let tasks: Vec<&Task> = ids.iter().filter_map(|id| state.tasks.get(id)).collect();
            (format!(" {} left unfinished ", plural(ids.len(), "task")), about_left(look, &tasks, width))
        }
    };
    let room = usize::from(layout::overlay(screen, WIDTH, u16::MAX).height).saturating_sub(5);
    let mut answers = lines(state, look, choice, width, true);
    if answers.len() > room {
        // Better what the marked one does in full than a part of everything.
        answers = lines(state, look, choice, width, false);
    }
    let fixed = answers.len() as u16 + 3;
    let area = layout::overlay(screen, WIDTH, head.len() as u16 + fixed);
    let page = usize::from(area.height.saturating_sub(fixed));
    let bottom = pane::more(look, 0, head.len().saturating_sub(page));
    let inside = pane::boxed(look, area, Line::from(look.span(Role::Accent, title)), bottom, buffer);
    let above = Rect { height: (page as u16).min(inside.height), ..inside };
    pane::scrolled(&head, Scroll(0), above, buffer);
    let top = above.bottom() + 1;
    let below = Rect { y: top, height: inside.bottom().saturating_sub(top), ..inside };
    pane::scrolled(&answers, Scroll(0), below, buffer);
}

fn about_task(look: &Look<'_>, task: &Task, width: usize) -> Vec<Line<'static>> {
    let sign = look.glyphs.task(task.state, look.frame);
    let lead = Line::from(look.span(Look::task_role(task.state), format!("{sign} ")));
    let mut lines = hanging(lead, &look.span(Role::Title, task_title(task, look)), width);
    let stands = match task.current() {
        _ if task.state.is_final() => format!("it is {} by now", task.state.as_str()),
        Some(step) => format!("{}: {}", step.title(), step.detail),
        None => String::new(),
    };
    lines.extend(hanging(Line::raw("  "), &look.dim(stands), width));
    lines
}

fn about_left(look: &Look<'_>, tasks: &[&Task], width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for task in tasks {
        let lead = Line::from(look.span(Role::Warn, format!("{} ", look.glyphs.paused)));
        lines.extend(hanging(lead, &look.plain(task_title(task, look)), width));
        lines.extend(hanging(Line::raw("  "), &look.dim(left_undone(task)), width));
    }
    lines
}

/// Each answer, and below it what it does: below every one, or below the marked one.
fn lines(state: &State, look: &Look<'_>, choice: &Choice, width: usize, all: bool) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for answer in choice.answers(&state.tasks) {
        let marked = *answer == choice.answer;
        let pointer = if marked { look.glyphs.pointer } else { " " };
        let role = if marked { Role::Selected } else { Role::Text };
        lines.push(Line::from(vec![
            look.span(Role::Accent, pointer),
            look.span(role, format!("[ {} ]", label(*answer, choice, state))),
        ]));
        if marked || all {
            lines.extend(hanging(Line::raw("    "), &look.dim(effect(*answer, choice, state)), width));
        }
    }
    lines
}

fn label(answer: Answer, choice: &Choice, state: &State) -> String {
    match answer {
        Answer::KeepOn if choice.answers(&state.tasks).len() == 1 => "Close".into(),
        Answer::KeepOn => "Keep on".into(),
        Answer::End(Cancel::Detach) => "Stop watching".into(),
        Answer::End(Cancel::TearDown) if is_run(choice, state) => "Stop and tear down".into(),
        Answer::End(Cancel::TearDown) => "Tear down".into(),
        Answer::CarryOn if matches!(choice.about, About::TakeUp(_)) => "Tear it down".into(),
        Answer::CarryOn => "Carry on with all of them".into(),
        Answer::Leave if matches!(choice.about, About::TakeUp(_)) => "Leave it".into(),
        Answer::Leave => "Leave them".into(),
    }
}

fn about<'a>(choice: &Choice, state: &'a State) -> Option<&'a Task> {
    match &choice.about {
        About::Cancel(id) | About::TakeUp(id) => state.tasks.get(id),
        About::Left(_) => None,
    }
}

fn is_run(choice: &Choice, state: &State) -> bool {
    about(choice, state).is_some_and(|task| matches!(task.request, Request::Test(_)))
}

/// What an answer does, for this task as it stands.
fn effect(answer: Answer, choice: &Choice, state: &State) -> String {
    let task = about(choice, state);
    if let Some((task, Request::Test(request))) = task.map(|task| (task, &task.request))
        && !task.state.is_final()
    {
        return on_run(answer, request);
    }
    match (answer, task) {
        (Answer::KeepOn, Some(task)) if task.state.is_final() => "nothing is left to cancel".into(),
        (Answer::KeepOn, _) => "nothing changes".into(),
        (Answer::End(Cancel::Detach), Some(task)) => {
            format!("{}. Nothing is deleted; C on the task takes it up again", left_undone(task))
        }
        (Answer::End(Cancel::TearDown), Some(task)) => torn_down(state, task),
        (Answer::End(_), None) => String::new(),
        (Answer::CarryOn, _) => {
            let run = |id| state.tasks.get(id).is_some_and(|task| matches!(task.request, Request::Test(_)));
            let runs = matches!(&choice.about, About::Left(ids) if ids.iter().any(run));
            let runs = if runs { "; of a test run what it made is torn down" } else { "" };
            format!("each looks at what is there first, and does what is left{runs}")
        }
        (Answer::Leave, _) => "AWS goes on with what it has begun; C on a task carries on with it later".into(),
    }
}

/// What an answer does to a test run.
fn on_run(answer: Answer, request: &TestRequest) -> String {
    let clone = &request.clone;
    let stack = request.stack.as_ref().map(|stack| format!(" and the stack `{stack}`")).unwrap_or_default();
    match answer {
        Answer::KeepOn => "nothing changes".into(),
        Answer::End(Cancel::TearDown) => format!(
            "stops the step that runs, does what the recipe always does, then deletes `{clone}`{stack}; {} is not touched",
            request.source_text()
        ),
        Answer::End(Cancel::Detach) => {
            format!(
                "stops the run and leaves `{clone}`{stack} as it is: it goes on costing until it expires or is deleted"
            )
        }
        Answer::CarryOn => {
            format!("its steps are not continued; `{clone}`{stack} is deleted, with all that the run has made")
        }
        Answer::Leave => format!("`{clone}`{stack} stays and goes on costing until it expires; C asks again"),
    }
}

/// What a tear-down deletes: what is there by now, and what may yet come of a call.
fn torn_down(state: &State, task: &Task) -> String {
    let name = task.request.target();
    let ours = |resource| task.resource.as_ref().is_none_or(|made| made == resource);
    let cluster = state.fleet.data.named(name).filter(|cluster| ours(&cluster.resource_id));
    let source = match &task.request {
        Request::Create(request) => format!("; `{}` is not touched", request.source),
        _ => String::new(),
    };
    match cluster {
        Some(cluster) => {
            let instances = state.fleet.data.instances(name);
            let mut parts: Vec<_> = instances
                .iter()
                .map(|instance| format!("the instance `{}` ({})", instance.id, instance.status))
                .collect();
            parts.push(format!("the cluster `{name}` ({})", cluster.status));
            format!("deletes {}, without a final snapshot{source}", parts.join(" and "))
        }
        None if task.calls_made == 0 && task.unanswered.is_none() => {
            "nothing was asked of AWS yet: it ends, and nothing has to be deleted".into()
        }
        None => format!("deletes the cluster `{name}` and its instances as soon as they can be seen{source}"),
    }
}
