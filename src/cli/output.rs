//! Standard output for results, standard error for everything else.

use std::io::{self, IsTerminal, Write};

use jiff::Timestamp;
use serde_json::Value;

use super::error::CliError;
use super::json::SCHEMA;
use crate::aurora::plan::{Check, Level, Plan};
use crate::aurora::span;
use crate::engine::Task;
use crate::engine::task::StepState;

/// Where a command says what.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// One JSON object on standard output.
    pub json: bool,
    /// No progress.
    pub quiet: bool,
}

impl Output {
    /// Prints the result of the command, one way or the other. `object` is made whole with the schema's number.
    ///
    /// # Errors
    /// If it cannot be written. A reader that has seen enough (`| head`) is no error.
    pub fn result(self, mut object: Value, text: impl FnOnce() -> String) -> io::Result<()> {
        let whole = if self.json {
            object["schema"] = SCHEMA.into();
            serde_json::to_string_pretty(&object)?
        } else {
            text().trim_end().to_owned()
        };
        print(&format!("{whole}\n"))
    }

    /// Prints why the command failed.
    pub fn error(self, error: &CliError) {
        self.error_with(error, Value::Object(serde_json::Map::new()));
    }

    /// The same beside what else there is to say.
    pub fn error_with(self, error: &CliError, mut beside: Value) {
        if self.json {
            beside["schema"] = SCHEMA.into();
            beside["error"] = error.value();
            let mut out = io::stdout().lock();
            // Nothing can be said to who has closed both ends.
            let _ = serde_json::to_writer_pretty(&mut out, &beside).map(|()| writeln!(out));
            return;
        }
        let mut err = io::stderr().lock();
        let _ = writeln!(err, "aurewind: {}", error.message);
        if let Some((code, request_id)) = &error.aws {
            let _ = writeln!(
                err,
                "  AWS: {} (request {})",
                code.as_deref().unwrap_or("no code"),
                request_id.as_deref().unwrap_or("unknown")
            );
        }
        for step in &error.next_steps {
            let _ = writeln!(err, "  → {step}");
        }
    }

    /// A line of progress.
    pub fn say(self, line: &str) {
        if !self.quiet {
            let _ = writeln!(io::stderr().lock(), "{line}");
        }
    }

    /// What a person must see before a question is answered, however quiet the rest is.
    pub fn show(text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Whether a person can be asked.
    pub fn can_ask(self) -> bool {
        !self.json && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks on standard error and reads a line.
    ///
    /// # Errors
    /// If there is no answer.
    pub fn ask(question: &str) -> io::Result<String> {
        let mut err = io::stderr().lock();
        write!(err, "{question} ")?;
        err.flush()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(answer.trim().to_owned())
    }
}

/// Writes `text` to standard output.
///
/// # Errors
/// If it cannot be written. A reader that has seen enough (`| head`) is no error.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// A check for people, in a line or two.
pub fn check_lines(check: &Check) -> Vec<String> {
    let mark = match check.level {
        Level::Pass => "✓ pass",
        Level::Warn => "! warn",
        Level::Fail => "✗ FAIL",
    };
    let mut lines = vec![format!("  {mark}  {:<12} {}", check.name, check.message)];
    let mend = check.mend.as_ref().filter(|_| check.level != Level::Pass);
    lines.extend(mend.map(|mend| format!("                       → {mend}")));
    lines
}

/// A plan for people.
pub fn plan_text(plan: &Plan) -> String {
    let mut lines = vec![plan.title.clone()];
    lines.extend(plan.checks.iter().flat_map(check_lines));
    if let Some(cost) = &plan.cost {
        let until = cost.until_expiry.map_or(String::new(), |sum| format!(", {sum:.2} until it expires"));
        lines.push(format!("  cost: {:.3} {} an hour{until} ({})", cost.per_hour, cost.currency, cost.note));
    }
    if plan.calls.is_empty() {
        lines.push("  nothing is called".into());
        return lines.join("\n");
    }
    lines.push("  calls:".into());
    lines.extend(plan.calls.iter().map(|call| format!("    {call}")));
    lines.join("\n")
}

/// Tells of the changes of a task, a line each.
#[derive(Debug, Default)]
pub struct Progress {
    last: String,
}

impl Progress {
    /// The line for `task`, if it says something new.
    pub fn line(&mut self, task: &Task, now: Timestamp) -> Option<String> {
        let step = task.steps.iter().rev().find(|step| step.state != StepState::Waiting)?;
        let again = task.retry_at.map(|at| format!("; next try in {}", span::short(at.duration_since(now))));
        let (again, target) = (again.unwrap_or_default(), task.request.target());
        let line = format!("{target} {:<9} {:<7} {}{again}", step.title(), step.state.as_str(), step.detail);
        if line == self.last {
            return None;
        }
        self.last.clone_from(&line);
        Some(line)
    }
}
