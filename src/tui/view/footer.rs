//! The lines at the bottom: the latest message, and the keys that hold now.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::look::Look;
use crate::tui::catalogue::{self, Entry};
use crate::tui::layout::Areas;
use crate::tui::state::{Notice, State, Tone};
use crate::tui::theme::Role;

pub(super) fn draw(state: &State, look: &Look<'_>, areas: &Areas, buffer: &mut Buffer) {
    let notice = state.messages.current();
    let shared = areas.message == areas.hints;
    if !shared || notice.is_none() {
        hints(state, look, areas.hints, buffer);
    }
    if let Some(notice) = notice {
        let area = areas.message;
        buffer.set_line(area.x + 1, area.y, &message(look, notice, usize::from(area.width) - 2), area.width - 2);
    }
}

/// The sign and role of a tone.
pub(super) fn tone(look: &Look<'_>, tone: Tone) -> (&'static str, Role) {
    match tone {
        Tone::Info => (look.glyphs.done, Role::Good),
        Tone::Warn => (look.glyphs.warn, Role::Warn),
        Tone::Error => (look.glyphs.failed, Role::Bad),
    }
}

fn message(look: &Look<'_>, notice: &Notice, width: usize) -> Line<'static> {
    let (sign, role) = tone(look, notice.tone);
    let tail = match (notice.tone, notice.more.is_empty()) {
        (Tone::Error, false) => "  ! more, Esc away",
        (Tone::Error, true) => "  Esc away",
        (_, false) => "  ! more",
        (_, true) => "",
    };
    let text = look.fit(&notice.text, width.saturating_sub(2 + tail.len()));
    Line::from(vec![look.span(role, format!("{sign} ")), look.span(role, text), look.dim(tail)])
}

fn hints(state: &State, look: &Look<'_>, area: ratatui::layout::Rect, buffer: &mut Buffer) {
    let contexts = catalogue::contexts(state);
    let shown: Vec<&Entry> = contexts
        .iter()
        .flat_map(|context| catalogue::entries().filter(move |entry| entry.context == *context))
        .filter(|entry| !entry.hint.is_empty())
        .collect();
    let room = usize::from(area.width).saturating_sub(2);
    // Help is the way to everything that does not fit, so it always has its place.
    let (help, others): (Vec<&Entry>, Vec<&Entry>) = shown.into_iter().partition(|entry| entry.hint == "help");
    let help: Vec<Span<'static>> = help.iter().flat_map(|entry| hint(state, look, entry)).collect();
    let reserved: usize = help.iter().map(Span::width).sum();
    let mut line = Line::default();
    for entry in others {
        let spans = hint(state, look, entry);
        let width: usize = spans.iter().map(Span::width).sum();
        if line.width() + width + reserved > room {
            break;
        }
        line.extend(spans);
    }
    line.extend(help);
    buffer.set_line(area.x + 1, area.y, &line, area.width.saturating_sub(2));
}

/// A key and its word; dim where it is not possible now.
fn hint(state: &State, look: &Look<'_>, entry: &Entry) -> Vec<Span<'static>> {
    let Some(key) = entry.keys.first() else { return Vec::new() };
    let possible = catalogue::why_disabled(state, entry.action).is_none();
    let (key_role, role) = if possible { (Role::Key, Role::Text) } else { (Role::Dim, Role::Dim) };
    vec![look.span(key_role, key.to_string()), look.span(role, format!(" {}  ", entry.hint))]
}
