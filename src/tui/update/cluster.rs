//! What is done with the cluster under the cursor. From here on it is bound to that cluster, wherever the cursor goes.

use jiff::{SignedDuration, Timestamp};

use super::app::focus;
use crate::aurora::cluster::Cluster;
use crate::aurora::ids::ClusterId;
use crate::aurora::lineage::Parent;
use crate::aurora::plan;
use crate::aurora::request::CloneRequest;
use crate::tui::catalogue::OnCluster;
use crate::tui::dialogs::{Aim, Dialog};
use crate::tui::effect::Effect;
use crate::tui::state::{Focus, Listed, Notice, Overlay, Scroll, State};

/// By how much a life is extended where clones have no usual one.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn act(state: &mut State, action: OnCluster) -> Vec<Effect> {
    let Some(cluster) = state.bound().cloned() else { return Vec::new() };
    match action {
        OnCluster::Details => {
            state.details = Scroll::default();
            focus(state, Focus::Details);
        }
        OnCluster::Timeline => focus(state, Focus::Timeline),
        OnCluster::Rewinds => super::picker::open(state, Listed::Rewinds, cluster.resource_id),
        OnCluster::Marks => super::picker::open(state, Listed::Marks, cluster.resource_id),
        OnCluster::Clone => clone(state, &cluster),
        OnCluster::Mark => mark(state, &cluster),
        OnCluster::Copy => copy_moment(state, &cluster),
        OnCluster::Rewind => rewind(state, &cluster),
        OnCluster::Undo => undo(state, &cluster),
        OnCluster::Delete => {
            let dialog = Dialog::delete(&cluster, state.desk(), &state.ui.zone());
            state.overlays.push(Overlay::Dialog(Box::new(dialog)));
        }
        OnCluster::Keep => {
            let dialog = Dialog::keep(&cluster, state.desk(), &state.ui.zone());
            state.overlays.push(Overlay::Dialog(Box::new(dialog)));
        }
        OnCluster::Extend => {
            let more = state.setup.ttl.unwrap_or(A_DAY);
            let dialog = Dialog::extend(&cluster, more, state.desk(), &state.ui.zone());
            state.overlays.push(Overlay::Dialog(Box::new(dialog)));
        }
        OnCluster::CopyId => return copy(state, cluster.id.to_string()),
        OnCluster::CopyEndpoint => {
            if let Some(endpoint) = &cluster.network.endpoint {
                let port = cluster.network.port.map(|port| format!(":{port}")).unwrap_or_default();
                return copy(state, format!("{endpoint}{port}"));
            }
        }
    }
    Vec::new()
}

fn copy(state: &mut State, text: String) -> Vec<Effect> {
    state.tell(Notice::info(format!("copied `{text}`")));
    vec![Effect::Copy(text)]
}

fn clone(state: &mut State, source: &Cluster) {
    let Some(name) = free_name(state, source) else {
        state.tell(Notice::error(format!("no name for a clone of `{}` could be made", source.id)));
        return;
    };
    let mut request = CloneRequest::new(source.id.clone(), name, state.setup.owner.clone());
    request.source_resource = Some(source.resource_id.clone());
    request.ttl = state.setup.ttl;
    let dialog = Dialog::clone_of(source, request, state.desk(), &state.ui.zone());
    state.overlays.push(Overlay::Dialog(Box::new(dialog)));
}

/// Opens the form for a mark at the timeline's cursor, which is now unless somebody moved it.
fn mark(state: &mut State, cluster: &Cluster) {
    let at = state.timeline.at(&cluster.resource_id).unwrap_or(state.now());
    let at = Timestamp::from_second(at.as_second()).unwrap_or(at);
    let dialog = Dialog::mark(cluster, at, state.desk(), &state.ui.zone());
    state.overlays.push(Overlay::Dialog(Box::new(dialog)));
}

/// Opens the form for a full copy: of the one that the plan on top offers, else of the moment that was out of reach, else
/// of the one under the cursor.
fn copy_moment(state: &mut State, cluster: &Cluster) {
    let offer = state.dialog().and_then(|dialog| dialog.plan.offers.first());
    let offered = offer.and_then(|offer| Some((state.fleet.data.get(&offer.resource)?.clone(), offer.at)));
    let (source, at) = offered.unwrap_or_else(|| {
        let at = chosen(state, cluster);
        (holder(state, cluster, at).clone(), at)
    });
    let Some(name) = free_name(state, &source) else {
        state.tell(Notice::error(format!("no name for a copy of `{}` could be made", source.id)));
        return;
    };
    let mut request = CloneRequest::new(source.id.clone(), name, state.setup.owner.clone());
    request.source_resource = Some(source.resource_id.clone());
    request.ttl = state.setup.ttl;
    request.full_copy_at = Timestamp::from_second(at.as_second()).ok();
    if let Some(Overlay::Dialog(_)) = state.overlays.last() {
        state.overlays.pop();
    }
    let dialog = Dialog::clone_of(&source, request, state.desk(), &state.ui.zone());
    state.overlays.push(Overlay::Dialog(Box::new(dialog)));
}

/// The moment that somebody went for; the latest that the backups hold where nobody did.
fn chosen(state: &State, cluster: &Cluster) -> Timestamp {
    let here = match state.dialog() {
        Some(dialog) => dialog.moment(),
        None => state.timeline.at(&cluster.resource_id),
    };
    let chosen = state.timeline.beyond.or(here);
    chosen.or(cluster.restorable.map(|(_, latest)| latest)).unwrap_or(state.now())
}

/// The cluster whose backups hold `at`: a clone's begin with the clone, and what came before is its source's.
fn holder<'a>(state: &'a State, cluster: &'a Cluster, at: Timestamp) -> &'a Cluster {
    let holds = |cluster: &&Cluster| cluster.restorable.is_some_and(|(first, last)| first <= at && at <= last);
    let parent = match state.fleet.data.parent(cluster) {
        Parent::Known(id) | Parent::Probable(id) => state.fleet.data.get(&id),
        Parent::Gone(_) | Parent::None => None,
    };
    [Some(cluster), parent].into_iter().flatten().find(holds).unwrap_or(cluster)
}

/// A name that nobody has, made from the time of day so that the same moment gives the same name.
fn free_name(state: &State, source: &Cluster) -> Option<ClusterId> {
    let seconds = state.now().as_second().unsigned_abs();
    let names = (0..64).filter_map(|n| plan::default_name(&source.id, &suffix(seconds + n), &state.setup.policy));
    let mut names = names.peekable();
    let first = names.peek().cloned();
    names.find(|name| state.fleet.data.named(name).is_none()).or(first)
}

/// Four characters without those that are taken for one another.
fn suffix(mut number: u64) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    // Spread, so that two clones made one after the other do not differ in their last letter only.
    number = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44;
    (0..4).map(|n| char::from(ALPHABET[(number >> (5 * n)) as usize & 31])).collect()
}

fn undo(state: &mut State, cluster: &Cluster) {
    let Ok(request) = state.undo_of_cluster() else { return };
    let dialog = Dialog::undo(cluster, request.to, state.desk(), &state.ui.zone());
    state.overlays.push(Overlay::Dialog(Box::new(dialog)));
}

/// Opens the dialog at the timeline's cursor; from now, where nobody moved it, at five minutes ago.
fn rewind(state: &mut State, cluster: &Cluster) {
    let now = state.now();
    let Some(reach) = cluster.reach(now) else { return };
    let to = state.timeline.at(&cluster.resource_id).unwrap_or(now - SignedDuration::from_mins(5));
    let aim = Aim { to: reach.clamp(to), span: state.timeline.span, force: false };
    let dialog = Dialog::rewind(cluster, aim, state.desk(), &state.ui.zone());
    // What the cursor of the pane was refused is no wish of this dialog.
    state.timeline.forget_wish();
    state.overlays.push(Overlay::Dialog(Box::new(dialog)));
}
