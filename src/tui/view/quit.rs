//! The question whether to leave while tasks run, and what that leaves undone.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::look::Look;
use super::pane;
use super::text::{hanging, wrap};
use super::words::{plural, task_title};
use crate::engine::{Request, Task, left_undone};
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::theme::Role;

const WIDTH: u16 = 76;

pub(super) fn draw(state: &State, look: &Look<'_>, screen: Rect, buffer: &mut Buffer) {
    let width = pane::reader_columns(screen, WIDTH);
    let tasks: Vec<&Task> = state.tasks.driven().collect();
    let end = end(look, &tasks, width);
    let room = usize::from(layout::overlay(screen, WIDTH, u16::MAX).height).saturating_sub(end.len() + 2);
    let mut lines = listed(look, &tasks, width, room);
    lines.extend(end);
    let area = layout::overlay(screen, WIDTH, lines.len() as u16 + 2);
    let verb = if tasks.len() == 1 { "runs" } else { "run" };
    let title = Line::from(look.span(Role::Accent, format!(" Leave? {} {verb} ", plural(tasks.len(), "task"))));
    let inside = pane::boxed(look, area, title, Line::default(), buffer);
    for (line, row) in lines.iter().zip(inside.rows()) {
        buffer.set_line(row.x, row.y, line, row.width);
    }
}

/// The tasks with what is left undone, as many as have room.
fn listed(look: &Look<'_>, tasks: &[&Task], width: usize, room: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (index, task) in tasks.iter().enumerate() {
        let entry = entry(look, task, width);
        let last = index + 1 == tasks.len();
        if lines.len() + entry.len() + usize::from(!last) > room {
            lines.push(look.dim(format!("  and {} more", tasks.len() - index)).into());
            break;
        }
        lines.extend(entry);
    }
    lines
}

fn entry(look: &Look<'_>, task: &Task, width: usize) -> Vec<Line<'static>> {
    let sign = look.glyphs.task(task.state, look.frame);
    let title = look.fit(&task_title(task, look), width.saturating_sub(2));
    let mut lines =
        vec![Line::from(vec![look.span(Look::task_role(task.state), format!("{sign} ")), look.plain(title)])];
    lines.extend(hanging(Line::raw("  "), &look.dim(left_undone(task)), width));
    lines
}

fn end(look: &Look<'_>, tasks: &[&Task], width: usize) -> Vec<Line<'static>> {
    const ALL: &str = "AWS goes on with what was asked for; the rest waits until `aurewind tasks resume` or the next start of \
                       the dashboard.";
    const RUNS: &str = "A test run ends with the dashboard, and whoever takes it up again only tears it down.";
    let runs = tasks.iter().filter(|task| matches!(task.request, Request::Test(_))).count();
    let mut lines = vec![Line::default()];
    let texts = [(runs < tasks.len()).then_some(ALL), (runs > 0).then_some(RUNS)];
    for text in texts.into_iter().flatten() {
        lines.extend(wrap(text, width).into_iter().map(|part| Line::from(look.dim(part))));
    }
    lines.push(Line::default());
    let mut keys = vec![("y", "leave"), ("w", "wait, then leave")];
    if runs > 0 {
        keys.push(("t", "tear down, then leave"));
    }
    keys.push(("Esc", "stay"));
    let spans = keys.into_iter().flat_map(|(key, word)| [look.span(Role::Key, key), look.plain(format!(" {word}   "))]);
    lines.push(spans.collect());
    lines
}
