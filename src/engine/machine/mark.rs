//! Mark: preflight → mark. Only marks that are tags are tasks; those in the journal change nothing in AWS.

use jiff::Timestamp;

use super::{Call, Decision, Rules, desk, preflight, tag};
use crate::aurora::cluster::Cluster;
use crate::aurora::mark::Kept;
use crate::aurora::plan;
use crate::aurora::request::MarkRequest;
use crate::engine::seen::Seen;
use crate::engine::task::{FailureKind, StepName, Task, TaskResult};

pub(super) fn decide(
    task: &Task,
    request: &MarkRequest,
    cluster: &Cluster,
    step: StepName,
    seen: &Seen,
    rules: &Rules,
    now: Timestamp,
) -> Decision {
    let wanted = request.at.map(|at| at.to_string());
    let found = cluster.tags.get(&request.name.tag_key());
    if found == wanted.as_ref() {
        if step == StepName::Preflight {
            return Decision::advance("it is so already");
        }
        let detail = if request.at.is_some() { "the tag is there" } else { "the tag is gone" };
        let result = TaskResult::Mark { name: request.name.clone(), at: request.at };
        return Decision::Finish(detail.into(), result);
    }
    match step {
        StepName::Preflight => {
            let fleet = seen.fleet();
            let (plan, kept) = plan::mark(request, &[], desk(&fleet, rules, now));
            if kept == Kept::Journal && !plan.blocked() {
                let message = format!("`{}` cannot have a tag for the mark any more", cluster.id);
                return Decision::fail(FailureKind::Refused, message);
            }
            preflight(&plan)
        }
        StepName::Mark => tag::answered(task, found.map(String::as_str), rules, now).unwrap_or_else(|| {
            Decision::Call(Call::Mark {
                cluster: cluster.id.clone(),
                arn: cluster.arn.clone(),
                name: request.name.clone(),
                at: request.at,
            })
        }),
        other => Decision::fail(FailureKind::Conflict, format!("a mark has no step {other}")),
    }
}
