//! The whole dashboard, by keys, on the simulated account with a clock that is turned by hand.

use std::sync::Arc;

use aurewind::aws::{Connection, Place};
use aurewind::config::OnStart;
use aurewind::engine::store::MemoryStore;
use aurewind::engine::task::TaskResult;
use aurewind::engine::{Rules, TaskState, Tempo as EngineTempo};
use aurewind::sim::{Clock, Fault, Options, Simulator};
use aurewind::tui::State;
use aurewind::tui::backend::Parts;
use aurewind::tui::glyphs::Glyphs;
use aurewind::tui::live::Live;
use aurewind::tui::state::{Setup, Tempo, Ui};
use aurewind::tui::theme::Theme;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Size;

struct Stage {
    /// What passes in the account on each turn: less where calls are tried again after pauses in real time.
    pace: SignedDuration,
    live: Live,
    clock: Clock,
    simulator: Simulator,
}

impl Stage {
    async fn new(faults: &[&str]) -> Self {
        let start: Timestamp = "2026-11-22T14:00:00Z".parse().unwrap();
        let clock = Clock::manual(start);
        let pace = SignedDuration::from_millis(if faults.is_empty() { 4_000 } else { 2_000 });
        let faults = faults.iter().map(|fault| fault.parse::<Fault>().unwrap()).collect();
        let options = Options { clock: clock.clone(), faults, ..Options::default() };
        let simulator = Simulator::start(options).await.unwrap();
        let connection = Connection {
            region: Some("eu-west-1".into()),
            endpoint: Some(simulator.url()),
            demo: true,
            ..Connection::default()
        };
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
            on_start: OnStart::CarryOn,
            store: {
                let store = Arc::new(MemoryStore::default());
                Box::new(move || Ok(store.clone()))
            },
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
        let mut stage = Self { pace, live, clock, simulator };
        stage.until("the fleet is there", |state, _| state.fleet.data.len() > 20).await;
        stage
    }

    /// Lets things happen, with the account's clock going on, until `seen`.
    #[track_caller]
    fn until(&mut self, what: &str, seen: impl Fn(&State, &str) -> bool) -> impl Future<Output = ()> {
        let (clock, pace) = (self.clock.clone(), self.pace);
        async move {
            let waited = self.live.until(seen, || clock.advance(pace)).await;
            waited.unwrap_or_else(|screen| panic!("waited in vain until {what}:\n{screen}"));
        }
    }

    fn screen(&self) -> String {
        self.live.harness.screen()
    }

    /// Puts the cursor on a cluster by filtering for its name.
    async fn choose(&mut self, id: &str) {
        self.live.keys("Esc Esc");
        self.live.keys("/");
        self.live.keys(&format!("{id} Enter"));
        let id = id.to_owned();
        self.until("the cursor is on it", move |state, _| state.cluster().is_some_and(|c| c.id.as_str() == id)).await;
    }

    /// Waits until `count` tasks are over and all are done.
    async fn done(&mut self, count: usize) {
        self.until("the task is over", move |state, _| {
            let tasks = state.tasks.all();
            tasks.len() == count && tasks.iter().all(|task| task.state.is_final())
        })
        .await;
        for task in self.live.harness.state.tasks.all() {
            assert_eq!(task.state, TaskState::Done, "{task:#?}");
        }
    }

    async fn end(self) {
        self.simulator.stop().await;
    }
}

async fn clone_rewind_delete(faults: &[&str]) {
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
    stage.live.keys("r");
    stage
        .until("its window is known", |state, _| {
            state.cluster().is_some_and(|c| c.reach(state.now()).is_some() && c.status.as_str() == "available")
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
