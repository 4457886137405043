//! Durable tasks: what is asked for, the steps towards it, and the driver that takes them.
//!
//! `machine` is pure and decides; `driver` reads, asks for permits, writes the journal and calls. One reader serves all
//! tasks.

mod call;
mod driver;
pub mod estimate;
mod held;
pub mod journal;
pub mod lease;
mod left;
pub mod machine;
mod memory;
pub mod outage;
mod reader;
mod result;
mod secure;
pub mod seen;
pub mod stacks;
mod step;
pub mod store;
pub mod task;
mod task_id;
mod test_run;

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

pub use estimate::{Estimate, Remaining};
pub use held::{Held, Order, Supervisor};
pub use lease::{Cancel, Hand, Term};
pub use left::left_undone;
pub use machine::Rules;
pub use outage::Outage;
pub use stacks::{BuiltStack, StackAim, StackRequest};
pub use task::{Request, Scope, Step, StepState, Task, TaskError, TaskId, TaskResult, TaskState};
pub use test_run::{StageKind, TestFacts, TestRequest};

use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aurora::mark::Mark;
use crate::aurora::plan::Adoption;
use crate::aurora::request::MarkRequest;
use crate::aurora::stack::StackSpec;
use crate::aws::Aws;
use driver::Driver;
use estimate::Sample;
use lease::{Bells, Holder, Lease};
use memory::Memory;
use reader::Reader;
use store::{Store, StoreError};
use task::{FailureKind, Make};

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

/// Tasks of the past that estimates are made from: the last ones say most.
const LEARNT_FROM: usize = 200;

struct Inner {
    aws: Aws,
    store: Arc<dyn Store>,
    rules: Rules,
    tempo: Tempo,
    term: Term,
    clock: Clock,
    holder: Holder,
    reader: Reader,
    events: broadcast::Sender<Task>,
    bells: Bells,
    held: held::Register,
    supervisor: OnceLock<Arc<dyn Supervisor>>,
    stopping: CancellationToken,
    /// What is sent for stacks.
    specs: Memory<Arc<StackSpec>>,
    /// New passwords of master users; printing them for debugging leaves them out.
    passwords: Memory<SecretString>,
    /// What earlier tasks took; read again after one has ended.
    past: Mutex<Option<Arc<Vec<Sample>>>>,
}

impl Inner {
    fn publish(&self, task: &Task) {
        if task.state.is_final() {
            *self.past.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        // Nobody may be listening.
        let _ = self.events.send(task.clone());
    }
}

/// Renews the leases of an engine as long as it lives; wakes the drivers of tasks whose lease is lost, or that somebody
/// wants ended.
async fn beat(engine: Weak<Inner>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let Some(inner) = engine.upgrade() else { return };
        if inner.stopping.is_cancelled() {
            return;
        }
        let awake = inner.bells.tasks();
        if awake.is_empty() {
            continue;
        }
        match inner.store.renew(&inner.holder, (inner.clock)()) {
            Ok(standing) => {
                for task in awake {
                    if !standing.held.contains_key(&task) || standing.asked.contains_key(&task) {
                        inner.bells.ring(&task);
                    }
                }
            }
            Err(error) => tracing::warn!("{error}"),
        }
    }
}

/// Drives tasks. Cheap to clone; tasks go on as long as the runtime does.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

impl Engine {
    /// An engine on the current runtime.
    pub fn new(aws: Aws, store: Arc<dyn Store>, rules: Rules, tempo: Tempo, clock: Clock) -> Self {
        Self::with_term(aws, store, rules, tempo, clock, Term::default())
    }

    /// An engine whose leases have other terms.
    pub fn with_term(aws: Aws, store: Arc<dyn Store>, rules: Rules, tempo: Tempo, clock: Clock, term: Term) -> Self {
        let inner = Arc::new(Inner {
            reader: Reader::start(aws.clone(), clock.clone()),
            aws,
            store,
            rules,
            tempo,
            term,
            clock,
            holder: Holder::new(term.lasts),
            events: broadcast::channel(EVENTS).0,
            bells: Bells::default(),
            held: held::Register::default(),
            supervisor: OnceLock::new(),
            stopping: CancellationToken::new(),
            specs: Memory::default(),
            passwords: Memory::default(),
            past: Mutex::default(),
        });
        tokio::spawn(beat(Arc::downgrade(&inner), term.beat));
        Self { inner }
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
        self.begin(Task::new(id, request, typed, (self.inner.clock)()))
    }

    /// Begins to drive a clone that another journal knows of, or none: under the id of the task that made it, because only
    /// that one may equip it.
    ///
    /// # Errors
    /// If its tags name no task, another process drives it, or the journal cannot be written.
    pub fn adopt(&self, adoption: Adoption, resource: ResourceId) -> Result<Task, TaskError> {
        let refused = |error: task::InvalidTaskId| TaskError::new(FailureKind::Refused, error.to_string());
        let id = adoption.task.parse().map_err(refused)?;
        self.begin(Task::adopted(id, adoption, resource, (self.inner.clock)()))
    }

    fn begin(&self, mut task: Task) -> Result<Task, TaskError> {
        task.scope = self.scope();
        let lease = self.inner.store.begin(&task, &self.inner.holder, task.created_at);
        let lease =
            lease.map_err(|error| TaskError::new(FailureKind::Journal, format!("{error}; nothing was begun")))?;
        self.spawn(task.clone(), Some(lease));
        Ok(task)
    }

    /// Takes up a task that was left unfinished. A task that another process drives is followed, and taken over as soon as
    /// that process is gone.
    pub fn resume(&self, task: Task) {
        self.spawn(task, None);
    }

    /// Takes up a task again of which a person had only stopped watching, or a run whose stack was kept: AWS may have gone
    /// on meanwhile, so it looks first.
    ///
    /// # Errors
    /// If it is no such task, belongs elsewhere, or the journal cannot be written.
    pub fn reattach(&self, id: &TaskId) -> Result<Task, TaskError> {
        let mut task = self.task(id)?;
        let here = self.scope();
        if !task.can_go_on() || !task.scope.is(&here) {
            let message = format!("task {id} is {} and belongs to {}, this is {here}", task.state.as_str(), task.scope);
            return Err(TaskError::new(FailureKind::Refused, message));
        }
        task.reattach((self.inner.clock)());
        self.begin(task)
    }

    /// The marks of a cluster that the journal keeps.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn marks(&self, cluster: &ResourceId) -> Result<Vec<Mark>, StoreError> {
        self.inner.store.marks(cluster)
    }

    /// Sets or takes off a mark in the journal, which changes nothing in AWS.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn mark_here(&self, request: &MarkRequest) -> Result<(), StoreError> {
        match request.at {
            Some(at) => self.inner.store.keep_mark(&request.resource, &request.name, at),
            None => self.inner.store.forget_mark(&request.resource, &request.name),
        }
    }

    /// Asks for a task to be ended before its time, whoever drives it, and follows it to its end.
    ///
    /// # Errors
    /// If there is no such task, it is over, or it has made nothing that could be torn down.
    pub fn cancel(&self, id: &TaskId, cancel: Cancel) -> Result<Task, TaskError> {
        let task = self.task(id)?;
        if task.state.is_final() {
            let message = format!("task {id} is {} already", task.state.as_str());
            return Err(TaskError::new(FailureKind::Refused, message));
        }
        if cancel == Cancel::TearDown && !task.request.makes() && !matches!(task.request, Request::Test(_)) {
            let message = format!("a {} makes nothing that could be torn down", task.request.kind());
            let error = TaskError::new(FailureKind::Refused, message);
            return Err(error.next("stop watching it instead: AWS goes on (headless: --keep)"));
        }
        self.inner.store.ask(id, cancel).map_err(|error| TaskError::new(FailureKind::Journal, error.to_string()))?;
        self.resume(task.clone());
        Ok(task)
    }

    /// Stops driving and gives back every lease, so that another process can carry on at once. For the end of a process.
    pub fn release_all(&self) {
        self.inner.stopping.cancel();
        if let Err(error) = self.inner.store.release_all(&self.inner.holder) {
            tracing::warn!("{error}");
        }
    }

    /// The unfinished tasks of this account and region, the oldest first. The parts of an unfinished test run are left to
    /// whoever takes that up.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn unfinished(&self) -> Result<Vec<Task>, StoreError> {
        let scope = self.scope();
        let mut tasks = self.inner.store.unfinished()?;
        tasks.retain(|task| task.scope.is(&scope));
        let ids: Vec<_> = tasks.iter().map(|task| task.id.clone()).collect();
        tasks.retain(|task| task.parent.as_ref().is_none_or(|run| !ids.contains(run)));
        Ok(tasks)
    }

    /// At most `count` tasks of this account and region that are over and older than `before`, the newest first.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn past(&self, before: Option<&TaskId>, count: usize) -> Result<Vec<Task>, StoreError> {
        let scope = self.scope();
        let mut before = before.cloned();
        let mut found = Vec::new();
        while found.len() < count {
            let page = self.inner.store.over(before.as_ref(), count)?;
            let Some(oldest) = page.last() else { break };
            before = Some(oldest.id.clone());
            found.extend(page.into_iter().filter(|task| task.scope.is(&scope)));
        }
        found.truncate(count);
        Ok(found)
    }

    /// Who drives a task now.
    pub fn hand(&self, task: &Task) -> Hand {
        if task.is_at_rest() {
            return Hand::Nobody;
        }
        if self.inner.bells.holds(&task.id) {
            return Hand::Here;
        }
        let held = self.inner.store.is_held(&task.id, &self.inner.holder, (self.inner.clock)());
        if held.unwrap_or_default() { Hand::Elsewhere } else { Hand::Nobody }
    }

    /// How long a task will probably take from its beginning to its end.
    pub fn estimate(&self, task: &Task) -> Option<Estimate> {
        estimate::estimate(task, &self.samples()?)
    }

    /// How long a rewind of such a cluster usually takes.
    pub fn usual_rewind(&self, make: Option<&Make>) -> Option<Estimate> {
        estimate::usual(Request::REWIND, make, &self.samples()?)
    }

    fn samples(&self) -> Option<Arc<Vec<Sample>>> {
        let mut kept = self.inner.past.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_none() {
            // Without a readable journal there is no estimate; whatever needs it will say why.
            let tasks = self.past(None, LEARNT_FROM).ok()?;
            *kept = Some(Arc::new(tasks.iter().filter_map(Sample::of).collect()));
        }
        kept.clone()
    }

    /// Where the tasks of this engine belong.
    pub fn scope(&self) -> Scope {
        let place = self.inner.aws.place();
        Scope {
            profile: place.profile.clone(),
            region: place.region.clone(),
            endpoint: place.endpoint.clone(),
            account: self.inner.aws.account().map(str::to_owned),
        }
    }

    fn spawn(&self, task: Task, lease: Option<Lease>) {
        let Some(bell) = self.inner.bells.hang(&task.id) else {
            // It is driven here already: whoever asks hears of it at once.
            self.inner.publish(&self.task(&task.id).unwrap_or(task.clone()));
            self.inner.bells.ring(&task.id);
            return;
        };
        tokio::spawn(Driver::new(self.inner.clone(), task, lease, bell).run());
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
        loop {
            let task = match events.recv().await {
                Ok(task) if task.id == *id => task,
                Ok(_) => continue,
                Err(broadcast::error::RecvError::Lagged(_)) => self.task(id)?,
                Err(broadcast::error::RecvError::Closed) => return self.task(id),
            };
            seen(&task);
            if task.is_at_rest() || enough(&task) {
                return Ok(task);
            }
        }
    }

    /// A task as the journal has it.
    ///
    /// # Errors
    /// If it is not there, or the journal cannot be read.
    pub fn task(&self, id: &TaskId) -> Result<Task, TaskError> {
        self.find(id)?.ok_or_else(|| TaskError::new(FailureKind::Journal, format!("there is no task {id}")))
    }

    /// The same; none if it was never begun.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn find(&self, id: &TaskId) -> Result<Option<Task>, TaskError> {
        self.inner.store.load(id).map_err(|error| TaskError::new(FailureKind::Journal, error.to_string()))
    }
}
