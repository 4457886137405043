//! The steps of a recipe, one after the other.

use super::book::Book;
use super::leaf::Place;
use super::running::Run;
use super::{compare, leaf, moment, repeat};
use crate::engine::{StageKind, StepState};
use crate::recipe::model::{Action, Role, Step};
use crate::recipe::outcome::{StepEnd, StepOutcome, Verdict};

/// What kind of work a step is, for the timeline.
pub(super) fn kind(action: &Action) -> StageKind {
    let role = match action {
        Action::Sql(sql) => sql.role,
        Action::Run(command) => command.role,
        _ => return StageKind::Other,
    };
    match role {
        Role::Prepare => StageKind::Prepare,
        Role::Release => StageKind::Release,
        Role::Test => StageKind::Test,
    }
}

/// Takes the steps of the recipe. What follows a failed release, or a rewind that went wrong, is not begun; a failed test
/// only counts.
pub(super) async fn all(run: &Run, book: &mut Book) {
    let mut over = false;
    for (number, step) in run.recipe().step.iter().enumerate() {
        let at = run.stage(number);
        if over || run.stop.work().is_cancelled() {
            run.end(at, StepState::Skipped, "not begun");
            book.add(StepOutcome::new(&step.name, step.action.as_str()));
            continue;
        }
        run.begin(at);
        let (end, detail) = one(run, book, step, at).await;
        let state = match end {
            StepEnd::Passed => StepState::Done,
            StepEnd::Allowed | StepEnd::Failed | StepEnd::TimedOut | StepEnd::Interrupted => StepState::Failed,
            StepEnd::Skipped => StepState::Skipped,
        };
        let allowed = if end == StepEnd::Allowed { "allowed to fail: " } else { "" };
        run.end(at, state, &format!("{allowed}{detail}"));
        over = book.verdict().0 > Verdict::Failed;
    }
}

/// Takes one step; gives how it ended, and a sentence on it.
async fn one(run: &Run, book: &mut Book, step: &Step, at: usize) -> (StepEnd, String) {
    let place = Place { step: at, round: None, always: false, stop: run.stop.work(), until: None };
    let (out, judged) = match &step.action {
        Action::Repeat(again) => return repeat::repeat(run, book, again, at).await,
        Action::Rewind(rewind) => moment::rewind(run, book, (&step.name, &rewind.to, rewind.within.0), &place).await,
        Action::Mark(mark) => {
            let out = moment::mark(run, book, &mark.mark, &place).await;
            let judged = weigh(&out);
            (StepOutcome { name: step.name.clone(), ..out }, judged)
        }
        action => {
            let out = simple(run, book, &step.name, action, &place).await;
            let judged = weigh(&out);
            (out, judged)
        }
    };
    let told = (out.end, out.message.clone().unwrap_or_default());
    book.add(out);
    if let Some((verdict, reason)) = judged
        && verdict != Verdict::Interrupted
    {
        book.judge(verdict, format!("{}: {reason}", step.name));
    }
    told
}

/// Takes a step that may also be within a repetition.
pub(super) async fn simple(run: &Run, book: &Book, name: &str, action: &Action, place: &Place<'_>) -> StepOutcome {
    match action {
        Action::Diff(diff) => compare::diff(run, book, name, diff, place).await,
        action => leaf::take(run, book, name, action, place).await,
    }
}

/// What the end of a step means for the run; nothing if it passed.
pub(super) fn weigh(out: &StepOutcome) -> Option<(Verdict, String)> {
    let verdict = match (out.end, out.role) {
        (StepEnd::Passed | StepEnd::Allowed | StepEnd::Skipped, _) => return None,
        (StepEnd::Interrupted, _) => Verdict::Interrupted,
        (StepEnd::TimedOut, _) => Verdict::TimedOut,
        (StepEnd::Failed, Some(Role::Prepare | Role::Release)) => Verdict::ReleaseFailed,
        // Without its mark nothing that follows can be trusted.
        (StepEnd::Failed, None) if out.kind == "mark" => Verdict::ReleaseFailed,
        (StepEnd::Failed, Some(Role::Test) | None) => Verdict::Failed,
    };
    Some((verdict, out.message.clone().unwrap_or_else(|| "it failed".into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("sql", Some(Role::Release), StepEnd::Failed, Some(Verdict::ReleaseFailed))]
    #[case("run", Some(Role::Prepare), StepEnd::Failed, Some(Verdict::ReleaseFailed))]
    #[case("run", Some(Role::Test), StepEnd::Failed, Some(Verdict::Failed))]
    #[case("run", Some(Role::Test), StepEnd::TimedOut, Some(Verdict::TimedOut))]
    #[case("run", Some(Role::Test), StepEnd::Allowed, None)]
    #[case("run", Some(Role::Release), StepEnd::Interrupted, Some(Verdict::Interrupted))]
    #[case("diff", None, StepEnd::Failed, Some(Verdict::Failed))]
    #[case("mark", None, StepEnd::Failed, Some(Verdict::ReleaseFailed))]
    #[case("mark", None, StepEnd::Passed, None)]
    fn what_a_step_means(
        #[case] kind: &'static str,
        #[case] role: Option<Role>,
        #[case] end: StepEnd,
        #[case] want: Option<Verdict>,
    ) {
        let out = StepOutcome { role, end, ..StepOutcome::new("x", kind) };
        assert_eq!(weigh(&out).map(|(verdict, _)| verdict), want);
    }
}
