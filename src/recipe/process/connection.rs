//! How commands reach the clone.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::aurora::cluster::Engine;
use crate::recipe::model::Tls;

/// How commands reach the clone.
#[derive(Debug, Clone)]
pub struct Connection {
    /// What it speaks.
    pub engine: Engine,
    /// Writer endpoint.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Reader endpoint, if the clone has one.
    pub reader_host: Option<String>,
    /// User.
    pub user: String,
    /// Its password; absent where it is not known.
    pub password: Option<SecretString>,
    /// The database that is used.
    pub database: Option<String>,
    /// How the connection is protected; the path of `ca` is absolute.
    pub tls: Tls,
    /// The option file for clients of MySQL, see [`write_option_file`].
    pub option_file: PathBuf,
}

/// Writes `path` as an option file for clients of MySQL and MariaDB, readable by this user alone. Those of PostgreSQL have none,
/// and get all they need from the environment.
///
/// # Errors
/// If it cannot be written.
pub fn write_option_file(path: &Path, connection: &Connection) -> io::Result<()> {
    if connection.engine != Engine::AuroraMysql {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    // A file of this kind is made with mode 0600; the rename replaces whatever was there.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(options(connection).as_bytes())?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

fn options(connection: &Connection) -> String {
    let mut lines = vec![
        "[client]".to_owned(),
        option("host", &connection.host),
        option("port", &connection.port.to_string()),
        option("user", &connection.user),
        // Without it a client takes a socket for `localhost`.
        option("protocol", "tcp"),
    ];
    lines.extend(connection.password.as_ref().map(|password| option("password", password.expose_secret())));
    // Clients of MySQL encrypt without verifying unless they are given a file of certificate authorities; they know none of the
    // system. Such a file makes them verify by it. Those of MariaDB want to be told, in a group that
    // MySQL's do not read, as each refuses the options of the other.
    if let Tls::Ca(path) = &connection.tls {
        lines.push(option("ssl-ca", &path.display().to_string()));
    }
    lines.push("[client-mariadb]".into());
    match &connection.tls {
        Tls::Off => lines.push("skip-ssl".into()),
        Tls::System | Tls::Ca(_) => lines.extend(["ssl".into(), "ssl-verify-server-cert".into()]),
    }
    if let Some(database) = &connection.database {
        // Other clients, as the one for dumps, take no database from here.
        lines.extend(["[mysql]".into(), option("database", database)]);
    }
    lines.push(String::new());
    lines.join("\n")
}

/// A line of an option file: quoted, as `#` begins a comment and space at the ends is dropped otherwise, and with the escapes
/// that clients undo (MySQL Reference Manual, Using Option Files).
fn option(name: &str, value: &str) -> String {
    let mut line = format!("{name}=\"");
    for c in value.chars() {
        match c {
            '\\' => line.push_str("\\\\"),
            '"' => line.push_str("\\\""),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            c => line.push(c),
        }
    }
    line.push('"');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::process::Command;

    fn connection(password: &str, tls: Tls) -> Connection {
        Connection {
            engine: Engine::AuroraMysql,
            host: "clone.example".into(),
            port: 3306,
            reader_host: None,
            user: "admin".into(),
            password: Some(password.into()),
            database: Some("shop".into()),
            tls,
            option_file: PathBuf::new(),
        }
    }

    #[rstest::rstest]
    #[case::ca(Tls::Ca("/etc/rds.pem".into()), true, "ssl-verify-server-cert")]
    #[case::system(Tls::System, false, "ssl-verify-server-cert")]
    #[case::off(Tls::Off, false, "skip-ssl")]
    fn tls_is_asked_for(#[case] tls: Tls, #[case] ca: bool, #[case] maria: &str) {
        let text = options(&connection("secret", tls));
        assert_eq!(text.contains("ssl-ca=\"/etc/rds.pem\""), ca, "{text}");
        let (client, rest) = text.split_once("[client-mariadb]").unwrap();
        assert!(rest.contains(maria) && !client.contains(maria), "{text}");
    }

    #[cfg(unix)]
    #[test]
    fn only_this_user_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("client.cnf");
        fs::write(&path, "older").unwrap();
        write_option_file(&path, &connection("secret", Tls::Off)).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[rstest::rstest]
    #[case::plain("hunter2-long")]
    #[case::comment("a#b;c")]
    #[case::quotes("\"it's\" 'so'")]
    #[case::backslashes(r"\n\\s\x\")]
    #[case::spaces("  at both ends  ")]
    #[case::all("\" #'\\\"\\'\t=é")]
    fn clients_read_what_was_meant(#[case] password: &str) {
        let Some(client) = ["mariadb", "mysql"]
            .into_iter()
            .find(|name| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success()))
        else {
            println!("skipped: wants the client of MariaDB or MySQL (apt-get install mariadb-client-core)");
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("client.cnf");
        // As the user, since some clients do not print passwords.
        let connection = Connection { user: password.into(), ..connection("secret", Tls::Off) };
        write_option_file(&path, &connection).unwrap();
        let output = Command::new(client)
            .arg(format!("--defaults-file={}", path.display()))
            .arg("--print-defaults")
            .output()
            .unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(shown.contains(&format!("--user={password} --protocol=tcp")), "{shown}");
        assert!(shown.contains("--host=clone.example --port=3306") && shown.contains("--database=shop"), "{shown}");
    }
}
