//! What a call means for the database behind a cluster, where it can't be read from the account afterwards.

use std::fmt;

use jiff::Timestamp;

use super::Account;

/// A password on its way to a database; the account itself keeps none.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Something to be done to a database.
#[derive(Clone, Debug)]
pub enum Intent {
    /// The cluster of this resource id begins.
    Birth(String, Seed),
    /// The master user of the cluster of this resource id has another password.
    Password(String, Password),
}

/// What the database of a new cluster begins with.
#[derive(Clone, Debug)]
pub enum Seed {
    /// Nothing but the master user.
    Nothing(Password),
    /// What the cluster of this resource id has, or had at a moment.
    Cluster(String, Option<Timestamp>),
    /// What a snapshot of this identifier has.
    Snapshot(String),
}

impl Account {
    /// Notes an intent for whoever keeps databases.
    pub fn intend(&mut self, intent: Intent) {
        self.intents.push(intent);
    }

    /// What was intended since the last time.
    pub fn take_intents(&mut self) -> Vec<Intent> {
        std::mem::take(&mut self.intents)
    }
}
