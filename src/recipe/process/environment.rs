//! The environment of commands.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;
use wildmatch::WildMatch;

use super::connection::Connection;
use crate::aurora::cluster::Engine;
use crate::recipe::model::Tls;

/// What RFC 3986 leaves unreserved: any reader of URLs takes the rest encoded.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Beginnings of variables that name a database or log in to one: those of this process may be production's, so that commands
/// get them from the run or not at all.
const DATABASE: [&str; 5] = ["DB_", "DATABASE_", "MYSQL_", "MARIADB_", "PG"];

/// A file that is always empty.
const NOWHERE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

/// What commands are told of the run.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Id of the run.
    pub run: &'a str,
    /// Identifier of the clone.
    pub clone: &'a str,
    /// Name of the recipe.
    pub recipe: &'a str,
    /// `prepare`, `release`, `test` or `always`.
    pub phase: &'a str,
    /// The round of a step that is repeated, from 1 on.
    pub attempt: u32,
    /// The mark that was set or rewound to last.
    pub mark: Option<&'a str>,
    /// Where commands can leave files for the reports.
    pub report_dir: &'a Path,
    /// How the clone is reached; absent if it cannot be, as in `always` steps of a run whose clone never came.
    pub connection: Option<&'a Connection>,
}

/// The variables that tell a command of the run and of its clone.
pub fn env(facts: &Facts<'_>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut set = |name: &str, value: String| all.insert(name.to_owned(), value);
    set("AUREWIND_RUN_ID", facts.run.to_owned());
    set("AUREWIND_CLONE", facts.clone.to_owned());
    set("AUREWIND_RECIPE", facts.recipe.to_owned());
    set("AUREWIND_PHASE", facts.phase.to_owned());
    set("AUREWIND_ATTEMPT", facts.attempt.to_string());
    set("AUREWIND_REPORT_DIR", facts.report_dir.display().to_string());
    if let Some(mark) = facts.mark {
        set("AUREWIND_MARK", mark.to_owned());
    }
    let Some(connection) = facts.connection else { return all };
    set("DB_HOST", connection.host.clone());
    set("DB_PORT", connection.port.to_string());
    set("DB_USER", connection.user.clone());
    set("DATABASE_URL", database_url(connection));
    if let Some(password) = &connection.password {
        set("DB_PASSWORD", password.expose_secret().to_owned());
    }
    if let Some(database) = &connection.database {
        set("DB_NAME", database.clone());
    }
    if let Some(reader) = &connection.reader_host {
        set("DB_READER_HOST", reader.clone());
    }
    if let Tls::Ca(path) = &connection.tls {
        set("DB_SSL_CA", path.display().to_string());
    }
    match connection.engine {
        Engine::AuroraMysql => {
            set("MYSQL_HOST", connection.host.clone());
            set("MYSQL_TCP_PORT", connection.port.to_string());
            set("AUREWIND_MYSQL_CNF", connection.option_file.display().to_string());
        }
        Engine::AuroraPostgresql => libpq(connection, set),
    }
    all
}

/// What `psql` and every other client by libpq reads (PostgreSQL, libpq, Environment Variables). Without a file of certificate
/// authorities the connection is encrypted and not verified: not every libpq can ask those of the system.
fn libpq(connection: &Connection, mut set: impl FnMut(&str, String) -> Option<String>) {
    set("PGHOST", connection.host.clone());
    set("PGPORT", connection.port.to_string());
    set("PGUSER", connection.user.clone());
    if let Some(password) = &connection.password {
        set("PGPASSWORD", password.expose_secret().to_owned());
    }
    if let Some(database) = &connection.database {
        set("PGDATABASE", database.clone());
    }
    let mode = match &connection.tls {
        Tls::Off => "disable",
        Tls::System => "require",
        Tls::Ca(path) => {
            set("PGSSLROOTCERT", path.display().to_string());
            "verify-full"
        }
    };
    set("PGSSLMODE", mode.to_owned());
}

/// `mysql://user:password@host:port/database`, or `postgresql://…`. How TLS is asked for there differs between drivers: it is left to them.
fn database_url(connection: &Connection) -> String {
    let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
    let password =
        connection.password.as_ref().map(|it| format!(":{}", encode(it.expose_secret()))).unwrap_or_default();
    // An IPv6 address has colons of its own.
    let host = if connection.host.contains(':') { format!("[{}]", connection.host) } else { connection.host.clone() };
    let database = connection.database.as_deref().map(encode).unwrap_or_default();
    let scheme = match connection.engine {
        Engine::AuroraMysql => "mysql",
        Engine::AuroraPostgresql => "postgresql",
    };
    format!("{scheme}://{}{password}@{host}:{}/{database}", encode(&connection.user), connection.port)
}

/// What a command inherits of `ours`, the variables of this process: not those that `clear` names, not this program's, none
/// that name a database, and, unless `pass_aws`, nothing that AWS credentials are found by.
pub(super) fn inherited(
    ours: impl IntoIterator<Item = (OsString, OsString)>,
    clear: &[String],
    pass_aws: bool,
) -> BTreeMap<OsString, OsString> {
    let clear: Vec<WildMatch> = clear.iter().map(|pattern| WildMatch::new(pattern)).collect();
    let kept = |name: &OsString| {
        let name = name.to_string_lossy();
        let aws = !pass_aws && name.starts_with("AWS_");
        // Not of databases, but of a program for signatures.
        let database = DATABASE.iter().any(|begins| name.starts_with(begins)) && !name.starts_with("PGP");
        let told = name.starts_with("AUREWIND_") || database;
        !aws && !told && !clear.iter().any(|pattern| pattern.matches(&name))
    };
    let mut all: BTreeMap<OsString, OsString> = ours.into_iter().filter(|(name, _)| kept(name)).collect();
    // Clients of MySQL read `~/.mylogin.cnf` last, so that an address in it counts for more than any option file (MySQL
    // Reference Manual, Using Option Files).
    all.insert("MYSQL_TEST_LOGIN_FILE".into(), NOWHERE.into());
    if !pass_aws {
        // An SDK also looks into the home directory and asks the machine it runs on.
        all.insert("AWS_CONFIG_FILE".into(), NOWHERE.into());
        all.insert("AWS_SHARED_CREDENTIALS_FILE".into(), NOWHERE.into());
        all.insert("AWS_EC2_METADATA_DISABLED".into(), "true".into());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn connection() -> Connection {
        Connection {
            engine: Engine::AuroraMysql,
            host: "clone.abc.eu-west-1.rds.amazonaws.com".into(),
            port: 3306,
            reader_host: Some("clone-ro.abc.eu-west-1.rds.amazonaws.com".into()),
            user: "app@shop".into(),
            password: Some("p:a/s%s w?rd#é".into()),
            database: Some("shop".into()),
            tls: Tls::Ca(PathBuf::from("/etc/ssl/rds.pem")),
            option_file: PathBuf::from("/run/client.cnf"),
        }
    }

    fn facts(connection: Option<&Connection>) -> Facts<'_> {
        Facts {
            run: "run-1",
            clone: "test-shop-1",
            recipe: "shop",
            phase: "test",
            attempt: 2,
            mark: Some("before"),
            report_dir: Path::new("/run/reports"),
            connection,
        }
    }

    #[test]
    fn a_command_is_told_of_run_and_clone() {
        let told: Vec<String> =
            env(&facts(Some(&connection()))).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        AUREWIND_ATTEMPT=2
        AUREWIND_CLONE=test-shop-1
        AUREWIND_MARK=before
        AUREWIND_MYSQL_CNF=/run/client.cnf
        AUREWIND_PHASE=test
        AUREWIND_RECIPE=shop
        AUREWIND_REPORT_DIR=/run/reports
        AUREWIND_RUN_ID=run-1
        DATABASE_URL=mysql://app%40shop:p%3Aa%2Fs%25s%20w%3Frd%23%C3%A9@clone.abc.eu-west-1.rds.amazonaws.com:3306/shop
        DB_HOST=clone.abc.eu-west-1.rds.amazonaws.com
        DB_NAME=shop
        DB_PASSWORD=p:a/s%s w?rd#é
        DB_PORT=3306
        DB_READER_HOST=clone-ro.abc.eu-west-1.rds.amazonaws.com
        DB_SSL_CA=/etc/ssl/rds.pem
        DB_USER=app@shop
        MYSQL_HOST=clone.abc.eu-west-1.rds.amazonaws.com
        MYSQL_TCP_PORT=3306
        ");
    }

    #[test]
    fn a_clone_of_postgresql_is_told_as_its_clients_want_it() {
        let connection = Connection { engine: Engine::AuroraPostgresql, port: 5432, ..connection() };
        let told: Vec<String> = env(&facts(Some(&connection)))
            .into_iter()
            .filter(|(name, _)| {
                ["DATABASE", "MYSQL", "PG", "AUREWIND_MY"].iter().any(|begins| name.starts_with(begins))
            })
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        DATABASE_URL=postgresql://app%40shop:p%3Aa%2Fs%25s%20w%3Frd%23%C3%A9@clone.abc.eu-west-1.rds.amazonaws.com:5432/shop
        PGDATABASE=shop
        PGHOST=clone.abc.eu-west-1.rds.amazonaws.com
        PGPASSWORD=p:a/s%s w?rd#é
        PGPORT=5432
        PGSSLMODE=verify-full
        PGSSLROOTCERT=/etc/ssl/rds.pem
        PGUSER=app@shop
        ");
    }

    #[test]
    fn without_a_clone_no_variable_names_a_database() {
        assert!(env(&facts(None)).keys().all(|name| name.starts_with("AUREWIND_")));
    }

    #[test]
    fn the_url_is_read_back_by_a_driver() {
        use sqlx::ConnectOptions as _;
        let mut connection = connection();
        connection.host = "::1".into();
        let read: sqlx::mysql::MySqlConnectOptions = database_url(&connection).parse().unwrap();
        assert_eq!(read.get_host().trim_matches(['[', ']']), "::1");
        assert_eq!((read.get_username(), read.get_database()), ("app@shop", Some("shop")));
        assert!(read.to_url_lossy().as_str().contains("p%3Aa%2Fs%25s%20w%3Frd%23%C3%A9"));
    }

    #[rstest::rstest]
    #[case("PATH", true, true)]
    #[case("HOME", true, true)]
    #[case("PROD_TOKEN", false, false)]
    #[case("DATABASE_URL", false, false)]
    #[case("MYSQL_PWD", false, false)]
    #[case("MYSQL_HOME", false, false)]
    #[case("MYSQL_GROUP_SUFFIX", false, false)]
    #[case("MARIADB_HOST", false, false)]
    #[case("PGHOST", false, false)]
    #[case("PGSERVICE", false, false)]
    #[case("DB_URL", false, false)]
    #[case("DATABASE_REPLICA_URL", false, false)]
    #[case("PGP_KEY", true, true)]
    #[case("DBUS_SESSION_BUS_ADDRESS", true, true)]
    #[case("AUREWIND_PROFILE", false, false)]
    #[case("AWS_SECRET_ACCESS_KEY", false, true)]
    #[case("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", false, true)]
    #[case("AWS_WEB_IDENTITY_TOKEN_FILE", false, true)]
    #[case("AWS_PROFILE", false, true)]
    #[case("AWS_REGION", false, true)]
    fn what_is_inherited(#[case] name: &str, #[case] plain: bool, #[case] with_aws: bool) {
        for (pass_aws, want) in [(false, plain), (true, with_aws)] {
            let all = inherited([(name.into(), "x".into())], &["PROD_*".to_owned()], pass_aws);
            assert_eq!(all.contains_key(&OsString::from(name)), want, "{name}, pass-aws {pass_aws}");
            assert_eq!(all.contains_key(&OsString::from("AWS_SHARED_CREDENTIALS_FILE")), !pass_aws);
            assert_eq!(all[&OsString::from("MYSQL_TEST_LOGIN_FILE")], NOWHERE);
        }
    }
}
