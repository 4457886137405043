//! The account in a file, so that it outlives the simulator: read once at the start, written behind the calls that
//! change it.
//!
//! A file is whole at every moment: each writing goes to a new file beside it, which takes its place once it is on the
//! disk. Writings are at least [`PAUSE`] apart, so a simulator that is killed loses the changes of the last moments at
//! most; one that is told to stop loses none. While it was off time went on, as it does in a real account: what fell due
//! meanwhile happens at the start.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::account::Account;
use super::cloudformation;
use super::faults::Faults;
use super::service::Service;
use super::{Clock, SimError};

/// What the file says that it is.
const FORMAT: &str = "aurewind simulated account";

/// The version that this program writes, and the newest that it reads.
const VERSION: u32 = 1;

/// The least time between two writings: what a kill can cost.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

#[derive(Deserialize)]
struct Kept {
    saved_at: Timestamp,
    account: Account,
}

#[derive(Serialize)]
struct Page<'a> {
    format: &'a str,
    version: u32,
    saved_at: Timestamp,
    account: &'a Account,
}

/// A file that holds an account, and the right to write it.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    /// Held as long as the file is in use; the system lets go of it however the program ends.
    _lock: File,
}

impl StateFile {
    /// Takes a file for this simulator alone.
    ///
    /// # Errors
    /// When another simulator has it or its folder can't be written.
    pub fn take(path: &Path) -> Result<Self, SimError> {
        // The file that a link points to is replaced, never the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let wrong = |reason: String| SimError::State { path: path.clone(), reason };
        let lock = File::options().create(true).truncate(false).write(true).open(beside(&path, ".lock"));
        let lock = lock.map_err(|error| wrong(error.to_string()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(wrong("another simulator is using it; take another file".to_owned())),
            Err(TryLockError::Error(error)) => Err(wrong(error.to_string())),
        }
    }

    /// The account of the file, brought up to `clock`; `None` when there is no file yet. An account's time never runs
    /// backwards: a clock behind the last writing is moved up to it.
    ///
    /// # Errors
    /// When the file can't be read, is no account, or is from a newer version. It is left as it is.
    pub fn read(&self, clock: &Clock) -> Result<Option<Account>, SimError> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.wrong(error.to_string())),
        };
        let kept = decode(&bytes).map_err(|reason| self.wrong(reason))?;
        let behind = kept.saved_at.duration_since(clock.now());
        clock.advance(behind.max(SignedDuration::ZERO));
        let mut account = kept.account;
        // Faults are of one start of the simulator: what passed while it was off knows none.
        cloudformation::settle(&mut account, &mut Faults::none(), clock.now());
        Ok(Some(account))
    }

    /// Writes an account as it was at `saved_at`.
    ///
    /// # Errors
    /// When the disk refuses; the file from before is still there.
    pub fn write(&self, account: &Account, saved_at: Timestamp) -> Result<(), SimError> {
        self.replace(account, saved_at).map_err(|error| self.wrong(error.to_string()))
    }

    fn replace(&self, account: &Account, saved_at: Timestamp) -> io::Result<()> {
        let fresh = beside(&self.path, ".new");
        let mut to = BufWriter::new(File::create(&fresh)?);
        serde_json::to_writer(&mut to, &Page { format: FORMAT, version: VERSION, saved_at, account })?;
        to.flush()?;
        to.into_inner()?.sync_all()?;
        fs::rename(&fresh, &self.path)?;
        sync_folder(&self.path)
    }

    fn wrong(&self, reason: String) -> SimError {
        SimError::State { path: self.path.clone(), reason }
    }
}

fn decode(bytes: &[u8]) -> Result<Kept, String> {
    let foreign = |error: serde_json::Error| format!("it holds no simulated account ({error}); nothing was changed");
    let head: Head = serde_json::from_slice(bytes).map_err(foreign)?;
    if head.format != FORMAT {
        return Err("it holds no simulated account; nothing was changed".to_owned());
    }
    if head.version > VERSION {
        return Err(format!(
            "it was written by a newer version of this program (state version {}, this one knows {VERSION}); nothing \
             was changed",
            head.version
        ));
    }
    let kept: Kept = serde_json::from_slice(bytes).map_err(foreign)?;
    kept.account.check_whole().map_err(|reason| format!("it is damaged: {reason}; nothing was changed"))?;
    Ok(kept)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(ending);
    path.with_file_name(name)
}

/// A new name of a file is only safe once its folder is on the disk, too.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder can't be opened as a file.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Writes the account whenever it has changed, until `stop`, and then once more, when the last of `connections` is
/// closed. What goes wrong on the way is told to `trouble` and tried again with the next change.
pub async fn keep(
    file: StateFile,
    service: Arc<Service>,
    connections: TaskTracker,
    stop: CancellationToken,
    trouble: watch::Sender<Option<String>>,
) -> Result<(), SimError> {
    let file = Arc::new(file);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = service.changed() => {}
        }
        if let Err(error) = save(&file, &service).await {
            tracing::error!(%error, "the simulated account is not kept");
            trouble.send_replace(Some(error.to_string()));
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
    connections.close();
    connections.wait().await;
    save(&file, &service).await
}

/// Copies the account while nobody changes it and writes the copy while everybody may.
async fn save(file: &Arc<StateFile>, service: &Arc<Service>) -> Result<(), SimError> {
    let (account, now) = {
        let state = service.state();
        (state.account.clone(), service.clock.now())
    };
    let to = Arc::clone(file);
    let written = tokio::task::spawn_blocking(move || to.write(&account, now)).await;
    written.unwrap_or_else(|error| Err(file.wrong(error.to_string())))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::sim::fleet::{self, FleetSpec};
    use crate::sim::options::Options;

    fn noon() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn account(fleet: FleetSpec, seed: u64) -> Account {
        fleet::build(&Options { fleet, seed, clock: Clock::manual(noon()), ..Options::default() }).unwrap()
    }

    fn text(account: &Account) -> String {
        serde_json::to_string(account).unwrap()
    }

    fn written(folder: &TempDir, content: &str) -> PathBuf {
        let path = folder.path().join("account.json");
        fs::write(&path, content).unwrap();
        path
    }

    #[test]
    fn an_account_comes_back_as_it_was_written() {
        let folder = TempDir::new().unwrap();
        let file = StateFile::take(&folder.path().join("account.json")).unwrap();
        let clock = Clock::manual(noon());
        assert!(file.read(&clock).unwrap().is_none(), "there is none yet");
        for fleet in [FleetSpec::Demo, FleetSpec::Empty, FleetSpec::Count(60)] {
            let before = account(fleet, 7);
            file.write(&before, noon()).unwrap();
            let mut after = file.read(&clock).unwrap().unwrap();
            assert_eq!(text(&after), text(&before));
            // What is drawn next is what would have been drawn next.
            assert_eq!(after.new_uuid(), before.clone().new_uuid());
        }
        assert_eq!(clock.now(), noon());
    }

    #[test]
    fn time_goes_on_while_nobody_runs_it_and_never_back() {
        let folder = TempDir::new().unwrap();
        let file = StateFile::take(&folder.path().join("account.json")).unwrap();
        let before = account(FleetSpec::Demo, 1);
        file.write(&before, noon()).unwrap();
        let late = Clock::manual(noon());
        late.advance(SignedDuration::from_hours(24 * 7));
        let after = file.read(&late).unwrap().unwrap();
        assert!(before.clusters(None).any(|cluster| cluster.life.next_due().is_some()));
        assert!(after.clusters(None).all(|cluster| cluster.life.next_due().is_none_or(|due| due > late.now())));
        let early = Clock::manual(noon());
        file.write(&before, late.now()).unwrap();
        file.read(&early).unwrap();
        assert_eq!(early.now(), late.now());
    }

    #[test]
    fn what_is_not_an_account_of_this_version_is_refused_and_left_alone() {
        let folder = TempDir::new().unwrap();
        let whole = |version: u32, account: &str| {
            format!(
                "{{\"format\":\"{FORMAT}\",\"version\":{version},\"saved_at\":\"{}\",\"account\":{account}}}",
                noon()
            )
        };
        let demo = text(&account(FleetSpec::Demo, 1));
        let damaged = demo.replacen("\"members\":[\"", "\"members\":[\"not-", 1);
        for (content, part) in [
            (String::new(), "no simulated account"),
            ("[1,2]".to_owned(), "no simulated account"),
            ("{\"format\":\"recipe\",\"version\":1}".to_owned(), "no simulated account"),
            (whole(1, &demo[..demo.len() / 2]), "no simulated account"),
            (whole(1, "{}"), "no simulated account"),
            (whole(2, "{\"unheard\":\"of\"}"), "newer version"),
            (whole(1, &damaged), "has no instance not-"),
        ] {
            let path = written(&folder, &content);
            let error = StateFile::take(&path).unwrap().read(&Clock::manual(noon())).map(|_| ()).unwrap_err();
            let message = error.to_string();
            assert!(message.contains(part) && message.contains("account.json"), "{message}");
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }

    #[test]
    fn two_simulators_do_not_share_a_file() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("account.json");
        let first = StateFile::take(&path).unwrap();
        assert!(StateFile::take(&path).unwrap_err().to_string().contains("another simulator"));
        drop(first);
        StateFile::take(&path).unwrap();
    }

    #[test]
    fn a_half_written_file_beside_it_does_no_harm() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("account.json");
        let file = StateFile::take(&path).unwrap();
        file.write(&account(FleetSpec::Demo, 1), noon()).unwrap();
        fs::write(folder.path().join("account.json.new"), "{\"form").unwrap();
        assert!(file.read(&Clock::manual(noon())).unwrap().is_some());
        file.write(&account(FleetSpec::Empty, 1), noon()).unwrap();
        assert_eq!(file.read(&Clock::manual(noon())).unwrap().unwrap().clusters(None).count(), 0);
    }
}
