//! The modes that are switched on, and off again.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{execute, queue};

/// The one terminal of this process. It is shared with the panic hook, which has no other way to it.
pub(super) static SCREEN: Modes = Modes::new(|on| if on { enable_raw_mode() } else { disable_raw_mode() });

/// Whether the modes are on.
pub(super) struct Modes {
    on: AtomicBool,
    /// Whether the mouse is among them.
    mouse: AtomicBool,
    raw: fn(bool) -> io::Result<()>,
}

impl Modes {
    const fn new(raw: fn(bool) -> io::Result<()>) -> Self {
        Self { on: AtomicBool::new(false), mouse: AtomicBool::new(false), raw }
    }

    /// Whether they are on.
    pub fn on(&self) -> bool {
        self.on.load(Ordering::SeqCst)
    }

    /// Switches every mode on, unless they are; the mouse only if asked for.
    pub fn enter(&self, out: &mut impl Write, mouse: bool) -> io::Result<()> {
        if self.on.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        self.mouse.store(mouse, Ordering::SeqCst);
        let entered = (self.raw)(true)
            .and_then(|()| execute!(out, EnterAlternateScreen, EnableBracketedPaste, Hide))
            .and_then(|()| if mouse { execute!(out, EnableMouseCapture) } else { Ok(()) });
        if entered.is_err() {
            // The first error is the one to report.
            let _ = self.leave(out);
        }
        entered
    }

    /// Switches every mode off, unless they are. What fails does not keep the rest from being tried.
    pub fn leave(&self, out: &mut impl Write) -> io::Result<()> {
        if !self.on.swap(false, Ordering::SeqCst) {
            return Ok(());
        }
        let mouse = if self.mouse.load(Ordering::SeqCst) { queue!(out, DisableMouseCapture) } else { Ok(()) };
        let rest = queue!(out, Show, DisableBracketedPaste, LeaveAlternateScreen).and_then(|()| out.flush());
        let written = mouse.and(rest);
        (self.raw)(false).and(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON: &str = "\x1b[?1049h\x1b[?2004h\x1b[?25l";
    const OFF: &str = "\x1b[?25h\x1b[?2004l\x1b[?1049l";

    #[rstest::rstest]
    #[case::without_mouse(false)]
    #[case::with_mouse(true)]
    fn every_mode_is_switched_off_once(#[case] mouse: bool) {
        let modes = Modes::new(|_| Ok(()));
        let mut out = Vec::new();
        for _ in 0..2 {
            modes.enter(&mut out, mouse).unwrap();
        }
        assert!(modes.on());
        for _ in 0..2 {
            modes.leave(&mut out).unwrap();
        }
        assert!(!modes.on());
        let out = String::from_utf8(out).unwrap();
        let modes = |sign: char| {
            let numbers =
                out.match_indices("\x1b[?").map(|(at, found)| out[at + found.len()..].split_inclusive(['h', 'l']));
            let mut found: Vec<_> = numbers.filter_map(|mut rest| rest.next()?.strip_suffix(sign)).collect();
            found.sort_unstable();
            found
        };
        let [shown, set]: [Vec<_>; 2] = [modes('h'), modes('l')];
        assert_eq!(shown, set, "what is set is reset, the cursor the other way round");
        assert_eq!(shown.contains(&"1006"), mouse);
        assert!(mouse || out == format!("{ON}{OFF}"), "{out:?}");
    }

    #[test]
    fn a_terminal_that_refuses_is_left_as_it_was() {
        let modes = Modes::new(|on| if on { Err(io::Error::other("no terminal")) } else { Ok(()) });
        let mut out = Vec::new();
        assert_eq!(modes.enter(&mut out, false).unwrap_err().to_string(), "no terminal");
        assert!(!modes.on());
        assert_eq!(String::from_utf8(out).unwrap(), OFF);
    }

    /// A terminal that has gone away.
    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    #[test]
    fn raw_mode_ends_even_if_nothing_can_be_written() {
        static RAW: AtomicBool = AtomicBool::new(false);
        let modes = Modes::new(|on| {
            RAW.store(on, Ordering::SeqCst);
            Ok(())
        });
        modes.enter(&mut Vec::new(), true).unwrap();
        assert!(RAW.load(Ordering::SeqCst));
        assert!(modes.leave(&mut Gone).is_err());
        assert!(!RAW.load(Ordering::SeqCst));
    }
}
