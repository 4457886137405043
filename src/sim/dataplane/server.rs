//! One process of MariaDB: starting, freezing, stopping.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::net::SocketAddrV4;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use super::home::Home;
use super::kit::Kit;

/// How long to wait between two looks at a process.
const LOOK: Duration = Duration::from_micros(500);
/// How many looks until a process is taken to hang: ten seconds.
const LOOKS: u32 = 20_000;
/// How much of the end of the log is read for a reason.
const TAIL: u64 = 8 * 1024;

/// A running server. It is killed when it is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pid: Pid,
    home: Home,
}

impl Server {
    /// Starts a server on the data directory of `home`. The thread that calls this must live as long as the server.
    pub fn spawn(kit: &Kit, home: &Home, endpoint: SocketAddrV4) -> io::Result<Self> {
        // Each start has its own log, so that the reason of a failure is that of this start.
        let log = File::create(home.log())?;
        let child = Command::new(&kit.keeper)
            .arg(super::KEEPER)
            .arg(std::process::id().to_string())
            .arg(&kit.mariadbd)
            .args(Kit::arguments(home, endpoint))
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let pid = Pid::from_child(&child);
        let server = Self { child, pid, home: home.clone() };
        // The server writes the same, but only when it is ready.
        fs::write(home.pid_file(), pid.to_string())?;
        Ok(server)
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Stops every thread of the process where it is, until the guard is dropped. Nothing is written meanwhile, so
    /// that what is in the files then is what a crash in this moment would leave, and recovery makes it whole.
    ///
    /// # Errors
    /// When the process ended, or did not stop in time.
    pub fn freeze(&self) -> io::Result<Frozen<'_>> {
        kill_process(self.pid, Signal::STOP)?;
        let frozen = Frozen { server: self };
        // The parent is told only when the last thread has stopped; NOWAIT leaves the end of a child to `Child`.
        let wanted = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        for _ in 0..LOOKS {
            match waitid(WaitId::Pid(self.pid), wanted)? {
                Some(status) if status.stopped() => return Ok(frozen),
                Some(_) => return Err(io::Error::other("the database server has ended")),
                None => std::thread::sleep(LOOK),
            }
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "the database server could not be frozen"))
    }

    /// Ends it in order, or, if it takes too long, at once; both leave a data directory that starts again.
    pub fn stop(mut self) {
        if kill_process(self.pid, Signal::TERM).is_ok() {
            for _ in 0..LOOKS {
                if self.ended().is_some() {
                    return;
                }
                std::thread::sleep(LOOK);
            }
        }
        // Dropping it kills it.
    }

    /// Ends it at once.
    pub fn kill(&self) {
        // It may have ended by itself.
        let _ = kill_process(self.pid, Signal::KILL);
    }

    /// What the server itself says about its end.
    pub fn reason(&self) -> String {
        let tail = || -> io::Result<String> {
            let mut file = File::open(self.home.log())?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = tail().unwrap_or_default();
        let error = |line: &&str| line.contains("[ERROR]") && !line.contains("Aborting");
        let line = text.lines().rev().find(error).or_else(|| text.lines().last()).unwrap_or("it said nothing");
        line.split("[ERROR]").last().unwrap_or(line).trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Whether it had ended before or not: afterwards it has, and nobody is left to be waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(self.home.pid_file());
    }
}

/// A server that stands still while this lives.
#[derive(Debug)]
pub struct Frozen<'a> {
    server: &'a Server,
}

impl Drop for Frozen<'_> {
    fn drop(&mut self) {
        if let Err(error) = kill_process(self.server.pid, Signal::CONT) {
            tracing::warn!(%error, "a frozen database server could not be continued");
        }
    }
}
