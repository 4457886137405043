//! The statements of a file, one after the other on one connection.

use std::path::Path;
use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::mysql::MySqlRow;
use sqlx::{AssertSqlSafe, Column, Either, MySqlConnection, Row};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::split::{Statement, split};
use super::{ScriptDone, ScriptError};
use crate::aurora::text::clean;
use crate::recipe::database::{Database, DatabaseError, text_of};

/// Rows of an answer that are told; the others are counted.
const ROWS: u64 = 50;
/// Letters of a value, and of a statement, that are told.
const WIDTH: usize = 160;
/// How long a killed statement may take to end: the server takes back what it had done so far.
const KILLED_FOR: Duration = Duration::from_secs(10);
/// The server looks at open transactions at most so often (MySQL reference, `INNODB_TRX`).
const OLD_TRANSACTIONS: Duration = Duration::from_millis(150);

/// What a statement may ask about the one before it. Nothing may come in between then.
const LOOKS_BACK: [&str; 6] = ["ROW_COUNT", "FOUND_ROWS", "DIAGNOSTICS", "WARNING", "ERROR_COUNT", "SHOW ERRORS"];

impl Database {
    /// Runs a file statement by statement on a connection of its own, which begins in the database of the login. `line` is
    /// told of each statement, of its result and its warnings, and of what questions answer. When `stop` is cancelled the
    /// running statement is killed.
    ///
    /// # Errors
    /// With the first statement that fails, or if it was stopped. A file that cannot be taken apart is not begun.
    pub async fn run_script(
        &self,
        text: &str,
        file: &Path,
        stop: CancellationToken,
        mut line: impl FnMut(String),
    ) -> Result<ScriptDone, ScriptError> {
        let statements = split(text).map_err(|flaw| flaw.of(file))?;
        let mut session =
            Session { database: self, connection: self.login.connect().await?, done: ScriptDone::default() };
        let id = session.id().await?;
        for (at, statement) in statements.iter().enumerate() {
            line(format!("{}:{}: {}", file.display(), statement.line, short(statement.text)));
            let began = Instant::now();
            let outcome = tokio::select! {
                biased;
                () = stop.cancelled() => None,
                outcome = session.run(statement, &mut line) => Some(outcome),
            };
            match outcome {
                Some(Ok(said)) => line(format!("    {said} ({:.3} s)", began.elapsed().as_secs_f64())),
                Some(Err(error)) => {
                    line(format!("    {error}"));
                    let (file, statement_line) = (file.to_owned(), statement.line);
                    return Err(ScriptError::Failed {
                        file,
                        line: statement_line,
                        statement: short(statement.text),
                        error,
                    });
                }
                None => {
                    line(session.kill(id).await);
                    let (file, statement_line) = (file.to_owned(), statement.line);
                    return Err(ScriptError::Stopped { file, line: statement_line, statement: short(statement.text) });
                }
            }
            session.done.statements += 1;
            if !statements.get(at + 1).is_some_and(looks_back) {
                session.warnings(&mut line).await;
            }
        }
        session.end(&mut line).await
    }
}

/// A connection and what was done on it.
struct Session<'a> {
    database: &'a Database,
    connection: MySqlConnection,
    done: ScriptDone,
}

impl Session<'_> {
    /// The number by which the server knows the connection.
    async fn id(&mut self) -> Result<u64, DatabaseError> {
        let text = self.ask("SELECT CAST(CONNECTION_ID() AS CHAR)").await?;
        let wrong = || DatabaseError::Broken(self.database.login.at(), "it has no number".into());
        text.first().and_then(|row| row.first()?.parse().ok()).ok_or_else(wrong)
    }

    async fn ask(&mut self, question: &'static str) -> Result<Vec<Vec<String>>, DatabaseError> {
        let rows = sqlx::raw_sql(question).fetch_all(&mut self.connection).await;
        let rows = rows.map_err(|error| self.database.error(&error))?;
        Ok(rows.iter().map(texts).collect())
    }

    /// Runs one statement; gives back what is to be said of it.
    async fn run(&mut self, statement: &Statement<'_>, line: &mut impl FnMut(String)) -> Result<String, DatabaseError> {
        let (mut affected, mut rows, mut answered) = (0, 0, false);
        let text = AssertSqlSafe(statement.text.to_owned());
        let mut answers = sqlx::raw_sql(text).fetch_many(&mut self.connection);
        while let Some(answer) = answers.try_next().await.map_err(|error| self.database.error(&error))? {
            match answer {
                Either::Left(done) => affected += done.rows_affected(),
                Either::Right(row) => {
                    if !answered {
                        let names = row.columns().iter().map(|column| clean(column.name()));
                        line(format!("    {}", names.collect::<Vec<_>>().join("\t")));
                    }
                    answered = true;
                    rows += 1;
                    if rows <= ROWS {
                        line(format!(
                            "    {}",
                            texts(&row).iter().map(|text| short(text)).collect::<Vec<_>>().join("\t")
                        ));
                    }
                }
            }
        }
        drop(answers);
        self.done.affected += affected;
        let shown = match rows {
            0 => String::new(),
            1..=ROWS => rows_in_words(rows),
            more => format!("{}, {} of them not shown", rows_in_words(rows), more - ROWS),
        };
        Ok(match affected {
            0 if rows > 0 => shown,
            _ if rows > 0 => format!("{shown}; {} changed", rows_in_words(affected)),
            _ => format!("{} changed", rows_in_words(affected)),
        })
    }

    /// Tells of the warnings of the last statement. That they cannot be read fails nothing.
    async fn warnings(&mut self, line: &mut impl FnMut(String)) {
        let rows = self.ask("SHOW WARNINGS").await.unwrap_or_default();
        if !rows.is_empty() {
            // MariaDB forgets them only with the next statement that opens a table.
            let _ = self.ask("SELECT 1 FROM information_schema.ENGINES LIMIT 0").await;
        }
        for row in rows {
            if row.first().is_some_and(|level| level != "Note") {
                self.done.warnings += 1;
            }
            line(format!("    {}", clean(&row.join(" "))));
        }
    }

    /// Kills the running statement, from another connection; gives back what is to be said.
    async fn kill(&mut self, id: u64) -> String {
        let killing = async {
            let mut other = self.database.login.connect().await?;
            let killed = sqlx::raw_sql(AssertSqlSafe(format!("KILL QUERY {id}"))).execute(&mut other).await;
            killed.map_err(|error| self.database.error(&error))
        };
        match timeout(KILLED_FOR, killing).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return format!("    stopped; the statement may still run: {error}"),
            Err(_) => return "    stopped; the statement may still run: it could not be killed in time".into(),
        }
        // What is left of its answer is read first, then the connection is free again.
        match timeout(KILLED_FOR, self.ask("SELECT 1")).await {
            Ok(_) => "    stopped; the statement was killed".into(),
            Err(_) => "    stopped; the statement was killed, and the server is still taking it back".into(),
        }
    }

    /// Looks for a transaction that was left open, and says goodbye.
    async fn end(mut self, line: &mut impl FnMut(String)) -> Result<ScriptDone, ScriptError> {
        if self.in_transaction().await {
            self.done.left_open = true;
            line("    the file left a transaction open; it is rolled back, as at the end of every connection".into());
            sqlx::raw_sql("ROLLBACK")
                .execute(&mut self.connection)
                .await
                .map_err(|error| self.database.error(&error))?;
        }
        // A server that is gone needs no goodbye.
        let _ = sqlx::Connection::close(self.connection).await;
        Ok(self.done)
    }

    /// Whether a transaction is open, as far as it can be told.
    async fn in_transaction(&mut self) -> bool {
        // MariaDB alone has the variable.
        if let Ok(rows) = self.ask("SELECT CAST(@@in_transaction AS CHAR)").await {
            return rows.first().is_some_and(|row| row[0] == "1");
        }
        tokio::time::sleep(OLD_TRANSACTIONS).await;
        let open = "SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = CONNECTION_ID()";
        self.ask(open).await.is_ok_and(|rows| !rows.is_empty())
    }
}

fn rows_in_words(rows: u64) -> String {
    if rows == 1 { "1 row".into() } else { format!("{rows} rows") }
}

fn looks_back(statement: &Statement<'_>) -> bool {
    let text = statement.text.to_ascii_uppercase();
    LOOKS_BACK.iter().any(|word| text.contains(word))
}

/// The values of a row as texts.
fn texts(row: &MySqlRow) -> Vec<String> {
    (0..row.len()).map(|at| text_of(row, at)).collect()
}

/// A text on one line, and not too long.
fn short(text: &str) -> String {
    let words = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("SELECT row_count()", true)]
    #[case("GET DIAGNOSTICS @a = ROW_COUNT", true)]
    #[case("SHOW WARNINGS", true)]
    #[case("INSERT INTO rows VALUES (1)", false)]
    fn nothing_comes_between_a_statement_and_a_look_back(#[case] text: &str, #[case] want: bool) {
        assert_eq!(looks_back(&Statement { line: 1, text }), want);
    }

    #[test]
    fn statements_are_told_on_one_line() {
        assert_eq!(short("SELECT\n\t1,\u{1b}[2J 2"), "SELECT 1,[2J 2");
        assert_eq!(short(&"é".repeat(200)), format!("{}…", "é".repeat(WIDTH)));
    }
}
