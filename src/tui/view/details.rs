//! What is known about the cluster under the cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::look::Look;
use super::pane;
use super::text::{hanging, wrap};
use super::words::{reach_length, window_length};
use crate::aurora::cluster::Cluster;
use crate::aurora::lineage::Parent;
use crate::aurora::ownership::{Keep, Ownership};
use crate::aurora::plan::MAX_CLONES;
use crate::aurora::policy::Ruling;
use crate::aurora::rewind::Rewind;
use crate::aurora::span;
use crate::aws::History;
use crate::tui::format;
use crate::tui::state::{Focus, Selected, State};
use crate::tui::theme::Role;

/// Columns of the words in front.
const LABEL: usize = 11;

pub(super) fn draw(state: &State, look: &Look<'_>, area: Rect, beside: bool, buffer: &mut Buffer) {
    let focused = pane::has_keys(state, Focus::Details);
    let name = state.cluster().map_or("Details", |cluster| cluster.id.as_str());
    let title = Line::from(pane::title(look, name, focused));
    let right = (!beside).then(|| Line::from(look.dim("Esc fleet")));
    let inside = pane::titled(look, area, title, right, focused, buffer);
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside };
    let lines = match (state.cluster(), &state.fleet.selected) {
        (Some(cluster), Some(selected)) => lines(state, look, cluster, selected, usize::from(inside.width)),
        _ => vec![look.dim("No cluster is selected.").into()],
    };
    let (_, below) = pane::scrolled(&lines, state.details, inside, buffer);
    if below > 0 {
        let more = look.dim(format!(" {} {below} more ", look.glyphs.down));
        let width = more.width() as u16;
        if inside.height > 1 {
            buffer.set_span(inside.right().saturating_sub(width), inside.bottom() - 1, &more, width);
        }
    }
}

/// Collects lines of a word and what belongs to it.
struct Sheet<'a> {
    look: &'a Look<'a>,
    width: usize,
    lines: Vec<Line<'static>>,
}

impl Sheet<'_> {
    fn row(&mut self, label: &str, value: Span<'static>) {
        let lead = Line::from(self.look.dim(format!("{label:<LABEL$} ")));
        self.lines.extend(hanging(lead, &value, self.width));
    }

    fn text(&mut self, label: &str, value: impl Into<String>) {
        self.row(label, self.look.plain(value));
    }

    fn heading(&mut self, text: &str) {
        self.lines.push(Line::default());
        self.lines.push(self.look.span(Role::Title, text).into());
    }

    fn sentence(&mut self, role: Role, text: &str) {
        let parts = wrap(text, self.width);
        self.lines.extend(parts.into_iter().map(|part| Line::from(self.look.span(role, part))));
    }
}

fn lines(state: &State, look: &Look<'_>, cluster: &Cluster, selected: &Selected, width: usize) -> Vec<Line<'static>> {
    let mut sheet = Sheet { look, width, lines: Vec::new() };
    sheet.row("status", look.status(&cluster.status));
    sheet.text("engine", format!("{} {}", cluster.engine, cluster.engine_version));
    backtrack(state, look, cluster, &mut sheet);
    budget(state, look, cluster, &mut sheet);
    lineage(look, cluster, selected, &mut sheet);
    life(look, cluster, &mut sheet);
    rulings(state, selected, &mut sheet);
    instances(state, look, cluster, &mut sheet);
    address(look, cluster, &mut sheet);
    history(state, cluster, &mut sheet);
    tags(cluster, &mut sheet);
    sheet.lines
}

fn backtrack(state: &State, look: &Look<'_>, cluster: &Cluster, sheet: &mut Sheet<'_>) {
    let Some(reach) = cluster.reach(look.now) else {
        let why = if cluster.engine.can_backtrack() {
            "off. It can only be asked for when a cluster is made, never later: restore or clone one that has it"
        } else {
            "none: Aurora PostgreSQL has no Backtrack. A clone is the way to try something and throw it away"
        };
        return sheet.row("backtrack", look.span(Role::Warn, why));
    };
    let target = window_length(cluster.backtrack.target());
    let actual = reach_length(reach.actual());
    if reach.shrunk() {
        let full = state.pressure(cluster).is_some_and(|pressure| pressure.room.is_some());
        let why = if full { "heavy writes shorten it" } else { "by heavy writes, or a target raised lately" };
        let text = format!("{actual} of {target}; {why}");
        sheet.row("backtrack", look.span(Role::Warn, text));
    } else if reach.wall.is_some() {
        sheet.text("backtrack", format!("{actual}, growing to {target}"));
    } else {
        sheet.text("backtrack", format!("{actual} of {target}"));
    }
    sheet.text("back to", look.clock_zone(reach.floor));
}

/// What the window costs and where it is going.
fn budget(state: &State, look: &Look<'_>, cluster: &Cluster, sheet: &mut Sheet<'_>) {
    let Some(pressure) = state.pressure(cluster) else { return };
    let over = match pressure.sampled {
        Some(span) => format!("over the last {}", span::tiny(span)),
        None => "on average over the window".into(),
    };
    sheet.text("writes", format!("{}, {over}", format::rate(pressure.rate_per_second)));
    let cost = pressure.cost_per_hour.map(|cost| {
        let prices = &state.setup.prices;
        format!(", {} an hour at the prices of {}", format::money(cost, &prices.currency), prices.as_of)
    });
    sheet.text(
        "records",
        format!("{} change records stored{}", format::count(pressure.stored), cost.unwrap_or_default()),
    );
    let target = cluster.backtrack.target();
    let expected = reach_length(pressure.expected_window);
    let short = cluster.reach(look.now).is_some_and(|reach| reach.shrunk());
    match pressure.below_target_at {
        _ if short && pressure.room.is_none() => {
            sheet.row("forecast", look.dim("after it has been watched for a while"));
        }
        _ if pressure.expected_window >= target => {
            sheet.row("forecast", look.dim(format!("nothing speaks against the target of {}", window_length(target))));
        }
        Some(at) if at > look.now => {
            let text = format!(
                "the target is missed from {}, {}; then {expected}",
                look.clock_zone(at),
                format::distance(at, look.now)
            );
            sheet.row("forecast", look.span(Role::Warn, text));
        }
        _ => sheet.row("forecast", look.span(Role::Warn, format!("{expected} of window at this rate"))),
    }
}

fn lineage(look: &Look<'_>, cluster: &Cluster, selected: &Selected, sheet: &mut Sheet<'_>) {
    let name = selected.parent_name.as_ref().map_or("another cluster", |name| name.as_str());
    match &selected.parent {
        Parent::Known(_) => sheet.text("cloned from", name),
        Parent::Probable(_) => {
            let text = format!("probably {name}: the oldest of its clone group; no tag says so");
            sheet.row("cloned from", look.span(Role::Warn, text));
        }
        Parent::Gone(name) => sheet.text("cloned from", format!("{name}, which is gone")),
        Parent::None => {}
    }
    let known = selected.clones.known.iter().map(ToString::to_string);
    let names: Vec<_> = known.chain(selected.clones.probable.iter().map(|id| format!("{id} (probably)"))).collect();
    if !names.is_empty() {
        sheet.text("clones", names.join(", "));
    }
    match selected.group_clones {
        Some(clones) => {
            let role = if clones + 2 >= MAX_CLONES { Role::Warn } else { Role::Text };
            sheet.row("group", look.span(role, format!("{clones} of {MAX_CLONES} clones")));
        }
        None if cluster.ownership().ours().is_some() => {
            sheet.row("group", look.dim("this endpoint reports no CloneGroupId; lineage is read from tags alone"));
        }
        None => {}
    }
}

fn life(look: &Look<'_>, cluster: &Cluster, sheet: &mut Sheet<'_>) {
    if let Some(at) = cluster.created_at {
        sheet.text("created", format!("{}, {}", look.clock_zone(at), format::distance(at, look.now)));
    }
    if let Some(at) = cluster.restarts_at {
        sheet.row("starts", look.span(Role::Warn, format!("by itself {}", format::distance(at, look.now))));
    }
    match cluster.ownership() {
        Ownership::Ours(ours) => {
            if let Some(owner) = &ours.owner {
                sheet.text("owner", owner.clone());
            }
            match ours.expires_at {
                Some(at) if at <= look.now => {
                    let text = format!("expired {}; may be swept", format::distance(at, look.now));
                    sheet.row("expires", look.span(Role::Warn, text));
                }
                Some(at) => {
                    sheet.text("expires", format!("{}, {}", look.clock_zone(at), format::distance(at, look.now)));
                }
                None => sheet.row("expires", look.dim("never")),
            }
            match ours.keep {
                Some(Keep::Forever) => sheet.text("kept", "until somebody takes the mark off"),
                Some(keep @ Keep::Until(at)) if keep.holds(look.now) => {
                    sheet.text("kept", format!("until {}", look.clock_zone(at)));
                }
                _ => {}
            }
        }
        Ownership::Copied(of) => {
            sheet.row("owner", look.span(Role::Warn, format!("unknown: its tags were copied from {of}")));
        }
        Ownership::Foreign => sheet.row("owner", look.dim("not made by aurewind")),
    }
}

fn rulings(state: &State, selected: &Selected, sheet: &mut Sheet<'_>) {
    let read_only = state.setup.policy.read_only;
    if read_only {
        return sheet.row("policy", sheet.look.span(Role::Prod, "read-only mode: nothing may be changed"));
    }
    if selected.rewind == selected.delete {
        return sheet.row("policy", ruling(sheet.look, "rewind and delete", &selected.rewind));
    }
    sheet.row("policy", ruling(sheet.look, "rewind", &selected.rewind));
    sheet.row("", ruling(sheet.look, "delete", &selected.delete));
}

fn ruling(look: &Look<'_>, deed: &str, ruling: &Ruling) -> Span<'static> {
    match ruling {
        Ruling::Allowed => look.span(Role::Good, format!("{deed}: allowed, a clone of ours")),
        Ruling::Confirm(why) => look.span(Role::Warn, format!("{deed}: after its id has been typed, {why}")),
        Ruling::Refused(reasons) => look.span(Role::Prod, format!("{deed}: refused, {}", reasons.join("; "))),
    }
}

fn instances(state: &State, look: &Look<'_>, cluster: &Cluster, sheet: &mut Sheet<'_>) {
    sheet.heading("Instances");
    if cluster.members.is_empty() {
        return sheet.sentence(Role::Warn, "none: nobody can connect, and it cannot be cloned");
    }
    let known = state.fleet.data.instances(&cluster.id);
    for member in &cluster.members {
        let role = if member.writer { "writer" } else { "reader" };
        let id = Line::from(look.plain(member.id.clone()));
        let mut rest = Line::from(look.dim(format!("  {role}")));
        if let Some(instance) = known.iter().find(|instance| instance.id == member.id) {
            rest.push_span(look.dim(format!("  {}  ", instance.class)));
            rest.push_span(look.status(&instance.status));
        }
        if id.width() + rest.width() <= sheet.width {
            sheet.lines.push(id.spans.into_iter().chain(rest.spans).collect());
        } else {
            sheet.lines.extend([id, rest]);
        }
    }
}

fn address(look: &Look<'_>, cluster: &Cluster, sheet: &mut Sheet<'_>) {
    sheet.heading("Address");
    match &cluster.network.endpoint {
        Some(endpoint) => sheet.text("endpoint", endpoint.clone()),
        None => sheet.row("endpoint", look.dim("none yet")),
    }
    if let Some(reader) = &cluster.network.reader_endpoint {
        sheet.text("reader", reader.clone());
    }
    if let Some(port) = cluster.network.port {
        sheet.text("port", port.to_string());
    }
    sheet.text("resource", cluster.resource_id.as_str());
    let mut facts = Vec::new();
    facts.extend(cluster.settings.deletion_protection.then_some("deletion protection"));
    facts.extend(cluster.settings.encrypted.then_some("encrypted"));
    facts.extend(cluster.settings.iam_auth.then_some("IAM authentication"));
    facts.extend(cluster.global.then_some("part of a global database"));
    if !facts.is_empty() {
        sheet.text("settings", facts.join(", "));
    }
}

fn history(state: &State, cluster: &Cluster, sheet: &mut Sheet<'_>) {
    let look = sheet.look;
    let known = state.histories.get(&cluster.resource_id);
    let Some(history) = known.and_then(|known| known.history.as_ref()) else {
        if let Some(error) = known.and_then(|known| known.error.as_ref()) {
            sheet.heading("Past rewinds");
            sheet.sentence(Role::Warn, &format!("could not be read: {error}"));
        }
        return;
    };
    rewinds(look, history, sheet);
    if !history.events.is_empty() {
        sheet.heading("Events");
        for event in history.events.iter().take(8) {
            let lead = Line::from(look.dim(format!("{:<LABEL$} ", look.clock(event.at))));
            sheet.lines.extend(hanging(lead, &look.plain(event.message.clone()), sheet.width));
        }
    }
    for missing in &history.missing {
        sheet.sentence(Role::Warn, missing);
    }
}

fn rewinds(look: &Look<'_>, history: &History, sheet: &mut Sheet<'_>) {
    if history.rewinds.is_empty() {
        return;
    }
    sheet.heading("Past rewinds");
    for rewind in history.rewinds.iter().take(8) {
        sheet.sentence(Role::Text, &past(look, rewind));
    }
}

fn past(look: &Look<'_>, rewind: &Rewind) -> String {
    let at = |at: Option<jiff::Timestamp>| at.map_or_else(|| "?".into(), |at| look.clock(at));
    let length =
        rewind.from.zip(rewind.to).map(|(from, to)| format!(", {} back", span::short(from.duration_since(to))));
    let status = rewind.status.as_str();
    format!(
        "{} {} {}{} {} {status}",
        at(rewind.from),
        look.glyphs.arrow,
        at(rewind.to),
        length.unwrap_or_default(),
        look.glyphs.dot
    )
}

fn tags(cluster: &Cluster, sheet: &mut Sheet<'_>) {
    if cluster.tags.is_empty() {
        return;
    }
    sheet.heading("Tags");
    for (key, value) in &cluster.tags {
        let lead = Line::from(sheet.look.dim(format!("{key} ")));
        let lines = if lead.width() + 8 < sheet.width {
            hanging(lead, &sheet.look.plain(value.clone()), sheet.width)
        } else {
            wrap(&format!("{key} {value}"), sheet.width).into_iter().map(Line::from).collect()
        };
        sheet.lines.extend(lines);
    }
}
