//! Round times on the axis.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Unit};

use super::scale::{Span, column_of};

/// A round time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// When.
    pub at: Timestamp,
    /// `14:30`, `14:30:15`, or the date where a day begins: `Nov 22`.
    pub label: String,
    /// Whether a day begins here.
    pub day: bool,
}

const DAY: i64 = 86_400;

/// Steps between ticks, in seconds. Each divides a day, or is whole days.
const STEPS: [i64; 18] =
    [5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, DAY, 2 * DAY, 7 * DAY];

/// The ticks of `span` in `zone`: round clock times, so far apart that their labels fit into `width` columns.
pub fn ticks(span: &Span, width: u16, zone: &TimeZone) -> Vec<Tick> {
    let seconds = span.length().as_secs_f64();
    if width == 0 || seconds < 1.0 {
        return Vec::new();
    }
    let fits = |step: &&i64| **step as f64 / seconds * f64::from(width) >= f64::from(room(**step));
    let step = STEPS.iter().find(fits).copied().unwrap_or(7 * DAY);
    let first = span.start.to_zoned(zone.clone()).date();
    let last = span.end.to_zoned(zone.clone()).date();
    let mut ticks = Vec::new();
    let mut day = first;
    while day <= last {
        ticks.extend(of_day(day, step, zone).into_iter().filter(|tick| span.holds(tick.at)));
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    // Where clocks are put forward two round times fall together.
    ticks.dedup_by_key(|tick| column_of(span, width, tick.at));
    ticks
}

/// Columns that a tick wants: its sign, its label and two of air.
fn room(step: i64) -> u16 {
    match step {
        0..60 => 11,
        DAY.. => 9,
        _ => 8,
    }
}

fn of_day(day: Date, step: i64, zone: &TimeZone) -> Vec<Tick> {
    let Ok(midnight) = day.to_zoned(zone.clone()) else { return Vec::new() };
    let mut ticks = vec![Tick { at: midnight.timestamp(), label: midnight.strftime("%b %-d").to_string(), day: true }];
    if step >= DAY {
        let number = day.since((Unit::Day, Date::constant(1970, 1, 1))).map_or(0, |span| i64::from(span.get_days()));
        return if number % (step / DAY) == 0 { ticks } else { Vec::new() };
    }
    let format = if step < 60 { "%H:%M:%S" } else { "%H:%M" };
    if step <= 3_600 {
        // Steps of up to an hour stay round through a change of the clocks when counted in elapsed time, and show the
        // hour that comes twice twice.
        let mut at = midnight.timestamp();
        for _ in 0..(26 * 3_600 / step) {
            at += SignedDuration::from_secs(step);
            let local = at.to_zoned(zone.clone());
            if local.date() != day {
                break;
            }
            ticks.push(Tick { at, label: local.strftime(format).to_string(), day: false });
        }
        return ticks;
    }
    for count in 1..(DAY / step) {
        let Ok(hour) = i8::try_from(count * step / 3_600) else { continue };
        if let Ok(local) = day.at(hour, 0, 0, 0).to_zoned(zone.clone()) {
            ticks.push(Tick { at: local.timestamp(), label: local.strftime(format).to_string(), day: false });
        }
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::widgets::timeline::tests::at;
    use proptest::prelude::*;

    fn labels(start: &str, end: &str, width: u16, zone: &str) -> String {
        let span = Span { start: at(start), end: at(end) };
        let zone = TimeZone::get(zone).unwrap();
        ticks(&span, width, &zone).into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(" ")
    }

    #[rstest::rstest]
    #[case::hours(
        "2026-11-22T06:00:00Z",
        "2026-11-22T12:00:00Z",
        60,
        "UTC",
        "06:00 07:00 08:00 09:00 10:00 11:00 12:00"
    )]
    #[case::narrow("2026-11-22T06:00:00Z", "2026-11-22T12:00:00Z", 30, "UTC", "06:00 08:00 10:00 12:00")]
    #[case::seconds("2026-11-22T06:00:10Z", "2026-11-22T06:01:10Z", 60, "UTC", "06:00:15 06:00:30 06:00:45 06:01:00")]
    #[case::over_midnight("2026-11-21T22:00:00Z", "2026-11-22T04:00:00Z", 36, "UTC", "22:00 Nov 22 02:00 04:00")]
    #[case::the_zone_counts("2026-11-21T21:30:00Z", "2026-11-22T00:30:00Z", 40, "Europe/Berlin", "23:00 Nov 22 01:00")]
    #[case::half_hour_zone(
        "2026-11-22T06:10:00Z",
        "2026-11-22T08:40:00Z",
        40,
        "Asia/Kolkata",
        "12:00 12:30 13:00 13:30 14:00"
    )]
    #[case::half_days(
        "2026-11-19T12:00:00Z",
        "2026-11-22T12:00:00Z",
        60,
        "UTC",
        "12:00 Nov 20 12:00 Nov 21 12:00 Nov 22 12:00"
    )]
    #[case::days("2026-11-19T12:00:00Z", "2026-11-22T12:00:00Z", 30, "UTC", "Nov 20 Nov 21 Nov 22")]
    #[case::weeks("2026-11-01T12:00:00Z", "2026-11-30T12:00:00Z", 60, "UTC", "Nov 5 Nov 12 Nov 19 Nov 26")]
    // Clocks are put back: 02:00 comes twice. Clocks are put forward: there is no 02:00.
    #[case::twice("2026-10-24T23:30:00Z", "2026-10-25T03:30:00Z", 40, "Europe/Berlin", "02:00 02:00 03:00 04:00")]
    #[case::never("2026-03-28T23:30:00Z", "2026-03-29T03:30:00Z", 40, "Europe/Berlin", "01:00 03:00 04:00 05:00")]
    fn round_times(#[case] start: &str, #[case] end: &str, #[case] width: u16, #[case] zone: &str, #[case] want: &str) {
        assert_eq!(labels(start, end, width, zone), want);
    }

    proptest! {
        #[test]
        fn labels_have_room(start in 1_700_000_000i64..1_800_000_000, length in 60i64..260_000, width in 30u16..300) {
            let span = Span {
                start: Timestamp::from_second(start).unwrap(),
                end: Timestamp::from_second(start + length).unwrap(),
            };
            let columns: Vec<(u16, usize)> = ticks(&span, width, &TimeZone::UTC)
                .iter()
                .map(|tick| (column_of(&span, width, tick.at).unwrap(), tick.label.len()))
                .collect();
            for pair in columns.windows(2) {
                prop_assert!(usize::from(pair[1].0 - pair[0].0) > pair[0].1 + 1, "{columns:?}");
            }
        }
    }
}
