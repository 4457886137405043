//! The outcome for a terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::words;
use crate::aurora::text::clean;
use crate::recipe::outcome::{Outcome, StepEnd, StepOutcome, Verdict};

/// The narrowest that lines are broken for.
const NARROWEST: usize = 40;
/// How many of the last lines of a step that failed are shown.
const TAIL: usize = 12;
/// How many lines of a comparison are shown.
const DIFF: usize = 40;
/// How many tests that failed are shown of a step.
const CASES: usize = 10;

/// The outcome for a terminal of `width` columns, without colours.
pub fn text(outcome: &Outcome, width: usize) -> String {
    let mut page = Page { width: width.max(NARROWEST), lines: Vec::new() };
    let mut verdict = outcome.verdict.words().to_uppercase();
    if outcome.verdict == Verdict::Passed && !outcome.leaked.is_empty() {
        verdict.push_str(", BUT NOT ALL IS GONE");
    }
    let took = words::seconds(outcome.seconds());
    page.add("", &format!("{verdict}: {} in {took} (run {})", outcome.recipe, outcome.run));
    if let Some(reason) = &outcome.reason {
        page.add("  ", reason);
    }
    let source = outcome.source.as_ref().map(|source| format!(" of {source}")).unwrap_or_default();
    page.add("  ", &format!("clone {}{source}", outcome.clone));
    let names = outcome.steps.iter().map(|step| clean(&step.title()).width()).max().unwrap_or(0).min(page.width / 3);
    for step in &outcome.steps {
        page.step(step, names, outcome.counts(step));
    }
    for limit in &outcome.limits {
        let mark = match (limit.kept, limit.exceeded()) {
            (true, _) => "✓",
            (false, true) => "✗",
            (false, false) => "!",
        };
        page.add(&format!("  {mark} limit "), &words::limit(limit));
    }
    if let Some(cost) = outcome.cost_usd {
        page.add("  ", &format!("estimated cost ${cost:.2}, {} changing calls", outcome.calls));
    }
    if let Some(until) = outcome.kept_until {
        page.add("  ", &format!("clone {} is kept until {until}", outcome.clone));
    }
    if !outcome.leaked.is_empty() {
        page.add("  ! NOT CONFIRMED GONE: ", &outcome.leaked.join(", "));
    }
    for next in &outcome.next_steps {
        page.add("  → ", next);
    }
    page.lines.join("\n")
}

struct Page {
    width: usize,
    lines: Vec<String>,
}

impl Page {
    fn step(&mut self, step: &StepOutcome, names: usize, counts: bool) {
        let mark = match step.end {
            StepEnd::Passed => "✓",
            StepEnd::Skipped => "-",
            _ if !counts => "!",
            _ => "✗",
        };
        let name = clean(&step.title());
        let pad = " ".repeat(names.saturating_sub(name.width()));
        let took = step.seconds().map(words::seconds).unwrap_or_default();
        let said = words::step(step);
        let end = if matches!(step.end, StepEnd::Passed | StepEnd::Failed) { "" } else { step.end.words() };
        let both: Vec<&str> = [end, said.as_str()].into_iter().filter(|text| !text.is_empty()).collect();
        self.add(&format!("  {mark} {name}{pad}  {took:>7}  "), &both.join(": "));
        if matches!(step.end, StepEnd::Passed | StepEnd::Skipped) {
            return;
        }
        let failed: Vec<_> = step.cases.iter().filter(|case| case.failure.is_some()).collect();
        for case in failed.iter().take(CASES) {
            let why = case.failure.as_deref().unwrap_or_default().lines().next().unwrap_or_default();
            self.add("      ✗ ", &format!("{}: {why}", words::case(case)));
        }
        self.rest(failed.len(), CASES, "tests that failed");
        if let Some(diff) = step.diff.as_ref().filter(|diff| !diff.as_expected) {
            let lines: Vec<&str> = diff.text.lines().collect();
            lines.iter().take(DIFF).for_each(|line| self.cut(line));
            self.rest(lines.len(), DIFF, "lines");
        }
        step.tail.iter().skip(step.tail.len().saturating_sub(TAIL)).for_each(|line| self.cut(line));
        if let Some(log) = &step.log {
            self.add("      log: ", &log.display().to_string());
        }
    }

    fn rest(&mut self, all: usize, shown: usize, of: &str) {
        if all > shown {
            self.add("      ", &format!("… and {} more {of}", all - shown));
        }
    }

    /// A line of output, cut where the terminal ends.
    fn cut(&mut self, line: &str) {
        let line = format!("      │ {}", clean(line));
        let mut room = self.width;
        let fits = |c: &char| {
            let left = room.checked_sub(c.width().unwrap_or(0));
            room = left.unwrap_or(0);
            left.is_some()
        };
        let shown: String = line.chars().take_while(fits).collect();
        self.lines.push(shown.trim_end().to_owned());
    }

    /// A text, broken between words; the lines after the first stand below its beginning, or close to the margin where that
    /// leaves little room.
    fn add(&mut self, before: &str, text: &str) {
        let before = clean(before);
        let indent = if before.width() * 2 > self.width { 8 } else { before.width() };
        let mut line = before;
        let mut empty = true;
        for word in clean(text).split_whitespace() {
            if !empty && line.width() + 1 + word.width() > self.width {
                self.lines.push(std::mem::replace(&mut line, " ".repeat(indent)).trim_end().to_owned());
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        self.lines.push(line.trim_end().to_owned());
    }
}
