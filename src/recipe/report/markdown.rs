//! The outcome in Markdown, for comments of pull requests and summaries of CI.
//!
//! What comes from the run is data: it cannot begin a heading, a link, a table cell, HTML or a mention.

use std::fmt::Write as _;

use super::words;
use crate::recipe::outcome::{DiffOutcome, Outcome, StepEnd, StepOutcome, Verdict};

/// How many lines of a comparison are shown.
const DIFF: usize = 200;
/// How many of the last lines of a step that failed are shown.
const TAIL: usize = 30;
/// How many tests that failed are shown of a step.
const CASES: usize = 30;
/// How long a piece of text in a table or a list is at most, in characters.
const PIECE: usize = 600;

/// The report.
pub(super) fn report(outcome: &Outcome) -> String {
    let mut page = String::new();
    head(&mut page, outcome);
    steps(&mut page, outcome);
    rewinds(&mut page, outcome);
    limits(&mut page, outcome);
    for step in &outcome.steps {
        details(&mut page, step);
    }
    if !outcome.next_steps.is_empty() {
        page.push_str("\n### Next steps\n\n");
        outcome.next_steps.iter().for_each(|next| line(&mut page, &format!("* {}", inline(next))));
    }
    page
}

/// `text` in `room` bytes, cut between lines, with a note.
pub(super) fn shortened(text: &str, room: usize) -> String {
    const NOTE: &str = "\n\n*The rest is left out: there is no room for it here.*\n";
    if text.len() <= room {
        return text.to_owned();
    }
    let Some(keep) = room.checked_sub(NOTE.len() + FENCE.len()) else { return String::new() };
    let kept = &text[..text.floor_char_boundary(keep)];
    let kept = &kept[..kept.rfind('\n').unwrap_or(0)];
    // A block that was cut is closed.
    let open = kept.lines().filter(|line| line.starts_with("```")).count() % 2 == 1;
    format!("{kept}{}{NOTE}", if open { FENCE } else { "" })
}

/// What closes a block that was cut, however many backticks it began with.
const FENCE: &str = "\n````````````````";

fn head(page: &mut String, outcome: &Outcome) {
    let mark = if outcome.verdict == Verdict::Passed { "✅" } else { "❌" };
    line(page, &format!("## {mark} {}: {}\n", inline(&outcome.recipe), outcome.verdict.words()));
    if let Some(reason) = &outcome.reason {
        line(page, &format!("{}\n", inline(reason)));
    }
    if !outcome.leaked.is_empty() {
        let names: Vec<String> = outcome.leaked.iter().map(|name| code(name)).collect();
        line(page, &format!("**⚠ Could not be confirmed gone: {}**\n", names.join(", ")));
    }
    if let Some(until) = outcome.kept_until {
        line(page, &format!("**The clone {} is kept until {until}.**\n", code(outcome.clone.as_str())));
    }
    line(page, "| | |\n|---|---|");
    let mut row = |name: &str, value: String| line(page, &format!("| {name} | {value} |"));
    if let Some(description) = &outcome.description {
        row("recipe", inline(description));
    }
    row("run", code(&outcome.run));
    if let Some(source) = &outcome.source {
        row("source", code(source.as_str()));
    }
    row("clone", code(outcome.clone.as_str()));
    if let Some(stack) = &outcome.stack {
        row("stack", code(stack));
    }
    row("begun", outcome.started_at.to_string());
    row("took", words::seconds(outcome.seconds()));
    if let Some(cost) = outcome.cost_usd {
        row("estimated cost", format!("${cost:.2}"));
    }
    row("changing calls", outcome.calls.to_string());
}

fn steps(page: &mut String, outcome: &Outcome) {
    page.push_str("\n### Steps\n\n| | step | kind | took | |\n|---|---|---|--:|---|\n");
    for step in &outcome.steps {
        let mark = match step.end {
            StepEnd::Passed => "✅",
            StepEnd::Skipped => "⏭",
            _ if !outcome.counts(step) => "⚠",
            _ => "❌",
        };
        let took = step.seconds().map(words::seconds).unwrap_or_default();
        let said = inline(&words::step(step));
        let end = if matches!(step.end, StepEnd::Passed) { "" } else { step.end.words() };
        let both: Vec<&str> = [end, &said].into_iter().filter(|text| !text.is_empty()).collect();
        line(page, &format!("| {mark} | {} | {} | {took} | {} |", inline(&step.title()), step.kind, both.join(": ")));
    }
}

fn rewinds(page: &mut String, outcome: &Outcome) {
    let mut rewinds = outcome.steps.iter().filter_map(|step| Some((step, step.rewind.as_ref()?))).peekable();
    if rewinds.peek().is_none() {
        return;
    }
    page.push_str("\n### Rewinds\n\n| step | asked for | landed | off by | allowed | proved by the data |\n");
    page.push_str("|---|---|---|--:|--:|---|\n");
    for (step, rewind) in rewinds {
        let proved = match rewind.proved {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "not looked at",
        };
        let off = words::precise(rewind.delta_seconds);
        let off = if rewind.delta_seconds.abs() > rewind.within_seconds { format!("**{off}**") } else { off };
        let (name, allowed) = (inline(&step.title()), words::precise(rewind.within_seconds));
        line(page, &format!("| {name} | {} | {} | {off} | {allowed} | {proved} |", rewind.asked, rewind.landed));
    }
}

fn limits(page: &mut String, outcome: &Outcome) {
    if outcome.limits.is_empty() {
        return;
    }
    page.push_str("\n### Limits\n\n");
    for limit in &outcome.limits {
        let text = inline(&words::limit(limit));
        line(page, &if limit.exceeded() { format!("* **{text}**") } else { format!("* {text}") });
    }
}

fn details(page: &mut String, step: &StepOutcome) {
    let bad = !matches!(step.end, StepEnd::Passed | StepEnd::Skipped);
    if let Some(diff) = step.diff.as_ref().filter(|diff| !diff.text.is_empty()) {
        line(page, &format!("\n### {}: {}", inline(&step.title()), about(diff)));
        let lines: Vec<&str> = diff.text.lines().collect();
        fenced(page, "diff", lines.iter().take(DIFF).copied());
        if lines.len() > DIFF {
            line(page, &format!("\n… and {} more lines", lines.len() - DIFF));
        }
    }
    let failed: Vec<_> = step.cases.iter().filter(|case| case.failure.is_some()).collect();
    if !bad || (failed.is_empty() && step.tail.is_empty()) {
        return;
    }
    line(page, &format!("\n### {} {}", inline(&step.title()), step.end.words()));
    if !failed.is_empty() {
        page.push('\n');
    }
    for case in failed.iter().take(CASES) {
        let why = case.failure.as_deref().unwrap_or_default().lines().next().unwrap_or_default();
        line(page, &format!("* {}: {}", inline(&words::case(case)), inline(why)));
    }
    if failed.len() > CASES {
        line(page, &format!("* … and {} more", failed.len() - CASES));
    }
    fenced(page, "text", step.tail.iter().skip(step.tail.len().saturating_sub(TAIL)).map(String::as_str));
}

fn about(diff: &DiffOutcome) -> String {
    let expected = if diff.as_expected { "as expected" } else { "**not as expected**" };
    format!("differences to {}, {expected}", inline(&diff.against))
}

fn line(page: &mut String, text: &str) {
    // A String takes every write.
    let _ = writeln!(page, "{text}");
}

/// A block of lines as they are, if there are any.
fn fenced<'a>(page: &mut String, language: &str, lines: impl Iterator<Item = &'a str>) {
    let text = lines.map(plain).collect::<Vec<_>>().join("\n");
    if text.is_empty() {
        return;
    }
    // A block ends with as many backticks as it began with, or more.
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    line(page, &format!("\n{fence}{language}\n{text}\n{fence}"));
}

/// `text` as a piece of code within a line.
fn code(text: &str) -> String {
    let text = plain(text).replace('|', "\\|");
    let ticks = "`".repeat(longest_run(&text) + 1);
    if text.is_empty() {
        return text;
    }
    // A space on both sides is not shown; it keeps backticks apart.
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{space}{text}{space}{ticks}")
}

/// `text` within a line, as it is.
fn inline(text: &str) -> String {
    let text = plain(text);
    let mut shown = String::new();
    for (index, c) in text.chars().enumerate() {
        if index == PIECE {
            shown.push('…');
            break;
        }
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            // Nobody is called by a message.
            '@' => shown.push_str("@<!-- -->"),
            // With `$` GitHub sets formulas.
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '$' => {
                shown.extend(['\\', c]);
            }
            c => shown.push(c),
        }
    }
    shown
}

/// `text` in one line without control characters.
fn plain(text: &str) -> String {
    crate::aurora::text::clean(text)
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
