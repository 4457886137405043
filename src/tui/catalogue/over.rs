//! The lines of the catalogue for what lies over the panes.

use crossterm::event::KeyCode;

use super::table::{BACK_TAB, DOWN, END, ENTER, ESC, HOME, LEFT, PAGE_DOWN, PAGE_UP, RIGHT, TAB, UP, c, entry};
use super::{Action, App, Context, Entry, InDialog, InTime, Move, OnCluster, OnPick, OnRecipe, OnTask};
use crate::tui::chord::Chord;

pub(super) const PICKER: [Entry; 6] = [
    entry(Context::Picker, Action::Pick(OnPick::Go), &[ENTER], "go there", "take the timeline's cursor there"),
    entry(
        Context::Picker,
        Action::Pick(OnPick::Rewind),
        &[c('R')],
        "rewind there",
        "rewind there; of a past rewind, to just before it. Shows the plan first",
    ),
    entry(
        Context::Picker,
        Action::Pick(OnPick::TakeOff),
        &[c('x')],
        "take off",
        "take the mark off; shows the plan first",
    ),
    entry(Context::Picker, Action::App(App::Back), &[ESC, c('q'), Chord::ctrl('c')], "close", "close the list"),
    entry(Context::Picker, Action::App(App::Help), &[c('?'), Chord::key(KeyCode::F(1))], "help", "this help"),
    entry(Context::Picker, Action::App(App::Suspend), &[Chord::ctrl('z')], "", "back to the shell; `fg` continues"),
];

pub(super) const CARD: [Entry; 18] = [
    entry(Context::Card, Action::Time(InTime::By(-1)), &[LEFT, c('h'), c('<')], "1s", "a second back"),
    entry(Context::Card, Action::Time(InTime::By(1)), &[RIGHT, c('l'), c('>')], "1s", "a second on"),
    entry(Context::Card, Action::Time(InTime::By(-60)), &[c('[')], "1m", "a minute back"),
    entry(Context::Card, Action::Time(InTime::By(60)), &[c(']')], "1m", "a minute on"),
    entry(Context::Card, Action::Time(InTime::By(-3600)), &[c('{')], "1h", "an hour back"),
    entry(Context::Card, Action::Time(InTime::By(3600)), &[c('}')], "1h", "an hour on"),
    entry(Context::Card, Action::Move(Move::Up), &[c('k')], "scroll", "scroll the plan up a line"),
    entry(Context::Card, Action::Move(Move::Down), &[c('j')], "scroll", "scroll the plan down a line"),
    entry(Context::Card, Action::Time(InTime::Previous), &[c('p')], "moment", "to the moment before"),
    entry(Context::Card, Action::Time(InTime::Next), &[c('n')], "moment", "to the next moment"),
    entry(Context::Card, Action::Time(InTime::PreviousMark), &[c('P')], "", "to the mark before"),
    entry(Context::Card, Action::Time(InTime::NextMark), &[c('N')], "", "to the next mark"),
    entry(Context::Card, Action::Time(InTime::Floor), &[HOME], "", "to the earliest moment that can be reached"),
    entry(Context::Card, Action::Time(InTime::Now), &[END], "", "to just now"),
    entry(Context::Card, Action::Time(InTime::ZoomIn), &[c('+'), c('=')], "zoom", "show less, more finely"),
    entry(Context::Card, Action::Time(InTime::ZoomOut), &[c('-')], "zoom", "show more"),
    entry(Context::Card, Action::Cluster(OnCluster::Copy), &[c('F')], "", "a full copy of an earlier moment instead"),
    entry(Context::Card, Action::Dialog(InDialog::Force), &[c('f')], "", "go on although binary logging is on, or not"),
];

pub(super) const RECIPES: [Entry; 7] = [
    entry(Context::Recipes, Action::Dialog(InDialog::Press), &[ENTER], "check it", "read and check it, show its plan"),
    entry(Context::Recipes, Action::Recipe(OnRecipe::Complete), &[TAB], "complete", "put its path into the line"),
    entry(Context::Recipes, Action::Move(Move::Up), &[UP], "", "one up"),
    entry(Context::Recipes, Action::Move(Move::Down), &[DOWN], "", "one down"),
    entry(Context::Recipes, Action::Move(Move::PageUp), &[PAGE_UP], "", "a page up"),
    entry(Context::Recipes, Action::Move(Move::PageDown), &[PAGE_DOWN], "", "a page down"),
    entry(
        Context::Recipes,
        Action::Dialog(InDialog::Cancel),
        &[ESC, Chord::ctrl('c')],
        "close",
        "close it; nothing happens",
    ),
];

pub(super) const RECIPE: [Entry; 7] = [
    entry(Context::Recipe, Action::Dialog(InDialog::Press), &[ENTER], "go on", "press the button"),
    entry(Context::Recipe, Action::Dialog(InDialog::Next), &[TAB, RIGHT, c('l')], "next", "the next button"),
    entry(Context::Recipe, Action::Dialog(InDialog::Previous), &[BACK_TAB, LEFT, c('h')], "", "the button before"),
    entry(Context::Recipe, Action::Recipe(OnRecipe::Again), &[c('r')], "check again", "read and check it again"),
    entry(
        Context::Recipe,
        Action::Dialog(InDialog::Calls),
        &[Chord::key(KeyCode::F(2)), c('a')],
        "aws calls",
        "list the calls to AWS, as commands",
    ),
    entry(
        Context::Recipe,
        Action::Dialog(InDialog::Cancel),
        &[ESC, c('q'), Chord::ctrl('c')],
        "back",
        "back to the recipes",
    ),
    entry(Context::Recipe, Action::App(App::Suspend), &[Chord::ctrl('z')], "", "back to the shell; `fg` continues"),
];

pub(super) const DIALOG: [Entry; 11] = [
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

pub(super) const CHOICE: [Entry; 4] = [
    entry(Context::Choice, Action::Dialog(InDialog::Press), &[ENTER], "do it", "give the answer that is marked"),
    entry(Context::Choice, Action::Dialog(InDialog::Next), &[DOWN, TAB, c('j')], "next", "the next answer"),
    entry(Context::Choice, Action::Dialog(InDialog::Previous), &[UP, BACK_TAB, c('k')], "", "the answer before"),
    entry(
        Context::Choice,
        Action::Dialog(InDialog::Cancel),
        &[ESC, Chord::ctrl('c')],
        "close",
        "close it; nothing happens",
    ),
];

pub(super) const RUN: [Entry; 5] = [
    entry(Context::OpenRun, Action::App(App::OpenLog), &[ENTER], "output", "read the output of the step"),
    entry(
        Context::OpenRun,
        Action::Task(OnTask::Cancel),
        &[c('x')],
        "end it",
        "stop it and tear down what it made, or stop watching; asks first",
    ),
    entry(
        Context::OpenRun,
        Action::Task(OnTask::CarryOn),
        &[c('C')],
        "tear down",
        "tear down what a run that was left has made; asks first",
    ),
    entry(Context::OpenRun, Action::App(App::Back), &[ESC, c('q'), Chord::ctrl('c')], "close", "close it"),
    entry(Context::OpenRun, Action::App(App::Suspend), &[Chord::ctrl('z')], "", "back to the shell; `fg` continues"),
];

pub(super) const LOG: [Entry; 2] = [
    entry(Context::Log, Action::App(App::TurnLog(false)), &[LEFT, c('p')], "round", "the output of the round before"),
    entry(Context::Log, Action::App(App::TurnLog(true)), &[RIGHT, c('n')], "round", "the output of the next round"),
];

pub(super) const READER: [Entry; 2] = [
    entry(Context::Reader, Action::App(App::Back), &[ESC, c('q'), ENTER, Chord::ctrl('c')], "close", "close it"),
    entry(Context::Reader, Action::App(App::Suspend), &[Chord::ctrl('z')], "", "back to the shell; `fg` continues"),
];

pub(super) const LEAVING: [Entry; 4] = [
    entry(
        Context::Leaving,
        Action::App(App::QuitNow),
        &[c('y'), c('q'), Chord::ctrl('c')],
        "leave",
        "leave; AWS goes on",
    ),
    entry(Context::Leaving, Action::App(App::QuitLater), &[c('w')], "wait", "leave as soon as they are over"),
    entry(
        Context::Leaving,
        Action::App(App::QuitTearingDown),
        &[c('t')],
        "tear down",
        "end test runs and tear down what they made, then leave",
    ),
    entry(Context::Leaving, Action::App(App::Back), &[ESC, c('n'), ENTER], "stay", "stay"),
];
