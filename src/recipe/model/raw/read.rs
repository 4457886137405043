//! From the keys of a step to what it does.

use std::path::PathBuf;

use super::super::quantity::{Span, Target};
use super::super::step::{self as model, Action, Against, Role};
use super::super::wrong::{Part, Wrong, Wrongs};
use super::{KEYS, Leaf, Level, Step, Words};
use crate::aurora::mark::MarkName;

/// How long SQL or a command may take unless the step says otherwise.
const TIMEOUT: Span = Span::mins(30);
/// How far from its moment a rewind may land unless the step says otherwise.
const WITHIN: Span = Span(jiff::SignedDuration::from_secs(5));
/// How much of a command becomes the name of its step, in characters.
const LONGEST_NAME: usize = 40;

impl TryFrom<Step> for model::Step {
    type Error = Wrongs;

    fn try_from(raw: Step) -> Result<Self, Wrongs> {
        raw.read(Level::Recipe).map(|(name, action)| Self { name, action }).map_err(Wrongs)
    }
}

impl TryFrom<Leaf> for model::Leaf {
    type Error = Wrongs;

    fn try_from(Leaf(raw): Leaf) -> Result<Self, Wrongs> {
        raw.read(Level::Always).map(|(name, action)| Self { name, action }).map_err(Wrongs)
    }
}

impl Step {
    /// The keys that are there.
    fn keys(&self) -> Vec<&'static str> {
        let there = [
            ("sql", self.sql.is_some()),
            ("run", self.run.is_some()),
            ("mark", self.mark.is_some()),
            ("rewind", self.rewind.is_some()),
            ("diff", self.diff.is_some()),
            ("repeat", self.repeat.is_some()),
            ("role", self.role.is_some()),
            ("timeout", self.timeout.is_some()),
            ("allow-failure", self.allow_failure.is_some()),
            ("observe", self.observe.is_some()),
            ("env", self.env.is_some()),
            ("junit", self.junit.is_some()),
            ("within", self.within.is_some()),
            ("until", self.until.is_some()),
            ("reset", self.reset.is_some()),
            ("step", self.step.is_some()),
        ];
        there.into_iter().filter(|(_, there)| *there).map(|(key, _)| key).collect()
    }

    /// What it is called and does, or everything that does not belong together.
    fn read(self, level: Level) -> Result<(String, Action), Vec<Wrong>> {
        let list = level.kinds().iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(", ");
        let keys = self.keys();
        let mut said = KEYS.iter().filter(|(kind, _)| keys.contains(kind));
        let Some((kind, own)) = said.next() else {
            let mend = format!("give it one of {list}");
            return Err(vec![Wrong::at([""; 0], "this step does not say what it does", mend)]);
        };
        let mut wrongs: Vec<_> = said
            .map(|(other, _)| {
                let what = format!("a step does one thing, and this one has `{kind}`, too");
                Wrong::at([*other], what, "make two steps of it")
            })
            .collect();
        if !level.kinds().contains(kind) {
            let what = format!("`{kind}` is nothing that {} does", level.name());
            wrongs.push(Wrong::at([*kind], what, format!("give it one of {list}")));
            return Err(wrongs);
        }
        let extra = keys.iter().filter(|key| !KEYS.iter().any(|(kind, _)| kind == *key));
        wrongs.extend(extra.filter_map(|key| stray(key, kind, own, level)));
        let name = self.name.clone();
        match self.action(&mut wrongs) {
            Some((default, action)) if wrongs.is_empty() => Ok((name.unwrap_or(default), action)),
            _ => Err(wrongs),
        }
    }

    /// What it does with its default name; what is wrong with it goes to `wrongs`.
    fn action(self, wrongs: &mut Vec<Wrong>) -> Option<(String, Action)> {
        if let Some(files) = self.sql.clone() {
            return self.sql(files, wrongs);
        }
        if let Some(words) = self.run.clone() {
            return self.run(words, wrongs);
        }
        if let Some(mark) = &self.mark {
            let mark = mark_name(mark, &["mark"], wrongs)?;
            return Some((format!("mark {mark}"), Action::Mark(model::Mark { mark })));
        }
        if let Some(text) = &self.rewind {
            let to = text.parse::<Target>();
            let mend = "write the name of a mark, a length as in `-5m`, or a moment as in `2026-11-22T14:32:10Z`";
            let to = to
                .map_err(|error| wrongs.push(Wrong::at(["rewind"], error.split("; ").next().unwrap_or_default(), mend)))
                .ok()?;
            let within = self.within.unwrap_or(WITHIN);
            return Some((format!("rewind {}", text.trim()), Action::Rewind(model::Rewind { to, within })));
        }
        if let Some(diff) = self.diff {
            let against = match diff.against.as_deref() {
                None | Some("source") => Against::Source,
                Some(mark) => Against::Mark(mark_name(mark, &["diff", "against"], wrongs)?),
            };
            let name = format!("diff {}", diff.against.as_deref().unwrap_or("source"));
            let (expect, rows) = (diff.expect, diff.rows.unwrap_or_default());
            let allow_failure = self.allow_failure.unwrap_or_default();
            return Some((name, Action::Diff(model::Diff { against, expect, rows, allow_failure })));
        }
        let times = self.repeat?;
        self.repeated(times, wrongs)
    }

    fn sql(self, files: Words, wrongs: &mut Vec<Wrong>) -> Option<(String, Action)> {
        let files: Vec<PathBuf> = match files {
            Words::Text(file) => vec![file.into()],
            Words::List(files) => files.into_iter().map(Into::into).collect(),
        };
        let Some(first) = files.first().filter(|_| files.iter().all(|file| !file.as_os_str().is_empty())) else {
            wrongs.push(Wrong::at(["sql"], "a file is missing", "name an SQL file, seen from the recipe"));
            return None;
        };
        let shown = first.file_name().map_or_else(|| first.display().to_string(), |name| name.to_string_lossy().into());
        let name = match files.len() {
            1 => format!("sql {shown}"),
            several => format!("sql {shown} +{}", several - 1),
        };
        let role = self.role.unwrap_or(Role::Release);
        let sql = model::Sql {
            files,
            role,
            timeout: self.timeout.unwrap_or(TIMEOUT),
            allow_failure: self.allow_failure.unwrap_or_default(),
            observe: self.observe.unwrap_or(role == Role::Release),
        };
        Some((name, Action::Sql(sql)))
    }

    fn run(self, words: Words, wrongs: &mut Vec<Wrong>) -> Option<(String, Action)> {
        let (words, shown) = match words {
            Words::Text(line) => (vec!["sh".into(), "-c".into(), line.clone()], line),
            Words::List(words) => {
                let shown = words.join(" ");
                (words, shown)
            }
        };
        if shown.trim().is_empty() || words.first().is_none_or(String::is_empty) {
            let mend = "name a program, or write a line for the shell";
            wrongs.push(Wrong::at(["run"], "there is no command", mend));
            return None;
        }
        let role = self.role.unwrap_or(Role::Test);
        let command = model::Command {
            words,
            role,
            timeout: self.timeout.unwrap_or(TIMEOUT),
            allow_failure: self.allow_failure.unwrap_or_default(),
            observe: self.observe.unwrap_or(role == Role::Release),
            env: self.env.unwrap_or_default(),
            junit: self.junit,
        };
        Some((format!("run {}", abridged(&shown)), Action::Run(command)))
    }

    fn repeated(self, times: u32, wrongs: &mut Vec<Wrong>) -> Option<(String, Action)> {
        if times == 0 {
            wrongs.push(Wrong::at(["repeat"], "there is no round", "say how many rounds there are at most, from 1 on"));
        }
        if self.reset.is_none() {
            let mend = "add `reset = \"MARK\"`, a mark that an earlier step sets";
            wrongs.push(Wrong::at(["repeat"], "it does not say what is rewound to between rounds", mend));
        }
        let reset = self.reset.and_then(|mark| mark_name(&mark, &["reset"], wrongs));
        let rounds = self.step.unwrap_or_default();
        if rounds.is_empty() {
            let mend = "add steps as `[[step.step]]` under it";
            wrongs.push(Wrong::at(["repeat"], "there is nothing to repeat", mend));
        }
        let mut steps = Vec::new();
        for (index, raw) in rounds.into_iter().enumerate() {
            let outer: [Part; 2] = ["step".into(), index.into()];
            match raw.read(Level::Round) {
                Ok((name, action)) => steps.push(model::Step { name, action }),
                Err(found) => wrongs.extend(found.into_iter().map(|wrong| wrong.within(&outer))),
            }
        }
        let within = self.within.unwrap_or(WITHIN);
        let until = self.until.unwrap_or_default();
        let repeat = model::Repeat { times, until, reset: reset?, within, steps };
        Some((format!("repeat {times}"), Action::Repeat(repeat)))
    }
}

/// What is wrong with `key` in a step that does `kind`, which has the keys `own`.
fn stray(key: &str, kind: &str, own: &[&str], level: Level) -> Option<Wrong> {
    if !own.contains(&key) {
        let owners = KEYS.iter().filter(|(_, keys)| keys.contains(&key));
        let owners = owners.map(|(kind, _)| format!("`{kind}`")).collect::<Vec<_>>().join(" and ");
        let what = format!("`{key}` belongs to {owners}, and this step has `{kind}`");
        return Some(Wrong::at([key], what, "leave it out"));
    }
    let none = format!("`{key}` means nothing in {}", level.name());
    level.meaningless().contains(&key).then(|| Wrong::at([key], none, "leave it out"))
}

/// A mark's name; why it is none goes to `wrongs`.
fn mark_name(text: &str, at: &[&str], wrongs: &mut Vec<Wrong>) -> Option<String> {
    let name = MarkName::try_from(text).map_err(|error| error.to_string());
    let name = match name {
        Ok(name) if name.as_str() == "source" => Err("`source` is what a diff calls the clone as it came".to_owned()),
        other => other,
    };
    let mend = "choose a name as in `before-release`";
    name.map(|name| name.as_str().to_owned())
        .map_err(|error| wrongs.push(Wrong::at(at.iter().copied(), error, mend)))
        .ok()
}

/// The beginning of a command, on one line.
fn abridged(command: &str) -> String {
    let line = command.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST_NAME {
        return line;
    }
    let cut: String = line.chars().take(LONGEST_NAME - 1).collect();
    format!("{}…", cut.trim_end())
}
