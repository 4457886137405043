//! Tasks as stretches of a cluster's timeline, and what test runs leave on it.

use jiff::Timestamp;

use crate::aurora::cluster::Cluster;
use crate::aurora::discard::Work;
use crate::aurora::mark::{Kept, Mark, MarkName};
use crate::engine::{Request, StageKind, Step, StepState, Task, TaskState};
use crate::tui::widgets::timeline::TaskSpan;

/// What `tasks` did with `cluster`, or from it: a clone is seen on its source's timeline as well. Of a test run the clone
/// shows each step that worked on it.
pub(super) fn spans(tasks: &[Task], cluster: &Cluster) -> Vec<TaskSpan> {
    let mut spans = Vec::new();
    for task in tasks {
        if runs_on(task, cluster) {
            spans.extend(stages(task).map(|(step, from)| TaskSpan {
                from,
                to: step.ended_at,
                label: step.title().to_owned(),
                state: state_of(step),
            }));
        } else if let Some(label) = label(task, cluster) {
            spans.push(TaskSpan { from: task.created_at, to: task.ended_at, label, state: task.state });
        }
    }
    spans
}

/// What test runs did on `cluster`, for the plan of a rewind that would undo it.
pub(super) fn work(tasks: &[Task], cluster: &Cluster) -> Vec<Work> {
    let work = |(step, from): (&Step, _)| {
        let kind = match step.kind {
            Some(StageKind::Release) => "the release",
            Some(StageKind::Test) => "the test",
            _ => "the step",
        };
        Work { what: format!("{kind} `{}`", step.title()), from, to: step.ended_at }
    };
    tasks.iter().filter(|task| runs_on(task, cluster)).flat_map(stages).map(work).collect()
}

/// `marks` with those that test runs have set on `cluster`; a mark that somebody has set goes before one of the same name.
pub(super) fn with_marks_of_runs(mut marks: Vec<Mark>, tasks: &[Task], cluster: &Cluster) -> Vec<Mark> {
    for (name, at) in tasks.iter().filter(|task| runs_on(task, cluster)).flat_map(|task| &task.test.marks) {
        // A recipe may call its marks what no tag can; Backtrack knows whole seconds only.
        let (Ok(name), Ok(at)) = (MarkName::try_from(name.as_str()), Timestamp::from_second(at.as_second())) else {
            continue;
        };
        if marks.iter().all(|mark| mark.name != name) {
            marks.push(Mark { name, at, kept: Kept::Run });
        }
    }
    marks.sort_by(|a, b| (a.at, &a.name).cmp(&(b.at, &b.name)));
    marks
}

/// Whether `task` is a test run and `cluster` its clone.
fn runs_on(task: &Task, cluster: &Cluster) -> bool {
    let Request::Test(request) = &task.request else { return false };
    task.test.resource.as_ref().map_or(request.clone == cluster.id, |known| *known == cluster.resource_id)
}

/// The steps of a recipe that have begun to work on the clone, with their beginning.
fn stages(task: &Task) -> impl Iterator<Item = (&Step, Timestamp)> {
    let works = |step: &&Step| step.kind.is_some_and(|kind| kind != StageKind::Other);
    task.steps.iter().filter(works).filter_map(|step| Some((step, step.started_at?)))
}

fn state_of(step: &Step) -> TaskState {
    match step.state {
        StepState::Waiting => TaskState::Queued,
        StepState::Running => TaskState::Running,
        StepState::Done => TaskState::Done,
        StepState::Failed => TaskState::Failed,
        StepState::Skipped => TaskState::Cancelled,
    }
}

/// What the task is to `cluster`; nothing if it has nothing to do with it. Identifiers are used again, so the resource
/// id decides wherever it is known.
fn label(task: &Task, cluster: &Cluster) -> Option<String> {
    let is = |resource: Option<&_>, id: &_| resource.map_or(*id == cluster.id, |known| *known == cluster.resource_id);
    match &task.request {
        Request::Create(request) if is(request.source_resource.as_ref(), &request.source) => {
            let kind = if request.full_copy_at.is_some() { "full copy" } else { "clone" };
            // That of a test run is seen as the run.
            task.parent.is_none().then(|| format!("{kind} {}", request.name))
        }
        Request::Test(request) if request.source.as_ref() == Some(&cluster.id) => {
            Some(format!("test {}", request.recipe))
        }
        request if is(task.resource.as_ref(), request.target()) => Some(request.kind().into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::tests::fixture::{ago, clone_request, cluster, delete_request, resource, rewind_request, task};
    use crate::tui::tests::runs::run;

    #[test]
    fn a_task_is_seen_where_it_works_and_where_it_copies_from() {
        let mut made = task(1, clone_request("orders", "clone-a"), TaskState::Done);
        made.resource = Some(resource("clone-a"));
        let tasks = [
            made,
            task(2, rewind_request("clone-a", ago("1h")), TaskState::Running),
            task(3, delete_request("other"), TaskState::Done),
        ];
        let labels = |id: &str| -> Vec<String> {
            spans(&tasks, &cluster(id, "2d")).into_iter().map(|span| span.label).collect()
        };
        assert_eq!(labels("orders"), ["clone clone-a"]);
        assert_eq!(labels("clone-a"), ["create", "rewind"]);
        assert!(labels("users").is_empty());
    }

    #[test]
    fn a_namesake_is_not_taken_for_the_cluster() {
        let mut deleted = cluster("clone-a", "2d");
        deleted.resource_id = resource("another");
        assert!(spans(&[task(1, rewind_request("clone-a", ago("1h")), TaskState::Done)], &deleted).is_empty());
    }

    #[test]
    fn a_test_run_is_one_stretch_on_its_source_and_its_steps_on_its_clone() {
        let tasks = [run()];
        let of = |id: &str| {
            let labels = spans(&tasks, &cluster(id, "2d")).into_iter().map(|span| (span.label, span.state));
            labels.collect::<Vec<_>>()
        };
        assert_eq!(of("orders-prod"), [("test shop".to_owned(), TaskState::Running)]);
        let want = [("mask", TaskState::Done), ("0042-release", TaskState::Done), ("checkout", TaskState::Running)];
        assert_eq!(of("test-shop-x7k2"), want.map(|(label, state)| (label.to_owned(), state)));
        let work = work(&tasks, &cluster("test-shop-x7k2", "2d"));
        let what: Vec<_> = work.iter().map(|work| work.what.as_str()).collect();
        assert_eq!(what, ["the step `mask`", "the release `0042-release`", "the test `checkout`"]);
    }

    #[test]
    fn marks_of_a_run_are_seen_unless_somebody_has_set_one_of_that_name() {
        let (tasks, clone) = ([run()], cluster("test-shop-x7k2", "2d"));
        let own = Mark { name: "fresh".parse().unwrap(), at: ago("1h"), kept: Kept::Tag };
        let marks = with_marks_of_runs(vec![own.clone()], &tasks, &clone);
        let seen: Vec<_> = marks.iter().map(|mark| (mark.name.as_str(), mark.kept)).collect();
        assert_eq!(seen, [("fresh", Kept::Tag), ("before-release", Kept::Run)]);
        assert_eq!(with_marks_of_runs(vec![own], &tasks, &cluster("other", "2d")).len(), 1);
    }
}
