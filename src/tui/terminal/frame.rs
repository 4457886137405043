//! Collects what a frame writes, so that it leaves in one piece.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

/// Begin and end of a synchronized update: terminals that know it show nothing in between, others ignore it.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// The bytes of a frame. Clones share them: one is written to by the backend, the other one sends.
///
/// The backend flushes several times within a frame, between clearing the screen and drawing it among others, which
/// would show as flicker; so flushing does nothing here, and [`FrameBytes::send`] writes everything at once. What was
/// collected when a panic comes is never sent: nothing of half a frame reaches the shell's screen.
#[derive(Debug, Clone, Default)]
pub(super) struct FrameBytes(Rc<RefCell<Vec<u8>>>);

impl FrameBytes {
    /// Forgets what was collected and not sent.
    pub fn discard(&self) {
        self.0.borrow_mut().clear();
    }

    /// Sends what was collected as one synchronized update.
    pub fn send(&self, out: &mut impl Write) -> io::Result<()> {
        let frame = self.0.take();
        if frame.is_empty() {
            return Ok(());
        }
        out.write_all(&[BEGIN, &frame, END].concat())?;
        out.flush()
    }
}

impl Write for FrameBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps every write apart.
    #[derive(Default)]
    struct Sink(Vec<Vec<u8>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_frame_is_one_write_and_an_unfinished_one_is_never_sent() {
        let (mut sink, frame) = (Sink::default(), FrameBytes::default());
        let mut backend = frame.clone();
        write!(backend, "one").unwrap();
        backend.flush().unwrap();
        write!(backend, " frame").unwrap();
        frame.send(&mut sink).unwrap();
        frame.send(&mut sink).unwrap();
        write!(backend, "half").unwrap();
        frame.discard();
        frame.send(&mut sink).unwrap();
        assert_eq!(sink.0, [b"\x1b[?2026hone frame\x1b[?2026l".to_vec()]);
    }
}
