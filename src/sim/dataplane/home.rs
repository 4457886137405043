//! Where databases live: one private folder for a run of the simulator, one folder for each database in it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::DataPlaneError;
use super::files;

/// The beginning of the names of such folders.
const RUN: &str = "run-";
/// Held by a living simulator.
const LOCK: &str = "lock";
/// The longest path of a socket that all systems take.
const LONGEST_SOCKET: usize = 100;

/// The folder of one run. It goes away with the run; what a crash leaves is taken away by the next one.
#[derive(Debug)]
pub struct Run {
    path: PathBuf,
    /// Held as long as the run lives; the system lets go of it however that ends.
    _lock: File,
}

impl Run {
    /// Takes away what dead runs left in `base`, then makes a folder for this one.
    ///
    /// # Errors
    /// When the folder can't be made, or its path is too long for a socket.
    pub fn begin(base: &Path) -> Result<Self, DataPlaneError> {
        let failed = |error: io::Error| DataPlaneError::Folder { path: base.to_owned(), reason: error.to_string() };
        files::private_folder(base).map_err(failed)?;
        let base = base.canonicalize().map_err(failed)?;
        take_away_the_dead(&base).map_err(failed)?;
        let path = base.join(format!("{RUN}{}", &uuid::Uuid::new_v4().simple().to_string()[..8]));
        let longest = Home { path: path.join("c9999") }.socket();
        if longest.as_os_str().len() > LONGEST_SOCKET {
            return Err(DataPlaneError::LongPath { path: base });
        }
        files::private_folder(&path).map_err(failed)?;
        let lock = File::create(path.join(LOCK)).map_err(failed)?;
        lock.try_lock().map_err(|error| failed(error.into()))?;
        Ok(Self { path, _lock: lock })
    }

    /// The folder of a database; it is not there yet.
    pub fn home(&self, number: u32) -> Home {
        Home { path: self.path.join(format!("c{number}")) }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "the databases of the simulator could not be deleted");
        }
    }
}

/// A folder is provably a dead run's own if it has the name and the lock file of one, and nobody holds the lock.
fn take_away_the_dead(base: &Path) -> io::Result<()> {
    for entry in fs::read_dir(base)? {
        let path = entry?.path();
        let named = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(RUN));
        let Ok(lock) = File::open(path.join(LOCK)) else { continue };
        if !named || !path.is_dir() {
            continue;
        }
        match lock.try_lock() {
            Ok(()) => {
                end_strays(&path)?;
                fs::remove_dir_all(&path)?;
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(())
}

/// Kills servers that a dead run left. A pid file may name a process that has nothing to do with it, so the command
/// line must have the data directory.
fn end_strays(run: &Path) -> io::Result<()> {
    for entry in fs::read_dir(run)? {
        let home = Home { path: entry?.path() };
        let Ok(text) = fs::read_to_string(home.pid_file()) else { continue };
        let pid = text.trim().parse().ok().and_then(rustix::process::Pid::from_raw);
        let Some(pid) = pid.filter(|pid| runs_in(*pid, &home)) else { continue };
        // It may end by itself in this moment.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        for _ in 0..1000 {
            if !runs_in(pid, &home) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
    Ok(())
}

fn runs_in(pid: rustix::process::Pid, home: &Home) -> bool {
    let wanted = format!("--datadir={}", home.data().display());
    if cfg!(target_os = "linux") {
        let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) else { return false };
        return line.split(|byte| *byte == 0).any(|word| word == wanted.as_bytes());
    }
    let listed = std::process::Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
    listed.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(&wanted))
}

/// The folder of one database.
#[derive(Clone, Debug)]
pub struct Home {
    path: PathBuf,
}

impl Home {
    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the server works on.
    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// What will be the data directory.
    pub fn next_data(&self) -> PathBuf {
        self.path.join("data.new")
    }

    /// What was the data directory.
    pub fn last_data(&self) -> PathBuf {
        self.path.join("data.old")
    }

    /// A snapshot that is being taken.
    pub fn half_snapshot(&self) -> PathBuf {
        self.path.join("snap").join("half")
    }

    /// A snapshot.
    pub fn snapshot(&self, number: u64) -> PathBuf {
        self.path.join("snap").join(number.to_string())
    }

    /// Where the server listens for this program.
    pub fn socket(&self) -> PathBuf {
        self.path.join("s.sock")
    }

    /// Where the server writes its process number.
    pub fn pid_file(&self) -> PathBuf {
        self.path.join("pid")
    }

    /// Where the server writes what it has to say.
    pub fn log(&self) -> PathBuf {
        self.path.join("err.log")
    }

    /// The only folder whose files SQL may read or write; it is empty.
    pub fn files(&self) -> PathBuf {
        self.path.join("files")
    }

    /// Makes the folder, without a data directory.
    pub fn make(&self) -> io::Result<()> {
        files::private_folder(&self.path)?;
        files::private_folder(&self.path.join("snap"))?;
        files::private_folder(&self.files())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_run_is_taken_away_and_a_living_one_stays() {
        let base = tempfile::tempdir().unwrap();
        let living = Run::begin(base.path()).unwrap();
        let dead = base.path().join("run-dead");
        fs::create_dir_all(dead.join("c1/data")).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        let foreign = base.path().join("run-foreign");
        fs::create_dir_all(&foreign).unwrap();
        let next = Run::begin(base.path()).unwrap();
        assert!(!dead.exists() && foreign.exists());
        assert!(living.path().exists() && next.path().exists());
        let path = next.path().to_owned();
        drop(next);
        assert!(!path.exists());
    }

    #[test]
    fn a_stray_is_killed_only_if_it_works_on_the_dead_run() {
        use std::process::{Command, Stdio};
        let base = tempfile::tempdir().unwrap();
        let base = base.path().canonicalize().unwrap();
        let home = |run: &str| Home { path: base.join(run).join("c1") };
        let waiting = ["-c", "read line", "sh"];
        let sleep = |word: &str| Command::new("sh").args(waiting).arg(word).stdin(Stdio::piped()).spawn().unwrap();
        let mut stray = sleep(&format!("--datadir={}", home("run-dead").data().display()));
        let mut other = sleep("--datadir=/somewhere/else");
        for (run, child) in [("run-dead", &stray), ("run-dead2", &other)] {
            fs::create_dir_all(home(run).path()).unwrap();
            fs::write(base.join(run).join(LOCK), "").unwrap();
            fs::write(home(run).pid_file(), child.id().to_string()).unwrap();
        }
        // A killed child stays in the list until it is waited for, but without a command line.
        let _run = Run::begin(&base).unwrap();
        assert!(!stray.wait().unwrap().success());
        assert!(other.try_wait().unwrap().is_none());
        other.kill().unwrap();
        other.wait().unwrap();
    }

    #[test]
    fn a_path_that_no_socket_can_have_is_refused() {
        let base = tempfile::tempdir().unwrap();
        let error = Run::begin(&base.path().join("x".repeat(90))).unwrap_err();
        assert!(error.to_string().contains("AUREWIND_STATE_DIR"), "{error}");
    }
}
