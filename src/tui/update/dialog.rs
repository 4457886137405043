//! Keys inside a dialog, and keeping its plan true.

use jiff::tz::TimeZone;

use crate::aurora::plan::Desk;
use crate::engine::{Request, Task};
use crate::tui::catalogue::InDialog;
use crate::tui::dialogs::{Aim, Dialog, Intent, Stop, Submission};
use crate::tui::effect::Effect;
use crate::tui::state::{Notice, Overlay, State};

pub(super) fn act(state: &mut State, action: InDialog) -> Vec<Effect> {
    if state.starter().is_some() {
        return super::starter::answer(state, action);
    }
    let Some(dialog) = state.dialog_mut() else { return super::tasks::answer(state, action) };
    match action {
        InDialog::Next => dialog.step(true),
        InDialog::Previous => dialog.step(false),
        InDialog::Force => {
            if let Some(aim) = dialog.aim().copied() {
                super::dialog::aim(state, Aim { force: !aim.force, ..aim });
            }
        }
        InDialog::Calls => dialog.calls_shown = !dialog.calls_shown,
        InDialog::Cancel => close(state),
        InDialog::Press => return press(state),
    }
    Vec::new()
}

/// Enter: the button that has the keys; in a line, what is safe there.
fn press(state: &mut State) -> Vec<Effect> {
    let Some(dialog) = state.dialog_mut() else { return Vec::new() };
    match dialog.stop {
        Stop::Cancel => {
            close(state);
            Vec::new()
        }
        Stop::Submit => submit(state),
        // A copy harms nothing; and the identifier is typed to say yes.
        Stop::Field(_) if harmless(dialog.intent) || dialog.guarded() => submit(state),
        Stop::Field(_) => {
            dialog.stop = Stop::Cancel;
            Vec::new()
        }
    }
}

/// Closes the dialog on top; what its cursor was refused goes with it.
fn close(state: &mut State) {
    state.overlays.pop();
    state.timeline.forget_wish();
}

/// What Enter may do from within a line: it can be taken back.
fn harmless(intent: Intent) -> bool {
    !matches!(intent, Intent::Rewind | Intent::Undo | Intent::Delete)
}

fn submit(state: &mut State) -> Vec<Effect> {
    let submission = with_desk(state, Dialog::submit);
    match submission {
        Some(Submission::Start(request, typed)) => {
            close(state);
            let asked = match &*request {
                Request::Mark(mark) if mark.at.is_none() => {
                    format!("take the mark `{}` off {}", mark.name, mark.cluster)
                }
                request => format!("{} {}", request.kind(), request.target()),
            };
            state.tell(Notice::info(format!("asked for: {asked}")));
            match *request {
                // Where it is kept is decided when it is set: most marks of others' clusters are no task.
                Request::Mark(request) => vec![Effect::Mark(request)],
                request => vec![Effect::Start { request: Box::new(request), typed }],
            }
        }
        Some(Submission::Refused(why)) => {
            state.tell(Notice::warn(why));
            Vec::new()
        }
        None => Vec::new(),
    }
}

pub(super) fn edited(state: &mut State) {
    state.timeline.forget_wish();
    with_desk(state, Dialog::edited);
}

/// Aims the rewind on top elsewhere.
pub(super) fn aim(state: &mut State, aim: Aim) {
    with_desk(state, |dialog, desk, zone| dialog.aim_at(aim, desk, zone));
}

/// Makes the plans of all open dialogs anew.
pub(super) fn replan(state: &mut State) {
    let mut overlays = std::mem::take(&mut state.overlays);
    let zone = state.ui.zone();
    for overlay in &mut overlays {
        if let Overlay::Dialog(dialog) = overlay {
            dialog.replan(state.desk(), &zone);
        }
    }
    state.overlays = overlays;
}

/// A plan that would take a clone from under a test run says so.
pub(super) fn mind_runs(state: &mut State) {
    let Some(dialog) = state.dialog() else { return };
    let uses = |task: &&Task| match &task.request {
        Request::Test(request) => match &task.test.resource {
            Some(resource) => resource == dialog.resource(),
            None => request.clone == dialog.target.id,
        },
        _ => false,
    };
    let run = state.tasks.under_way().find(uses).map(|task| match task.current() {
        Some(step) => format!("{}, at {}", task.title(), step.title()),
        None => task.title(),
    });
    if let Some(dialog) = state.dialog_mut() {
        dialog.used_by(run);
    }
}

/// Runs `work` on the dialog on top, which is taken out of the state meanwhile so that it can read the rest of it.
fn with_desk<T>(state: &mut State, work: impl FnOnce(&mut Dialog, Desk<'_>, &TimeZone) -> T) -> Option<T> {
    let mut overlay = state.overlays.pop()?;
    let zone = state.ui.zone();
    let result = match &mut overlay {
        Overlay::Dialog(dialog) => Some(work(dialog, state.desk(), &zone)),
        _ => None,
    };
    state.overlays.push(overlay);
    result
}
