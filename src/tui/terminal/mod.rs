//! The terminal: what it can do, and giving it back as it was found.

mod ascii;
mod capabilities;
mod frame;
mod hook;
mod input;
mod modes;

use std::io::{self, Write as _};

use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal};

pub use ascii::to_ascii;
pub use capabilities::Capabilities;
pub use hook::{install_panic_hook, take_worker_panics};
pub use input::input;

use frame::FrameBytes;

/// Owns the terminal while the dashboard is shown. However it ends (return, error, panic), the terminal is given back.
pub struct Guard {
    terminal: Terminal<CrosstermBackend<FrameBytes>>,
    frame: FrameBytes,
    mouse: bool,
}

impl Guard {
    /// Switches on raw mode, the alternate screen, bracketed paste and, if asked for, the mouse, and hides the cursor.
    /// Installs the panic hook.
    ///
    /// # Errors
    /// If the terminal refuses; what was switched on by then is off again.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        install_panic_hook();
        let frame = FrameBytes::default();
        // Asks for the size only; nothing is switched on yet.
        let terminal = Terminal::new(CrosstermBackend::new(frame.clone()))?;
        let guard = Self { terminal, frame, mouse };
        modes::SCREEN.enter(&mut io::stdout(), mouse)?;
        Ok(guard)
    }

    /// Draws a frame; only what changed since the last one is written, at once and without flicker.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        let drawn = self.terminal.draw(render).map(drop);
        if drawn.is_err() {
            self.frame.discard();
        }
        drawn.and_then(|()| self.frame.send(&mut io::stdout()))
    }

    /// Columns and rows.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        self.terminal.size().map(|size| (size.width, size.height))
    }

    /// Gives the terminal back. Does nothing if that is done already.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub fn leave(&mut self) -> io::Result<()> {
        modes::SCREEN.leave(&mut io::stdout())
    }

    /// Takes the terminal again after [`Guard::leave`]; the next frame is drawn in full.
    ///
    /// # Errors
    /// If the terminal refuses.
    pub fn reenter(&mut self) -> io::Result<()> {
        modes::SCREEN.enter(&mut io::stdout(), self.mouse)?;
        self.forget()
    }

    /// Forgets what has been drawn; the next frame is drawn in full, on a screen that is clear.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub fn forget(&mut self) -> io::Result<()> {
        // Not `clear`, which asks the terminal where its cursor is: the answer would go to whoever reads the keys, and
        // be waited for in vain.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::new(0, 0, size.width, size.height))
    }

    /// Gives the terminal back and stops this process, as Ctrl-Z does for a program that is not in raw mode; returns
    /// when it is continued, with the terminal taken again. Then everything has to be drawn anew.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub fn suspend(&mut self) -> io::Result<()> {
        if !cfg!(unix) {
            return Ok(());
        }
        self.leave()?;
        // The whole group stops, as the shell expects of a job. A group without a shell does not stop, and goes on here.
        #[cfg(unix)]
        rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?;
        self.reenter()
    }

    /// Writes an escape sequence that belongs to no frame, such as one for the clipboard.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub fn send(&mut self, sequence: &[u8]) -> io::Result<()> {
        let mut out = io::stdout();
        out.write_all(sequence)?;
        out.flush()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Nobody is left to be told that the terminal is gone.
        let _ = self.leave();
        for message in take_worker_panics() {
            let _ = writeln!(io::stderr(), "{message}");
        }
    }
}
