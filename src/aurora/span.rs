//! Lengths of time as people type and read them.

use jiff::SignedDuration;
use thiserror::Error;

/// Why a text is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a length of time; write for example `90s`, `25m`, `4h`, `1h30m` or `7d`")]
pub struct InvalidSpan(String);

/// Reads `90s`, `25m`, `4h`, `1h 30m`, `7d`, `2w`; a day is 24 hours.
///
/// # Errors
/// If the text is anything else, zero, or longer than ten years.
pub fn parse(text: &str) -> Result<SignedDuration, InvalidSpan> {
    let refuse = || InvalidSpan(super::text::clean(text));
    let mut total: i64 = 0;
    let mut number = String::new();
    let mut units = 0;
    for c in text.trim().to_ascii_lowercase().chars() {
        match c {
            '0'..='9' => number.push(c),
            ' ' if number.is_empty() => {}
            unit => {
                let seconds = match unit {
                    's' => 1,
                    'm' => 60,
                    'h' => 3_600,
                    'd' => 86_400,
                    'w' => 604_800,
                    _ => return Err(refuse()),
                };
                let count: i64 = number.parse().map_err(|_| refuse())?;
                total = count.checked_mul(seconds).and_then(|part| total.checked_add(part)).ok_or_else(refuse)?;
                number.clear();
                units += 1;
            }
        }
    }
    if !number.is_empty() || units == 0 || total == 0 || total > 3_653 * 86_400 {
        return Err(refuse());
    }
    Ok(SignedDuration::from_secs(total))
}

/// The two largest units of a length: `3d 4h`, `1h 05m`, `4m 10s`, `12s`. The sign is dropped.
pub fn short(span: SignedDuration) -> String {
    let total = span.as_secs().unsigned_abs();
    let (days, hours, minutes, seconds) = (total / 86_400, total / 3_600 % 24, total / 60 % 60, total % 60);
    if days > 0 {
        format!("{days}d {hours}h")
    } else if hours > 0 {
        format!("{hours}h {minutes:02}m")
    } else if minutes > 0 {
        format!("{minutes}m {seconds:02}s")
    } else {
        format!("{seconds}s")
    }
}

/// The largest unit alone: `3d`, `1h`, `4m`, `12s`; for narrow columns. The sign is dropped.
pub fn tiny(span: SignedDuration) -> String {
    let total = span.as_secs().unsigned_abs();
    match total {
        0..60 => format!("{total}s"),
        60..3_600 => format!("{}m", total / 60),
        3_600..86_400 => format!("{}h", total / 3_600),
        _ => format!("{}d", total / 86_400),
    }
}

/// A length without loss and as [`parse`] reads it: `1d2h3m4s`, `72h` is `3d`.
pub fn exact(span: SignedDuration) -> String {
    let total = span.as_secs().unsigned_abs();
    let parts = [(total / 86_400, 'd'), (total / 3_600 % 24, 'h'), (total / 60 % 60, 'm'), (total % 60, 's')];
    let shown: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if shown.is_empty() { "0s".into() } else { shown.concat() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[rstest::rstest]
    #[case("90s", Some(90))]
    #[case("25m", Some(1_500))]
    #[case("1h30m", Some(5_400))]
    #[case("1H 30M", Some(5_400))]
    #[case("7d", Some(604_800))]
    #[case("2w", Some(1_209_600))]
    #[case("", None)]
    #[case("4", None)]
    #[case("h", None)]
    #[case("0h", None)]
    #[case("-4h", None)]
    #[case("1.5h", None)]
    #[case("99999999999999999999h", None)]
    #[case("4000d", None)]
    fn lengths(#[case] text: &str, #[case] want: Option<i64>) {
        assert_eq!(parse(text).ok().map(|span| span.as_secs()), want);
    }

    #[rstest::rstest]
    #[case(12, "12s", "12s")]
    #[case(250, "4m 10s", "4m")]
    #[case(3_900, "1h 05m", "1h")]
    #[case(273_600, "3d 4h", "3d")]
    fn readable(#[case] seconds: i64, #[case] want: &str, #[case] narrow: &str) {
        assert_eq!(short(SignedDuration::from_secs(seconds)), want);
        assert_eq!(tiny(SignedDuration::from_secs(seconds)), narrow);
    }

    proptest! {
        #[test]
        fn exact_is_read_back(seconds in 1i64..3_653 * 86_400) {
            let span = SignedDuration::from_secs(seconds);
            prop_assert_eq!(parse(&exact(span)), Ok(span));
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = parse(&text);
        }
    }
}
