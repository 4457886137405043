//! An open test run, and the output of its steps.

use std::path::Path;

use super::lists::target;
use crate::engine::{Request, Task};
use crate::tui::catalogue::Move;
use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::state::{LogView, Overlay, RunCard, Scroll, State, Stretch, logs_of, tail};

/// Opens a task: of a test run its card.
pub(super) fn open(state: &mut State, task: &Task) {
    let id = task.id.clone();
    state.overlays.push(match task.request {
        Request::Test(_) => Overlay::Run(RunCard::new(id)),
        _ => Overlay::Task(id, Scroll::default()),
    });
}

/// Opens the output of the step under the cursor.
pub(super) fn open_log(state: &mut State) {
    let Some(Overlay::Run(card)) = state.overlays.last() else { return };
    let Some(task) = state.tasks.get(&card.task) else { return };
    let step = card.shown(task);
    if !logs_of(task, step).is_empty() {
        let view = LogView::new(card.task.clone(), step);
        state.overlays.push(Overlay::Log(view));
    }
}

/// Turns to the output of the round before, or of the next one.
pub(super) fn turn(state: &mut State, next: bool) {
    let Some(Overlay::Log(view)) = state.overlays.last_mut() else { return };
    let Some(task) = state.tasks.get(&view.task) else { return };
    view.turn(logs_of(task, view.step).len(), next);
}

/// Moves the cursor among the steps.
pub(super) fn step(state: &mut State, step: Move) {
    const PAGE: usize = 5;
    let Some(Overlay::Run(card)) = state.overlays.last_mut() else { return };
    let Some(task) = state.tasks.get(&card.task) else { return };
    let to = target(step, card.position(task), PAGE, task.steps.len());
    card.move_to(to, task);
}

/// Scrolls the output.
pub(super) fn scroll(state: &mut State, step: Move) {
    let area = layout::log(state.pulse.size);
    let (columns, page) = (usize::from(area.width), usize::from(area.height));
    let Some(Overlay::Log(view)) = state.overlays.last_mut() else { return };
    let (reading, lines) = (&state.reading, state.reading.lines());
    let first = view.first(reading, columns, page);
    let last = tail(reading, lines.len(), columns, page);
    let to = match step {
        Move::Up => first.saturating_sub(1),
        Move::Down => first + 1,
        Move::PageUp => tail(reading, first + 1, columns, page),
        // The last line of this page is the first one of the next, as far as there are so many.
        Move::PageDown => (first + page.saturating_sub(1).max(1)).min(last),
        Move::First => 0,
        Move::Last => last,
    };
    view.top = match step {
        Move::First => Some(0),
        Move::Last => None,
        // At the end it follows the file, unless what is here ends before the file does.
        _ if to >= last && reading.at_end() => None,
        _ => lines.get(to.min(last)).map(|line| line.at),
    };
}

/// A part of the output was read.
pub(super) fn output(state: &mut State, path: &Path, result: Result<Stretch, String>) -> Vec<Effect> {
    let now = state.now();
    state.reading.put(path, result, now);
    state.touch();
    Vec::new()
}
