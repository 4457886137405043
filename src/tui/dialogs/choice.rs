//! Questions with a few answers, each of which says what it does.

use crate::engine::{Cancel, Request, TaskId};
use crate::tui::state::TaskPane;

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Whether a task is to be ended, and how.
    Cancel(TaskId),
    /// Whether what a test run has made is to be torn down: nobody drives it any more.
    TakeUp(TaskId),
    /// What becomes of the tasks that an earlier run left unfinished.
    Left(Vec<TaskId>),
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Let the task go on.
    KeepOn,
    /// End the task in this way.
    End(Cancel),
    /// Take up what was left.
    CarryOn,
    /// Leave it as it is.
    Leave,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it is about. Never changes.
    pub about: About,
    /// The answer that Enter gives.
    pub answer: Answer,
}

impl Choice {
    /// A question. Enter gives the answer that changes nothing until somebody has chosen another.
    pub fn new(about: About) -> Self {
        let answer = match about {
            About::Cancel(_) => Answer::KeepOn,
            About::Left(_) | About::TakeUp(_) => Answer::Leave,
        };
        Self { about, answer }
    }

    /// The answers that are possible as things stand; the first is the one that changes nothing.
    pub fn answers(&self, tasks: &TaskPane) -> &'static [Answer] {
        const TO_CREATE: &[Answer] = &[Answer::KeepOn, Answer::End(Cancel::Detach), Answer::End(Cancel::TearDown)];
        // Of a run a teardown is what is mostly wanted.
        const TO_RUN: &[Answer] = &[Answer::KeepOn, Answer::End(Cancel::TearDown), Answer::End(Cancel::Detach)];
        const TO_OTHERS: &[Answer] = &[Answer::KeepOn, Answer::End(Cancel::Detach)];
        let About::Cancel(id) = &self.about else { return &[Answer::Leave, Answer::CarryOn] };
        match tasks.get(id) {
            Some(task) if task.state.is_final() => &TO_OTHERS[..1],
            Some(task) if task.cancel == Some(Cancel::TearDown) => TO_OTHERS,
            Some(task) if matches!(task.request, Request::Create(_)) => TO_CREATE,
            Some(task) if matches!(task.request, Request::Test(_)) => TO_RUN,
            Some(_) => TO_OTHERS,
            None => &TO_OTHERS[..1],
        }
    }

    pub(in super::super) fn step(&mut self, tasks: &TaskPane, forward: bool) {
        let answers = self.answers(tasks);
        let here = answers.iter().position(|answer| *answer == self.answer).unwrap_or(0);
        let next = if forward { here + 1 } else { here + answers.len() - 1 };
        if let Some(answer) = answers.get(next % answers.len()) {
            self.answer = *answer;
        }
    }

    /// Things have changed: an answer that is not possible any more is not chosen any more.
    pub(in super::super) fn settle(&mut self, tasks: &TaskPane) {
        let answers = self.answers(tasks);
        if !answers.contains(&self.answer)
            && let Some(first) = answers.first()
        {
            self.answer = *first;
        }
    }
}
