//! How many calls go to AWS. They are counted where they are made, and asked for only while somebody looks.

use jiff::{SignedDuration, Timestamp};

use crate::aws::Calls;

/// The count as it was last asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallCount {
    /// What was answered; nothing before there is a connection.
    pub last: Option<Calls>,
    read_at: Option<Timestamp>,
    asking: bool,
}

/// Between two counts.
const EVERY: SignedDuration = SignedDuration::from_secs(2);

impl CallCount {
    /// When it is to be asked for, while somebody looks.
    pub fn due(&self) -> Option<Timestamp> {
        if self.asking { None } else { Some(self.read_at.map_or(Timestamp::MIN, |at| at + EVERY)) }
    }

    pub(in super::super) fn begin(&mut self) {
        self.asking = true;
    }

    pub(in super::super) fn put(&mut self, calls: Option<Calls>, now: Timestamp) {
        *self = Self { last: calls, read_at: Some(now), asking: false };
    }
}
