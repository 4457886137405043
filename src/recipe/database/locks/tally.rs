//! What many looks at the running statements come to.

use std::collections::HashMap;
use std::time::Duration;

use crate::aurora::text::clean;
use crate::recipe::outcome::LockOutcome;

/// What DDL begins with.
const DDL: [&str; 6] = ["ALTER", "CREATE", "DROP", "RENAME", "TRUNCATE", "OPTIMIZE"];
/// Letters of a statement that are told.
const WIDTH: usize = 160;

/// A statement that runs at the moment of a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    /// The connection that runs it.
    pub connection: String,
    /// On one line, shortened, without the texts in it.
    pub text: String,
    /// How long it has been running, by the server, in whole seconds.
    pub runs: Duration,
    /// Whether it waits for a lock.
    pub waits: bool,
}

impl Statement {
    /// Reads number, user, time, state and text of a process.
    pub(super) fn read(row: &[String], waits_for_row: bool) -> Self {
        let words = clean(&without_literals(&row[4])).split_whitespace().collect::<Vec<_>>().join(" ");
        let text = match words.char_indices().nth(WIDTH) {
            Some((end, _)) => format!("{}…", &words[..end]),
            None => words,
        };
        Self {
            connection: row[0].clone(),
            text,
            runs: Duration::from_secs(row[2].parse().unwrap_or_default()),
            waits: waits_for_row || waits(&row[3]),
        }
    }

    fn is_ddl(&self) -> bool {
        let first = self.text.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        DDL.contains(&first.as_str())
    }
}

/// A statement with `…` for every text in it, closed or not: that is data of the source. Names and numbers stay.
fn without_literals(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        kept.push(sign);
        if sign == '`' {
            // A name may have quotes in it.
            for sign in signs.by_ref() {
                kept.push(sign);
                if sign == '`' {
                    break;
                }
            }
        }
        if sign != '\'' && sign != '"' {
            continue;
        }
        kept.push('…');
        while let Some(inner) = signs.next() {
            if inner == '\\' {
                signs.next();
            } else if inner == sign && signs.next_if_eq(&sign).is_none() {
                kept.push(sign);
                break;
            }
        }
    }
    kept
}

/// Whether a state is one of those that wait for a lock of the server, such as `Waiting for table metadata lock` (MySQL
/// reference, General Thread States). Waits for rows have no state of their own.
fn waits(state: &str) -> bool {
    state.starts_with("Waiting for ") && state.ends_with(" lock") || state == "Waiting for table flush"
}

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    samples: u32,
    /// Since when each statement runs, and since when it waits, as far as it was seen.
    running: HashMap<(String, String), (Duration, Option<Duration>)>,
    longest: Duration,
    statement: Option<String>,
    /// In the order in which they were first seen.
    ddl: Vec<(String, Duration)>,
}

impl Tally {
    /// Adds a look, so long after the first.
    pub(super) fn add(&mut self, at: Duration, statements: Vec<Statement>) {
        self.samples += 1;
        let mut running = HashMap::new();
        for statement in statements {
            let key = (statement.connection.clone(), statement.text.clone());
            let (began, waited) = self.running.get(&key).copied().unwrap_or((at, None));
            let waits = statement.waits.then(|| waited.unwrap_or(at));
            let waited = waits.map(|since| at.saturating_sub(since));
            if let Some(waited) = waited.filter(|waited| self.statement.is_none() || *waited > self.longest) {
                self.longest = waited;
                self.statement = Some(statement.text.clone());
            }
            if statement.is_ddl() {
                self.note_ddl(&statement.text, at.saturating_sub(began).max(statement.runs));
            }
            running.insert(key, (began, waits));
        }
        self.running = running;
    }

    fn note_ddl(&mut self, text: &str, took: Duration) {
        match self.ddl.iter_mut().find(|(known, _)| known == text) {
            Some((_, longest)) => *longest = took.max(*longest),
            None => self.ddl.push((text.to_owned(), took)),
        }
    }

    pub(super) fn outcome(self, notes: Vec<String>) -> LockOutcome {
        LockOutcome {
            longest_seconds: self.longest.as_secs_f64(),
            statement: self.statement,
            ddl: self.ddl.into_iter().map(|(text, took)| (text, took.as_secs_f64())).collect(),
            samples: self.samples,
            notes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(connection: &str, seconds: &str, state: &str, text: &str) -> Statement {
        let row = [connection, "app", seconds, state, text].map(str::to_owned);
        Statement::read(&row, false)
    }

    const METADATA: &str = "Waiting for table metadata lock";

    fn tally(looks: &[(u64, &[Statement])]) -> LockOutcome {
        let mut tally = Tally::default();
        for (at, statements) in looks {
            tally.add(Duration::from_millis(*at), statements.to_vec());
        }
        tally.outcome(Vec::new())
    }

    #[rstest::rstest]
    #[case(METADATA, true)]
    #[case("Waiting for global read lock", true)]
    #[case("Waiting for table flush", true)]
    #[case("altering table", false)]
    #[case("Waiting for handler commit", false)]
    #[case("", false)]
    fn states_that_wait_for_locks(#[case] state: &str, #[case] want: bool) {
        assert_eq!(waits(state), want);
    }

    #[rstest::rstest]
    #[case("UPDATE a SET b = 'it''s', c = \"x\\\"y\" WHERE d = 7", "UPDATE a SET b = '…', c = \"…\" WHERE d = 7")]
    #[case("ALTER TABLE `o'brien` ADD c TEXT", "ALTER TABLE `o'brien` ADD c TEXT")]
    #[case("SELECT 'cut off\\", "SELECT '…")]
    #[case("SELECT ''", "SELECT '…'")]
    fn texts_of_statements_are_not_told(#[case] text: &str, #[case] want: &str) {
        assert_eq!(seen("1", "0", "", text).text, want);
    }

    #[test]
    fn the_longest_wait_is_that_of_one_statement_without_a_break() {
        let waiting = || seen("7", "3", METADATA, "ALTER TABLE a\n ADD b INT");
        let working = || seen("7", "3", "altering table", "ALTER TABLE a ADD b INT");
        let other = || seen("8", "1", METADATA, "SELECT * FROM a");
        let outcome = tally(&[
            (0, &[waiting()]),
            (500, &[waiting(), other()]),
            (1_000, &[working(), other()]),
            (1_500, &[waiting(), other()]),
            (2_000, &[other()]),
            (2_500, &[]),
        ]);
        assert_eq!((outcome.longest_seconds, outcome.samples), (1.5, 6));
        assert_eq!(outcome.statement.as_deref(), Some("SELECT * FROM a"));
        assert_eq!(outcome.ddl, [("ALTER TABLE a ADD b INT".to_owned(), 3.0)]);
    }

    #[test]
    fn a_wait_that_was_seen_once_is_told_although_nobody_knows_how_long_it_was() {
        let outcome = tally(&[(0, &[seen("7", "0", METADATA, "UPDATE a SET b = 1")])]);
        assert!(outcome.longest_seconds < 0.1, "{outcome:?}");
        assert_eq!(outcome.statement.as_deref(), Some("UPDATE a SET b = 1"));
        assert!(outcome.ddl.is_empty());
    }

    #[test]
    fn the_same_words_on_another_connection_are_another_statement() {
        let of = |connection: &str| seen(connection, "0", METADATA, "DELETE FROM a");
        let outcome = tally(&[(0, &[of("1")]), (500, &[of("2")]), (1_000, &[of("3")])]);
        assert!(outcome.longest_seconds < 0.1, "{outcome:?}");
    }
}
