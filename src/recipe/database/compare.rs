//! How two snapshots differ.

use similar::TextDiff;

use super::Snapshot;
use crate::recipe::outcome::DiffOutcome;

/// The differences as a unified diff, and whether they are those that are expected; absent: none are.
pub fn compare(before: &Snapshot, after: &Snapshot, expected: Option<&str>, against: &str) -> DiffOutcome {
    let diff = TextDiff::from_lines(before.text(), after.text());
    let text = diff.unified_diff().context_radius(3).to_string();
    let as_expected = text == expected.unwrap_or_default();
    DiffOutcome { against: against.to_owned(), text, as_expected }
}
