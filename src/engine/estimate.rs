//! How long a task will probably take: what earlier ones of its kind took.

use jiff::SignedDuration;

use super::task::{Make, Task, TaskState};

/// What earlier tasks of the same kind took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Half of them took no longer.
    pub median: SignedDuration,
    /// Nine of ten took no longer.
    pub p90: SignedDuration,
    /// How many there are.
    pub samples: usize,
}

/// How long a task will go on, by what earlier ones took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remaining {
    /// Half of them were over after this time, nine of ten after that.
    Usual(SignedDuration, SignedDuration),
    /// Half of them were over by now, nine of ten after this time.
    Soon(SignedDuration),
    /// Nine of ten were over by now.
    Over,
}

impl Estimate {
    /// What is left for a task that has run for `elapsed`.
    pub fn remaining(&self, elapsed: SignedDuration) -> Remaining {
        if elapsed > self.p90 {
            Remaining::Over
        } else if elapsed >= self.median {
            Remaining::Soon(self.p90 - elapsed)
        } else {
            Remaining::Usual(self.median - elapsed, self.p90 - elapsed)
        }
    }
}

/// One earlier task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    kind: &'static str,
    make: Option<Make>,
    took: SignedDuration,
}

impl Sample {
    /// What `task` teaches: nothing if it did not end well, or lay around unattended for a while.
    pub fn of(task: &Task) -> Option<Self> {
        let taught = task.state == TaskState::Done && task.resumed_at.is_none();
        let took = task.ended_at?.duration_since(task.created_at);
        taught.then(|| Self { kind: task.request.kind(), make: task.make.clone(), took })
    }
}

/// The estimate for `task`: see [`usual`].
pub fn estimate(task: &Task, past: &[Sample]) -> Option<Estimate> {
    usual(task.request.kind(), task.make.as_ref(), past)
}

/// What tasks of this kind usually take: those with the same engine and class, if there are any, else with the same
/// engine, else all of them.
pub fn usual(kind: &str, make: Option<&Make>, past: &[Sample]) -> Option<Estimate> {
    let kind = || past.iter().filter(|sample| sample.kind == kind);
    let engine = |sample: &&Sample| match (&sample.make, make) {
        (Some(theirs), Some(ours)) => theirs.engine == ours.engine,
        _ => false,
    };
    let exact = |sample: &&Sample| make.is_some() && sample.make.as_ref() == make;
    let took = |sample: &Sample| sample.took;
    let mut spans: Vec<_> = kind().filter(exact).map(took).collect();
    if spans.is_empty() {
        spans = kind().filter(engine).map(took).collect();
    }
    if spans.is_empty() {
        spans = kind().map(took).collect();
    }
    spans.sort_unstable();
    Some(Estimate { median: rank(&spans, 50)?, p90: rank(&spans, 90)?, samples: spans.len() })
}

/// The smallest of `sorted` that `percent` of them do not exceed.
fn rank(sorted: &[SignedDuration], percent: usize) -> Option<SignedDuration> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::aurora::ids::ResourceId;
    use crate::aurora::request::DeleteRequest;
    use crate::engine::task::{Request, TaskId};

    fn task(make: Option<(&str, &str)>, took: i64) -> Task {
        let now = Timestamp::UNIX_EPOCH;
        let resource = ResourceId::new("cluster-A");
        let request =
            DeleteRequest { cluster: "clone-a".parse().unwrap(), resource, final_snapshot: None, expired: false };
        let mut task = Task::new(TaskId::new(now, 0), Request::Delete(request), None, now);
        task.make = make.map(|(engine, class)| Make { engine: engine.into(), class: Some(class.into()) });
        task.state = TaskState::Done;
        task.ended_at = Some(now + SignedDuration::from_secs(took));
        task
    }

    fn past() -> Vec<Sample> {
        let mut tasks: Vec<_> = (1..=10).map(|n| task(Some(("aurora-mysql", "db.r6g.large")), n * 10)).collect();
        tasks.push(task(Some(("aurora-mysql", "db.r6g.xlarge")), 1_000));
        tasks.push(task(Some(("aurora-postgresql", "db.r6g.large")), 2_000));
        let mut left = task(Some(("aurora-mysql", "db.r6g.large")), 90_000);
        left.resumed_at = Some(Timestamp::UNIX_EPOCH);
        tasks.push(left);
        tasks.iter().filter_map(Sample::of).collect()
    }

    #[rstest::rstest]
    #[case(Some(("aurora-mysql", "db.r6g.large")), (50, 90, 10))]
    #[case(Some(("aurora-mysql", "db.r6g.xlarge")), (1_000, 1_000, 1))]
    #[case(Some(("aurora-postgresql", "db.t3.medium")), (2_000, 2_000, 1))]
    #[case(None, (60, 1_000, 12))]
    fn the_nearest_tasks_count(#[case] make: Option<(&str, &str)>, #[case] want: (i64, i64, usize)) {
        let found = estimate(&task(make, 0), &past()).unwrap();
        assert_eq!((found.median.as_secs(), found.p90.as_secs(), found.samples), want);
    }

    #[rstest::rstest]
    #[case(60, Remaining::Usual(SignedDuration::from_mins(3), SignedDuration::from_mins(6)))]
    #[case(240, Remaining::Soon(SignedDuration::from_mins(3)))]
    #[case(420, Remaining::Soon(SignedDuration::ZERO))]
    #[case(421, Remaining::Over)]
    fn what_is_left_is_measured_by_the_others(#[case] elapsed: i64, #[case] want: Remaining) {
        let (median, p90) = (SignedDuration::from_mins(4), SignedDuration::from_mins(7));
        let estimate = Estimate { median, p90, samples: 12 };
        assert_eq!(estimate.remaining(SignedDuration::from_secs(elapsed)), want);
    }

    #[test]
    fn without_a_past_there_is_no_estimate() {
        assert_eq!(estimate(&task(None, 0), &[]), None);
    }
}
