//! The table of clusters: a tree by name, as many columns as fit, the visible rows only.

mod columns;
mod row;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::look::Look;
use super::pane;
use super::text::{hanging, wrap};
use super::words;
use crate::tui::layout;
use crate::tui::state::{Focus, State};
use crate::tui::theme::Role;
use columns::Columns;

pub(super) fn draw(state: &State, look: &Look<'_>, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let focused = pane::has_keys(state, Focus::Fleet);
    let inside = pane::titled(look, area, title(state, look, focused), None, focused, buffer);
    let (cursor, inside) = filter_line(state, look, inside, buffer);
    if let Some(lines) = instead(state, look, inside.width) {
        let top = inside.height.saturating_sub(lines.len() as u16) / 3;
        for (line, row) in lines.iter().zip(inside.rows().skip(usize::from(top))) {
            buffer.set_line(row.x + 2, row.y, line, row.width.saturating_sub(3));
        }
        return cursor;
    }
    let columns = Columns::fit(usize::from(inside.width), state.fleet.longest_name());
    buffer.set_line(inside.x, inside.y, &row::heads(look, &columns), inside.width);
    let words = needle(state);
    let rows = state.fleet.rows(state.fleet.offset).zip(inside.rows().skip(1));
    for (entry, place) in rows {
        let Some(cluster) = state.fleet.data.get(&entry.id) else { continue };
        let selected = state.fleet.cursor() == Some(&entry.id);
        let line = row::line(state, look, &columns, entry, cluster, selected, &words);
        buffer.set_line(place.x, place.y, &line, place.width);
        if selected {
            pane::select(look, place, focused, buffer);
        }
    }
    cursor
}

fn title(state: &State, look: &Look<'_>, focused: bool) -> Line<'static> {
    let (shown, all) = (state.fleet.len(), state.fleet.data.len());
    let mut line = Line::from(pane::title(look, "Fleet", focused));
    if state.fleet.filter.active() {
        line.push_span(look.span(Role::Accent, format!(" {shown}/{all}")));
    } else if all > 0 {
        line.push_span(look.dim(format!(" {all}")));
    }
    line
}

/// The filter, if there is one: what is typed, and why it is not understood.
fn filter_line(state: &State, look: &Look<'_>, area: Rect, buffer: &mut Buffer) -> (Option<Position>, Rect) {
    let filter = &state.fleet.filter;
    let lines = layout::filter_lines(state).min(area.height);
    if lines == 0 {
        return (None, area);
    }
    let below = Rect { y: area.y + lines, height: area.height - lines, ..area };
    let room = usize::from(area.width / 2).max(20);
    let scroll = filter.input.visual_scroll(room);
    let shown: String = filter.input.value().chars().skip(scroll).collect();
    let mut line = Line::from(vec![look.span(Role::Key, "/ "), look.plain(shown)]);
    let column = 2 + filter.input.visual_cursor().saturating_sub(scroll);
    if filter.input.value().is_empty() {
        line.push_span(look.dim("  words, status:available engine:mysql owner:ana age>2d expired:yes tag:k=v"));
    }
    if let Some(error) = &filter.error {
        let lead = Line::from(look.span(Role::Bad, format!("{} ", look.glyphs.failed)));
        let error = hanging(lead, &look.span(Role::Bad, error.clone()), usize::from(area.width));
        for (line, row) in error.iter().zip(area.rows().take(usize::from(lines)).skip(1)) {
            buffer.set_line(row.x, row.y, line, row.width);
        }
    }
    buffer.set_line(area.x, area.y, &line, area.width);
    let cursor = filter.editing.then(|| Position::new(area.x + column as u16, area.y));
    (cursor, below)
}

/// The words that the filter looks for in names.
fn needle(state: &State) -> Vec<String> {
    if !state.fleet.filter.active() {
        return Vec::new();
    }
    let words = state.fleet.filter.input.value().split_whitespace();
    words.filter(|word| !word.contains([':', '<', '>'])).map(str::to_lowercase).collect()
}

/// What is said where there is no row to show.
fn instead(state: &State, look: &Look<'_>, width: u16) -> Option<Vec<Line<'static>>> {
    if !state.fleet.is_empty() {
        return None;
    }
    let width = usize::from(width).saturating_sub(4).min(76);
    let mut lines = Vec::new();
    let mut say = |role: Role, text: &str| {
        lines.extend(wrap(text, width).into_iter().map(|part| Line::from(look.span(role, part))));
    };
    if !state.fleet.data.is_empty() {
        say(Role::Text, "No cluster passes the filter. Esc clears it.");
    } else if let Some(error) = state.feed.helpless() {
        say(Role::Bad, &format!("{} {}", look.glyphs.failed, capital(words::trouble(error.kind))));
        say(Role::Text, "");
        say(Role::Text, &error.message);
        if let Some(code) = &error.code {
            say(Role::Dim, &format!("AWS code {code}"));
        }
        say(Role::Text, "");
        say(Role::Text, &format!("To mend it: {}.", error.mend()));
        say(Role::Text, "");
        say(Role::Dim, "It is tried again by itself; r tries at once. `aurewind demo` shows a simulated account.");
    } else if state.feed.read_at.is_some() {
        say(Role::Text, "There is no Aurora cluster here.");
        say(Role::Text, "");
        say(Role::Dim, "Other profile or region: --profile, --region. A simulated account: aurewind demo.");
    } else {
        say(Role::Dim, &format!("Reading clusters{}", look.glyphs.ellipsis));
    }
    Some(lines)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
