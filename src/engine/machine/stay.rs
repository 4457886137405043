//! Keep and extend: preflight → stay.

use jiff::Timestamp;

use super::{Call, Decision, Rules, desk, preflight, tag};
use crate::aurora::cluster::Cluster;
use crate::aurora::plan;
use crate::aurora::stay::StayRequest;
use crate::engine::seen::Seen;
use crate::engine::task::{FailureKind, StepName, Task, TaskResult};

pub(super) fn decide(
    task: &Task,
    request: &StayRequest,
    cluster: &Cluster,
    step: StepName,
    seen: &Seen,
    rules: &Rules,
    now: Timestamp,
) -> Decision {
    let stay = request.stay;
    if stay.holds(cluster) {
        if step == StepName::Preflight {
            return Decision::advance("it is so already");
        }
        let detail = if stay.tag().1.is_some() { "the tag is there" } else { "the tag is gone" };
        return Decision::Finish(detail.into(), TaskResult::Stay { stay });
    }
    match step {
        StepName::Preflight => {
            let fleet = seen.fleet();
            let plan = plan::stay(request, desk(&fleet, rules, now));
            preflight(&plan)
        }
        StepName::Stay => {
            let found = cluster.tags.get(stay.tag().0).map(String::as_str);
            tag::answered(task, found, rules, now).unwrap_or_else(|| {
                Decision::Call(Call::Stay { cluster: cluster.id.clone(), arn: cluster.arn.clone(), stay })
            })
        }
        other => Decision::fail(FailureKind::Conflict, format!("a {} has no step {other}", stay.kind())),
    }
}
