//! Why an action is not possible now.

use super::{Action, App, OnCluster, OnPick, OnRecipe, OnTask};
use crate::aurora::cluster::{Cluster, Health};
use crate::aurora::mark::Kept;
use crate::aurora::policy::{Deed, Ruling};
use crate::engine::{Hand, StepState};
use crate::tui::state::{Listed, Overlay, State, logs_of};

/// Why `action` cannot be done now; a key is never silent.
pub fn why_disabled(state: &State, action: Action) -> Option<String> {
    match action {
        Action::Pick(deed) => why_not_on_pick(state, deed),
        Action::Cluster(deed) => why_not_on_cluster(state, deed),
        Action::Task(deed) => why_not_on_task(state, deed),
        // The plan of a rewind has a window, or says why there is none.
        Action::Time(_) if state.dialog().is_none() => why_no_time(state),
        Action::App(App::Refresh) if state.feed.loading.is_some() => Some("a listing is under way already".into()),
        Action::App(App::OpenTask) if state.tasks.is_empty() => Some("there is no task yet".into()),
        Action::Recipe(OnRecipe::Choose) if state.setup.policy.read_only => Some("this is read-only mode".into()),
        Action::App(App::OpenLog) => why_no_log(state),
        Action::App(App::TurnLog(_)) if logs_open(state) < 2 => Some("this step ran once".into()),
        Action::App(App::QuitTearingDown) if state.driven_runs().next().is_none() => {
            Some("no test run is under way here; w waits for what is".into())
        }
        _ => None,
    }
}

/// How many files the step has whose output is open.
fn logs_open(state: &State) -> usize {
    let Some(Overlay::Log(view)) = state.overlays.last() else { return 0 };
    state.tasks.get(&view.task).map_or(0, |task| logs_of(task, view.step).len())
}

fn why_no_log(state: &State) -> Option<String> {
    let Some(Overlay::Run(card)) = state.overlays.last() else { return None };
    let task = state.tasks.get(&card.task)?;
    let step = card.shown(task);
    let begun = task.steps.get(step).is_some_and(|step| step.state != StepState::Waiting);
    let why = if begun { "this step writes no output" } else { "this step has not begun" };
    logs_of(task, step).is_empty().then(|| why.into())
}

/// Whether the footer speaks of `action`: not where it never makes sense.
pub fn belongs(state: &State, action: Action) -> bool {
    let of_rewinds = state.picker().is_some_and(|picker| picker.listed == Listed::Rewinds);
    match action {
        Action::Pick(OnPick::TakeOff) => !of_rewinds,
        Action::App(App::TurnLog(_)) => logs_open(state) > 1,
        Action::App(App::QuitTearingDown) => state.driven_runs().next().is_some(),
        _ => true,
    }
}

fn why_not_on_pick(state: &State, deed: OnPick) -> Option<String> {
    let picker = state.picker()?;
    let read_only = || state.setup.policy.read_only.then(|| "this is read-only mode".to_owned());
    let window = || state.fleet.data.get(&picker.cluster).and_then(why_no_window);
    match deed {
        OnPick::Go => window(),
        OnPick::Rewind => read_only().or_else(window),
        OnPick::TakeOff if picker.listed == Listed::Rewinds => Some("only a mark can be taken off".into()),
        OnPick::TakeOff => match picker.mark(state)?.kept {
            Kept::Tag => read_only(),
            // What the journal keeps is no business of AWS.
            Kept::Journal => None,
            Kept::Run => Some("it belongs to a test run, and goes with it".into()),
        },
    }
}

fn why_not_on_cluster(state: &State, deed: OnCluster) -> Option<String> {
    let Some(cluster) = state.bound() else { return Some("no cluster is selected".into()) };
    let read_only = || state.setup.policy.read_only.then(|| "this is read-only mode".to_owned());
    match deed {
        OnCluster::Clone => read_only().or_else(|| match cluster.status.health() {
            Health::Ready => None,
            _ => Some(format!("`{}` is {}; only an available cluster can be cloned", cluster.id, cluster.status)),
        }),
        OnCluster::Copy => read_only().or_else(|| {
            cluster.restorable.is_none().then(|| format!("AWS names no backups of `{}` to copy from", cluster.id))
        }),
        OnCluster::Rewinds => why_no_backtrack(state),
        OnCluster::Rewind => read_only().or_else(|| why_no_backtrack(state)),
        OnCluster::Undo => read_only().or_else(|| why_no_backtrack(state)).or_else(|| state.undo_of_cluster().err()),
        OnCluster::Delete => read_only(),
        OnCluster::Keep => why_no_stay(state),
        OnCluster::Extend => why_no_stay(state).or_else(|| {
            let expires = cluster.ownership().ours().and_then(|ours| ours.expires_at);
            expires.is_none().then(|| format!("`{}` never expires", cluster.id))
        }),
        OnCluster::CopyEndpoint if cluster.network.endpoint.is_none() => {
            Some(format!("`{}` has no endpoint yet", cluster.id))
        }
        _ => None,
    }
}

fn why_not_on_task(state: &State, deed: OnTask) -> Option<String> {
    let Some(task) = state.task() else { return Some("there is no task yet".into()) };
    if deed == OnTask::Fold {
        let is_whole = state.tasks.all().iter().any(|part| part.parent.as_ref() == Some(&task.id));
        let has_parts = is_whole || state.tasks.whole_of(task).is_some();
        return (!has_parts).then(|| "only a test run that has begun something has parts".into());
    }
    if state.setup.policy.read_only {
        return Some("this is read-only mode".into());
    }
    let over = || Some(format!("it is {} already", task.state.as_str()));
    match deed {
        OnTask::Cancel if task.state.is_final() => over(),
        OnTask::CarryOn if task.state.is_final() && !task.can_go_on() => over(),
        OnTask::Cancel if state.tasks.hand(task) == Hand::Elsewhere => {
            let id = &task.id;
            Some(format!("another process drives it: end it there, or with `aurewind tasks cancel {id}`"))
        }
        OnTask::Cancel | OnTask::Fold => None,
        OnTask::CarryOn => match state.tasks.hand(task) {
            Hand::Here => Some("it is being carried on already".into()),
            Hand::Elsewhere => Some("another process drives it; once that one is gone, this one does".into()),
            Hand::Nobody => None,
        },
        OnTask::Undo => state.undo_of_task(task).err(),
    }
}

/// Only clones that are provably of this program have an end that it may move.
fn why_no_stay(state: &State) -> Option<String> {
    let cluster = state.cluster()?;
    match state.setup.policy.rule(Deed::Stay, cluster, &[], state.now()) {
        Ruling::Allowed => None,
        Ruling::Confirm(why) => Some(format!("`{}`: {why}", cluster.id)),
        Ruling::Refused(why) => Some(format!("`{}`: {}", cluster.id, why.join("; "))),
    }
}

fn why_no_time(state: &State) -> Option<String> {
    if state.cluster().is_none() {
        return Some("no cluster is selected".into());
    }
    why_no_backtrack(state)
}

fn why_no_backtrack(state: &State) -> Option<String> {
    why_no_window(state.cluster()?)
}

fn why_no_window(cluster: &Cluster) -> Option<String> {
    if !cluster.engine.can_backtrack() {
        return Some(format!("{} has no Backtrack; clone it instead", cluster.engine));
    }
    if !cluster.backtrack.enabled() {
        return Some(format!("Backtrack is off on `{}` and cannot be switched on later; clone it instead", cluster.id));
    }
    None
}
