//! The pane of the tasks: a line for each, the newest first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::look::Look;
use super::pane;
use super::words::task_title;
use crate::aurora::span;
use crate::engine::{StepState, Task, TaskResult};
use crate::tui::format::{self, fit_middle};
use crate::tui::state::{Focus, State};
use crate::tui::theme::Role;

pub(super) fn draw(state: &State, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    let focused = pane::has_keys(state, Focus::Tasks);
    let (all, running) = (state.tasks.all().len(), state.tasks.running());
    let mut title = Line::from(pane::title(look, "Tasks", focused));
    if all > 0 {
        let text = if running > 0 { format!(" {running} running of {all}") } else { format!(" {all}") };
        title.push_span(look.dim(text));
    }
    let inside = pane::titled(look, area, title, None, focused, buffer);
    if all == 0 {
        let text = look.dim("  None yet. What is started here goes on in AWS, and shows up here.");
        buffer.set_span(inside.x, inside.y, &text, inside.width);
    }
    let here = focused.then(|| state.tasks.position());
    let rows = state.tasks.all().iter().enumerate().skip(state.tasks.offset).zip(inside.rows());
    for ((index, task), place) in rows {
        let selected = here == Some(index);
        buffer.set_line(place.x, place.y, &line(look, task, selected, usize::from(place.width)), place.width);
        if selected {
            pane::select(look, place, focused, buffer);
        }
    }
}

fn line(look: &Look<'_>, task: &Task, selected: bool, width: usize) -> Line<'static> {
    let pointer = if selected { look.glyphs.pointer } else { " " };
    let state = format!("{} {:<9}", look.glyphs.task(task.state, look.frame), task.state.as_str());
    let elapsed = format!("{:>8}", span::short(task.elapsed(look.now)));
    let mut line = Line::from(vec![
        look.span(Role::Accent, format!("{pointer} ")),
        look.span(Look::task_role(task.state), state),
        Span::raw(" "),
    ]);
    steps(look, task, &mut line);
    line.push_span(Span::raw("  "));
    let left = width.saturating_sub(line.width() + elapsed.len() + 1);
    let mut title = task_title(task, look);
    if format::width(&title) > left {
        title = format!("{} {}", task.request.kind(), task.request.target());
    }
    // The title says what it is; the sentence gets what is left, and nothing where that is too little to be read.
    let sentence = sentence(look, task);
    let for_title = if left >= 60 { format::width(&title).min(left * 3 / 5) } else { left };
    let title = fit_middle(&title, for_title, look.glyphs.ellipsis);
    let for_sentence = left.saturating_sub(format::width(&title) + 2);
    line.push_span(look.plain(title));
    if for_sentence >= 16 {
        line.push_span(Span::raw("  "));
        line.push_span(Span::styled(look.fit(&sentence.content, for_sentence), sentence.style));
    }
    let used = line.width();
    line.push_span(Span::raw(" ".repeat(width.saturating_sub(used + elapsed.len() + 1))));
    line.push_span(look.dim(elapsed));
    line
}

/// The steps as signs: `✓✓●··`, padded to the longest task.
fn steps(look: &Look<'_>, task: &Task, line: &mut Line<'static>) {
    const MOST: usize = 6;
    for step in &task.steps {
        let role = match step.state {
            StepState::Done => Role::Good,
            StepState::Running => Role::Busy,
            StepState::Failed => Role::Bad,
            StepState::Waiting | StepState::Skipped => Role::Dim,
        };
        line.push_span(look.span(role, look.glyphs.step(step.state, look.frame)));
    }
    line.push_span(Span::raw(" ".repeat(MOST.saturating_sub(task.steps.len()))));
}

/// How it stands, or what came of it.
fn sentence(look: &Look<'_>, task: &Task) -> Span<'static> {
    if let Some(error) = &task.error {
        return look.span(Role::Bad, error.message.clone());
    }
    if let Some(result) = &task.result {
        return look.dim(outcome(look, result));
    }
    match task.current() {
        Some(step) if step.detail.is_empty() => look.plain(step.name.as_str()),
        Some(step) => look.plain(format!("{}: {}", step.name, step.detail)),
        None => Span::raw(""),
    }
}

/// What came of a task, in a line.
pub(super) fn outcome(look: &Look<'_>, result: &TaskResult) -> String {
    match result {
        TaskResult::Create { endpoint: Some(endpoint), port, .. } => {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            format!("{endpoint}{port}")
        }
        TaskResult::Create { cluster, .. } => format!("`{cluster}` is there"),
        TaskResult::Rewind { landed, delta_seconds, .. } => {
            let delta = if delta_seconds.abs() < 0.5 { "as asked".into() } else { format!("{delta_seconds:+.1} s") };
            format!("landed at {} ({delta})", look.clock_zone(*landed))
        }
        TaskResult::Delete { final_snapshot: Some(snapshot), .. } => format!("gone; snapshot `{snapshot}` is kept"),
        TaskResult::Delete { .. } => "gone".into(),
    }
}
