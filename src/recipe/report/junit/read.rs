//! JUnit files of tests.
//!
//! There is no one form of them: suites nest or not, stand below `testsuites` or alone, and attributes may be missing. Nothing
//! in a file is expanded or fetched: references to entities other than XML's own are left as they are written.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::recipe::outcome::Case;
use crate::recipe::redact::Redactor;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 32 * 1024 * 1024;
/// How many files are read.
const FILES: usize = 2_000;
/// How many test cases are taken from them.
const CASES: usize = 100_000;
/// How much is kept of why a test failed, in bytes.
const FAILURE: usize = 16 * 1024;
/// How deep elements may nest.
const DEEPEST: usize = 64;
/// The clock of a file system may be this much coarser than that of the process.
const COARSE: Duration = Duration::from_secs(2);

/// What was found in the files of a step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// Test cases, in the order of the files' names.
    pub cases: Vec<Case>,
    /// What could not be read, a sentence for each; a step that promised files should not pass with one.
    pub problems: Vec<String>,
}

/// Reads the JUnit files that match `pattern`, seen from `base`, and were written since `since`: older ones are those of an
/// earlier round or run. What they say is cleaned by `redact`.
pub fn read(pattern: &str, base: &Path, since: SystemTime, redact: &Redactor) -> Found {
    let mut found = Found::default();
    let paths = match files(pattern, base) {
        Ok(paths) => paths,
        Err(why) => {
            found.problems.push(why);
            return found;
        }
    };
    let since = since.checked_sub(COARSE).unwrap_or(since);
    let fresh = |path: &PathBuf| fs::metadata(path).and_then(|it| it.modified()).is_ok_and(|at| at >= since);
    let (new, old): (Vec<PathBuf>, Vec<PathBuf>) = paths.into_iter().partition(fresh);
    if new.is_empty() {
        found.problems.push(match old.len() {
            0 => format!("no file matches `{pattern}`"),
            count => format!("none of the {count} files that match `{pattern}` was written by this step"),
        });
    }
    if new.len() > FILES {
        found.problems.push(format!("{} files match `{pattern}`; {FILES} of them are read", new.len()));
    }
    for path in new.iter().take(FILES) {
        let shown = path.strip_prefix(base).unwrap_or(path).display().to_string();
        let room = CASES - found.cases.len();
        let text = match content(path) {
            Ok(text) => text,
            Err(why) => {
                found.problems.push(format!("{shown} {why}"));
                continue;
            }
        };
        let (cases, why) = parse(&text, room);
        found.cases.extend(cases.into_iter().map(|case| clean(case, redact)));
        found.problems.extend(why.map(|why| format!("{shown} {why}")));
    }
    found.problems = found.problems.iter().map(|problem| redact.clean(problem)).collect();
    found
}

fn files(pattern: &str, base: &Path) -> Result<Vec<PathBuf>, String> {
    // The folder is a name, whatever is in it; an absolute pattern replaces it.
    let base = PathBuf::from(glob::Pattern::escape(&base.to_string_lossy()));
    let whole = base.join(pattern);
    let paths = glob::glob(&whole.to_string_lossy()).map_err(|error| format!("`{pattern}` is no pattern: {error}"))?;
    Ok(paths.flatten().filter(|path| path.is_file()).collect())
}

fn content(path: &Path) -> Result<String, String> {
    let unread = |error: io::Error| format!("cannot be read: {error}");
    let mut bytes = Vec::new();
    File::open(path).map_err(unread)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("is larger than {} MiB", LARGEST / 1024 / 1024));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("is not in UTF-8".into());
    }
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

fn clean(case: Case, redact: &Redactor) -> Case {
    let line = |text: String| redact.clean(&text).replace(['\n', '\t'], " ");
    Case {
        suite: line(case.suite),
        class: line(case.class),
        name: line(case.name),
        failure: case.failure.map(|text| redact.clean(&text)),
        ..case
    }
}

/// The test cases of a file, at most `room`, and what is wrong with it.
fn parse(text: &str, room: usize) -> (Vec<Case>, Option<String>) {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    // Some writers leave it as it is.
    reader.config_mut().allow_dangling_amp = true;
    let mut state = State { room, ..State::default() };
    let why = loop {
        match reader.read_event() {
            Ok(Event::Eof) => break state.end(),
            Ok(event) => {
                if let Err(why) = state.take(&event) {
                    break Some(why);
                }
            }
            Err(error) => break Some(format!("is broken at byte {}: {error}", reader.error_position())),
        }
    };
    (state.cases, why)
}

#[derive(Default)]
struct State {
    room: usize,
    cases: Vec<Case>,
    /// Names of the elements that are open.
    open: Vec<String>,
    /// Names of the suites that are open.
    suites: Vec<String>,
    /// The test case that is open.
    case: Option<Case>,
    /// The failure that is open: what its attributes say, and its text.
    failure: Option<(String, String)>,
    rooted: bool,
}

impl State {
    fn take(&mut self, event: &Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(start) => self.start(start)?,
            Event::End(_) => self.close()?,
            Event::Text(text) => self.add(&text.xml10_content()),
            Event::CData(text) => self.add(&text.xml10_content()),
            Event::GeneralRef(name) => self.add(&resolved(name)),
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        let name = start.local_name().as_ref().to_owned();
        if !self.rooted && !matches!(name.as_str(), "testsuites" | "testsuite") {
            return Err(format!("is no JUnit file: it begins with <{name}>"));
        }
        self.rooted = true;
        if self.open.len() == DEEPEST {
            return Err(format!("has elements within each other more than {DEEPEST} deep"));
        }
        match name.as_str() {
            "testsuite" => self.suites.push(attribute(start, "name").unwrap_or_default()),
            "testcase" => {
                let seconds = attribute(start, "time").and_then(|text| seconds(&text)).unwrap_or(0.0);
                let (class, name) = (attribute(start, "classname"), attribute(start, "name"));
                self.case = Some(self.new_case(class.unwrap_or_default(), name.unwrap_or_default(), seconds));
            }
            "failure" | "error" => {
                let said = [attribute(start, "type"), attribute(start, "message")];
                let said: Vec<String> = said.into_iter().flatten().filter(|text| !text.is_empty()).collect();
                self.failure = Some((said.join(": "), String::new()));
            }
            "skipped" => {
                if let Some(case) = &mut self.case {
                    case.skipped = true;
                }
            }
            _ => {}
        }
        self.open.push(name);
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        match self.open.pop().as_deref() {
            Some("testsuite") => {
                self.suites.pop();
            }
            Some("testcase") => {
                if let Some(case) = self.case.take() {
                    self.push(case)?;
                }
            }
            Some("failure" | "error") => {
                let (said, body) = self.failure.take().unwrap_or_default();
                let parts = [said.trim(), body.trim()].into_iter().filter(|part| !part.is_empty());
                let mut text = parts.collect::<Vec<_>>().join("\n");
                text.truncate(text.floor_char_boundary(FAILURE));
                if text.is_empty() {
                    text.push_str("it gives no reason");
                }
                if let Some(case) = &mut self.case {
                    // The first is the cause.
                    case.failure = case.failure.take().or(Some(text));
                } else {
                    // Of a suite that could not be begun.
                    let case = Case { failure: Some(text), ..self.new_case(String::new(), "the suite".into(), 0.0) };
                    self.push(case)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, text: &str) {
        if let Some((_, body)) = self.failure.as_mut().filter(|(_, body)| body.len() < FAILURE) {
            body.push_str(text);
        }
    }

    fn new_case(&self, class: String, name: String, seconds: f64) -> Case {
        let names: Vec<&str> = self.suites.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        Case { suite: names.join(" / "), class, name, seconds, failure: None, skipped: false }
    }

    fn push(&mut self, case: Case) -> Result<(), String> {
        if self.cases.len() >= self.room {
            return Err(format!("has test cases beyond the first {CASES}, which are left out"));
        }
        self.cases.push(case);
        Ok(())
    }

    /// What is wrong at the end of the file.
    fn end(&self) -> Option<String> {
        match self.open.last() {
            _ if !self.rooted => Some("is empty".into()),
            Some(name) => Some(format!("ends within <{name}>: its writer may have been stopped")),
            None => None,
        }
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.try_get_attribute(name).ok()??;
    let value = attribute.normalized_value(XmlVersion::Explicit1_0).map(std::borrow::Cow::into_owned);
    Some(value.unwrap_or_else(|_| attribute.value.to_string()))
}

/// Seconds as they are written, also with commas between thousands.
fn seconds(text: &str) -> Option<f64> {
    text.trim().replace(',', "").parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0)
}

fn resolved(name: &BytesRef<'_>) -> String {
    match name.resolve_char_ref() {
        Ok(Some(c)) => c.to_string(),
        _ => resolve_xml_entity(name).map_or_else(|| format!("&{};", &**name), ToOwned::to_owned),
    }
}
