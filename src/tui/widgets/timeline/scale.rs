//! Time to columns and back. Pure arithmetic: no drawing, no zone.

use jiff::{SignedDuration, Timestamp};

use super::model::TimelineData;

/// The shortest span that is shown: below it a column would be less than Backtrack's granularity of one second.
const SHORTEST: SignedDuration = SignedDuration::from_mins(1);

/// What is shown of a cluster without a window.
const WITHOUT_WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// The visible part of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Left edge.
    pub start: Timestamp,
    /// Right edge.
    pub end: Timestamp,
}

impl Span {
    /// Everything worth seeing: from the target window's beginning, or the last 24 hours where there is no window, to a
    /// little after now.
    pub fn whole(data: &TimelineData<'_>) -> Self {
        let now = data.now;
        let start = data.reach.map_or_else(|| earlier(now, WITHOUT_WINDOW), |reach| reach.ghost.min(reach.floor));
        let length = now.duration_since(start).max(SHORTEST);
        // The margins keep both edges of a full window visible as edges.
        Self { start: earlier(now, length + length / 50), end: later(now, length / 25) }
    }

    /// Length of the visible part.
    pub fn length(&self) -> SignedDuration {
        self.end.duration_since(self.start)
    }

    /// Whether `at` is visible.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.start <= at && at <= self.end
    }

    /// The span that is `factor` times as long (below one zooms in), with `around` staying where it is on screen.
    #[must_use]
    pub fn zoom(self, around: Timestamp, factor: f64, data: &TimelineData<'_>) -> Self {
        let whole = Self::whole(data);
        let longest = whole.length().as_secs_f64().max(SHORTEST.as_secs_f64());
        let factor = if factor.is_finite() { factor } else { 1.0 };
        let wanted = (self.length().as_secs_f64() * factor).clamp(SHORTEST.as_secs_f64(), longest);
        let around = around.clamp(self.start, self.end);
        let share = around.duration_since(self.start).as_secs_f64() / self.length().as_secs_f64().max(1.0);
        let length = SignedDuration::from_secs_f64(wanted);
        let start = earlier(around, SignedDuration::from_secs_f64(wanted * share));
        Self { start, end: later(start, length) }.within(whole)
    }

    /// The span of the same length, moved so far that `cursor` is visible and not at the very edge.
    #[must_use]
    pub fn follow(self, cursor: Timestamp, data: &TimelineData<'_>) -> Self {
        let margin = self.length() / 10;
        let mut moved = self;
        if cursor < later(self.start, margin) {
            moved = self.starting(earlier(cursor, margin));
        } else if cursor > earlier(self.end, margin) {
            moved = self.starting(later(earlier(cursor, self.length()), margin));
        }
        let moved = moved.within(Self::whole(data));
        if moved.holds(cursor) { moved } else { self.starting(earlier(cursor, self.length() / 2)) }
    }

    fn starting(self, start: Timestamp) -> Self {
        Self { start, end: later(start, self.length()) }
    }

    /// The span of the same length that lies inside `whole`, or all of `whole`.
    fn within(self, whole: Self) -> Self {
        if self.length() >= whole.length() {
            whole
        } else if self.start < whole.start {
            self.starting(whole.start)
        } else if self.end > whole.end {
            self.starting(earlier(whole.end, self.length()))
        } else {
            self
        }
    }

    /// Where `at` lies, in `parts` equal parts of the span; may be outside.
    fn part(&self, at: Timestamp, parts: i128) -> i128 {
        let length = (self.end.as_nanosecond() - self.start.as_nanosecond()).max(1);
        ((at.as_nanosecond() - self.start.as_nanosecond()) * parts).div_euclid(length)
    }
}

fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// The moment that `column` of `width` stands for: the whole second nearest its middle where it holds one.
///
/// [`column_of`] leads back to the same column.
pub fn time_at(span: &Span, width: u16, column: u16) -> Timestamp {
    let (width, column) = (i128::from(width.max(1)), i128::from(column.min(width.saturating_sub(1))));
    let start = span.start.as_nanosecond();
    let length = (span.end.as_nanosecond() - start).max(1);
    // Rounded up: the first nanosecond that belongs to the column.
    let first = start + (length * column + width - 1).div_euclid(width);
    let next = start + (length * (column + 1) + width - 1).div_euclid(width);
    let middle = i128::midpoint(first, next);
    let second = (middle + 500_000_000).div_euclid(1_000_000_000) * 1_000_000_000;
    let chosen = if (first..next).contains(&second) { second } else { middle };
    Timestamp::from_nanosecond(chosen).unwrap_or(span.start)
}

/// The column of `at`, if it is visible.
pub fn column_of(span: &Span, width: u16, at: Timestamp) -> Option<u16> {
    if width == 0 || !span.holds(at) {
        return None;
    }
    // The right edge itself belongs to the last column.
    let column = span.part(at, i128::from(width)).min(i128::from(width) - 1);
    u16::try_from(column).ok()
}

/// The column of `at`, or the edge that it lies beyond.
pub(super) fn column_near(span: &Span, width: u16, at: Timestamp) -> u16 {
    column_of(span, width, at.clamp(span.start, span.end)).unwrap_or(0)
}

/// Eighths of a column from the left edge to `at`; may be outside.
pub(super) fn eighths(span: &Span, width: u16, at: Timestamp) -> i64 {
    let bounded = span.part(at, i128::from(width) * 8).clamp(-8, i128::from(width) * 8 + 8);
    i64::try_from(bounded).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::widgets::timeline::tests::{NOW, at, data};
    use proptest::prelude::*;

    fn span(start: &str, end: &str) -> Span {
        Span { start: at(start), end: at(end) }
    }

    #[test]
    fn the_whole_holds_the_target_window_and_now() {
        let data = data();
        let whole = Span::whole(&data);
        let reach = data.reach.unwrap();
        assert!(whole.start < reach.ghost && whole.end > data.now, "{whole:?}");
        let off = TimelineData { reach: None, ..data };
        assert!(Span::whole(&off).holds(at("2026-11-21T12:00:00Z")));
    }

    #[rstest::rstest]
    #[case("2026-11-22T09:00:00Z", 0.5)]
    #[case("2026-11-22T06:10:00Z", 0.1)]
    #[case("2026-11-22T11:59:59Z", 0.001)]
    fn zooming_keeps_the_moment_in_its_place(#[case] around: &str, #[case] factor: f64) {
        let data = data();
        let whole = Span::whole(&data);
        let zoomed = whole.zoom(at(around), factor, &data);
        assert!(zoomed.length() < whole.length() && zoomed.length() >= SHORTEST, "{zoomed:?}");
        let columns = [column_of(&whole, 100, at(around)), column_of(&zoomed, 100, at(around))].map(Option::unwrap);
        assert!(columns[0].abs_diff(columns[1]) <= 1, "{columns:?}");
    }

    #[test]
    fn zooming_out_ends_at_the_whole() {
        let data = data();
        let whole = Span::whole(&data);
        assert_eq!(whole.zoom(at(NOW), 0.01, &data).zoom(at(NOW), 1e9, &data), whole);
        assert_eq!(whole.zoom(at(NOW), f64::NAN, &data), whole);
    }

    #[rstest::rstest]
    #[case("2026-11-22T08:30:00Z", "2026-11-22T08:00:00Z")] // well inside: nothing moves
    #[case("2026-11-22T07:00:00Z", "2026-11-22T06:54:00Z")]
    #[case("2026-11-22T10:00:00Z", "2026-11-22T09:06:00Z")]
    #[case("2026-11-22T06:00:00Z", "2026-11-22T05:54:00Z")]
    fn following_moves_no_further_than_needed(#[case] cursor: &str, #[case] start: &str) {
        let data = data();
        let followed = span("2026-11-22T08:00:00Z", "2026-11-22T09:00:00Z").follow(at(cursor), &data);
        assert_eq!(followed.start, at(start).max(Span::whole(&data).start));
        assert_eq!(followed.length(), SignedDuration::from_hours(1));
        assert!(followed.holds(at(cursor)));
    }

    proptest! {
        #[test]
        fn columns_and_moments_lead_to_each_other(
            start in 1_700_000_000_000i64..1_800_000_000_000,
            length in 60_000i64..300_000_000,
            width in 1u16..400,
            column in 0u16..400,
        ) {
            let span = Span {
                start: Timestamp::from_millisecond(start).unwrap(),
                end: Timestamp::from_millisecond(start + length).unwrap(),
            };
            let column = column % width;
            let moment = time_at(&span, width, column);
            prop_assert!(span.holds(moment));
            prop_assert_eq!(column_of(&span, width, moment), Some(column));
        }

        #[test]
        fn later_is_never_further_left(
            length in 60i64..300_000, width in 1u16..400, a in 0i64..300_000, b in 0i64..300_000,
        ) {
            let start = at(NOW);
            let span = Span { start, end: later(start, SignedDuration::from_secs(length)) };
            let [a, b] = [a.min(b), a.max(b)].map(|s| later(start, SignedDuration::from_secs(s % (length + 1))));
            let (a, b) = (a.min(b), a.max(b));
            let (left, right) = (column_of(&span, width, a).unwrap(), column_of(&span, width, b).unwrap());
            prop_assert!(left <= right && right < width);
            prop_assert!(eighths(&span, width, a) <= eighths(&span, width, b));
            prop_assert_eq!(eighths(&span, width, a).div_euclid(8).min(i64::from(width) - 1), i64::from(left));
        }

        #[test]
        fn no_zoom_and_no_cursor_leaves_the_whole(
            factors in proptest::collection::vec((0.01f64..100.0, 0i64..21_600), 1..8),
        ) {
            let data = data();
            let whole = Span::whole(&data);
            let mut span = whole;
            for (factor, back) in factors {
                let cursor = earlier(data.now, SignedDuration::from_secs(back));
                span = span.zoom(cursor, factor, &data).follow(cursor, &data);
                prop_assert!(span.start >= whole.start && span.end <= whole.end, "{:?} {:?}", span, whole);
                prop_assert!(span.length() >= SHORTEST && span.holds(cursor));
            }
        }
    }
}
