//! Carries out what the dashboard asks for: reads AWS, starts tasks, and sends back what happened as events.
//!
//! Everything runs on the runtime's workers; the loop that owns the terminal never waits for any of it.

mod marks;
mod metrics;
mod output;
mod recipes;
mod runs;

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::{OnceCell, broadcast, mpsc};

pub use runs::Recipes;
use runs::Shown;

use super::effect::Effect;
use super::event::Event;
use super::state::{Notice, Outlook};
use crate::aurora::cluster::Cluster;
use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aws::{Aws, AwsError, ErrorKind, FleetEvent};
use crate::config::{Memory, OnStart};
use crate::engine::store::{Store, StoreError};
use crate::engine::task::{FailureKind, Make};
use crate::engine::{Cancel, Clock, Engine, Hand, Request, Rules, Task, TaskError, TaskId, Tempo};
use crate::recipe::run::TakeOver;

/// Pages of a listing that wait for the dashboard: enough to keep reading while a frame is drawn.
const PAGES: usize = 8;
/// Tasks that are over and are read from the journal at a time.
const PAST_TASKS: usize = 20;

/// Opens the place where tasks are kept; called off the loop, because it touches files.
pub type OpenStore = Box<dyn Fn() -> Result<Arc<dyn Store>, StoreError> + Send + Sync>;

/// Keeps what the dashboard remembers; called off the loop, because it touches files.
pub type Remember = Box<dyn Fn(&Memory) -> io::Result<()> + Send + Sync>;

/// A connection in the making.
pub type Connecting = Pin<Box<dyn Future<Output = Result<Aws, AwsError>> + Send>>;

/// Makes the connection; called once the first frame is on the screen, and again after a failure.
pub type Connect = Box<dyn Fn() -> Connecting + Send + Sync>;

/// What a backend is made of.
pub struct Parts {
    /// How to reach AWS.
    pub connect: Connect,
    /// The rules.
    pub rules: Rules,
    /// How often running tasks look at AWS; absent: as the endpoint deserves.
    pub tempo: Option<Tempo>,
    /// The clock.
    pub clock: Clock,
    /// Where tasks are kept.
    pub store: OpenStore,
    /// Where is kept how the dashboard was last used.
    pub remember: Remember,
    /// What becomes of the tasks that an earlier run left unfinished.
    pub on_start: OnStart,
    /// What runs of recipes need.
    pub recipes: Recipes,
}

/// Carries out effects. Cheap to clone.
#[derive(Clone)]
pub struct Backend {
    inner: Arc<Inner>,
    runtime: Handle,
}

struct Inner {
    parts: Parts,
    events: mpsc::Sender<Event>,
    aws: OnceCell<Aws>,
    engine: OnceCell<Engine>,
    /// The clusters as last read: a history is read by more than an id.
    clusters: Mutex<HashMap<ResourceId, Cluster>>,
    /// When CloudWatch was last asked about a cluster.
    measured: Mutex<HashMap<ResourceId, Timestamp>>,
    /// What is to be remembered and has not been written yet. Held for a moment only: the loop itself takes it.
    memory: Mutex<Option<Memory>>,
    /// Held by whoever writes it.
    writing: Mutex<()>,
    /// The run that was planned last: what is begun is what was shown.
    shown: Mutex<Option<Shown>>,
}

impl Backend {
    /// A backend on `runtime` that sends what happens to `events`.
    pub fn new(parts: Parts, events: mpsc::Sender<Event>, runtime: Handle) -> Self {
        let inner = Inner {
            parts,
            events,
            aws: OnceCell::new(),
            engine: OnceCell::new(),
            clusters: Mutex::new(HashMap::new()),
            measured: Mutex::new(HashMap::new()),
            memory: Mutex::new(None),
            writing: Mutex::new(()),
            shown: Mutex::new(None),
        };
        Self { inner: Arc::new(inner), runtime }
    }

    /// Gives the tasks back, so that another process can carry on with them at once. For the end of the dashboard.
    pub fn let_go(&self) {
        if let Some(engine) = self.inner.engine.get() {
            engine.release_all();
        }
    }

    /// Begins to carry out `effect`. What concerns the terminal (clipboard, suspend, quit) is not for here.
    pub fn perform(&self, effect: Effect) {
        let inner = self.inner.clone();
        match effect {
            Effect::Refresh => {
                self.runtime.spawn(async move { inner.refresh().await });
            }
            Effect::LoadHistory { id, make } => {
                self.runtime.spawn(async move { inner.history(id, make).await });
            }
            Effect::Start { request, typed } => {
                self.runtime.spawn(async move { inner.start(*request, typed).await });
            }
            Effect::Mark(request) => {
                self.runtime.spawn(async move { inner.mark(request).await });
            }
            Effect::FindRecipes { folder, recent } => {
                self.runtime.spawn(async move { inner.find_recipes(folder, recent).await });
            }
            Effect::CheckRecipe(path) => {
                self.runtime.spawn(async move { inner.check_recipe(path).await });
            }
            Effect::StartTest(path) => {
                self.runtime.spawn(async move { Box::pin(inner.start_test(&path)).await });
            }
            Effect::Remember(memory) => {
                *self.inner.memory.lock().unwrap_or_else(PoisonError::into_inner) = Some(memory);
                self.runtime.spawn_blocking(move || inner.remember_ui());
            }
            Effect::Cancel { id, how } => {
                self.runtime.spawn(async move { inner.cancel(&id, how).await });
            }
            Effect::CarryOn(id) => {
                self.runtime.spawn(async move { inner.carry_on(&id).await });
            }
            Effect::LoadPast(before) => {
                self.runtime.spawn(async move { inner.load_past(Some(&before)).await });
            }
            Effect::ReadOutput { path, part } => {
                self.runtime.spawn(async move { inner.read_output(path, part).await });
            }
            Effect::CountCalls => {
                self.runtime.spawn(async move { inner.tell(Event::Calls(inner.aws.get().map(Aws::calls))).await });
            }
            Effect::Copy(_) | Effect::Suspend | Effect::Quit => {}
        }
    }
}

impl Inner {
    /// A closed channel means that the dashboard is gone: then there is nobody to tell.
    async fn tell(&self, event: Event) {
        let _ = self.events.send(event).await;
    }

    async fn aws(&self) -> Result<&Aws, AwsError> {
        let open = async {
            let aws = (self.parts.connect)().await?;
            self.tell(Event::Place(aws.place().clone())).await;
            Ok(aws)
        };
        self.aws.get_or_try_init(|| open).await
    }

    async fn refresh(&self) {
        let aws = match self.aws().await {
            Ok(aws) => aws,
            Err(error) => {
                self.tell(Event::Fleet(FleetEvent::Begun)).await;
                self.tell(Event::Fleet(FleetEvent::Failed(error))).await;
                return;
            }
        };
        let (pages, mut inbox) = mpsc::channel(PAGES);
        let forward = async {
            while let Some(event) = inbox.recv().await {
                self.remember(&event);
                let over = matches!(event, FleetEvent::Done | FleetEvent::Failed(_));
                self.tell(Event::Fleet(event)).await;
                if over {
                    return;
                }
            }
        };
        tokio::join!(aws.list(&pages), forward);
        self.show_past_tasks().await;
    }

    /// Writes what was last asked for; one at a time, so that no earlier choice is written after a later one.
    fn remember_ui(&self) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let chosen = self.memory.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(chosen) = chosen else { return };
        if let Err(error) = (self.parts.remember)(&chosen) {
            let notice = Notice::warn(format!("how the dashboard is used cannot be kept for next time: {error}"));
            // A full queue or a closed one: it is shown or not, the dashboard goes on.
            let _ = self.events.try_send(Event::Notice(notice));
        }
    }

    async fn show_usual(&self, id: &ResourceId, make: Option<&Make>) {
        // Without an engine there is no past; why, is told where it is needed.
        let Ok(engine) = self.engine().await else { return };
        if let Some(estimate) = engine.usual_rewind(make) {
            self.tell(Event::Usual { id: id.clone(), estimate }).await;
        }
    }

    fn remember(&self, event: &FleetEvent) {
        if let FleetEvent::Clusters(page) = event {
            let mut known = self.clusters.lock().unwrap_or_else(PoisonError::into_inner);
            known.extend(page.iter().map(|cluster| (cluster.resource_id.clone(), cluster.clone())));
        }
    }

    async fn history(&self, id: ResourceId, make: Option<Make>) {
        let cluster = self.clusters.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        let Some(cluster) = cluster else {
            let error = AwsError::new(ErrorKind::NotFound, "the cluster has not been read yet");
            self.tell(Event::History { id, result: Err(error) }).await;
            return;
        };
        let result = match self.aws().await {
            Ok(aws) => aws.history(&cluster).await,
            Err(error) => Err(error),
        };
        self.show_marks(&id).await;
        self.show_usual(&id, make.as_ref()).await;
        self.tell(Event::History { id, result }).await;
        self.show_metrics(&cluster).await;
    }

    /// The engine, made at its first use; its events go to the dashboard from then on.
    async fn engine(&self) -> Result<&Engine, TaskError> {
        let make = async {
            let aws = self.aws().await.map_err(|error| TaskError::new(FailureKind::Aws, error.message))?;
            let store = (self.parts.store)().map_err(|e| TaskError::new(FailureKind::Journal, e.to_string()))?;
            if let Some(notice) = store.notice() {
                self.tell(Event::Notice(Notice::warn(notice))).await;
            }
            let (local, rules) = (aws.place().is_local(), self.parts.rules.clone());
            let tempo = self.parts.tempo.unwrap_or(if local { Tempo::LOCAL } else { Tempo::default() });
            let rules = if local { rules.local() } else { rules };
            let engine = Engine::new(aws.clone(), store, rules, tempo, self.parts.clock.clone());
            let engine = engine.with_supervisor(Arc::new(TakeOver::new(aws.clone())));
            tokio::spawn(forward_tasks(engine.clone(), engine.events(), self.events.clone()));
            Ok(engine)
        };
        self.engine.get_or_try_init(|| make).await
    }

    /// Shows, once, what the journal knows of this account: the last tasks that ended, and those that were left.
    async fn show_past_tasks(&self) {
        if self.engine.initialized() {
            return;
        }
        let engine = match self.engine().await {
            Ok(engine) => engine,
            Err(error) => {
                self.tell(Event::Notice(Notice::warn(error.message))).await;
                return;
            }
        };
        self.load_past(None).await;
        match engine.unfinished() {
            Ok(tasks) => self.take_up(engine, tasks).await,
            Err(error) => self.tell(Event::Notice(Notice::warn(error.to_string()))).await,
        }
    }

    /// Carries on with what was left, or asks, as the settings want it. What another process drives is followed in any case.
    async fn take_up(&self, engine: &Engine, tasks: Vec<Task>) {
        let mut left = Vec::new();
        for task in tasks {
            let ask = self.parts.on_start == OnStart::Ask && engine.hand(&task) != Hand::Elsewhere;
            self.tell(Event::Task(Box::new(task.clone()))).await;
            if ask {
                let outlook = Outlook { hand: Hand::Nobody, estimate: engine.estimate(&task) };
                self.tell(Event::Outlook(task.id.clone(), outlook)).await;
                left.push(task.id);
            } else {
                engine.resume(task);
            }
        }
        self.tell(Event::Left(left)).await;
    }

    /// Tasks that are over, from the journal.
    async fn load_past(&self, before: Option<&TaskId>) {
        let Ok(engine) = self.engine().await else { return };
        match engine.past(before, PAST_TASKS) {
            Ok(tasks) => {
                let more = tasks.len() == PAST_TASKS;
                self.tell(Event::Past { tasks, more }).await;
            }
            Err(error) => self.tell(Event::Notice(Notice::warn(error.to_string()))).await,
        }
    }

    async fn cancel(&self, id: &TaskId, how: Cancel) {
        let ended = match self.engine().await {
            Ok(engine) => engine.cancel(id, how).map(|_| ()),
            Err(error) => Err(error),
        };
        if let Err(error) = ended {
            self.tell(Event::Refused(error)).await;
        }
    }

    async fn carry_on(&self, id: &TaskId) {
        let taken = match self.engine().await {
            Ok(engine) => engine.task(id).and_then(|task| {
                if task.can_go_on() {
                    return engine.reattach(id).map(|_| ());
                }
                engine.resume(task);
                Ok(())
            }),
            Err(error) => Err(error),
        };
        if let Err(error) = taken {
            self.tell(Event::Refused(error)).await;
        }
    }

    async fn start(&self, request: Request, typed: Option<ClusterId>) {
        let started = match self.engine().await {
            Ok(engine) => engine.start(engine.new_id(), request, typed).map(|task| task.id),
            Err(error) => Err(error),
        };
        self.tell(Event::Started(started)).await;
    }
}

async fn forward_tasks(engine: Engine, mut changes: broadcast::Receiver<Task>, events: mpsc::Sender<Event>) {
    let mut told: HashMap<TaskId, Outlook> = HashMap::new();
    loop {
        let tasks = match changes.recv().await {
            Ok(task) => vec![task],
            // Some were dropped, perhaps the last of a task: all of them again, from where they are kept.
            Err(broadcast::error::RecvError::Lagged(_)) => {
                let mut tasks = engine.past(None, PAST_TASKS).unwrap_or_default();
                tasks.extend(engine.unfinished().unwrap_or_default());
                tasks
            }
            Err(broadcast::error::RecvError::Closed) => return,
        };
        for task in tasks {
            let mut news = Vec::new();
            if task.state.is_final() {
                told.remove(&task.id);
            } else {
                let outlook = Outlook { hand: engine.hand(&task), estimate: engine.estimate(&task) };
                if told.insert(task.id.clone(), outlook) != Some(outlook) {
                    news.push(Event::Outlook(task.id.clone(), outlook));
                }
            }
            news.push(Event::Task(Box::new(task)));
            for event in news {
                if events.send(event).await.is_err() {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc as channel;

    use super::*;

    /// A disk that hangs (a home on the network) must not hang the loop.
    #[tokio::test(flavor = "multi_thread")]
    async fn nobody_waits_for_what_is_remembered() {
        let (begun, has_begun) = channel::channel();
        let (release, released) = channel::channel::<()>();
        let released = Mutex::new(released);
        let written = Arc::new(Mutex::new(Vec::new()));
        let kept = written.clone();
        let remember = move |memory: &Memory| {
            let _ = begun.send(());
            let _ = released.lock().unwrap().recv();
            kept.lock().unwrap().push(memory.clone());
            Ok(())
        };
        let parts = Parts {
            connect: Box::new(|| Box::pin(async { Err(AwsError::new(ErrorKind::Unreachable, "none")) })),
            rules: Rules::default(),
            tempo: None,
            clock: Arc::new(|| Timestamp::UNIX_EPOCH),
            store: Box::new(|| Err(StoreError::Unusable { path: "none".into(), why: "it is not there".into() })),
            remember: Box::new(remember),
            on_start: OnStart::Ask,
            recipes: Recipes {
                folders: Vec::new(),
                runs: "runs".into(),
                owner: String::new(),
                patience: jiff::SignedDuration::ZERO,
                env: Arc::new(|_| None),
            },
        };
        let backend = Backend::new(parts, mpsc::channel(8).0, Handle::current());
        let chosen = |utc| Memory { utc: Some(utc), recipes: Vec::new() };
        backend.perform(Effect::Remember(chosen(true)));
        has_begun.recv().unwrap();
        let (through, comes_through) = channel::channel();
        let other = backend.clone();
        std::thread::spawn(move || {
            other.perform(Effect::Remember(chosen(false)));
            let _ = through.send(());
        });
        let came = comes_through.recv_timeout(std::time::Duration::from_secs(10));
        release.send(()).unwrap();
        assert!(came.is_ok(), "the second choice waited for the first one to be written");
        has_begun.recv().unwrap();
        release.send(()).unwrap();
        while written.lock().unwrap().len() < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(*written.lock().unwrap(), [chosen(true), chosen(false)], "the last choice is written last");
    }
}
