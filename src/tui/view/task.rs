//! One task in full: every step, what came of it, or why it failed and what to do.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::look::Look;
use super::pane;
use super::tasks::outcome;
use super::text::hanging;
use super::words::{next_try, remaining, remaining_long, task_state, task_title};
use crate::aurora::span;
use crate::engine::{Hand, Request, Step, StepState, Task, TaskError, TaskId, TaskResult, left_undone};
use crate::tui::format::pad_end;
use crate::tui::state::{Scroll, State};
use crate::tui::theme::Role;

const WIDTH: u16 = 100;

pub(super) fn draw(state: &State, look: &Look<'_>, id: &TaskId, scroll: Scroll, screen: Rect, buffer: &mut Buffer) {
    let width = pane::reader_columns(screen, WIDTH);
    let lines = match state.tasks.get(id) {
        Some(task) => lines(state, look, task, width),
        None => vec![look.dim("It is not there any more.").into()],
    };
    pane::reader(look, screen, WIDTH, &format!("Task {id}"), scroll, &lines, buffer);
}

fn lines(state: &State, look: &Look<'_>, task: &Task, width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![
        look.span(Role::Title, task_title(task, look)).into(),
        look.dotted([
            trimmed(task_state(state, task, look)),
            look.dim(format!("asked for at {}", look.clock_zone(task.created_at))),
            look.dim(span::short(task.elapsed(look.now))),
        ]),
    ];
    lines.extend(outlook_lines(state, look, task, width));
    lines.push(Line::default());
    for step in &task.steps {
        lines.extend(step_lines(look, step, width));
    }
    if let Some(result) = &task.result {
        lines.push(Line::default());
        lines.extend(result_lines(look, result, width));
    }
    if let Some(error) = &task.error {
        lines.push(Line::default());
        lines.extend(error_lines(look, error, width));
    }
    lines
}

pub(super) fn trimmed(span: Span<'static>) -> Span<'static> {
    Span::styled(span.content.trim_end().to_owned(), span.style)
}

/// What is to be expected of one that is not over: how long it takes, when it is tried again, who drives it.
pub(super) fn outlook_lines(state: &State, look: &Look<'_>, task: &Task, width: usize) -> Vec<Line<'static>> {
    if task.state.is_final() {
        return Vec::new();
    }
    let mut texts = Vec::new();
    let hand = state.tasks.hand(task);
    if let Some(estimate) = state.tasks.outlook(&task.id).estimate {
        let left = remaining(task, Some(estimate), look.now).filter(|_| hand != Hand::Nobody);
        let left = left.map(|left| format!("{}: ", remaining_long(left))).unwrap_or_default();
        texts.push((Role::Text, format!("{left}{estimate}")));
    }
    texts.extend(next_try(task, look.now).map(|next| (Role::Warn, next)));
    match hand {
        Hand::Here => {}
        Hand::Elsewhere => texts.push((Role::Dim, "another process drives it".into())),
        Hand::Nobody => {
            let way = if matches!(task.request, Request::Test(_)) { "C tears it down" } else { "C carries on" };
            texts.push((Role::Warn, format!("nobody drives it: {}; {way}", left_undone(task))));
        }
    }
    let lines = texts.into_iter().flat_map(|(role, text)| hanging(Line::default(), &look.span(role, text), width));
    lines.collect()
}

fn step_lines(look: &Look<'_>, step: &Step, width: usize) -> Vec<Line<'static>> {
    hanging(step_line(look, step, 10), &look.plain(step.detail.clone()), width)
}

/// State, name in `label` columns, time and tries of a step.
pub(super) fn step_line(look: &Look<'_>, step: &Step, label: usize) -> Line<'static> {
    let role = match step.state {
        StepState::Done => Role::Good,
        StepState::Running => Role::Busy,
        StepState::Failed => Role::Bad,
        StepState::Waiting | StepState::Skipped => Role::Dim,
    };
    let sign = look.glyphs.step(step.state, look.frame);
    let elapsed = step.elapsed(look.now).map(span::short).unwrap_or_default();
    let attempts = if step.attempts > 1 { format!("x{}", step.attempts) } else { String::new() };
    Line::from(vec![
        look.span(role, format!("{sign} {:<8}", step.state.as_str())),
        look.plain(format!(" {}", pad_end(step.title(), label, look.glyphs.ellipsis))),
        look.dim(format!(" {elapsed:>7} {attempts:<4} ")),
    ])
}

fn result_lines(look: &Look<'_>, result: &TaskResult, width: usize) -> Vec<Line<'static>> {
    let mut rows = vec![("result", outcome(look, result))];
    match result {
        TaskResult::Create { resource_id, differences, .. } => {
            rows.push(("resource", resource_id.to_string()));
            rows.extend(differences.iter().map(|text| ("differs", text.clone())));
        }
        TaskResult::Rewind { asked, landed, delta_seconds, backtracked_from, outage } => {
            rows.push(("asked", look.date_zone(*asked)));
            rows.push(("landed", format!("{}, {delta_seconds:+.3} s", look.date_zone(*landed))));
            rows.extend(backtracked_from.map(|at| ("came from", look.date_zone(at))));
            rows.extend(
                outage.map(|outage| {
                    ("outage", format!("{:.1} s, give or take {:.1} s", outage.seconds, outage.precision))
                }),
            );
        }
        TaskResult::Delete { .. } | TaskResult::Mark { .. } | TaskResult::Stay { .. } | TaskResult::Unbuild { .. } => {}
        TaskResult::Secure { secret, retention_days, .. } => {
            rows.extend(secret.clone().map(|arn| ("secret", arn)));
            rows.extend(retention_days.map(|days| ("backups", format!("kept for {days} d"))));
        }
        TaskResult::Environment(built) => {
            rows.push(("stack id", built.id.clone()));
            rows.extend(built.outputs.iter().map(|(name, value)| ("output", format!("{name} = {value}"))));
        }
        TaskResult::Test { leaked, kept_until, reports, .. } => {
            rows.extend(leaked.iter().map(|id| ("not gone", id.clone())));
            rows.extend(kept_until.map(|at| ("kept until", look.date_zone(at))));
            rows.extend(reports.iter().map(|path| ("report", path.display().to_string())));
        }
    }
    labelled(look, rows, width, Role::Text)
}

pub(super) fn error_lines(look: &Look<'_>, error: &TaskError, width: usize) -> Vec<Line<'static>> {
    let mut lines = labelled(look, vec![("error", error.message.clone())], width, Role::Bad);
    let mut rows = Vec::new();
    rows.extend(error.code.clone().map(|code| ("AWS code", code)));
    rows.extend(error.request_id.clone().map(|id| ("request id", id)));
    rows.extend(error.next_steps.iter().map(|step| ("next", step.clone())));
    lines.extend(labelled(look, rows, width, Role::Text));
    lines
}

pub(super) fn labelled(look: &Look<'_>, rows: Vec<(&str, String)>, width: usize, role: Role) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (label, text) in rows {
        let lead = Line::from(look.dim(format!("{label:<11} ")));
        lines.extend(hanging(lead, &Span::styled(text, look.style(role)), width));
    }
    lines
}
