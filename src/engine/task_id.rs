//! Ids of tasks.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Id of a task: `t` and twelve characters, the time of its making first, so that ids sort by age. Legal as a tag value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(String);

/// Why a text is no task id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a task id; `aurewind tasks` lists them")]
pub struct InvalidTaskId(String);

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl TaskId {
    /// An id for a task made at `now`; `random` tells apart what is made in the same millisecond.
    pub fn new(now: Timestamp, random: u32) -> Self {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or_default() & ((1 << 41) - 1);
        let mut bits = (millis << 19) | u64::from(random & 0x7_ffff);
        let mut text = [0u8; 12];
        for slot in text.iter_mut().rev() {
            *slot = ALPHABET[(bits & 31) as usize];
            bits >>= 5;
        }
        Self(format!("t{}", String::from_utf8_lossy(&text)))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last characters: enough to tell neighbours apart in a name.
    pub fn suffix(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }
}

impl FromStr for TaskId {
    type Err = InvalidTaskId;

    fn from_str(text: &str) -> Result<Self, InvalidTaskId> {
        let legal = text.len() == 13 && text.starts_with('t') && text.bytes().skip(1).all(|b| ALPHABET.contains(&b));
        if legal { Ok(Self(text.to_owned())) } else { Err(InvalidTaskId(crate::aurora::text::clean(text))) }
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_age_and_are_read_back() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let (old, new) = (TaskId::new(at(1_790_000_000), u32::MAX), TaskId::new(at(1_790_000_001), 0));
        assert!(old < new, "{old} {new}");
        assert_eq!(old.as_str().parse(), Ok(old.clone()));
        assert_eq!(old.suffix().len(), 4);
        assert!("t'; drop table".parse::<TaskId>().is_err());
        assert!("".parse::<TaskId>().is_err());
    }
}
