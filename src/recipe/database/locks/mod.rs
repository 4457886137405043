//! Locks and DDL, watched while a step runs.

mod tally;

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::{AssertSqlSafe, MySqlConnection};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{Database, DatabaseError, text_of};
use crate::recipe::outcome::LockOutcome;
use tally::{Statement, Tally};

/// How often it is looked.
const LOOK: Duration = Duration::from_millis(500);

/// What runs and is no client's: the server itself, and the administrator of RDS.
const OTHERS: [&str; 4] = ["system user", "event_scheduler", "rdsadmin", "rdsrepladmin"];

const PROCESSES: &str = "SELECT ID, USER, TIME, STATE, INFO FROM information_schema.PROCESSLIST \
                         WHERE COMMAND IN ('Query', 'Execute') AND INFO IS NOT NULL AND ID <> CONNECTION_ID()";
const ROW_WAITS: &str = "SELECT trx_mysql_thread_id FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'";

/// Somebody who watches locks and DDL until told to stop.
#[derive(Debug)]
pub struct LockWatch {
    stop: CancellationToken,
    watching: JoinHandle<LockOutcome>,
}

impl LockWatch {
    /// Ends it; gives back what was seen. Statements in it are as the server shows them, but for the texts in them.
    pub async fn finish(self) -> LockOutcome {
        self.stop.cancel();
        self.watching.await.unwrap_or_else(|error| {
            let notes = vec![format!("the watch over locks ended early: {error}")];
            LockOutcome { longest_seconds: 0.0, statement: None, ddl: Vec::new(), samples: 0, notes }
        })
    }
}

impl Database {
    /// Begins to watch locks and DDL, until `stop` is cancelled or [`LockWatch::finish`] is called. What cannot be looked at
    /// is told in the outcome.
    pub fn watch_locks(&self, stop: CancellationToken) -> LockWatch {
        let (database, stop) = (self.clone(), stop.child_token());
        let watching = tokio::spawn(watch(database, stop.clone()));
        LockWatch { stop, watching }
    }
}

async fn watch(database: Database, stop: CancellationToken) -> LockOutcome {
    let (mut tally, mut notes) = (Tally::default(), BTreeSet::new());
    let mut connection = None;
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let began = Instant::now();
    loop {
        let looked = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            looked = async {
                ticks.tick().await;
                look(&database, &mut connection, &mut notes).await
            } => looked,
        };
        match looked {
            Ok(statements) => tally.add(began.elapsed(), statements),
            Err(error) => {
                // A database that is rewound, or restarts, is looked at again as soon as it answers.
                connection = None;
                notes.insert(format!("it could not be looked at all the time: {error}"));
            }
        }
    }
    tally.outcome(notes.into_iter().collect())
}

/// One look at everything that runs.
async fn look(
    database: &Database,
    kept: &mut Option<MySqlConnection>,
    notes: &mut BTreeSet<String>,
) -> Result<Vec<Statement>, DatabaseError> {
    let connection = match kept {
        Some(connection) => connection,
        None => kept.insert(database.login.connect().await?),
    };
    let processes = ask(database, connection, PROCESSES, 5).await?;
    let waits = match ask(database, connection, ROW_WAITS, 1).await {
        Ok(rows) => rows.into_iter().flatten().collect(),
        Err(error @ DatabaseError::Server { .. }) => {
            notes.insert(format!(
                "waits for rows were not seen, and statements of this user only: it takes the privilege PROCESS ({error})"
            ));
            BTreeSet::new()
        }
        Err(error) => return Err(error),
    };
    let clients = processes.iter().filter(|row| !OTHERS.contains(&row[1].as_str()));
    Ok(clients.map(|row| Statement::read(row, waits.contains(&row[0]))).collect())
}

async fn ask(
    database: &Database,
    connection: &mut MySqlConnection,
    question: &'static str,
    columns: usize,
) -> Result<Vec<Vec<String>>, DatabaseError> {
    let rows = sqlx::raw_sql(AssertSqlSafe(question)).fetch_all(connection).await;
    let rows = rows.map_err(|error| database.error(&error))?;
    Ok(rows.iter().map(|row| (0..columns).map(|at| text_of(row, at)).collect()).collect())
}
