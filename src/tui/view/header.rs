//! The line at the top: where we are, what is there, how fresh it is.

use jiff::SignedDuration;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::look::Look;
use super::words::{plural, trouble};
use crate::aurora::span;
use crate::tui::deadline::shown_age;
use crate::tui::state::State;
use crate::tui::theme::Role;

/// A part of the line; the highest rank is left out first where there is no room.
struct Part {
    rank: u8,
    right: bool,
    span: Span<'static>,
}

pub(super) fn draw(state: &State, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    let mut parts = place(state, look);
    parts.extend(counts(state, look));
    let mut freshness = vec![Part { rank: 0, right: true, span: freshness(state, look) }];
    parts.append(&mut freshness);
    let room = usize::from(area.width).saturating_sub(2);
    while total(&parts) > room {
        let Some(rank) = parts.iter().map(|part| part.rank).max().filter(|rank| *rank > 0) else { break };
        let last = parts.iter().rposition(|part| part.rank == rank);
        parts.remove(last.unwrap_or_default());
    }
    let side = |right: bool| look.dotted(parts.iter().filter(|part| part.right == right).map(|part| part.span.clone()));
    let (left, right) = (side(false), side(true));
    buffer.set_line(area.x + 1, area.y, &left, area.width.saturating_sub(2));
    let width = (right.width() as u16).min(area.width.saturating_sub(2));
    buffer.set_line(area.right().saturating_sub(width + 1), area.y, &right, width);
}

/// Columns of all parts with the dots between them, and a gap between left and right.
fn total(parts: &[Part]) -> usize {
    parts.iter().map(|part| part.span.width() + 3).sum()
}

fn place(state: &State, look: &Look<'_>) -> Vec<Part> {
    let left = |rank, span| Part { rank, right: false, span };
    let place = &state.setup.place;
    let mut parts = vec![left(1, look.span(Role::Accent, "aurewind"))];
    if place.demo {
        parts.push(left(0, look.span(Role::Badge, " SIMULATED ACCOUNT ")));
    }
    if let Some(server) = &state.setup.stand_in {
        parts.push(left(3, look.span(Role::Badge, format!(" {server}, not Aurora MySQL "))));
    }
    if state.setup.policy.read_only {
        parts.push(left(0, look.span(Role::Badge, " READ-ONLY ")));
    }
    let any = state.fleet.data.iter().next();
    if let Some(profile) = &place.profile {
        parts.push(left(4, look.plain(profile.clone())));
    }
    if let Some(account) = any.and_then(|cluster| cluster.account()) {
        parts.push(left(5, look.plain(account)));
    }
    if let Some(region) = place.region.as_deref().or(any.and_then(|cluster| cluster.region())) {
        parts.push(left(2, look.plain(region)));
    }
    if let Some(endpoint) = place.endpoint.as_ref().filter(|_| !place.demo) {
        let host = endpoint.split_once("://").map_or(endpoint.as_str(), |(_, host)| host);
        parts.push(left(7, look.span(Role::Warn, host.trim_end_matches('/'))));
    }
    parts
}

fn counts(state: &State, look: &Look<'_>) -> Vec<Part> {
    let right = |rank, span| Part { rank, right: true, span };
    let mut parts = Vec::new();
    let (clusters, expired, running) = (state.fleet.data.len(), state.fleet.expired(look.now), state.tasks.running());
    if clusters > 0 {
        parts.push(right(3, look.plain(plural(clusters, "cluster"))));
        parts.push(right(8, look.plain(plural(state.fleet.clones(), "clone"))));
    }
    if expired > 0 {
        parts.push(right(6, look.span(Role::Warn, format!("{expired} expired"))));
    }
    if running > 0 {
        let leaving = if state.leaving { "leaving after " } else { "" };
        let text = format!("{} {leaving}{}", look.glyphs.spin(look.frame), plural(running, "task"));
        parts.push(right(0, look.span(Role::Busy, text)));
    }
    parts
}

fn freshness(state: &State, look: &Look<'_>) -> Span<'static> {
    let feed = &state.feed;
    let spin = look.glyphs.spin(look.frame);
    if let Some(failure) = &feed.failure {
        let word = trouble(failure.error.kind);
        let retry = match feed.due(&state.setup.tempo, state.busy()) {
            Some(due) if due > look.now => {
                let left = due.duration_since(look.now) + SignedDuration::from_millis(999);
                format!("retry in {}", span::tiny(left))
            }
            _ => format!("{spin} retrying"),
        };
        return look.span(Role::Bad, format!("{} failing: {word}, {retry}", look.glyphs.failed));
    }
    let Some(age) = feed.age(look.now) else {
        let have = state.fleet.data.len();
        let count = if have > 0 { format!(" {have}") } else { String::new() };
        return look.span(Role::Busy, format!("{spin} loading{}{count}", look.glyphs.ellipsis));
    };
    let ago = span::tiny(shown_age(age));
    if age >= state.setup.tempo.stale {
        return look.span(Role::Warn, format!("{} stale {ago}", look.glyphs.warn));
    }
    // At the end, so that nothing moves when it comes and goes.
    let sign = if feed.loading.is_some() { spin } else { " " };
    look.dim(format!("refreshed {ago} ago {sign}"))
}
