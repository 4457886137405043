//! A task: a durable operation that is driven to its end, step by step.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::lease::Cancel;
use super::outage::Sightings;
pub use super::result::{FailureKind, TaskError, TaskResult};
use super::stacks::{StackAim, StackRequest};
pub use super::step::{Step, StepName, StepState};
pub use super::task_id::{InvalidTaskId, TaskId};
use super::test_run::{TestFacts, TestRequest};
use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aurora::plan::Adoption;
use crate::aurora::request::{CloneRequest, CloneSpec, DeleteRequest, MarkRequest, RewindRequest};
use crate::aurora::secure::SecureRequest;
use crate::aurora::stay::{Stay, StayRequest};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Request {
    /// A clone or a full copy.
    Create(CloneRequest),
    /// A rewind.
    Rewind(RewindRequest),
    /// A deletion.
    Delete(DeleteRequest),
    /// A mark that is, or was, a tag.
    Mark(MarkRequest),
    /// How long a clone stays.
    Stay(StayRequest),
    /// Who may log in to a clone.
    Secure(SecureRequest),
    /// A run of a test recipe.
    Test(Box<TestRequest>),
    /// The stack of a test run.
    Stack(Box<StackRequest>),
}

impl Request {
    /// The kind of a rewind.
    pub const REWIND: &'static str = "rewind";

    /// `create`, `rewind`, `delete`, `mark`, `keep`, `extend`, `secure`, `test`, `environment` or `unbuild`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Rewind(_) => Self::REWIND,
            Self::Delete(_) => "delete",
            Self::Mark(_) => "mark",
            Self::Stay(request) => request.stay.kind(),
            Self::Secure(_) => "secure",
            Self::Test(_) => "test",
            Self::Stack(request) if request.builds() => StackRequest::BUILD,
            Self::Stack(_) => StackRequest::UNBUILD,
        }
    }

    /// The cluster that is made or changed; of a test run and its stack the clone.
    pub fn target(&self) -> &ClusterId {
        match self {
            Self::Create(request) => &request.name,
            Self::Rewind(request) => &request.cluster,
            Self::Delete(request) => &request.cluster,
            Self::Mark(request) => &request.cluster,
            Self::Stay(request) => &request.cluster,
            Self::Secure(request) => &request.cluster,
            Self::Test(request) => &request.clone,
            Self::Stack(request) => &request.clone,
        }
    }

    /// The resource id that the request is bound to, if its target exists already.
    pub fn resource(&self) -> Option<&ResourceId> {
        match self {
            Self::Create(_) | Self::Test(_) | Self::Stack(_) => None,
            Self::Rewind(request) => Some(&request.resource),
            Self::Delete(request) => Some(&request.resource),
            Self::Mark(request) => Some(&request.resource),
            Self::Stay(request) => Some(&request.resource),
            Self::Secure(request) => Some(&request.resource),
        }
    }

    /// The steps towards it, in order.
    pub fn steps(&self) -> Vec<Step> {
        let names: &[StepName] = match self {
            Self::Create(_) => &StepName::CREATE,
            Self::Rewind(_) => &StepName::REWIND,
            Self::Delete(_) => &StepName::DELETE,
            Self::Mark(_) => &StepName::MARK,
            Self::Stay(_) => &StepName::STAY,
            Self::Secure(_) => &StepName::SECURE,
            Self::Test(request) => return Step::of_test(request),
            Self::Stack(request) if request.builds() => &StepName::BUILD,
            Self::Stack(_) => &StepName::UNBUILD,
        };
        names.iter().map(|name| Step::new(*name)).collect()
    }

    /// The steps that delete what it has made; none where it makes nothing.
    pub(super) fn tear_down(&self) -> &'static [StepName] {
        match self {
            Self::Create(_) => &StepName::TEAR_DOWN,
            Self::Stack(request) if request.builds() => &StepName::TEAR_DOWN_STACK,
            _ => &[],
        }
    }

    /// Whether it makes something that can be torn down.
    pub(super) fn makes(&self) -> bool {
        !self.tear_down().is_empty()
    }
}

/// State of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskState {
    /// Not begun.
    Queued,
    /// Being driven.
    Running,
    /// Waiting for somebody: credentials, or a process that drives it.
    Paused,
    /// Done.
    Done,
    /// Ended without success.
    Failed,
    /// Given up by a person.
    Cancelled,
}

impl TaskState {
    /// The word in JSON and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will happen to it.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// Where a task belongs: it is only carried on there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Scope {
    /// Profile, if one was named.
    pub profile: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Endpoint, if not AWS's own.
    pub endpoint: Option<String>,
    /// Account, if anything has named it.
    #[serde(default)]
    pub account: Option<String>,
}

impl Scope {
    /// Whether what belongs here belongs there. Where one of the accounts is not known the profiles have to be the same.
    pub fn is(&self, other: &Self) -> bool {
        let account = match (&self.account, &other.account) {
            (Some(mine), Some(theirs)) => mine == theirs,
            _ => self.profile == other.profile,
        };
        account && self.region == other.region && self.endpoint == other.endpoint
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = self.account.as_deref().unwrap_or("an unknown account");
        let place = self.endpoint.as_deref().or(self.region.as_deref()).unwrap_or("an unknown region");
        write!(f, "{account} at {place}")
    }
}

/// What a task works on, as far as it decides how long things take.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Make {
    /// Engine, as on the wire.
    pub engine: String,
    /// Instance class; none for a cluster without instances.
    pub class: Option<String>,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What is asked for.
    pub request: Request,
    /// What is sent for a clone, fixed by the preflight.
    pub spec: Option<CloneSpec>,
    /// The identifier that a person typed, where the policy asks for it.
    pub typed: Option<ClusterId>,
    /// Resource id of the cluster that is made or changed, once known.
    pub resource: Option<ResourceId>,
    /// `BacktrackIdentifier` of the rewind, once known.
    pub backtrack_id: Option<String>,
    /// The rewinds that were there before ours: what is not among them after a lost answer may be ours.
    pub known_rewinds: Vec<String>,
    /// The account and region that it is for.
    pub scope: Scope,
    /// Changing calls that AWS has accepted.
    pub calls_made: u32,
    /// When it was last taken up again: a step's deadline counts from there.
    pub resumed_at: Option<Timestamp>,
    /// When a call went out, or broke off, of which it is not known whether AWS has done the work.
    #[serde(default)]
    pub unanswered: Option<Timestamp>,
    /// When AWS last accepted a changing call of the current step.
    #[serde(default)]
    pub answered_at: Option<Timestamp>,
    /// Since when its cluster is not listed any more, or not yet.
    #[serde(default)]
    pub absent_since: Option<Timestamp>,
    /// When it is tried again, after something has failed.
    #[serde(default)]
    pub retry_at: Option<Timestamp>,
    /// How a person ended it.
    #[serde(default)]
    pub cancel: Option<Cancel>,
    /// What a test run has come to.
    #[serde(default)]
    pub test: TestFacts,
    /// The test run that it is a part of.
    #[serde(default)]
    pub parent: Option<TaskId>,
    /// Id of the stack that it makes or deletes, once known.
    #[serde(default)]
    pub stack: Option<String>,
    /// Why what it has made is deleted again: the task fails with this once nothing is left.
    #[serde(default)]
    pub doomed: Option<TaskError>,
    /// What it works on, once known.
    #[serde(default)]
    pub make: Option<Make>,
    /// When the cluster of a rewind was seen to be up and down.
    #[serde(default)]
    pub sightings: Sightings,
    /// Its state.
    pub state: TaskState,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What came of it.
    pub result: Option<TaskResult>,
    /// Why it failed.
    pub error: Option<TaskError>,
}

impl Task {
    /// A new task.
    pub fn new(id: TaskId, request: Request, typed: Option<ClusterId>, now: Timestamp) -> Self {
        let steps = request.steps();
        let resource = request.resource().cloned();
        let stack = match &request {
            Request::Stack(stack) => match &stack.aim {
                StackAim::Build { .. } => None,
                StackAim::Unbuild { id, .. } => Some(id.clone()),
            },
            _ => None,
        };
        Self {
            id,
            request,
            spec: None,
            typed,
            resource,
            backtrack_id: None,
            known_rewinds: Vec::new(),
            scope: Scope::default(),
            calls_made: 0,
            resumed_at: None,
            unanswered: None,
            answered_at: None,
            absent_since: None,
            retry_at: None,
            cancel: None,
            test: TestFacts::default(),
            parent: None,
            stack,
            doomed: None,
            make: None,
            sightings: Sightings::default(),
            state: TaskState::Queued,
            steps,
            created_at: now,
            ended_at: None,
            result: None,
            error: None,
        }
    }

    /// The rest of a create whose first half is known from tags alone.
    pub fn adopted(id: TaskId, adoption: Adoption, resource: ResourceId, now: Timestamp) -> Self {
        let mut task = Self::new(id, Request::Create(adoption.request), None, now);
        let engine = adoption.spec.instance.as_ref().map(|instance| instance.engine.clone());
        let class = adoption.spec.instance.as_ref().map(|instance| instance.class.clone());
        task.make = engine.map(|engine| Make { engine, class });
        task.spec = Some(adoption.spec);
        task.resource = Some(resource);
        // What it takes to the end says nothing about a whole create.
        task.resumed_at = Some(now);
        for step in task.steps.iter_mut().filter(|step| matches!(step.name, StepName::Preflight | StepName::Restore)) {
            step.state = StepState::Skipped;
            "adopted".clone_into(&mut step.detail);
        }
        task
    }

    /// The step that is being taken, or comes next; none once all are over.
    pub fn current(&self) -> Option<&Step> {
        self.steps.iter().find(|step| matches!(step.state, StepState::Waiting | StepState::Running))
    }

    /// Whether nothing more will happen unless a person does something.
    pub fn is_at_rest(&self) -> bool {
        self.state.is_final() || (self.state == TaskState::Paused && self.error.is_some())
    }

    /// The task in a few words: `clone orders-prod as clone-orders-x7k2`.
    pub fn title(&self) -> String {
        match &self.request {
            Request::Create(r) if r.full_copy_at.is_some() => format!("copy {} as {}", r.source, r.name),
            Request::Create(r) => format!("clone {} as {}", r.source, r.name),
            Request::Rewind(r) if r.earliest => format!("rewind {} to the earliest moment", r.cluster),
            Request::Rewind(r) => format!("rewind {} to {}", r.cluster, r.to),
            Request::Delete(r) if r.expired => format!("delete {}, which has expired", r.cluster),
            Request::Delete(r) => format!("delete {}", r.cluster),
            Request::Mark(r) if r.at.is_some() => format!("mark {} as {}", r.cluster, r.name),
            Request::Mark(r) => format!("take the mark {} off {}", r.name, r.cluster),
            Request::Secure(r) => format!("secure {}", r.cluster),
            Request::Test(r) => format!("test {} on {}", r.recipe, r.clone),
            Request::Stack(r) if r.builds() => format!("make the stack {} for {}", r.name, r.clone),
            Request::Stack(r) => format!("delete the stack {} of {}", r.name, r.clone),
            Request::Stay(r) => match r.stay {
                Stay::Keep(keep) => format!("keep {} {}", r.cluster, keep.in_words()),
                Stay::Release => format!("keep {} no longer", r.cluster),
                Stay::Expire(at) => format!("extend {} until {at}", r.cluster),
            },
        }
    }

    /// How long it took, or has taken until `now`.
    pub fn elapsed(&self, now: Timestamp) -> SignedDuration {
        self.ended_at.unwrap_or(now).duration_since(self.created_at)
    }
}
