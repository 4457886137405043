//! The dialog that starts a test run: the recipes, what is wrong with one, or what it would do.

use std::path::Path;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::look::Look;
use super::pane;
use super::plan::{calls_lines, check_lines, cost_lines};
use super::text::{hanging, wrap};
use super::words::plural;
use crate::aurora::plan::{Check, Level};
use crate::tui::state::{Found, FoundKind, Prospect, Scroll, Stage, Starter, State};
use crate::tui::theme::Role;
use crate::tui::{format, layout};

const WIDTH: u16 = 110;
const LABEL: usize = 8;

pub(super) fn draw(
    state: &State,
    look: &Look<'_>,
    starter: &Starter,
    screen: Rect,
    buffer: &mut Buffer,
) -> Option<Position> {
    match &starter.stage {
        Stage::Choosing => Some(choosing(state, look, starter, screen, buffer)),
        Stage::Checking(path) => {
            let text = format!("{} reading and checking {}", look.glyphs.spin(look.frame), path.display());
            let lines = [look.plain(text).into()];
            pane::reader(look, screen, WIDTH, "Test", Scroll::default(), &lines, buffer);
            None
        }
        Stage::Wrong(path, problems) => {
            let width = pane::reader_columns(screen, WIDTH);
            let body = wrong(look, path, problems, width);
            let buttons = vec![("Back", true)];
            planned(look, "Test", (&[], &body), starter, &buttons, screen, buffer);
            None
        }
        Stage::Planned(path, prospect) => {
            let width = pane::reader_columns(screen, WIDTH);
            let head = head(look, path, prospect, width);
            let body = body(look, starter, prospect, width);
            let blocked = prospect.plan.blocked();
            let mut buttons = vec![("Back", !starter.run)];
            if !blocked {
                buttons.push(("Run", starter.run));
            }
            planned(look, &format!("Test {}", prospect.name), (&head, &body), starter, &buttons, screen, buffer);
            None
        }
    }
}

/// The line that is typed in, and the recipes that have it.
fn choosing(state: &State, look: &Look<'_>, starter: &Starter, screen: Rect, buffer: &mut Buffer) -> Position {
    let width = pane::reader_columns(screen, WIDTH);
    let choices = starter.choices(&state.setup.memory.recipes);
    let rows: Vec<_> = choices.iter().map(|found| row(look, starter, found, width)).collect();
    let says = says(look, starter, choices.len());
    let wish = 2 + rows.len().max(says.len()) + 2;
    let area = layout::overlay(screen, WIDTH, (wish as u16).max(8));
    let page = usize::from(area.height.saturating_sub(4));
    let position = starter.position(choices.len());
    let above = (position + 1).saturating_sub(page);
    let bottom = pane::more(look, above, rows.len().saturating_sub(above + page));
    let title =
        Line::from(vec![look.span(Role::Accent, " Test "), look.dim("a recipe: clone, release, test, tear down ")]);
    let inside = pane::boxed(look, area, title, bottom, buffer);
    let column = draw_input(look, starter, inside, buffer);
    let list = Rect { y: inside.y + 2, height: inside.height.saturating_sub(2), ..inside };
    for (line, place) in says.into_iter().zip(list.rows()) {
        buffer.set_line(place.x, place.y, &line, place.width);
    }
    pane::choices(look, rows, above, position, list, buffer);
    Position::new(column, inside.y)
}

/// Draws the line; gives back the column of the cursor in it.
fn draw_input(look: &Look<'_>, starter: &Starter, inside: Rect, buffer: &mut Buffer) -> u16 {
    buffer.set_span(inside.x, inside.y, &look.span(Role::Accent, format!("{:<LABEL$}", "recipe")), inside.width);
    let place =
        Rect { x: inside.x + LABEL as u16, width: inside.width.saturating_sub(LABEL as u16), height: 1, ..inside };
    let room = usize::from(place.width).saturating_sub(1);
    let scroll = starter.input.visual_scroll(room);
    let value: String = starter.input.value().chars().skip(scroll).collect();
    let shown = format::head(&value, room);
    if shown.is_empty() {
        buffer.set_span(place.x, place.y, &look.dim("words of it, or a path: recipes/shop.toml"), place.width);
    } else {
        buffer.set_span(place.x, place.y, &look.plain(shown.to_owned()), place.width);
    }
    buffer.set_style(place, ratatui::style::Modifier::UNDERLINED);
    place.x + starter.input.visual_cursor().saturating_sub(scroll) as u16
}

/// What is said where there is nothing to choose.
fn says(look: &Look<'_>, starter: &Starter, count: usize) -> Vec<Line<'static>> {
    if starter.is_looking() {
        return vec![look.dim(format!("{} looking for recipes", look.glyphs.spin(look.frame))).into()];
    }
    if count > 0 {
        return Vec::new();
    }
    let typed = !starter.input.value().trim().is_empty();
    let text = if typed {
        "Nothing here is called so; Enter reads what is typed as a path."
    } else {
        "No recipe here, in recipes/, or beside the settings; `aurewind test --help` tells of them."
    };
    vec![look.dim(text).into()]
}

fn row(look: &Look<'_>, starter: &Starter, found: &Found, width: usize) -> Vec<Span<'static>> {
    const NAME: usize = 22;
    const STEPS: usize = 10;
    let path = found.path.display().to_string();
    let path_room = (width / 3).max(16);
    let shown_path = format::pad_end(&format::fit_middle(&path, path_room, look.glyphs.ellipsis), path_room, "");
    match &found.kind {
        FoundKind::Folder => vec![look.plain(format!("{path}/"))],
        FoundKind::Broken(mistakes) => vec![
            look.plain(shown_path),
            look.span(Role::Bad, format!(" {} {}", look.glyphs.failed, plural(*mistakes, "mistake"))),
        ],
        FoundKind::Recipe { name, description, source, steps } => {
            let of_it = starter.source.as_ref().is_some_and(|id| source.as_deref() == Some(id.as_str()));
            let role = if of_it { Role::Accent } else { Role::Text };
            let source = source.clone().unwrap_or_else(|| "its stack".into());
            let rest = width.saturating_sub(path_room + NAME + STEPS + 4);
            vec![
                look.plain(shown_path),
                look.span(role, format!(" {}", format::pad_end(&source, NAME, look.glyphs.ellipsis))),
                look.dim(format::pad_end(&format!(" {}", plural(*steps, "step")), STEPS, look.glyphs.ellipsis)),
                look.dim(look.fit(description.as_deref().unwrap_or(name), rest)),
            ]
        }
    }
}

/// What is wrong with a recipe, as its reader explains it.
fn wrong(look: &Look<'_>, path: &Path, problems: &[String], width: usize) -> Vec<Line<'static>> {
    let text = format!("{} {} cannot be used:", look.glyphs.failed, path.display());
    let mut lines = hanging(Line::default(), &look.span(Role::Bad, text), width);
    for problem in problems {
        lines.push(Line::default());
        for line in problem.lines() {
            // Signs below a line point at columns: it is cut and not wrapped.
            lines.push(look.plain(look.fit(&crate::aurora::text::clean(line), width)).into());
        }
    }
    lines
}

/// What it is for, and where it is.
fn head(look: &Look<'_>, path: &Path, prospect: &Prospect, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if prospect.plan.blocked() {
        lines.push(look.span(Role::Bad, "This will not be run as things are:").into());
    }
    let title = prospect.description.clone().unwrap_or_else(|| prospect.plan.title.clone());
    lines.extend(wrap(&title, width).into_iter().map(|part| Line::from(look.span(Role::Title, part))));
    lines.push(look.dim(look.fit(&path.display().to_string(), width)).into());
    lines
}

/// Steps, checks, cost and calls; where a check forbids it, what forbids it comes first.
fn body(look: &Look<'_>, starter: &Starter, prospect: &Prospect, width: usize) -> Vec<Line<'static>> {
    // The steps are listed in full.
    let mut checks: Vec<&Check> = prospect.plan.checks.iter().filter(|check| check.name != "steps").collect();
    checks.sort_by_key(|check| std::cmp::Reverse(check.level));
    let (failed, others): (Vec<_>, Vec<_>) = checks.into_iter().partition(|check| check.level == Level::Fail);
    let mut lines: Vec<Line<'static>> = failed.iter().flat_map(|check| check_lines(check, look, width)).collect();
    if !failed.is_empty() {
        lines.push(Line::default());
    }
    let widest = prospect.steps.iter().map(|(name, _)| format::width(name)).max().unwrap_or_default();
    let name_room = widest.min(width / 3);
    for (number, (name, what)) in prospect.steps.iter().enumerate() {
        let name = format::pad_end(name, name_room, look.glyphs.ellipsis);
        let lead = Line::from(vec![look.dim(format!("{:>3} ", number + 1)), look.plain(name), look.plain("  ")]);
        let room = width.saturating_sub(lead.width());
        let mut line = lead;
        line.push_span(look.dim(look.fit(what, room)));
        lines.push(line);
    }
    lines.push(Line::default());
    lines.extend(others.iter().flat_map(|check| check_lines(check, look, width)));
    for warning in &prospect.warnings {
        let lead = Line::from(look.span(Role::Warn, format!("{} ", look.glyphs.warn)));
        lines.extend(hanging(lead, &look.plain(warning.clone()), width));
    }
    lines.extend(cost_lines(look, &prospect.plan, width));
    lines.push(Line::default());
    lines.extend(calls_lines(look, &prospect.plan, starter.calls_shown, width));
    lines
}

/// A box with a head, a body that scrolls, and buttons that always stay visible.
fn planned(
    look: &Look<'_>,
    title: &str,
    (head, body): (&[Line<'static>], &[Line<'static>]),
    starter: &Starter,
    buttons: &[(&'static str, bool)],
    screen: Rect,
    buffer: &mut Buffer,
) {
    let fixed = head.len() + 2;
    let area = layout::overlay(screen, WIDTH, (fixed + body.len() + 3) as u16);
    let room = usize::from(area.height).saturating_sub(fixed + 3);
    let above = usize::from(starter.scroll.0).min(body.len().saturating_sub(room));
    let bottom = pane::more(look, above, body.len().saturating_sub(above + room));
    let title = Line::from(look.span(Role::Accent, format!(" {title} ")));
    let inside = pane::boxed(look, area, title, bottom, buffer);
    let head_area = Rect { height: (head.len() as u16).min(inside.height), ..inside };
    pane::scrolled(head, Scroll::default(), head_area, buffer);
    let top = head_area.bottom() + u16::from(!head.is_empty());
    let last = inside.bottom().saturating_sub(1);
    let body_area = Rect { y: top, height: last.saturating_sub(top + 1).max(1).min(inside.height), ..inside };
    pane::scrolled(body, starter.scroll, body_area, buffer);
    let mut line = Line::default();
    for (text, marked) in buttons {
        let pointer = if *marked { look.glyphs.pointer } else { " " };
        let role = if *marked { Role::Selected } else { Role::Text };
        line.extend([look.span(Role::Accent, pointer), look.span(role, format!("[ {text} ]")), Span::raw("  ")]);
    }
    let tail = if buttons.len() > 1 {
        "Tab goes on, Enter presses, r checks again, Esc goes back"
    } else {
        "r checks again, Esc goes back"
    };
    if line.width() + tail.len() < usize::from(inside.width) {
        line.push_span(look.dim(tail));
    }
    buffer.set_line(inside.x, last, &line, inside.width);
}
