//! What is done with a task, and the questions about tasks.

use crate::engine::{Request, Task};
use crate::tui::catalogue::{InDialog, OnTask};
use crate::tui::dialogs::{About, Answer, Choice, Dialog};
use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::state::{Notice, Overlay, State};

pub(super) fn act(state: &mut State, action: OnTask) -> Vec<Effect> {
    let Some(task) = state.task().cloned() else { return Vec::new() };
    match action {
        OnTask::Cancel => {
            state.overlays.push(Overlay::Choice(Choice::new(About::Cancel(task.id))));
            Vec::new()
        }
        // Nobody can go on with the steps of a recipe: that it is torn down is said before it is done.
        OnTask::CarryOn if matches!(task.request, Request::Test(_)) => {
            state.overlays.push(Overlay::Choice(Choice::new(About::TakeUp(task.id))));
            Vec::new()
        }
        OnTask::CarryOn => {
            state.tell(Notice::info(format!("carrying on: {}", task.title())));
            vec![Effect::CarryOn(task.id)]
        }
        OnTask::Fold => {
            let page = layout::task_rows(state);
            state.tasks.fold(page);
            super::settle(state);
            Vec::new()
        }
        OnTask::Undo => {
            undo(state, &task);
            Vec::new()
        }
    }
}

/// Opens the dialog that takes back the rewind which `task` made.
fn undo(state: &mut State, task: &Task) {
    let Ok(request) = state.undo_of_task(task) else { return };
    let Some(cluster) = state.fleet.data.get(&request.resource) else { return };
    let dialog = Dialog::undo(cluster, request.to, state.desk(), &state.ui.zone());
    state.overlays.push(Overlay::Dialog(Box::new(dialog)));
}

/// A key in the question on top.
pub(super) fn answer(state: &mut State, action: InDialog) -> Vec<Effect> {
    let Some(Overlay::Choice(choice)) = state.overlays.last_mut() else { return Vec::new() };
    match action {
        InDialog::Next => choice.step(&state.tasks, true),
        InDialog::Previous => choice.step(&state.tasks, false),
        InDialog::Press => {
            let choice = choice.clone();
            state.overlays.pop();
            return give(state, choice);
        }
        InDialog::Cancel => {
            state.overlays.pop();
        }
        InDialog::Calls | InDialog::Force => {}
    }
    Vec::new()
}

fn give(state: &mut State, choice: Choice) -> Vec<Effect> {
    match (choice.answer, choice.about) {
        (Answer::End(how), About::Cancel(id)) => vec![Effect::Cancel { id, how }],
        (Answer::CarryOn, About::TakeUp(id)) => vec![Effect::CarryOn(id)],
        (Answer::CarryOn, About::Left(ids)) => ids.into_iter().map(Effect::CarryOn).collect(),
        (Answer::Leave, About::Left(_)) => {
            state.tell(Notice::info("left as they are; C in the task pane carries on with one"));
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// After tasks have changed, the answers may be others.
pub(super) fn settle(state: &mut State) {
    for overlay in &mut state.overlays {
        if let Overlay::Choice(choice) = overlay {
            choice.settle(&state.tasks);
        }
    }
}
