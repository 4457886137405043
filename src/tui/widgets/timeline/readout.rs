//! What the timeline says in words.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Timeline;
use super::canvas::width;
use super::model::{TimelineData, moments};
use super::scale::column_of;
use crate::aurora::{Reach, span, time};
use crate::tui::format;

/// The sentences of RDS are long; their beginning tells what happened.
const LONGEST_LABEL: usize = 40;

/// How far back the cluster can be rewound, the fullest sentence first.
pub(super) fn summary(data: &TimelineData<'_>) -> Vec<String> {
    let Some(reach) = data.reach else { return Vec::new() };
    let (actual, target) = (span::short(reach.actual()), span::exact(reach.now.duration_since(reach.ghost)));
    if reach.shrunk() {
        let short = span::short(reach.floor.duration_since(reach.ghost.max(reach.wall.unwrap_or(reach.ghost))));
        return vec![
            format!("window {actual} of {target}, {short} short"),
            format!("window {actual} of {target}"),
            actual,
        ];
    }
    if reach.wall.is_some() {
        return vec![format!("window {actual}, growing to {target}"), format!("window {actual} of {target}"), actual];
    }
    vec![format!("full window of {target}"), format!("window {target}"), target]
}

/// Why there is no window, the fullest sentence first.
pub(super) const NO_WINDOW: [&str; 4] = [
    "No backtrack window: it can only be asked for when a cluster is made, and never comes back once off",
    "No backtrack window: it can only be asked for when a cluster is made",
    "No backtrack window on this cluster",
    "no window",
];

/// The place of the floor in words, the fullest first, with the sign for its way.
pub(super) fn floor(timeline: &Timeline<'_>, reach: Reach) -> Vec<String> {
    let (at, moving) = (place(reach.floor, timeline), timeline.glyphs.timeline.moving);
    vec![format!("floor {at} {moving}"), format!("floor {at}"), format!("floor {moving}"), "floor".into()]
}

/// The present in words, with the expiry where that lies beyond the right edge.
pub(super) fn now(timeline: &Timeline<'_>) -> Vec<String> {
    let data = &timeline.data;
    let now = format!("now {}", time::clock_text(data.now, timeline.zone));
    let beyond = data.expires_at.filter(|at| *at > timeline.span.end);
    let expiry = beyond.map(|at| format!("expires {}, {now}", format::distance(at, data.now)));
    expiry.into_iter().chain([now, "now".into()]).collect()
}

/// The highest write rate in words, the fullest first.
pub(super) fn rate(highest: f64) -> [String; 2] {
    let figure = format::rate(highest);
    [format!("writes, {figure} at most"), figure]
}

/// A word and its moment, the word alone if need be.
pub(super) fn named(word: &str, at: Timestamp, timeline: &Timeline<'_>) -> Vec<String> {
    vec![format!("{word} {}", place(at, timeline)), word.into()]
}

/// Clock time, with the date where it is not today.
fn place(at: Timestamp, timeline: &Timeline<'_>) -> String {
    let format = if same_day(at, timeline.data.now, timeline.zone) { "%H:%M:%S" } else { "%b %-d %H:%M" };
    at.to_zoned(timeline.zone.clone()).strftime(format).to_string()
}

/// Whether two moments fall on one day in `zone`.
pub(super) fn same_day(a: Timestamp, b: Timestamp, zone: &TimeZone) -> bool {
    a.to_zoned(zone.clone()).date() == b.to_zoned(zone.clone()).date()
}

/// The cursor in words: its clock time, and what follows it. The fullest that fits into `room` columns.
pub(super) fn cursor(timeline: &Timeline<'_>, at: Timestamp, room: u16) -> (String, String) {
    let (now, zone, dot) = (timeline.data.now, timeline.zone, timeline.glyphs.dot);
    let today = same_day(at, now, zone);
    let clock = if today { time::clock_text(at, zone) } else { time::date_text(at, zone) };
    let full = format!("{clock} {}", time::zone_text(at, zone));
    let distance = format!(" {dot} {}", format::distance(at, now));
    if let Some(label) = met(timeline, at, room) {
        let long = format!("{distance} {dot} {label}");
        if width(&full) + width(&long) <= room {
            return (full, long);
        }
    }
    if width(&full) + width(&distance) <= room {
        (full, distance)
    } else if width(&clock) + width(&distance) <= room {
        (clock, distance)
    } else {
        (clock, String::new())
    }
}

/// What lies under the cursor: that very moment, or else the nearest one in its column of `columns`.
fn met(timeline: &Timeline<'_>, at: Timestamp, columns: u16) -> Option<String> {
    let moments = moments(&timeline.data);
    let nearest = moments.iter().min_by_key(|moment| moment.at.duration_since(at).abs())?;
    let column = |moment| column_of(&timeline.span, columns, moment);
    let met = nearest.at == at || column(at).is_some() && column(nearest.at) == column(at);
    met.then(|| format::fit_end(&nearest.label, LONGEST_LABEL, timeline.glyphs.ellipsis))
}
