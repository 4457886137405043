//! A row of the table, and the heads over all of them.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::columns::{Column, Columns, GAP, LOCK, POINTER};
use crate::aurora::cluster::Cluster;
use crate::aurora::lineage::{Parent, Row};
use crate::aurora::mark::marks;
use crate::tui::format::{self, age, fit_middle};
use crate::tui::state::State;
use crate::tui::theme::Role;
use crate::tui::view::look::Look;
use crate::tui::view::words;
use crate::tui::widgets::timeline::compact;

pub(super) fn heads(look: &Look<'_>, columns: &Columns) -> Line<'static> {
    let style = look.style(Role::Dim);
    let mut line =
        Line::from(Span::styled(format!("{}{:<width$}", " ".repeat(POINTER), "NAME", width = columns.name), style));
    for column in &columns.rest {
        // The bar and its figures are one thing, with one head.
        let head = match column {
            Column::Window if columns.rest.contains(&Column::Bar) => "",
            Column::Bar => "BACKTRACK WINDOW",
            column => column.head(),
        };
        let own = columns.width(*column);
        let width = if *column == Column::Bar { own + GAP + columns.width(Column::Window) } else { own };
        if *column == Column::Window && head.is_empty() {
            continue;
        }
        let text = if column.at_right() { format!("{head:>width$}") } else { format!("{head:<width$}") };
        line.push_span(Span::styled(format!("{}{text}", " ".repeat(GAP)), style));
    }
    line
}

pub(super) fn line(
    state: &State,
    look: &Look<'_>,
    columns: &Columns,
    row: &Row,
    cluster: &Cluster,
    selected: bool,
    words: &[String],
) -> Line<'static> {
    let pointer = if selected { look.glyphs.pointer } else { " " };
    let mut line = Line::from(look.span(Role::Accent, format!("{pointer} ")));
    name(state, look, columns.name, row, cluster, words, &mut line);
    for column in &columns.rest {
        line.push_span(Span::raw(" ".repeat(GAP)));
        cell(state, look, *column, columns.width(*column), cluster, &mut line);
    }
    line
}

/// The lines of the tree in front of a name; a guessed parent has a `?` in its line.
fn branches(look: &Look<'_>, row: &Row) -> String {
    let glyphs = look.glyphs;
    let mut text: String = row.trunk.iter().skip(1).map(|more| if *more { glyphs.pipe } else { glyphs.gap }).collect();
    if row.depth() > 0 {
        let branch = if row.last { glyphs.last } else { glyphs.branch };
        match row.parent {
            Parent::Probable(_) => {
                text.extend(branch.chars().take(1));
                text.push_str("? ");
            }
            _ => text.push_str(branch),
        }
    }
    text
}

fn name(
    state: &State,
    look: &Look<'_>,
    width: usize,
    row: &Row,
    cluster: &Cluster,
    words: &[String],
    line: &mut Line<'static>,
) {
    let protected = state.setup.policy.protects(&cluster.id).is_some();
    // Where ancestors may be hidden, a line would lead to nowhere or to a stranger.
    let branches = if state.fleet.filter.active() { String::new() } else { branches(look, row) };
    let marks = if protected { LOCK } else { 0 };
    let room = width.saturating_sub(format::width(&branches) + marks);
    let name = fit_middle(cluster.id.as_str(), room, look.glyphs.ellipsis);
    let mut used = format::width(&branches) + format::width(&name);
    line.push_span(look.dim(branches));
    let role = if protected { Role::Prod } else { Role::Text };
    line.extend(highlighted(&name, words, look.style(role), look.style(Role::Match)));
    if protected {
        line.push_span(look.span(Role::Prod, format!(" {}", look.glyphs.lock)));
        used += LOCK;
    }
    line.push_span(Span::raw(" ".repeat(width.saturating_sub(used))));
}

/// `name` with the first hit of every word made visible.
fn highlighted(name: &str, words: &[String], plain: Style, hit: Style) -> Vec<Span<'static>> {
    // Identifiers are ASCII; a sign for what is cut out of them is not, and then nothing is marked.
    let found =
        words.iter().filter(|_| name.is_ascii()).filter_map(|word| Some((name.find(word.as_str())?, word.len())));
    let mut found: Vec<_> = found.collect();
    found.sort_unstable();
    let (mut spans, mut done) = (Vec::new(), 0);
    for (start, length) in found {
        if start < done {
            continue;
        }
        spans.push(Span::styled(name[done..start].to_owned(), plain));
        spans.push(Span::styled(name[start..start + length].to_owned(), plain.patch(hit)));
        done = start + length;
    }
    spans.push(Span::styled(name[done..].to_owned(), plain));
    spans
}

fn cell(state: &State, look: &Look<'_>, column: Column, width: usize, cluster: &Cluster, line: &mut Line<'static>) {
    let ownership = cluster.ownership();
    let ours = ownership.ours();
    let span = match column {
        Column::Status => look.status(&cluster.status),
        Column::Engine => look.dim(words::engine(cluster)),
        Column::Bar => return bar(look, cluster, width, line),
        Column::Window => {
            let role = match cluster.reach(look.now) {
                Some(reach) if reach.shrunk() => Role::Warn,
                Some(_) => Role::Text,
                None => Role::Dim,
            };
            look.span(role, words::window(cluster, look.now))
        }
        Column::Age => look.plain(cluster.created_at.map(|at| age(at, look.now)).unwrap_or_default()),
        Column::Owner => look.dim(ours.and_then(|ours| ours.owner.clone()).unwrap_or_default()),
        Column::Expires => match ours.map(|ours| ours.expires_at) {
            Some(Some(at)) if at <= look.now => look.span(Role::Warn, words::expiry(at, look.now)),
            Some(Some(at)) => look.plain(words::expiry(at, look.now)),
            Some(None) => look.dim("never"),
            None => Span::raw(""),
        },
        Column::Instances => look.dim(instances(state, cluster)),
    };
    let fitted = look.fit(&span.content, width);
    let fill = " ".repeat(width.saturating_sub(format::width(&fitted)));
    let text = if column.at_right() { format!("{fill}{fitted}") } else { format!("{fitted}{fill}") };
    line.push_span(Span::styled(text, span.style));
}

fn bar(look: &Look<'_>, cluster: &Cluster, width: usize, line: &mut Line<'static>) {
    let used = match cluster.reach(look.now) {
        Some(reach) => {
            let marks: Vec<_> = marks(cluster, &[]).into_iter().map(|mark| mark.at).collect();
            let bar = compact(Some(reach), &marks, width as u16, look.theme, look.glyphs);
            let used = bar.width();
            line.extend(bar.spans);
            used
        }
        None => 0,
    };
    line.push_span(Span::raw(" ".repeat(width.saturating_sub(used))));
}

/// `3 x r6g.large`, `none`.
fn instances(state: &State, cluster: &Cluster) -> String {
    let known = state.fleet.data.instances(&cluster.id);
    let writer = cluster.writer();
    let class = known.iter().find(|instance| Some(instance.id.as_str()) == writer).or(known.first());
    let class = class.map(|instance| instance.class.trim_start_matches("db.").to_owned());
    match (cluster.members.len(), class) {
        (0, _) => "none".into(),
        (count, Some(class)) => format!("{count} x {class}"),
        (count, None) => count.to_string(),
    }
}
