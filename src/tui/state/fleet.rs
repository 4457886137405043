//! The clusters as a tree, the cursor on one of them, and the filter.

use jiff::Timestamp;
use tui_input::Input;

use crate::aurora::cluster::Health;
use crate::aurora::filter::Filter;
use crate::aurora::fleet::Fleet;
use crate::aurora::ids::ResourceId;
use crate::aurora::lineage::{self, Parent, Row};
use crate::aurora::ownership::Ownership;

use super::selected::Selected;

/// The filter line.
#[derive(Debug, Clone, Default)]
pub struct FilterBar {
    /// What is typed.
    pub input: Input,
    /// Whether keys go to it.
    pub editing: bool,
    /// Why it is not understood; the last filter that was stays in force.
    pub error: Option<String>,
    applied: Filter,
}

impl FilterBar {
    /// Whether anything is filtered.
    pub fn active(&self) -> bool {
        !self.applied.is_empty()
    }
}

/// What is counted once per change of the data, never per frame.
#[derive(Debug, Clone, Default)]
struct Tally {
    clones: usize,
    expiries: Vec<Timestamp>,
    busy: bool,
    longest_name: usize,
}

/// The fleet table. Rows are worked out when data or filter change; a frame only looks at the visible ones.
#[derive(Debug, Clone, Default)]
pub struct FleetPane {
    /// The clusters.
    pub data: Fleet,
    /// The filter line.
    pub filter: FilterBar,
    /// First visible row.
    pub offset: usize,
    /// What is worked out about the cluster under the cursor.
    pub selected: Option<Selected>,
    /// The same about the cluster of the dialog or list on top, where that is another one.
    pub held: Option<Selected>,
    /// When the cursor came to this cluster.
    pub rested_since: Option<Timestamp>,
    tree: Vec<Row>,
    shown: Vec<usize>,
    cursor: Option<ResourceId>,
    /// Where the cursor was moved to; a filter may show it elsewhere for a while.
    chosen: Option<ResourceId>,
    position: usize,
    tally: Tally,
}

/// Up to this size the tree is rebuilt with every page.
const SMALL: usize = 1_000;

impl FleetPane {
    /// The cluster under the cursor.
    pub fn cursor(&self) -> Option<&ResourceId> {
        self.cursor.as_ref()
    }

    /// Row of the cursor among those shown.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Number of rows that pass the filter.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether no row passes the filter.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The rows that pass the filter, from `offset` on.
    pub fn rows(&self, offset: usize) -> impl Iterator<Item = &Row> {
        self.shown.iter().skip(offset).filter_map(|index| self.tree.get(*index))
    }

    /// Number of clusters that are clones, surely or probably.
    pub fn clones(&self) -> usize {
        self.tally.clones
    }

    /// Number of clones of ours that have outlived their time.
    pub fn expired(&self, now: Timestamp) -> usize {
        self.tally.expiries.partition_point(|at| *at <= now)
    }

    /// Whether any cluster is changing.
    pub fn busy(&self) -> bool {
        self.tally.busy
    }

    /// Columns that the longest name takes, its place in the tree included.
    pub fn longest_name(&self) -> usize {
        self.tally.longest_name
    }

    /// After a page: works the rows out anew, for large fleets only once enough has come to be worth it, so that the
    /// whole listing costs no more than a few times the last page.
    pub(in super::super) fn grown(&mut self, now: Timestamp) {
        let (have, drawn) = (self.data.len(), self.tree.len());
        if have <= SMALL || have >= drawn + drawn / 4 {
            self.grow();
            // Who has not moved yet has chosen nothing: the first listing does not choose for them before it is complete.
            if self.cursor.is_some() { self.refilter(now) } else { self.sift(now) }
        }
    }

    /// Works the rows out anew. The cursor stays on its cluster; if that is gone, it goes to the neighbour.
    pub(in super::super) fn rebuild(&mut self, now: Timestamp) {
        self.grow();
        self.refilter(now);
    }

    fn grow(&mut self) {
        self.tree = lineage::tree(&self.data);
        self.count();
    }

    /// Applies what is typed in the filter line, as far as it is understood.
    pub(in super::super) fn apply_filter(&mut self, now: Timestamp) {
        match Filter::parse(self.filter.input.value()) {
            Ok(filter) => {
                self.filter.error = None;
                self.filter.applied = filter;
                self.sift(now);
                self.retrieve(now);
            }
            Err(error) => self.filter.error = Some(error.to_string()),
        }
    }

    pub(in super::super) fn clear_filter(&mut self, now: Timestamp) {
        self.filter = FilterBar::default();
        self.sift(now);
        self.retrieve(now);
    }

    /// Puts the cursor on the row `position`, as far as there is one, because somebody wants it there.
    pub(in super::super) fn move_to(&mut self, position: usize, now: Timestamp) {
        self.place(position, now);
        self.chosen.clone_from(&self.cursor);
    }

    fn place(&mut self, position: usize, now: Timestamp) {
        let position = position.min(self.shown.len().saturating_sub(1));
        let id = self.shown.get(position).and_then(|index| self.tree.get(*index)).map(|row| row.id.clone());
        self.position = position;
        if id != self.cursor {
            self.cursor = id;
            self.rested_since = Some(now);
        }
    }

    /// Puts the cursor on this cluster, if its row is shown, and says whether it is.
    pub(in super::super) fn go_to(&mut self, id: &ResourceId, now: Timestamp) -> bool {
        let row = self.find(id);
        if let Some(row) = row {
            self.move_to(row, now);
        }
        row.is_some()
    }

    pub(in super::super) fn keep_visible(&mut self, page: usize) {
        self.offset = scrolled(self.offset, self.position, page, self.shown.len());
    }

    fn find(&self, id: &ResourceId) -> Option<usize> {
        self.shown.iter().position(|index| self.tree.get(*index).is_some_and(|row| row.id == *id))
    }

    fn refilter(&mut self, now: Timestamp) {
        self.sift(now);
        let position = self.cursor.as_ref().and_then(|id| self.find(id)).unwrap_or(self.position);
        self.place(position, now);
    }

    /// After a change of the filter: back to the cluster that was chosen, if it is shown.
    fn retrieve(&mut self, now: Timestamp) {
        match self.chosen.as_ref().and_then(|id| self.find(id)) {
            Some(position) => self.place(position, now),
            None => self.refilter(now),
        }
    }

    /// The rows that pass the filter.
    fn sift(&mut self, now: Timestamp) {
        let passes = |row: &Row| {
            let is_clone = row.parent != Parent::None;
            self.data.get(&row.id).is_some_and(|cluster| self.filter.applied.passes(cluster, is_clone, now))
        };
        self.shown = (0..self.tree.len()).filter(|index| self.tree.get(*index).is_some_and(passes)).collect();
    }

    fn count(&mut self) {
        let mut tally = Tally::default();
        for row in &self.tree {
            let Some(cluster) = self.data.get(&row.id) else { continue };
            tally.clones += usize::from(row.parent != Parent::None);
            tally.busy |= cluster.status.health() == Health::Busy;
            tally.longest_name = tally.longest_name.max(cluster.id.as_str().len() + 3 * row.depth());
            if let Ownership::Ours(ours) = cluster.ownership() {
                tally.expiries.extend(ours.expires_at);
            }
        }
        tally.expiries.sort_unstable();
        self.tally = tally;
    }
}

/// The offset that shows row `position` of `count` on a page of `page` rows, moved as little as possible.
pub(super) fn scrolled(offset: usize, position: usize, page: usize, count: usize) -> usize {
    let page = page.max(1);
    let offset = offset.min(position).max((position + 1).saturating_sub(page));
    offset.min(count.saturating_sub(page))
}
