//! Everything the dashboard knows. Only [`update`](super::update()) writes it; the view reads it.

mod calls;
mod card;
mod feed;
mod fleet;
mod histories;
mod messages;
mod meters;
mod picker;
mod reading;
mod selected;
mod spans;
mod starter;
mod tasks;
mod timeline;
mod undo;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Size;

use super::dialogs::{Choice, Dialog};
use super::glyphs::Glyphs;
use super::theme::Theme;
use super::widgets::timeline::TimelineData;
use crate::aurora::cluster::Cluster;
use crate::aurora::cost::Prices;
use crate::aurora::discard::Past;
use crate::aurora::ids::ResourceId;
use crate::aurora::plan::{Desk, Knowledge};
use crate::aurora::policy::Policy;
use crate::aws::Place;
use crate::config::Memory;
use crate::engine::{Task, TaskId};

pub use calls::CallCount;
pub use card::{LogView, RunCard, Wanted, logs_of, tail};
pub use feed::{Failure, Feed};
pub use fleet::{FilterBar, FleetPane};
pub use histories::{Histories, Known};
pub use messages::{Messages, Notice, Tone};
pub use meters::{Meters, last_call};
pub use picker::{Listed, Picker};
pub use reading::{LogLine, Part, Reading, Stretch};
pub use selected::Selected;
pub use starter::{Found, FoundKind, Prospect, Stage, Starter};
pub use tasks::{Outlook, TaskPane, TaskRow};
pub use timeline::{TimeEntry, TimelinePane};

/// What the dashboard is started with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The account that is looked at.
    pub place: Place,
    /// The rules.
    pub policy: Policy,
    /// The price table.
    pub prices: Prices,
    /// Who clones belong to: `user@host`.
    pub owner: String,
    /// Time to live that the clone form proposes; none: no expiry is proposed.
    pub ttl: Option<SignedDuration>,
    /// How often things happen by themselves.
    pub tempo: Tempo,
    /// What was last chosen by key.
    pub memory: Memory,
    /// What answers SQL behind the clusters of a simulated account, such as `MariaDB 10.11.19`.
    pub stand_in: Option<String>,
    /// What there is to say at once.
    pub greeting: Option<Notice>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            stand_in: None,
            greeting: None,
            memory: Memory::default(),
            place: Place::default(),
            policy: Policy::default(),
            prices: Prices::default(),
            owner: String::new(),
            ttl: Some(SignedDuration::from_hours(4)),
            tempo: Tempo::default(),
        }
    }
}

/// How often things happen by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tempo {
    /// Between two listings of the fleet when nothing is under way.
    pub calm: SignedDuration,
    /// The same while a cluster or a task is busy.
    pub busy: SignedDuration,
    /// Age from which the data is called stale.
    pub stale: SignedDuration,
    /// How long the cursor rests on a cluster before its history is read.
    pub rest: SignedDuration,
    /// Between two pictures of the spinner, while something runs; 150 ms at least.
    pub spinner: SignedDuration,
}

impl Default for Tempo {
    fn default() -> Self {
        Self {
            calm: SignedDuration::from_secs(30),
            busy: SignedDuration::from_secs(5),
            stale: SignedDuration::from_secs(120),
            rest: SignedDuration::from_millis(250),
            spinner: SignedDuration::from_millis(200),
        }
    }
}

/// How things are drawn.
#[derive(Debug, Clone)]
pub struct Ui {
    /// Colours, by role.
    pub theme: Theme,
    /// Characters, Unicode or ASCII.
    pub glyphs: Glyphs,
    /// The person's own zone.
    pub zone: TimeZone,
    /// Whether times are shown in UTC instead.
    pub utc: bool,
}

impl Ui {
    /// The zone that times are shown and typed in.
    pub fn zone(&self) -> TimeZone {
        if self.utc { TimeZone::UTC } else { self.zone.clone() }
    }
}

/// The pane that keys go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Focus {
    /// The table of clusters.
    #[default]
    Fleet,
    /// What is known about the selected cluster.
    Details,
    /// Its timeline.
    Timeline,
    /// The tasks.
    Tasks,
}

/// What lies over the panes. The last one gets the keys; Esc takes it away.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// All keys.
    Help(Scroll),
    /// All messages so far.
    Messages(Scroll),
    /// One task in full.
    Task(TaskId, Scroll),
    /// A test run.
    Run(RunCard),
    /// The output of one of its steps.
    Log(LogView),
    /// A plan and its question.
    Dialog(Box<Dialog>),
    /// A recipe that is chosen, and its plan.
    Starter(Box<Starter>),
    /// Past rewinds or marks of a cluster.
    Picker(Picker),
    /// A question about tasks.
    Choice(Choice),
    /// Leaving while tasks run.
    Quit,
}

/// Lines scrolled away at the top. The view never shows less than a full page, whatever it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scroll(pub u16);

/// The present moment, the size of the screen and whether anything changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// The moment of the last event.
    pub now: Timestamp,
    /// Counts changes of what is shown.
    pub version: u64,
    /// Size of the screen.
    pub size: Size,
}

/// The whole state.
#[derive(Debug, Clone)]
pub struct State {
    /// How things are drawn.
    pub ui: Ui,
    /// What the dashboard was started with.
    pub setup: Setup,
    /// Time, size, change.
    pub pulse: Pulse,
    /// The clusters, the cursor and the filter.
    pub fleet: FleetPane,
    /// How fresh the clusters are.
    pub feed: Feed,
    /// Past rewinds and events of clusters that were looked at.
    pub histories: Histories,
    /// The cursor in time.
    pub timeline: TimelinePane,
    /// The tasks.
    pub tasks: TaskPane,
    /// Scroll position of the details.
    pub details: Scroll,
    /// The pane that keys go to.
    pub focus: Focus,
    /// What lies over the panes.
    pub overlays: Vec<Overlay>,
    /// What was said.
    pub messages: Messages,
    /// How many calls went out.
    pub calls: CallCount,
    /// What listings reported of change records.
    pub meters: Meters,
    /// The output that somebody reads, or read last.
    pub reading: Reading,
    /// Whether the dashboard ends as soon as it drives nothing any more.
    pub leaving: bool,
}

impl State {
    /// An empty dashboard: its first deadline is now, and asks for the fleet.
    pub fn new(mut setup: Setup, ui: Ui, size: Size, now: Timestamp) -> Self {
        let mut messages = Messages::default();
        if let Some(greeting) = setup.greeting.take() {
            messages.add(now, greeting);
        }
        Self {
            ui,
            setup,
            pulse: Pulse { now, version: 0, size },
            fleet: FleetPane::default(),
            feed: Feed::new(now),
            histories: Histories::default(),
            timeline: TimelinePane::default(),
            tasks: TaskPane::default(),
            details: Scroll::default(),
            focus: Focus::default(),
            overlays: Vec::new(),
            messages,
            meters: Meters::default(),
            calls: CallCount::default(),
            reading: Reading::default(),
            leaving: false,
        }
    }

    /// The moment of the last event.
    pub fn now(&self) -> Timestamp {
        self.pulse.now
    }

    /// The cluster under the cursor.
    pub fn cluster(&self) -> Option<&Cluster> {
        self.fleet.data.get(self.fleet.cursor()?)
    }

    /// The cluster that keys are about: the one of the dialog on top, else the one under the cursor.
    pub fn bound(&self) -> Option<&Cluster> {
        match self.dialog() {
            Some(dialog) => self.fleet.data.get(dialog.resource()),
            None => self.cluster(),
        }
    }

    /// The task that is open, else the one under the cursor.
    pub fn task(&self) -> Option<&Task> {
        match self.overlays.last() {
            Some(
                Overlay::Task(id, _) | Overlay::Run(RunCard { task: id, .. }) | Overlay::Log(LogView { task: id, .. }),
            ) => self.tasks.get(id),
            _ => self.tasks.get(self.tasks.cursor()?),
        }
    }

    /// Whether the messages are open: then the calls are counted.
    pub fn reads_messages(&self) -> bool {
        matches!(self.overlays.last(), Some(Overlay::Messages(_)))
    }

    /// What the timeline shows of the cluster under the cursor.
    pub fn story(&self) -> Option<TimelineData<'_>> {
        self.story_of(self.fleet.cursor()?)
    }

    /// What the timeline shows of this cluster; nothing if another one is looked at.
    pub fn story_of(&self, id: &ResourceId) -> Option<TimelineData<'_>> {
        let cluster = self.fleet.data.get(id)?;
        let selected = self.selected(id)?;
        let history = self.histories.get(&cluster.resource_id).and_then(|known| known.history.as_ref());
        Some(TimelineData {
            now: self.now(),
            reach: cluster.reach(self.now()),
            created_at: cluster.created_at,
            rewinds: history.map_or(&[], |history| &history.rewinds),
            marks: &selected.marks,
            events: history.map_or(&[], |history| &history.events),
            tasks: &selected.tasks,
            samples: self.meters.of(id),
            expires_at: selected.expires_at,
            restorable: cluster.restorable,
        })
    }

    /// What plans are made from.
    pub fn desk(&self) -> Desk<'_> {
        let (policy, prices) = (&self.setup.policy, &self.setup.prices);
        Desk { fleet: &self.fleet.data, policy, prices, now: self.pulse.now, known: self.knowledge() }
    }

    /// What is known besides of the cluster that is looked at.
    fn knowledge(&self) -> Option<Knowledge<'_>> {
        let selected = self.fleet.held.as_ref().or(self.fleet.selected.as_ref())?;
        let looked = self.histories.get(&selected.id)?;
        let history = looked.history.as_ref()?;
        let (marks, work) = (&selected.marks, &selected.work);
        let past = Past { rewinds: &history.rewinds, marks, events: &history.events, work };
        Some(Knowledge {
            cluster: &selected.id,
            past,
            connections: looked.connections(self.now()),
            binlog: history.binlog,
            usually: looked.usual,
        })
    }

    /// Whether something changes by itself: then the fleet is read more often.
    pub fn busy(&self) -> bool {
        self.fleet.busy() || self.tasks.running() > 0
    }

    /// Whether a spinner turns.
    pub fn spins(&self) -> bool {
        self.feed.loading.is_some() || self.tasks.running() > 0
    }

    /// Notes that what is shown has changed.
    pub(super) fn touch(&mut self) {
        self.pulse.version += 1;
    }

    /// Says something to the person.
    pub(super) fn tell(&mut self, notice: Notice) {
        let now = self.now();
        self.messages.add(now, notice);
        self.touch();
    }

    /// The dialog on top, if one is.
    pub fn dialog(&self) -> Option<&Dialog> {
        match self.overlays.last() {
            Some(Overlay::Dialog(dialog)) => Some(dialog),
            _ => None,
        }
    }

    pub(super) fn dialog_mut(&mut self) -> Option<&mut Dialog> {
        match self.overlays.last_mut() {
            Some(Overlay::Dialog(dialog)) => Some(dialog),
            _ => None,
        }
    }
}
