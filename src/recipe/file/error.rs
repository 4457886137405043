//! What is wrong with a recipe file: where, what, and what would be right.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use super::check::may_be_secret;
use super::tree::{self, Node};
use crate::aurora::text::clean;
use crate::recipe::model::{Part, Wrong};

/// How much of a line is shown before and after what is wrong in it, in characters.
const AROUND: usize = 100;
/// How much of a value is told, in characters.
const LONGEST_VALUE: usize = 60;

/// Something that is wrong with a recipe file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileError {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1 on; absent if it is about the file as a whole.
    pub line: Option<usize>,
    /// The column, in characters from 1 on.
    pub column: Option<usize>,
    /// The key, as in `step[2].timeout`; steps are counted from 1 on. Empty if it is about no key.
    pub key: String,
    /// What the file says there, unless it may be a secret or is long.
    pub value: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub mend: String,
    /// Whether the recipe can be used all the same.
    pub warning: bool,
    /// Whether it is about keys, types and files; what they mean is looked at only once these are right.
    #[serde(skip)]
    form: bool,
    /// The line before, within and after what is underlined.
    #[serde(skip)]
    source: Option<[String; 3]>,
}

impl FileError {
    /// Something that is wrong with a file as a whole.
    pub(super) fn whole(file: &Path, problem: String, mend: &str) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            column: None,
            key: String::new(),
            value: None,
            problem,
            mend: mend.to_owned(),
            warning: false,
            form: true,
            source: None,
        }
    }

    /// The same, as one that hides others.
    pub(super) fn of_form(self) -> Self {
        Self { form: true, ..self }
    }

    /// Whether more may be found once this one is mended.
    pub fn hides_others(&self) -> bool {
        self.form
    }
}

impl fmt::Display for FileError {
    /// As compilers show it: the line with the place underlined, and the mend below.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = match (&self.key, &self.value) {
            (key, _) if key.is_empty() => self.problem.clone(),
            (key, None) => format!("`{key}`: {}", self.problem),
            (key, Some(value)) => format!("`{key} = {value}`: {}", self.problem),
        };
        let file = clean(&self.file.display().to_string());
        let level = if self.warning { Level::WARNING } else { Level::ERROR };
        let title = level.primary_title(title);
        let mut group = match (self.line, &self.source) {
            (Some(line), Some([before, marked, after])) => {
                let span = before.len()..before.len() + marked.len();
                let snippet = Snippet::source([before.as_str(), marked, after].concat()).path(file).line_start(line);
                title.element(snippet.annotation(AnnotationKind::Primary.span(span)))
            }
            _ => title.element(Origin::path(file)),
        };
        if !self.mend.is_empty() {
            group = group.element(Level::HELP.message(self.mend.as_str()));
        }
        f.write_str(&Renderer::plain().render(&[group]))
    }
}

/// Something found in the tree of a recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    span: Range<usize>,
    key_span: Option<Range<usize>>,
    at: Vec<Part>,
    what: String,
    mend: String,
    warning: bool,
    /// It is about the key and not about its value.
    about_key: bool,
    /// The value itself stands at the place, and not only what is nearest to it.
    exact: bool,
}

impl Finding {
    /// Something wrong at a place of the text.
    pub fn spanned(span: Range<usize>, what: &str, mend: &str) -> Self {
        let (what, mend) = (what.to_owned(), mend.to_owned());
        Self { span, key_span: None, at: Vec::new(), what, mend, warning: false, about_key: false, exact: false }
    }

    /// Something wrong at a key.
    pub fn wrong(root: &Node, wrong: Wrong) -> Self {
        let (span, key_span) = tree::place(root, &wrong.at);
        let Wrong { mut at, what, mend } = wrong;
        // A text stands where there might have been an array.
        if matches!(at.last(), Some(Part::Index(_))) && !tree::is_there(root, &at) {
            at.pop();
        }
        let exact = tree::is_there(root, &at);
        Self { span, key_span, at, what, mend, warning: false, about_key: false, exact }
    }

    /// The same, where the recipe can be used all the same.
    pub fn into_warning(mut self) -> Self {
        self.warning = true;
        self
    }

    /// Whether the recipe can be used all the same.
    pub fn is_warning(&self) -> bool {
        self.warning
    }

    /// The same about the key itself.
    pub fn of_key(mut self) -> Self {
        self.about_key = true;
        self
    }
}

/// A way as people write it: `clone.tags.team`, `step[2].sql`; steps are counted from 1 on.
pub fn shown(way: &[Part]) -> String {
    let mut text = String::new();
    for part in way {
        match part {
            Part::Key(key) if text.is_empty() => text.push_str(key),
            Part::Key(key) => text.extend([".", key]),
            Part::Index(index) => text.extend(["[", &(index + 1).to_string(), "]"]),
        }
    }
    text
}

/// Stands for every byte of a secret until it is shown.
const HIDDEN: char = '\u{1}';

/// Errors in the order of the file, with their lines. What stands at `secrets` is not shown.
pub fn explain(mut found: Vec<Finding>, text: &str, file: &Path, secrets: &[Range<usize>]) -> Vec<FileError> {
    found.sort_by_key(|finding| finding.span.start);
    let mut masked = text.to_owned();
    for span in secrets {
        masked.replace_range(span.clone(), &String::from(HIDDEN).repeat(span.len()));
    }
    found.iter().map(|finding| one(finding, &masked, file)).collect()
}

fn one(finding: &Finding, text: &str, file: &Path) -> FileError {
    let span = match &finding.key_span {
        Some(key) if finding.about_key => key,
        _ => &finding.span,
    };
    let start = text.floor_char_boundary(span.start);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let end = text.floor_char_boundary(span.end.clamp(start, line_end));
    let marked = open(&text[start..end]);
    let simple = !finding.at.is_empty() && !text[start..end].starts_with(['[', '{', HIDDEN]);
    let whole = end == span.end && marked.chars().count() <= LONGEST_VALUE;
    let is_value = whole && simple && finding.exact && !finding.about_key;
    let before = open(&text[line_start..start]);
    let skipped = before.chars().count().saturating_sub(AROUND);
    let short = |text: &str| text.chars().take(AROUND).collect::<String>();
    let after = short(&open(text[end..line_end].trim_end()));
    FileError {
        file: file.to_owned(),
        line: Some(text[..start].matches('\n').count() + 1),
        column: Some(text[line_start..start].chars().count() + 1),
        key: clean(&shown(&finding.at)),
        value: is_value.then(|| marked.clone()),
        problem: clean(&finding.what),
        mend: clean(&finding.mend),
        warning: finding.warning,
        form: false,
        source: Some([before.chars().skip(skipped).collect(), short(&marked), after]),
    }
}

/// A piece of a line as it may be shown: hidden places become one sign, however long they are.
fn open(piece: &str) -> String {
    let mut shown = String::new();
    for (index, part) in piece.split(HIDDEN).enumerate() {
        if index > 0 && !shown.ends_with('…') {
            shown.push('…');
        }
        shown.push_str(part);
    }
    clean(&shown)
}

/// Where secrets may stand in a text that is no TOML: behind names that say so.
pub fn suspicious(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(at) = line.find('=').filter(|at| may_be_secret(&line[..*at])) {
            found.push(start + at + 1..start + line.trim_end().len().max(at + 1));
        }
        start += line.len();
    }
    found
}
