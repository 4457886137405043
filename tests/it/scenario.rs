//! The whole dashboard, by keys, on the simulated account with a clock that is turned by hand.

use std::sync::Arc;

use aurewind::aurora::ownership::TAG_CLONE;
use aurewind::aurora::{CloneRequest, Cluster};
use aurewind::aws::{Connection, Place};
use aurewind::config::OnStart;
use aurewind::engine::lease::Holder;
use aurewind::engine::store::{MemoryStore, Store};
use aurewind::engine::task::TaskResult;
use aurewind::engine::{Request, Rules, Task, TaskId, TaskState, Tempo as EngineTempo};
use aurewind::sim::{Clock, Fault, Options, Simulator};
use aurewind::tui::State;
use aurewind::tui::backend::{Parts, Recipes};
use aurewind::tui::glyphs::Glyphs;
use aurewind::tui::live::Live;
use aurewind::tui::state::{Setup, Tempo, Ui};
use aurewind::tui::theme::Theme;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Size;
use tempfile::TempDir;

/// How a dashboard is opened.
struct Opening {
    faults: &'static [&'static str],
    on_start: OnStart,
    /// A task that an earlier run has left.
    left: Option<Request>,
}

impl Default for Opening {
    fn default() -> Self {
        Self { faults: &[], on_start: OnStart::CarryOn, left: None }
    }
}

/// What passes in the account on each turn, usually and where something is to be met on the way.
const BRISKLY: SignedDuration = SignedDuration::from_secs(4);
const SLOWLY: SignedDuration = SignedDuration::from_millis(100);

pub(super) struct Stage {
    /// What passes in the account on each turn: less where calls are tried again after pauses in real time.
    pace: SignedDuration,
    pub live: Live,
    pub clock: Clock,
    /// Where recipes are looked for, and runs keep what they write.
    pub folder: TempDir,
    simulator: Simulator,
}

impl Stage {
    pub async fn new(faults: &'static [&'static str]) -> Self {
        Self::open(Opening { faults, ..Opening::default() }).await
    }

    async fn open(Opening { faults, on_start, left }: Opening) -> Self {
        let start: Timestamp = "2026-11-22T14:00:00Z".parse().unwrap();
        let clock = Clock::manual(start);
        let pace = if faults.is_empty() { BRISKLY } else { SignedDuration::from_secs(2) };
        let faults = faults.iter().map(|fault| fault.parse::<Fault>().unwrap()).collect();
        let options = Options { clock: clock.clone(), faults, ..Options::default() };
        let simulator = Simulator::start(options).await.unwrap();
        let connection = Connection {
            region: Some("eu-west-1".into()),
            endpoint: Some(simulator.url()),
            demo: true,
            ..Connection::default()
        };
        let store = Arc::new(MemoryStore::default());
        if let Some(request) = left {
            let mut task = Task::new(TaskId::new(start, 7), request, None, start);
            task.scope.region.clone_from(&connection.region);
            task.scope.endpoint.clone_from(&connection.endpoint);
            store.begin(&task, &Holder::new(std::time::Duration::from_secs(6)), start).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let now = clock.clone();
        let parts = Parts {
            connect: Box::new(move || {
                let connection = connection.clone();
                Box::pin(async move { connection.open().await })
            }),
            rules: Rules::default(),
            tempo: Some(EngineTempo {
                fast: std::time::Duration::from_millis(10),
                slow: std::time::Duration::from_millis(20),
            }),
            clock: Arc::new(move || now.now()),
            on_start,
            recipes: Recipes {
                folders: vec![folder.path().to_owned()],
                runs: folder.path().join("runs"),
                owner: "ana@laptop".into(),
                patience: SignedDuration::from_mins(15),
                env: Arc::new(|_| None),
            },
            store: Box::new(move || Ok(store.clone())),
            remember: Box::new(|_| Ok(())),
        };
        let setup = Setup {
            place: Place { demo: true, ..Place::default() },
            owner: "ana@laptop".into(),
            tempo: Tempo { calm: SignedDuration::from_secs(5), busy: SignedDuration::from_secs(2), ..Tempo::default() },
            ..Setup::default()
        };
        let ui = Ui { theme: Theme::mono(), glyphs: Glyphs::unicode(), zone: TimeZone::UTC, utc: true };
        let size = Size { width: 120, height: 36 };
        let live = Live::new(setup, ui, size, parts, tokio::runtime::Handle::current());
        let mut stage = Self { pace, live, clock, folder, simulator };
        // All of it: a plan wants the class of an instance, and instances come last.
        stage.until("the fleet is there", |state, _| state.feed.read_at.is_some() && state.fleet.data.len() > 20).await;
        stage
    }

    /// Lets things happen, with the account's clock going on, until `seen`.
    #[track_caller]
    pub fn until(&mut self, what: &str, seen: impl Fn(&State, &str) -> bool) -> impl Future<Output = ()> {
        let (clock, pace) = (self.clock.clone(), self.pace);
        async move {
            let waited = self.live.until(seen, || clock.advance(pace)).await;
            let said: Vec<_> = self.live.harness.state.messages.newest_first().take(5).collect();
            waited.unwrap_or_else(|screen| panic!("waited in vain until {what}:\n{screen}\n{said:#?}"));
        }
    }

    pub fn screen(&self) -> String {
        self.live.harness.screen()
    }

    /// Puts the cursor on a cluster by filtering for its name.
    pub async fn choose(&mut self, id: &str) {
        self.live.keys("Esc Esc");
        self.live.keys("/");
        self.live.keys(&format!("{id} Enter"));
        let id = id.to_owned();
        self.until("the cursor is on it", move |state, _| state.cluster().is_some_and(|c| c.id.as_str() == id)).await;
    }

    /// Reads the fleet anew from its beginning. By itself the dashboard pauses the longer the longer a listing took, and by
    /// a clock that is turned on meanwhile each one takes minutes.
    async fn listed(&mut self) {
        self.until("no listing is under way", |state, _| state.feed.loading.is_none()).await;
        self.live.keys("r");
        self.until("it is listed", |state, _| state.feed.loading.is_none()).await;
    }

    /// Waits until `count` tasks are over and all are done.
    pub async fn done(&mut self, count: usize) {
        self.until("the task is over", move |state, _| {
            let tasks = state.tasks.all();
            tasks.len() == count && tasks.iter().all(|task| task.state.is_final())
        })
        .await;
        for task in self.live.harness.state.tasks.all() {
            assert_eq!(task.state, TaskState::Done, "{task:#?}");
        }
    }

    pub async fn end(self) {
        self.simulator.stop().await;
    }
}

async fn clone_rewind_delete(faults: &'static [&'static str]) {
    let mut stage = Stage::new(faults).await;
    stage.choose("orders-staging").await;
    stage.live.keys("c");
    stage.until("the form is open", |_, screen| screen.contains("A copy-on-write clone")).await;
    stage.live.keys("Enter");
    stage.done(1).await;
    let clone = stage.live.harness.state.tasks.all()[0].request.target().clone();
    stage.until("it is listed", |state, _| state.fleet.data.named(&clone).is_some()).await;

    stage.choose(clone.as_str()).await;
    stage.clock.advance(SignedDuration::from_mins(10));
    stage.listed().await;
    stage
        .until("its window is known", |state, _| {
            // A listing that began before the tags were bound would have the identifier typed.
            let bound = |c: &Cluster| c.tags.get(TAG_CLONE).map(String::as_str) == Some(c.resource_id.as_str());
            let ready = |c: &Cluster| c.reach(state.now()).is_some() && c.status.as_str() == "available" && bound(c);
            state.cluster().is_some_and(ready)
        })
        .await;
    // Two minutes back on the timeline.
    stage.live.keys("t [ [ R");
    stage.until("the plan is shown", |_, screen| screen.contains("Rewind clone-")).await;
    let asked = stage.screen();
    assert!(asked.contains("connections"), "{asked}");
    stage.live.keys("Tab Enter");
    stage.until("it was asked for", |state, _| state.tasks.all().len() == 2).await;
    stage.done(2).await;
    let result = stage.live.harness.state.tasks.all().iter().find_map(|task| match &task.result {
        Some(TaskResult::Rewind { asked, landed, .. }) => Some((*asked, *landed)),
        _ => None,
    });
    let (asked, landed) = result.expect("a rewind has a result");
    assert!(landed.duration_since(asked).abs() <= SignedDuration::from_secs(3), "{asked} {landed}");

    stage.choose(clone.as_str()).await;
    stage.live.keys("D");
    stage.until("the plan is shown", |_, screen| screen.contains("Delete clone-")).await;
    stage.live.keys("Tab Enter");
    stage.until("it was asked for", |state, _| state.tasks.all().len() == 3).await;
    stage.done(3).await;
    stage.until("it is gone", |state, _| state.fleet.data.named(&clone).is_none()).await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clone_is_made_rewound_and_deleted_by_keys_alone() {
    clone_rewind_delete(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_with_throttling_failures_and_lost_answers() {
    clone_rewind_delete(&["throttle=0.1", "error=0.05", "reset=0.03", "lost=0.05"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn production_is_refused_with_the_reason() {
    let mut stage = Stage::new(&[]).await;
    stage.choose("orders-prod").await;
    for key in ["R", "D"] {
        stage.live.keys(key);
        stage.until("the reason is shown", |_, screen| screen.contains("protected pattern `*prod*`")).await;
        stage.live.keys("Enter Esc");
        assert!(stage.live.harness.state.tasks.all().is_empty());
    }
    stage.end().await;
}

/// A clone of `orders-staging` that AWS has begun to make.
async fn clone_begun() -> Stage {
    let mut stage = Stage::new(&[]).await;
    stage.choose("orders-staging").await;
    // Slowly, so that it is not over before somebody can say no.
    stage.pace = SLOWLY;
    stage.live.keys("c");
    stage.until("the form is open", |_, screen| screen.contains("A copy-on-write clone")).await;
    stage.live.keys("Enter");
    stage.until("it was asked for", |state, _| state.tasks.all().iter().any(|task| task.resource.is_some())).await;
    stage
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clone_in_the_making_is_torn_down_by_key() {
    let mut stage = clone_begun().await;
    stage.listed().await;
    let task = stage.live.harness.state.tasks.all()[0].clone();
    let clone = task.request.target().clone();
    stage.live.keys("Shift-Tab x j j");
    let screen = stage.screen();
    assert!(screen.contains("the cluster `clone-") && screen.contains("`orders-staging` is not touched"), "{screen}");
    stage.live.keys("Enter");
    stage.pace = BRISKLY;
    stage
        .until("it is cancelled", |state, _| state.tasks.all().iter().all(|task| task.state == TaskState::Cancelled))
        .await;
    stage.listed().await;
    stage.until("it is gone", |state, _| state.fleet.data.named(&clone).is_none()).await;
    assert!(stage.live.harness.state.fleet.data.named(&"orders-staging".parse().unwrap()).is_some());
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_was_let_go_of_is_carried_on_with_by_key() {
    let mut stage = clone_begun().await;
    stage.live.keys("Shift-Tab x j Enter");
    stage.until("nobody watches it", |state, _| state.tasks.all().iter().all(Task::is_detached)).await;
    stage.pace = BRISKLY;
    let clone = stage.live.harness.state.tasks.all()[0].request.target().clone();
    stage
        .until("AWS has gone on", |state, _| {
            state.fleet.data.named(&clone).is_some_and(|cluster| cluster.status.as_str() == "available")
        })
        .await;
    assert!(stage.live.harness.state.fleet.data.instances(&clone).is_empty());
    stage.live.keys("C");
    stage.done(1).await;
    stage.until("it has its instance", |state, _| state.fleet.data.instances(&clone).len() == 1).await;
    stage.end().await;
}

/// The moment that the last of `count` rewinds, now done, has landed at, and the one that it was taken back from.
async fn rewound(stage: &mut Stage, count: usize) -> (Timestamp, Timestamp) {
    stage.until("it was asked for", move |state, _| state.tasks.all().len() == count).await;
    stage.done(count).await;
    match stage.live.harness.state.tasks.all()[0].result {
        Some(TaskResult::Rewind { landed, backtracked_from: Some(from), .. }) => (landed, from),
        ref other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rewind_is_undone_from_the_cluster_and_from_its_task() {
    let mut stage = Stage::new(&[]).await;
    stage.choose("clone-orders-loadtest").await;
    stage.live.keys("t { R");
    stage.until("the plan is shown", |_, screen| screen.contains("Rewind clone-orders-loadtest")).await;
    stage.live.keys("Tab Enter");
    let (_, from) = rewound(&mut stage, 1).await;
    let undoable = |state: &State, _: &str| {
        state.cluster().is_some_and(|c| c.status.as_str() == "available") && state.undo_of_cluster().is_ok()
    };
    stage.until("its rewind is known", undoable).await;
    stage.live.keys("U");
    let screen = stage.screen();
    assert!(screen.contains("Undo clone-orders-loadtest"), "{screen}");
    stage.live.keys("Tab Enter");
    let (landed, from_undo) = rewound(&mut stage, 2).await;
    assert!(landed <= from && from.duration_since(landed) <= SignedDuration::from_secs(5), "{landed} {from}");
    // Undone once more, from the task of the undo: back to what the first rewind had brought.
    stage.until("it is available", |state, _| state.cluster().is_some_and(|c| c.status.as_str() == "available")).await;
    stage.live.keys("Esc Shift-Tab g Enter U");
    stage.until("the plan is shown", |_, screen| screen.contains("back to just before")).await;
    stage.live.keys("Tab Enter");
    let (landed, _) = rewound(&mut stage, 3).await;
    assert!(landed <= from_undo && from_undo.duration_since(landed) <= SignedDuration::from_secs(5), "{landed}");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_left_is_asked_about_at_the_start() {
    let name = "clone-left".parse().unwrap();
    let request = CloneRequest::new("orders-staging".parse().unwrap(), name, "ana@laptop");
    let left = Some(Request::Create(request));
    let mut stage = Stage::open(Opening { on_start: OnStart::Ask, left: left.clone(), ..Opening::default() }).await;
    stage.until("it asks", |_, screen| screen.contains("1 task left unfinished")).await;
    stage.live.keys("Enter");
    let read_at = stage.live.harness.state.feed.read_at;
    stage.until("time has passed", |state, _| state.feed.read_at > read_at).await;
    assert_eq!(stage.live.harness.state.tasks.all()[0].state, TaskState::Queued, "nobody has touched it");
    assert_eq!(stage.live.harness.state.tasks.running(), 0);
    stage.live.keys("Shift-Tab C");
    stage.done(1).await;
    stage.end().await;

    // All of them, from the question itself.
    let mut stage = Stage::open(Opening { on_start: OnStart::Ask, left: left.clone(), ..Opening::default() }).await;
    stage.until("it asks", |_, screen| screen.contains("1 task left unfinished")).await;
    stage.live.keys("Tab Enter");
    stage.done(1).await;
    stage.end().await;

    // Unless it is set otherwise, nothing is asked.
    let mut stage = Stage::open(Opening { left, ..Opening::default() }).await;
    stage.done(1).await;
    assert!(stage.live.harness.state.overlays.is_empty());
    stage.end().await;
}
