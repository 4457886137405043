//! Reads a part of a step's output: never more than a part, and never on the loop.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::Inner;
use crate::aurora::text::clean;
use crate::tui::event::Event;
use crate::tui::state::{LogLine, Part, Stretch};

/// The most that is read at a time.
const MOST: u64 = 64 * 1024;
/// A tab goes to the next multiple of so many columns.
const TAB: usize = 8;

impl Inner {
    /// Tells what is in a part of the file at `path`.
    pub(super) async fn read_output(&self, path: PathBuf, part: Part) {
        let file = path.clone();
        let read = tokio::task::spawn_blocking(move || read(&file, part)).await;
        let result = match read {
            Ok(Ok(stretch)) => Ok(stretch),
            Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => Err("nothing was written yet".into()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        self.tell(Event::Output { path, result }).await;
    }
}

fn read(path: &Path, part: Part) -> io::Result<Stretch> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let (from, to) = match part {
        Part::End => (size.saturating_sub(MOST), size),
        Part::From(at) => (at.min(size), size.min(at.saturating_add(MOST))),
        Part::Before(at) => (at.min(size).saturating_sub(MOST), at.min(size)),
    };
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.take(to - from).read_to_end(&mut bytes)?;
    // In front of what was asked for there may be the rest of a line.
    let torn = from > 0 && !matches!(part, Part::From(_));
    let (lines, to) = split(&bytes, from, torn);
    Ok(Stretch { part, from: lines.first().map_or(to, |line| line.at), lines, to, size })
}

/// The lines in `bytes`, which begin at `from`; of a `torn` one the rest of its first line is left out. Gives back also
/// where the next reading begins: at the last line if that is not complete, unless it fills all there is.
fn split(bytes: &[u8], from: u64, torn: bool) -> (Vec<LogLine>, u64) {
    let skipped = if torn { bytes.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1) } else { 0 };
    let (mut at, mut lines) = (from + skipped as u64, Vec::new());
    let mut next = at;
    for line in bytes[skipped..].split_inclusive(|byte| *byte == b'\n') {
        lines.push(LogLine { at, text: text(line) });
        at += line.len() as u64;
        if line.ends_with(b"\n") {
            next = at;
        }
    }
    let stuck = next == from && bytes.len() as u64 >= MOST;
    (lines, if stuck { at } else { next })
}

/// A line as it may be shown: what a program has written over is gone, tabs are blanks, nothing steers the terminal.
fn text(line: &[u8]) -> String {
    let line = String::from_utf8_lossy(line);
    let line = line.trim_end_matches(['\n', '\r']);
    let line = line.rsplit('\r').next().unwrap_or_default();
    let mut shown = String::with_capacity(line.len());
    let mut column = 0;
    for c in line.chars() {
        if c == '\t' {
            let blanks = TAB - column % TAB;
            shown.extend(std::iter::repeat_n(' ', blanks));
            column += blanks;
        } else {
            shown.push(c);
            column += 1;
        }
    }
    clean(&shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(lines: &[LogLine]) -> Vec<&str> {
        lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[rstest::rstest]
    #[case("one\ntwo\n", false, &["one", "two"], 8)]
    #[case("one\ntw", false, &["one", "tw"], 4)]
    #[case("ne\ntwo\n", true, &["two"], 7)]
    #[case("", false, &[], 0)]
    #[case("10%\r50%\r100%\ndone\r\n", false, &["100%", "done"], 19)]
    #[case("a\tb\n", false, &["a       b"], 4)]
    #[case("\u{1b}[31mred\u{1b}[0m\u{202e}\n", false, &["[31mred[0m"], 16)]
    fn lines_of_a_part(#[case] bytes: &str, #[case] torn: bool, #[case] want: &[&str], #[case] next: u64) {
        let (lines, to) = split(bytes.as_bytes(), 0, torn);
        assert_eq!((texts(&lines), to), (want.to_vec(), next));
    }

    #[test]
    fn a_file_is_read_from_its_end_backwards_and_onwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let all: Vec<String> = (0..20_000).map(|n| format!("line {n}")).collect();
        std::fs::write(&path, all.join("\n") + "\n").unwrap();
        let end = read(&path, Part::End).unwrap();
        assert_eq!(end.lines.last().unwrap().text, "line 19999");
        assert!(end.from > 0 && end.to == end.size);
        let before = read(&path, Part::Before(end.from)).unwrap();
        let whole: Vec<_> = before.lines.iter().chain(&end.lines).map(|line| line.text.clone()).collect();
        assert!(all.ends_with(&whole), "nothing is lost between the parts");
        let on = read(&path, Part::From(before.from)).unwrap();
        assert_eq!(on.lines.first(), before.lines.first());
        assert!(read(&path, Part::From(end.size)).unwrap().lines.is_empty());
        assert!(read(&folder.path().join("none"), Part::End).is_err());
    }

    proptest! {
        #[test]
        fn reading_on_gives_every_line_once(words in proptest::collection::vec("[a-zé]{0,40}", 0..60), step in 1usize..90) {
            let bytes = words.iter().flat_map(|word| format!("{word}\n").into_bytes()).collect::<Vec<_>>();
            let (mut at, mut seen) = (0, Vec::new());
            // The file grows by `step` bytes between two readings.
            for end in (0..bytes.len()).step_by(step).chain([bytes.len()]) {
                let (lines, to) = split(&bytes[at..end.max(at)], at as u64, false);
                seen.extend(lines.into_iter().filter(|line| line.at < to));
                at = to as usize;
            }
            prop_assert_eq!(texts(&seen), words.iter().map(String::as_str).collect::<Vec<_>>());
        }

        #[test]
        fn whatever_is_in_a_file_steers_no_terminal(bytes in proptest::collection::vec(any::<u8>(), 0..400), torn: bool) {
            let (lines, to) = split(&bytes, 7, torn);
            prop_assert!(lines.iter().all(|line| !line.text.contains(char::is_control)));
            prop_assert!(to >= 7 && to <= 7 + bytes.len() as u64);
        }
    }
}
