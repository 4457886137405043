//! All keys, straight from the catalogue.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::look::Look;
use super::pane;
use super::text::hanging;
use crate::tui::catalogue::{self, Context, Entry};
use crate::tui::format;
use crate::tui::state::{Scroll, State};
use crate::tui::theme::Role;

const WIDTH: u16 = 84;
const KEYS: usize = 15;

pub(super) fn draw(state: &State, look: &Look<'_>, scroll: Scroll, screen: Rect, buffer: &mut Buffer) {
    let width = pane::reader_columns(screen, WIDTH);
    let mut lines = Vec::new();
    for context in Context::ALL {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(look.span(Role::Title, context.title()).into());
        for entry in catalogue::entries().filter(|entry| entry.context == context) {
            lines.extend(line(state, look, entry, width));
        }
    }
    lines.extend(table(look, "Mouse", &MOUSE, width));
    lines.extend(signs(look, width));
    pane::reader(look, screen, WIDTH, "Keys", scroll, &lines, buffer);
}

fn line(state: &State, look: &Look<'_>, entry: &Entry, width: usize) -> Vec<Line<'static>> {
    let keys: Vec<String> = entry.keys.iter().map(ToString::to_string).collect();
    let lead = format::pad_end(&keys.join(" "), KEYS, look.glyphs.ellipsis);
    let mut lines = hanging(
        Line::from(vec![look.plain("  "), look.span(Role::Key, lead), look.plain(" ")]),
        &look.plain(entry.title),
        width,
    );
    if let Some(why) = catalogue::why_disabled(state, entry.action) {
        let lead = Line::raw(" ".repeat(KEYS + 3));
        lines.extend(hanging(lead, &look.dim(format!("not now: {why}")), width));
    }
    lines
}

/// What the mouse does, where the settings give it to the dashboard.
const MOUSE: [(&str, &str); 4] = [
    ("click", "choose a cluster, a task, or a moment on the timeline"),
    ("drag", "take the timeline's cursor along"),
    ("wheel", "move the list under it; over the timeline, zoom"),
    ("Shift-drag", "select text, as the terminal does; `ui.mouse = false` gives the mouse back to it"),
];

/// What the signs in the table mean.
fn signs(look: &Look<'_>, width: usize) -> Vec<Line<'static>> {
    let glyphs = look.glyphs;
    let signs = [
        (glyphs.lock, "protected by the policy: never rewound or deleted here"),
        ("?", "in a line of the tree: probably cloned from the one above; no tag says so"),
        (glyphs.ready, "available"),
        (glyphs.busy, "something is under way, or a status that is not known"),
        (glyphs.stopped, "stopped"),
        (glyphs.failed, "failed, or needs a person"),
    ];
    table(look, "Signs", &signs, width)
}

/// A heading, and words with what they mean.
fn table(look: &Look<'_>, heading: &str, rows: &[(&str, &str)], width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default(), look.span(Role::Title, heading).into()];
    for (sign, meaning) in rows {
        let lead = format::pad_end(sign, KEYS, look.glyphs.ellipsis);
        let lead = Line::from(vec![look.plain("  "), look.span(Role::Accent, lead), look.plain(" ")]);
        lines.extend(hanging(lead, &look.plain(*meaning), width));
    }
    lines
}
