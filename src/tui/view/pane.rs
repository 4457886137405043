//! The frame of panes and boxes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};

use super::look::Look;
use crate::tui::state::{Focus, Scroll, State};
use crate::tui::theme::Role;

/// Draws the line over a pane: its title at the left, what else there is to say at the right. Gives back what is below.
pub(super) fn titled(
    look: &Look<'_>,
    area: Rect,
    title: Line<'static>,
    right: Option<Line<'static>>,
    focused: bool,
    buffer: &mut Buffer,
) -> Rect {
    let rule = look.style(if focused { Role::BorderFocus } else { Role::Border });
    let width = usize::from(area.width);
    buffer.set_string(area.x, area.y, look.glyphs.timeline.axis.repeat(width), rule);
    let mut line = Line::from(vec![Span::styled(" ", rule)]);
    line.extend(title.spans);
    line.push_span(Span::styled(" ", rule));
    let room = area.width.saturating_sub(2);
    buffer.set_line(area.x + 1, area.y, &line, room);
    if let Some(mut right) = right {
        right.spans.insert(0, Span::styled(" ", rule));
        right.push_span(Span::styled(" ", rule));
        let taken = line.width() as u16 + 2;
        let width = (right.width() as u16).min(room.saturating_sub(taken));
        if width > 2 {
            buffer.set_line(area.right().saturating_sub(width + 1), area.y, &right, width);
        }
    }
    Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }
}

/// Whether keys go to this pane.
pub(super) fn has_keys(state: &State, pane: Focus) -> bool {
    state.focus == pane && state.overlays.is_empty()
}

/// The title of a pane: bright where the keys go.
pub(super) fn title(look: &Look<'_>, text: impl Into<String>, focused: bool) -> Span<'static> {
    look.span(if focused { Role::Accent } else { Role::Title }, text)
}

/// Draws a box over everything else; gives back its inside, with a column free at both sides.
pub(super) fn boxed(
    look: &Look<'_>,
    area: Rect,
    title: Line<'static>,
    bottom: Line<'static>,
    buffer: &mut Buffer,
) -> Rect {
    Clear.render(area, buffer);
    buffer.set_style(area, look.text());
    let block = Block::bordered()
        .border_set(look.border())
        .border_style(look.style(Role::BorderFocus))
        .title_top(title)
        .title_bottom(bottom.right_aligned());
    let inside = block.inner(area);
    block.render(area, buffer);
    Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside }
}

/// Draws as many of `lines` as fit, from `scroll` on, never less than a full page. Gives back the lines above and below.
pub(super) fn scrolled(lines: &[Line<'static>], scroll: Scroll, area: Rect, buffer: &mut Buffer) -> (usize, usize) {
    let page = usize::from(area.height);
    let above = usize::from(scroll.0).min(lines.len().saturating_sub(page));
    for (line, row) in lines.iter().skip(above).zip(area.rows()) {
        buffer.set_line(row.x, row.y, line, row.width);
    }
    (above, lines.len().saturating_sub(above + page))
}

/// What a box says of the lines that it does not show.
pub(super) fn more(look: &Look<'_>, above: usize, below: usize) -> Line<'static> {
    match (above, below) {
        (0, 0) => Line::default(),
        (0, below) => look.dim(format!(" {} {below} more ", look.glyphs.down)).into(),
        (above, 0) => look.dim(format!(" {} {above} more ", look.glyphs.up)).into(),
        (above, below) => look.dim(format!(" {} {above} {} {below} more ", look.glyphs.up, look.glyphs.down)).into(),
    }
}

/// A box with a text to read.
pub(super) fn reader(
    look: &Look<'_>,
    screen: Rect,
    width: u16,
    title: &str,
    scroll: Scroll,
    lines: &[Line<'static>],
    buffer: &mut Buffer,
) {
    let area = crate::tui::layout::overlay(screen, width, lines.len() as u16 + 2);
    let title = Line::from(look.span(Role::Accent, format!(" {title} ")));
    let page = usize::from(area.height.saturating_sub(2));
    let above = usize::from(scroll.0).min(lines.len().saturating_sub(page));
    let bottom = more(look, above, lines.len().saturating_sub(above + page));
    let inside = boxed(look, area, title, bottom, buffer);
    scrolled(lines, scroll, inside, buffer);
}

/// Columns for the text of a box that would like to be `width` wide.
pub(super) fn reader_columns(screen: Rect, width: u16) -> usize {
    usize::from(width.min(screen.width.saturating_sub(2)).saturating_sub(4))
}

/// Draws the rows of a list from number `above` on, with the pointer at number `position`.
pub(super) fn choices(
    look: &Look<'_>,
    rows: Vec<Vec<Span<'static>>>,
    above: usize,
    position: usize,
    area: Rect,
    buffer: &mut Buffer,
) {
    for ((index, row), place) in rows.into_iter().enumerate().skip(above).zip(area.rows()) {
        let pointer = if index == position { look.glyphs.pointer } else { " " };
        let line: Line<'_> = [look.span(Role::Accent, format!("{pointer} "))].into_iter().chain(row).collect();
        buffer.set_line(place.x, place.y, &line, place.width);
        if index == position {
            select(look, place, true, buffer);
        }
    }
}

/// Marks the row of the cursor: plainly where the keys go, quietly elsewhere. Its pointer stays as it is.
pub(super) fn select(look: &Look<'_>, row: Rect, focused: bool, buffer: &mut Buffer) {
    let row = Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row };
    if !focused {
        return buffer.set_style(row, Modifier::BOLD);
    }
    let style = look.style(Role::Selected);
    if style.add_modifier.contains(Modifier::REVERSED) {
        // Colours would become grounds: a row in one piece is easier to read than a patchwork.
        buffer.set_style(row, Style::reset());
    }
    buffer.set_style(row, style);
}
