//! A writer that hands over whole frames.

use std::io::{self, Write};

/// Begin and end of a synchronized update: terminals that know it show nothing in between, others ignore it.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Collects what is written and sends it at a flush, as one synchronized update. What was collected when a panic comes
/// is dropped: nothing of half a frame reaches the shell's screen.
pub(super) struct FrameWriter<W: Write> {
    out: W,
    frame: Vec<u8>,
}

impl<W: Write> FrameWriter<W> {
    pub fn new(out: W) -> Self {
        Self { out, frame: BEGIN.to_vec() }
    }
}

impl<W: Write> Write for FrameWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.frame.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.frame.len() > BEGIN.len() {
            self.frame.extend_from_slice(END);
            let sent = self.out.write_all(&self.frame);
            self.frame.truncate(BEGIN.len());
            sent?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts the writes that arrive.
    #[derive(Default)]
    struct Sink(Vec<Vec<u8>>);

    impl Write for &mut Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_frame_is_one_write_and_an_unfinished_one_is_dropped() {
        let mut sink = Sink::default();
        {
            let mut writer = FrameWriter::new(&mut sink);
            write!(writer, "one").unwrap();
            write!(writer, " frame").unwrap();
            writer.flush().unwrap();
            writer.flush().unwrap();
            write!(writer, "half").unwrap();
        }
        assert_eq!(sink.0, [b"\x1b[?2026hone frame\x1b[?2026l".to_vec()]);
    }
}
