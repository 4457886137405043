//! A file taken apart into statements, as the mysql client does it.

use super::ScriptError;
use std::path::Path;

/// A statement of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Statement<'a> {
    /// The line on which it begins, from 1 on.
    pub line: u32,
    /// From its first word to before the delimiter; comments in between stay.
    pub text: &'a str,
}

/// Why a text cannot be taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flaw {
    pub line: u32,
    pub what: FlawKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FlawKind {
    /// A quote or a comment is never closed.
    Unclosed(&'static str),
    /// A command of the mysql client that is none of the server's.
    Client(&'static str),
}

impl Flaw {
    pub(super) fn of(self, file: &Path) -> ScriptError {
        let (file, line) = (file.to_owned(), self.line);
        match self.what {
            FlawKind::Unclosed(what) => ScriptError::Unclosed { file, line, what },
            FlawKind::Client(what) => ScriptError::Client { file, line, what },
        }
    }
}

/// The statements of `text`, in order.
pub(super) fn split(text: &str) -> Result<Vec<Statement<'_>>, Flaw> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut scan = Scan { text, at: 0, line: 1, delimiter: ";" };
    let mut found = Vec::new();
    while scan.find_statement()? {
        if scan.takes_word("DELIMITER") {
            scan.new_delimiter()?;
        } else {
            found.extend(scan.statement()?);
        }
    }
    Ok(found)
}

/// What ends a statement.
enum End {
    /// The delimiter, so long.
    Delimiter(usize),
    /// The end of the line, for `USE`, which needs no delimiter.
    Line,
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    delimiter: &'a str,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn starts(&self, with: &str) -> bool {
        self.rest().starts_with(with.as_bytes())
    }

    fn skip(&mut self, count: usize) {
        let count = count.min(self.rest().len());
        self.line += self.rest()[..count].iter().map(|byte| u32::from(*byte == b'\n')).sum::<u32>();
        self.at += count;
    }

    /// Goes to where the next statement begins; false at the end.
    fn find_statement(&mut self) -> Result<bool, Flaw> {
        loop {
            match self.rest().first() {
                None => return Ok(false),
                Some(byte) if byte.is_ascii_whitespace() => self.skip(1),
                Some(_) if self.starts(self.delimiter) => self.skip(self.delimiter.len()),
                Some(_) if self.comment()? => {}
                Some(_) => return Ok(true),
            }
        }
    }

    /// Goes past a comment that the server would not look into; false if there is none.
    fn comment(&mut self) -> Result<bool, Flaw> {
        let rest = self.rest();
        let dashes = rest.starts_with(b"--") && rest.get(2).is_none_or(|byte| *byte <= b' ');
        if dashes || rest.starts_with(b"#") {
            self.skip(rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()));
            return Ok(true);
        }
        if !rest.starts_with(b"/*") || self.is_executed() {
            return Ok(false);
        }
        let Some(end) = self.text[self.at + 2..].find("*/") else {
            return Err(Flaw { line: self.line, what: FlawKind::Unclosed("a comment") });
        };
        self.skip(end + 4);
        Ok(true)
    }

    /// Whether a comment begins here that the server reads: `/*!50003 … */`, `/*M! … */`, or hints `/*+ … */`.
    fn is_executed(&self) -> bool {
        ["/*!", "/*M!", "/*+"].iter().any(|start| self.starts(start))
    }

    /// Whether this word stands here, for itself; goes past it then.
    fn takes_word(&mut self, word: &str) -> bool {
        let stands = self.stands(word);
        if stands {
            self.skip(word.len());
        }
        stands
    }

    fn stands(&self, word: &str) -> bool {
        let (rest, length) = (self.rest(), word.len());
        rest.len() >= length
            && rest[..length].eq_ignore_ascii_case(word.as_bytes())
            && rest.get(length).is_none_or(u8::is_ascii_whitespace)
    }

    fn new_delimiter(&mut self) -> Result<(), Flaw> {
        let rest = &self.text[self.at..];
        let line = rest.split('\n').next().unwrap_or_default();
        match line.split_ascii_whitespace().next() {
            Some(delimiter) => self.delimiter = delimiter,
            None => return Err(Flaw { line: self.line, what: FlawKind::Client("DELIMITER without a delimiter") }),
        }
        self.skip(line.len());
        Ok(())
    }

    /// The statement that begins here; none if the client has nothing to send.
    fn statement(&mut self) -> Result<Option<Statement<'a>>, Flaw> {
        let (from, line) = (self.at, self.line);
        let client = if self.stands("SOURCE") || self.starts("\\.") {
            Some("SOURCE: name the files one after the other in `files`")
        } else {
            None
        };
        if let Some(what) = client {
            return Err(Flaw { line, what: FlawKind::Client(what) });
        }
        let is_use = self.stands("USE");
        // Where a comment that the server reads was opened: no delimiter counts in it.
        let mut executed: Option<u32> = None;
        let mut to = None;
        while let Some(&byte) = self.rest().first() {
            if executed.is_none()
                && let Some(end) = self.end(is_use)
            {
                to = Some(self.at);
                self.skip(match end {
                    End::Delimiter(length) => length,
                    End::Line => 1,
                });
                break;
            }
            if matches!(byte, b'\'' | b'"' | b'`') {
                self.quoted(byte)?;
            } else if self.is_executed() {
                executed = executed.or(Some(self.line));
                self.skip(3);
            } else if executed.is_some() && self.starts("*/") {
                executed = None;
                self.skip(2);
            } else if !self.comment()? {
                self.skip(1);
            }
        }
        if let Some(line) = executed {
            return Err(Flaw { line, what: FlawKind::Unclosed("a comment") });
        }
        let text = self.text[from..to.unwrap_or(self.at)].trim();
        Ok((!text.is_empty()).then_some(Statement { line, text }))
    }

    fn end(&self, is_use: bool) -> Option<End> {
        if self.starts(self.delimiter) {
            Some(End::Delimiter(self.delimiter.len()))
        } else if self.starts("\\g") || self.starts("\\G") {
            Some(End::Delimiter(2))
        } else if is_use && self.starts("\n") {
            Some(End::Line)
        } else {
            None
        }
    }

    /// Goes past a quoted text. A doubled quote is one text that ends and another that begins.
    fn quoted(&mut self, quote: u8) -> Result<(), Flaw> {
        let what = match quote {
            b'\'' => "a text in '",
            b'"' => "a text in \"",
            _ => "a name in `",
        };
        let flaw = Flaw { line: self.line, what: FlawKind::Unclosed(what) };
        self.skip(1);
        loop {
            match self.rest().first() {
                None => return Err(flaw),
                Some(b'\\') if quote != b'`' => self.skip(2),
                Some(byte) => {
                    let over = *byte == quote;
                    self.skip(1);
                    if over {
                        return Ok(());
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(text: &str) -> Vec<&str> {
        split(text).unwrap().into_iter().map(|statement| statement.text).collect()
    }

    #[rstest::rstest]
    #[case::nothing("", &[])]
    #[case::blanks_and_delimiters(" ;;\n ; ", &[])]
    #[case::the_last_needs_no_delimiter("SELECT 1; SELECT 2", &["SELECT 1", "SELECT 2"])]
    #[case::quotes("SELECT 'a;b', \"c;d\", `e;f`; SELECT 2", &["SELECT 'a;b', \"c;d\", `e;f`", "SELECT 2"])]
    #[case::doubled_quotes("SELECT 'it''s;', `a``;b`; X", &["SELECT 'it''s;', `a``;b`", "X"])]
    #[case::escapes(r#"SELECT 'it\'s;', "\\"; X"#, &[r#"SELECT 'it\'s;', "\\""#, "X"])]
    #[case::a_name_has_no_escapes(r"SELECT `a\`; X", &[r"SELECT `a\`", "X"])]
    #[case::comments_to_the_end_of_the_line("-- a;b\n# c;'d\nSELECT 1 -- e;'\n, 2; --\nX", &["SELECT 1 -- e;'\n, 2", "X"])]
    #[case::two_dashes_alone_are_no_comment("SELECT 1--1; X", &["SELECT 1--1", "X"])]
    #[case::block_comments("/* a;'b */ SELECT /* c; */ 1; /* d */", &["SELECT /* c; */ 1"])]
    #[case::executed_comments("/*!40101 SET NAMES utf8 */; X", &["/*!40101 SET NAMES utf8 */", "X"])]
    #[case::delimiters_in_executed_comments("/*!50003 CREATE TRIGGER t BEGIN a; b; END */; X", &["/*!50003 CREATE TRIGGER t BEGIN a; b; END */", "X"])]
    #[case::quotes_in_executed_comments("/*! SELECT '*/;' */; X", &["/*! SELECT '*/;' */", "X"])]
    #[case::comments_in_executed_comments("/*! SELECT /* '; */ 1 */; X", &["/*! SELECT /* '; */ 1 */", "X"])]
    #[case::hints("SELECT /*+ MAX_EXECUTION_TIME(1) */ 1; X", &["SELECT /*+ MAX_EXECUTION_TIME(1) */ 1", "X"])]
    #[case::delimiter("DELIMITER //\nCREATE PROCEDURE p() BEGIN a; b; END//\ndelimiter ;\nX;", &["CREATE PROCEDURE p() BEGIN a; b; END", "X"])]
    #[case::of_mysqldump("DELIMITER ;;\n/*!50003 CREATE PROCEDURE p() BEGIN a; END */;;\nDELIMITER ;\nX;", &["/*!50003 CREATE PROCEDURE p() BEGIN a; END */", "X"])]
    #[case::delimiter_is_a_word_elsewhere("SELECT delimiter FROM t; X", &["SELECT delimiter FROM t", "X"])]
    #[case::use_needs_no_delimiter("USE shop\nSELECT 1; use shop; X", &["USE shop", "SELECT 1", "use shop", "X"])]
    #[case::a_name_that_begins_like_one("SOURCES; USES\n; X", &["SOURCES", "USES", "X"])]
    #[case::answers_on_end("SELECT 1\\G\nSELECT 2\\g X", &["SELECT 1", "SELECT 2", "X"])]
    #[case::marked_and_from_windows("\u{feff}SELECT 1;\r\n-- a\r\nDELIMITER $$\r\nX$$\r\n", &["SELECT 1", "X"])]
    fn statements_come_apart(#[case] text: &str, #[case] want: &[&str]) {
        assert_eq!(texts(text), want);
    }

    #[test]
    fn lines_are_those_of_the_first_word() {
        let text = "-- a\n\nSELECT\n 'b\nc'; SELECT 2;\n/* d\n */ X;\nDELIMITER //\nY//";
        let lines: Vec<u32> = split(text).unwrap().iter().map(|statement| statement.line).collect();
        assert_eq!(lines, [3, 5, 7, 9]);
    }

    #[rstest::rstest]
    #[case("X;\nSELECT 'a;\n", 2, FlawKind::Unclosed("a text in '"))]
    #[case("SELECT \"a\\\"", 1, FlawKind::Unclosed("a text in \""))]
    #[case("\n\nSELECT `a;", 3, FlawKind::Unclosed("a name in `"))]
    #[case("X;\n/* a; ", 2, FlawKind::Unclosed("a comment"))]
    #[case("X; /*! a; ", 1, FlawKind::Unclosed("a comment"))]
    #[case("DELIMITER\nX", 1, FlawKind::Client("DELIMITER without a delimiter"))]
    fn what_is_open_or_strange_is_named(#[case] text: &str, #[case] line: u32, #[case] what: FlawKind) {
        assert_eq!(split(text), Err(Flaw { line, what }));
    }

    #[rstest::rstest]
    #[case("X;\nsource other.sql\n")]
    #[case("X;\n\\. other.sql\n")]
    fn other_files_are_not_read(#[case] text: &str) {
        assert!(matches!(split(text), Err(Flaw { line: 2, what: FlawKind::Client(_) })));
    }

    /// Pieces of statements that hold whatever would end one.
    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-zA-Z0-9_=(),.<>]{1,8}",
            "[a-zé;#\\- /*`\"\n]{0,8}".prop_map(|text| format!("'{text}'")),
            "[a-zé;#\\- /*`'\n]{0,8}".prop_map(|text| format!("\"{text}\"")),
            "[a-zé;#\\- \"'\n]{0,8}".prop_map(|text| format!("`{text}`")),
            "[a-zé; #'\"`-]{0,8}".prop_map(|text| format!("/* {text} */")),
            "[a-zé; '\"`/*]{0,8}".prop_map(|text| format!("-- {text}\n")),
            "[a-z0-9; ]{0,8}".prop_map(|text| format!("/*!50000 {text} */")),
            Just("'it''s; \\' so'".to_owned()),
        ]
    }

    fn statement() -> impl Strategy<Value = String> {
        ("X[a-z]{1,4}", prop::collection::vec(piece(), 0..6), "[a-z0-9]{1,3}")
            .prop_map(|(first, pieces, last)| format!("{first} {} {last}", pieces.join(" ")))
    }

    proptest! {
        #[test]
        fn what_was_joined_comes_apart_again(
            statements in prop::collection::vec(statement(), 0..6),
            between in prop_oneof![Just(";"), Just(";\n"), Just(" ;\r\n\t"), Just("; -- a;\n"), Just(";/* ; */")],
        ) {
            let text = statements.join(between);
            let found = split(&text).unwrap();
            prop_assert_eq!(found.iter().map(|found| found.text).collect::<Vec<_>>(), statements);
            for statement in found {
                let line = text.lines().nth(statement.line as usize - 1).unwrap();
                let first = statement.text.split(['\n', '\r']).next().unwrap();
                prop_assert!(line.contains(first), "{} is not on line {}", first, statement.line);
            }
        }

        #[test]
        fn nothing_makes_it_fall_over(text in "\\PC{0,60}|[;'\"`/*!#\\-\\\\\nDELIMITERg \u{feff}]{0,60}") {
            if let Ok(found) = split(&text) {
                for statement in found {
                    prop_assert!(!statement.text.is_empty());
                }
            }
        }
    }
}
