//! The pane of the tasks: a line for each, the newest first.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::look::Look;
use super::pane;
use super::words::{next_try, remaining, remaining_long, remaining_short, task_state, task_title, verdict};
use crate::aurora::ownership::Keep;
use crate::aurora::span;
use crate::aurora::stay::Stay;
use crate::engine::{Hand, Request, StepState, Task, TaskResult, TaskState};
use crate::tui::format::{self, fit_middle};
use crate::tui::state::{Focus, State, TaskRow};
use crate::tui::theme::Role;

pub(super) fn draw(state: &State, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    let focused = pane::has_keys(state, Focus::Tasks);
    let (all, running) = (state.tasks.len(), state.tasks.running());
    let mut title = Line::from(pane::title(look, "Tasks", focused));
    if all > 0 {
        let more = if state.tasks.has_more() { "+" } else { "" };
        let text = if running > 0 { format!(" {running} running of {all}{more}") } else { format!(" {all}{more}") };
        title.push_span(look.dim(text));
    }
    let older = state.tasks.is_full() && state.tasks.position() + 1 == all;
    let right = older.then(|| look.dim("older ones: aurewind tasks").into());
    let inside = pane::titled(look, area, title, right, focused, buffer);
    if all == 0 {
        let text = look.dim("  None yet. What is started here goes on in AWS, and shows up here.");
        buffer.set_span(inside.x, inside.y, &text, inside.width);
    }
    let here = focused.then(|| state.tasks.position());
    let offset = state.tasks.offset;
    for ((index, row), place) in state.tasks.rows(offset).enumerate().zip(inside.rows()) {
        let selected = here == Some(offset + index);
        buffer.set_line(place.x, place.y, &line(state, look, &row, selected, usize::from(place.width)), place.width);
        if selected {
            pane::select(look, place, focused, buffer);
        }
    }
}

/// Width from which a line has room for everything.
const ROOMY: usize = 100;

fn line(state: &State, look: &Look<'_>, row: &TaskRow<'_>, selected: bool, width: usize) -> Line<'static> {
    let task = row.task;
    let trouble = trouble(state, task);
    let elapsed = times(state, look, task, width, trouble);
    let mut line = Line::from(lead(look, row, selected));
    line.extend([task_state(state, task, look), Span::raw(" ")]);
    steps(look, task, &mut line);
    line.push_span(Span::raw("  "));
    let left = width.saturating_sub(line.width() + elapsed.len() + 1);
    let sentence = sentence(state, look, task);
    let mut title = task_title(task, look);
    // What is wrong comes before the details of what is done.
    let reserved = if trouble { format::width(&sentence.content).min(left * 3 / 5) + 2 } else { 0 };
    if format::width(&title) + reserved > left {
        title = format!("{} {}", task.request.kind(), task.request.target());
    }
    // The title says what it is; the sentence gets what is left, and nothing where that is too little to be read.
    let for_title = if left >= 60 { format::width(&title).min(left * 3 / 5) } else { left.saturating_sub(reserved) };
    let title = fit_middle(&title, for_title, look.glyphs.ellipsis);
    let for_sentence = left.saturating_sub(format::width(&title) + 2);
    line.push_span(look.plain(title));
    if for_sentence >= 16 {
        line.push_span(Span::raw("  "));
        line.push_span(Span::styled(look.fit(&sentence.content, for_sentence), sentence.style));
    }
    let used = line.width();
    line.push_span(Span::raw(" ".repeat(width.saturating_sub(used + elapsed.len() + 1))));
    line.push_span(look.dim(elapsed));
    line
}

/// The cursor, whether parts are folded away, and the place of a part.
fn lead(look: &Look<'_>, row: &TaskRow<'_>, selected: bool) -> Vec<Span<'static>> {
    let pointer = if selected { look.glyphs.pointer } else { " " };
    let fold = match (row.parts, row.unfolded) {
        (0, _) => " ",
        (_, true) => look.glyphs.unfolded,
        (_, false) => look.glyphs.folded,
    };
    let mut spans = vec![look.span(Role::Accent, pointer), look.dim(fold)];
    spans.extend(row.part.map(|last| look.dim(if last { look.glyphs.last } else { look.glyphs.branch })));
    spans
}

/// The steps as signs: `✓✓●··`, padded to the longest task; of a test run, which has many, `7/12`.
fn steps(look: &Look<'_>, task: &Task, line: &mut Line<'static>) {
    const MOST: usize = 6;
    if let Request::Test(_) = task.request {
        let (begun, all) = counted(task);
        let role = if task.state.is_final() { Role::Dim } else { Role::Busy };
        line.push_span(look.span(role, format!("{:<MOST$}", format!("{begun}/{all}"))));
        return;
    }
    for step in &task.steps {
        let role = match step.state {
            StepState::Done => Role::Good,
            StepState::Running => Role::Busy,
            StepState::Failed => Role::Bad,
            StepState::Waiting | StepState::Skipped => Role::Dim,
        };
        line.push_span(look.span(role, look.glyphs.step(step.state, look.frame)));
    }
    line.push_span(Span::raw(" ".repeat(MOST.saturating_sub(task.steps.len()))));
}

/// How many steps have begun, of how many.
pub(super) fn counted(task: &Task) -> (usize, usize) {
    let begun = task.steps.iter().filter(|step| step.state != StepState::Waiting).count();
    (begun, task.steps.len())
}

/// Whether something is in its way.
fn trouble(state: &State, task: &Task) -> bool {
    let stands = state.tasks.hand(task) == Hand::Nobody && !task.state.is_final();
    stands || task.state == TaskState::Paused || task.retry_at.is_some()
}

/// How long it has taken, and what is probably left.
fn times(state: &State, look: &Look<'_>, task: &Task, width: usize, trouble: bool) -> String {
    let elapsed = format!("{:>8}", span::short(task.elapsed(look.now)));
    let left = remaining(task, state.tasks.outlook(&task.id).estimate, look.now);
    match left.filter(|_| state.tasks.hand(task) != Hand::Nobody) {
        Some(left) if width >= ROOMY => format!("  {}  {elapsed}", remaining_long(left)),
        Some(left) if !trouble => format!("  {}  {elapsed}", remaining_short(left)),
        _ => elapsed,
    }
}

/// How it stands, or what came of it.
fn sentence(state: &State, look: &Look<'_>, task: &Task) -> Span<'static> {
    if let Some(error) = &task.error {
        return look.span(Role::Bad, error.message.clone());
    }
    if trouble(state, task) {
        return look.span(Role::Warn, hindrance(state, look, task));
    }
    match &task.result {
        Some(TaskResult::Test { verdict: word, leaked, kept_until, .. }) => {
            return judged(look, word, leaked, *kept_until);
        }
        Some(result) => return look.dim(outcome(look, result)),
        None => {}
    }
    match task.current() {
        Some(step) if step.detail.is_empty() => look.plain(step.title().to_owned()),
        Some(step) => look.plain(format!("{}: {}", step.title(), look.instants(&step.detail))),
        None => Span::raw(""),
    }
}

/// What a test run came to. What may still cost money comes before anything else.
pub(super) fn judged(look: &Look<'_>, word: &str, leaked: &[String], kept: Option<Timestamp>) -> Span<'static> {
    let (role, verdict) = verdict(word);
    let kept = kept.map(|at| format!(", kept until {}", look.clock_zone(at))).unwrap_or_default();
    if leaked.is_empty() {
        return look.span(role, format!("{verdict}{kept}"));
    }
    look.span(Role::Bad, format!("NOT GONE: {}; {verdict}{kept}", leaked.join(", ")))
}

/// What is in its way, in a few words.
fn hindrance(state: &State, look: &Look<'_>, task: &Task) -> String {
    let detail = task.current().map_or("", |step| step.detail.as_str());
    match next_try(task, look.now) {
        _ if state.tasks.hand(task) == Hand::Nobody && matches!(task.request, Request::Test(_)) => {
            "left behind: C tears it down".into()
        }
        _ if state.tasks.hand(task) == Hand::Nobody => "nobody drives it: C carries on".into(),
        Some(next) if task.state != TaskState::Paused => format!("{detail}, {next}"),
        _ => detail.to_owned(),
    }
}

/// What came of a task, in a line.
pub(super) fn outcome(look: &Look<'_>, result: &TaskResult) -> String {
    match result {
        TaskResult::Create { endpoint: Some(endpoint), port, .. } => {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            format!("{endpoint}{port}")
        }
        TaskResult::Create { cluster, .. } => format!("`{cluster}` is there"),
        TaskResult::Rewind { landed, delta_seconds, .. } => {
            let delta = if delta_seconds.abs() < 0.5 { "as asked".into() } else { format!("{delta_seconds:+.1} s") };
            format!("landed at {} ({delta})", look.clock_zone(*landed))
        }
        TaskResult::Delete { final_snapshot: Some(snapshot), .. } => format!("gone; snapshot `{snapshot}` is kept"),
        TaskResult::Delete { .. } => "gone".into(),
        TaskResult::Mark { name, at: Some(at) } => format!("`{name}` stands for {}", look.clock_zone(*at)),
        TaskResult::Mark { name, at: None } => format!("`{name}` is off"),
        TaskResult::Stay { stay: Stay::Keep(Keep::Forever) } => "kept until somebody says otherwise".into(),
        TaskResult::Stay { stay: Stay::Keep(Keep::Until(end)) } => format!("kept until {}", look.date_zone(*end)),
        TaskResult::Stay { stay: Stay::Release } => "kept no longer".into(),
        TaskResult::Secure { master, .. } => master.in_words().into(),
        TaskResult::Environment(built) => format!("the stack `{}` is there", built.name),
        TaskResult::Unbuild { name } => format!("the stack `{name}` is gone"),
        TaskResult::Test { verdict: word, .. } => verdict(word).1,
        TaskResult::Stay { stay: Stay::Expire(at) } => format!("lives until {}", look.date_zone(*at)),
    }
}
