//! Running a command to its end.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::environment::inherited;
use super::group::Group;
use super::lines::Lines;
use super::log::{LONGEST_LOG, Log};
use super::note::Note;
use super::output::Output;
use crate::recipe::redact::Redactor;

/// A command to run.
pub struct Spawn {
    /// Program and arguments. A program without `/` is looked for on the path, any other is seen from `directory`.
    pub words: Vec<String>,
    /// Where it is run.
    pub directory: PathBuf,
    /// What it gets besides what it inherits.
    pub env: BTreeMap<String, String>,
    /// Variables that it does not inherit, with `*`.
    pub clear: Vec<String>,
    /// Whether it inherits what AWS credentials are found by.
    pub pass_aws: bool,
    /// How long it may take.
    pub timeout: Duration,
    /// Where its output is written; made, or written anew.
    pub log: PathBuf,
}

/// Why a command is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It ended by itself.
    Exited,
    /// It took too long and was killed.
    TimedOut,
    /// It was killed, as the run was stopped.
    Stopped,
    /// It did not begin, with the reason and its mend.
    NotStarted(String),
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code, if it had one.
    pub code: Option<i32>,
    /// The signal that killed it.
    pub signal: Option<i32>,
    /// Why it is over.
    pub why: Why,
    /// The last lines of its output, redacted.
    pub tail: Vec<String>,
    /// What else is to be said of it: output that was cut, processes that it left behind.
    pub notes: Vec<String>,
}

impl Ended {
    /// Whether it ended by itself with exit code 0.
    pub fn passed(&self) -> bool {
        self.why == Why::Exited && self.code == Some(0)
    }

    fn not_started(reason: String) -> Self {
        Self { code: None, signal: None, why: Why::NotStarted(reason), tail: Vec::new(), notes: Vec::new() }
    }
}

/// How long it is waited, and how much is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// From asking processes to end until they are killed.
    pub end: Duration,
    /// For what a command that has ended left running, and for who else holds its output open.
    pub rest: Duration,
    /// Bytes of the log.
    pub log: u64,
}

const PATIENCE: Patience = Patience { end: Duration::from_secs(10), rest: Duration::from_secs(2), log: LONGEST_LOG };

/// How long to wait between two looks at a process group.
const LOOK: Duration = Duration::from_millis(20);

/// Runs a command in a process group of its own, to its end, its time-out or `stop`, and gives its output, cleaned by
/// `redact`, to its log and to `line`. Whatever is left of the group is killed then, also if this is dropped.
pub async fn run(spawn: &Spawn, redact: &Redactor, stop: CancellationToken, line: impl FnMut(&str)) -> Ended {
    run_with(spawn, redact, stop, line, PATIENCE).await
}

pub(super) async fn run_with(
    spawn: &Spawn,
    redact: &Redactor,
    stop: CancellationToken,
    line: impl FnMut(&str),
    patience: Patience,
) -> Ended {
    let log = match Log::create(&spawn.log, patience.log) {
        Ok(log) => log,
        Err(error) => {
            return Ended::not_started(format!("its log {} cannot be written: {error}", spawn.log.display()));
        }
    };
    let (child, output) = match start(spawn) {
        Ok(started) => started,
        Err(reason) => {
            log.finish(std::slice::from_ref(&reason));
            return Ended::not_started(reason);
        }
    };
    // Taken away after the group, should this be dropped.
    let _note = Note::write(&spawn.log, child.id());
    let group = Group::of(child.id());
    let sink = Sink { lines: Lines::new(redact), log, line };
    let mut running = Running { child, group, output: Some(output), status: None, sink, buffer: vec![0; 64 * 1024] };
    let why = running.until_end(Instant::now() + spawn.timeout, &stop).await;
    let mut notes = running.clear_up(&why, patience).await;
    running.sink.finish();
    let status = running.status;
    let (tail, said) = running.sink.log.finish(&notes);
    notes.extend(said);
    Ended { code: status.and_then(|status| status.code()), signal: status.and_then(signal), why, tail, notes }
}

fn start(spawn: &Spawn) -> Result<(Child, Output), String> {
    let (program, arguments) = spawn.words.split_first().ok_or("the command is empty")?;
    let directory = &spawn.directory;
    if !directory.is_dir() {
        return Err(format!("its directory {} does not exist", directory.display()));
    }
    let (output, writer) = Output::pipe().map_err(|error| format!("there is no pipe for its output: {error}"))?;
    let path = if program.contains('/') { directory.join(program) } else { PathBuf::from(program) };
    let mut command = Command::new(&path);
    command
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .envs(inherited(std::env::vars_os(), &spawn.clear, spawn.pass_aws))
        .envs(&spawn.env)
        .stdin(Stdio::null())
        .stdout(writer.try_clone().map_err(|error| format!("there is no pipe for its output: {error}"))?)
        .stderr(writer)
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    // The command, which holds the writing ends, is dropped here: the pipe ends with the processes.
    let child = command.spawn().map_err(|error| not_started(program, &path, directory, &error))?;
    Ok((child, output))
}

fn not_started(program: &str, path: &Path, directory: &Path, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound if path.components().count() == 1 => {
            format!("`{program}` was not found on the path; install it, or name it by its path")
        }
        io::ErrorKind::NotFound if path.exists() => {
            format!("what the first line of `{program}` names as its interpreter was not found; install it")
        }
        io::ErrorKind::NotFound => {
            format!("`{program}` does not exist, seen from {}; correct its path", directory.display())
        }
        io::ErrorKind::PermissionDenied => format!("`{program}` may not be executed; try `chmod +x {program}`"),
        _ => format!("`{program}` could not be started: {error}"),
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

/// Where output goes.
struct Sink<'a, F> {
    lines: Lines<'a>,
    log: Log,
    line: F,
}

impl<F: FnMut(&str)> Sink<'_, F> {
    fn push(&mut self, chunk: &[u8]) {
        let Self { lines, log, line } = self;
        lines.push(chunk, |text| {
            log.line(&text);
            line(&text);
        });
        log.flush();
    }

    fn finish(&mut self) {
        let Self { lines, log, line } = self;
        lines.finish(|text| {
            log.line(&text);
            line(&text);
        });
    }
}

/// A command that was started.
struct Running<'a, F> {
    child: Child,
    group: Group,
    /// Absent once the pipe is closed.
    output: Option<Output>,
    status: Option<ExitStatus>,
    sink: Sink<'a, F>,
    buffer: Vec<u8>,
}

impl<F: FnMut(&str)> Running<'_, F> {
    /// Reads until the command itself has ended, or is to be ended.
    async fn until_end(&mut self, deadline: Instant, stop: &CancellationToken) -> Why {
        while self.status.is_none() {
            tokio::select! {
                () = self.turn() => {}
                () = sleep_until(deadline) => return Why::TimedOut,
                () = stop.cancelled() => return Why::Stopped,
            }
        }
        Why::Exited
    }

    /// Ends what is still running, reads what is still coming, and says what there was of it.
    async fn clear_up(&mut self, why: &Why, patience: Patience) -> Vec<String> {
        let mut notes = Vec::new();
        if *why == Why::Exited && !self.settle(patience.rest).await && !self.is_gone() {
            notes.push("processes that it left running were ended with it".to_owned());
        }
        if !self.is_gone() {
            self.group.end();
            if !self.wait(patience.end, Self::is_gone).await {
                self.group.kill();
                // Where there are no groups.
                let _ = self.child.start_kill();
                notes.push("it had to be killed: it did not end when asked to".to_owned());
                self.wait(patience.rest, Self::is_gone).await;
            }
        }
        if self.output.is_some() && !self.settle(patience.rest).await {
            notes
                .push("a process outside of its group still holds its output open; it is not read any more".to_owned());
        }
        notes
    }

    /// Whether nothing of the command is left.
    fn is_gone(&mut self) -> bool {
        self.status.is_some() && self.group.is_gone()
    }

    /// Waits until nothing is left of the command and of its output.
    async fn settle(&mut self, limit: Duration) -> bool {
        self.wait(limit, |running| running.output.is_none() && running.is_gone()).await
    }

    /// Reads on until `done`, or for so long.
    async fn wait(&mut self, limit: Duration, done: impl Fn(&mut Self) -> bool) -> bool {
        let limit = Instant::now() + limit;
        loop {
            if done(self) {
                return true;
            }
            let look = Instant::now() + LOOK;
            tokio::select! {
                () = self.turn() => {}
                () = sleep_until(look.min(limit)) => {}
            }
            if Instant::now() >= limit {
                return done(self);
            }
        }
    }

    /// The next thing that comes from the command: output, the end of it, or its own end.
    async fn turn(&mut self) {
        let Self { child, output, status, buffer, .. } = self;
        let read = async {
            match output {
                Some(output) => output.read(buffer).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            size = read => match size {
                Ok(size) if size > 0 => self.sink.push(&self.buffer[..size]),
                _ => self.output = None,
            },
            ended = child.wait(), if status.is_none() => {
                // One that cannot be waited for has no status; its group is seen to all the same.
                *status = Some(ended.unwrap_or_default());
            }
        }
    }
}
