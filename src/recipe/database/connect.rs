//! Ready means that SQL answers.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::ExposeSecret;
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions, MySqlRow, MySqlSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, MySqlConnection, Row};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::{Database, DatabaseError, Login};
use crate::recipe::model::Tls;

/// How long one try may take.
const TRY: Duration = Duration::from_secs(10);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(500);
/// A new password may take a moment until every node knows it; one that is wrong stays so.
const DENIED_FOR: Duration = Duration::from_secs(45);
/// Connections that are shared: one to work with, the others to look on.
const CONNECTIONS: u32 = 4;

impl Login {
    /// Host and port, as in messages.
    pub(super) fn at(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// How it is connected to. The session is as a plain client's: neither its modes nor its time zone are changed.
    pub(super) fn options(&self) -> MySqlConnectOptions {
        let options = MySqlConnectOptions::new()
            .host(&self.host)
            .port(self.port)
            .username(&self.user)
            .password(self.password.expose_secret())
            .pipes_as_concat(false)
            .no_engine_substitution(false)
            .timezone(None);
        let options = match &self.tls {
            Tls::Off => options.ssl_mode(MySqlSslMode::Disabled),
            Tls::System => options.ssl_mode(MySqlSslMode::VerifyIdentity),
            Tls::Ca(file) => options.ssl_mode(MySqlSslMode::VerifyIdentity).ssl_ca(file),
        };
        let options = match &self.database {
            Some(database) => options.database(database),
            None => options,
        };
        // Statements carry passwords and the data of others.
        options.disable_statement_logging()
    }

    /// A connection of its own, with `SELECT 1` answered.
    pub(super) async fn connect(&self) -> Result<MySqlConnection, DatabaseError> {
        let work = async {
            let mut connection = self.options().connect().await?;
            sqlx::raw_sql("SELECT 1").fetch_one(&mut connection).await?;
            Ok(connection)
        };
        match timeout(TRY, work).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(DatabaseError::from_driver(&error, &self.at())),
            Err(_) => Err(DatabaseError::Silent(self.at())),
        }
    }
}

impl Database {
    /// Waits until the database answers: its port, a login, `SELECT 1`. `say` is told what is waited for.
    ///
    /// # Errors
    /// If it does not until then, or will not, however long it is waited.
    pub async fn wait(login: Login, until: Instant, say: impl Fn(&str)) -> Result<Self, DatabaseError> {
        Self::tcp(&login.host, login.port, until, &say).await?;
        let mut denied_since = None;
        let mut said = None;
        loop {
            let error = match timeout_at(until, login.connect()).await {
                Ok(Ok(_)) => return Ok(Self::new(login)),
                Ok(Err(error)) => error,
                Err(_) => return Err(DatabaseError::TooLate(Box::new(DatabaseError::Silent(login.at())))),
            };
            let now = Instant::now();
            if matches!(error, DatabaseError::Denied { .. }) {
                if now.duration_since(*denied_since.get_or_insert(now)) > DENIED_FOR {
                    return Err(error);
                }
            } else {
                denied_since = None;
            }
            pause(error, until, &mut said, &say).await?;
        }
    }

    /// Waits until something listens at this port.
    ///
    /// # Errors
    /// If nothing does until then.
    pub async fn tcp(host: &str, port: u16, until: Instant, say: impl Fn(&str)) -> Result<(), DatabaseError> {
        let at = format!("{host}:{port}");
        let mut said = None;
        loop {
            let try_until = until.min(Instant::now() + TRY);
            let error = match timeout_at(try_until, TcpStream::connect((host, port))).await {
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(error)) => DatabaseError::from_io(&error, &at),
                Err(_) => DatabaseError::Silent(at.clone()),
            };
            pause(error, until, &mut said, &say).await?;
        }
    }

    pub(super) fn new(login: Login) -> Self {
        let options = MySqlPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(TRY);
        Self { pool: options.connect_lazy_with(login.options()), login }
    }

    /// What the server's clock says, to the microsecond.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn now(&self) -> Result<Timestamp, DatabaseError> {
        let row = sqlx::raw_sql("SELECT UTC_TIMESTAMP(6)").fetch_one(&self.pool).await;
        let text = row.and_then(|row| row.try_get_unchecked::<String, _>(0)).map_err(|error| self.error(&error))?;
        self.moment(&text)
    }

    /// A DATETIME of the server, which is UTC.
    pub(super) fn moment(&self, text: &str) -> Result<Timestamp, DatabaseError> {
        format!("{text}Z")
            .parse()
            .map_err(|error: jiff::Error| DatabaseError::Broken(self.login.at(), error.to_string()))
    }

    pub(super) fn error(&self, error: &sqlx::Error) -> DatabaseError {
        DatabaseError::from_driver(error, &self.login.at())
    }

    /// The answer to a question as texts; NULL is empty.
    pub(super) async fn texts(&self, question: &str) -> Result<Vec<Vec<String>>, DatabaseError> {
        let rows = sqlx::raw_sql(AssertSqlSafe(question)).fetch_all(&self.pool).await;
        let rows = rows.map_err(|error| self.error(&error))?;
        Ok(rows.iter().map(|row| (0..row.len()).map(|at| text_of(row, at)).collect()).collect())
    }

    /// Runs a statement that gives nothing back.
    pub(super) async fn run(&self, statement: String) -> Result<(), DatabaseError> {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&self.pool)
            .await
            .map(|_| ())
            .map_err(|error| self.error(&error))
    }
}

/// A value of an answer to a plain question, where everything comes as text; NULL is empty.
pub(super) fn text_of(row: &MySqlRow, at: usize) -> String {
    let bytes = row.try_get_unchecked::<Option<Vec<u8>>, _>(at).ok().flatten();
    String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
}

/// Waits for the next try, if there will be one; says why, once for each reason.
async fn pause(
    error: DatabaseError,
    until: Instant,
    said: &mut Option<DatabaseError>,
    say: &impl Fn(&str),
) -> Result<(), DatabaseError> {
    if !error.may_pass() {
        return Err(error);
    }
    if Instant::now() + PAUSE >= until {
        return Err(DatabaseError::TooLate(Box::new(error)));
    }
    if said.as_ref() != Some(&error) {
        say(&error.to_string());
        *said = Some(error);
    }
    sleep(PAUSE).await;
    Ok(())
}
