//! The processes that a command started: those of its process group.

#[cfg(unix)]
use rustix::process::{Pid, Signal, WaitOptions, kill_process_group, test_kill_process_group, waitpgid};

/// A process group. What is left of it is killed when it is dropped.
#[cfg(unix)]
pub(super) struct Group(Option<Pid>);

#[cfg(unix)]
impl Group {
    /// The group that the process `id` leads.
    pub fn of(id: Option<u32>) -> Self {
        Self(id.and_then(|id| Pid::from_raw(id.cast_signed())))
    }

    /// Asks its processes to end.
    pub fn end(&self) {
        self.signal(Signal::TERM);
    }

    /// Ends them.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        // A group that is gone needs none.
        let _ = self.0.map(|group| kill_process_group(group, signal));
    }

    /// Whether there is nothing left of it. Only asked once its leader has been waited for.
    pub fn is_gone(&mut self) -> bool {
        let Some(group) = self.0 else { return true };
        // As the first process of a container this program inherits orphans, and has to wait for them.
        while let Ok(Some(_)) = waitpgid(group, WaitOptions::NOHANG) {}
        let gone = test_kill_process_group(group).is_err() || all_dead(group);
        if gone {
            // Its number may be another's from now on.
            self.0 = None;
        }
        gone
    }
}

/// Whether every process of `group` is over and only waits to be waited for. In a container whose first process waits for
/// none that takes for ever.
#[cfg(target_os = "linux")]
fn all_dead(group: Pid) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else { return false };
    // proc_pid_stat(5): number, name in parentheses, state, parent, group.
    let alive = |stat: String| {
        let mut fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let dead = matches!(fields.next(), Some("Z" | "X"));
        !dead && fields.nth(1) == Some(&group.as_raw_nonzero().to_string())
    };
    let stats = processes.flatten().filter_map(|process| std::fs::read_to_string(process.path().join("stat")).ok());
    !stats.into_iter().any(alive)
}

#[cfg(all(unix, not(target_os = "linux")))]
fn all_dead(_: Pid) -> bool {
    false
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Elsewhere the process alone is known, and killed when its handle is dropped.
#[cfg(not(unix))]
pub(super) struct Group;

#[cfg(not(unix))]
impl Group {
    /// See above.
    pub fn of(_: Option<u32>) -> Self {
        Self
    }

    /// There is no asking.
    pub fn end(&self) {}

    /// Its handle does it.
    pub fn kill(&self) {}

    /// Nothing is known of others.
    pub fn is_gone(&mut self) -> bool {
        true
    }
}
