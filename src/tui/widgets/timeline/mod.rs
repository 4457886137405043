//! The timeline of a cluster: how far back it can be rewound, and what happened when.
//!
//! The arithmetic (`scale`, `ticks`, `layout`) and the reading of past rewinds (`model`) know nothing of drawing.

mod canvas;
mod compact;
mod draw;
mod lanes;
mod layout;
mod model;
mod readout;
mod scale;
mod ticks;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

use crate::tui::glyphs::Glyphs;
use crate::tui::theme::Theme;

pub use compact::compact;
pub use model::{Moment, MomentKind, Seam, TaskSpan, TimelineData, moments, seams, undone};
pub use scale::{Span, column_of, time_at};
pub use ticks::{Tick, ticks};

/// The timeline as a widget, for one row and upwards.
#[derive(Debug, Clone, Copy)]
pub struct Timeline<'a> {
    /// What is shown.
    pub data: TimelineData<'a>,
    /// The part of it that is visible.
    pub span: Span,
    /// The chosen moment.
    pub cursor: Option<Timestamp>,
    /// The zone of every clock time.
    pub zone: &'a TimeZone,
    /// Styles.
    pub theme: &'a Theme,
    /// Signs.
    pub glyphs: &'a Glyphs,
}

impl Widget for &Timeline<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        draw::draw(self, area, buffer);
    }
}
