//! The machines against a small account that loses answers, throttles, fails and survives the death of the process.

mod secure;
mod stack;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{Answer, Call, Decision, Pace, Reaction, Rules, accept, decide, in_time, needs, react, react_to_reading};
use crate::aurora::cluster::{Cluster, ClusterStatus, Instance, Member};
use crate::aurora::fleet::tests::cluster;
use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aurora::ownership::Keep;
use crate::aurora::policy::Policy;
use crate::aurora::request::{CloneRequest, CloneSpec, DeleteRequest, MarkRequest, RewindRequest};
use crate::aurora::rewind::{Rewind, RewindStatus};
use crate::aurora::stay::{Stay, StayRequest};
use crate::aws::{AwsError, ErrorKind};
use crate::engine::call::{Denied, permit};
use crate::engine::lease::Cancel;
use crate::engine::seen::{Needs, Seen};
use crate::engine::task::{FailureKind, Request, StepState, Task, TaskId, TaskResult, TaskState};

fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn id(name: &str) -> ClusterId {
    name.parse().unwrap()
}

/// What befalls a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    Throttled,
    /// The connection breaks before the work.
    Reset,
    /// The work is done, the answer lost.
    Lost,
    /// The process dies before the work.
    DiesBefore,
    /// The process dies after the work.
    DiesAfter,
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = prop_oneof![
        3 => Just(Fate::Answered),
        1 => Just(Fate::Throttled),
        1 => Just(Fate::Reset),
        2 => Just(Fate::Lost),
        1 => Just(Fate::DiesBefore),
        2 => Just(Fate::DiesAfter),
    ];
    proptest::collection::vec(fate, 0..24)
}

/// An account with a ledger.
#[derive(Debug)]
struct Account {
    now: Timestamp,
    clusters: Vec<Cluster>,
    instances: Vec<Instance>,
    rewinds: Vec<Rewind>,
    stacks: stack::Stacks,
    done: BTreeMap<&'static str, usize>,
}

impl Account {
    fn new() -> Self {
        let mut source = cluster("orders-prod");
        source.backtrack.target_seconds = 86_400;
        let mut clone = cluster("clone-a");
        clone.tags.insert("aurewind:clone".into(), "cluster-CLONEA".into());
        clone.backtrack.target_seconds = 86_400;
        clone.members.push(Member { id: "clone-a-2".into(), writer: false });
        let instance = |name: &str, of: &str| Instance {
            parameter_group: None,
            public: false,
            id: name.into(),
            cluster: id(of),
            class: "db.r6g.large".into(),
            status: ClusterStatus::Available,
        };
        Self {
            now: noon(),
            clusters: vec![source, clone],
            instances: vec![
                instance("orders-prod-1", "orders-prod"),
                instance("clone-a-1", "clone-a"),
                instance("clone-a-2", "clone-a"),
            ],
            rewinds: vec![record("old", noon() - SignedDuration::from_hours(2), RewindStatus::Completed)],
            stacks: stack::Stacks::default(),
            done: BTreeMap::new(),
        }
    }

    /// A minute passes: whatever was under way is over.
    fn pass(&mut self) {
        self.now += SignedDuration::from_mins(1);
        self.clusters.retain(|c| c.status != ClusterStatus::Deleting);
        self.instances.retain(|i| i.status != ClusterStatus::Deleting);
        for cluster in &mut self.clusters {
            cluster.status = ClusterStatus::Available;
            cluster.members.retain(|m| self.instances.iter().any(|i| i.id == m.id));
        }
        for instance in &mut self.instances {
            instance.status = ClusterStatus::Available;
        }
        for rewind in &mut self.rewinds {
            rewind.status = RewindStatus::Completed;
        }
        self.stacks.pass();
    }

    fn see(&self, needs: Needs) -> Seen {
        let of = |id: &ClusterId| needs.clusters.contains(id);
        Seen {
            at: self.now,
            clusters: self.clusters.iter().filter(|c| of(&c.id)).cloned().collect(),
            instances: self.instances.iter().filter(|i| of(&i.cluster)).cloned().collect(),
            rewinds: if needs.rewinds_of.is_some() { self.rewinds.clone() } else { Vec::new() },
            stack: needs.stack.as_ref().and_then(|reference| self.stacks.find(reference)),
            needs,
        }
    }

    fn find(&mut self, id: &ClusterId) -> Result<&mut Cluster, AwsError> {
        self.clusters.iter_mut().find(|c| c.id == *id).ok_or_else(|| error(ErrorKind::NotFound))
    }

    fn work(&mut self, call: &Call) -> Result<Answer, AwsError> {
        let answer = match call {
            Call::Restore(spec) => self.restore(spec)?,
            Call::CreateInstance { cluster, spec, .. } => {
                if self.instances.iter().any(|i| i.id == spec.id.as_str()) {
                    return Err(error(ErrorKind::AlreadyExists));
                }
                let (name, class) = (spec.id.to_string(), spec.class.clone());
                self.find(cluster)?.members.push(Member { id: name.clone(), writer: true });
                let status = ClusterStatus::Creating;
                let (parameter_group, public) = (spec.parameter_group.clone(), spec.public);
                let cluster = cluster.clone();
                self.instances.push(Instance { id: name, cluster, class, status, parameter_group, public });
                Answer::Done
            }
            Call::Tag { cluster, tags, .. } => {
                self.find(cluster)?.tags.extend(tags.clone());
                Answer::Done
            }
            Call::Mark { cluster, name, at, .. } => {
                let tags = &mut self.find(cluster)?.tags;
                match at {
                    Some(at) => tags.insert(name.tag_key(), at.to_string()),
                    None => tags.remove(&name.tag_key()),
                };
                Answer::Done
            }
            Call::Stay { cluster, stay, .. } => {
                let (key, value) = stay.tag();
                let tags = &mut self.find(cluster)?.tags;
                match value {
                    Some(value) => tags.insert(key.to_owned(), value),
                    None => tags.remove(key),
                };
                Answer::Done
            }
            Call::Secure { cluster, retention_days, .. } => {
                let cluster = self.find(cluster)?;
                if cluster.status != ClusterStatus::Available {
                    return Err(error(ErrorKind::InvalidState));
                }
                cluster.settings.backup_retention_days = *retention_days;
                cluster.status = ClusterStatus::Other("resetting-master-credentials".into());
                Answer::Done
            }
            Call::Backtrack { cluster, to, .. } => {
                self.find(cluster)?.status = ClusterStatus::Backtracking;
                let mut rewind = record(&format!("new-{}", self.rewinds.len()), *to, RewindStatus::Applying);
                rewind.requested_at = Some(self.now);
                self.rewinds.push(rewind.clone());
                Answer::Rewind(rewind)
            }
            Call::DeleteInstance(instance) => {
                let found = self.instances.iter_mut().find(|i| i.id == instance.id);
                found.ok_or_else(|| error(ErrorKind::NotFound))?.status = ClusterStatus::Deleting;
                Answer::Done
            }
            Call::DeleteCluster { cluster, .. } => {
                let left = self.instances.iter().any(|i| i.cluster == *cluster && i.status != ClusterStatus::Deleting);
                if left {
                    return Err(error(ErrorKind::InvalidState));
                }
                self.find(cluster)?.status = ClusterStatus::Deleting;
                Answer::Done
            }
            Call::Stack(call) => self.stacks.work(call)?,
        };
        *self.done.entry(call.action()).or_default() += 1;
        Ok(answer)
    }

    fn restore(&mut self, spec: &CloneSpec) -> Result<Answer, AwsError> {
        if self.clusters.iter().any(|c| c.id == spec.name) {
            return Err(error(ErrorKind::AlreadyExists));
        }
        let mut clone = cluster(spec.name.as_str());
        clone.members.clear();
        clone.status = ClusterStatus::Creating;
        clone.tags = spec.tags.clone();
        clone.backtrack.target_seconds = spec.window_seconds;
        clone.network.port = Some(spec.port);
        self.clusters.push(clone.clone());
        Ok(Answer::Cluster(Box::new(clone)))
    }

    fn done(&self, action: &str) -> usize {
        self.done.get(action).copied().unwrap_or_default()
    }
}

fn record(id: &str, to: Timestamp, status: RewindStatus) -> Rewind {
    Rewind { id: id.into(), to: Some(to), from: Some(noon()), requested_at: Some(noon()), status }
}

fn error(kind: ErrorKind) -> AwsError {
    AwsError::new(kind, format!("{kind:?}"))
}

/// Drives a task as the driver does, without its clockwork; every death of the process goes back to what was saved. From
/// the round on that `cancel` names, somebody wants the task ended.
fn drive_until(account: &mut Account, task: Task, fates: &[Fate], cancel: Option<(usize, Cancel)>) -> Task {
    let mut fates = fates.iter().copied();
    let mut process = Process { task, epoch: 0 };
    let mut row = Row { saved: process.task.clone(), epoch: 0 };
    for round in 0..300 {
        if process.task.state.is_final() {
            break;
        }
        account.pass();
        if let Some((_, how)) = cancel.filter(|(from, _)| round >= *from)
            && process.task.cancel(how, account.now)
        {
            process.save(&mut row);
        }
        process.step(account, &mut row, &mut fates);
    }
    process.task
}

fn drive(account: &mut Account, task: Task, fates: &[Fate]) -> Task {
    drive_until(account, task, fates, None)
}

/// What the journal knows of one task.
#[derive(Debug)]
struct Row {
    saved: Task,
    epoch: u32,
}

/// A process with its own idea of the task, which is old once another one has taken the lease.
#[derive(Debug)]
struct Process {
    task: Task,
    epoch: u32,
}

impl Process {
    /// Saves, if the lease is still held.
    fn save(&self, row: &mut Row) -> bool {
        let held = self.epoch == row.epoch;
        if held {
            row.saved = self.task.clone();
        }
        held
    }

    /// Takes the lease, and the task as it was left.
    fn take_over(&mut self, row: &mut Row, now: Timestamp) {
        row.epoch += 1;
        self.epoch = row.epoch;
        self.task = serde_json::from_str(&serde_json::to_string(&row.saved).unwrap()).unwrap();
        if !self.task.state.is_final() {
            self.task.resume(now);
            self.task.orphan(now);
        }
    }

    /// One look and what follows from it. Whoever has lost the lease finds out when it writes.
    fn step(&mut self, account: &mut Account, row: &mut Row, fates: &mut impl Iterator<Item = Fate>) {
        let rules = Rules::default();
        let seen = account.see(needs(&self.task));
        self.task.notice(&seen);
        let decision = decide(&self.task, &seen, &rules, account.now);
        let call = match decision {
            Decision::Call(call) => call,
            other => {
                self.task.apply(&other, account.now);
                self.save(row);
                return;
            }
        };
        match permit(&self.task, &call, &seen, &rules, account.now) {
            Ok(_) => {}
            Err(Denied::Stale) => return,
            Err(Denied::Refused(error)) => {
                self.task.apply(&Decision::Fail(error), account.now);
                self.save(row);
                return;
            }
        }
        let doubt = self.task.attempt(account.now);
        if !self.save(row) {
            return;
        }
        let answer = match fates.next().unwrap_or(Fate::Answered) {
            Fate::Answered => account.work(&call),
            Fate::Throttled => Err(error(ErrorKind::Throttled)),
            Fate::Reset => Err(error(ErrorKind::Transient)),
            Fate::Lost => account.work(&call).and(Err(error(ErrorKind::Transient))),
            fate => {
                if fate == Fate::DiesAfter {
                    let _ = account.work(&call);
                }
                return self.take_over(row, account.now);
            }
        };
        self.task.heard(answer.as_ref().map(|_| ()), doubt, account.now);
        match answer {
            Ok(answer) => {
                self.task.apply(&accept(&call, answer), account.now);
            }
            Err(error) => match react(&self.task, &call, &error) {
                Reaction::Fail(error) => {
                    self.task.apply(&Decision::Fail(error), account.now);
                }
                Reaction::Advance(what) => {
                    self.task.apply(&Decision::advance(what), account.now);
                }
                Reaction::Again(why) | Reaction::Look(why) | Reaction::Pause(why) => self.task.say(&why),
            },
        }
        self.save(row);
    }
}

/// Two processes take turns; one that loses the lease goes on with what it knew until it writes.
fn drive_by_two(account: &mut Account, task: Task, turns: &[(bool, bool)], fates: &[Fate]) -> Task {
    let mut fates = fates.iter().copied();
    let mut row = Row { saved: task.clone(), epoch: 0 };
    let mut processes = [Process { task: task.clone(), epoch: 0 }, Process { task, epoch: 0 }];
    processes[1].take_over(&mut row, account.now);
    for (second, takes) in turns.iter().copied().chain(std::iter::repeat_n((true, true), 100)) {
        account.pass();
        let process = &mut processes[usize::from(second)];
        if takes && process.epoch != row.epoch {
            process.take_over(&mut row, account.now);
        }
        if !process.task.state.is_final() {
            process.step(account, &mut row, &mut fates);
        }
    }
    row.saved
}

fn task(request: Request) -> Task {
    Task::new(TaskId::new(noon(), 1), request, None, noon())
}

fn create() -> Task {
    let mut request = CloneRequest::new(id("orders-prod"), id("clone-new"), "ana@laptop");
    request.ttl = Some(SignedDuration::from_hours(4));
    task(Request::Create(request))
}

fn rewind(to: Timestamp) -> Task {
    let resource = ResourceId::new("cluster-CLONEA");
    task(Request::Rewind(RewindRequest { cluster: id("clone-a"), resource, to, earliest: false, force: false }))
}

fn mark(at: Option<Timestamp>) -> Task {
    let (cluster, resource) = (id("clone-a"), ResourceId::new("cluster-CLONEA"));
    task(Request::Mark(MarkRequest { cluster, resource, name: "v2".parse().unwrap(), at }))
}

fn stay(stay: Stay) -> Task {
    task(Request::Stay(StayRequest { cluster: id("clone-a"), resource: ResourceId::new("cluster-CLONEA"), stay }))
}

#[test]
fn what_is_not_ours_gets_no_tag() {
    let mut account = Account::new();
    account.clusters[1].tags.clear();
    for refused in [mark(Some(noon())), stay(Stay::Keep(Keep::Forever))] {
        let task = drive(&mut account, refused, &[]);
        assert_eq!(task.error.unwrap().kind, FailureKind::Refused);
    }
    assert_eq!(account.done("AddTagsToResource"), 0);
}

/// The task, its tag before, and what somebody else makes of the tag after the call.
#[rstest::rstest]
#[case::another_moment(mark(Some(noon())), None, Some("2026-11-22T11:00:00Z"))]
#[case::removed(mark(Some(noon())), None, None)]
#[case::set_again(mark(None), Some("2026-11-22T11:00:00Z"), Some("2026-11-22T11:30:00Z"))]
#[case::kept_otherwise(stay(Stay::Keep(Keep::Forever)), None, Some("2031-01-01T00:00:00Z"))]
#[case::protected_again(stay(Stay::Release), Some("forever"), Some("2031-01-01T00:00:00Z"))]
fn a_tag_that_is_changed_after_the_call_ends_the_task(
    #[case] task: Task,
    #[case] before: Option<&str>,
    #[case] after: Option<&str>,
) {
    let key = if matches!(task.request, Request::Mark(_)) { "aurewind:mark/v2" } else { "aurewind:keep" };
    let put = |account: &mut Account, value: Option<&str>| match value {
        Some(value) => account.clusters[1].tags.insert(key.into(), value.into()),
        None => account.clusters[1].tags.remove(key),
    };
    let mut account = Account::new();
    put(&mut account, before);
    let mut process = Process { task, epoch: 0 };
    let mut row = Row { saved: process.task.clone(), epoch: 0 };
    for _ in 0..2 {
        account.pass();
        process.step(&mut account, &mut row, &mut std::iter::empty());
    }
    assert_eq!(process.task.calls_made, 1, "{:?}", process.task);
    put(&mut account, after);
    let soon = decide(&process.task, &account.see(needs(&process.task)), &Rules::default(), account.now);
    assert!(matches!(soon, Decision::Wait(..)), "a listing may lag behind: {soon:?}");
    let task = drive(&mut account, process.task, &[]);
    assert_eq!((task.state, task.calls_made), (TaskState::Failed, 1), "{task:?}");
    let error = task.error.unwrap();
    assert!(error.kind == FailureKind::Conflict && error.message.contains("changed meanwhile"), "{error}");
}

#[test]
fn what_is_extended_after_the_plan_of_a_sweep_is_not_deleted() {
    let mut account = Account::new();
    account.clusters[1]
        .tags
        .insert("aurewind:expires-at".into(), (noon() + SignedDuration::from_hours(999)).to_string());
    let mut swept = delete();
    let Request::Delete(request) = &mut swept.request else { unreachable!() };
    request.expired = true;
    let task = drive(&mut account, swept, &[]);
    assert_eq!(task.error.unwrap().kind, FailureKind::Refused);
    assert_eq!(account.done("DeleteDBInstance") + account.done("DeleteDBCluster"), 0);
}

fn delete() -> Task {
    let resource = ResourceId::new("cluster-CLONEA");
    task(Request::Delete(DeleteRequest { cluster: id("clone-a"), resource, final_snapshot: None, expired: false }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_clone_is_made_once_with_one_instance(fates in fates()) {
        let mut account = Account::new();
        let task = drive(&mut account, create(), &fates);
        prop_assert_eq!(task.state, TaskState::Done, "{:?}", task);
        prop_assert_eq!(account.done("RestoreDBClusterToPointInTime"), 1);
        prop_assert_eq!(account.done("CreateDBInstance"), 1);
        let clone = account.clusters.iter().find(|c| c.id.as_str() == "clone-new").unwrap();
        prop_assert_eq!(clone.tags.get("aurewind:clone").map(String::as_str), Some(clone.resource_id.as_str()));
        let as_asked = matches!(&task.result, Some(TaskResult::Create { differences, .. }) if differences.is_empty());
        prop_assert!(as_asked, "{:?}", task.result);
    }

    #[test]
    fn a_clone_that_is_torn_down_leaves_nothing(fates in fates(), from in 0_usize..25) {
        let mut account = Account::new();
        let task = drive_until(&mut account, create(), &fates, Some((from, Cancel::TearDown)));
        account.pass();
        let left = account.clusters.iter().any(|c| c.id.as_str() == "clone-new");
        match task.state {
            TaskState::Cancelled => {
                prop_assert!(!left, "{:?}", task);
                prop_assert_eq!(account.clusters.len(), 2);
                prop_assert_eq!(account.instances.len(), 3);
            }
            state => prop_assert_eq!((state, left), (TaskState::Done, true), "{:?}", task),
        }
    }

    #[test]
    fn a_task_that_is_left_alone_calls_nothing_more(fates in fates(), from in 0_usize..25) {
        for task in [create(), rewind(noon() - SignedDuration::from_mins(30)), delete()] {
            let mut account = Account::new();
            let task = drive_until(&mut account, task, &fates, Some((from, Cancel::Detach)));
            prop_assert!(task.state.is_final(), "{:?}", task);
            let open = task.steps.iter().any(|s| matches!(s.state, StepState::Waiting | StepState::Running));
            prop_assert!(!open, "{:?}", task);
            prop_assert!(account.done("RestoreDBClusterToPointInTime") <= 1);
            prop_assert!(account.done("BacktrackDBCluster") <= 1);
        }
    }

    #[test]
    fn two_processes_do_what_one_does(
        fates in fates(),
        turns in proptest::collection::vec((any::<bool>(), prop::bool::weighted(0.3)), 0..60),
    ) {
        let mut account = Account::new();
        let task = drive_by_two(&mut account, create(), &turns, &fates);
        prop_assert_eq!(task.state, TaskState::Done, "{:?}", task);
        prop_assert_eq!(account.done("RestoreDBClusterToPointInTime"), 1);
        prop_assert_eq!(account.done("CreateDBInstance"), 1);
        let mut account = Account::new();
        let task = drive_by_two(&mut account, rewind(noon() - SignedDuration::from_mins(30)), &turns, &fates);
        prop_assert_eq!(task.state, TaskState::Done, "{:?}", task);
        prop_assert_eq!(account.done("BacktrackDBCluster"), 1);
        let mut account = Account::new();
        let task = drive_by_two(&mut account, delete(), &turns, &fates);
        prop_assert_eq!(task.state, TaskState::Done, "{:?}", task);
        account.pass();
        prop_assert_eq!(account.clusters.len(), 1);
        prop_assert_eq!(account.done("DeleteDBCluster"), 1);
    }

    #[test]
    fn protection_and_expiry_are_set_and_come_off_whatever_befalls_the_calls(fates in fates()) {
        let mut account = Account::new();
        let tag = |account: &Account, key: &str| account.clusters[1].tags.get(key).cloned();
        let end = noon() + SignedDuration::from_hours(9);
        account.clusters[1].tags.insert("aurewind:expires-at".into(), noon().to_string());
        for stay in [Stay::Keep(Keep::Until(end)), Stay::Release, Stay::Expire(end)] {
            let done = drive(&mut account, self::stay(stay), &fates);
            prop_assert_eq!(done.state, TaskState::Done, "{:?}", done);
            prop_assert_eq!(tag(&account, stay.tag().0), stay.tag().1);
        }
        let kept = account.done("AddTagsToResource");
        prop_assert!((2..=4).contains(&kept), "a lost answer may lead to the same tag once more: {}", kept);
    }

    #[test]
    fn a_mark_is_set_and_taken_off_whatever_befalls_the_calls(fates in fates()) {
        let mut account = Account::new();
        let at = noon() - SignedDuration::from_mins(30);
        let tag = |account: &Account| account.clusters[1].tags.get("aurewind:mark/v2").cloned();
        let set = drive(&mut account, mark(Some(at)), &fates);
        prop_assert_eq!(set.state, TaskState::Done, "{:?}", set);
        prop_assert_eq!(tag(&account), Some(at.to_string()));
        let off = drive(&mut account, mark(None), &fates);
        prop_assert_eq!(off.state, TaskState::Done, "{:?}", off);
        prop_assert_eq!(tag(&account), None);
    }

    #[test]
    fn a_rewind_is_made_once(fates in fates()) {
        let mut account = Account::new();
        let task = drive(&mut account, rewind(noon() - SignedDuration::from_mins(30)), &fates);
        prop_assert_eq!(task.state, TaskState::Done, "{:?}", task);
        prop_assert_eq!(account.done("BacktrackDBCluster"), 1);
        let landed = matches!(task.result, Some(TaskResult::Rewind { delta_seconds, .. }) if delta_seconds.abs() < 1.0);
        prop_assert!(landed);
    }

    #[test]
    fn a_cluster_is_deleted_with_all_of_its_instances_and_nothing_else(fates in fates()) {
        let mut account = Account::new();
        let task = drive(&mut account, delete(), &fates);
        prop_assert_eq!(task.state, TaskState::Done, "{:?}", task);
        account.pass();
        let left: Vec<_> = account.clusters.iter().map(|c| c.id.as_str()).collect();
        prop_assert_eq!(left, ["orders-prod"]);
        prop_assert_eq!(account.instances.len(), 1);
    }
}

#[test]
fn a_cluster_of_another_making_is_a_conflict_not_a_success() {
    let mut account = Account::new();
    let mut task = create();
    // The name is free at the preflight and taken at the call.
    account.pass();
    let seen = account.see(needs(&task));
    let decision = decide(&task, &seen, &Rules::default(), account.now);
    task.apply(&decision, account.now);
    account.clusters.push(cluster("clone-new"));
    let task = drive(&mut account, task, &[]);
    assert_eq!(task.error.unwrap().kind, FailureKind::Conflict);
    assert_eq!(account.done("RestoreDBClusterToPointInTime"), 0);
}

#[test]
fn another_cluster_under_the_same_name_is_never_touched() {
    for task in [rewind(noon() - SignedDuration::from_mins(30)), delete()] {
        let mut account = Account::new();
        account.find(&id("clone-a")).unwrap().resource_id = ResourceId::new("cluster-ANOTHER");
        let task = drive(&mut account, task, &[]);
        assert!(account.done.is_empty(), "{:?}", account.done);
        assert!(matches!(task.state, TaskState::Failed), "{task:?}");
    }
}

#[test]
fn what_the_tags_do_not_prove_is_not_torn_down() {
    let mut account = Account::new();
    let task = drive_until(&mut account, create(), &[], Some((3, Cancel::TearDown)));
    assert_eq!(task.state, TaskState::Cancelled);

    let mut account = Account::new();
    let mut process = Process { task: create(), epoch: 0 };
    let mut row = Row { saved: process.task.clone(), epoch: 0 };
    for _ in 0..2 {
        account.pass();
        process.step(&mut account, &mut row, &mut std::iter::empty());
    }
    account.find(&id("clone-new")).unwrap().tags.remove("aurewind:task");
    let task = drive_until(&mut account, process.task, &[], Some((0, Cancel::TearDown)));
    assert_eq!(task.error.unwrap().kind, FailureKind::Refused);
    assert_eq!(account.clusters.len(), 3, "it is left to a person");

    // Another cluster that took the name is none of its business.
    let mut account = Account::new();
    account.clusters.push(cluster("clone-new"));
    let task = drive_until(&mut account, create(), &[], Some((0, Cancel::TearDown)));
    assert_eq!(task.state, TaskState::Cancelled);
    assert!(account.done.is_empty());
}

#[test]
fn a_rewind_whose_answer_was_lost_is_looked_for_before_it_is_asked_for_again() {
    let account = Account::new();
    let mut task = rewind(noon() - SignedDuration::from_mins(30));
    let seen = account.see(needs(&task));
    task.apply(&decide(&task, &seen, &Rules::default(), noon()), noon());
    let doubt = task.attempt(noon());
    task.heard(Err(&error(ErrorKind::Transient)), doubt, noon());
    let at = |task: &Task, seconds| decide(task, &seen, &Rules::default(), noon() + SignedDuration::from_secs(seconds));
    assert!(matches!(at(&task, 1), Decision::Wait(..)));
    assert!(matches!(at(&task, 61), Decision::Call(_)));
    // That a second try is refused says nothing about the first.
    let doubt = task.attempt(noon());
    task.heard(Err(&error(ErrorKind::Throttled)), doubt, noon());
    assert!(matches!(at(&task, 1), Decision::Wait(..)));
}

#[test]
fn an_outage_begins_with_the_call() {
    let mut account = Account::new();
    let mut task = rewind(noon() - SignedDuration::from_mins(30));
    // An instance that restarts is none of the rewind's doing.
    for (minute, down) in [(0, false), (1, true), (2, true), (3, false)] {
        account.now = noon() + SignedDuration::from_mins(minute);
        account.instances[1].status = if down { ClusterStatus::Modifying } else { ClusterStatus::Available };
        task.notice(&account.see(needs(&task)));
    }
    assert_eq!(task.sightings.outage(), None);
    task.attempt(account.now);
    for (second, status) in [(2, ClusterStatus::Backtracking), (62, ClusterStatus::Available)] {
        account.now = noon() + SignedDuration::from_mins(3) + SignedDuration::from_secs(second);
        account.find(&id("clone-a")).unwrap().status = status;
        task.notice(&account.see(needs(&task)));
    }
    let outage = task.sightings.outage().unwrap();
    assert_eq!((outage.seconds, outage.precision), (60.0, 60.0));
}

#[test]
fn a_rewind_that_somebody_else_asked_for_is_not_taken_for_ours() {
    let mut account = Account::new();
    let mut task = rewind(noon() - SignedDuration::from_mins(30));
    let seen = account.see(needs(&task));
    task.apply(&decide(&task, &seen, &Rules::default(), noon()), noon());
    // Our try was refused; then a colleague rewound the cluster.
    let doubt = task.attempt(noon());
    task.heard(Err(&error(ErrorKind::Expired)), doubt, noon());
    account.rewinds.push(record("theirs", noon() - SignedDuration::from_mins(31), RewindStatus::Completed));
    let seen = account.see(needs(&task));
    assert!(matches!(decide(&task, &seen, &Rules::default(), noon()), Decision::Call(_)));
}

#[test]
fn a_plan_that_has_lain_too_long_is_not_carried_out() {
    let mut account = Account::new();
    let mut task = rewind(noon() - SignedDuration::from_mins(30));
    account.now += SignedDuration::from_hours(2);
    task.resume(account.now);
    let task = drive(&mut account, task, &[]);
    assert_eq!(task.error.unwrap().kind, FailureKind::Refused);
    assert!(account.done.is_empty());
}

#[test]
fn a_clone_that_is_not_listed_at_once_is_waited_for() {
    let mut account = Account::new();
    let mut task = create();
    let seen = account.see(needs(&task));
    task.apply(&decide(&task, &seen, &Rules::default(), noon()), noon());
    account.restore(&task.spec.clone().unwrap()).unwrap();
    task.apply(&Decision::advance("made"), noon());
    let clone = account.clusters.pop().unwrap();
    let seen = account.see(needs(&task));
    task.notice(&seen);
    let at = |seconds| decide(&task, &seen, &Rules::default(), account.now + SignedDuration::from_secs(seconds));
    assert!(matches!(at(60), Decision::Wait(..)));
    assert!(matches!(at(121), Decision::Fail(_)));
    account.clusters.push(clone);
    task.notice(&account.see(needs(&task)));
    assert_eq!(task.absent_since, None);
}

#[test]
fn a_cluster_that_was_renamed_is_not_gone() {
    let mut account = Account::new();
    let mut task = delete();
    let seen = account.see(needs(&task));
    task.apply(&decide(&task, &seen, &Rules::default(), noon()), noon());
    account.find(&id("clone-a")).unwrap().id = id("clone-b");
    let mut seen = account.see(needs(&task));
    seen.clusters.push(account.find(&id("clone-b")).unwrap().clone());
    match decide(&task, &seen, &Rules::default(), noon()) {
        Decision::Fail(error) => assert!(error.message.contains("renamed to `clone-b`"), "{error}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_snapshot_of_somebody_else_is_a_conflict() {
    let mut task = delete();
    let call = Call::DeleteCluster {
        cluster: id("clone-a"),
        resource: ResourceId::new("cluster-CLONEA"),
        final_snapshot: Some(id("last")),
    };
    let doubt = task.attempt(noon());
    task.heard(Err(&error(ErrorKind::Throttled)), doubt, noon());
    let doubt = task.attempt(noon());
    task.heard(Err(&error(ErrorKind::AlreadyExists)), doubt, noon());
    assert!(matches!(react(&task, &call, &error(ErrorKind::AlreadyExists)), Reaction::Fail(_)));
    let doubt = task.attempt(noon());
    task.heard(Err(&error(ErrorKind::Transient)), doubt, noon());
    assert!(matches!(react(&task, &call, &error(ErrorKind::AlreadyExists)), Reaction::Advance(_)));
}

#[test]
fn waiting_for_credentials_is_a_pause_and_not_an_end() {
    let mut task = create();
    for kind in [ErrorKind::Expired, ErrorKind::NoCredentials, ErrorKind::Skewed] {
        let Reaction::Pause(why) = react_to_reading(&error(kind)) else { panic!("{kind:?}") };
        task.pause(&why, noon());
        assert_eq!(task.state, TaskState::Paused);
        assert!(!task.is_at_rest());
    }
    let task = drive(&mut Account::new(), task, &[]);
    assert_eq!(task.state, TaskState::Done);
}

#[test]
fn trouble_that_outlives_the_deadline_says_what_aws_reported_last() {
    let mut task = create();
    task.attempt(noon());
    let late = noon() + SignedDuration::from_hours(2);
    let again = Decision::Wait("throttled; next try in 4s".into(), Pace::Fast);
    assert!(matches!(in_time(&task, again.clone(), noon()), Decision::Wait(..)));
    let Decision::Fail(error) = in_time(&task, again, late) else { panic!() };
    assert!(error.kind == FailureKind::Timeout && error.message.contains("throttled"), "{error}");
}

#[test]
fn production_is_refused_before_any_call() {
    let mut account = Account::new();
    let resource = account.clusters[0].resource_id.clone();
    let request = DeleteRequest { cluster: id("orders-prod"), resource, final_snapshot: None, expired: false };
    let mut task = task(Request::Delete(request));
    task.typed = Some(id("orders-prod"));
    let task = drive(&mut account, task, &[]);
    assert_eq!(task.error.unwrap().kind, FailureKind::Refused);
    assert!(account.done.is_empty());
}

#[test]
fn a_failed_rewind_fails_the_task() {
    let mut account = Account::new();
    let mut task = rewind(noon() - SignedDuration::from_mins(30));
    task.backtrack_id = Some("old".into());
    for step in &mut task.steps[..2] {
        step.state = StepState::Done;
    }
    account.rewinds[0].status = RewindStatus::Failed;
    let seen = account.see(needs(&task));
    let decision = decide(&task, &seen, &Rules::default(), noon());
    assert!(matches!(decision, Decision::Fail(error) if error.kind == FailureKind::Aws));
}

#[test]
fn a_broken_clone_ends_the_task_and_an_unknown_status_is_waited_on() {
    let mut account = Account::new();
    let mut task = create();
    let seen = account.see(needs(&task));
    let decision = decide(&task, &seen, &Rules::default(), noon());
    task.apply(&decision, noon());
    let spec = task.spec.clone().unwrap();
    account.restore(&spec).unwrap();
    task.apply(&Decision::advance("made"), noon());
    for (status, fails) in [("cloning-failed", true), ("a-word-of-2031", false)] {
        account.find(&id("clone-new")).unwrap().status = ClusterStatus::from_wire(status);
        let seen = account.see(needs(&task));
        match decide(&task, &seen, &Rules::default(), noon()) {
            Decision::Fail(error) => assert!(fails && error.message.contains(status)),
            Decision::Wait(detail, _) => assert!(!fails && detail.contains(status)),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_step_that_outlives_its_deadline_says_what_was_last_seen_and_can_be_resumed() {
    let mut account = Account::new();
    let mut task = create();
    let seen = account.see(needs(&task));
    task.apply(&decide(&task, &seen, &Rules::default(), noon()), noon());
    account.restore(&task.spec.clone().unwrap()).unwrap();
    task.calls_made = 1;
    task.apply(&Decision::advance("made"), noon());
    let seen = account.see(needs(&task));
    task.apply(&decide(&task, &seen, &Rules::default(), noon()), noon());
    let late = noon() + SignedDuration::from_hours(3);
    task.apply(&decide(&task, &seen, &Rules::default(), late), late);
    assert_eq!(task.state, TaskState::Paused);
    assert!(task.error.as_ref().unwrap().message.contains("`creating`"));
    task.resume(late);
    let later = late + SignedDuration::from_mins(1);
    assert!(matches!(decide(&task, &seen, &Rules::default(), later), Decision::Wait(..)));
}
