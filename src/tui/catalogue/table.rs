//! The lines of the catalogue.

use crossterm::event::KeyCode;

use super::over::{CARD, CHOICE, DIALOG, LEAVING, LOG, PICKER, READER, RECIPE, RECIPES, RUN};
use super::{Action, App, Context, Entry, InTime, Move, OnCluster, OnFilter, OnRecipe, OnTask};
use crate::tui::chord::Chord;

pub(super) const fn entry(
    context: Context,
    action: Action,
    keys: &'static [Chord],
    hint: &'static str,
    title: &'static str,
) -> Entry {
    Entry { action, context, keys, hint, title }
}

pub(super) const UP: Chord = Chord::key(KeyCode::Up);
pub(super) const DOWN: Chord = Chord::key(KeyCode::Down);
pub(super) const LEFT: Chord = Chord::key(KeyCode::Left);
pub(super) const RIGHT: Chord = Chord::key(KeyCode::Right);
pub(super) const HOME: Chord = Chord::key(KeyCode::Home);
pub(super) const END: Chord = Chord::key(KeyCode::End);
pub(super) const PAGE_UP: Chord = Chord::key(KeyCode::PageUp);
pub(super) const PAGE_DOWN: Chord = Chord::key(KeyCode::PageDown);
pub(super) const ENTER: Chord = Chord::key(KeyCode::Enter);
pub(super) const ESC: Chord = Chord::key(KeyCode::Esc);
pub(super) const TAB: Chord = Chord::key(KeyCode::Tab);
pub(super) const BACK_TAB: Chord = Chord::key(KeyCode::BackTab);

pub(super) const fn c(c: char) -> Chord {
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

const CLUSTER: [Entry; 12] = [
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
        Action::Cluster(OnCluster::Undo),
        &[c('U')],
        "",
        "take back its last rewind; shows the plan first",
    ),
    entry(
        Context::Cluster,
        Action::Cluster(OnCluster::Delete),
        &[c('D')],
        "delete",
        "delete it with its instances; shows the plan first",
    ),
    entry(
        Context::Cluster,
        Action::Cluster(OnCluster::Copy),
        &[c('F')],
        "",
        "a full copy of a past moment, for what no rewind reaches: slow, and with storage of its own",
    ),
    entry(
        Context::Cluster,
        Action::Cluster(OnCluster::Mark),
        &[c('m')],
        "mark",
        "give the moment under the timeline's cursor, or now, a name to come back to",
    ),
    entry(
        Context::Cluster,
        Action::Cluster(OnCluster::Marks),
        &[c('M')],
        "marks",
        "its marks: how long each can be reached, go there, rewind there",
    ),
    entry(
        Context::Cluster,
        Action::Cluster(OnCluster::Rewinds),
        &[c('H')],
        "history",
        "its past rewinds: where they landed, how long they can be undone",
    ),
    entry(
        Context::Cluster,
        Action::Cluster(OnCluster::Keep),
        &[c('K')],
        "",
        "protect it from sweep and delete for a while",
    ),
    entry(Context::Cluster, Action::Cluster(OnCluster::Extend), &[c('E')], "", "let it live longer before it expires"),
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

const TIMELINE: [Entry; 18] = [
    entry(Context::Timeline, Action::Time(InTime::By(-1)), &[LEFT, c('h'), c('<')], "second", "a second back"),
    entry(Context::Timeline, Action::Time(InTime::By(1)), &[RIGHT, c('l'), c('>')], "second", "a second on"),
    entry(Context::Timeline, Action::Time(InTime::By(-60)), &[c('[')], "minute", "a minute back"),
    entry(Context::Timeline, Action::Time(InTime::By(60)), &[c(']')], "minute", "a minute on"),
    entry(Context::Timeline, Action::Time(InTime::By(-3600)), &[c('{')], "hour", "an hour back"),
    entry(Context::Timeline, Action::Time(InTime::By(3600)), &[c('}')], "hour", "an hour on"),
    entry(
        Context::Timeline,
        Action::Time(InTime::Previous),
        &[c('p')],
        "moment",
        "to the moment before: mark, seam, task, event",
    ),
    entry(Context::Timeline, Action::Time(InTime::Next), &[c('n')], "moment", "to the next moment"),
    entry(Context::Timeline, Action::Time(InTime::PreviousMark), &[c('P')], "", "to the mark before"),
    entry(Context::Timeline, Action::Time(InTime::NextMark), &[c('N')], "", "to the next mark"),
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

/// What a task knows, in its pane and when it is open.
macro_rules! on_task {
    ($context:expr) => {
        [
            entry(
                $context,
                Action::Task(OnTask::Cancel),
                &[c('x')],
                "cancel",
                "end it before its time; asks how first",
            ),
            entry($context, Action::Task(OnTask::CarryOn), &[c('C')], "carry on", "carry on where it was left"),
            entry(
                $context,
                Action::Task(OnTask::Undo),
                &[c('U')],
                "undo",
                "take back the rewind it made; shows the plan",
            ),
        ]
    };
}

const TASKS: [Entry; 3] = [
    entry(Context::Tasks, Action::App(App::OpenTask), &[ENTER], "open", "all steps, errors and results"),
    entry(
        Context::Tasks,
        Action::Task(OnTask::Fold),
        &[c(' '), RIGHT, LEFT, c('l'), c('h')],
        "",
        "show or hide what a test run has begun",
    ),
    entry(Context::Tasks, Action::App(App::Back), &[ESC], "fleet", "back to the fleet"),
];

const EVERYWHERE: [Entry; 10] = [
    entry(Context::Everywhere, Action::App(App::NextPane), &[TAB], "pane", "the next pane"),
    entry(Context::Everywhere, Action::App(App::PreviousPane), &[BACK_TAB], "", "the pane before"),
    entry(
        Context::Everywhere,
        Action::App(App::Refresh),
        &[c('r'), Chord::key(KeyCode::F(5))],
        "refresh",
        "read everything again, now",
    ),
    entry(
        Context::Everywhere,
        Action::Recipe(OnRecipe::Choose),
        &[c('T')],
        "test",
        "run a test recipe: clone, release, test, rewind, tear down; shows the plan first",
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

const TASKS_DEEDS: [Entry; 3] = on_task!(Context::Tasks);
const OPEN_TASK: [Entry; 3] = on_task!(Context::OpenTask);
const FLEET_MOVES: [Entry; 6] = moves!(Context::Fleet);
const DETAILS_MOVES: [Entry; 6] = moves!(Context::Details);
const TASKS_MOVES: [Entry; 6] = moves!(Context::Tasks);
const PICKER_MOVES: [Entry; 6] = moves!(Context::Picker);
const RECIPE_MOVES: [Entry; 6] = moves!(Context::Recipe);
const RUN_MOVES: [Entry; 6] = moves!(Context::OpenRun);
const READER_MOVES: [Entry; 6] = moves!(Context::Reader);

/// The catalogue.
pub const ENTRIES: [&[Entry]; 27] = [
    &CLUSTER,
    &FLEET,
    &FLEET_MOVES,
    &DETAILS,
    &DETAILS_MOVES,
    &TIMELINE,
    &TASKS,
    &TASKS_DEEDS,
    &TASKS_MOVES,
    &EVERYWHERE,
    &FILTER_LINE,
    &TIME_LINE,
    &CARD,
    &PICKER,
    &PICKER_MOVES,
    &RECIPES,
    &RECIPE,
    &RECIPE_MOVES,
    &DIALOG,
    &CHOICE,
    &OPEN_TASK,
    &RUN,
    &RUN_MOVES,
    &LOG,
    &READER,
    &READER_MOVES,
    &LEAVING,
];
