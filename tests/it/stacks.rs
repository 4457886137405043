//! The environment of a run on the simulated account: made from its template, fed to a clone, and gone at the end.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use aurewind::aurora::request::{CloneRequest, DeleteRequest};
use aurewind::aws::{Aws, Connection};
use aurewind::engine::journal::Journal;
use aurewind::engine::task::FailureKind;
use aurewind::engine::{
    BuiltStack, Engine, Held, Request, Rules, Supervisor, Task, TaskError, TaskId, TaskResult, TaskState, Tempo, Term,
    TestRequest, system_clock,
};
use aurewind::recipe::environment::{Blueprint, Feeds, Order, begin, built, tear_down};
use aurewind::recipe::model::{Environment, Parameter};
use aurewind::sim::{Clock, FleetSpec, Options};
use jiff::SignedDuration;
use tokio::sync::mpsc;

use crate::support::{Account, api_of, until};

const PASSWORD: &str = "hunter2-hunter2";
const CLOUDFORMATION: &str = "2010-05-15";

fn environment() -> Environment {
    let text = |text: &str| Some(text.to_owned());
    Environment {
        template: "environment.yaml".into(),
        stack: aurewind::recipe::model::Pattern::default(),
        parameters: BTreeMap::from([
            ("MasterPassword".into(), Parameter::Env { env: "TEST_PASSWORD".into() }),
            ("EngineVersion".into(), Parameter::Text("8.0.mysql_aurora.3.08.2".into())),
        ]),
        capabilities: Vec::new(),
        source_output: text("SourceId"),
        subnet_group_output: text("SubnetGroup"),
        security_group_outputs: vec!["SecurityGroup".into()],
        env_outputs: BTreeMap::from([("SOURCE_HOST".into(), "Endpoint".into())]),
    }
}

fn empty(speed: f64) -> Account {
    Account::with(Options { fleet: FleetSpec::Empty, speed, ..Options::default() })
}

/// An engine on the account's journal, and the run that everything is a part of.
struct Bench {
    aws: Aws,
    engine: Engine,
    run: Held,
}

async fn engine(account: &Account) -> (Aws, Engine) {
    let connection = Connection { endpoint: Some(account.url.clone()), ..Connection::default() };
    let aws = connection.open().await.unwrap();
    let term = Term { beat: Duration::from_millis(50), lasts: Duration::from_millis(400) };
    let rules = Rules { settles: SignedDuration::from_millis(200), ..Rules::default() };
    let tempo = Tempo { fast: Duration::from_millis(20), slow: Duration::from_millis(50) };
    let journal = Arc::new(Journal::open(account.state.path()).unwrap());
    (aws.clone(), Engine::with_term(aws, journal, rules, tempo, system_clock(), term))
}

impl Bench {
    async fn new(account: &Account) -> Self {
        let (aws, engine) = engine(account).await;
        let request = TestRequest {
            recipe: "shop".into(),
            path: "shop.toml".into(),
            source: Some("orders".parse().unwrap()),
            clone: "test-shop-1".parse().unwrap(),
            stack: Some("test-shop-1".into()),
            directory: "runs/shop".into(),
            stages: Vec::new(),
            deadline: SignedDuration::from_mins(5),
        };
        let run = engine.hold(engine.new_id(), Request::Test(Box::new(request)), None).unwrap();
        Self { aws, engine, run }
    }

    async fn build(&self, id: &TaskId) -> Result<BuiltStack, TaskError> {
        let environment = environment();
        let blueprint = Blueprint::read(&environment, &Path::new(env!("CARGO_MANIFEST_DIR")).join("config")).unwrap();
        let spec = blueprint.spec("ana@laptop", |name| (name == "TEST_PASSWORD").then(|| PASSWORD.to_owned()));
        let order = Order {
            id: id.clone(),
            name: "test-shop-1".parse().unwrap(),
            clone: "test-shop-1".parse().unwrap(),
            within: SignedDuration::from_mins(30),
        };
        let events = self.engine.events();
        begin(&self.engine, self.run.id(), order, spec.unwrap())?;
        built(self.engine.watch(id, events, |_| {}, |_| false).await?)
    }

    async fn tear_down(&self, id: &TaskId) -> Result<(), Vec<String>> {
        tear_down(&self.engine, self.run.id(), id, |_| {}).await
    }

    /// Begins a part of the run and drives it to its end.
    async fn part(&self, request: Request) -> Task {
        let (events, id) = (self.engine.events(), self.engine.new_id());
        self.engine.start_child(self.run.id(), id.clone(), request, None).unwrap();
        self.engine.watch(&id, events, |_| {}, |_| false).await.unwrap()
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Nothing of any stack is left in the account.
#[track_caller]
fn assert_nothing_is_left(account: &Account) {
    let clusters = account.api("DescribeDBClusters", &[]);
    assert!(clusters.contains("<DBClusters></DBClusters>"), "{clusters}");
    let groups = account.api("DescribeDBSubnetGroups", &[]);
    assert!(!groups.contains("test-shop"), "{groups}");
    let stacks = api_of(&account.url, CLOUDFORMATION, "DescribeStacks", &[]);
    assert!(stacks.contains("<Stacks></Stacks>"), "{stacks}");
    let snapshots = account.api("DescribeDBClusterSnapshots", &[]);
    assert!(!snapshots.contains("test-shop"), "{snapshots}");
}

#[test]
fn a_stack_feeds_a_clone_outlives_it_and_is_gone_at_the_end() {
    let account = empty(3_000.0);
    runtime().block_on(async {
        let bench = Bench::new(&account).await;
        let id = bench.engine.new_id();
        let built = bench.build(&id).await.unwrap();
        let feeds = Feeds::of(&built, &environment()).unwrap();
        let source = feeds.source.unwrap();
        assert!(feeds.env["SOURCE_HOST"].starts_with(source.as_str()), "{:?}", feeds.env);
        assert_eq!(feeds.security_groups.len(), 1);

        let mut request = CloneRequest::new(source.clone(), "test-shop-1".parse().unwrap(), "ana@laptop");
        request.subnet_group = feeds.subnet_group;
        request.security_groups = feeds.security_groups;
        let made = bench.part(Request::Create(request)).await;
        let Some(TaskResult::Create { cluster, resource_id, .. }) = made.result else { panic!("{made:#?}") };

        // The clone is in the subnet group: the stack cannot go before it.
        let left = bench.tear_down(&id).await.unwrap_err();
        assert!(left.len() == 1 && left[0].contains("stack `test-shop-1`"), "{left:?}");
        assert!(left[0].contains("`SubnetGroup`"), "{left:?}");
        let stack = bench.aws.stack(&built.id).await.unwrap().unwrap();
        assert_eq!(stack.status, "DELETE_FAILED");

        let delete = DeleteRequest { cluster, resource: resource_id, final_snapshot: None, expired: false };
        assert_eq!(bench.part(Request::Delete(delete)).await.state, TaskState::Done);
        assert_eq!(bench.tear_down(&id).await, Ok(()));
        assert_eq!(bench.tear_down(&id).await, Ok(()), "what is gone is gone");
        let children = bench.run.task().test.children;
        assert!(children.len() == 6 && children.contains(&id), "{children:?}");
    });
    assert_nothing_is_left(&account);
    for entry in std::fs::read_dir(account.state.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes()), "the journal knows a secret");
    }
}

#[test]
fn a_stack_that_cannot_be_made_leaves_nothing_and_says_why() {
    for (fault, kind, part) in [
        ("denied:CreateDBInstance=1", FailureKind::Aws, "`Writer` (AWS::RDS::DBInstance)"),
        ("no-capacity=db.t3.*", FailureKind::Aws, "InsufficientDBInstanceCapacity"),
        ("denied:CreateStack=1", FailureKind::Aws, "cloudformation:CreateStack"),
    ] {
        let account = empty(3_000.0);
        account.faults(&[fault]);
        runtime().block_on(async {
            let bench = Bench::new(&account).await;
            let id = bench.engine.new_id();
            let error = bench.build(&id).await.unwrap_err();
            assert!(error.kind == kind && error.message.contains(part), "{error:?}");
            assert_eq!(bench.tear_down(&id).await, Ok(()));
        });
        assert_nothing_is_left(&account);
    }
}

#[test]
fn a_stack_that_somebody_deleted_is_no_failure() {
    let account = empty(3_000.0);
    runtime().block_on(async {
        let bench = Bench::new(&account).await;
        let id = bench.engine.new_id();
        let built = bench.build(&id).await.unwrap();
        api_of(&account.url, CLOUDFORMATION, "DeleteStack", &[("StackName", "test-shop-1")]);
        assert_eq!(bench.tear_down(&id).await, Ok(()));
        assert_eq!(bench.aws.stack(&built.id).await.unwrap().unwrap().status, "DELETE_COMPLETE");
        assert_eq!(bench.aws.stack("test-shop-1").await.unwrap(), None);
    });
    assert_nothing_is_left(&account);
}

#[test]
fn a_deletion_that_was_not_waited_for_is_taken_up_again() {
    let clock = Clock::manual("2026-11-22T12:00:00Z".parse().unwrap());
    let account = Account::with(Options { fleet: FleetSpec::Empty, clock: clock.clone(), ..Options::default() });
    let hour = || clock.advance(SignedDuration::from_hours(1));
    runtime().block_on(async {
        let bench = Bench::new(&account).await;
        assert_eq!(bench.tear_down(&bench.engine.new_id()).await, Ok(()), "nothing was ever begun");
        let id = bench.engine.new_id();
        let later = async {
            stack_is(&account, "CREATE_IN_PROGRESS").await;
            hour();
        };
        tokio::join!(bench.build(&id), later).0.unwrap();
        tokio::select! {
            gone = bench.tear_down(&id) => panic!("{gone:?}"),
            () = stack_is(&account, "DELETE_IN_PROGRESS") => {}
        }
        assert_eq!(tokio::join!(bench.tear_down(&id), async { hour() }).0, Ok(()));
        let children = bench.run.task().test.children;
        assert_eq!(children.len(), 2, "one task makes it, one deletes it");
    });
    assert_nothing_is_left(&account);
}

#[test]
fn lost_answers_and_throttles_make_no_second_stack_and_leave_none() {
    let account = empty(3_000.0);
    account.faults(&["throttle=0.3", "lost=0.3", "reset=0.1", "error=0.1"]);
    runtime().block_on(async {
        let bench = Bench::new(&account).await;
        let id = bench.engine.new_id();
        bench.build(&id).await.unwrap();
        assert_eq!(bench.tear_down(&id).await, Ok(()));
    });
    account.faults(&[]);
    let made = api_of(&account.url, CLOUDFORMATION, "ListStacks", &[]);
    assert_eq!(made.matches("<StackName>test-shop-1</StackName>").count(), 1, "{made}");
    assert_nothing_is_left(&account);
}

#[test]
fn a_stack_whose_process_is_gone_is_deleted_by_whoever_takes_it_over() {
    let account = empty(100.0);
    let other = runtime();
    let (run, id) = runtime().block_on(async {
        let bench = Bench::new(&account).await;
        let id = bench.engine.new_id();
        tokio::select! {
            built = bench.build(&id) => panic!("{built:?}"),
            () = stack_is(&account, "CREATE_IN_PROGRESS") => {}
        }
        bench.engine.release_all();
        (bench.run.id().clone(), id)
    });
    other.block_on(async {
        let (aws, engine) = engine(&account).await;
        let (hands, mut taken) = mpsc::unbounded_channel();
        let engine = engine.with_supervisor(Arc::new(HandsOn(hands)));
        engine.resume(engine.task(&run).unwrap());
        let bench = Bench { aws, run: taken.recv().await.unwrap(), engine };
        assert_eq!(bench.tear_down(&id).await, Ok(()));
        let task = bench.engine.task(&id).unwrap();
        assert_eq!(task.state, TaskState::Cancelled, "{task:#?}");
        assert_eq!(task.steps.last().unwrap().detail, "nothing of it is left");
    });
    assert_nothing_is_left(&account);
}

/// Gives every run that it takes over to whoever waits for it.
struct HandsOn(mpsc::UnboundedSender<Held>);

impl Supervisor for HandsOn {
    fn take_over(&self, _: Engine, held: Held) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.send(held).unwrap();
        Box::pin(async {})
    }
}

/// Waits until a stack has this status.
async fn stack_is(account: &Account, status: &'static str) {
    let url = account.url.clone();
    let wait = move || {
        until(status, || api_of(&url, CLOUDFORMATION, "DescribeStacks", &[]).contains(status));
    };
    tokio::task::spawn_blocking(wait).await.unwrap();
}

#[test]
fn a_name_that_is_taken_or_protected_is_refused_and_what_is_there_stays() {
    let account = empty(3_000.0);
    let template = "Resources: {Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/24}}}";
    let theirs = [("StackName", "test-shop-1"), ("TemplateBody", template)];
    api_of(&account.url, CLOUDFORMATION, "CreateStack", &theirs);
    runtime().block_on(async {
        let bench = Bench::new(&account).await;
        let id = bench.engine.new_id();
        let error = bench.build(&id).await.unwrap_err();
        assert!(error.kind == FailureKind::Conflict && error.message.contains("of another making"), "{error:?}");
        assert_eq!(bench.tear_down(&id).await, Ok(()));
        assert!(bench.aws.stack("test-shop-1").await.unwrap().is_some(), "it is not ours");
    });
}
