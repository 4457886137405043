//! The drawing: the band, its edges and the cursor. The lanes around it are in `lanes`.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Timeline;
use super::canvas::{Canvas, width};
use super::layout::{Rows, Wants, lanes, plan};
use super::model::{Seam, seams, undone};
use super::readout;
use super::scale::{column_near, column_of, eighths};
use crate::aurora::{Reach, time};
use crate::tui::glyphs::TimelineGlyphs;
use crate::tui::theme::Role;

/// A seam and its place on screen.
pub(super) struct Arc {
    pub seam: Seam,
    pub ends: (u16, u16),
    pub lane: u16,
}

/// One drawing of a timeline.
pub(super) struct Painter<'a, 'b> {
    pub timeline: &'a Timeline<'a>,
    pub canvas: Canvas<'b>,
    pub rows: Rows,
    pub arcs: Vec<Arc>,
}

pub(super) fn draw(timeline: &Timeline<'_>, area: Rect, buffer: &mut Buffer) {
    if !area.intersection(buffer.area).is_empty() {
        paint(timeline, area, buffer);
    }
}

pub(super) fn paint<'a, 'b>(timeline: &'a Timeline<'a>, area: Rect, buffer: &'b mut Buffer) -> Canvas<'b> {
    let canvas = Canvas::new(buffer, area);
    let seams = seams(&timeline.data);
    let arcs = arcs(timeline, &seams, canvas.width());
    let wants = Wants {
        thick: timeline.data.reach.is_some(),
        seam_lanes: arcs.iter().map(|arc| arc.lane + 1).max().unwrap_or(0),
        marks: !timeline.data.marks.is_empty(),
        events: !timeline.data.events.is_empty(),
        rate: timeline.data.samples.is_some_and(|samples| !samples.is_empty()),
        tasks: !timeline.data.tasks.is_empty(),
        backup: timeline.data.restorable.is_some(),
    };
    let rows = plan(canvas.height(), wants);
    let mut painter = Painter { timeline, canvas, rows, arcs };
    match timeline.data.reach {
        Some(reach) => painter.band(reach, &undone(&seams, timeline.data.now)),
        None => painter.no_band(),
    }
    painter.signs_on_band();
    painter.seams();
    painter.marks();
    painter.events();
    painter.tasks();
    painter.rate();
    painter.edges();
    painter.backup();
    painter.ticks();
    painter.readout();
    painter.cursor();
    painter.canvas
}

fn arcs(timeline: &Timeline<'_>, seams: &[Seam], width: u16) -> Vec<Arc> {
    let span = &timeline.span;
    let visible: Vec<&Seam> = seams.iter().filter(|seam| seam.from >= span.start && seam.to <= span.end).collect();
    let near = |at| column_near(span, width, at);
    let ends: Vec<(u16, u16)> = visible.iter().map(|seam| (near(seam.to), near(seam.from))).collect();
    let lanes = lanes(&ends);
    visible.into_iter().zip(ends).zip(lanes).map(|((seam, ends), lane)| Arc { seam: *seam, ends, lane }).collect()
}

/// The band in eighths of a column.
struct Band {
    ghost: i64,
    floor: i64,
    now: i64,
    undone: Vec<(i64, i64)>,
    cursor: Option<i64>,
    /// What the first cell of the window stands for.
    edge: Role,
}

impl Band {
    /// The cell that begins at `left`, and whether its ground and sign change places; nothing outside the target window.
    fn cell(&self, left: i64, signs: &TimelineGlyphs) -> Option<(&'static str, Role, bool)> {
        let (floor, now) = (self.floor - left, self.now - left);
        let past = self.cursor.is_some_and(|cursor| cursor < left);
        if now < 0 || left + 8 <= self.ghost.min(self.floor) {
            None
        } else if now < 8 {
            // The last cell, however little of it is past: now is always seen.
            let index = usize::try_from(now.max(1) - 1).unwrap_or(0);
            let sign = if past && now >= 4 { signs.discard } else { signs.right[index] };
            Some((sign, if past { Role::Discard } else { Role::Window }, false))
        } else if floor >= 8 {
            Some((signs.ghost, Role::Ghost, false))
        } else if floor >= 0 {
            let reachable = usize::try_from(8 - floor).unwrap_or(8);
            let (sign, flipped) = if self.edge == Role::Wall { (signs.wall, false) } else { signs.left[reachable - 1] };
            Some((sign, self.edge, flipped))
        } else if self.undone.iter().any(|(start, end)| (*start..*end).contains(&(left + 4))) {
            Some((signs.undone, Role::Undone, false))
        } else if past {
            Some((signs.discard, Role::Discard, false))
        } else {
            Some((signs.full, Role::Window, false))
        }
    }
}

impl<'a> Painter<'a, '_> {
    pub fn style(&self, role: Role) -> Style {
        self.timeline.theme.style(role)
    }

    pub fn signs(&self) -> &'a TimelineGlyphs {
        &self.timeline.glyphs.timeline
    }

    pub fn column(&self, at: Timestamp) -> Option<u16> {
        column_of(&self.timeline.span, self.canvas.width(), at)
    }

    /// Eighths of a column from the left edge.
    fn eighths(&self, at: Timestamp) -> i64 {
        eighths(&self.timeline.span, self.canvas.width(), at)
    }

    fn band(&mut self, reach: Reach, undone: &[(Timestamp, Timestamp)]) {
        let [ghost, floor, now] = [reach.ghost, reach.floor, reach.now].map(|at| self.eighths(at));
        let undone = undone.iter().map(|(start, end)| (self.eighths(*start), self.eighths(*end))).collect();
        let edge = match reach {
            Reach { wall, floor, .. } if wall == Some(floor) => Role::Wall,
            reach if reach.shrunk() => Role::Warn,
            _ => Role::Window,
        };
        let cursor = self.timeline.cursor.map(|at| self.eighths(at));
        let band = Band { ghost, floor, now, undone, cursor, edge };
        for column in 0..self.canvas.width() {
            let Some((sign, role, flipped)) = band.cell(i64::from(column) * 8, self.signs()) else { continue };
            let style = self.style(role);
            let style = if flipped { style.add_modifier(Modifier::REVERSED) } else { style };
            for row in self.rows.band.clone() {
                self.canvas.put(row, column, sign, style);
            }
        }
    }

    /// An axis, and why there is nothing on it.
    fn no_band(&mut self) {
        let columns = self.canvas.width();
        let row = self.rows.band.start;
        let (axis, dim) = (self.style(Role::Ghost), self.style(Role::Dim));
        if let Some(text) = readout::NO_WINDOW.iter().find(|text| width(text) + 4 <= columns) {
            self.canvas.write(row, (columns - width(text)) / 2, text, dim);
        }
        let end = self.column(self.timeline.data.now).unwrap_or(columns);
        for column in 0..end {
            self.canvas.hint(row, column, self.signs().axis, axis);
        }
    }

    /// What has no lane of its own goes onto the band.
    fn signs_on_band(&mut self) {
        let signs = self.signs();
        let mut found: Vec<(Timestamp, &str, Role)> = Vec::new();
        if self.rows.seams.is_empty() {
            found.extend(self.arcs.iter().map(|arc| (arc.seam.from, signs.seam_short, Role::Seam)));
        }
        if self.rows.marks.is_none() {
            found.extend(self.timeline.data.marks.iter().map(|mark| (mark.at, signs.mark, Role::Mark)));
        }
        if let Some(at) = self.timeline.data.expires_at {
            found.push((at, signs.expiry, Role::Warn));
        }
        // A wall within the target window that is not the floor: a young clone whose window writes have shortened.
        if let Some(wall) = self.timeline.data.created_at
            && self.timeline.data.reach.is_none_or(|reach| reach.floor != wall)
        {
            found.push((wall, signs.wall, Role::Wall));
        }
        let row = self.rows.band.start;
        for (at, sign, role) in found {
            // Where there is no window, the reason for it stays readable.
            let Some(column) = self.column(at) else { continue };
            if self.timeline.data.reach.is_some() || self.canvas.free(row, column, column + 1) {
                let style = self.style(role);
                // A wall is as high as the band.
                let end = if role == Role::Wall { self.rows.band.end } else { row + 1 };
                for row in row..end {
                    self.canvas.put(row, column, sign, style);
                }
            }
        }
    }

    /// The labels of the band's edges, below it.
    fn edges(&mut self) {
        let Some(row) = self.rows.edges else { return };
        let (timeline, data) = (self.timeline, &self.timeline.data);
        if let Some(reach) = data.reach
            && reach.wall != Some(reach.floor)
        {
            let role = if reach.shrunk() { Role::Warn } else { Role::Floor };
            self.edge(row, reach.floor, &readout::floor(timeline, reach), role, Side::Right);
        }
        if let Some(made) = data.created_at {
            self.edge(row, made, &readout::named("created", made, timeline), Role::Wall, Side::Right);
        }
        self.edge(row, data.now, &readout::now(timeline), Role::Now, Side::Left);
        if let Some(at) = data.expires_at {
            self.edge(row, at, &readout::named("expires", at, timeline), Role::Warn, Side::Right);
        }
        if let Some(reach) = data.reach {
            let target = format!("target {}", crate::aurora::span::exact(reach.now.duration_since(reach.ghost)));
            self.edge(row, reach.ghost, &[target, "target".into()], Role::Dim, Side::Right);
        }
    }

    /// Hangs the fullest of `texts` that fits below its place, on the preferred side or on the other one.
    fn edge(&mut self, row: u16, at: Timestamp, texts: &[String], role: Role, side: Side) {
        let Some(column) = self.column(at) else { return };
        let style = self.style(role);
        for text in texts {
            for side in [side, side.other()] {
                let long = width(text) + 2;
                let start = match side {
                    Side::Right => Some(column),
                    Side::Left => (column + 1).checked_sub(long),
                };
                let elbow = self.signs().elbow;
                let line = match side {
                    Side::Right => format!("{} {text}", elbow[0]),
                    Side::Left => format!("{text} {}", elbow[1]),
                };
                if start.is_some_and(|start| self.canvas.write(row, start, &line, style)) {
                    return;
                }
            }
        }
    }

    fn readout(&mut self) {
        let Some(row) = self.rows.readout else { return };
        let columns = self.canvas.width();
        if let Some(at) = self.timeline.cursor {
            let (clock, rest) = readout::cursor(self.timeline, at, columns);
            let long = width(&clock) + width(&rest);
            let middle = column_near(&self.timeline.span, columns, at);
            let start = middle.saturating_sub(long / 2).min(columns.saturating_sub(long));
            let (strong, plain) = (self.style(Role::Accent), self.style(Role::Text));
            self.canvas.write(row, start, &clock, strong);
            self.canvas.fill(row, start + width(&clock), &rest, plain);
        }
        let dim = self.style(Role::Dim);
        for text in readout::summary(&self.timeline.data) {
            if self.canvas.write(row, 0, &text, dim) {
                break;
            }
        }
        let zone = time::zone_text(self.timeline.data.now, self.timeline.zone);
        self.canvas.write(row, columns.saturating_sub(width(&zone)), &zone, dim);
    }

    fn cursor(&mut self) {
        let Some(column) = self.timeline.cursor.and_then(|at| self.column(at)) else { return };
        let (hair, cursor) = (self.style(Role::Accent), self.style(Role::Cursor));
        let last = self.rows.ticks.unwrap_or(self.rows.band.end);
        for row in self.rows.readout.map_or(0, |row| row + 1)..last {
            if self.rows.band.contains(&row) && self.timeline.data.reach.is_some() {
                self.canvas.put(row, column, self.signs().cursor, cursor);
            } else {
                self.canvas.hint(row, column, self.signs().hair, hair);
            }
        }
    }
}

/// Where a label stands, seen from its place.
#[derive(Debug, Clone, Copy)]
enum Side {
    Left,
    Right,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}
