//! Tasks as stretches of a cluster's timeline.

use crate::aurora::cluster::Cluster;
use crate::engine::{Request, Task};
use crate::tui::widgets::timeline::TaskSpan;

/// What `tasks` did with `cluster`, or from it: a clone is seen on its source's timeline as well.
pub(super) fn spans(tasks: &[Task], cluster: &Cluster) -> Vec<TaskSpan> {
    let span = |task: &Task| {
        let label = label(task, cluster)?;
        Some(TaskSpan { from: task.created_at, to: task.ended_at, label, state: task.state })
    };
    tasks.iter().filter_map(span).collect()
}

/// What the task is to `cluster`; nothing if it has nothing to do with it. Identifiers are used again, so the resource
/// id decides wherever it is known.
fn label(task: &Task, cluster: &Cluster) -> Option<String> {
    let is = |resource: Option<&_>, id: &_| resource.map_or(*id == cluster.id, |known| *known == cluster.resource_id);
    match &task.request {
        Request::Create(request) if is(request.source_resource.as_ref(), &request.source) => {
            let kind = if request.full_copy_at.is_some() { "full copy" } else { "clone" };
            Some(format!("{kind} {}", request.name))
        }
        request if is(task.resource.as_ref(), request.target()) => Some(request.kind().into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::TaskState;
    use crate::tui::tests::fixture::{ago, clone_request, cluster, delete_request, resource, rewind_request, task};

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
}
