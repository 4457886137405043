//! The pane of the timeline: the widget, and in its title what is typed or refused.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::look::Look;
use super::pane;
use crate::tui::state::{Focus, State, TimeEntry};
use crate::tui::theme::Role;
use crate::tui::widgets::timeline::{Span, Timeline};
use crate::tui::{format, layout};

pub(super) fn draw(state: &State, look: &Look<'_>, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let focused = pane::has_keys(state, Focus::Timeline);
    let mut title = Line::from(pane::title(look, "Timeline", focused));
    if let Some(cluster) = state.cluster() {
        title.push_span(look.dim(format!(" {} ", look.glyphs.dot)));
        title.push_span(look.plain(cluster.id.as_str()));
    }
    let mut cursor = None;
    let mut right = None;
    if let Some(entry) = &state.timeline.entry {
        let (line, column) = typed(look, entry);
        let before = title.width() as u16 + 5;
        title.push_span(look.dim(format!(" {} ", look.glyphs.dot)));
        title.extend(line.spans);
        cursor = Some(Position::new(area.x + before + column, area.y));
    } else {
        right = hint(state, look).map(Line::from);
    }
    pane::titled(look, area, title, right, focused, buffer);
    let inside = layout::timeline_inside(area);
    let (Some(story), Some(cluster)) = (state.story(), state.cluster()) else {
        buffer.set_span(inside.x, inside.y, &look.dim("No cluster is selected."), inside.width);
        return None;
    };
    let at = state.timeline.at(&cluster.resource_id);
    let widget = Timeline {
        data: story,
        span: state.timeline.span.unwrap_or_else(|| Span::whole(&story)),
        // Unless it was moved, the cursor is now, which has a sign of its own.
        cursor: at.or(focused.then_some(look.now)).filter(|_| story.reach.is_some()),
        zone: &look.zone,
        theme: look.theme,
        glyphs: look.glyphs,
    };
    (&widget).render(inside, buffer);
    cursor
}

fn hint(state: &State, look: &Look<'_>) -> Option<ratatui::text::Span<'static>> {
    let cluster = state.cluster()?;
    let known = state.histories.get(&cluster.resource_id);
    if known.is_some_and(|known| known.loading && known.history.is_none()) {
        return Some(look.dim(format!("{} reading past rewinds and events", look.glyphs.spin(look.frame))));
    }
    if let Some(error) = known.and_then(|known| known.error.as_ref()) {
        return Some(look.span(Role::Warn, format!("{} past rewinds unknown: {error}", look.glyphs.warn)));
    }
    None
}

/// The time that is being typed, what was understood, and the column of the cursor.
fn typed(look: &Look<'_>, entry: &TimeEntry) -> (Line<'static>, u16) {
    const ROOM: usize = 24;
    const FORMS: &str = "14:32, -25m, 1h30m ago, 2026-11-22 14:32";
    let scroll = entry.input.visual_scroll(ROOM);
    let shown: String = entry.input.value().chars().skip(scroll).take(ROOM).collect();
    let mut line = Line::from(vec![look.span(Role::Key, "go to "), look.plain(shown), look.plain("  ")]);
    match &entry.read {
        Some(Ok(at)) => {
            let text = format!(
                "{} {} {} {}",
                look.glyphs.arrow,
                look.date_zone(*at),
                look.glyphs.dot,
                format::distance(*at, look.now)
            );
            line.push_span(look.span(Role::Accent, text));
        }
        // Half a time is no error; Enter says in full what is missing.
        Some(Err(_)) => line.push_span(look.span(Role::Warn, format!("not yet a time: {FORMS}"))),
        None => line.push_span(look.dim(FORMS)),
    }
    (line, 6 + entry.input.visual_cursor().saturating_sub(scroll) as u16)
}
