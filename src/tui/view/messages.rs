//! All messages so far, the newest first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::footer::tone;
use super::look::Look;
use super::pane;
use super::text::hanging;
use crate::tui::state::{Scroll, State};

const WIDTH: u16 = 100;

pub(super) fn draw(state: &State, look: &Look<'_>, scroll: Scroll, screen: Rect, buffer: &mut Buffer) {
    let width = pane::reader_columns(screen, WIDTH);
    let mut lines = Vec::new();
    for (at, notice) in state.messages.newest_first() {
        let (sign, role) = tone(look, notice.tone);
        let lead = Line::from(vec![look.dim(format!("{} ", look.clock(*at))), look.span(role, format!("{sign} "))]);
        let indent = lead.width();
        lines.extend(hanging(lead, &look.plain(notice.text.clone()), width));
        for more in &notice.more {
            lines.extend(hanging(Line::raw(" ".repeat(indent)), &look.dim(more.clone()), width));
        }
    }
    if lines.is_empty() {
        lines.push(look.dim("Nothing was said yet.").into());
    }
    pane::reader(look, screen, WIDTH, "Messages", scroll, &lines, buffer);
}
