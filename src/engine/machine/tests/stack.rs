//! The stack of a test run: made once or not at all, and gone whatever befalls the calls.

use super::*;
use crate::aurora::stack::tests::{resource, stack};
use crate::aurora::stack::{Phase, Stack, StackName};
use crate::engine::machine::StackCall;
use crate::engine::stacks::{StackAim, StackRequest};

/// The stacks of the small account.
#[derive(Debug, Default)]
pub struct Stacks {
    all: Vec<Stack>,
    /// Why none can be made.
    broken: Option<&'static str>,
    /// How many deletions fail because something is in use.
    in_use: u32,
    /// Whether what is being made stays so.
    stuck: bool,
}

fn name() -> StackName {
    "test-shop".parse().unwrap()
}

/// The task that every stack here is made by.
fn maker() -> TaskId {
    TaskId::new(noon(), 1)
}

impl Stacks {
    /// A minute passes.
    pub fn pass(&mut self) {
        for stack in &mut self.all {
            match (stack.phase(), self.broken) {
                (Phase::Making, Some(reason)) => {
                    stack.status = "CREATE_FAILED".into();
                    stack.resources = vec![
                        resource("Vpc", "CREATE_COMPLETE", None, 0),
                        resource("Writer", "CREATE_FAILED", Some(reason), 1),
                    ];
                }
                (Phase::Making, None) if !self.stuck => stack.status = "CREATE_COMPLETE".into(),
                (Phase::Deleting, _) if self.in_use > 0 => {
                    self.in_use -= 1;
                    stack.status = "DELETE_FAILED".into();
                    stack.resources = vec![resource("Subnets", "DELETE_FAILED", Some("it is in use"), 1)];
                }
                (Phase::Deleting, _) => stack.status = "DELETE_COMPLETE".into(),
                _ => {}
            }
        }
    }

    pub fn find(&self, reference: &str) -> Option<Stack> {
        let hit = |stack: &&Stack| {
            stack.id == reference || (stack.name.as_str() == reference && stack.phase() != Phase::Gone)
        };
        self.all.iter().find(hit).cloned()
    }

    pub fn work(&mut self, call: &StackCall) -> Result<Answer, AwsError> {
        match call {
            StackCall::Create { name } => {
                if self.find(name.as_str()).is_some() {
                    return Err(error(ErrorKind::AlreadyExists));
                }
                self.put("CREATE_IN_PROGRESS", maker().as_str());
                Ok(Answer::Stack(self.all.last().unwrap().id.clone()))
            }
            StackCall::Delete { id, .. } => {
                let found = self.all.iter_mut().find(|stack| stack.id == *id).unwrap();
                found.status = "DELETE_IN_PROGRESS".into();
                Ok(Answer::Done)
            }
        }
    }

    fn put(&mut self, status: &str, task: &str) {
        let mut made = stack(name().as_str(), status, task);
        made.id = format!("{}-{}", made.id, self.all.len());
        made.outputs.insert("Subnets".into(), "test-shop-subnets".into());
        self.all.push(made);
    }

    fn left(&self) -> usize {
        self.all.iter().filter(|stack| stack.phase() != Phase::Gone).count()
    }
}

fn of(aim: StackAim) -> Task {
    task(Request::Stack(Box::new(StackRequest { name: name(), clone: id("test-shop-1"), aim })))
}

fn build() -> Task {
    of(StackAim::Build { within: SignedDuration::from_mins(30) })
}

/// An account with one finished stack, and the task that deletes it.
fn unbuild() -> (Account, Task) {
    let mut account = Account::new();
    account.stacks.put("CREATE_COMPLETE", maker().as_str());
    let id = account.stacks.all[0].id.clone();
    (account, of(StackAim::Unbuild { id, built_by: maker() }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_stack_is_made_once_or_nothing_is_left(fates in fates()) {
        let mut account = Account::new();
        let task = drive(&mut account, build(), &fates);
        prop_assert!(account.done("CreateStack") <= 1);
        match task.state {
            TaskState::Done => {
                let built = matches!(&task.result, Some(TaskResult::Environment(built)) if built.outputs.len() == 1);
                prop_assert!(built && account.stacks.left() == 1, "{:?}", task);
            }
            // Whoever takes it over has no template.
            state => {
                let died = fates.iter().any(|fate| matches!(fate, Fate::DiesBefore | Fate::DiesAfter));
                prop_assert!(died && state == TaskState::Cancelled && account.stacks.left() == 0, "{:?}", task);
            }
        }
    }

    #[test]
    fn a_stack_that_fails_is_deleted_again_and_the_task_fails_with_the_reason(fates in fates()) {
        let mut account = Account::new();
        account.stacks.broken = Some("no capacity");
        let task = drive(&mut account, build(), &fates);
        prop_assert_eq!(account.stacks.left(), 0, "{:?}", task);
        match task.state {
            TaskState::Failed => {
                let error = task.error.unwrap();
                prop_assert!(error.kind == FailureKind::Aws && error.message.contains("`Writer`"), "{}", error);
                prop_assert!(error.message.contains("no capacity"));
            }
            state => prop_assert_eq!(state, TaskState::Cancelled),
        }
    }

    #[test]
    fn a_stack_that_is_torn_down_leaves_nothing(fates in fates(), from in 0_usize..12) {
        let mut account = Account::new();
        let task = drive_until(&mut account, build(), &fates, Some((from, Cancel::TearDown)));
        let want = usize::from(task.state == TaskState::Done);
        prop_assert_eq!(account.stacks.left(), want, "{:?}", task);
        prop_assert!(matches!(task.state, TaskState::Done | TaskState::Cancelled), "{:?}", task);
    }

    #[test]
    fn a_stack_is_deleted_whatever_befalls_the_calls(fates in fates(), in_use in 0_u32..4) {
        let (mut account, task) = unbuild();
        account.stacks.put("CREATE_COMPLETE", "another");
        account.stacks.in_use = in_use;
        let task = drive(&mut account, task, &fates);
        prop_assert_eq!(task.state, TaskState::Done, "{:?}", task);
        prop_assert_eq!(account.stacks.left(), 1, "the one of the other task stays");
    }

    #[test]
    fn two_processes_make_one_stack_or_leave_nothing(
        fates in fates(),
        turns in proptest::collection::vec((any::<bool>(), prop::bool::weighted(0.3)), 0..60),
    ) {
        let mut account = Account::new();
        let task = drive_by_two(&mut account, build(), &turns, &fates);
        prop_assert!(account.done("CreateStack") <= 1);
        prop_assert_eq!(account.stacks.left(), usize::from(task.state == TaskState::Done), "{:?}", task);
        let (mut account, task) = unbuild();
        let task = drive_by_two(&mut account, task, &turns, &fates);
        prop_assert_eq!((task.state, account.stacks.left()), (TaskState::Done, 0));
    }
}

#[test]
fn a_stack_of_another_making_is_a_conflict_and_stays() {
    let mut account = Account::new();
    account.stacks.put("CREATE_COMPLETE", "another");
    let task = drive(&mut account, build(), &[]);
    assert_eq!(task.error.unwrap().kind, FailureKind::Conflict);
    // Neither is it torn down, if the call was never answered.
    let task = drive_until(&mut account, build(), &[], Some((0, Cancel::TearDown)));
    assert_eq!((task.state, account.stacks.left()), (TaskState::Cancelled, 1));
    assert!(account.done.is_empty(), "{:?}", account.done);
}

#[test]
fn what_the_tags_do_not_prove_stays() {
    let (mut account, task) = unbuild();
    account.stacks.all[0].tags.clear();
    let task = drive(&mut account, task, &[]);
    assert_eq!(task.error.unwrap().kind, FailureKind::Refused);
    let (mut account, task) = unbuild();
    account.stacks.all[0].protected = true;
    let refused = drive(&mut account, task, &[]);
    assert!(refused.error.unwrap().message.contains("termination protection"));
    assert_eq!(account.stacks.left(), 1);
}

#[test]
fn a_stack_that_somebody_deleted_is_gone() {
    let (mut account, task) = unbuild();
    account.stacks.all[0].status = "DELETE_COMPLETE".into();
    // Another one of the same name is none of its business.
    account.stacks.put("CREATE_COMPLETE", maker().as_str());
    let task = drive(&mut account, task, &[]);
    assert_eq!((task.state, account.stacks.left()), (TaskState::Done, 1), "{task:?}");
    // After 90 days nobody knows of it any more.
    let (mut account, task) = unbuild();
    account.stacks.all.clear();
    assert_eq!(drive(&mut account, task, &[]).state, TaskState::Done);
    assert!(account.done.is_empty(), "{:?}", account.done);
}

#[test]
fn a_stack_that_is_not_listed_for_a_moment_is_not_gone() {
    let (account, task) = unbuild();
    let mut task = task;
    let mut seen = account.see(needs(&task));
    seen.stack = None;
    task.notice(&seen);
    let at = |seconds| decide(&task, &seen, &Rules::default(), noon() + SignedDuration::from_secs(seconds));
    assert!(matches!(at(60), Decision::Wait(..)));
    assert!(matches!(at(121), Decision::Advance(..)));
}

#[test]
fn somebody_who_deletes_a_stack_that_is_being_made_ends_the_task() {
    let mut account = Account::new();
    account.stacks.stuck = true;
    let task = drive_some(&mut account, build(), 4);
    assert_eq!(task.current().unwrap().name.as_str(), "wait");
    account.stacks.all[0].status = "DELETE_IN_PROGRESS".into();
    let task = drive(&mut account, task, &[]);
    let error = task.error.unwrap();
    assert!(error.kind == FailureKind::Conflict && error.message.contains("somebody delete"), "{error}");
    assert_eq!((account.stacks.left(), account.done("DeleteStack")), (0, 0));
}

#[test]
fn a_stack_that_takes_too_long_is_deleted_again() {
    let mut account = Account::new();
    account.stacks.stuck = true;
    let task = drive(&mut account, build(), &[]);
    let error = task.error.clone().unwrap();
    assert_eq!((task.state, error.kind), (TaskState::Failed, FailureKind::Timeout), "{task:?}");
    assert!(error.message.contains("longer than 30m"), "{error}");
    assert_eq!(account.stacks.left(), 0);
    let states: Vec<_> = task.steps.iter().map(|step| (step.name.as_str(), step.state)).collect();
    assert_eq!(states[2..], [("wait", StepState::Failed), ("remove", StepState::Done), ("gone", StepState::Done)]);
}

#[test]
fn what_cannot_be_deleted_is_tried_a_few_times_and_then_told() {
    let (mut account, task) = unbuild();
    account.stacks.in_use = u32::MAX;
    let task = drive(&mut account, task, &[]);
    let error = task.error.unwrap();
    assert!(error.kind == FailureKind::Conflict && error.message.contains("`Subnets`"), "{error}");
    assert_eq!(account.done("DeleteStack"), 6);
}

#[test]
fn a_protected_name_and_read_only_forbid_it_before_any_call() {
    let rules = Rules { policy: Policy { protected: vec!["test-*".into()], read_only: false }, ..Rules::default() };
    let (account, unbuild) = unbuild();
    for task in [build(), unbuild] {
        let seen = account.see(needs(&task));
        let Decision::Fail(error) = decide(&task, &seen, &rules, noon()) else { panic!("{task:?}") };
        assert!(error.kind == FailureKind::Refused && error.message.contains("protected pattern"), "{error}");
    }
}

/// The first rounds of a task.
fn drive_some(account: &mut Account, task: Task, rounds: usize) -> Task {
    let mut process = Process { task, epoch: 0 };
    let mut row = Row { saved: process.task.clone(), epoch: 0 };
    for _ in 0..rounds {
        account.pass();
        process.step(account, &mut row, &mut std::iter::empty());
    }
    process.task
}
