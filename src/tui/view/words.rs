//! Short forms of what clusters and tasks say.

use jiff::{SignedDuration, Timestamp};

use crate::aurora::cluster::{Cluster, Engine};
use crate::aurora::span;
use crate::aws::ErrorKind;
use crate::engine::{Request, Task};
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

/// `1 clone`, `2 clones`.
pub(super) fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
