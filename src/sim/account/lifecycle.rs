//! States that change by themselves when their time comes; nothing runs in the background.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a resource becomes at the end of a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Next<S> {
    /// Another status.
    Become(S),
    /// Nothing: it is gone.
    Vanish,
}

/// A status and the ones that will follow it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifecycle<S> {
    status: S,
    upcoming: VecDeque<(Timestamp, Next<S>)>,
}

impl<S: Copy> Lifecycle<S> {
    /// A status that stays until somebody acts.
    pub fn steady(status: S) -> Self {
        Self { status, upcoming: VecDeque::new() }
    }

    /// A status that gives way to others, in the order of their times.
    pub fn moving(status: S, upcoming: impl IntoIterator<Item = (Timestamp, Next<S>)>) -> Self {
        Self { status, upcoming: upcoming.into_iter().collect() }
    }

    /// A status that becomes `then` at `due`.
    pub fn until(status: S, due: Timestamp, then: S) -> Self {
        Self::moving(status, [(due, Next::Become(then))])
    }

    /// The present status.
    pub fn status(&self) -> S {
        self.status
    }

    /// When the next change is due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.upcoming.front().map(|(due, _)| *due)
    }

    /// When the last change is due.
    pub fn last_due(&self) -> Option<Timestamp> {
        self.upcoming.back().map(|(due, _)| *due)
    }

    /// Puts off what was due before `now` until then.
    pub fn put_off(&mut self, now: Timestamp) {
        for (due, _) in &mut self.upcoming {
            *due = (*due).max(now);
        }
    }

    /// Makes the next change if it is due by `now`.
    pub fn advance(&mut self, now: Timestamp) -> Option<Next<S>> {
        let (_, next) = self.upcoming.pop_front_if(|(due, _)| *due <= now)?;
        if let Next::Become(status) = next {
            self.status = status;
        }
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_happen_one_by_one_and_not_before_their_time() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut life = Lifecycle::moving('a', [(at(10), Next::Become('b')), (at(20), Next::Vanish)]);
        assert_eq!(life.advance(at(9)), None);
        assert_eq!(life.advance(at(99)), Some(Next::Become('b')));
        assert_eq!((life.status(), life.next_due()), ('b', Some(at(20))));
        assert_eq!(life.advance(at(99)), Some(Next::Vanish));
        assert_eq!(life.advance(at(99)), None);
    }
}
