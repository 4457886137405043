//! A terminal for the real program: a pseudo-terminal and a screen that a reader thread keeps up to date.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use portable_pty::{CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use vt100::{MouseProtocolMode, Parser, Screen};

/// How long anything may take on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(30);

/// Begin and end of a synchronized update.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Size as people say it: columns, then rows.
pub type Size = (u16, u16);

/// A program in a terminal of its own; it ends with this.
pub struct Terminal {
    seen: Arc<(Mutex<Seen>, Condvar)>,
    keys: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    /// Kept open: a terminal that nobody holds any more forgets its modes.
    _slave: Box<dyn SlavePty + Send>,
    process: Pid,
    /// The modes of the line as they were at first.
    before: String,
    _home: TempDir,
}

/// What has come from the program.
struct Seen {
    parser: Parser,
    /// All of it.
    raw: Vec<u8>,
    /// Bytes of `raw` that the parser has had.
    parsed: usize,
    exit: Option<u32>,
}

impl Seen {
    /// Takes in `bytes`, and shows them up to the frame that is not complete yet, as a terminal does.
    fn take(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        let news = &self.raw[self.parsed..];
        let last = |mark: &[u8]| news.windows(mark.len()).rposition(|window| window == mark);
        let complete = last(BEGIN).filter(|begin| last(END).is_none_or(|end| end < *begin)).unwrap_or(news.len());
        self.parser.process(&news[..complete]);
        self.parsed += complete;
    }

    fn screen(&self) -> &Screen {
        self.parser.screen()
    }
}

/// What is started in a terminal, and in which.
pub struct Start {
    command: CommandBuilder,
    size: Size,
    home: TempDir,
}

impl Start {
    /// The program with these words and nobody's settings or credentials.
    pub fn aurewind(words: &[&str]) -> Self {
        Self::program(env!("CARGO_BIN_EXE_aurewind"), words)
    }

    pub fn program(path: impl AsRef<Path>, words: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(path.as_ref());
        command.args(words);
        command.env_clear();
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "AUREWIND_STATE_DIR"] {
            command.env(name, home.path());
        }
        command.cwd(home.path());
        let start = Self { command, size: (120, 36), home };
        start
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .env("USER", "ana")
            .env("HOSTNAME", "laptop")
            .env("AWS_EC2_METADATA_DISABLED", "true")
    }

    pub fn size(mut self, size: Size) -> Self {
        self.size = size;
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn open(self) -> Terminal {
        let (columns, rows) = self.size;
        let pair = native_pty_system().openpty(pty_size(self.size)).unwrap();
        let before = modes(&*pair.master);
        let mut child = pair.slave.spawn_command(self.command).unwrap();
        let process = Pid::from_raw(child.process_id().unwrap().try_into().unwrap()).unwrap();
        let seen = Seen { parser: Parser::new(cells(rows), cells(columns), 0), raw: Vec::new(), parsed: 0, exit: None };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));

        let (mut reader, news) = (pair.master.try_clone_reader().unwrap(), seen.clone());
        thread::spawn(move || {
            let mut bytes = [0; 1 << 13];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                news.0.lock().unwrap().take(&bytes[..count]);
                news.1.notify_all();
            }
        });
        let ended = seen.clone();
        thread::spawn(move || {
            let exit = child.wait().unwrap().exit_code();
            ended.0.lock().unwrap().exit = Some(exit);
            ended.1.notify_all();
        });
        let keys = pair.master.take_writer().unwrap();
        Terminal { seen, keys, master: pair.master, _slave: pair.slave, process, before, _home: self.home }
    }
}

impl Terminal {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.0.lock().unwrap()
    }

    /// Waits for it; gives back what it was, or the screen as it was when patience ended.
    #[track_caller]
    fn wait<T>(&self, what: &str, mut found: impl FnMut(&Seen) -> Option<T>) -> T {
        let mut result = None;
        let waiting = self.seen.1.wait_timeout_while(self.seen(), PATIENCE, |seen| {
            result = found(seen);
            result.is_none()
        });
        let (seen, _) = waiting.unwrap();
        let screen = seen.screen().contents();
        // Given free before a panic, which would poison it for the threads.
        drop(seen);
        result.unwrap_or_else(|| panic!("waited in vain until {what}:\n{screen}"))
    }

    /// Waits until the screen is as `seen` wants it; gives back its text.
    #[track_caller]
    pub fn wait_until(&self, what: &str, seen: impl Fn(&Screen) -> bool) -> String {
        self.wait(what, |now| seen(now.screen()).then(|| now.screen().contents()))
    }

    /// Waits until `text` is on the screen; gives back all of it.
    #[track_caller]
    pub fn wait_for(&self, text: &str) -> String {
        self.wait_until(&format!("{text:?} is shown"), |screen| screen.contents().contains(text))
    }

    /// Waits until all of the fleet is there; gives back the screen. Before that no row has the cursor.
    #[track_caller]
    pub fn wait_for_fleet(&self) -> String {
        self.wait_for("refreshed ")
    }

    /// Waits until the table's cursor is anywhere but on `id`; gives back where.
    #[track_caller]
    pub fn wait_for_cursor_off(&self, id: &str) -> String {
        self.wait("the cursor has moved", |seen| under_cursor(seen.screen()).filter(|name| name != id))
    }

    /// Waits until the table's cursor is on `id`, a name that has room there.
    #[track_caller]
    pub fn wait_for_cursor(&self, id: &str) {
        self.wait_until(&format!("the cursor is on {id}"), |screen| under_cursor(screen).as_deref() == Some(id));
    }

    /// Types `text`, all of it at once.
    pub fn keys(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Filters for `id` and waits until the cursor is there.
    #[track_caller]
    pub fn choose(&mut self, id: &str) {
        self.keys(&format!("/\x15{id}\r"));
        self.wait_for_cursor(id);
    }

    pub fn resize(&self, size: Size) {
        // The screen first: the program may answer at once.
        self.seen().parser.set_size(cells(size.1), cells(size.0));
        self.master.resize(pty_size(size)).unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.process, signal).unwrap();
    }

    /// Every byte that the program has written so far.
    pub fn raw(&self) -> Vec<u8> {
        self.seen().raw.clone()
    }

    /// Whether the line has the modes that it had before the program came.
    pub fn modes_are_as_before(&self) -> bool {
        modes(&*self.master) == self.before
    }

    /// Waits for the end; gives back the exit code. What was switched on has to be off again.
    #[track_caller]
    pub fn end(&self) -> u32 {
        let exit = self.wait("the program ends", |seen| seen.exit);
        self.wait_until("the terminal is given back", is_given_back);
        assert!(self.modes_are_as_before(), "{}", modes(&*self.master));
        exit
    }

    /// Leaves by `q`.
    #[track_caller]
    pub fn quit(mut self) {
        self.keys("q");
        assert_eq!(self.end(), 0);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Once it has ended the number may be somebody else's.
        if self.seen.0.lock().is_ok_and(|seen| seen.exit.is_none()) {
            let _ = kill_process(self.process, Signal::KILL);
        }
    }
}

/// Whether nothing that the dashboard switches on is on.
pub fn is_given_back(screen: &Screen) -> bool {
    let mouse = screen.mouse_protocol_mode() != MouseProtocolMode::None;
    !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste() && !mouse
}

/// The name in the table's row that has the cursor.
pub fn under_cursor(screen: &Screen) -> Option<String> {
    let (_, columns) = screen.size();
    let row = screen.rows(0, columns.get()).find(|row| row.starts_with(['▌', '>']))?;
    // What comes before the name are the lines of the tree.
    row.split_whitespace().find(|word| word.chars().count() > 3).map(str::to_owned)
}

/// The modes of the line, in words that can be compared.
fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

fn pty_size((cols, rows): Size) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn cells(count: u16) -> std::num::NonZeroU16 {
    count.try_into().unwrap()
}
