//! The lines at the bottom: the latest message, and the keys that hold now.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::look::Look;
use crate::tui::catalogue::{self, Action, App, Entry, InDialog};
use crate::tui::dialogs::Stop;
use crate::tui::layout::Areas;
use crate::tui::state::{Notice, State, Tone};
use crate::tui::theme::Role;

pub(super) fn draw(state: &State, look: &Look<'_>, areas: &Areas, buffer: &mut Buffer) {
    let refusal = state.timeline.refusal.clone().map(Notice::warn);
    let notice = state.messages.current().or(refusal.as_ref());
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

/// A word for the footer with all of its keys: neighbours in the catalogue that share a word share a place.
struct Hint {
    word: &'static str,
    /// Has its place however narrow the screen is: help is the way to everything that does not fit, and nobody may
    /// wonder how to get out of a dialog.
    kept: bool,
    keys: Vec<String>,
    possible: bool,
}

impl Hint {
    fn spans(&self, look: &Look<'_>) -> [Span<'static>; 2] {
        let (key, word) = if self.possible { (Role::Key, Role::Text) } else { (Role::Dim, Role::Dim) };
        [look.span(key, self.keys.join("/")), look.span(word, format!(" {}  ", self.word))]
    }
}

fn collect(state: &State) -> Vec<Hint> {
    let mut hints: Vec<Hint> = Vec::new();
    for context in catalogue::contexts(state) {
        let shown = |entry: &&Entry| {
            entry.context == *context && !entry.hint.is_empty() && catalogue::belongs(state, entry.action)
        };
        for entry in catalogue::entries().filter(shown) {
            let key = entry.keys.first().map(ToString::to_string);
            let word = pressed(state, entry.action).unwrap_or(entry.hint);
            if let Some(hint) = hints.last_mut().filter(|hint| hint.word == word) {
                hint.keys.extend(key);
            } else {
                let possible = catalogue::why_disabled(state, entry.action).is_none();
                let kept =
                    matches!(entry.action, Action::App(App::Help) | Action::Dialog(InDialog::Press | InDialog::Cancel));
                hints.push(Hint { word, kept, keys: Vec::from_iter(key), possible });
            }
        }
    }
    hints
}

/// What pressing does where the keys of the dialog on top are now.
fn pressed(state: &State, action: Action) -> Option<&'static str> {
    let dialog = state.dialog().filter(|_| action == Action::Dialog(InDialog::Press))?;
    Some(match dialog.stop {
        Stop::Cancel if dialog.refused() => "close",
        Stop::Cancel => "cancel",
        Stop::Submit => dialog.intent.verb(),
        Stop::Field(_) => return None,
    })
}

fn hints(state: &State, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub(2);
    let (kept, others): (Vec<Hint>, Vec<Hint>) = collect(state).into_iter().partition(|hint| hint.kept);
    let kept: Line<'_> = kept.iter().flat_map(|hint| hint.spans(look)).collect();
    let mut line = Line::default();
    for hint in others {
        let spans = hint.spans(look);
        let width: usize = spans.iter().map(Span::width).sum();
        if line.width() + width + kept.width() > room {
            break;
        }
        line.extend(spans);
    }
    line.extend(kept.spans);
    buffer.set_line(area.x + 1, area.y, &line, area.width.saturating_sub(2));
}
