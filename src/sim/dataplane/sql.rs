//! What the simulator says to a server: as root, over the socket in the private folder.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, MySqlConnection, Row};
use tokio::time::timeout;

/// How long an answer may take: somebody's lock must not hold the account.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a master user may do: everything but what Aurora's may not, or what reaches beyond the database
/// (User Guide, master user account privileges). It may grant what it has.
const PRIVILEGES: &str = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, \
    SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, \
    ALTER ROUTINE, CREATE USER, EVENT, TRIGGER, DELETE HISTORY";

/// The figures of a server that the simulator follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// How much was ever written to the redo log; it stands still while nothing is written.
    pub lsn: u64,
    /// Rows inserted, changed and deleted since the server started.
    pub rows: u64,
    /// Clients connected, this program aside.
    pub connections: u64,
}

/// The master user of a cluster.
#[derive(Clone)]
pub struct Master {
    /// Its name.
    pub user: String,
    /// Its password.
    pub password: String,
}

impl fmt::Debug for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Master").field("user", &self.user).finish_non_exhaustive()
    }
}

/// A connection to one server.
#[derive(Debug)]
pub struct Sql {
    connection: MySqlConnection,
}

impl Sql {
    /// Connects, or says at once that nobody listens.
    pub async fn connect(socket: &Path) -> Result<Self, sqlx::Error> {
        let options = MySqlConnectOptions::new().socket(socket).username("root").ssl_mode(MySqlSslMode::Disabled);
        // Statements carry passwords.
        let connecting = options.disable_statement_logging();
        let connection = within(connecting.connect()).await?;
        Ok(Self { connection })
    }

    /// The figures.
    pub async fn figures(&mut self) -> Result<Figures, sqlx::Error> {
        let wanted = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_lsn_current', 'Handler_write', \
                      'Handler_update', 'Handler_delete', 'Threads_connected')";
        let rows = within(self.connection.fetch_all(wanted)).await?;
        let mut figures = Figures { lsn: 0, rows: 0, connections: 0 };
        for row in rows {
            let (name, value): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let value = value.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            match name.as_str() {
                "Innodb_lsn_current" => figures.lsn = value,
                "Threads_connected" => figures.connections = value.saturating_sub(1),
                _ => figures.rows += value,
            }
        }
        Ok(figures)
    }

    /// Makes the master user, or gives it this password.
    pub async fn set_master(&mut self, master: &Master) -> Result<(), sqlx::Error> {
        let (user, password) = (self.quoted(&master.user).await?, self.quoted(&master.password).await?);
        self.run(format!("CREATE USER IF NOT EXISTS {user}@'%'")).await?;
        self.run(format!("ALTER USER {user}@'%' IDENTIFIED BY {password}")).await?;
        self.run(format!("GRANT {PRIVILEGES} ON *.* TO {user}@'%' WITH GRANT OPTION")).await
    }

    /// Makes a database.
    pub async fn create_database(&mut self, name: &str) -> Result<(), sqlx::Error> {
        self.run(format!("CREATE DATABASE IF NOT EXISTS `{}`", name.replace('`', "``"))).await
    }

    /// Runs a statement, or several.
    pub async fn run(&mut self, statement: String) -> Result<(), sqlx::Error> {
        within(self.connection.execute(AssertSqlSafe(statement))).await.map(|_| ())
    }

    /// A text as a literal, quoted by the server.
    async fn quoted(&mut self, text: &str) -> Result<String, sqlx::Error> {
        let row = within(sqlx::query("SELECT QUOTE(?)").bind(text).fetch_one(&mut self.connection)).await?;
        row.try_get(0)
    }

    /// Says goodbye, so that the server logs no broken connection.
    pub async fn close(self) {
        // A server that is gone needs no goodbye.
        let _ = within(self.connection.close()).await;
    }
}

async fn within<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    timeout(PATIENCE, work).await.unwrap_or_else(|_| {
        Err(sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database does not answer")))
    })
}
