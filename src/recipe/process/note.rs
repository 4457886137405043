//! A note of the command that is running, in the folder of its run: whoever takes the run over after this process was
//! killed ends the command, which goes on by itself.

use std::fs;
use std::path::{Path, PathBuf};
#[cfg(target_os = "linux")]
use std::time::Duration;

/// Name of the file.
const NOTE: &str = "process";

/// How long what was asked to end has time for it, and how long to wait between two looks.
#[cfg(target_os = "linux")]
const PATIENCE: Duration = Duration::from_secs(5);
#[cfg(target_os = "linux")]
const LOOK: Duration = Duration::from_millis(50);

/// A note; it is taken away when it is dropped.
pub(super) struct Note(PathBuf);

impl Note {
    /// Writes down the group that the process `id` leads, beside `log`. Without a note nothing but that end is lost.
    pub fn write(log: &Path, id: Option<u32>) -> Option<Self> {
        let path = log.with_file_name(NOTE);
        let text = identity(i32::try_from(id?).ok()?)?;
        fs::write(&path, text).ok()?;
        Some(Self(path))
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        // It may have gone with its folder.
        let _ = fs::remove_file(&self.0);
    }
}

/// The process with this id, as no other will ever be called: with when it was started, and since which start of the
/// machine. None if it is over.
#[cfg(target_os = "linux")]
fn identity(id: i32) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // proc_pid_stat(5): number, name in parentheses, then the state; the start is the twentieth from there.
    let fields: Vec<&str> = text.rsplit(')').next()?.split_whitespace().collect();
    if matches!(fields.first(), Some(&("Z" | "X"))) {
        return None;
    }
    let start = fields.get(19)?;
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(format!("{id} {start} {}", boot.trim()))
}

/// Elsewhere a process cannot be told from a later one of the same number.
#[cfg(not(target_os = "linux"))]
fn identity(_: i32) -> Option<String> {
    None
}

/// Ends what is left of the command that was running in the run with this folder when its process was killed; says
/// whether there was anything.
#[cfg(target_os = "linux")]
pub async fn end_orphans(folder: &Path) -> bool {
    use rustix::process::{Pid, Signal, kill_process_group};

    let path = folder.join(NOTE);
    let Ok(text) = fs::read_to_string(&path) else { return false };
    let _ = fs::remove_file(&path);
    let id = text.split_whitespace().next().and_then(|id| id.parse::<i32>().ok());
    // Only a leader of a group is ever noted, and the first process of all is none of ours.
    let Some((id, group)) = id.filter(|id| *id > 1).and_then(|id| Some((id, Pid::from_raw(id)?))) else { return false };
    let there = || identity(id).as_deref() == Some(text.as_str());
    if !there() {
        return false;
    }
    let _ = kill_process_group(group, Signal::TERM);
    let until = tokio::time::Instant::now() + PATIENCE;
    while there() && tokio::time::Instant::now() < until {
        tokio::time::sleep(LOOK).await;
    }
    // The group keeps its number as long as anything of it is there.
    let _ = kill_process_group(group, Signal::KILL);
    true
}

/// See above.
#[cfg(not(target_os = "linux"))]
pub async fn end_orphans(_: &Path) -> bool {
    false
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    use super::*;

    fn sleeper() -> std::process::Child {
        Command::new("sleep").arg("600").process_group(0).spawn().unwrap()
    }

    #[tokio::test]
    async fn what_was_noted_is_ended_and_what_only_has_its_number_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("01-step.log");
        let mut noted = sleeper();
        std::mem::forget(Note::write(&log, Some(noted.id())).unwrap());
        assert!(end_orphans(folder.path()).await);
        assert!(!noted.wait().unwrap().success());
        assert!(!end_orphans(folder.path()).await, "the note is gone");

        let mut other = sleeper();
        fs::write(folder.path().join(NOTE), format!("{} 1 another-start", other.id())).unwrap();
        assert!(!end_orphans(folder.path()).await);
        assert_eq!(other.try_wait().unwrap(), None);
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
