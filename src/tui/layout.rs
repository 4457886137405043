//! Where things are on screen: one pure function of size and state that update and view share.

use ratatui::layout::{Constraint, Layout, Rect, Size};

use super::state::{Focus, State};

/// The smallest screen that is drawn on.
pub const SMALLEST: Size = Size::new(60, 16);
/// From here on the details have a column of their own.
pub const WIDE: u16 = 110;
/// From here on the timeline is always visible.
pub const TALL: u16 = 24;

/// The areas of a screen. What is not shown has no area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Areas {
    /// The line at the top.
    pub header: Rect,
    /// The table of clusters, its title line included.
    pub fleet: Option<Rect>,
    /// The details.
    pub details: Option<Rect>,
    /// The timeline.
    pub timeline: Option<Rect>,
    /// The tasks.
    pub tasks: Option<Rect>,
    /// The line for messages; on small screens it shares the line of the keys.
    pub message: Rect,
    /// The line with the keys.
    pub hints: Rect,
}

/// Whether the screen is too small for anything but a word about it.
pub fn too_small(size: Size) -> bool {
    size.width < SMALLEST.width || size.height < SMALLEST.height
}

/// The areas for this state.
pub fn areas(state: &State) -> Areas {
    let size = state.pulse.size;
    let screen = Rect::from((ratatui::layout::Position::ORIGIN, size));
    let tall = size.height >= TALL;
    let focused = state.focus == Focus::Timeline;
    let timeline = if tall || focused { timeline_height(size.height, focused) } else { 0 };
    let tasks = tasks_height(state);
    let message = message_height(size.height);
    let [header, body, timeline_area, tasks_area, message_area, hints] = screen.layout(&Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(3),
        Constraint::Length(timeline),
        Constraint::Length(tasks),
        Constraint::Length(message),
        Constraint::Length(1),
    ]));
    let shown = |area: Rect| (!area.is_empty()).then_some(area);
    let (fleet, details) = body_areas(state, body);
    Areas {
        header,
        fleet,
        details,
        timeline: shown(timeline_area),
        tasks: shown(tasks_area),
        message: shown(message_area).unwrap_or(hints),
        hints,
    }
}

fn body_areas(state: &State, body: Rect) -> (Option<Rect>, Option<Rect>) {
    if body.width < WIDE {
        return if state.focus == Focus::Details { (None, Some(body)) } else { (Some(body), None) };
    }
    let details = (body.width * 7 / 20).clamp(42, 76);
    let [fleet, details] =
        body.layout(&Layout::horizontal([Constraint::Min(60), Constraint::Length(details)]).spacing(1));
    (Some(fleet), Some(details))
}

/// Lines of the timeline pane, its title included; more while it has the keys.
fn timeline_height(height: u16, focused: bool) -> u16 {
    match height {
        ..24 => 5,
        24..30 if focused => 8,
        24..30 => 6,
        30..36 => 8 + 2 * u16::from(focused),
        36..44 => 10 + 2 * u16::from(focused),
        _ => 13 + u16::from(focused),
    }
}

/// Lines of the task pane, its title included; more while it has the keys.
fn tasks_height(state: &State) -> u16 {
    let count = state.tasks.len() as u16;
    let most = match state.pulse.size.height {
        ..20 => 2,
        20..30 => 3,
        30..44 => 5,
        _ => 8,
    };
    let most = if state.focus == Focus::Tasks { most + most / 2 } else { most };
    match count {
        0 if state.focus == Focus::Tasks || state.pulse.size.height >= 30 => 2,
        0 => 0,
        count => 1 + count.min(most),
    }
}

/// Lines of the filter: what is typed, and why it is not understood.
pub fn filter_lines(state: &State) -> u16 {
    let filter = &state.fleet.filter;
    match (&filter.error, filter.editing || filter.active()) {
        (Some(_), _) => 3,
        (None, true) => 1,
        (None, false) => 0,
    }
}

/// Rows of the fleet table that can be seen.
pub fn fleet_rows(state: &State) -> usize {
    areas(state).fleet.map_or(1, |area| usize::from(fleet_table(state, area).height.max(1)))
}

/// The rows of the fleet table in its pane `area`: without its title, its heads and the filter.
pub fn fleet_table(state: &State, area: Rect) -> Rect {
    let above = (2 + filter_lines(state)).min(area.height);
    Rect { y: area.y + above, height: area.height - above, ..area }
}

/// The place of the timeline in its pane `area`.
pub fn timeline_inside(area: Rect) -> Rect {
    Rect::new(area.x + 1, area.y + 1, area.width.saturating_sub(2), area.height.saturating_sub(1))
}

/// Rows of the task pane.
pub fn task_rows(state: &State) -> usize {
    areas(state).tasks.map_or(1, |area| usize::from(area.height.saturating_sub(1).max(1)))
}

/// The box of the output of a step, and of a test run: the whole screen but header, messages and keys.
pub fn log_box(screen: Rect) -> Rect {
    let below = 1 + message_height(screen.height);
    let (width, height) = (screen.width.saturating_sub(2), screen.height.saturating_sub(1 + below));
    Rect { x: screen.x + 1.min(screen.width), y: screen.y + 1.min(screen.height), width, height }
}

/// Small screens have no line of their own for messages.
fn message_height(height: u16) -> u16 {
    u16::from(height >= 20)
}

/// The place of the text in the box of the output of a step.
pub fn log(size: Size) -> Rect {
    let area = log_box(Rect::from((ratatui::layout::Position::ORIGIN, size)));
    let (width, height) = (area.width.saturating_sub(4), area.height.saturating_sub(2));
    Rect { x: area.x + 2, y: area.y + 1, width, height }
}

/// The box of an overlay: as wide and as high as it asks for, as far as the screen goes. Header and keys stay visible.
pub fn overlay(screen: Rect, width: u16, height: u16) -> Rect {
    let room = Rect { y: screen.y + 1, height: screen.height.saturating_sub(2), ..screen };
    let width = width.min(room.width.saturating_sub(2));
    let height = height.min(room.height);
    room.centered(Constraint::Length(width), Constraint::Length(height))
}
