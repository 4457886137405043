//! The table of clusters: a tree by name, as many columns as fit, the visible rows only.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::look::Look;
use super::pane;
use super::text::wrap;
use super::words;
use crate::aurora::cluster::Cluster;
use crate::aurora::lineage::{Parent, Row};
use crate::tui::format::{self, age, fit_middle};
use crate::tui::state::{Focus, State};
use crate::tui::theme::Role;
use crate::tui::widgets::timeline::compact;

/// A column besides the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Status,
    Engine,
    Bar,
    Window,
    Age,
    Owner,
    Expires,
    Instances,
}

impl Column {
    /// In the order on screen.
    const ALL: [Self; 8] =
        [Self::Status, Self::Engine, Self::Bar, Self::Window, Self::Age, Self::Owner, Self::Expires, Self::Instances];
    /// In the order in which they are given room.
    const BY_WORTH: [Self; 8] =
        [Self::Status, Self::Window, Self::Age, Self::Expires, Self::Bar, Self::Engine, Self::Owner, Self::Instances];

    fn width(self) -> usize {
        match self {
            Self::Status | Self::Owner => 16,
            Self::Engine => 15,
            Self::Bar | Self::Expires => 11,
            Self::Window => 7,
            Self::Age => 4,
            Self::Instances => 17,
        }
    }

    fn head(self) -> &'static str {
        match self {
            Self::Status => "STATUS",
            Self::Engine => "ENGINE",
            Self::Bar => "BACKTRACK",
            Self::Window => "WINDOW",
            Self::Age => "AGE",
            Self::Owner => "OWNER",
            Self::Expires => "EXPIRES",
            Self::Instances => "INSTANCES",
        }
    }

    fn at_right(self) -> bool {
        matches!(self, Self::Window | Self::Age)
    }
}

/// The columns of a table of some width.
struct Columns {
    name: usize,
    rest: Vec<Column>,
}

/// The mark of the cursor in front of every row.
const POINTER: usize = 2;
const GAP: usize = 2;
/// The sign behind the name of a protected cluster.
const LOCK: usize = 2;
const LONGEST_NAME: usize = 46;

impl Columns {
    fn fit(width: usize, longest_name: usize) -> Self {
        let wanted = (longest_name + LOCK).clamp(20, LONGEST_NAME);
        let least = wanted.min(28);
        let mut left = width.saturating_sub(POINTER + 1 + least);
        let mut chosen = Vec::new();
        for column in Column::BY_WORTH {
            let cost = column.width() + GAP;
            if cost > left {
                break;
            }
            left -= cost;
            chosen.push(column);
        }
        let rest = Column::ALL.into_iter().filter(|column| chosen.contains(column)).collect();
        Self { name: (least + left).min(wanted), rest }
    }
}

pub(super) fn draw(state: &State, look: &Look<'_>, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    let focused = state.focus == Focus::Fleet;
    let inside = pane::titled(look, area, title(state, look, focused), None, focused, buffer);
    let (cursor, inside) = filter_line(state, look, inside, buffer);
    if let Some(lines) = instead(state, look, inside.width) {
        let top = inside.height.saturating_sub(lines.len() as u16) / 3;
        for (line, row) in lines.iter().zip(inside.rows().skip(usize::from(top))) {
            buffer.set_line(row.x + 2, row.y, line, row.width.saturating_sub(3));
        }
        return cursor;
    }
    let columns = Columns::fit(usize::from(inside.width), state.fleet.longest_name());
    buffer.set_line(inside.x, inside.y, &heads(look, &columns), inside.width);
    let words = needle(state);
    let rows = state.fleet.rows(state.fleet.offset).zip(inside.rows().skip(1));
    for (index, (row, place)) in rows.enumerate() {
        let Some(cluster) = state.fleet.data.get(&row.id) else { continue };
        let selected = state.fleet.offset + index == state.fleet.position();
        let line = line(state, look, &columns, row, cluster, selected, &words);
        buffer.set_line(place.x, place.y, &line, place.width);
        if selected {
            buffer.set_style(place, look.style(Role::Selected));
        }
    }
    cursor
}

fn title(state: &State, look: &Look<'_>, focused: bool) -> Line<'static> {
    let (shown, all) = (state.fleet.len(), state.fleet.data.len());
    let mut line = Line::from(pane::title(look, "Fleet", focused));
    if state.fleet.filter.active() {
        line.push_span(look.span(Role::Accent, format!(" {shown}/{all}")));
    } else if all > 0 {
        line.push_span(look.dim(format!(" {all}")));
    }
    line
}

/// The filter, if there is one: what is typed, and why it is not understood.
fn filter_line(state: &State, look: &Look<'_>, area: Rect, buffer: &mut Buffer) -> (Option<Position>, Rect) {
    let filter = &state.fleet.filter;
    if !filter.editing && !filter.active() && filter.error.is_none() {
        return (None, area);
    }
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let room = usize::from(area.width / 2).max(20);
    let scroll = filter.input.visual_scroll(room);
    let shown: String = filter.input.value().chars().skip(scroll).collect();
    let mut line = Line::from(vec![look.span(Role::Key, "/ "), look.plain(shown)]);
    let column = 2 + filter.input.visual_cursor().saturating_sub(scroll);
    line.push_span(Span::raw("  "));
    match &filter.error {
        Some(error) => line.push_span(look.span(Role::Bad, format!("{} {error}", look.glyphs.failed))),
        None if filter.input.value().is_empty() => {
            line.push_span(look.dim("words, status:available engine:mysql owner:ana age>2d expired:yes tag:k=v"));
        }
        None => {}
    }
    buffer.set_line(area.x, area.y, &line, area.width);
    let cursor = filter.editing.then(|| Position::new(area.x + column as u16, area.y));
    (cursor, below)
}

/// The words that the filter looks for in names.
fn needle(state: &State) -> Vec<String> {
    if !state.fleet.filter.active() {
        return Vec::new();
    }
    let words = state.fleet.filter.input.value().split_whitespace();
    words.filter(|word| !word.contains([':', '<', '>'])).map(str::to_lowercase).collect()
}

/// What is said where there is no row to show.
fn instead(state: &State, look: &Look<'_>, width: u16) -> Option<Vec<Line<'static>>> {
    if !state.fleet.is_empty() {
        return None;
    }
    let width = usize::from(width).saturating_sub(4).min(76);
    let mut lines = Vec::new();
    let mut say = |role: Role, text: &str| {
        lines.extend(wrap(text, width).into_iter().map(|part| Line::from(look.span(role, part))));
    };
    if !state.fleet.data.is_empty() {
        say(Role::Text, "No cluster passes the filter. Esc clears it.");
    } else if let Some(error) = state.feed.helpless() {
        say(Role::Bad, &format!("{} {}", look.glyphs.failed, capital(words::trouble(error.kind))));
        say(Role::Text, "");
        say(Role::Text, &error.message);
        if let Some(code) = &error.code {
            say(Role::Dim, &format!("AWS code {code}"));
        }
        say(Role::Text, "");
        say(Role::Text, &format!("To mend it: {}.", error.mend()));
        say(Role::Text, "");
        say(Role::Dim, "It is tried again by itself; r tries at once. `aurewind demo` shows a simulated account.");
    } else if state.feed.read_at.is_some() {
        say(Role::Text, "There is no Aurora cluster here.");
        say(Role::Text, "");
        say(Role::Dim, "Other profile or region: --profile, --region. A simulated account: aurewind demo.");
    } else {
        say(Role::Dim, &format!("Reading clusters{}", look.glyphs.ellipsis));
    }
    Some(lines)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn heads(look: &Look<'_>, columns: &Columns) -> Line<'static> {
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
        let width = if *column == Column::Bar { column.width() + GAP + Column::Window.width() } else { column.width() };
        if *column == Column::Window && head.is_empty() {
            continue;
        }
        let text = if column.at_right() { format!("{head:>width$}") } else { format!("{head:<width$}") };
        line.push_span(Span::styled(format!("{}{text}", " ".repeat(GAP)), style));
    }
    line
}

fn line(
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
        cell(state, look, *column, cluster, &mut line);
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
    let branches = branches(look, row);
    let lock = if protected { LOCK } else { 0 };
    let room = width.saturating_sub(format::width(&branches) + lock);
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

fn cell(state: &State, look: &Look<'_>, column: Column, cluster: &Cluster, line: &mut Line<'static>) {
    let width = column.width();
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
            let bar = compact(Some(reach), look.now, width as u16, look.theme, look.glyphs);
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
