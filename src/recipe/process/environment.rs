//! The environment of commands.

use std::collections::BTreeMap;
use std::path::Path;

use super::connection::Connection;

/// What commands are told of the run.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Id of the run.
    pub run: &'a str,
    /// Identifier of the clone.
    pub clone: &'a str,
    /// Name of the recipe.
    pub recipe: &'a str,
    /// `prepare`, `release`, `test` or `always`.
    pub phase: &'a str,
    /// The round of a step that is repeated, from 1 on.
    pub attempt: u32,
    /// The mark that was set or rewound to last.
    pub mark: Option<&'a str>,
    /// Where commands can leave files for the reports.
    pub report_dir: &'a Path,
    /// How the clone is reached; absent if it cannot be, as in `always` steps of a run whose clone never came.
    pub connection: Option<&'a Connection>,
}

/// The variables that tell a command of the run and of its clone.
pub fn env(facts: &Facts<'_>) -> BTreeMap<String, String> {
    BTreeMap::from([("AUREWIND_RUN_ID".to_owned(), facts.run.to_owned())])
}
