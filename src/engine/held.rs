//! Tasks that somebody else than a driver takes to their end: runs of test recipes. Their runner holds the lease, tells
//! how they stand, and begins tasks of its own as parts of them.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use jiff::Timestamp;
use tokio::sync::{Notify, watch};

use super::lease::{Cancel, Lease};
use super::store::StoreError;
use super::task::{FailureKind, Request, StepState, Task, TaskError, TaskId, TaskResult, TaskState};
use super::{Engine, Inner};
use crate::aurora::ids::ClusterId;

/// What a runner has to obey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// A person wants the run ended.
    Cancel(Cancel),
    /// Another process holds the run now: nothing may be done for it here any more.
    Lost,
    /// The process ends: everything is left as it stands, for another process to take over.
    Stop,
}

/// Takes over runs whose process has gone.
pub trait Supervisor: Send + Sync {
    /// Brings the run to its end, as far as that can be done without whoever has begun it.
    fn take_over(&self, engine: Engine, held: Held) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// A task under the lease of this process. It is given back with the last clone of this.
#[derive(Clone)]
pub struct Held {
    shared: Arc<Shared>,
}

struct Shared {
    inner: Arc<Inner>,
    lease: Lease,
    bell: Arc<Notify>,
    task: Mutex<Task>,
    order: watch::Sender<Option<Order>>,
    /// Whether it was begun here, and not taken over.
    begun_here: bool,
}

/// The runs that are held in this engine.
#[derive(Default)]
pub(super) struct Register(Mutex<HashMap<TaskId, Weak<Shared>>>);

impl Register {
    fn all(&self) -> MutexGuard<'_, HashMap<TaskId, Weak<Shared>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, id: &TaskId) -> Option<Held> {
        let shared = self.all().get(id)?.upgrade()?;
        Some(Held { shared })
    }
}

impl Engine {
    /// The same engine with somebody who takes over runs whose process has gone. Without one they are only looked at.
    #[must_use]
    pub fn with_supervisor(self, supervisor: Arc<dyn Supervisor>) -> Self {
        // A second one would be another front end on the same engine: the first stays.
        let _ = self.inner.supervisor.set(supervisor);
        self
    }

    /// Writes a run to the journal and holds it for whoever runs it.
    ///
    /// # Errors
    /// If the journal cannot be written: then nothing was begun.
    pub fn hold(&self, id: TaskId, request: Request, typed: Option<ClusterId>) -> Result<Held, TaskError> {
        let mut task = Task::new(id, request, typed, (self.inner.clock)());
        task.state = TaskState::Running;
        task.scope = self.scope();
        let bell = self.inner.bells.hang(&task.id).unwrap_or_default();
        match self.inner.store.begin(&task, &self.inner.holder, task.created_at) {
            Ok(lease) => Ok(Held::new(self.inner.clone(), task, lease, bell, true)),
            Err(error) => {
                self.inner.bells.take_down(&task.id);
                Err(TaskError::new(FailureKind::Journal, format!("{error}; nothing was begun")))
            }
        }
    }

    /// Begins a task as a part of a run that is held here.
    ///
    /// # Errors
    /// If the run is not held here any more, or the journal cannot be written: then nothing was begun.
    pub fn start_child(
        &self,
        run: &TaskId,
        id: TaskId,
        request: Request,
        typed: Option<ClusterId>,
    ) -> Result<Task, TaskError> {
        self.begin_part(run, Task::new(id, request, typed, (self.inner.clock)()))
    }

    /// The same for a task that is made already. The run names it first, so that whoever takes the run over finds it.
    pub(super) fn begin_part(&self, run: &TaskId, mut task: Task) -> Result<Task, TaskError> {
        let held = self.inner.held.find(run).ok_or_else(|| lost(run))?;
        task.parent = Some(run.clone());
        held.record(|run| run.test.children.push(task.id.clone()))?;
        self.begin(task)
    }
}

fn lost(run: &TaskId) -> TaskError {
    TaskError::new(FailureKind::Conflict, format!("task {run} is driven by another process now"))
}

impl Held {
    pub(super) fn new(inner: Arc<Inner>, task: Task, lease: Lease, bell: Arc<Notify>, begun_here: bool) -> Self {
        inner.bells.note(&task.id, true);
        inner.publish(&task);
        let id = task.id.clone();
        let order = watch::Sender::new(None);
        let shared = Arc::new(Shared { inner, lease, bell, task: Mutex::new(task), order, begun_here });
        shared.inner.held.all().insert(id, Arc::downgrade(&shared));
        // What was asked of a run while nobody held it is known before anything is done for it.
        shared.look();
        tokio::spawn(listen(Arc::downgrade(&shared)));
        Self { shared }
    }

    /// The task as it stands.
    pub fn task(&self) -> Task {
        self.shared.task().clone()
    }

    /// Its id.
    pub fn id(&self) -> &TaskId {
        &self.shared.lease.task
    }

    /// The present moment, by the engine's clock.
    pub fn now(&self) -> Timestamp {
        (self.shared.inner.clock)()
    }

    /// What has to be obeyed, and every change of that.
    pub fn orders(&self) -> watch::Receiver<Option<Order>> {
        self.shared.order.subscribe()
    }

    /// Leaves the run as it stands, for another process to take over.
    pub fn leave(&self) {
        self.shared.order.send_if_modified(|order| {
            let news = *order != Some(Order::Lost);
            if news {
                *order = Some(Order::Stop);
            }
            news
        });
    }

    /// Changes the task, keeps and tells it. A journal that cannot be written is no reason to stop: what comes next is
    /// announced there, or not done.
    ///
    /// # Errors
    /// If another process holds it now.
    pub fn update(&self, change: impl FnOnce(&mut Task)) -> Result<(), TaskError> {
        match self.record(change) {
            Err(error) if error.kind == FailureKind::Journal => {
                tracing::warn!("{error}");
                Ok(())
            }
            other => other,
        }
    }

    /// The same for what has to be in the journal before anything else is done.
    fn record(&self, change: impl FnOnce(&mut Task)) -> Result<(), TaskError> {
        let shared = &self.shared;
        if *shared.order.borrow() == Some(Order::Lost) {
            return Err(lost(self.id()));
        }
        let saved = {
            let mut task = shared.task();
            change(&mut task);
            shared.save(&task)
        };
        match saved {
            Err(StoreError::Lost(_)) => {
                shared.lose();
                Err(lost(self.id()))
            }
            other => other.map_err(|error| TaskError::new(FailureKind::Journal, error.to_string())),
        }
    }

    /// Begins a step.
    ///
    /// # Errors
    /// If another process holds the task now.
    pub fn begin_step(&self, number: usize) -> Result<(), TaskError> {
        let now = self.now();
        self.step(number, |step| {
            step.state = StepState::Running;
            step.started_at = step.started_at.or(Some(now));
        })
    }

    /// Says how a step stands.
    ///
    /// # Errors
    /// If another process holds the task now.
    pub fn say(&self, number: usize, detail: &str) -> Result<(), TaskError> {
        if self.shared.task().steps.get(number).is_some_and(|step| step.detail == detail) {
            return Ok(());
        }
        self.step(number, |step| detail.clone_into(&mut step.detail))
    }

    /// Ends a step.
    ///
    /// # Errors
    /// If another process holds the task now.
    pub fn end_step(&self, number: usize, state: StepState, detail: &str) -> Result<(), TaskError> {
        let now = self.now();
        self.step(number, |step| {
            step.state = state;
            step.ended_at = step.started_at.map(|_| now);
            detail.clone_into(&mut step.detail);
        })
    }

    fn step(&self, number: usize, change: impl FnOnce(&mut super::Step)) -> Result<(), TaskError> {
        self.update(|task| {
            if let Some(step) = task.steps.get_mut(number) {
                change(step);
            }
        })
    }

    /// Ends the task. What is `Paused` with an error can be taken up again, and is not over.
    ///
    /// # Errors
    /// If another process holds it now.
    pub fn finish(&self, state: TaskState, result: TaskResult, error: Option<TaskError>) -> Result<(), TaskError> {
        let now = self.now();
        self.update(|task| {
            task.state = state;
            task.ended_at = state.is_final().then_some(now);
            task.result = Some(result);
            task.error = error;
        })
    }
}

impl Shared {
    fn task(&self) -> MutexGuard<'_, Task> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps and tells the task. It is locked until that is done: an older state never takes the place of a newer one.
    fn save(&self, task: &MutexGuard<'_, Task>) -> Result<(), StoreError> {
        let saved = self.inner.store.save(task, &self.lease);
        if !matches!(saved, Err(StoreError::Lost(_))) {
            self.inner.publish(task);
        }
        saved
    }

    fn lose(&self) {
        self.inner.bells.note(&self.lease.task, false);
        self.order.send_replace(Some(Order::Lost));
        // Its parts are driven by whoever holds it.
        for part in &self.task().test.children {
            self.inner.bells.ring(part);
        }
    }

    /// Looks at whether the lease holds, and what is asked.
    fn look(&self) {
        // Only who holds the lease can save; what could not be written before is written now.
        let saved = self.inner.store.save(&self.task(), &self.lease);
        if matches!(saved, Err(StoreError::Lost(_))) {
            return self.lose();
        }
        match self.inner.store.asked(&self.lease.task) {
            Ok(asked) => {
                let asked = asked.map(Order::Cancel);
                self.order.send_if_modified(|order| {
                    let over = matches!(*order, Some(Order::Lost | Order::Stop));
                    let news = asked.is_some() && *order != asked && !over;
                    if news {
                        *order = asked;
                    }
                    news
                });
            }
            Err(error) => tracing::warn!("{error}"),
        }
    }
}

/// Looks whenever the bell rings, until nobody holds the task here any more.
async fn listen(shared: Weak<Shared>) {
    loop {
        let Some(held) = shared.upgrade() else { return };
        held.look();
        let (bell, inner) = (held.bell.clone(), held.inner.clone());
        drop(held);
        tokio::select! {
            () = bell.notified() => {}
            () = inner.stopping.cancelled() => {
                if let Some(held) = shared.upgrade() {
                    held.order.send_replace(Some(Order::Stop));
                }
                return;
            }
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let (inner, id) = (&self.inner, &self.lease.task);
        let order = *self.order.borrow();
        inner.held.all().remove(id);
        inner.bells.take_down(id);
        self.bell.notify_one();
        if let Err(error) = inner.store.release(&self.lease) {
            tracing::warn!("{error}");
        }
        let task = self.task().clone();
        let again = match order {
            // What another process makes of it is told here, too.
            Some(Order::Lost) => true,
            Some(Order::Stop) => false,
            // Whoever ran it has broken off: what was made is torn down. Once, or one that always breaks off would go on
            // for ever.
            _ => self.begun_here && !task.is_at_rest(),
        };
        if again && !inner.stopping.is_cancelled() && tokio::runtime::Handle::try_current().is_ok() {
            Engine { inner: inner.clone() }.resume(task);
        }
    }
}
