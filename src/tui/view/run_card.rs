//! A test run in full: what it came to, its steps, and the output of the one under the cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::look::Look;
use super::pane;
use super::task::{error_lines, labelled, outlook_lines, step_line, trimmed};
use super::tasks::{counted, judged};
use super::text::hanging;
use super::words::task_state;
use crate::aurora::span;
use crate::engine::{Request, StepState, Task, TaskResult, TestRequest};
use crate::tui::state::{LogView, RunCard, Scroll, State, logs_of};
use crate::tui::theme::Role;
use crate::tui::{format, layout};

/// Rows that the output has at least, its title included, where there is any.
const OUTPUT: usize = 5;
/// Rows that the steps have at least.
const STEPS: usize = 3;

pub(super) fn draw(state: &State, look: &Look<'_>, card: &RunCard, screen: Rect, buffer: &mut Buffer) {
    let area = layout::log_box(screen);
    let Some(task) = state.tasks.get(&card.task) else {
        let lines = [look.dim("It is not there any more.").into()];
        return pane::reader(look, screen, area.width, "Test run", Scroll::default(), &lines, buffer);
    };
    let Request::Test(request) = &task.request else { return };
    let (begun, all) = counted(task);
    let title = Line::from(vec![
        look.span(Role::Accent, format!(" Test {} ", request.recipe)),
        look.dim(format!("{} step {begun} of {all} {} ", look.glyphs.dot, look.glyphs.dot)),
        look.dim(format!("{} ", task.id)),
    ]);
    let inside = pane::boxed(look, area, title, Line::default(), buffer);
    let (width, height) = (usize::from(inside.width), usize::from(inside.height));
    let mut head = head(state, look, task, request, width);
    // The steps are what somebody came for: what leads to them may be cut, from its end.
    head.truncate(height.saturating_sub(STEPS + OUTPUT).max(1));
    let position = card.position(task);
    let shown = card.shown(task);
    let has_output = !logs_of(task, shown).is_empty();
    let below = if has_output { OUTPUT } else { 0 };
    let room = height.saturating_sub(head.len() + below).max(STEPS);
    let steps = task.steps.len().min(room);
    let [head_area, steps_area, output_area] = inside.layout(&Layout::vertical([
        Constraint::Length(head.len() as u16),
        Constraint::Length(steps as u16),
        Constraint::Min(0),
    ]));
    pane::scrolled(&head, Scroll(0), head_area, buffer);
    draw_steps(look, task, position, steps_area, buffer);
    if has_output {
        draw_output(state, look, task, shown, output_area, buffer);
    }
}

/// How it stands, where, what came of it.
fn head(state: &State, look: &Look<'_>, task: &Task, request: &TestRequest, width: usize) -> Vec<Line<'static>> {
    // An output of the stack names it where the recipe does not.
    let source = request.source.as_ref().map_or("from its stack", |source| source.as_str());
    let facts = look.dotted([
        trimmed(task_state(state, task, look)),
        look.plain(format!("{} {} {}", source, look.glyphs.arrow, request.clone)),
        look.dim(format!("begun at {}", look.clock_zone(task.created_at))),
        look.dim(span::short(task.elapsed(look.now))),
    ]);
    let mut lines = vec![facts];
    if let Some(TaskResult::Test { verdict, leaked, kept_until, reports }) = &task.result {
        let text = judged(look, verdict, leaked, *kept_until);
        lines.extend(hanging(Line::from(look.dim(format!("{:<11} ", "result"))), &text, width));
        let mut rows = Vec::new();
        if !leaked.is_empty() {
            rows.push(("next", "`aurewind sweep` deletes what is left once it has expired; D in the fleet now".into()));
        }
        rows.extend(reports.iter().map(|path| ("report", path.display().to_string())));
        lines.extend(labelled(look, rows, width, Role::Text));
    }
    if let Some(error) = &task.error {
        lines.extend(error_lines(look, error, width));
    }
    lines.extend(outlook_lines(state, look, task, width));
    if let Some(endpoint) = task.test.endpoint.as_ref().filter(|_| !task.state.is_final()) {
        lines.extend(labelled(look, vec![("endpoint", endpoint.clone())], width, Role::Text));
    }
    lines.push(Line::default());
    lines
}

/// As many steps as have room, the one under the cursor among them.
fn draw_steps(look: &Look<'_>, task: &Task, position: usize, area: Rect, buffer: &mut Buffer) {
    let (page, count) = (usize::from(area.height), task.steps.len());
    // Some of what comes next is seen as well.
    let above = (position + 1 + page / 3).saturating_sub(page).min(count.saturating_sub(page));
    let widest = task.steps.iter().map(|step| format::width(step.title())).max().unwrap_or_default();
    let label = widest.clamp(10, usize::from(area.width) / 3);
    for ((index, step), row) in task.steps.iter().enumerate().skip(above).zip(area.rows()) {
        let selected = index == position;
        let pointer = if selected { look.glyphs.pointer } else { " " };
        let mut line = Line::from(look.span(Role::Accent, format!("{pointer} ")));
        line.extend(step_line(look, step, label).spans);
        let room = usize::from(area.width).saturating_sub(line.width());
        line.push_span(look.plain(look.fit(&look.instants(&step.detail), room)));
        buffer.set_line(row.x, row.y, &line, row.width);
        if selected {
            pane::select(look, row, true, buffer);
        }
    }
    for (edge, more, sign) in [
        (area.y, above, look.glyphs.up),
        (area.bottom().max(1) - 1, count.saturating_sub(above + page), look.glyphs.down),
    ] {
        if more > 0 && area.width > 0 {
            buffer.set_span(area.right() - 1, edge, &look.dim(sign), 1);
        }
    }
}

/// The last lines of the output of a step.
fn draw_output(state: &State, look: &Look<'_>, task: &Task, step: usize, area: Rect, buffer: &mut Buffer) {
    let name = task.steps.get(step).map(|step| step.title().to_owned()).unwrap_or_default();
    let title = Line::from(vec![look.span(Role::Title, "Output"), look.dim(format!(" of {name}"))]);
    let right = Line::from(look.dim("Enter reads it"));
    let inside = pane::titled(look, area, title, Some(right), false, buffer);
    let (page, columns) = (usize::from(inside.height), usize::from(inside.width));
    if let Some(text) = empty(state, task, step) {
        buffer.set_span(inside.x, inside.y, &look.dim(text), inside.width);
        return;
    }
    let lines = state.reading.lines();
    for (line, row) in lines.iter().skip(lines.len().saturating_sub(page)).zip(inside.rows()) {
        buffer.set_span(row.x, row.y, &look.plain(look.fit(&line.text, columns)), row.width);
    }
}

/// What is said where there are no lines.
fn empty(state: &State, task: &Task, step: usize) -> Option<String> {
    let reading = &state.reading;
    if !reading.lines().is_empty() {
        return None;
    }
    let runs = task.steps.get(step).is_some_and(|step| step.state == StepState::Running);
    Some(match &reading.error {
        Some(error) if runs => error.clone(),
        Some(_) => "this step has written nothing".into(),
        None if reading.is_read() => "nothing was written yet".into(),
        None => "reading it".into(),
    })
}

/// The output of a step in full.
pub(super) fn draw_log(state: &State, look: &Look<'_>, view: &LogView, screen: Rect, buffer: &mut Buffer) {
    let task = state.tasks.get(&view.task);
    let step = task.and_then(|task| task.steps.get(view.step));
    let name = step.map(|step| step.title().to_owned()).unwrap_or_default();
    let logs = task.map(|task| logs_of(task, view.step)).unwrap_or_default();
    let number = view.file(logs.len());
    let file = logs.get(number).and_then(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
    let round =
        if logs.len() > 1 { format!("{} of {} {} ", number + 1, logs.len(), look.glyphs.dot) } else { String::new() };
    let title = Line::from(vec![
        look.span(Role::Accent, format!(" Output of {name} ")),
        look.dim(format!("{round}{} ", file.unwrap_or_default())),
    ]);
    let runs = number + 1 == logs.len() && step.is_some_and(|step| step.state == StepState::Running);
    let inside = layout::log(screen.as_size());
    let (columns, page) = (usize::from(inside.width), usize::from(inside.height));
    let lines = state.reading.lines();
    let first = view.first(&state.reading, columns, page);
    let bottom = match view.top {
        None if runs => look.span(Role::Busy, format!(" {} follows as it grows ", look.glyphs.spin(look.frame))),
        None => look.dim(" end "),
        Some(_) => {
            let line = lines.get(first).map_or(0, |line| line.at);
            look.dim(format!(" from byte {line} on; G goes to the end "))
        }
    };
    pane::boxed(look, layout::log_box(screen), title, Line::from(bottom), buffer);
    if let Some(text) = task.and_then(|task| empty(state, task, view.step)) {
        buffer.set_span(inside.x, inside.y, &look.dim(text), inside.width);
        return;
    }
    let rows = lines.iter().skip(first).flat_map(|line| format::pieces(&line.text, columns));
    for (piece, row) in rows.zip(inside.rows()) {
        buffer.set_span(row.x, row.y, &Span::styled(piece.to_owned(), look.text()), row.width);
    }
}
