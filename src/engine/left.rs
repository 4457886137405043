//! Tasks that a person leaves: what AWS does without them, and how they are taken up again.

use jiff::Timestamp;

use super::Engine;
use super::lease::Cancel;
use super::stacks::StackRequest;
use super::store::StoreError;
use super::task::{Request, StepName, StepState, Task, TaskResult, TaskState};

/// Tasks of the past that runs with a kept stack are looked for among.
const KEPT_AMONG: usize = 2000;

impl Engine {
    /// The runs whose stack was kept with their clone until a time that is past.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn kept_too_long(&self) -> Result<Vec<Task>, StoreError> {
        let now = (self.inner.clock)();
        let mut tasks = self.past(None, KEPT_AMONG)?;
        tasks.retain(|task| task.keeps_stack() && task.test.kept_until.is_none_or(|until| until <= now));
        Ok(tasks)
    }
}

impl Task {
    /// Whether a person has stopped watching it before it was over.
    pub fn is_detached(&self) -> bool {
        self.state == TaskState::Cancelled && self.cancel == Some(Cancel::Detach)
    }

    /// Whether it is a run that is over but for its stack, which stays as long as the clone in it is kept. No sweep finds
    /// that: it goes when the run is taken up again.
    pub fn keeps_stack(&self) -> bool {
        let kept = matches!(&self.result, Some(TaskResult::Test { kept_until: Some(_), .. }));
        kept && self.state.is_final() && self.test.environment.is_some()
    }

    /// Whether it can be taken up again although it is over.
    pub fn can_go_on(&self) -> bool {
        self.is_detached() || self.keeps_stack()
    }

    /// Takes up again what was detached, or was over but for its stack: the steps that were given up then are still to be
    /// taken.
    pub(super) fn reattach(&mut self, now: Timestamp) {
        // Only what is torn down deletes instances that it has made.
        let first = self.request.tear_down().first();
        let tear_down = self.steps.iter().position(|step| Some(&step.name) == first);
        // What was given up is at the end; a step that was skipped before it for a reason is skipped again.
        let given_up = self.steps.iter().rposition(|step| step.state != StepState::Skipped).map_or(0, |last| last + 1);
        for step in self.steps.iter_mut().skip(tear_down.unwrap_or_default().max(given_up)) {
            step.state = StepState::Waiting;
            step.started_at = None;
            step.ended_at = None;
            step.detail.clear();
        }
        self.cancel = tear_down.map(|_| Cancel::TearDown);
        self.ended_at = None;
        self.resume(now);
    }
}

/// What becomes of a task while nobody drives it: what AWS does all the same, and what is not done until somebody takes it
/// up again.
pub fn left_undone(task: &Task) -> String {
    if let Request::Stack(request) = &task.request {
        return left_of_stack(task, request);
    }
    let name = task.request.target();
    let Some(step) = task.current() else { return "nothing is left to do".into() };
    let instance = task.spec.as_ref().and_then(|spec| spec.instance.as_ref()).map(|instance| &instance.id);
    let making = |cluster: &str| match instance {
        Some(instance) => format!("{cluster}; its instance `{instance}` will not be created"),
        None => format!("{cluster}; its tags will not name its resource id"),
    };
    match (step.name, step.attempts > 0) {
        (StepName::Preflight, _)
        | (StepName::Restore | StepName::Backtrack | StepName::Mark | StepName::Stay | StepName::Secure, false) => {
            "nothing was asked of AWS yet; it will not be".into()
        }
        (StepName::Restore, true) | (StepName::Cluster, _) => making(&format!("AWS goes on making `{name}`")),
        (StepName::Instance, false) => making(&format!("`{name}` is there")),
        (StepName::Instance, true) => "AWS goes on making the instance; the tags will not name the resource id".into(),
        (StepName::Tags, _) => format!("`{name}` is there; its tags will not name its resource id"),
        (StepName::Verify, _) => format!("`{name}` is there; it will not be compared with what was asked for"),
        (StepName::Secure, true) => "AWS was asked for the change; whether it is in force will not be seen".into(),
        (StepName::Wait, _) if matches!(task.request, Request::Secure(_)) => {
            "AWS goes on with the change; whether it is in force will not be seen".into()
        }
        (StepName::Backtrack, true) | (StepName::Wait, _) => {
            "AWS goes on with the rewind; where it lands will not be read".into()
        }
        (StepName::Mark | StepName::Stay, true) => {
            "AWS was asked for the tag; whether it is there will not be seen".into()
        }
        (StepName::Landed, _) => "the rewind is over; where it landed will not be read".into(),
        (StepName::Instances, _) | (StepName::Remove, false) => {
            format!("`{name}` will not be deleted and goes on costing, with the instances that are left")
        }
        (
            StepName::Environment
            | StepName::Clone
            | StepName::Ready
            | StepName::Stage
            | StepName::Always
            | StepName::Teardown,
            _,
        ) => format!("`{name}` stays and goes on costing until it is torn down or expires"),
        (StepName::Remove, true) | (StepName::Gone, _) => {
            format!("AWS goes on deleting `{name}`; whether it is gone will not be seen")
        }
    }
}

fn left_of_stack(task: &Task, request: &StackRequest) -> String {
    let name = &request.name;
    let Some(step) = task.current() else { return "nothing is left to do".into() };
    match (step.name, step.attempts > 0) {
        (StepName::Preflight | StepName::Environment, false) if request.builds() => {
            "nothing was asked of AWS yet; it will not be".into()
        }
        (StepName::Remove, true) | (StepName::Gone, _) => {
            format!("AWS goes on deleting the stack `{name}`; whether it is gone will not be seen")
        }
        (StepName::Environment | StepName::Wait, _) => {
            format!("AWS goes on making the stack `{name}`, which stays and goes on costing until it is deleted")
        }
        _ => format!("the stack `{name}` will not be deleted and goes on costing"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::ids::ResourceId;
    use crate::aurora::request::{CloneRequest, RewindRequest};
    use crate::engine::task::TaskId;

    fn noon() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn create() -> Task {
        let request = CloneRequest::new("orders".parse().unwrap(), "clone-a".parse().unwrap(), "ana@laptop");
        Task::new(TaskId::new(noon(), 0), Request::Create(request), None, noon())
    }

    fn rewind() -> Task {
        let (cluster, resource) = ("clone-a".parse().unwrap(), ResourceId::new("cluster-A"));
        let request = RewindRequest { cluster, resource, to: noon(), earliest: false, force: false };
        Task::new(TaskId::new(noon(), 0), Request::Rewind(request), None, noon())
    }

    fn at(mut task: Task, step: StepName, attempts: u32) -> Task {
        for taken in task.steps.iter_mut().take_while(|taken| taken.name != step) {
            taken.state = StepState::Done;
        }
        let current = task.steps.iter_mut().find(|taken| taken.name == step).unwrap();
        current.state = StepState::Running;
        current.attempts = attempts;
        task.calls_made = attempts;
        task.state = TaskState::Running;
        task
    }

    fn states(task: &Task) -> Vec<StepState> {
        task.steps.iter().map(|step| step.state).collect()
    }

    #[rstest::rstest]
    #[case(at(create(), StepName::Preflight, 0), "nothing was asked of AWS yet")]
    #[case(at(create(), StepName::Restore, 1), "AWS goes on making `clone-a`")]
    #[case(at(create(), StepName::Instance, 0), "`clone-a` is there")]
    #[case(at(create(), StepName::Instance, 1), "AWS goes on making the instance")]
    #[case(at(create(), StepName::Verify, 0), "will not be compared")]
    #[case(at(rewind(), StepName::Backtrack, 0), "nothing was asked of AWS yet")]
    #[case(at(rewind(), StepName::Wait, 0), "AWS goes on with the rewind")]
    fn what_is_left_undone_is_said(#[case] task: Task, #[case] want: &str) {
        assert!(left_undone(&task).contains(want), "{}", left_undone(&task));
    }

    #[test]
    fn a_detached_task_goes_on_where_it_was_given_up() {
        let mut task = at(create(), StepName::Instance, 1);
        assert!(task.cancel(Cancel::Detach, noon()) && task.is_detached());
        task.reattach(noon());
        assert!(!task.is_detached() && task.state == TaskState::Running && task.ended_at.is_none());
        assert_eq!(task.current().unwrap().name, StepName::Instance);
        assert_eq!(task.current().unwrap().attempts, 1, "what was tried stays known");
        assert!(states(&task)[..3].iter().all(|state| *state == StepState::Done));
    }

    #[test]
    fn one_detached_before_its_first_call_begins_anew() {
        let mut task = at(rewind(), StepName::Backtrack, 0);
        task.cancel(Cancel::Detach, noon());
        task.reattach(noon());
        assert_eq!(states(&task), [StepState::Waiting; 4], "the plan may not hold any more");
    }

    #[test]
    fn a_detached_tear_down_goes_on_tearing_down_and_makes_nothing() {
        let mut task = at(create(), StepName::Instance, 1);
        task.cancel(Cancel::TearDown, noon());
        task.cancel(Cancel::Detach, noon());
        task.reattach(noon());
        assert_eq!(task.cancel, Some(Cancel::TearDown));
        assert_eq!(task.current().unwrap().name, StepName::Instances);
        assert_eq!(states(&task)[6..], [StepState::Waiting; 3]);
    }
}
