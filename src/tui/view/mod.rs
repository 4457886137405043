//! From the state to the screen: reads, never writes, and builds only the lines that can be seen.

mod choice;
mod details;
mod fleet;
mod footer;
mod header;
mod help;
mod look;
mod messages;
mod pane;
mod picker;
mod plan;
mod quit;
mod run_card;
mod starter;
mod task;
mod tasks;
mod text;
mod timeline;
mod words;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::layout;
use super::state::{Overlay, State};
use look::Look;

/// Draws the whole screen, and puts the terminal's cursor into the line that is being typed.
pub fn view(state: &State, frame: &mut Frame<'_>) {
    let area = frame.area();
    let cursor = render(state, area, frame.buffer_mut());
    if let Some(position) = cursor {
        frame.set_cursor_position(position);
    }
}

/// Draws the whole screen into `buffer`; gives back where the terminal's cursor belongs, if text is being typed.
pub fn render(state: &State, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let look = Look::of(state);
    buffer.set_style(area, look.text());
    if layout::too_small(area.as_size()) {
        too_small(&look, area, buffer);
        return None;
    }
    let areas = layout::areas(state);
    header::draw(state, &look, areas.header, buffer);
    let mut cursor = None;
    if let Some(area) = areas.fleet {
        cursor = fleet::draw(state, &look, area, buffer);
    }
    if let Some(area) = areas.details {
        details::draw(state, &look, area, areas.fleet.is_some(), buffer);
    }
    if let Some(area) = areas.timeline {
        cursor = timeline::draw(state, &look, area, buffer).or(cursor);
    }
    if let Some(area) = areas.tasks {
        tasks::draw(state, &look, area, buffer);
    }
    footer::draw(state, &look, &areas, buffer);
    let mut over = None;
    for overlay in &state.overlays {
        over = draw_overlay(state, &look, overlay, area, buffer);
    }
    if state.overlays.is_empty() { cursor } else { over }
}

fn draw_overlay(
    state: &State,
    look: &Look<'_>,
    overlay: &Overlay,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    match overlay {
        Overlay::Picker(picker) => picker::draw(state, look, picker, area, buffer),
        Overlay::Help(scroll) => help::draw(state, look, *scroll, area, buffer),
        Overlay::Messages(scroll) => messages::draw(state, look, *scroll, area, buffer),
        Overlay::Task(id, scroll) => task::draw(state, look, id, *scroll, area, buffer),
        Overlay::Run(card) => run_card::draw(state, look, card, area, buffer),
        Overlay::Log(view) => run_card::draw_log(state, look, view, area, buffer),
        Overlay::Starter(starter) => return starter::draw(state, look, starter, area, buffer),
        Overlay::Dialog(dialog) => return plan::draw(state, dialog, look, area, buffer),
        Overlay::Choice(choice) => choice::draw(state, look, choice, area, buffer),
        Overlay::Quit => quit::draw(state, look, area, buffer),
    }
    None
}

fn too_small(look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    let (width, height) = (layout::SMALLEST.width, layout::SMALLEST.height);
    let text = format!("aurewind needs {width}x{height}, this is {}x{}", area.width, area.height);
    for (row, line) in text::wrap(&text, usize::from(area.width.max(1))).into_iter().enumerate() {
        let y = area.y + row as u16;
        if y < area.bottom() {
            buffer.set_stringn(area.x, y, line, usize::from(area.width), look.text());
        }
    }
}
