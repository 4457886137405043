//! Every action once: what it is called, where it holds, which keys it has, and why it may not be possible now. Keys,
//! footer and help all read this list, so none of them can drift.

use crossterm::event::KeyCode;

use super::chord::Chord;
use super::state::{Focus, Overlay, State};
use crate::aurora::cluster::Health;
use crate::aurora::policy::Ruling;

/// What a person can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Move in whatever list or text has the keys.
    Move(Move),
    /// Things that hold everywhere.
    App(App),
    /// Things done with the cluster under the cursor.
    Cluster(OnCluster),
    /// The filter line.
    Filter(OnFilter),
    /// Moving in time.
    Time(InTime),
    /// Things done in a dialog.
    Dialog(InDialog),
}

/// Moves in a list or a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Move {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
}

/// Things that hold everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum App {
    /// Show all keys.
    Help,
    /// Show all messages.
    Messages,
    /// Read the fleet again.
    Refresh,
    /// Show times in UTC or in the own zone.
    Zone,
    /// The next pane.
    NextPane,
    /// The pane before.
    PreviousPane,
    /// Back: close what is on top, leave a pane, drop a message or the filter.
    Back,
    /// Hand the terminal to the shell.
    Suspend,
    /// Leave.
    Quit,
    /// Leave although tasks run.
    QuitNow,
    /// Open the task under the cursor.
    OpenTask,
}

/// Things done with the cluster under the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnCluster {
    /// Show what is known about it.
    Details,
    /// Go to its timeline.
    Timeline,
    /// Clone it.
    Clone,
    /// Take it back in time.
    Rewind,
    /// Delete it.
    Delete,
    /// Copy its identifier.
    CopyId,
    /// Copy its endpoint.
    CopyEndpoint,
}

/// The filter line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnFilter {
    /// Type a filter.
    Edit,
    /// Keep it.
    Keep,
    /// Drop it.
    Clear,
}

/// Moving in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InTime {
    /// By this many seconds.
    By(i64),
    /// To the moment before.
    Previous,
    /// To the next moment.
    Next,
    /// To the earliest reachable moment.
    Floor,
    /// To now.
    Now,
    /// Show less, more finely.
    ZoomIn,
    /// Show more.
    ZoomOut,
    /// Type a time.
    Type,
    /// Take the typed time.
    Take,
    /// Drop the typed time.
    Drop,
}

/// Things done in a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InDialog {
    /// Press what has the keys.
    Press,
    /// The next field or button.
    Next,
    /// The field or button before.
    Previous,
    /// List the calls to AWS.
    Calls,
    /// Close it; nothing happens.
    Cancel,
}

/// Where keys hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// Everywhere outside of overlays and lines of text.
    Everywhere,
    /// In every pane that shows one cluster.
    Cluster,
    /// In the table of clusters.
    Fleet,
    /// In the details.
    Details,
    /// In the timeline.
    Timeline,
    /// In the task pane.
    Tasks,
    /// While a filter is typed.
    FilterLine,
    /// While a time is typed.
    TimeLine,
    /// In a dialog.
    Dialog,
    /// In a text to read: help, messages, a task.
    Reader,
    /// In the question whether to leave.
    Leaving,
}

impl Context {
    /// The heading in the help.
    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Cluster => "The cluster under the cursor",
            Self::Fleet => "Fleet",
            Self::Details => "Details",
            Self::Timeline => "Timeline",
            Self::Tasks => "Tasks",
            Self::FilterLine => "Typing a filter",
            Self::TimeLine => "Typing a time",
            Self::Dialog => "Dialogs",
            Self::Reader => "Help, messages, task",
            Self::Leaving => "Leaving",
        }
    }

    /// All of them, in the order of the help.
    pub const ALL: [Self; 11] = [
        Self::Cluster,
        Self::Fleet,
        Self::Timeline,
        Self::Tasks,
        Self::Details,
        Self::Everywhere,
        Self::FilterLine,
        Self::TimeLine,
        Self::Dialog,
        Self::Reader,
        Self::Leaving,
    ];
}

/// A line of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// What it does.
    pub action: Action,
    /// Where its keys hold.
    pub context: Context,
    /// Its keys; the first one is shown in the footer.
    pub keys: &'static [Chord],
    /// A word for the footer; empty: not shown there.
    pub hint: &'static str,
    /// A sentence for the help.
    pub title: &'static str,
}

const fn entry(
    context: Context,
    action: Action,
    keys: &'static [Chord],
    hint: &'static str,
    title: &'static str,
) -> Entry {
    Entry { action, context, keys, hint, title }
}

const UP: Chord = Chord::key(KeyCode::Up);
const DOWN: Chord = Chord::key(KeyCode::Down);
const LEFT: Chord = Chord::key(KeyCode::Left);
const RIGHT: Chord = Chord::key(KeyCode::Right);
const HOME: Chord = Chord::key(KeyCode::Home);
const END: Chord = Chord::key(KeyCode::End);
const PAGE_UP: Chord = Chord::key(KeyCode::PageUp);
const PAGE_DOWN: Chord = Chord::key(KeyCode::PageDown);
const ENTER: Chord = Chord::key(KeyCode::Enter);
const ESC: Chord = Chord::key(KeyCode::Esc);
const TAB: Chord = Chord::key(KeyCode::Tab);
const BACK_TAB: Chord = Chord::key(KeyCode::BackTab);

const fn c(c: char) -> Chord {
    Chord::char(c)
}

/// The moves that every list and text knows.
macro_rules! moves {
    ($context:expr) => {
        [
            entry($context, Action::Move(Move::Up), &[UP, c('k')], "", "one up"),
            entry($context, Action::Move(Move::Down), &[DOWN, c('j')], "", "one down"),
            entry($context, Action::Move(Move::PageUp), &[PAGE_UP, Chord::ctrl('b')], "", "a page up"),
            entry($context, Action::Move(Move::PageDown), &[PAGE_DOWN, Chord::ctrl('f')], "", "a page down"),
            entry($context, Action::Move(Move::First), &[HOME, c('g')], "", "to the first"),
            entry($context, Action::Move(Move::Last), &[END, c('G')], "", "to the last"),
        ]
    };
}

const CLUSTER: [Entry; 5] = [
    entry(
        Context::Cluster,
        Action::Cluster(OnCluster::Clone),
        &[c('c')],
        "clone",
        "make a clone of it; shows the plan first",
    ),
    entry(
        Context::Cluster,
        Action::Cluster(OnCluster::Rewind),
        &[c('R')],
        "rewind",
        "take it back in time, to the timeline's cursor; shows the plan first",
    ),
    entry(
        Context::Cluster,
        Action::Cluster(OnCluster::Delete),
        &[c('D')],
        "delete",
        "delete it with its instances; shows the plan first",
    ),
    entry(Context::Cluster, Action::Cluster(OnCluster::CopyId), &[c('y')], "", "copy its identifier"),
    entry(Context::Cluster, Action::Cluster(OnCluster::CopyEndpoint), &[c('Y')], "", "copy its endpoint and port"),
];

const FLEET: [Entry; 4] = [
    entry(Context::Fleet, Action::Cluster(OnCluster::Details), &[ENTER], "details", "what is known about it"),
    entry(
        Context::Fleet,
        Action::Cluster(OnCluster::Timeline),
        &[c('t')],
        "timeline",
        "choose a moment on its timeline",
    ),
    entry(
        Context::Fleet,
        Action::Filter(OnFilter::Edit),
        &[c('/')],
        "filter",
        "filter: words, status:… engine:… owner:… age>2d",
    ),
    entry(Context::Fleet, Action::App(App::Back), &[ESC], "", "drop the message, then the filter"),
];

const DETAILS: [Entry; 2] = [
    entry(
        Context::Details,
        Action::Cluster(OnCluster::Timeline),
        &[c('t')],
        "timeline",
        "choose a moment on its timeline",
    ),
    entry(Context::Details, Action::App(App::Back), &[ESC, ENTER], "fleet", "back to the fleet"),
];

const TIMELINE: [Entry; 16] = [
    entry(Context::Timeline, Action::Time(InTime::By(-1)), &[LEFT, c('h')], "second", "a second back"),
    entry(Context::Timeline, Action::Time(InTime::By(1)), &[RIGHT, c('l')], "second", "a second on"),
    entry(Context::Timeline, Action::Time(InTime::By(-60)), &[c('[')], "minute", "a minute back"),
    entry(Context::Timeline, Action::Time(InTime::By(60)), &[c(']')], "minute", "a minute on"),
    entry(Context::Timeline, Action::Time(InTime::By(-3600)), &[c('{')], "hour", "an hour back"),
    entry(Context::Timeline, Action::Time(InTime::By(3600)), &[c('}')], "hour", "an hour on"),
    entry(
        Context::Timeline,
        Action::Time(InTime::Previous),
        &[c('p')],
        "moment",
        "to the moment before: mark, seam, event",
    ),
    entry(Context::Timeline, Action::Time(InTime::Next), &[c('n')], "moment", "to the next moment"),
    entry(Context::Timeline, Action::Time(InTime::Floor), &[HOME], "", "to the earliest moment that can be reached"),
    entry(Context::Timeline, Action::Time(InTime::Now), &[END], "", "to now"),
    entry(
        Context::Timeline,
        Action::Time(InTime::Type),
        &[c('@'), c(':')],
        "type",
        "type a time: 14:32, -25m, 2026-11-22 14:32",
    ),
    entry(Context::Timeline, Action::Time(InTime::ZoomIn), &[c('+'), c('=')], "zoom", "show less, more finely"),
    entry(Context::Timeline, Action::Time(InTime::ZoomOut), &[c('-')], "zoom", "show more"),
    entry(
        Context::Timeline,
        Action::Cluster(OnCluster::Rewind),
        &[ENTER],
        "",
        "rewind to the cursor; shows the plan first",
    ),
    entry(Context::Timeline, Action::Move(Move::Up), &[UP, c('k')], "", "the cluster above"),
    entry(Context::Timeline, Action::Move(Move::Down), &[DOWN, c('j')], "", "the cluster below"),
];

const TASKS: [Entry; 2] = [
    entry(Context::Tasks, Action::App(App::OpenTask), &[ENTER], "open", "all steps, errors and results"),
    entry(Context::Tasks, Action::App(App::Back), &[ESC], "fleet", "back to the fleet"),
];

const EVERYWHERE: [Entry; 9] = [
    entry(Context::Everywhere, Action::App(App::NextPane), &[TAB], "pane", "the next pane"),
    entry(Context::Everywhere, Action::App(App::PreviousPane), &[BACK_TAB], "", "the pane before"),
    entry(
        Context::Everywhere,
        Action::App(App::Refresh),
        &[c('r'), Chord::key(KeyCode::F(5))],
        "refresh",
        "read everything again, now",
    ),
    entry(Context::Everywhere, Action::App(App::Zone), &[c('u')], "", "times in UTC, or in your own zone"),
    entry(Context::Everywhere, Action::App(App::Messages), &[c('!')], "", "all messages so far"),
    entry(Context::Everywhere, Action::App(App::Help), &[c('?'), Chord::key(KeyCode::F(1))], "help", "this help"),
    entry(Context::Everywhere, Action::App(App::Back), &[ESC], "", "back"),
    entry(Context::Everywhere, Action::App(App::Suspend), &[Chord::ctrl('z')], "", "back to the shell; `fg` continues"),
    entry(
        Context::Everywhere,
        Action::App(App::Quit),
        &[c('q'), Chord::ctrl('c')],
        "quit",
        "leave; what was started goes on in AWS",
    ),
];

const FILTER_LINE: [Entry; 5] = [
    entry(Context::FilterLine, Action::Filter(OnFilter::Keep), &[ENTER], "keep", "keep the filter"),
    entry(Context::FilterLine, Action::Filter(OnFilter::Clear), &[ESC, Chord::ctrl('c')], "clear", "drop the filter"),
    entry(Context::FilterLine, Action::Move(Move::Up), &[UP], "", "one up"),
    entry(Context::FilterLine, Action::Move(Move::Down), &[DOWN], "", "one down"),
    entry(Context::FilterLine, Action::App(App::Suspend), &[Chord::ctrl('z')], "", "back to the shell; `fg` continues"),
];

const TIME_LINE: [Entry; 2] = [
    entry(Context::TimeLine, Action::Time(InTime::Take), &[ENTER], "go there", "go to the moment that was understood"),
    entry(
        Context::TimeLine,
        Action::Time(InTime::Drop),
        &[ESC, Chord::ctrl('c')],
        "never mind",
        "keep the cursor where it is",
    ),
];

const DIALOG: [Entry; 11] = [
    entry(Context::Dialog, Action::Dialog(InDialog::Press), &[ENTER], "go on", "press the button, or leave the line"),
    entry(Context::Dialog, Action::Dialog(InDialog::Next), &[TAB, DOWN], "next", "the next line or button"),
    entry(Context::Dialog, Action::Dialog(InDialog::Previous), &[BACK_TAB, UP], "", "the line or button before"),
    entry(Context::Dialog, Action::Dialog(InDialog::Next), &[RIGHT, c('l')], "", "the next button"),
    entry(Context::Dialog, Action::Dialog(InDialog::Previous), &[LEFT, c('h')], "", "the button before"),
    entry(
        Context::Dialog,
        Action::Dialog(InDialog::Calls),
        &[Chord::key(KeyCode::F(2)), c('a')],
        "aws calls",
        "list the calls to AWS, as commands",
    ),
    entry(Context::Dialog, Action::Move(Move::PageUp), &[PAGE_UP], "", "scroll the plan up"),
    entry(Context::Dialog, Action::Move(Move::PageDown), &[PAGE_DOWN], "", "scroll the plan down"),
    entry(
        Context::Dialog,
        Action::Dialog(InDialog::Cancel),
        &[ESC, Chord::ctrl('c')],
        "cancel",
        "close it; nothing happens",
    ),
    entry(Context::Dialog, Action::App(App::Help), &[Chord::key(KeyCode::F(1))], "", "this help"),
    entry(Context::Dialog, Action::App(App::Suspend), &[Chord::ctrl('z')], "", "back to the shell; `fg` continues"),
];

const READER: [Entry; 2] = [
    entry(Context::Reader, Action::App(App::Back), &[ESC, c('q'), ENTER, Chord::ctrl('c')], "close", "close it"),
    entry(Context::Reader, Action::App(App::Suspend), &[Chord::ctrl('z')], "", "back to the shell; `fg` continues"),
];

const LEAVING: [Entry; 2] = [
    entry(
        Context::Leaving,
        Action::App(App::QuitNow),
        &[c('y'), c('q'), Chord::ctrl('c')],
        "leave",
        "leave; AWS goes on",
    ),
    entry(Context::Leaving, Action::App(App::Back), &[ESC, c('n'), ENTER], "stay", "stay"),
];

const FLEET_MOVES: [Entry; 6] = moves!(Context::Fleet);
const DETAILS_MOVES: [Entry; 6] = moves!(Context::Details);
const TASKS_MOVES: [Entry; 6] = moves!(Context::Tasks);
const READER_MOVES: [Entry; 6] = moves!(Context::Reader);

/// The catalogue.
pub const ENTRIES: [&[Entry]; 15] = [
    &CLUSTER,
    &FLEET,
    &FLEET_MOVES,
    &DETAILS,
    &DETAILS_MOVES,
    &TIMELINE,
    &TASKS,
    &TASKS_MOVES,
    &EVERYWHERE,
    &FILTER_LINE,
    &TIME_LINE,
    &DIALOG,
    &READER,
    &READER_MOVES,
    &LEAVING,
];

/// All lines.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    ENTRIES.into_iter().flatten()
}

/// The contexts that keys hold in now, the narrowest first.
pub fn contexts(state: &State) -> &'static [Context] {
    match state.overlays.last() {
        Some(Overlay::Help(_) | Overlay::Messages(_) | Overlay::Task(..)) => return &[Context::Reader],
        Some(Overlay::Dialog(_)) => return &[Context::Dialog],
        Some(Overlay::Quit) => return &[Context::Leaving],
        None => {}
    }
    match state.focus {
        Focus::Fleet if state.fleet.filter.editing => &[Context::FilterLine],
        Focus::Timeline if state.timeline.entry.is_some() => &[Context::TimeLine],
        Focus::Fleet => &[Context::Fleet, Context::Cluster, Context::Everywhere],
        Focus::Details => &[Context::Details, Context::Cluster, Context::Everywhere],
        Focus::Timeline => &[Context::Timeline, Context::Cluster, Context::Everywhere],
        Focus::Tasks => &[Context::Tasks, Context::Everywhere],
    }
}

/// What `chord` does now.
pub fn find(state: &State, chord: Chord) -> Option<&'static Entry> {
    let of = |context: &Context| entries().find(|entry| entry.context == *context && entry.keys.contains(&chord));
    contexts(state).iter().find_map(of)
}

/// Why `action` cannot be done now; a key is never silent.
pub fn why_disabled(state: &State, action: Action) -> Option<String> {
    match action {
        Action::Cluster(deed) => why_not_on_cluster(state, deed),
        Action::Time(_) => why_no_time(state),
        Action::App(App::Refresh) if state.feed.loading.is_some() => Some("a listing is under way already".into()),
        Action::App(App::OpenTask) if state.tasks.all().is_empty() => Some("there is no task yet".into()),
        _ => None,
    }
}

fn why_not_on_cluster(state: &State, deed: OnCluster) -> Option<String> {
    let Some(cluster) = state.cluster() else { return Some("no cluster is selected".into()) };
    let read_only = || state.setup.policy.read_only.then(|| "this is read-only mode".to_owned());
    match deed {
        OnCluster::Clone => read_only().or_else(|| match cluster.status.health() {
            Health::Ready => None,
            _ => Some(format!("`{}` is {}; only an available cluster can be cloned", cluster.id, cluster.status)),
        }),
        OnCluster::Rewind => read_only().or_else(|| why_no_backtrack(state)),
        OnCluster::Delete => read_only(),
        OnCluster::CopyEndpoint if cluster.network.endpoint.is_none() => {
            Some(format!("`{}` has no endpoint yet", cluster.id))
        }
        _ => None,
    }
}

fn why_no_time(state: &State) -> Option<String> {
    if state.cluster().is_none() {
        return Some("no cluster is selected".into());
    }
    why_no_backtrack(state)
}

fn why_no_backtrack(state: &State) -> Option<String> {
    let cluster = state.cluster()?;
    if !cluster.engine.can_backtrack() {
        return Some(format!("{} has no Backtrack; clone it instead", cluster.engine));
    }
    if !cluster.backtrack.enabled() {
        return Some(format!("Backtrack is off on `{}` and cannot be switched on later; clone it instead", cluster.id));
    }
    None
}

/// Why the cluster under the cursor must not be changed, in a few words, for a hint beside its keys.
pub fn refusal(ruling: &Ruling) -> Option<String> {
    match ruling {
        Ruling::Refused(reasons) => Some(reasons.join("; ")),
        Ruling::Allowed | Ruling::Confirm(_) => None,
    }
}
