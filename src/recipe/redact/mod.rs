//! Keeps secrets out of what is shown and written.

mod forms;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use aho_corasick::AhoCorasick;
use secrecy::{ExposeSecret, SecretString};

use crate::aurora::text;

/// What stands for a secret.
const HIDDEN: &str = "***";

/// The shortest secret that is looked for, in characters. Anything shorter is part of common words and numbers: hiding it
/// would garble the output and, by where the gaps are, tell the secret.
pub const SHORTEST: usize = 6;

/// Knows the secrets of a run. Copies of it share them, so that one which is added later is hidden everywhere.
#[derive(Clone, Default)]
pub struct Redactor(Arc<RwLock<Patterns>>);

#[derive(Default)]
struct Patterns {
    /// Every form of every secret.
    forms: Vec<String>,
    /// The longest form, in bytes.
    longest: usize,
    finder: Finder,
}

#[derive(Default)]
enum Finder {
    /// There is nothing to look for.
    #[default]
    Nothing,
    Forms(AhoCorasick),
    /// There is more to look for than can be looked for: everything is hidden.
    Everything,
}

impl Redactor {
    /// Hides `secrets`.
    pub fn new(secrets: impl IntoIterator<Item = SecretString>) -> Self {
        let redactor = Self::default();
        for secret in secrets {
            redactor.add(&secret);
        }
        redactor
    }

    /// Hides `secret` from now on, also as it looks in an URL, in base64, in JSON and XML, and quoted. False if it is too
    /// short to be hidden, see [`SHORTEST`].
    pub fn add(&self, secret: &SecretString) -> bool {
        let forms = forms::of(secret.expose_secret());
        if forms.is_empty() {
            return false;
        }
        let mut patterns = self.0.write().unwrap_or_else(PoisonError::into_inner);
        patterns.forms.extend(forms);
        patterns.forms.sort_unstable();
        patterns.forms.dedup();
        patterns.longest = patterns.forms.iter().map(String::len).max().unwrap_or(0);
        patterns.finder = AhoCorasick::new(&patterns.forms).map_or(Finder::Everything, Finder::Forms);
        true
    }

    /// `text` without secrets and without what steers a terminal. Line breaks and tabs stay.
    pub fn clean(&self, text: &str) -> String {
        self.clean_bytes(text.as_bytes())
    }

    /// The same of bytes that may not be UTF-8.
    pub fn clean_bytes(&self, bytes: &[u8]) -> String {
        let patterns = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let hidden = patterns.hide(bytes);
        let mut shown = printable(&String::from_utf8_lossy(&hidden));
        // What is dropped may have stood between the halves of a secret.
        for _ in 0..4 {
            if patterns.spans(shown.as_bytes()).is_empty() {
                return shown;
            }
            shown = String::from_utf8_lossy(&patterns.hide(shown.as_bytes())).into_owned();
        }
        // It cannot hold a secret: it is shorter than the shortest.
        HIDDEN.to_owned()
    }

    /// The longest form of a secret, in bytes: text may be cut only where none of them is.
    pub(super) fn longest(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).longest
    }

    /// Where secrets are in `bytes`: what is next to each other or overlaps counts as one.
    pub(super) fn spans(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).spans(bytes)
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

impl Patterns {
    fn spans(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let finder = match &self.finder {
            Finder::Nothing => return Vec::new(),
            Finder::Everything => return std::iter::once(0..bytes.len()).filter(|all| !all.is_empty()).collect(),
            Finder::Forms(finder) => finder,
        };
        let mut found: Vec<Range<usize>> = finder.find_overlapping_iter(bytes).map(|found| found.range()).collect();
        found.sort_unstable_by_key(|range| range.start);
        let mut merged: Vec<Range<usize>> = Vec::new();
        for range in found {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }

    fn hide(&self, bytes: &[u8]) -> Vec<u8> {
        let mut hidden = Vec::with_capacity(bytes.len());
        let mut from = 0;
        for span in self.spans(bytes) {
            hidden.extend_from_slice(&bytes[from..span.start]);
            hidden.extend_from_slice(HIDDEN.as_bytes());
            from = span.end;
        }
        hidden.extend_from_slice(&bytes[from..]);
        hidden
    }
}

/// Text without escape sequences, and without control characters but line breaks and tabs.
fn printable(text: &str) -> String {
    let plain = anstream::adapter::strip_str(text).to_string();
    let line = |line: &str| line.split('\t').map(text::clean).collect::<Vec<_>>().join("\t");
    plain.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hiding(secrets: &[&str]) -> Redactor {
        Redactor::new(secrets.iter().map(|secret| SecretString::from(*secret)))
    }

    #[rstest::rstest]
    #[case::plain("login hunter-2&x/y failed", "login *** failed")]
    #[case::twice("hunter-2&x/yhunter-2&x/y!", "***!")]
    #[case::in_a_url("mysql://app:hunter-2%26x%2Fy@db:3306/shop", "mysql://app:***@db:3306/shop")]
    #[case::in_a_url_in_lower_case("hunter-2%26x%2fy", "***")]
    #[case::in_json(r#"{"password":"hunter-2&x\/y"}"#, r#"{"password":"***"}"#)]
    #[case::in_unicode_json(r#"{"password":"hunter-2\u0026x/y"}"#, r#"{"password":"***"}"#)]
    #[case::in_xml("<p>hunter-2&amp;x/y</p>", "<p>***</p>")]
    #[case::for_a_shell(r"hunter-2\&x/y", "***")]
    #[case::in_base64("aHVudGVyLTImeC95", "***")]
    #[case::in_hex("68756e7465722d3226782f79", "***")]
    #[case::between_colours("\u{1b}[31mhunter\u{1b}[0m-2&x/y\u{7}", "***")]
    #[case::split_by_a_control_character("hun\0ter-2&x/y", "***")]
    #[case::not_there("hunter-3\tis\nfine", "hunter-3\tis\nfine")]
    fn secrets_are_hidden_in_every_form(#[case] text: &str, #[case] want: &str) {
        assert_eq!(hiding(&["hunter-2&x/y"]).clean(text), want);
    }

    #[test]
    fn within_base64_only_what_a_character_shares_with_its_neighbours_is_left() {
        // `app:hunter-2&x/y`: `m` and `Q` hold a few bits of the first and of the last letter.
        assert_eq!(hiding(&["hunter-2&x/y"]).clean("Basic YXBwOmh1bnRlci0yJngveQ=="), "Basic YXBwOm***Q==");
    }

    #[rstest::rstest]
    #[case("it's \"me\" $x", r"'it'\''s \x22me\x22 $x'")]
    #[case("it's \"me\" $x", r#"it\'s \"me\" $x"#)]
    #[case("it's \"me\" $x", r#"it\'s\ \"me\"\ \$x"#)]
    #[case("it's \"me\" $x", r#""it's \"me\" \$x""#)]
    #[case("it's \"me\" $x", r#"'it''s "me" $x'"#)]
    fn quoted_secrets_are_hidden(#[case] secret: &str, #[case] text: &str) {
        let text = text.replace(r"\x22", "\"");
        let shown = hiding(&[secret]).clean(&text);
        assert!(shown.trim_matches(['\'', '"']) == HIDDEN, "{shown}");
    }

    #[test]
    fn every_line_of_a_secret_is_one() {
        let redactor = hiding(&["-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----"]);
        assert_eq!(redactor.clean("  MIIEvQIBADANBg"), "  ***");
    }

    #[test]
    fn a_short_secret_is_not_hidden_and_that_is_told() {
        let redactor = Redactor::default();
        assert!(!redactor.add(&"test".into()));
        assert_eq!(redactor.clean("12 tests passed"), "12 tests passed");
        assert!(redactor.add(&"longer".into()));
    }

    #[test]
    fn overlapping_secrets_leave_no_rest() {
        assert_eq!(hiding(&["abcdef", "defghi"]).clean("xabcdefghiy"), "x***y");
    }

    #[test]
    fn copies_share_what_is_added() {
        let redactor = Redactor::default();
        let copy = redactor.clone();
        redactor.add(&"hunter2".into());
        assert_eq!(copy.clean("hunter2"), HIDDEN);
        assert_eq!(format!("{redactor:?}"), "Redactor");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn nothing_that_is_cleaned_holds_a_secret(
            secrets in prop::collection::vec("[ -~é*%\\\\\"'&\u{200b}]{6,20}", 1..4),
            parts in prop::collection::vec(("[ -~\u{0}\u{1b}*%\\\\\"'&é]{0,12}", 0usize..6, 0usize..4), 0..6),
        ) {
            let redactor = hiding(&secrets.iter().map(String::as_str).collect::<Vec<_>>());
            let mut text = String::new();
            for (between, form, which) in &parts {
                text.push_str(between);
                let secret = &secrets[which % secrets.len()];
                match form {
                    0 => text.push_str(secret),
                    1 => text.extend(percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC)),
                    2 => text.push_str(&serde_json::to_string(secret).unwrap()),
                    3 => secret.chars().for_each(|c| text.extend(['\u{1}', c])),
                    4 => secret.chars().for_each(|c| text.extend(['\u{200b}', c])),
                    _ => secret.chars().for_each(|c| text.extend(['\u{1b}', '[', 'm', c])),
                }
            }
            let shown = redactor.clean(&text);
            for secret in &secrets {
                prop_assert!(!shown.contains(secret.as_str()), "{shown:?} holds {secret:?}");
                let seen = text::clean(secret);
                prop_assert!(seen.chars().count() < SHORTEST || !shown.contains(&seen), "{shown:?} holds {seen:?}");
            }
            prop_assert!(!shown.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        }

        #[test]
        fn base64_around_a_secret_shows_nothing_of_its_middle(before in "[a-z:]{0,9}", secret in "[a-zA-Z0-9]{9,30}", after in "[a-z]{0,9}") {
            use base64::Engine as _;
            use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
            let redactor = hiding(&[&secret]);
            for text in [STANDARD.encode(format!("{before}{secret}{after}")), URL_SAFE_NO_PAD.encode(format!("{before}{secret}{after}"))] {
                let shown = redactor.clean(&text);
                prop_assert!(shown.contains(HIDDEN), "{shown}");
                prop_assert!(shown.len() <= text.len() - secret.len() / 3 * 4 + 8, "{shown} of {text}");
            }
        }
    }
}
