//! All messages so far, the newest first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::footer::tone;
use super::look::Look;
use super::pane;
use super::text::hanging;
use crate::aws::Calls;
use crate::tui::state::{Scroll, State};
use crate::tui::theme::Role;

const WIDTH: u16 = 100;

pub(super) fn draw(state: &State, look: &Look<'_>, scroll: Scroll, screen: Rect, buffer: &mut Buffer) {
    let width = pane::reader_columns(screen, WIDTH);
    let mut lines = calls(look, state.calls.last, width);
    let head = lines.len();
    for (at, notice) in state.messages.newest_first() {
        let (sign, role) = tone(look, notice.tone);
        let lead = Line::from(vec![look.dim(format!("{} ", look.clock(*at))), look.span(role, format!("{sign} "))]);
        let indent = lead.width();
        lines.extend(hanging(lead, &look.plain(notice.text.clone()), width));
        for more in &notice.more {
            lines.extend(hanging(Line::raw(" ".repeat(indent)), &look.dim(more.clone()), width));
        }
    }
    if lines.len() == head {
        lines.push(look.dim("Nothing was said yet.").into());
    }
    pane::reader(look, screen, WIDTH, "Messages", scroll, &lines, buffer);
}

/// How many calls went to AWS, and whether the limit slows anything down.
fn calls(look: &Look<'_>, calls: Option<Calls>, width: usize) -> Vec<Line<'static>> {
    let Some(calls) = calls else { return Vec::new() };
    let limit = match calls.per_minute {
        Some(limit) => format!("{limit} are allowed"),
        None => "no limit on this machine".into(),
    };
    let text = format!("calls to AWS: {} in the last minute ({limit}), {} in all", calls.last_minute, calls.made);
    let mut lines = hanging(Line::default(), &look.dim(text), width);
    if calls.held_lately > 0 {
        let lead = Line::from(look.span(Role::Warn, format!("{} ", look.glyphs.warn)));
        let waited = calls.held_lately;
        let text = format!("the limit slows readings down: {waited} waited in the last minute (aws.calls_per_minute)");
        lines.extend(hanging(lead, &look.span(Role::Warn, text), width));
    }
    lines.push(Line::default());
    lines
}
