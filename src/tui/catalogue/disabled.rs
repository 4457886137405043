//! Why an action is not possible now.

use super::{Action, App, OnCluster};
use crate::aurora::cluster::Health;
use crate::tui::state::State;

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
