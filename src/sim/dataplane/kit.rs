//! The MariaDB programs of this machine, and the settings that every server here runs with.

use std::ffi::OsString;
use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::DataPlaneError;
use super::home::Home;

/// Names a server outside the places that are searched.
const VARIABLE: &str = "AUREWIND_MARIADBD";

/// Where packages put the server; `/usr/sbin` is not on the search path of most users.
const FOLDERS: [&str; 6] = [
    "/usr/sbin",
    "/usr/local/sbin",
    "/usr/libexec",
    "/usr/local/bin",
    "/opt/homebrew/opt/mariadb/bin",
    "/usr/local/opt/mariadb/bin",
];

/// Where the script that fills a new data directory may be, seen from the folder of the server.
const BESIDE: [&str; 4] = ["", "../bin", "../scripts", "/usr/bin"];

/// What the files of a data directory were made with; a server that is told otherwise refuses them.
pub const LAYOUT: [&str; 4] = [
    "--innodb-log-file-size=4M",
    "--aria-log-file-size=8M",
    "--innodb-data-file-path=ibdata1:1M:autoextend",
    "--innodb-autoextend-increment=1",
];

/// The most memory that a server takes with these settings, in bytes: some 64 MiB for itself and its caches, and 2 MiB
/// for what each of its connections may sort, join and keep.
pub const SERVER_MEMORY: u64 = (64 + 40 * 2) << 20;

/// How every server runs: small, without a binary log (whose positions a copy would break), and with the redo log
/// written at each commit, without which a copy of a frozen server would miss commits.
const RUNNING: [&str; 30] = [
    "--skip-log-bin",
    "--performance-schema=OFF",
    "--skip-name-resolve",
    "--skip-symbolic-links",
    "--local-infile=OFF",
    "--enforce-storage-engine=InnoDB",
    "--default-time-zone=+00:00",
    "--character-set-server=utf8mb4",
    "--innodb-buffer-pool-size=16M",
    "--innodb-log-buffer-size=2M",
    "--key-buffer-size=64K",
    "--aria-pagecache-buffer-size=256K",
    "--max-connections=40",
    "--sort-buffer-size=256K",
    "--join-buffer-size=128K",
    "--read-buffer-size=128K",
    "--read-rnd-buffer-size=128K",
    "--tmp-table-size=1M",
    "--max-heap-table-size=1M",
    "--table-open-cache=200",
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-flush-method=fsync",
    "--innodb-use-native-aio=0",
    "--innodb-buffer-pool-dump-at-shutdown=0",
    "--innodb-buffer-pool-load-at-startup=0",
    "--innodb-read-io-threads=1",
    "--innodb-write-io-threads=2",
    "--innodb-purge-threads=1",
    "--innodb-temp-data-file-path=ibtmp1:1M:autoextend",
    "--port-open-timeout=10",
];

/// What is needed to make and run servers.
#[derive(Debug)]
pub struct Kit {
    /// The server.
    pub mariadbd: PathBuf,
    /// Fills a new data directory.
    pub install_db: PathBuf,
    /// Such as `10.11.19-MariaDB-0+deb12u1`; data directories of other versions are not touched.
    pub version: String,
    /// This program: it binds the life of a server to its own before it becomes the server.
    pub keeper: PathBuf,
}

impl Kit {
    /// Finds them. `look` reads the environment.
    ///
    /// # Errors
    /// When MariaDB is not installed, or does not say its version.
    pub fn find(keeper: PathBuf, look: impl Fn(&str) -> Option<OsString>) -> Result<Self, DataPlaneError> {
        let given = look(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
        let searched = look("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&searched).chain(FOLDERS.iter().map(PathBuf::from));
        let found = || folders.map(|folder| folder.join("mariadbd")).find(|path| path.is_file());
        let mariadbd = given.or_else(found).ok_or(DataPlaneError::NotInstalled)?;
        // A server changes into its data directory, and links may lead to another folder with other neighbours.
        let mariadbd = mariadbd.canonicalize().map_err(|_| DataPlaneError::NotInstalled)?;
        let install_db = install_db(&mariadbd).ok_or(DataPlaneError::NotInstalled)?;
        let version = version(&mariadbd)?;
        Ok(Self { mariadbd, install_db, version, keeper })
    }

    /// What has to stand before everything else on a command line of the server.
    pub fn beginning() -> Vec<OsString> {
        let mut words = vec![OsString::from("--no-defaults")];
        // It refuses to run as root unless it is told that this is meant.
        if rustix::process::geteuid().is_root() {
            words.push("--user=root".into());
        }
        words
    }

    /// The command line of a server, after the program.
    pub fn arguments(home: &Home, endpoint: SocketAddrV4) -> Vec<OsString> {
        let path = |name: &str, path: &Path| {
            let mut word = OsString::from(name);
            word.push(path);
            word
        };
        let mut words = Self::beginning();
        words.extend([
            path("--datadir=", &home.data()),
            path("--socket=", &home.socket()),
            path("--pid-file=", &home.pid_file()),
            path("--log-error=", &home.log()),
            path("--tmpdir=", home.path()),
            path("--secure-file-priv=", &home.files()),
            format!("--bind-address={}", endpoint.ip()).into(),
            format!("--port={}", endpoint.port()).into(),
        ]);
        words.extend(LAYOUT.iter().chain(&RUNNING).map(OsString::from));
        words
    }

    /// The version without what the distribution adds, such as `10.11.19`.
    pub fn short_version(&self) -> &str {
        self.version.split('-').next().unwrap_or_default()
    }
}

fn install_db(mariadbd: &Path) -> Option<PathBuf> {
    let folder = mariadbd.parent()?;
    let names = ["mariadb-install-db", "mysql_install_db"];
    let places = BESIDE.iter().flat_map(|beside| names.map(|name| folder.join(beside).join(name)));
    places.into_iter().find(|path| path.is_file())
}

fn version(mariadbd: &Path) -> Result<String, DataPlaneError> {
    let failed = |reason: String| DataPlaneError::Start { reason: format!("{}: {reason}", mariadbd.display()) };
    let mut command = Command::new(mariadbd);
    let output = command.args(["--no-defaults", "--version"]).output().map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut words = text.split_whitespace().skip_while(|word| *word != "Ver").skip(1);
    match words.next() {
        Some(version) if version.contains("MariaDB") => Ok(version.to_owned()),
        _ => Err(failed("this is not MariaDB".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_server_the_packages_are_named() {
        let nowhere = |name: &str| (name == VARIABLE).then(|| OsString::from("/nowhere/mariadbd"));
        let error = Kit::find(PathBuf::new(), nowhere).unwrap_err();
        assert!(error.to_string().contains("mariadb-server-core"), "{error}");
    }

    #[test]
    fn another_program_is_no_server() {
        let error = version(Path::new("/bin/sh")).unwrap_err().to_string();
        assert!(error.contains("not MariaDB"), "{error}");
    }
}
