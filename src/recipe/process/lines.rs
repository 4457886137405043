//! Output as it comes, made into clean lines.

use crate::recipe::redact::Redactor;

/// The longest line, in bytes; what is longer, or has no line breaks, comes in pieces.
const LONGEST: usize = 16 * 1024;

/// Makes lines out of chunks.
pub(super) struct Lines<'a> {
    redact: &'a Redactor,
    held: Vec<u8>,
    /// How much of what is held has no line break.
    looked: usize,
    /// The last line ended with a carriage return: a line feed right after it belongs to it.
    returned: bool,
}

impl<'a> Lines<'a> {
    pub fn new(redact: &'a Redactor) -> Self {
        Self { redact, held: Vec::new(), looked: 0, returned: false }
    }

    /// Takes a chunk and gives the lines that are whole now.
    pub fn push(&mut self, chunk: &[u8], mut line: impl FnMut(String)) {
        self.held.extend_from_slice(chunk);
        let mut from = 0;
        let longest = LONGEST.max(2 * self.redact.longest());
        loop {
            let rest = &self.held[from..];
            let Some(at) = rest[self.looked..].iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                if rest.len() < longest {
                    self.looked = rest.len();
                    break;
                }
                let cut = self.cut(rest);
                line(self.redact.clean_bytes(&rest[..cut]));
                (from, self.looked, self.returned) = (from + cut, 0, false);
                continue;
            };
            let end = self.looked + at;
            let follows = end == 0 && self.returned && rest[0] == b'\n';
            self.returned = rest[end] == b'\r';
            let mut whole = &rest[..end];
            while whole.len() > longest {
                let cut = self.cut(&whole[..longest]);
                line(self.redact.clean_bytes(&whole[..cut]));
                whole = &whole[cut..];
            }
            if !follows {
                line(self.redact.clean_bytes(whole));
            }
            (from, self.looked) = (from + end + 1, 0);
        }
        self.held.drain(..from);
    }

    /// What is left when there is no more.
    pub fn finish(&mut self, line: impl FnOnce(String)) {
        if !self.held.is_empty() {
            line(self.redact.clean_bytes(&self.held));
            self.held.clear();
            self.looked = 0;
        }
    }

    /// Where `bytes` can be cut, so that no secret, even one that is not whole yet, and no character is cut through.
    fn cut(&self, bytes: &[u8]) -> usize {
        let sure = bytes.len() - self.redact.longest().saturating_sub(1);
        let mut cut = sure;
        if let Some(span) = self.redact.spans(bytes).into_iter().find(|span| span.start < sure && sure < span.end) {
            cut = if span.start > 0 { span.start } else { span.end };
        }
        // The other bytes of a character in UTF-8 begin with the bits 10.
        let whole =
            (cut.saturating_sub(3).max(1)..=cut).rev().find(|at| bytes.get(*at).is_none_or(|b| b & 0xc0 != 0x80));
        whole.unwrap_or(cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(redact: &Redactor, chunks: &[&[u8]]) -> Vec<String> {
        let mut found = Vec::new();
        let mut lines = Lines::new(redact);
        for chunk in chunks {
            lines.push(chunk, |line| found.push(line));
        }
        lines.finish(|line| found.push(line));
        found
    }

    #[rstest::rstest]
    #[case::plain(&["a\nb\n"], &["a", "b"])]
    #[case::no_break_at_the_end(&["a\nb"], &["a", "b"])]
    #[case::empty_lines(&["\n\na\n"], &["", "", "a"])]
    #[case::split(&["a", "b\nc", "\n"], &["ab", "c"])]
    #[case::from_windows(&["a\r\nb\r", "\nc"], &["a", "b", "c"])]
    #[case::progress(&["10%\r20%\r", "30%\n"], &["10%", "20%", "30%"])]
    #[case::secret_over_chunks(&["is hun", "ter", "2\n"], &["is ***"])]
    #[case::steering(&["\u{1b}[2J\u{1b}]0;title\u{7}a\tb\n"], &["a\tb"])]
    fn chunks_become_lines(#[case] chunks: &[&str], #[case] want: &[&str]) {
        let redact = Redactor::new(["hunter2".into()]);
        let chunks: Vec<&[u8]> = chunks.iter().map(|chunk| chunk.as_bytes()).collect();
        assert_eq!(lines(&redact, &chunks), want);
    }

    #[test]
    fn what_is_no_text_is_shown_as_such() {
        assert_eq!(lines(&Redactor::default(), &[b"a\xff\xfe\xc3", b"\xa9\n"]), ["a\u{fffd}\u{fffd}é"]);
    }

    #[test]
    fn a_line_without_end_comes_in_pieces() {
        let redact = Redactor::default();
        let text = "é".repeat(3 * LONGEST);
        let chunks: Vec<&[u8]> = text.as_bytes().chunks(1000).collect();
        let found = lines(&redact, &chunks);
        assert!(found.len() >= 6 && found.iter().all(|line| line.len() <= LONGEST + 1000), "{}", found.len());
        assert_eq!(found.concat(), text);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn no_cut_lets_a_secret_through(
            secret in "[a-b]{6,40}",
            filler in "[a-c]{1,7}",
            before in 0usize..LONGEST * 2,
            size in 1usize..5000,
        ) {
            let redact = Redactor::new([secret.as_str().into()]);
            let mut text: String = filler.chars().cycle().take(before).collect();
            for _ in 0..4 {
                text.push_str(&secret);
                text.extend(filler.chars().cycle().take(LONGEST / 2));
            }
            let chunks: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
            // The pieces follow each other in a log: a reader could join them.
            prop_assert!(!lines(&redact, &chunks).concat().contains(&secret));
            prop_assert!(!lines(&redact, &[text.as_bytes(), b"\n"]).concat().contains(&secret));
        }
    }
}
