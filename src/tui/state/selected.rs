//! What is worked out about the cluster under the cursor when it or its kin change, not per frame.

use jiff::Timestamp;

use crate::aurora::discard::Work;
use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aurora::lineage::{self, Clones, Parent};
use crate::aurora::mark::{Mark, marks};
use crate::aurora::plan::Desk;
use crate::aurora::policy::{Deed, Ruling};
use crate::engine::Task;
use crate::tui::widgets::timeline::TaskSpan;

use super::spans::{spans, with_marks_of_runs, work};
use super::{Overlay, State};

/// Lineage and rulings of one cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// The cluster.
    pub id: ResourceId,
    /// Where it comes from.
    pub parent: Parent,
    /// The parent's identifier, if it is there.
    pub parent_name: Option<ClusterId>,
    /// Clones in its clone group: members without the source.
    pub group_clones: Option<usize>,
    /// Clusters cloned from it, surely or probably.
    pub clones: Clones,
    /// Its marks, earliest first.
    pub marks: Vec<Mark>,
    /// What this program did with it, newest first.
    pub tasks: Vec<TaskSpan>,
    /// What test runs did on it.
    pub work: Vec<Work>,
    /// When it may be swept.
    pub expires_at: Option<Timestamp>,
    /// Whether it may be rewound.
    pub rewind: Ruling,
    /// Whether it may be deleted.
    pub delete: Ruling,
}

impl Selected {
    /// Works it out for `id`, if it is there; `journal` holds the marks of it that are no tags.
    pub fn of(id: &ResourceId, desk: &Desk<'_>, tasks: &[Task], journal: &[Mark]) -> Option<Self> {
        let Desk { fleet, policy, now, .. } = *desk;
        let cluster = fleet.get(id)?;
        let kin = fleet.kin(cluster);
        let parent = lineage::parent(cluster, &kin);
        let parent_name = match &parent {
            Parent::Known(id) | Parent::Probable(id) => fleet.get(id).map(|parent| parent.id.clone()),
            Parent::Gone(_) | Parent::None => None,
        };
        Some(Self {
            id: id.clone(),
            parent,
            parent_name,
            group_clones: cluster.clone_group.as_ref().map(|_| kin.len().saturating_sub(1)),
            clones: lineage::clones_of(cluster, &kin),
            marks: with_marks_of_runs(marks(cluster, journal), tasks, cluster),
            work: work(tasks, cluster),
            tasks: spans(tasks, cluster),
            expires_at: cluster.ownership().ours().and_then(|ours| ours.expires_at),
            rewind: policy.rule(Deed::Rewind, cluster, &kin, now),
            delete: policy.rule(Deed::Delete, cluster, &kin, now),
        })
    }
}

impl State {
    /// The cluster that is looked at closely: the one of the dialog or list on top, else the one under the cursor.
    pub fn looked_at(&self) -> Option<&ResourceId> {
        match self.overlays.last() {
            Some(Overlay::Dialog(dialog)) => Some(dialog.resource()),
            Some(Overlay::Picker(picker)) => Some(&picker.cluster),
            _ => self.fleet.cursor(),
        }
    }

    /// What is worked out about this cluster, if it is looked at closely.
    pub fn selected(&self, id: &ResourceId) -> Option<&Selected> {
        [&self.fleet.held, &self.fleet.selected].into_iter().flatten().find(|selected| selected.id == *id)
    }
}
