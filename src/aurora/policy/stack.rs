//! Which stacks may be made and deleted: none but those of test runs, each by the task that made it.

use std::fmt;

use jiff::Timestamp;
use thiserror::Error;

use super::{FRESH_FOR, Fresh, Policy};
use crate::aurora::stack::{Phase, Stack, StackName};

/// A change to a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StackDeed {
    /// Make it.
    Create,
    /// Delete it with its resources.
    Delete,
}

impl fmt::Display for StackDeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "made",
            Self::Delete => "deleted",
        })
    }
}

/// Why no permit was made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StackRefusal {
    /// The policy refuses.
    #[error("the stack `{stack}` must not be {deed}: {}", reasons.join("; "))]
    Policy {
        /// The stack.
        stack: StackName,
        /// What was asked for.
        deed: StackDeed,
        /// Every reason.
        reasons: Vec<String>,
    },
    /// The reading is too old.
    #[error("the stack `{0}` was not read just before the call")]
    Stale(StackName),
}

/// The proof that a call may go out: for this deed, on this stack. Only [`Policy::permit_stack`] makes one, and it is used
/// up by the call.
#[derive(Debug)]
pub struct StackPermit {
    deed: StackDeed,
    name: StackName,
    id: Option<String>,
}

impl StackPermit {
    /// What it allows.
    pub fn deed(&self) -> StackDeed {
        self.deed
    }

    /// The stack that it holds for.
    pub fn name(&self) -> &StackName {
        &self.name
    }

    /// The id of that stack, if it exists.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// What a permit is asked for.
#[derive(Debug)]
pub struct StackApplication<'a> {
    /// The deed.
    pub deed: StackDeed,
    /// The name of the stack.
    pub name: &'a StackName,
    /// What was just read under that name, or under the id that the task is bound to.
    pub stack: &'a Fresh<Option<Stack>>,
    /// The id that the task is bound to.
    pub bound: Option<&'a str>,
    /// The task that makes it, or has made it.
    pub maker: &'a str,
    /// The present moment.
    pub now: Timestamp,
}

impl Policy {
    /// What forbids a deed on a stack, whatever its state.
    pub fn forbids_stack(&self, name: &StackName) -> Option<String> {
        if self.read_only {
            return Some("this is read-only mode".into());
        }
        self.protects_name(name.as_str()).map(|pattern| format!("its name matches the protected pattern `{pattern}`"))
    }

    /// Makes a permit from a reading made just before.
    ///
    /// # Errors
    /// Says why there is none.
    pub fn permit_stack(&self, asked: &StackApplication<'_>) -> Result<StackPermit, StackRefusal> {
        let StackApplication { deed, name, .. } = *asked;
        if asked.now.duration_since(asked.stack.read_at) > FRESH_FOR {
            return Err(StackRefusal::Stale(name.clone()));
        }
        let mut reasons: Vec<String> = self.forbids_stack(name).into_iter().collect();
        let there = asked.stack.value.as_ref().filter(|stack| stack.phase() != Phase::Gone);
        match (deed, there) {
            (StackDeed::Create, None) => {}
            (StackDeed::Create, Some(_)) => reasons.push("there is one of this name already".into()),
            (StackDeed::Delete, None) => reasons.push("it is not there".into()),
            (StackDeed::Delete, Some(stack)) => {
                if asked.bound != Some(stack.id.as_str()) {
                    reasons.push("it is another one than the task is bound to".into());
                }
                if !stack.made_by(asked.maker) {
                    reasons.push("its tags do not say that this test run made it".into());
                }
                if stack.protected {
                    reasons.push("its termination protection is on".into());
                }
            }
        }
        if reasons.is_empty() {
            return Ok(StackPermit { deed, name: name.clone(), id: there.map(|stack| stack.id.clone()) });
        }
        Err(StackRefusal::Policy { stack: name.clone(), deed, reasons })
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::aurora::stack::tests::stack;

    fn now() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    /// What the policy says to a deed of task `t1`, which remembers the id of a stack of this name.
    fn ask(policy: &Policy, deed: StackDeed, found: Option<Stack>, age: i64) -> Result<StackPermit, StackRefusal> {
        let name: StackName = "test".parse().unwrap();
        let bound = stack("test", "", "").id;
        policy.permit_stack(&StackApplication {
            deed,
            name: &name,
            stack: &Fresh { value: found, read_at: now() - SignedDuration::from_secs(age) },
            bound: Some(&bound),
            maker: "t1",
            now: now(),
        })
    }

    fn with(change: impl FnOnce(&mut Stack)) -> Stack {
        let mut found = stack("test", "CREATE_COMPLETE", "t1");
        change(&mut found);
        found
    }

    #[rstest::rstest]
    #[case::free(StackDeed::Create, None, true)]
    #[case::gone(StackDeed::Create, Some(with(|s| s.status = "DELETE_COMPLETE".into())), true)]
    #[case::taken(StackDeed::Create, Some(with(|_| ())), false)]
    #[case::ours(StackDeed::Delete, Some(with(|_| ())), true)]
    #[case::not_there(StackDeed::Delete, None, false)]
    #[case::of_another_task(StackDeed::Delete, Some(with(|s| { s.tags.insert("aurewind:task".into(), "t2".into()); })), false)]
    #[case::without_tags(StackDeed::Delete, Some(with(|s| s.tags.clear())), false)]
    #[case::made_anew_by_somebody(StackDeed::Delete, Some(with(|s| s.id.push('2'))), false)]
    #[case::protected(StackDeed::Delete, Some(with(|s| s.protected = true)), false)]
    fn deeds(#[case] deed: StackDeed, #[case] found: Option<Stack>, #[case] allowed: bool) {
        let policy = Policy::default();
        assert_eq!(ask(&policy, deed, found.clone(), 0).is_ok(), allowed);
        let read_only = Policy { read_only: true, ..Policy::default() };
        assert!(ask(&read_only, deed, found.clone(), 0).is_err());
        let protecting = Policy { protected: vec!["TES*".into()], ..Policy::default() };
        assert!(ask(&protecting, deed, found.clone(), 0).is_err());
        assert!(matches!(ask(&policy, deed, found, 31), Err(StackRefusal::Stale(_))));
    }
}
