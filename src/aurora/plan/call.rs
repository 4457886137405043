//! A call as a line of the aws command line: DBAs trust what they can replay.

/// A command line in the making.
pub(super) struct Line(String);

impl Line {
    pub(super) fn new(operation: &str) -> Self {
        Self(format!("aws rds {operation}"))
    }

    pub(super) fn flag(mut self, name: &str) -> Self {
        self.0.push_str(" --");
        self.0.push_str(name);
        self
    }

    pub(super) fn arg(mut self, name: &str, value: &str) -> Self {
        self = self.flag(name);
        self.0.push(' ');
        self.0.push_str(&quote(value));
        self
    }

    pub(super) fn maybe(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.arg(name, value),
            None => self,
        }
    }

    pub(super) fn list<'a>(mut self, name: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return self;
        }
        self = self.flag(name);
        for value in values {
            self.0.push(' ');
            self.0.push_str(&quote(value));
        }
        self
    }

    pub(super) fn done(self) -> String {
        self.0
    }
}

/// `word` as a POSIX shell reads it back.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("orders", "orders")]
    #[case("", "''")]
    #[case("a b", "'a b'")]
    #[case("it's", r"'it'\''s'")]
    #[case("$(reboot)", "'$(reboot)'")]
    fn words_are_safe_in_a_shell(#[case] word: &str, #[case] want: &str) {
        assert_eq!(quote(word), want);
    }
}
