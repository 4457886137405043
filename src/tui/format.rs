//! Text for places of a given width. Widths are columns on screen, not bytes or characters.

use jiff::{SignedDuration, Timestamp};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::aurora::cost::Cost;
use crate::aurora::span;

/// Columns that `text` takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// As much of the beginning of `text` as fits, without an ellipsis.
pub fn head(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (index, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > width {
            return &text[..index];
        }
    }
    text
}

/// `text` in pieces that fit into `width` columns; at least one.
pub fn pieces(text: &str, width: usize) -> Vec<&str> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    loop {
        let piece = head(rest, width.max(1));
        // A character wider than the line is a piece all the same: the buffer cuts it.
        let piece = if piece.is_empty() { &rest[..rest.chars().next().map_or(0, char::len_utf8)] } else { piece };
        rest = &rest[piece.len()..];
        pieces.push(piece);
        if rest.is_empty() {
            return pieces;
        }
    }
}

/// As much of the end of `text` as fits, without an ellipsis.
pub fn tail(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (index, c) in text.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > width {
            return &text[index + c.len_utf8()..];
        }
    }
    text
}

/// `text`, cut at its end if it is too wide: `orders-clo…`.
pub fn fit_end(text: &str, width: usize, ellipsis: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    match width.checked_sub(ellipsis.width()) {
        Some(room) => format!("{}{ellipsis}", head(text, room)),
        None => String::new(),
    }
}

/// `text`, cut at its beginning if it is too wide: `…one-x7k2`.
pub fn fit_start(text: &str, width: usize, ellipsis: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    match width.checked_sub(ellipsis.width()) {
        Some(room) => format!("{ellipsis}{}", tail(text, room)),
        None => String::new(),
    }
}

/// `text`, cut in its middle if it is too wide: `orde…x7k2`. For identifiers, whose both ends tell them apart.
pub fn fit_middle(text: &str, width: usize, ellipsis: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    match width.checked_sub(ellipsis.width()) {
        Some(room) => {
            let back = room / 2;
            format!("{}{ellipsis}{}", head(text, room - back), tail(text, back))
        }
        None => String::new(),
    }
}

/// `text` in exactly `width` columns, on the left.
pub fn pad_end(text: &str, width: usize, ellipsis: &str) -> String {
    let mut fitted = fit_end(text, width, ellipsis);
    let missing = width.saturating_sub(fitted.width());
    fitted.extend(std::iter::repeat_n(' ', missing));
    fitted
}

/// `text` in exactly `width` columns, on the right.
pub fn pad_start(text: &str, width: usize, ellipsis: &str) -> String {
    let fitted = fit_end(text, width, ellipsis);
    let missing = width.saturating_sub(fitted.width());
    format!("{}{fitted}", " ".repeat(missing))
}

/// Time since `then`, in its largest unit: `12s`, `4m`, `3h`, `3d`. What lies ahead counts as just now.
pub fn age(then: Timestamp, now: Timestamp) -> String {
    span::tiny(now.duration_since(then).max(SignedDuration::ZERO))
}

/// Change records in a second, to three places: `0/s`, `0.4/s`, `38/s`, `12 400/s`.
pub fn rate(per_second: f64) -> String {
    match per_second {
        rate if rate <= 0.0 => "0/s".into(),
        rate if rate < 0.1 => "<0.1/s".into(),
        rate if rate < 10.0 => format!("{rate:.1}/s"),
        rate => {
            let step = 10f64.powi((rate.log10().floor() as i32 - 2).max(0));
            format!("{}/s", count(((rate / step).round() * step) as i64))
        }
    }
}

/// `25m 03s ago`, `in 4m 10s` or `now`.
pub fn distance(at: Timestamp, now: Timestamp) -> String {
    let since = now.duration_since(at);
    match since.as_secs() {
        0 => "now".into(),
        1.. => format!("{} ago", span::short(since)),
        _ => format!("in {}", span::short(since)),
    }
}

/// Time left until `end`, in its two largest units, or `expired`.
pub fn left(end: Timestamp, now: Timestamp) -> String {
    let left = end.duration_since(now);
    if left > SignedDuration::ZERO { span::short(left) } else { "expired".into() }
}

/// A length of time in its two largest units: `1h 05m`.
pub fn short(length: SignedDuration) -> String {
    span::short(length)
}

/// A length of time in its largest unit: `1h`.
pub fn tiny(length: SignedDuration) -> String {
    span::tiny(length)
}

/// An amount of money: `$4.20`, `EUR 4.20`; four decimals where two would show nothing.
pub fn money(amount: f64, currency: &str) -> String {
    let figure = if amount > 0.0 && amount < 0.1 { format!("{amount:.4}") } else { format!("{amount:.2}") };
    if currency == "USD" { format!("${figure}") } else { format!("{currency} {figure}") }
}

/// `$0.26/h, $6.24 until it expires`.
pub fn cost(cost: &Cost) -> String {
    let hourly = format!("{}/h", money(cost.per_hour, &cost.currency));
    match cost.until_expiry {
        Some(total) => format!("{hourly}, {} until it expires", money(total, &cost.currency)),
        None => hourly,
    }
}

/// A count with its thousands apart: `1 204 331`.
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[rstest::rstest]
    #[case("orders", 6, "orders", "orders", "orders")]
    #[case("orders-clone-x7k2", 9, "orders-c…", "…one-x7k2", "orde…x7k2")]
    #[case("größe", 4, "grö…", "…öße", "gr…e")]
    #[case("日本語", 4, "日…", "…語", "日…")]
    #[case("ab", 1, "…", "…", "…")]
    #[case("ab", 0, "", "", "")]
    fn fitting(#[case] text: &str, #[case] width: usize, #[case] end: &str, #[case] start: &str, #[case] middle: &str) {
        assert_eq!(fit_end(text, width, "…"), end);
        assert_eq!(fit_start(text, width, "…"), start);
        assert_eq!(fit_middle(text, width, "…"), middle);
    }

    #[rstest::rstest]
    #[case("abc", 5, "abc  ", "  abc")]
    #[case("日本", 5, "日本 ", " 日本")]
    #[case("abcdef", 4, "abc~", "abc~")]
    fn padding(#[case] text: &str, #[case] width: usize, #[case] end: &str, #[case] start: &str) {
        assert_eq!(pad_end(text, width, "~"), end);
        assert_eq!(pad_start(text, width, "~"), start);
    }

    #[rstest::rstest]
    #[case(-1, "0s", "in 1s")]
    #[case(0, "0s", "now")]
    #[case(250, "4m", "4m 10s ago")]
    #[case(273_600, "3d", "3d 4h ago")]
    fn ages_and_distances(#[case] seconds: i64, #[case] short: &str, #[case] long: &str) {
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let then = now - SignedDuration::from_secs(seconds);
        assert_eq!(age(then, now), short);
        assert_eq!(distance(then, now), long);
    }

    #[rstest::rstest]
    #[case(0.0, "USD", "$0.00")]
    #[case(0.082, "USD", "$0.0820")]
    #[case(6.24, "USD", "$6.24")]
    #[case(6.24, "EUR", "EUR 6.24")]
    fn amounts(#[case] amount: f64, #[case] currency: &str, #[case] want: &str) {
        assert_eq!(money(amount, currency), want);
    }

    #[rstest::rstest]
    #[case(0, "0")]
    #[case(999, "999")]
    #[case(1_204_331, "1 204 331")]
    #[case(-1_000, "-1 000")]
    fn counts(#[case] number: i64, #[case] want: &str) {
        assert_eq!(count(number), want);
    }

    proptest! {
        #[test]
        fn what_is_fitted_fits(text in "\\PC*", room in 0usize..40) {
            for fitted in [fit_end(&text, room, "…"), fit_start(&text, room, "…"), fit_middle(&text, room, "…")] {
                prop_assert!(width(&fitted) <= room, "{fitted:?}");
            }
            // Grapheme clusters may be narrower than the sum of their characters, never wider, so padding may overfill.
            prop_assert!(width(&pad_end(&text, room, "…")) <= room);
        }
    }
}
