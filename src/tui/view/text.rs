//! Lines from longer text.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::tui::format::head;

/// `text` in lines of `width` columns at most, broken at blanks, and inside words that are too long.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word = word;
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        while word.width() > width {
            let part = piece(word, width);
            lines.push(part.to_owned());
            word = &word[part.len()..];
        }
        if !line.is_empty() && !word.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The beginning of a word that is wider than a line: up to a dot, slash or hyphen where that is no waste, so that host
/// names stay readable.
fn piece(word: &str, width: usize) -> &str {
    let part = match head(word, width) {
        // A character wider than the line: show it anyway, the buffer cuts it.
        "" => return word,
        part => part,
    };
    match part.rfind(['.', '/', '-', ',']) {
        Some(at) if at > part.len() / 2 => &part[..=at],
        _ => part,
    }
}

/// `text` behind `lead`, whose columns stay free in the lines that follow.
pub(super) fn hanging(lead: Line<'static>, text: &Span<'static>, width: usize) -> Vec<Line<'static>> {
    let indent = lead.width();
    let mut lines = Vec::new();
    for part in wrap(&text.content, width.saturating_sub(indent)) {
        let mut line = if lines.is_empty() { lead.clone() } else { Line::raw(" ".repeat(indent)) };
        line.push_span(Span::styled(part, text.style));
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("one two three", 7, &["one two", "three"])]
    #[case("", 7, &[""])]
    #[case("abcdefghij", 4, &["abcd", "efgh", "ij"])]
    #[case("a abcdefgh", 4, &["a", "abcd", "efgh"])]
    #[case("db.cluster-x.eu", 12, &["db.cluster-", "x.eu"])]
    #[case("日本語", 4, &["日本", "語"])]
    #[case("日本", 1, &["日本"])]
    fn wrapping(#[case] text: &str, #[case] width: usize, #[case] want: &[&str]) {
        assert_eq!(wrap(text, width), want);
    }
}
