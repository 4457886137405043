//! Moments as people type and read them.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use thiserror::Error;

use super::span;

/// Why a text is no moment.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidTime {
    /// None of the forms.
    #[error(
        "`{0}` is not a time; write `14:32`, `14:32:10`, `2026-11-22 14:32`, `2026-11-22T14:32:10Z`, `-25m`, `1h30m ago` or `now`"
    )]
    Unknown(String),
    /// A clock time that the zone skips or has twice.
    #[error("`{text}` does not name one moment in {zone}, where the clocks change; write `{earlier}` or `{later}`")]
    Ambiguous {
        /// What was typed.
        text: String,
        /// The zone.
        zone: String,
        /// The earlier of the two, with its offset.
        earlier: String,
        /// The later one.
        later: String,
    },
}

/// Reads a moment. A time without a zone is in the zone of `now`; a clock time without a date is the most recent one.
///
/// # Errors
/// Names the text and the forms that are understood.
pub fn parse(text: &str, now: &Zoned) -> Result<Timestamp, InvalidTime> {
    let typed = text.trim();
    let unknown = || InvalidTime::Unknown(super::text::clean(typed));
    if typed.eq_ignore_ascii_case("now") {
        return Ok(now.timestamp());
    }
    if let Some(ago) = typed.strip_prefix('-').or_else(|| strip_ago(typed)) {
        let length = span::parse(ago).map_err(|_| unknown())?;
        return now.timestamp().checked_sub(length).map_err(|_| unknown());
    }
    if let Ok(moment) = typed.parse::<Timestamp>() {
        return Ok(moment);
    }
    if let Some(time) = clock(typed) {
        return most_recent(typed, time, now);
    }
    let (date, time) = typed.split_once([' ', 'T', 't']).ok_or_else(unknown)?;
    let date: Date = date.parse().map_err(|_| unknown())?;
    let time = clock(time.trim()).ok_or_else(unknown)?;
    on(typed, date, time, now.time_zone())
}

fn strip_ago(text: &str) -> Option<&str> {
    let cut = text.len().checked_sub(3)?;
    let (length, ago) = (text.get(..cut)?, text.get(cut..)?);
    ago.eq_ignore_ascii_case("ago").then(|| length.trim_end())
}

/// `14:32` or `14:32:10`, nothing looser: `1432` may be a year.
fn clock(text: &str) -> Option<Time> {
    let parts: Vec<&str> = text.split(':').collect();
    let number = |part: &str| -> Option<i8> {
        let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        if digits { part.parse().ok() } else { None }
    };
    match parts[..] {
        [h, m] => Time::new(number(h)?, number(m)?, 0, 0).ok(),
        [h, m, s] => Time::new(number(h)?, number(m)?, number(s)?, 0).ok(),
        _ => None,
    }
}

fn most_recent(typed: &str, time: Time, now: &Zoned) -> Result<Timestamp, InvalidTime> {
    let today = on(typed, now.date(), time, now.time_zone())?;
    if today <= now.timestamp() {
        return Ok(today);
    }
    let yesterday = now.date().yesterday().map_err(|_| InvalidTime::Unknown(typed.to_owned()))?;
    on(typed, yesterday, time, now.time_zone())
}

fn on(typed: &str, date: Date, time: Time, zone: &TimeZone) -> Result<Timestamp, InvalidTime> {
    let clock = date.to_datetime(time);
    zone.to_ambiguous_timestamp(clock).unambiguous().map_err(|_| {
        // A time that comes twice is both of these; for one that is skipped they are the moments on either side.
        let with_offset = |at: Result<Timestamp, jiff::Error>| {
            at.map(|at| at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()).unwrap_or_default()
        };
        let ambiguous = || zone.to_ambiguous_timestamp(clock);
        InvalidTime::Ambiguous {
            text: super::text::clean(typed),
            zone: zone.iana_name().unwrap_or("this zone").to_owned(),
            earlier: with_offset(ambiguous().earlier()),
            later: with_offset(ambiguous().later()),
        }
    })
}

/// The clock time of `at` in `zone`: `14:32:10`.
pub fn clock_text(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// Date and clock time of `at` in `zone`: `2026-11-22 14:32:10`.
pub fn date_text(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The short name of `zone` at `at`: `UTC`, `CET`, `+02`.
pub fn zone_text(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> Zoned {
        "2026-11-22T12:00:00+01:00[Europe/Berlin]".parse().unwrap()
    }

    #[rstest::rstest]
    #[case("now", Some("2026-11-22T11:00:00Z"))]
    #[case("-25m", Some("2026-11-22T10:35:00Z"))]
    #[case("25m ago", Some("2026-11-22T10:35:00Z"))]
    #[case("1h30m Ago", Some("2026-11-22T09:30:00Z"))]
    #[case("11:30", Some("2026-11-22T10:30:00Z"))]
    #[case("11:30:10", Some("2026-11-22T10:30:10Z"))]
    #[case("13:00", Some("2026-11-21T12:00:00Z"))]
    #[case("2026-11-20 08:15", Some("2026-11-20T07:15:00Z"))]
    #[case("2026-11-20T08:15:30", Some("2026-11-20T07:15:30Z"))]
    #[case("2026-11-20T08:15:30Z", Some("2026-11-20T08:15:30Z"))]
    #[case("2026-11-20T08:15:30+02:00", Some("2026-11-20T06:15:30Z"))]
    #[case("", None)]
    #[case("yesterday", None)]
    #[case("25:00", None)]
    #[case("1:2", None)]
    #[case("-", None)]
    #[case("ago", None)]
    #[case("2026-13-01 00:00", None)]
    fn forms(#[case] text: &str, #[case] want: Option<&str>) {
        assert_eq!(parse(text, &now()).ok(), want.map(|w| w.parse().unwrap()), "{text}");
    }

    #[test]
    fn a_clock_time_that_comes_twice_wants_an_offset() {
        let now: Zoned = "2026-10-25T12:00:00+01:00[Europe/Berlin]".parse().unwrap();
        let error = parse("02:30", &now).unwrap_err().to_string();
        assert!(error.contains("Europe/Berlin"), "{error}");
        assert!(error.contains("`2026-10-25T02:30:00+02:00` or `2026-10-25T02:30:00+01:00`"), "{error}");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = parse(&text, &now());
        }

        #[test]
        fn what_is_shown_is_read_back(second in 1_700_000_000i64..1_800_000_000) {
            let at = Timestamp::from_second(second).unwrap();
            let utc = now().with_time_zone(TimeZone::UTC);
            prop_assert_eq!(parse(&date_text(at, &TimeZone::UTC), &utc), Ok(at));
            prop_assert_eq!(parse(&at.to_string(), &utc), Ok(at));
        }
    }
}
