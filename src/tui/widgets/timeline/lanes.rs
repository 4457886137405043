//! The lanes around the band: seams, marks, events, backups, ticks.

use super::canvas::width;
use super::draw::{Arc, Painter};
use super::layout::overlap;
use super::model::TaskSpan;
use super::readout;
use super::scale::column_near;
use super::ticks::{Tick, ticks};
use crate::aurora::span;
use crate::engine::TaskState;
use crate::tui::theme::Role;

impl Painter<'_, '_> {
    /// Past rewinds as arcs from where the cluster was taken back to where it landed.
    pub fn seams(&mut self) {
        let lanes = u16::try_from(self.rows.seams.len()).unwrap_or(0);
        let Some(lowest) = lanes.checked_sub(1) else { return };
        let mut arcs = std::mem::take(&mut self.arcs);
        // Short ones last: where lanes are scarce they stay whole and the long ones show around them.
        arcs.sort_by_key(|arc| std::cmp::Reverse(arc.ends.1 - arc.ends.0));
        for (index, arc) in arcs.iter().enumerate() {
            let lane = arc.lane.min(lowest);
            let crossed =
                arcs[index + 1..].iter().any(|other| other.lane.min(lowest) == lane && overlap(other.ends, arc.ends));
            self.seam(arc, self.rows.seams.end - 1 - lane, crossed);
        }
        self.arcs = arcs;
    }

    fn seam(&mut self, arc: &Arc, row: u16, crossed: bool) {
        let Arc { seam, ends: (to, from), .. } = *arc;
        let [landed, taken, back, forward] = self.signs().seam;
        let style = self.style(if seam.running { Role::Busy } else { Role::Seam });
        let line = if seam.forward || seam.running { forward } else { back };
        let span = self.timeline.span;
        for column in to..=from {
            let sign = match column {
                column if column == to && seam.to < span.start => self.signs().seam_short,
                column if column == from && seam.from > span.end => line,
                column if column == from => taken,
                column if column == to => landed,
                _ => line,
            };
            self.canvas.put(row, column, sign, style);
        }
        for below in row + 1..self.rows.band.start {
            for column in [to, from] {
                self.canvas.hint(below, column, self.signs().hair, style);
            }
        }
        if crossed {
            return;
        }
        let length = seam.from.duration_since(seam.to);
        let word = if seam.running {
            "rewinding"
        } else if seam.forward {
            "forward again"
        } else {
            "rewound"
        };
        let texts = [format!(" {word} {} ", span::short(length)), format!(" {} ", span::tiny(length))];
        let texts = if seam.forward { [format!(" {word} "), " fwd ".into()] } else { texts };
        let room = (from - to).saturating_sub(3);
        if let Some(text) = texts.iter().find(|text| width(text) <= room) {
            let start = to + (from - to + 1 - width(text)).div_ceil(2);
            self.canvas.fill(row, start, text, style);
        }
    }

    /// Marks as flags with their names, the newest first where there is no room for all.
    pub fn marks(&mut self) {
        let Some(row) = self.rows.marks else { return };
        let style = self.style(Role::Mark);
        let mut marks: Vec<_> = self
            .timeline
            .data
            .marks
            .iter()
            .filter_map(|mark| Some((self.column(mark.at)?, mark.at, mark.name.as_str())))
            .collect();
        marks.sort_by_key(|(_, at, _)| std::cmp::Reverse(*at));
        for (column, ..) in &marks {
            self.canvas.put(row, *column, self.signs().mark, style);
            for below in row + 1..self.rows.band.start {
                self.canvas.hint(below, *column, self.signs().hair, style);
            }
        }
        let ellipsis = Some(self.timeline.glyphs.ellipsis);
        for (column, _, name) in &marks {
            self.canvas.beside(row, *column, name, style, ellipsis);
        }
    }

    /// What RDS reported, one sign for each column.
    pub fn events(&mut self) {
        let Some(row) = self.rows.events else { return };
        let style = self.style(Role::Event);
        let mut columns: Vec<u16> =
            self.timeline.data.events.iter().filter_map(|event| self.column(event.at)).collect();
        columns.sort_unstable();
        for same in columns.chunk_by(|a, b| a == b) {
            let sign = if same.len() > 1 { self.signs().events } else { self.signs().event };
            self.canvas.put(row, same[0], sign, style);
        }
    }

    /// The write rate, seen against the highest that is visible. Where nothing was read nothing is drawn.
    pub fn rate(&mut self) {
        let (Some(row), Some(samples)) = (self.rows.rate, self.timeline.data.samples) else { return };
        let span = self.timeline.span;
        let rates = samples.rates(span.start, span.end, usize::from(self.canvas.width()));
        let highest = rates.iter().flatten().copied().fold(0.0, f64::max);
        let (style, quiet) = (self.style(Role::Rate), self.style(Role::Dim));
        let signs = self.signs().rate;
        let mut first = None;
        for (column, rate) in (0..self.canvas.width()).zip(rates) {
            let Some(rate) = rate else { continue };
            first = first.or(Some(column));
            let level = if highest > 0.0 { (rate / highest * 8.0).ceil() as usize } else { 0 };
            let style = if level == 0 { quiet } else { style };
            self.canvas.put(row, column, signs[level.clamp(1, 8) - 1], style);
        }
        let Some(first) = first else { return };
        for text in readout::rate(highest) {
            // In front of what was read there is room: reading begins with the program.
            if first > width(&text) && self.canvas.write(row, first - width(&text) - 1, &text, quiet) {
                break;
            }
        }
    }

    /// What this program did, each from its beginning to its end; the newest on top where they overlap.
    pub fn tasks(&mut self) {
        let Some(row) = self.rows.tasks else { return };
        let mut tasks: Vec<&TaskSpan> = self.timeline.data.tasks.iter().collect();
        tasks.sort_by_key(|task| std::cmp::Reverse(task.from));
        for task in tasks {
            self.task(task, row);
        }
    }

    fn task(&mut self, task: &TaskSpan, row: u16) {
        let (span, columns) = (self.timeline.span, self.canvas.width());
        // The journal may be another machine's, whose clock is ahead.
        let to = task.to.unwrap_or(self.timeline.data.now).max(task.from);
        if to < span.start || task.from > span.end {
            return;
        }
        let (start, end) = (column_near(&span, columns, task.from), column_near(&span, columns, to));
        let role = match task.state {
            TaskState::Done => Role::Good,
            TaskState::Failed => Role::Bad,
            TaskState::Cancelled => Role::Dim,
            TaskState::Queued | TaskState::Running | TaskState::Paused => Role::Busy,
        };
        let style = self.style(role);
        let [first, line, last, open] = self.signs().task;
        let free = self.canvas.free(row, start, end + 1);
        for column in start..=end {
            let sign = match column {
                // One that takes less than a column is seen by its end: whether it is over.
                column if column == end && task.to.is_none() => open,
                column if column == end => last,
                column if column == start => first,
                _ => line,
            };
            if free {
                self.canvas.put(row, column, sign, style);
            } else {
                self.canvas.hint(row, column, sign, style);
            }
        }
        if !free {
            return;
        }
        let label = format!(" {} ", task.label);
        if width(&label) + 2 <= end - start {
            self.canvas.fill(row, start + 1 + (end - start - width(&label)) / 2, &label, style);
        } else {
            self.canvas.beside(row, end, &task.label, style, Some(self.timeline.glyphs.ellipsis));
        }
    }

    /// The range of point-in-time restore, which is another thing than the window.
    pub fn backup(&mut self) {
        let (Some(row), Some((first, last))) = (self.rows.backup, self.timeline.data.restorable) else { return };
        let span = self.timeline.span;
        if last < span.start || first > span.end {
            return;
        }
        let style = self.style(Role::Backup);
        let start = self.column(first).unwrap_or(0);
        let end = self.column(last).unwrap_or(self.canvas.width());
        for text in [" full copy from backups ", " backups "] {
            if width(text) + 4 <= end.saturating_sub(start) {
                self.canvas.fill(row, start + 2, text, style);
                break;
            }
        }
        for column in start..end {
            self.canvas.hint(row, column, self.signs().backup, style);
        }
    }

    /// Round times below everything.
    pub fn ticks(&mut self) {
        let Some(row) = self.rows.ticks else { return };
        let (timeline, columns) = (self.timeline, self.canvas.width());
        let (plain, strong) = (self.style(Role::Dim), self.style(Role::Title));
        let ticks = ticks(&timeline.span, columns, timeline.zone);
        // Which day it is on the left, unless it is today, or a new day begins before there is room to say so: then
        // the date of the old one would stand before the hours of the new.
        let start = timeline.span.start;
        let date = start.to_zoned(timeline.zone.clone()).strftime("%b %-d").to_string();
        let changes = |tick: &Tick| tick.day && self.column(tick.at).is_some_and(|at| at <= width(&date) + 1);
        if !readout::same_day(start, timeline.data.now, timeline.zone) && !ticks.iter().any(changes) {
            self.canvas.write(row, 0, &date, strong);
        }
        for tick in ticks {
            let Some(column) = self.column(tick.at) else { continue };
            let style = if tick.day { strong } else { plain };
            if !self.canvas.write(row, column, &format!("{}{}", self.signs().tick, tick.label), style) {
                self.canvas.hint(row, column, self.signs().tick, style);
            }
        }
    }
}
