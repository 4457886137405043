//! The data directory that every new database begins as a copy of, made once for a version of the server.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::DataPlaneError;
use super::files;
use super::kit::{Kit, LAYOUT};

/// Changes whenever a data directory is made in another way.
const EDITION: u32 = 1;

/// The system has only so many asynchronous requests for all its programs.
const FEW: &str = "--innodb-use-native-aio=0";

/// Leaves one account: root without a password, and only by the socket, whose folder is private.
const TIDY: &str = "use mysql;\n\
    delete from global_priv where user='root' and host<>'localhost';\n\
    delete from global_priv where user='';\n\
    delete from proxies_priv where host<>'localhost';\n\
    drop database if exists sys;\n";

/// The template of the kit's version, made if it is not there.
///
/// # Errors
/// When MariaDB's own script or its server fails.
pub fn ready(kit: &Kit, base: &Path) -> Result<PathBuf, DataPlaneError> {
    let version: String =
        kit.version.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' }).collect();
    let template = base.join(format!("template-{version}-{EDITION}"));
    if template.is_dir() {
        return Ok(template);
    }
    let half = base.join(format!("half-template-{}", uuid::Uuid::new_v4().simple()));
    let made = make(kit, &half).and_then(|()| match fs::rename(&half, &template) {
        // Somebody else was faster.
        Err(_) if template.is_dir() => Ok(()),
        other => other,
    });
    if half.exists() {
        // What failed, or came second, is of no use; it must not hide why.
        let _ = fs::remove_dir_all(&half);
    }
    made.map(|()| template)
        .map_err(|error| DataPlaneError::Start { reason: format!("making an empty database: {error}") })
}

fn make(kit: &Kit, data: &Path) -> io::Result<()> {
    files::private_folder(data)?;
    let datadir = format!("--datadir={}", data.display());
    // A server that starts deletes the temporary tables of others where all have the same place for them.
    let tmpdir = format!("--tmpdir={}", data.display());
    let mut install = Command::new(&kit.install_db);
    install
        .args(Kit::beginning())
        .args([&datadir, &tmpdir])
        .args(["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve", FEW])
        .args(LAYOUT)
        .stdin(Stdio::null());
    require_success(&install.output()?)?;
    let mut tidy = Command::new(&kit.mariadbd);
    tidy.args(Kit::beginning()).args(["--bootstrap", &datadir, &tmpdir, FEW]).args(LAYOUT);
    let mut child = tidy.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(TIDY.as_bytes())?;
    }
    require_success(&child.wait_with_output()?)
}

fn require_success(output: &Output) -> io::Result<()> {
    if output.status.success() {
        return Ok(());
    }
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said);
    let error = |line: &&str| line.contains("ERROR") && !line.contains("Aborting");
    let line = said.lines().rfind(error).or_else(|| said.lines().last()).unwrap_or_default();
    Err(io::Error::other(format!("{}: {line}", output.status)))
}
