//! Short forms of what clusters and tasks say.

use jiff::{SignedDuration, Timestamp};
use ratatui::text::Span;

use crate::aurora::cluster::{Cluster, Engine};
use crate::aurora::span;
use crate::aws::ErrorKind;
use crate::engine::{Estimate, Hand, Remaining, Request, Task, TaskState};
use crate::tui::state::State;
use crate::tui::theme::Role;
use crate::tui::view::look::Look;

/// `mysql 3.08.2`, `postgresql 16.4`.
pub(super) fn engine(cluster: &Cluster) -> String {
    let version = cluster.engine_version.as_str();
    match cluster.engine {
        Engine::AuroraMysql => {
            let version = version.rsplit_once("mysql_aurora.").map_or(version, |(_, version)| version);
            format!("mysql {version}")
        }
        Engine::AuroraPostgresql => format!("postgres {version}"),
    }
}

/// Hours where it is hours: windows are spoken of as `24h` and `72h`, never as days.
pub(super) fn window_length(length: SignedDuration) -> String {
    match length.as_secs() {
        3_600.. => format!("{}h", length.as_secs() / 3_600),
        _ => span::tiny(length),
    }
}

/// `23h 04m`, `72h 00m`; minutes and seconds below an hour.
pub(super) fn reach_length(length: SignedDuration) -> String {
    let seconds = length.as_secs();
    if seconds < 3_600 { span::short(length) } else { format!("{}h {:02}m", seconds / 3_600, seconds / 60 % 60) }
}

/// `23h/24h`; `off` or `none` where there is no window.
pub(super) fn window(cluster: &Cluster, now: Timestamp) -> String {
    match cluster.reach(now) {
        Some(reach) => format!("{}/{}", window_length(reach.actual()), window_length(cluster.backtrack.target())),
        None if cluster.engine.can_backtrack() => "off".into(),
        None => "none".into(),
    }
}

/// `in 3h`, `expired 2h`.
pub(super) fn expiry(at: Timestamp, now: Timestamp) -> String {
    let left = at.duration_since(now);
    if left > SignedDuration::ZERO {
        format!("in {}", span::tiny(left))
    } else {
        format!("expired {}", span::tiny(left))
    }
}

/// Why something cannot be read, in a word.
pub(super) fn trouble(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NoCredentials => "no credentials",
        ErrorKind::Expired => "credentials expired",
        ErrorKind::Skewed => "clock differs",
        ErrorKind::Denied => "access denied",
        ErrorKind::Throttled => "throttled",
        ErrorKind::Transient => "AWS error",
        ErrorKind::Unreachable => "unreachable",
        ErrorKind::NotFound => "not found",
        ErrorKind::AlreadyExists | ErrorKind::InvalidState | ErrorKind::Invalid => "refused",
        ErrorKind::Unsupported => "unsupported",
    }
}

/// The task in a few words, with moments in the zone on screen.
pub(super) fn task_title(task: &Task, look: &Look<'_>) -> String {
    match &task.request {
        Request::Rewind(request) if !request.earliest => {
            format!("rewind {} to {}", request.cluster, look.clock_zone(request.to))
        }
        _ => task.title(),
    }
}

/// What the verdict of a test run is called, and what it means.
pub(super) fn verdict(word: &str) -> (Role, String) {
    match word {
        "passed" => (Role::Good, "passed".into()),
        "refused" => (Role::Warn, "refused by a check".into()),
        "interrupted" => (Role::Warn, "interrupted".into()),
        "rewind-off" => (Role::Bad, "a rewind did not land where it should".into()),
        "release-failed" => (Role::Bad, "the release failed".into()),
        "timed-out" => (Role::Bad, "timed out".into()),
        "aws" => (Role::Bad, "stopped by an error of AWS".into()),
        other => (Role::Bad, other.to_owned()),
    }
}

/// A length that is only known roughly: `40s`, `3m`, `1h 05m`; rounded up.
fn rough(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    match seconds {
        ..60 => format!("{}s", (seconds + 4) / 5 * 5),
        60..3_600 => format!("{}m", (seconds + 59) / 60),
        _ => span::short(length),
    }
}

/// What is left for a task, by what earlier ones took; nothing where none of them tells, or it lay around meanwhile.
pub(super) fn remaining(task: &Task, estimate: Option<Estimate>, now: Timestamp) -> Option<Remaining> {
    let under_way = !task.state.is_final() && task.resumed_at.is_none();
    estimate.filter(|_| under_way).map(|estimate| estimate.remaining(task.elapsed(now)))
}

/// `about 3m left`.
pub(super) fn remaining_short(remaining: Remaining) -> String {
    match remaining {
        Remaining::Usual(left, _) => format!("about {} left", rough(left)),
        Remaining::Soon(most) => format!("at most {} left", rough(most)),
        Remaining::Over => "longer than usual".into(),
    }
}

/// `about 3m left, at most 6m`.
pub(super) fn remaining_long(remaining: Remaining) -> String {
    match remaining {
        Remaining::Usual(left, most) if left != most => format!("about {} left, at most {}", rough(left), rough(most)),
        other => remaining_short(other),
    }
}

/// The state of a task with its sign: also that another process drives it, or nobody.
pub(super) fn task_state(state: &State, task: &Task, look: &Look<'_>) -> Span<'static> {
    let moving = matches!(task.state, TaskState::Queued | TaskState::Running);
    let (sign, word, role) = match state.tasks.hand(task) {
        Hand::Nobody if moving => (look.glyphs.paused, "left", Role::Warn),
        Hand::Elsewhere if moving => (look.glyphs.task(task.state, look.frame), "elsewhere", Role::Busy),
        _ => (look.glyphs.task(task.state, look.frame), task.state.as_str(), Look::task_role(task.state)),
    };
    look.span(role, format!("{sign} {word:<9}"))
}

/// When it is tried again: `next try in 4s`.
pub(super) fn next_try(task: &Task, now: Timestamp) -> Option<String> {
    let left = task.retry_at?.duration_since(now) + SignedDuration::from_millis(999);
    Some(if left.as_secs() > 0 { format!("next try in {}", span::short(left)) } else { "trying again".into() })
}

/// `1 clone`, `2 clones`.
pub(super) fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
