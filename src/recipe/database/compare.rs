//! How two snapshots differ.

use similar::TextDiff;

use super::Snapshot;
use super::snapshot::Rows;
use crate::recipe::outcome::DiffOutcome;

/// Lines around a difference. They are there to be read; what is expected does not count them.
const AROUND: usize = 2;

/// The differences as a unified diff, and whether they are those that are expected; absent: none are. Of the expected diff the
/// lines with `+` and `-` count, in their order, but for the two that name files; all others may say what they like.
pub fn compare(before: &Snapshot, after: &Snapshot, expected: Option<&str>, against: &str) -> DiffOutcome {
    let vague = |table: &str| {
        [before, after].iter().any(|snapshot| matches!(snapshot.rows.get(table), Some(Rows::Estimated(_))))
    };
    let both = |table: &str| !vague(table) && before.rows.contains_key(table) == after.rows.contains_key(table);
    // A table that is there on one side only has its rows there, if they were counted.
    let new = |table: &str| !vague(table) && before.things.contains_key(table) != after.things.contains_key(table);
    let text = |snapshot: &Snapshot| snapshot.text_with(|table| both(table) || new(table));
    let (before_text, after_text) = (text(before), text(after));
    let diff = TextDiff::from_lines(&before_text, &after_text);
    let text = diff.unified_diff().context_radius(AROUND).header(against, "now").to_string();
    let as_expected = changes(&text).eq(changes(expected.unwrap_or_default()));
    DiffOutcome { against: in_words(against, before, after, vague), text, as_expected }
}

/// What is compared with, and which rows are not.
fn in_words(against: &str, before: &Snapshot, after: &Snapshot, vague: impl Fn(&str) -> bool) -> String {
    let tables = before.rows.keys().filter(|table| after.rows.contains_key(*table) && vague(table));
    let tables: Vec<_> = tables.map(|table| table.trim_start_matches("table ")).collect();
    match tables.as_slice() {
        [] => against.to_owned(),
        tables => format!("{against} (rows that took too long to count are not compared: {})", tables.join(", ")),
    }
}

/// The lines of a unified diff that change something.
fn changes(diff: &str) -> impl Iterator<Item = &str> {
    let changes = diff.lines().map(str::trim_end).filter(|line| line.starts_with(['+', '-']));
    changes.filter(|line| !["+++", "---"].iter().any(|start| line.starts_with(start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(tables: &[(&str, &[&str], Option<Rows>)]) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (name, lines, rows) in tables {
            let name = format!("table {name}");
            snapshot.things.insert(name.clone(), lines.iter().map(ToString::to_string).collect());
            snapshot.rows.extend(rows.map(|rows| (name, rows)));
        }
        snapshot
    }

    const ORDERS: &[&str] = &["`id` int", "`name` text", "PRIMARY KEY (`id`)"];
    const WIDER: &[&str] = &["`id` bigint", "`name` text", "PRIMARY KEY (`id`)"];

    #[test]
    fn the_same_has_no_differences() {
        let orders = snapshot(&[("shop.orders", ORDERS, Some(Rows::Counted(3)))]);
        let outcome = compare(&orders, &orders, None, "the source");
        assert_eq!((outcome.text.as_str(), outcome.as_expected), ("", true));
        assert_eq!(outcome.against, "the source");
        assert!(!compare(&orders, &orders, Some("+table shop.new"), "the source").as_expected);
    }

    #[test]
    fn differences_say_where_they_are() {
        let before = snapshot(&[("shop.orders", ORDERS, Some(Rows::Counted(3)))]);
        let after = snapshot(&[
            ("shop.orders", WIDER, Some(Rows::Counted(4))),
            ("shop.extra", &["`id` int"], Some(Rows::Counted(0))),
        ]);
        let outcome = compare(&before, &after, None, "mark fresh");
        assert!(!outcome.as_expected);
        insta::assert_snapshot!(outcome.text, @r"
        --- mark fresh
        +++ now
        @@ -1,5 +1,8 @@
        +table shop.extra
        +table shop.extra: `id` int
        +table shop.extra: 0 rows
         table shop.orders
        -table shop.orders: `id` int
        +table shop.orders: `id` bigint
         table shop.orders: `name` text
         table shop.orders: PRIMARY KEY (`id`)
        -table shop.orders: 3 rows
        +table shop.orders: 4 rows
        ");
    }

    #[rstest::rstest]
    #[case::as_it_comes(
        "--- a\n+++ b\n@@ -1,5 +1,5 @@\n table shop.orders\n-table shop.orders: `id` int\n+table shop.orders: `id` bigint\n",
        true
    )]
    #[case::by_hand(
        "# wider ids, ticket 12\r\n\r\n-table shop.orders: `id` int  \r\n+table shop.orders: `id` bigint\r\n",
        true
    )]
    #[case::half("+table shop.orders: `id` bigint\n", false)]
    #[case::more("-table shop.orders: `id` int\n+table shop.orders: `id` bigint\n+table shop.x\n", false)]
    #[case::nothing("", false)]
    fn what_is_expected_is_compared_by_its_changes(#[case] expected: &str, #[case] want: bool) {
        let (before, after) = (snapshot(&[("shop.orders", ORDERS, None)]), snapshot(&[("shop.orders", WIDER, None)]));
        assert_eq!(compare(&before, &after, Some(expected), "the source").as_expected, want);
        let own = compare(&before, &after, None, "the source").text;
        assert!(compare(&before, &after, Some(&own), "the source").as_expected);
    }

    #[test]
    fn rows_that_were_not_counted_are_not_compared_and_that_is_said() {
        let before =
            snapshot(&[("shop.a", ORDERS, Some(Rows::Estimated(9))), ("shop.b", ORDERS, Some(Rows::Counted(1)))]);
        let after = snapshot(&[("shop.a", ORDERS, Some(Rows::Counted(7))), ("shop.b", ORDERS, Some(Rows::Counted(2)))]);
        let outcome = compare(&before, &after, Some("-table shop.b: 1 rows\n+table shop.b: 2 rows"), "mark fresh");
        assert!(outcome.as_expected, "{}", outcome.text);
        assert!(outcome.against.ends_with("not compared: shop.a)"), "{}", outcome.against);
        // A snapshot without counts says nothing of rows.
        let without = snapshot(&[("shop.a", ORDERS, None), ("shop.b", ORDERS, None)]);
        assert!(compare(&without, &after, None, "mark fresh").as_expected);
    }
}
