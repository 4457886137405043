//! What every part of the view needs: styles, signs, zone, the present moment.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::text::{Line, Span};

use crate::aurora::cluster::{ClusterStatus, Health};
use crate::aurora::plan::Level;
use crate::aurora::time;
use crate::engine::TaskState;
use crate::tui::deadline::spinner_frame;
use crate::tui::format;
use crate::tui::glyphs::Glyphs;
use crate::tui::state::State;
use crate::tui::theme::{Role, Theme};

/// Styles, signs, zone and time of one frame.
pub(super) struct Look<'a> {
    pub theme: &'a Theme,
    pub glyphs: &'a Glyphs,
    pub zone: TimeZone,
    pub now: Timestamp,
    /// Picture of the spinner.
    pub frame: usize,
}

impl<'a> Look<'a> {
    pub fn of(state: &'a State) -> Self {
        Self {
            theme: &state.ui.theme,
            glyphs: &state.ui.glyphs,
            zone: state.ui.zone(),
            now: state.now(),
            frame: spinner_frame(state, state.now()),
        }
    }

    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    pub fn text(&self) -> Style {
        self.style(Role::Text)
    }

    pub fn span(&self, role: Role, text: impl Into<String>) -> Span<'static> {
        Span::styled(text.into(), self.style(role))
    }

    pub fn plain(&self, text: impl Into<String>) -> Span<'static> {
        self.span(Role::Text, text)
    }

    pub fn dim(&self, text: impl Into<String>) -> Span<'static> {
        self.span(Role::Dim, text)
    }

    /// `12:03:10`, with the date where it is not today.
    pub fn clock(&self, at: Timestamp) -> String {
        let day = |at: Timestamp| at.to_zoned(self.zone.clone()).date();
        if day(at) == day(self.now) { time::clock_text(at, &self.zone) } else { time::date_text(at, &self.zone) }
    }

    /// The same with the zone.
    pub fn clock_zone(&self, at: Timestamp) -> String {
        format!("{} {}", self.clock(at), time::zone_text(at, &self.zone))
    }

    /// `text` with its instants in the chosen zone. Plans are made without a zone, and name instants as JSON does.
    pub fn instants(&self, text: &str) -> String {
        let word = |word: &str| {
            let instant = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            let at = instant.ends_with('Z').then(|| instant.parse::<Timestamp>().ok()).flatten();
            at.map_or_else(|| word.to_owned(), |at| word.replace(instant, &self.date_zone(at)))
        };
        text.split(' ').map(word).collect::<Vec<_>>().join(" ")
    }

    /// Date, time and zone.
    pub fn date_zone(&self, at: Timestamp) -> String {
        format!("{} {}", time::date_text(at, &self.zone), time::zone_text(at, &self.zone))
    }

    /// A sign and a word for a status.
    pub fn status(&self, status: &ClusterStatus) -> Span<'static> {
        let role = match status.health() {
            Health::Ready => Role::Good,
            Health::Busy => Role::Busy,
            Health::Stopped => Role::Dim,
            Health::Broken => Role::Bad,
        };
        self.span(role, format!("{} {status}", self.glyphs.status(status)))
    }

    pub fn task_role(state: TaskState) -> Role {
        match state {
            TaskState::Queued | TaskState::Cancelled => Role::Dim,
            TaskState::Running => Role::Busy,
            TaskState::Paused => Role::Warn,
            TaskState::Done => Role::Good,
            TaskState::Failed => Role::Bad,
        }
    }

    pub fn level_role(level: Level) -> Role {
        match level {
            Level::Pass => Role::Good,
            Level::Warn => Role::Warn,
            Level::Fail => Role::Bad,
        }
    }

    pub fn fit(&self, text: &str, width: usize) -> String {
        format::fit_end(text, width, self.glyphs.ellipsis)
    }

    /// The frame of a box.
    pub fn border(&self) -> border::Set<'static> {
        if self.glyphs.unicode { border::ROUNDED } else { ASCII_BORDER }
    }

    /// `parts` with a dot between them.
    pub fn dotted(&self, parts: impl IntoIterator<Item = Span<'static>>) -> Line<'static> {
        let mut line = Line::default();
        for part in parts {
            if !line.spans.is_empty() {
                line.push_span(self.dim(format!(" {} ", self.glyphs.dot)));
            }
            line.push_span(part);
        }
        line
    }
}

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};
