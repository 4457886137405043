//! The question whether to leave while tasks run.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::look::Look;
use super::pane;
use super::text::wrap;
use super::words::{plural, task_title};
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::theme::Role;

const WIDTH: u16 = 76;

pub(super) fn draw(state: &State, look: &Look<'_>, screen: Rect, buffer: &mut Buffer) {
    let width = pane::reader_columns(screen, WIDTH);
    let mut lines = Vec::new();
    for task in state.tasks.unfinished().take(8) {
        let sign = look.glyphs.task(task.state, look.frame);
        let title = look.fit(&task_title(task, look), width.saturating_sub(2));
        lines.push(Line::from(vec![look.span(Look::task_role(task.state), format!("{sign} ")), look.plain(title)]));
    }
    lines.push(Line::default());
    let text = "AWS goes on with what was asked for. What comes after it waits until `aurewind tasks resume` or the next \
                start of the dashboard.";
    lines.extend(wrap(text, width).into_iter().map(|part| Line::from(look.dim(part))));
    lines.push(Line::default());
    lines.push(Line::from(vec![
        look.span(Role::Key, "y"),
        look.plain(" leave   "),
        look.span(Role::Key, "Esc"),
        look.plain(" stay"),
    ]));
    let area = layout::overlay(screen, WIDTH, lines.len() as u16 + 2);
    let running = plural(state.tasks.running(), "task");
    let verb = if state.tasks.running() == 1 { "runs" } else { "run" };
    let title = Line::from(look.span(Role::Accent, format!(" Leave? {running} {verb} ")));
    let inside = pane::boxed(look, area, title, Line::default(), buffer);
    for (line, row) in lines.iter().zip(inside.rows()) {
        buffer.set_line(row.x, row.y, line, row.width);
    }
}
