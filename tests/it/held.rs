//! Runs as tasks that are held: who holds one begins its parts, hears what is asked, and loses it whole.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use aurewind::aurora::request::CloneRequest;
use aurewind::aws::{Aws, Connection};
use aurewind::engine::journal::Journal;
use aurewind::engine::store::{MemoryStore, Store};
use aurewind::engine::task::{FailureKind, StepName};
use aurewind::engine::{
    Cancel, Engine, Hand, Held, Order, Request, Rules, StageKind, StepState, Supervisor, Task, TaskResult, TaskState,
    Tempo, Term, TestRequest, system_clock,
};
use aurewind::sim::Options;
use jiff::SignedDuration;
use tokio::sync::mpsc;

use crate::support::Account;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn connect(account: &Account) -> Aws {
    let connection = Connection { endpoint: Some(account.url.clone()), ..Connection::default() };
    connection.open().await.unwrap()
}

fn engine(aws: Aws, store: Arc<dyn Store>) -> Engine {
    let term = Term { beat: Duration::from_millis(50), lasts: Duration::from_millis(400) };
    Engine::with_term(aws, store, Rules::default().local(), Tempo::LOCAL, system_clock(), term)
}

fn request() -> Request {
    Request::Test(Box::new(TestRequest {
        recipe: "smoke".into(),
        path: "smoke.toml".into(),
        source: Some("orders-staging".parse().unwrap()),
        clone: "clone-held".parse().unwrap(),
        stack: None,
        directory: "runs/smoke".into(),
        stages: vec![("release".into(), StageKind::Release)],
        deadline: SignedDuration::from_mins(5),
    }))
}

fn create() -> Request {
    let (source, name) = ("orders-staging".parse().unwrap(), "clone-held".parse().unwrap());
    Request::Create(CloneRequest::new(source, name, "ana@laptop"))
}

fn result(verdict: &str) -> TaskResult {
    TaskResult::Test { verdict: verdict.into(), leaked: Vec::new(), kept_until: None, reports: Vec::new() }
}

/// Gives every run that it takes over to whoever waits for it.
struct HandsOn(mpsc::UnboundedSender<Held>);

impl Supervisor for HandsOn {
    fn take_over(&self, _: Engine, held: Held) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.send(held).unwrap();
        Box::pin(async {})
    }
}

async fn over(engine: &Engine, task: &Task) -> Task {
    let events = engine.events();
    let now = engine.task(&task.id).unwrap();
    if now.is_at_rest() { now } else { engine.watch(&task.id, events, |_| {}, |_| false).await.unwrap() }
}

#[test]
fn a_run_is_told_as_it_goes_and_its_parts_name_it() {
    let account = Account::demo();
    runtime().block_on(async {
        let engine = engine(connect(&account).await, Arc::new(MemoryStore::default()));
        let mut events = engine.events();
        let held = engine.hold(engine.new_id(), request(), None).unwrap();
        let titles: Vec<_> = held.task().steps.iter().map(|step| step.title().to_owned()).collect();
        assert_eq!(titles, ["preflight", "clone", "ready", "release", "always", "teardown"]);
        held.begin_step(0).unwrap();
        held.end_step(0, StepState::Done, "nothing stands against it").unwrap();
        assert_eq!(engine.hand(&held.task()), Hand::Here);

        let id = engine.new_id();
        let part = engine.start_child(held.id(), id.clone(), create(), None).unwrap();
        assert_eq!((part.parent.as_ref(), held.task().test.children), (Some(held.id()), vec![id]));
        assert_eq!(over(&engine, &part).await.state, TaskState::Done);
        assert_eq!(engine.unfinished().unwrap().len(), 1, "only the run itself");

        held.finish(TaskState::Done, result("passed"), None).unwrap();
        let id = held.id().clone();
        drop(held);
        let done = engine.task(&id).unwrap();
        assert!(done.ended_at.is_some() && done.state == TaskState::Done);
        assert_eq!(done.steps[0].state, StepState::Done);
        let mut told = Vec::new();
        while let Ok(task) = events.try_recv() {
            told.extend((task.id == id).then_some(task.state));
        }
        assert_eq!((told.first(), told.last()), (Some(&TaskState::Running), Some(&TaskState::Done)));
    });
}

#[test]
fn whoever_holds_a_run_hears_that_it_is_to_end() {
    let account = Account::demo();
    runtime().block_on(async {
        let aws = connect(&account).await;
        let here = engine(aws.clone(), Arc::new(Journal::open(account.state.path()).unwrap()));
        let held = here.hold(here.new_id(), request(), None).unwrap();
        let mut orders = held.orders();
        // Another process asks; it has no supervisor, and would not get the lease.
        let there = engine(aws, Arc::new(Journal::open(account.state.path()).unwrap()));
        let events = there.events();
        there.cancel(held.id(), Cancel::TearDown).unwrap();
        let heard = *orders.wait_for(Option::is_some).await.unwrap();
        assert_eq!(heard, Some(Order::Cancel(Cancel::TearDown)));
        there.cancel(held.id(), Cancel::Detach).unwrap();
        orders.wait_for(|order| *order == Some(Order::Cancel(Cancel::Detach))).await.unwrap();
        held.finish(TaskState::Cancelled, result("interrupted"), None).unwrap();
        let seen = there.watch(held.id(), events, |_| {}, |_| false).await.unwrap();
        assert_eq!(seen.state, TaskState::Cancelled, "it was followed to its end");
        assert_eq!(there.cancel(held.id(), Cancel::TearDown).unwrap_err().kind, FailureKind::Refused);
    });
}

#[test]
fn a_run_whose_process_let_go_is_taken_over_with_its_parts() {
    let account = Account::with(Options { speed: 1.0, ..Options::default() });
    runtime().block_on(async {
        let aws = connect(&account).await;
        let (first, second) = (Journal::open(account.state.path()), Journal::open(account.state.path()));
        let here = engine(aws.clone(), Arc::new(first.unwrap()));
        let held = here.hold(here.new_id(), request(), None).unwrap();
        let part = here.start_child(held.id(), here.new_id(), create(), None).unwrap();
        let (send, mut taken) = mpsc::unbounded_channel();
        let there = engine(aws, Arc::new(second.unwrap())).with_supervisor(Arc::new(HandsOn(send)));
        for task in there.unfinished().unwrap() {
            there.resume(task);
        }
        there.resume(part.clone());
        assert!(taken.try_recv().is_err(), "it is held elsewhere");
        let mut orders = held.orders();
        here.release_all();
        orders.wait_for(|order| *order == Some(Order::Stop)).await.unwrap();
        drop(held);
        let held = taken.recv().await.unwrap();
        assert_eq!(held.task().test.children, std::slice::from_ref(&part.id));
        assert_eq!(held.task().steps[1].name, StepName::Clone);
        // The part goes on where the run is now.
        there.cancel(&part.id, Cancel::Detach).unwrap();
        assert_eq!(over(&there, &part).await.state, TaskState::Cancelled);
        assert_eq!(there.hand(&held.task()), Hand::Here);
    });
}

#[test]
fn a_run_that_was_lost_can_begin_and_change_nothing() {
    let account = Account::demo();
    runtime().block_on(async {
        let aws = connect(&account).await;
        let path = account.state.path();
        let here = engine(aws.clone(), Arc::new(Journal::open(path).unwrap()));
        let held = here.hold(here.new_id(), request(), None).unwrap();
        let mut orders = held.orders();
        // As after a stop that was longer than the lease: another holder has taken it meanwhile.
        let journal = rusqlite::Connection::open(path.join("journal.db")).unwrap();
        journal.execute("UPDATE leases SET holder = 'somebody', epoch = epoch + 1", []).unwrap();
        let refused = here.start_child(held.id(), here.new_id(), create(), None).unwrap_err();
        assert_eq!(refused.kind, FailureKind::Conflict);
        orders.wait_for(|order| *order == Some(Order::Lost)).await.unwrap();
        assert!(held.begin_step(0).is_err());
        let kept = here.task(held.id()).unwrap();
        assert!(kept.test.children.is_empty(), "{kept:?}");
        assert_eq!(account.calls().iter().filter(|call| !call.action.starts_with("Describe")).count(), 0);
    });
}

#[test]
fn what_is_told_at_the_same_time_is_kept_in_order() {
    let account = Account::demo();
    runtime().block_on(async {
        let engine = engine(connect(&account).await, Arc::new(Journal::open(account.state.path()).unwrap()));
        let held = engine.hold(engine.new_id(), request(), None).unwrap();
        let tell = |teller: usize| {
            let (held, engine) = (held.clone(), engine.clone());
            tokio::task::spawn_blocking(move || {
                for number in 0..25 {
                    let name = format!("{teller}-{number}");
                    let at = held.now();
                    held.update(|task| task.test.marks.push((name.clone(), at))).unwrap();
                    let kept = engine.task(held.id()).unwrap().test.marks;
                    assert!(kept.iter().any(|(mark, _)| *mark == name), "{name} was overwritten");
                }
            })
        };
        for teller in (0..4).map(tell).collect::<Vec<_>>() {
            teller.await.unwrap();
        }
        assert_eq!(engine.task(held.id()).unwrap().test.marks.len(), 100);
    });
}

#[test]
fn a_run_whose_holder_breaks_off_is_handed_over_and_one_that_is_left_is_not() {
    let account = Account::demo();
    runtime().block_on(async {
        let (send, mut taken) = mpsc::unbounded_channel();
        let engine = engine(connect(&account).await, Arc::new(Journal::open(account.state.path()).unwrap()));
        let engine = engine.with_supervisor(Arc::new(HandsOn(send)));
        let left = engine.hold(engine.new_id(), request(), None).unwrap();
        left.leave();
        drop(left);
        let broken = engine.hold(engine.new_id(), request(), None).unwrap();
        let id = broken.id().clone();
        // As a future does that is dropped on its way.
        drop(broken);
        let held = taken.recv().await.unwrap();
        assert_eq!(held.id(), &id, "the other one was left on purpose");
        held.finish(TaskState::Cancelled, result("interrupted"), None).unwrap();
    });
}
