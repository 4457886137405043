//! The lists of past rewinds and marks: a line for each, and below them all that is known of the one under the cursor.

use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::look::Look;
use super::pane;
use super::text::{hanging, wrap};
use crate::aurora::cluster::Cluster;
use crate::aurora::mark::{Kept, Mark};
use crate::aurora::rewind::{Rewind, RewindStatus};
use crate::aurora::span;
use crate::tui::format::{self, pad_end};
use crate::tui::layout;
use crate::tui::state::{Listed, Picker, Scroll, State, last_call};
use crate::tui::theme::Role;

const WIDTH: u16 = 100;
const LABEL: usize = 10;
/// From here on there is room for words that may be left out.
const ROOMY: usize = 90;

pub(super) fn draw(state: &State, look: &Look<'_>, picker: &Picker, screen: Rect, buffer: &mut Buffer) {
    let width = pane::reader_columns(screen, WIDTH);
    let cluster = state.fleet.data.get(&picker.cluster);
    let name = cluster.map_or("a cluster that is gone", |cluster| cluster.id.as_str());
    let (what, rows, facts) = match picker.listed {
        Listed::Rewinds => {
            let rewinds = picker.rewinds(state);
            let rows: Vec<_> = rewinds.iter().map(|rewind| rewind_row(state, look, cluster, rewind, width)).collect();
            let facts = picker.rewind(state).map(|rewind| rewind_facts(state, look, cluster, rewind));
            ("Past rewinds", rows, facts.unwrap_or_else(|| vec![("", none(state, picker))]))
        }
        Listed::Marks => {
            let rows: Vec<_> =
                picker.marks(state).iter().map(|mark| mark_row(state, look, cluster, mark, width)).collect();
            let facts = picker.mark(state).map(|mark| mark_facts(state, look, cluster, mark));
            ("Marks", rows, facts.unwrap_or_else(|| vec![("", look.dim(NO_MARK))]))
        }
    };
    let facts: Vec<Line<'static>> =
        facts.into_iter().flat_map(|(label, text)| fact(look, label, text, width)).collect();
    let wish = rows.len() as u16 + facts.len() as u16 + 3;
    let area = layout::overlay(screen, WIDTH, wish.max(8));
    let room = usize::from(area.height.saturating_sub(3)).saturating_sub(facts.len()).max(1);
    let position = picker.position(state);
    let above = (position + 1).saturating_sub(room);
    let bottom = pane::more(look, above, rows.len().saturating_sub(above + room));
    let title = Line::from(vec![look.span(Role::Accent, format!(" {what} ")), look.dim(format!("of {name} "))]);
    let inside = pane::boxed(look, area, title, bottom, buffer);
    let [list, _, below] = inside.layout(&Layout::vertical([
        Constraint::Length(rows.len().min(room) as u16),
        Constraint::Length(u16::from(!rows.is_empty())),
        Constraint::Min(0),
    ]));
    pane::choices(look, rows, above, position, list, buffer);
    pane::scrolled(&facts, Scroll(0), below, buffer);
}

const NO_MARK: &str = "No mark yet. m marks the present moment, or the one under the timeline's cursor.";

fn none(state: &State, picker: &Picker) -> Span<'static> {
    let look = Look::of(state);
    let known = state.histories.get(&picker.cluster);
    match known.and_then(|known| known.error.as_ref()) {
        Some(error) => look.span(Role::Warn, format!("They could not be read: {error}")),
        None if known.is_some_and(|known| known.history.is_some()) => {
            look.dim("It was never rewound, as far as AWS remembers.")
        }
        None => look.dim("They are being read."),
    }
}

fn fact(look: &Look<'_>, label: &str, text: Span<'static>, width: usize) -> Vec<Line<'static>> {
    if label.is_empty() {
        let parts = wrap(&text.content, width).into_iter();
        return parts.map(|part| Line::from(Span::styled(part, text.style))).collect();
    }
    hanging(Line::from(look.dim(format!("{label:<LABEL$} "))), &text, width)
}

fn rewind_row(
    state: &State,
    look: &Look<'_>,
    cluster: Option<&Cluster>,
    rewind: &Rewind,
    width: usize,
) -> Vec<Span<'static>> {
    // The sign says it as well.
    let word = if width >= ROOMY { format!("{:<10}", rewind.status.as_str()) } else { String::new() };
    let at = |at: Option<Timestamp>| at.map_or_else(|| "?".into(), |at| look.clock(at));
    let way = format!("{} {} {}", at(rewind.from.or(rewind.requested_at)), look.glyphs.arrow, at(rewind.to));
    let length = rewind.from.zip(rewind.to).map(|(from, to)| span::short(from.duration_since(to)));
    let (role, status) = match rewind.status {
        RewindStatus::Completed => (Role::Good, look.glyphs.done),
        RewindStatus::Failed => (Role::Bad, look.glyphs.failed),
        _ => (Role::Busy, look.glyphs.busy),
    };
    let mut row = vec![
        look.span(role, format!("{status} {word}")),
        look.plain(pad_end(&way, 42, look.glyphs.ellipsis)),
        look.plain(format!("{:<9}", length.unwrap_or_default())),
    ];
    if let Some(at) = rewind.undo_to() {
        row.push(match left(state, cluster, at) {
            Some(left) => look.dim(format!("undo for {}", span::short(left))),
            None => look.dim("undo is out of reach"),
        });
    }
    row
}

fn left(state: &State, cluster: Option<&Cluster>, at: Timestamp) -> Option<SignedDuration> {
    state.reachable_for(cluster?, at)
}

type Facts = Vec<(&'static str, Span<'static>)>;

fn rewind_facts(state: &State, look: &Look<'_>, cluster: Option<&Cluster>, rewind: &Rewind) -> Facts {
    let mut facts = Vec::new();
    let ours = state.task_of_rewind(rewind);
    match ours {
        Some((_, asked)) => {
            let delta = rewind.to.map(|landed| landed.duration_since(asked).as_secs_f64());
            let delta = delta.map(|delta| format!(", it landed {delta:+.1} s from there")).unwrap_or_default();
            facts.push(("asked", look.plain(format!("{}{delta}", look.date_zone(asked)))));
        }
        None => {
            facts
                .push(("asked", look.dim("not known: AWS keeps only where it landed, and it was not asked from here")));
        }
    }
    facts.extend(rewind.to.map(|at| ("landed", look.plain(look.date_zone(at)))));
    facts.extend(rewind.from.map(|at| ("came from", look.plain(look.date_zone(at)))));
    facts.extend(rewind.requested_at.map(|at| ("requested", look.plain(look.date_zone(at)))));
    facts.extend(ours.map(|(task, _)| ("took", look.plain(span::short(task.elapsed(look.now))))));
    facts.push(("undo", undo(state, look, cluster, rewind)));
    facts
}

fn undo(state: &State, look: &Look<'_>, cluster: Option<&Cluster>, rewind: &Rewind) -> Span<'static> {
    let Some(at) = rewind.undo_to() else { return look.dim("nothing was changed") };
    match left(state, cluster, at) {
        Some(left) => look.plain(format!(
            "R goes to {}, just before it; reachable for another {}, until {}",
            look.clock(at),
            span::short(left),
            look.clock_zone(look.now + left)
        )),
        None => look.span(Role::Warn, format!("no more: {} is out of reach", look.clock_zone(at))),
    }
}

fn mark_row(
    state: &State,
    look: &Look<'_>,
    cluster: Option<&Cluster>,
    mark: &Mark,
    width: usize,
) -> Vec<Span<'static>> {
    let name = pad_end(mark.name.as_str(), if width >= ROOMY { 36 } else { 20 }, look.glyphs.ellipsis);
    let left = left(state, cluster, mark.at);
    vec![
        look.span(Role::Mark, format!("{} {name} ", look.glyphs.timeline.mark)),
        look.plain(pad_end(&look.clock(mark.at), 20, look.glyphs.ellipsis)),
        look.dim(format!("{:<14}", format::distance(mark.at, look.now))),
        reachable(look, left, last(cluster)),
    ]
}

/// From how little time left on there is a warning.
fn last(cluster: Option<&Cluster>) -> SignedDuration {
    cluster.map_or(SignedDuration::ZERO, last_call)
}

/// `5h 12m left`, with a warning towards the end.
fn reachable(look: &Look<'_>, left: Option<SignedDuration>, last: SignedDuration) -> Span<'static> {
    match left {
        Some(left) if left < last => look.span(Role::Warn, format!("{} {} left", look.glyphs.warn, span::short(left))),
        Some(left) => look.plain(format!("{} left", span::short(left))),
        None => look.dim("out of reach"),
    }
}

fn mark_facts(state: &State, look: &Look<'_>, cluster: Option<&Cluster>, mark: &Mark) -> Facts {
    let mut facts =
        vec![("moment", look.plain(format!("{}, {}", look.date_zone(mark.at), format::distance(mark.at, look.now))))];
    let pressure = cluster.and_then(|cluster| state.pressure(cluster));
    // Only where the room for records is known does the rate say anything.
    let paced = pressure.filter(|pressure| pressure.room.is_some() && pressure.rate_per_second > 0.0);
    let how = match paced {
        Some(pressure) => format!("at this write rate of {}", format::rate(pressure.rate_per_second)),
        None => "at most, as the window slides".into(),
    };
    facts.push(match left(state, cluster, mark.at) {
        Some(left) => {
            let text = format!("for another {}, {how}", span::short(left));
            ("reachable", look.span(if left < last(cluster) { Role::Warn } else { Role::Text }, text))
        }
        None => ("reachable", look.span(Role::Warn, "no more: the window does not reach back to it")),
    });
    let kept = match mark.kept {
        Kept::Tag => "as a tag on the cluster",
        Kept::Journal => "in the journal of this machine",
        Kept::Run => "with the test run that set it",
    };
    facts.push(("kept", look.plain(kept)));
    facts
}
