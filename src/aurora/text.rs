//! Text from outside is data: nothing in it may steer a terminal.

/// `text` without control characters and without the marks that reorder what is shown.
///
/// Tabs and line breaks become a space, so that a message stays readable on one line.
pub fn clean(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\n' | '\t' | '\r' => Some(' '),
            c if c.is_control() || is_reordering(c) => None,
            c => Some(c),
        })
        .collect()
}

/// Bidirectional controls, zero-width characters and line separators: they can make one name look like another.
fn is_reordering(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[rstest::rstest]
    #[case("orders", "orders")]
    #[case("a\u{1b}[2Jb", "a[2Jb")]
    #[case("a\nb\tc", "a b c")]
    #[case("x\u{202e}y\u{200b}z", "xyz")]
    #[case("\u{9b}31m", "31m")]
    #[case("größe ☂", "größe ☂")]
    fn steering_characters_are_dropped(#[case] text: &str, #[case] want: &str) {
        assert_eq!(clean(text), want);
    }
}
