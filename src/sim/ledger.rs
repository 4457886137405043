//! The simulator's own record of every call, for those who test clients. Not part of the RDS API.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::Serialize;

use super::protocol::Form;

/// How many calls are remembered.
const MOST: usize = 20_000;

/// How much of one parameter is remembered.
const LONGEST: usize = 2_000;

/// One call.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// When it came.
    pub at: Timestamp,
    /// What was called; absent when the request did not say.
    pub action: Option<String>,
    /// With what; secrets are blackened.
    pub parameters: BTreeMap<String, String>,
    /// The HTTP status; absent when the connection was closed without an answer.
    pub status: Option<u16>,
    /// The error code, if the answer is or would have been an error.
    pub code: Option<String>,
    /// The fault that struck, if any.
    pub fault: Option<&'static str>,
}

/// The last calls, oldest first.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: VecDeque<Entry>,
}

impl Ledger {
    /// Writes one call down and forgets the oldest.
    pub fn record(&mut self, entry: Entry) {
        if self.entries.len() >= MOST {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// All remembered calls.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }
}

/// The parameters of a request without its secrets.
pub fn parameters(form: &Form) -> BTreeMap<String, String> {
    let is_stack = form.names().any(|name| name == "StackName");
    let shown = |name: &str, value: &str| {
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            // A template's parameters and the template itself may hold a password under any name.
            "templatebody" => format!("{} bytes", value.len()),
            _ if lower.contains("password") || lower.ends_with(".parametervalue") && is_stack => "***".to_owned(),
            _ => value.chars().take(LONGEST).collect(),
        }
    };
    let own = form.fields().filter(|(name, _)| !matches!(*name, "Action" | "Version"));
    own.map(|(name, value)| (name.to_owned(), shown(name, value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_blackened() {
        let form = Form::parse(b"Action=ModifyDBCluster&MasterUserPassword=hunter2222&Port=3306").unwrap();
        let seen = parameters(&form);
        assert_eq!(seen.get("MasterUserPassword").map(String::as_str), Some("***"));
        assert_eq!(seen.get("Port").map(String::as_str), Some("3306"));
        assert_eq!(seen.len(), 2);
    }

    #[test]
    fn the_oldest_calls_are_forgotten() {
        let mut ledger = Ledger::default();
        for n in 0..=MOST {
            let entry = Entry {
                at: Timestamp::UNIX_EPOCH,
                action: Some(n.to_string()),
                parameters: BTreeMap::new(),
                status: Some(200),
                code: None,
                fault: None,
            };
            ledger.record(entry);
        }
        assert_eq!(ledger.entries().count(), MOST);
        assert_eq!(ledger.entries().next().and_then(|entry| entry.action.as_deref()), Some("1"));
    }
}
