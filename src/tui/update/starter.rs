//! The dialog that starts a test run.

use std::path::{Path, PathBuf};

use tui_input::Input;

use super::lists::target;
use crate::tui::catalogue::{InDialog, Move, OnRecipe};
use crate::tui::effect::Effect;
use crate::tui::state::{Found, FoundKind, Notice, Overlay, Prospect, Scroll, Stage, Starter, State};

/// Recipes that are remembered as used last.
const REMEMBERED: usize = 10;

pub(super) fn act(state: &mut State, action: OnRecipe) -> Vec<Effect> {
    match action {
        OnRecipe::Choose => open(state),
        OnRecipe::Complete => complete(state),
        OnRecipe::Again => match state.starter().map(|starter| starter.stage.clone()) {
            Some(Stage::Wrong(path, _) | Stage::Planned(path, _)) => check(state, path),
            _ => Vec::new(),
        },
    }
}

/// Opens the dialog. What the cursor is on decides which recipes come first.
fn open(state: &mut State) -> Vec<Effect> {
    let source = state.cluster().map(|cluster| cluster.id.clone());
    state.overlays.push(Overlay::Starter(Box::new(Starter::new(source))));
    vec![look(state, None)]
}

fn look(state: &State, folder: Option<PathBuf>) -> Effect {
    // What was used last may lie anywhere.
    let recent = if folder.is_none() { state.setup.memory.recipes.clone() } else { Vec::new() };
    Effect::FindRecipes { folder, recent }
}

/// Something was typed: perhaps another folder.
pub(super) fn edited(state: &mut State) -> Vec<Effect> {
    let Some(starter) = state.starter_mut() else { return Vec::new() };
    starter.move_to(0);
    if !starter.turn_to_folder() {
        return Vec::new();
    }
    let folder = starter.folder().map(Path::to_owned);
    vec![look(state, folder)]
}

/// Puts what is under the cursor into the line; into a folder it goes.
fn complete(state: &mut State) -> Vec<Effect> {
    let recent = state.setup.memory.recipes.clone();
    let Some(starter) = state.starter_mut() else { return Vec::new() };
    let Some(found) = starter.chosen(&recent) else { return Vec::new() };
    let slash = if found.kind == FoundKind::Folder { "/" } else { "" };
    starter.input = Input::new(format!("{}{slash}", found.path.display()));
    edited(state)
}

/// Moves the cursor of the list, or scrolls what is shown of the recipe.
pub(super) fn step(state: &mut State, step: Move) {
    let (recent, height) = (state.setup.memory.recipes.clone(), state.pulse.size.height);
    let Some(starter) = state.starter_mut() else { return };
    match starter.stage {
        Stage::Choosing => {
            let count = starter.choices(&recent).len();
            let to = target(step, starter.position(count), usize::from(height / 3).max(1), count);
            starter.move_to(to);
        }
        _ => super::lists::scroll_by(&mut starter.scroll, step, height / 2),
    }
}

/// A key that every dialog has.
pub(super) fn answer(state: &mut State, action: InDialog) -> Vec<Effect> {
    let Some(starter) = state.starter_mut() else { return Vec::new() };
    match (action, &starter.stage) {
        (InDialog::Cancel, Stage::Choosing) => {
            state.overlays.pop();
        }
        (InDialog::Cancel, _) => choose_again(starter),
        (InDialog::Next | InDialog::Previous, Stage::Planned(_, prospect)) => {
            starter.run = !starter.run && !prospect.plan.blocked();
        }
        (InDialog::Calls, _) => starter.calls_shown = !starter.calls_shown,
        (InDialog::Press, _) => return press(state),
        _ => {}
    }
    Vec::new()
}

/// Back to the list.
fn choose_again(starter: &mut Starter) {
    starter.stage = Stage::Choosing;
    starter.run = false;
    starter.scroll = Scroll::default();
}

fn press(state: &mut State) -> Vec<Effect> {
    let recent = state.setup.memory.recipes.clone();
    let Some(starter) = state.starter_mut() else { return Vec::new() };
    match &starter.stage {
        Stage::Choosing => match starter.chosen(&recent) {
            Some(Found { kind: FoundKind::Folder, .. }) => complete(state),
            Some(found) => check(state, found.path),
            None => {
                state.tell(Notice::warn("no recipe is chosen; type the path of one"));
                Vec::new()
            }
        },
        Stage::Checking(_) => Vec::new(),
        Stage::Planned(path, prospect) if starter.run && !prospect.plan.blocked() => {
            let (path, name) = (path.clone(), prospect.name.clone());
            begin(state, path, &name)
        }
        Stage::Wrong(..) | Stage::Planned(..) => {
            choose_again(starter);
            Vec::new()
        }
    }
}

/// Reads and checks a recipe.
fn check(state: &mut State, path: PathBuf) -> Vec<Effect> {
    let Some(starter) = state.starter_mut() else { return Vec::new() };
    choose_again(starter);
    starter.stage = Stage::Checking(path.clone());
    vec![Effect::CheckRecipe(path)]
}

fn begin(state: &mut State, path: PathBuf, name: &str) -> Vec<Effect> {
    state.overlays.pop();
    state.tell(Notice::info(format!("asked for: test {name}")));
    let recipes = &mut state.setup.memory.recipes;
    recipes.retain(|used| *used != path);
    recipes.insert(0, path.clone());
    recipes.truncate(REMEMBERED);
    vec![Effect::StartTest(path), Effect::Remember(state.setup.memory.clone())]
}

/// Recipes were found.
pub(super) fn found(state: &mut State, folder: Option<&Path>, found: &[Found]) -> Vec<Effect> {
    for overlay in &mut state.overlays {
        if let Overlay::Starter(starter) = overlay {
            starter.put(folder, found.to_vec());
        }
    }
    state.touch();
    Vec::new()
}

/// A recipe was checked. What was asked about another one meanwhile is no news.
pub(super) fn checked(state: &mut State, path: &Path, result: &Result<Box<Prospect>, Vec<String>>) -> Vec<Effect> {
    for overlay in &mut state.overlays {
        if let Overlay::Starter(starter) = overlay
            && matches!(&starter.stage, Stage::Checking(asked) if asked == path)
        {
            starter.stage = match result {
                Ok(prospect) => Stage::Planned(path.to_owned(), prospect.clone()),
                Err(problems) => Stage::Wrong(path.to_owned(), problems.clone()),
            };
        }
    }
    state.touch();
    Vec::new()
}
