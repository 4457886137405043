//! Durable tasks: what is asked for, the steps towards it, and the driver that takes them.
//!
//! `machine` is pure and decides; `driver` reads, asks for permits, writes the journal and calls. One reader serves all
//! tasks.

mod call;
mod driver;
pub mod journal;
pub mod machine;
mod reader;
pub mod seen;
pub mod store;
pub mod task;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::broadcast;
use tokio_util::task::TaskTracker;

pub use machine::Rules;
pub use task::{Request, Scope, Step, StepState, Task, TaskError, TaskId, TaskResult, TaskState};

use crate::aurora::ids::ClusterId;
use crate::aws::Aws;
use driver::Driver;
use reader::Reader;
use store::{Store, StoreError};
use task::FailureKind;

/// Tells the present moment.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The clock of the machine: the one place where the dashboard and the commands learn the time.
pub fn system_clock() -> Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is handed")]
    Arc::new(Timestamp::now)
}

/// How often AWS is looked at while a task runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tempo {
    /// While something is about to change.
    pub fast: Duration,
    /// While something takes minutes.
    pub slow: Duration,
}

impl Tempo {
    /// For an endpoint on this machine, which nobody has to go easy on.
    pub const LOCAL: Self = Self { fast: Duration::from_millis(250), slow: Duration::from_millis(500) };
}

impl Default for Tempo {
    fn default() -> Self {
        Self { fast: Duration::from_secs(3), slow: Duration::from_secs(10) }
    }
}

/// Snapshots of tasks that wait for a slow listener before the oldest are dropped; each is whole, so none is missed.
const EVENTS: usize = 256;

struct Inner {
    aws: Aws,
    store: Arc<dyn Store>,
    rules: Rules,
    tempo: Tempo,
    clock: Clock,
    reader: Reader,
    events: broadcast::Sender<Task>,
    running: TaskTracker,
}

/// Drives tasks. Cheap to clone; tasks go on as long as the runtime does.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

impl Engine {
    /// An engine on the current runtime.
    pub fn new(aws: Aws, store: Arc<dyn Store>, rules: Rules, tempo: Tempo, clock: Clock) -> Self {
        let reader = Reader::start(aws.clone(), clock.clone());
        let (events, _) = broadcast::channel(EVENTS);
        let running = TaskTracker::new();
        Self { inner: Arc::new(Inner { aws, store, rules, tempo, clock, reader, events, running }) }
    }

    /// Every change of every task from now on, each a whole snapshot.
    pub fn events(&self) -> broadcast::Receiver<Task> {
        self.inner.events.subscribe()
    }

    /// An id for a task that is about to be made: plans need it for the name and the tags of a clone.
    pub fn new_id(&self) -> TaskId {
        TaskId::new((self.inner.clock)(), fastrand::u32(..))
    }

    /// Writes a new task to the journal and begins to drive it.
    ///
    /// # Errors
    /// If the journal cannot be written: then nothing was begun.
    pub fn start(&self, id: TaskId, request: Request, typed: Option<ClusterId>) -> Result<Task, TaskError> {
        let mut task = Task::new(id, request, typed, (self.inner.clock)());
        task.scope = self.scope();
        let failure = |error: StoreError| TaskError::new(FailureKind::Journal, format!("{error}; nothing was begun"));
        self.inner.store.save(&task).map_err(failure)?;
        self.drive(task.clone());
        Ok(task)
    }

    /// Takes up a task that was left unfinished.
    pub fn resume(&self, mut task: Task) {
        task.resume((self.inner.clock)());
        self.drive(task);
    }

    /// The unfinished tasks of this account and region, the oldest first.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn unfinished(&self) -> Result<Vec<Task>, StoreError> {
        let scope = self.scope();
        let here = |task: &Task| task.scope.region == scope.region && task.scope.endpoint == scope.endpoint;
        Ok(self.inner.store.all()?.into_iter().filter(|task| !task.state.is_final() && here(task)).collect())
    }

    /// The unfinished tasks of this account and region and the last `count` that ended, the oldest first.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn past(&self, count: usize) -> Result<Vec<Task>, StoreError> {
        let scope = self.scope();
        let (over, mut tasks): (Vec<_>, Vec<_>) = self
            .inner
            .store
            .all()?
            .into_iter()
            .filter(|task| task.scope.region == scope.region && task.scope.endpoint == scope.endpoint)
            .partition(|task| task.state.is_final());
        let skip = over.len().saturating_sub(count);
        tasks.extend(over.into_iter().skip(skip));
        tasks.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(tasks)
    }

    /// Where the tasks of this engine belong.
    pub fn scope(&self) -> Scope {
        let place = self.inner.aws.place();
        Scope { profile: place.profile.clone(), region: place.region.clone(), endpoint: place.endpoint.clone() }
    }

    fn drive(&self, task: Task) {
        // Nobody may be listening.
        let _ = self.inner.events.send(task.clone());
        let driver = Driver::new(self.inner.clone(), task);
        self.inner.running.spawn(driver.run());
    }

    /// Waits until a task is over, stands still, or `enough` says so; `seen` is told of every change on the way.
    ///
    /// # Errors
    /// If the task is not in the journal.
    pub async fn watch(
        &self,
        id: &TaskId,
        mut events: broadcast::Receiver<Task>,
        mut seen: impl FnMut(&Task),
        enough: impl Fn(&Task) -> bool,
    ) -> Result<Task, TaskError> {
        let over = |task: &Task| task.state.is_final() || (task.state == TaskState::Paused && task.error.is_some());
        loop {
            let task = match events.recv().await {
                Ok(task) if task.id == *id => task,
                Ok(_) => continue,
                Err(broadcast::error::RecvError::Lagged(_)) => self.load(id)?,
                Err(broadcast::error::RecvError::Closed) => return self.load(id),
            };
            seen(&task);
            if over(&task) || enough(&task) {
                return Ok(task);
            }
        }
    }

    fn load(&self, id: &TaskId) -> Result<Task, TaskError> {
        let found = self.inner.store.load(id).map_err(|e| TaskError::new(FailureKind::Journal, e.to_string()))?;
        found.ok_or_else(|| TaskError::new(FailureKind::Journal, format!("there is no task {id}")))
    }
}
