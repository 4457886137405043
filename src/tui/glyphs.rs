//! The signs on screen, each with a twin for terminals that know ASCII only. Every sign is one column wide.

use crate::aurora::{ClusterStatus, Health, Level};
use crate::engine::task::{StepState, TaskState};

/// The signs of the tree, of states and of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    /// Whether signs beyond ASCII are used.
    pub unicode: bool,
    /// Tree: a child with siblings below it, three columns.
    pub branch: &'static str,
    /// Tree: the last child, three columns.
    pub last: &'static str,
    /// Tree: an ancestor goes on below, three columns.
    pub pipe: &'static str,
    /// Tree: no line, three columns.
    pub gap: &'static str,
    /// A row that hides its children.
    pub folded: &'static str,
    /// A row that shows its children.
    pub unfolded: &'static str,
    /// The selected row.
    pub pointer: &'static str,
    /// Frames of something that runs.
    pub spinner: &'static [&'static str],
    /// Done, passed.
    pub done: &'static str,
    /// Failed.
    pub failed: &'static str,
    /// A warning.
    pub warn: &'static str,
    /// Not begun.
    pub waiting: &'static str,
    /// Not needed.
    pub skipped: &'static str,
    /// Held up.
    pub paused: &'static str,
    /// A cluster that is ready.
    pub ready: &'static str,
    /// A cluster that something is done to.
    pub busy: &'static str,
    /// A cluster that is stopped.
    pub stopped: &'static str,
    /// What is cut off.
    pub ellipsis: &'static str,
    /// From here to there.
    pub arrow: &'static str,
    /// Back to there.
    pub back: &'static str,
    /// Sorted upwards.
    pub up: &'static str,
    /// Sorted downwards.
    pub down: &'static str,
    /// Between two facts on a line.
    pub dot: &'static str,
    /// Something protected.
    pub lock: &'static str,
    /// The signs of the timeline.
    pub timeline: TimelineGlyphs,
}

/// The signs of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimelineGlyphs {
    /// Part of the target window that is not reachable.
    pub ghost: &'static str,
    /// Part of the actual window.
    pub full: &'static str,
    /// The first cell of the window, one to eight eighths of it reachable, and whether ground and sign change places:
    /// there are blocks for the left part of a cell, but only two for its right part.
    pub left: [(&'static str, bool); 8],
    /// The last cell of the window, one to eight eighths of it past.
    pub right: [&'static str; 8],
    /// A span that a rewind undid.
    pub undone: &'static str,
    /// What a rewind to the cursor would take back.
    pub discard: &'static str,
    /// The wall of a clone's own creation.
    pub wall: &'static str,
    /// The present moment.
    pub now: &'static str,
    /// A mark.
    pub mark: &'static str,
    /// Something that RDS reported.
    pub event: &'static str,
    /// Several of them in one column.
    pub events: &'static str,
    /// When a clone may be swept.
    pub expiry: &'static str,
    /// The cursor on the band.
    pub cursor: &'static str,
    /// The cursor above and below the band.
    pub hair: &'static str,
    /// A round time on the axis.
    pub tick: &'static str,
    /// The axis where no ticks are shown.
    pub axis: &'static str,
    /// A task of ours: where it begins, goes on, has ended; where one that runs has come to.
    pub task: [&'static str; 4],
    /// The write rate, from next to nothing to the highest.
    pub rate: [&'static str; 8],
    /// Range of point-in-time restore.
    pub backup: &'static str,
    /// Where a rewind landed; where it was taken back from; the way; the way of one that went forward again.
    pub seam: [&'static str; 4],
    /// A rewind whose two ends share a column.
    pub seam_short: &'static str,
    /// From a label below the band up to its place, at the label's left and at its right.
    pub elbow: [&'static str; 2],
    /// The floor moves this way.
    pub moving: &'static str,
}

impl TimelineGlyphs {
    const fn unicode() -> Self {
        Self {
            ghost: "░",
            full: "█",
            left: [
                ("▕", false),
                ("▊", true),
                ("▋", true),
                ("▐", false),
                ("▍", true),
                ("▎", true),
                ("▏", true),
                ("█", false),
            ],
            right: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
            undone: "╱",
            discard: "▓",
            wall: "┃",
            now: "▏",
            mark: "◆",
            event: "•",
            events: "⁑",
            expiry: "✕",
            cursor: "│",
            hair: "│",
            tick: "╵",
            axis: "─",
            task: ["├", "─", "┤", "▸"],
            rate: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
            backup: "━",
            seam: ["▾", "╮", "─", "┄"],
            seam_short: "◂",
            elbow: ["╰", "╯"],
            moving: "▸",
        }
    }

    const fn ascii() -> Self {
        Self {
            ghost: ".",
            full: "=",
            left: [("[", false); 8],
            right: [">", ">", ">", ">", ">", ">", ">", ">"],
            undone: "/",
            discard: "-",
            wall: "|",
            now: ">",
            mark: "*",
            event: "o",
            events: "8",
            expiry: "x",
            cursor: "#",
            hair: ":",
            tick: "'",
            axis: "-",
            task: ["[", "-", "]", ">"],
            rate: ["_", ".", ":", "-", "=", "+", "*", "#"],
            backup: "_",
            seam: ["v", ".", "-", "~"],
            seam_short: "<",
            elbow: ["`", "'"],
            moving: ">",
        }
    }
}

impl Glyphs {
    /// Signs for terminals that know Unicode.
    pub const fn unicode() -> Self {
        Self {
            unicode: true,
            branch: "├─ ",
            last: "└─ ",
            pipe: "│  ",
            gap: "   ",
            folded: "▸",
            unfolded: "▾",
            pointer: "▌",
            spinner: &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
            done: "✓",
            failed: "✗",
            warn: "▲",
            waiting: "·",
            skipped: "–",
            paused: "‖",
            ready: "●",
            busy: "◐",
            stopped: "○",
            ellipsis: "…",
            arrow: "→",
            back: "←",
            up: "▴",
            down: "▾",
            dot: "·",
            lock: "■",
            timeline: TimelineGlyphs::unicode(),
        }
    }

    /// Signs for terminals that know ASCII only.
    pub const fn ascii() -> Self {
        Self {
            unicode: false,
            branch: "|- ",
            last: "`- ",
            pipe: "|  ",
            gap: "   ",
            folded: "+",
            unfolded: "-",
            pointer: ">",
            spinner: &["|", "/", "-", "\\"],
            done: "+",
            failed: "x",
            warn: "!",
            waiting: ".",
            skipped: "-",
            paused: "=",
            ready: "*",
            busy: "~",
            stopped: "o",
            ellipsis: "~",
            arrow: ">",
            back: "<",
            up: "^",
            down: "v",
            dot: "-",
            lock: "#",
            timeline: TimelineGlyphs::ascii(),
        }
    }

    /// The signs for this terminal.
    pub const fn pick(ascii: bool) -> Self {
        if ascii { Self::ascii() } else { Self::unicode() }
    }

    /// The sign in front of a cluster's status.
    pub fn status(&self, status: &ClusterStatus) -> &'static str {
        match status.health() {
            Health::Ready => self.ready,
            Health::Busy => self.busy,
            Health::Stopped => self.stopped,
            Health::Broken => self.failed,
        }
    }

    /// The sign in front of a task's state; `frame` counts the frames of what runs.
    pub fn task(&self, state: TaskState, frame: usize) -> &'static str {
        match state {
            TaskState::Queued => self.waiting,
            TaskState::Running => self.spin(frame),
            TaskState::Paused => self.paused,
            TaskState::Done => self.done,
            TaskState::Failed => self.failed,
            TaskState::Cancelled => self.skipped,
        }
    }

    /// The sign in front of a step's state; `frame` counts the frames of what runs.
    pub fn step(&self, state: StepState, frame: usize) -> &'static str {
        match state {
            StepState::Waiting => self.waiting,
            StepState::Running => self.spin(frame),
            StepState::Done => self.done,
            StepState::Failed => self.failed,
            StepState::Skipped => self.skipped,
        }
    }

    /// The sign in front of a check of a plan.
    pub fn level(&self, level: Level) -> &'static str {
        match level {
            Level::Pass => self.done,
            Level::Warn => self.warn,
            Level::Fail => self.failed,
        }
    }

    /// One frame of the spinner.
    pub fn spin(&self, frame: usize) -> &'static str {
        self.spinner.get(frame % self.spinner.len().max(1)).copied().unwrap_or(self.busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    /// Every sign that a set holds, by way of its debug form: a new field cannot be forgotten here.
    fn signs(glyphs: &Glyphs) -> Vec<String> {
        let text = format!("{glyphs:?}").replace("\\\\", "\\");
        text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn every_sign_is_one_column_wide_and_tree_lines_are_three() {
        for glyphs in [Glyphs::unicode(), Glyphs::ascii()] {
            for (index, sign) in signs(&glyphs).iter().enumerate() {
                assert_eq!(sign.width(), if index < 4 { 3 } else { 1 }, "{sign}");
            }
        }
    }

    #[test]
    fn the_ascii_set_is_ascii() {
        assert!(signs(&Glyphs::ascii()).iter().all(|sign| sign.is_ascii()));
    }

    #[test]
    fn states_differ_by_their_signs() {
        for glyphs in [Glyphs::unicode(), Glyphs::ascii()] {
            let states =
                [TaskState::Queued, TaskState::Paused, TaskState::Done, TaskState::Failed, TaskState::Cancelled];
            let mut seen: Vec<_> = states.iter().map(|state| glyphs.task(*state, 0)).collect();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), states.len());
            let healths = ["available", "creating", "stopped", "cloning-failed"];
            let mut seen: Vec<_> = healths.iter().map(|word| glyphs.status(&ClusterStatus::from_wire(word))).collect();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), healths.len());
        }
    }
}
