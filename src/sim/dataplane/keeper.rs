//! The process between the simulator and a server: it sees to it that the server ends when the simulator does.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Becomes the server. It is killed when the thread that started it ends, whatever ends that, even while it is frozen.
/// Where the system has no such signal, the next simulator finds the server by its data directory.
///
/// Gives back why it could not; there is no return otherwise.
pub fn become_server(parent: i32, program: &Path, arguments: &[OsString]) -> io::Error {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Signal, getppid, set_parent_process_death_signal};
        if let Err(error) = set_parent_process_death_signal(Some(Signal::KILL)) {
            return error.into();
        }
        // It may have ended before the signal was asked for.
        if getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(parent) {
            return io::Error::other("the simulator is gone");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = parent;
    Command::new(program).args(arguments).exec()
}
