//! A dialog: what can be filled in, the plan, and the buttons. The plan scrolls; the rest always stays visible.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::look::Look;
use super::pane;
use super::text::{hanging, wrap};
use super::words;
use crate::aurora::plan::{Check, Level, Plan};
use crate::tui::dialogs::{Dialog, Field, FieldName, Intent, Stop};
use crate::tui::format;
use crate::tui::layout;
use crate::tui::state::{Scroll, State};
use crate::tui::theme::Role;
use crate::tui::widgets::timeline::{Span as Visible, Timeline};

const WIDTH: u16 = 96;
/// With a timeline, which has use for every column.
const WIDE: u16 = 150;
const LABEL: usize = 13;
/// Columns of a line that nothing is typed in.
const EMPTY: usize = 20;

pub(super) fn draw(
    state: &State,
    dialog: &Dialog,
    look: &Look<'_>,
    screen: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let timeline = timeline(state, dialog, look, screen.height);
    let wish = if timeline.is_some() { WIDE } else { WIDTH };
    let width = pane::reader_columns(screen, wish);
    let head = head(state, dialog, look, width);
    let fields: Vec<&Field> = if dialog.refused() { Vec::new() } else { dialog.fields.iter().collect() };
    let rows: u16 = fields.iter().map(|field| 1 + errors(field, look, width).len() as u16).sum();
    let plan = plan(dialog, look, width);
    let gap = u16::from(screen.height >= 20);
    let line = timeline.map_or(0, |(_, rows)| rows + gap);
    let fixed = head.len() as u16 + rows + line + gap * 2 + 1;
    let area = layout::overlay(screen, wish, fixed + plan.len() as u16 + 2);
    let title = Line::from(look.span(Role::Accent, format!(" {} {} ", dialog.intent.verb(), dialog.target.id)));
    let room = area.height.saturating_sub(fixed + 2);
    let above = usize::from(dialog.scroll).min(plan.len().saturating_sub(usize::from(room)));
    let bottom = pane::more(look, above, plan.len().saturating_sub(above + usize::from(room)));
    let inside = pane::boxed(look, area, title, bottom, buffer);
    let [head_area, fields_area, line_area, _, plan_area, _, buttons] = inside.layout(&Layout::vertical([
        Constraint::Length(head.len() as u16),
        Constraint::Length(rows),
        Constraint::Length(line),
        Constraint::Length(gap),
        Constraint::Min(0),
        Constraint::Length(gap),
        Constraint::Length(1),
    ]));
    pane::scrolled(&head, Scroll(0), head_area, buffer);
    let cursor = draw_fields(dialog, &fields, look, fields_area, buffer);
    if let Some((timeline, rows)) = timeline {
        let top = line_area.height.saturating_sub(rows);
        (&timeline).render(Rect { y: line_area.y + top, height: line_area.height - top, ..line_area }, buffer);
    }
    pane::scrolled(&plan, Scroll(dialog.scroll), plan_area, buffer);
    draw_buttons(dialog, look, buttons, buffer);
    cursor
}

/// The timeline with the moment that it goes to, and its rows on a screen of this height.
fn timeline<'a>(state: &'a State, dialog: &Dialog, look: &'a Look<'_>, height: u16) -> Option<(Timeline<'a>, u16)> {
    let cursor = dialog.moment().filter(|_| !dialog.refused())?;
    let data = state.story_of(dialog.resource()).filter(|story| story.reach.is_some())?;
    let span = dialog.aim().and_then(|aim| aim.span).unwrap_or_else(|| Visible::whole(&data));
    let rows = match height {
        ..20 => 3,
        20..30 => 5,
        30..40 => 8,
        _ => 11,
    };
    let (zone, theme, glyphs) = (&look.zone, look.theme, look.glyphs);
    Some((Timeline { data, span, cursor: Some(cursor), zone, theme, glyphs }, rows))
}

/// What the dialog is about, in a line or two.
fn head(state: &State, dialog: &Dialog, look: &Look<'_>, width: usize) -> Vec<Line<'static>> {
    let target = &dialog.target;
    let mut lines = Vec::new();
    if dialog.gone {
        let text = format!("{} `{}` is not there any more; nothing will be done.", look.glyphs.failed, target.id);
        lines.push(look.span(Role::Bad, text).into());
    }
    if dialog.refused() {
        if !dialog.gone {
            lines.push(look.span(Role::Bad, "This will not be done, whatever is filled in:").into());
        }
        return lines;
    }
    let text = match dialog.intent {
        Intent::Mark => match dialog.moment() {
            Some(at) => format!("{}, {}, to come back to", look.date_zone(at), format::distance(at, look.now)),
            None => String::new(),
        },
        Intent::Keep => format!("{}: for how long no sweep and no delete takes it", target.id),
        Intent::Extend => format!("{}: how much longer it lives before a sweep may take it", target.id),
        Intent::Copy => {
            let at = dialog.copied_moment().map(|at| look.date_zone(at)).unwrap_or_default();
            format!(
                "A full copy of {} as it was at {at}. It can be cloned like any other cluster once it is there",
                target.id
            )
        }
        Intent::Clone => format!("A copy-on-write clone of {} ({}), as it is now", target.id, words::engine(target)),
        Intent::Delete => format!("{} and its instances ({})", target.id, words::engine(target)),
        Intent::Unmark => look.instants(&dialog.plan.title),
        Intent::Undo => match dialog.moment() {
            Some(to) => {
                let distance = format::distance(to, look.now);
                let read = state.histories.get(dialog.resource()).is_some_and(|known| known.history.is_some());
                let known = if read { "" } else { " that is known here" };
                format!("back to just before its last rewind{known}: {}, {distance}", look.date_zone(to))
            }
            None => String::new(),
        },
        Intent::Rewind => match dialog.moment() {
            Some(to) => {
                let now = look.clock(look.now);
                let (arrow, distance) = (look.glyphs.arrow, format::distance(to, look.now));
                // Whatever the plan knows of binary logging, it is seen that force is on.
                let force = if dialog.aim().is_some_and(|aim| aim.force) { "; with force" } else { "" };
                format!("from now ({now}) {arrow} {}, {distance}{force}", look.date_zone(to))
            }
            None => String::new(),
        },
    };
    lines.extend(wrap(&text, width).into_iter().map(|part| Line::from(look.span(Role::Title, part))));
    if let Some(why) = &dialog.plan.confirm {
        let lead = Line::from(look.span(Role::Warn, format!("{} ", look.glyphs.warn)));
        let id = &dialog.plan.subject;
        lines.extend(hanging(lead, &look.plain(format!("Type `{id}` to go on: {why}.")), width));
    }
    lines
}

fn draw_fields(
    dialog: &Dialog,
    fields: &[&Field],
    look: &Look<'_>,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    let mut cursor = None;
    let mut y = area.y;
    for (index, field) in fields.iter().enumerate() {
        let active = dialog.stop == Stop::Field(index);
        if y >= area.bottom() {
            break;
        }
        let column = draw_field(dialog, field, active, look, Rect { y, height: 1, ..area }, buffer);
        if active {
            cursor = Some(Position::new(column, y));
        }
        y += 1;
        for line in errors(field, look, usize::from(area.width)) {
            if y < area.bottom() {
                buffer.set_line(area.x, y, &line, area.width);
            }
            y += 1;
        }
    }
    cursor
}

/// Why what is typed is not understood, below it.
fn errors(field: &Field, look: &Look<'_>, width: usize) -> Vec<Line<'static>> {
    let Some(error) = &field.error else { return Vec::new() };
    let lead = Line::from(look.span(Role::Bad, format!("{}{} ", " ".repeat(LABEL), look.glyphs.failed)));
    hanging(lead, &look.span(Role::Bad, error.clone()), width)
}

/// Draws a line to fill in; gives back the column of the cursor in it.
fn draw_field(dialog: &Dialog, field: &Field, active: bool, look: &Look<'_>, area: Rect, buffer: &mut Buffer) -> u16 {
    let pointer = if active { look.glyphs.pointer } else { " " };
    let label = format!("{pointer}{:<width$}", field.name.label(), width = LABEL - 1);
    let role = if active { Role::Accent } else { Role::Dim };
    buffer.set_span(area.x, area.y, &look.span(role, label), area.width);
    let room = usize::from(area.width).saturating_sub(LABEL + 1);
    let scroll = field.input.visual_scroll(room);
    let value: String = field.input.value().chars().skip(scroll).collect();
    let mut line = Line::from(look.plain(format::head(&value, room).to_owned()));
    let hint = hint(dialog, field);
    let used = format::width(&value);
    // The hints of all lines begin in one column.
    let widest = dialog.fields.iter().map(|field| format::width(field.input.value())).max().unwrap_or_default();
    let column = widest.max(EMPTY) + 2;
    if used < column && column + format::width(&hint) <= room {
        line.push_span(look.dim(format!("{}{hint}", " ".repeat(column - used))));
    }
    let x = area.x + LABEL as u16;
    buffer.set_line(x, area.y, &line, room as u16);
    if active {
        // The place of the text is visible even where nothing has been typed yet.
        let width = (used + 1).clamp(EMPTY, room.max(EMPTY)) as u16;
        buffer.set_style(Rect { x, width: width.min(room as u16), ..area }, ratatui::style::Modifier::UNDERLINED);
    }
    x + field.input.visual_cursor().saturating_sub(scroll) as u16
}

fn hint(dialog: &Dialog, field: &Field) -> String {
    match field.name {
        FieldName::Typed if dialog.awaits_typing() => String::new(),
        FieldName::Typed => "as it should be".into(),
        name => name.hint().into(),
    }
}

/// The checks, what fails first; the cost; the calls, if they are asked for.
fn plan(dialog: &Dialog, look: &Look<'_>, width: usize) -> Vec<Line<'static>> {
    let plan = &dialog.plan;
    let mut checks: Vec<&Check> = plan.checks.iter().collect();
    checks.sort_by_key(|check| std::cmp::Reverse(check.level));
    let mut lines = Vec::new();
    if dialog.refused() {
        // What would happen if it were done is beside the point then.
        checks.retain(|check| check.level == Level::Fail);
    }
    // Asked for at the top already.
    checks.retain(|check| !(dialog.guarded() && check.name == "policy"));
    for check in checks {
        lines.extend(check_lines(check, look, width));
    }
    if dialog.refused() {
        return lines;
    }
    for offer in &plan.offers {
        let lead =
            Line::from(vec![look.span(Role::Accent, format!("{} ", look.glyphs.arrow)), look.dim("F           ")]);
        // In a line, F is a letter.
        let way = if dialog.editing().is_some() { "Tab to a button, then F: " } else { "" };
        lines.extend(hanging(lead, &look.plain(look.instants(&format!("{way}{}", offer.note))), width));
    }
    lines.extend(cost_lines(look, plan, width));
    lines.push(Line::default());
    lines.extend(calls_lines(look, plan, dialog.calls_shown, width));
    lines
}

/// What it costs.
pub(super) fn cost_lines(look: &Look<'_>, plan: &Plan, width: usize) -> Vec<Line<'static>> {
    let Some(cost) = &plan.cost else { return Vec::new() };
    let lead = Line::from(vec![look.dim("$ "), look.plain(format!("{:<width$}", "cost", width = LABEL))]);
    hanging(lead, &look.plain(format!("{}; {}", format::cost(cost), cost.note)), width)
}

/// The calls to AWS, or how many there are.
pub(super) fn calls_lines(look: &Look<'_>, plan: &Plan, shown: bool, width: usize) -> Vec<Line<'static>> {
    if !shown {
        let text = format!("{} to AWS; F2 shows them as commands", words::plural(plan.calls.len(), "call"));
        return vec![look.dim(text).into()];
    }
    let line = |call: &String| hanging(Line::from(look.dim("$ ")), &look.plain(call.clone()), width);
    plan.calls.iter().flat_map(line).collect()
}

pub(super) fn check_lines(check: &Check, look: &Look<'_>, width: usize) -> Vec<Line<'static>> {
    let role = Look::level_role(check.level);
    let sign = look.glyphs.level(check.level);
    let name = format!("{:<width$}", check.name, width = LABEL);
    let lead = Line::from(vec![look.span(role, format!("{sign} ")), look.dim(name)]);
    let indent = lead.width();
    let mut lines = hanging(lead, &Span::styled(look.instants(&check.message), look.text()), width);
    if let Some(mend) = &check.mend {
        let lead = Line::from(look.dim(format!("{}{} ", " ".repeat(indent), look.glyphs.arrow)));
        let key = if check.name == "binlog" { "; f switches it" } else { "" };
        lines.extend(hanging(lead, &look.dim(look.instants(&format!("{mend}{key}"))), width));
    }
    lines
}

fn draw_buttons(dialog: &Dialog, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    let mut line = Line::default();
    for stop in dialog.stops() {
        let text = match stop {
            Stop::Field(_) => continue,
            Stop::Cancel if dialog.refused() => "Close",
            Stop::Cancel => "Cancel",
            Stop::Submit => dialog.intent.verb(),
        };
        let possible = stop == Stop::Cancel || (!dialog.plan.blocked() && !dialog.awaits_typing());
        let role = match (stop == dialog.stop, possible) {
            (true, _) => Role::Selected,
            (false, true) => Role::Text,
            (false, false) => Role::Dim,
        };
        let pointer = if stop == dialog.stop { look.glyphs.pointer } else { " " };
        line.push_span(look.span(Role::Accent, pointer));
        line.push_span(look.span(role, format!("[ {text} ]")));
        line.push_span(Span::raw("  "));
    }
    let tail = match dialog.stop {
        Stop::Field(_) if dialog.intent == Intent::Clone => "Enter clones, Tab goes on, Esc cancels",
        Stop::Field(_) if dialog.intent == Intent::Keep => "Enter keeps, Tab goes on, Esc cancels",
        Stop::Field(_) if dialog.intent == Intent::Extend => "Enter extends, Tab goes on, Esc cancels",
        Stop::Field(_) if dialog.intent == Intent::Mark => "Enter marks, Tab goes on, Esc cancels",
        Stop::Field(_) if dialog.intent == Intent::Copy => "Enter copies, Tab goes on, Esc cancels",
        Stop::Field(_) if dialog.guarded() => "Enter goes on once the id is typed, Esc cancels",
        Stop::Cancel if dialog.refused() => "",
        _ if dialog.aim().is_some() => "[ ] { } n p move, + - zoom, Tab goes on, Enter presses, Esc cancels",
        _ => "Tab goes on, Enter presses, Esc cancels",
    };
    if line.width() + tail.len() < usize::from(area.width) {
        line.push_span(look.dim(tail));
    }
    buffer.set_line(area.x, area.y, &line, area.width);
}
