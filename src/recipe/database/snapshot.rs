//! What the schema is at a moment, as a text: one thing a line, each line with what it belongs to.
//!
//! Left out are what differs from run to run without being a difference (counters of AUTO_INCREMENT, dates of events), and
//! definers and modes of routines: whoever runs a release on a clone is not who runs it on production.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use tokio::time::Instant;

use super::beat::SCHEMA;
use super::settle::name;
use super::{Database, DatabaseError};
use crate::aurora::text::clean;

/// Schemas of the server, and that of the heartbeat.
const LEFT_OUT: [&str; 5] = ["information_schema", "mysql", "performance_schema", "sys", SCHEMA];
/// How long the rows of one table may be counted, and those of all.
const COUNT: Duration = Duration::from_secs(30);
const COUNT_ALL: Duration = Duration::from_mins(10);

/// How many rows a table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// So many.
    Counted(u64),
    /// About so many, by the statistics of the server: to count them would have taken too long.
    Estimated(u64),
}

/// Schema and, if asked for, row counts at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// The lines of each thing, by kind and name.
    pub(super) things: BTreeMap<String, Vec<String>>,
    pub(super) rows: BTreeMap<String, Rows>,
}

impl Snapshot {
    /// As a text: the same for the same schema.
    pub fn text(&self) -> String {
        self.text_with(|_| true)
    }

    /// The same with the row counts of these tables alone.
    pub(super) fn text_with(&self, counted: impl Fn(&str) -> bool) -> String {
        let mut text = String::new();
        for (thing, lines) in &self.things {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{thing}");
            for line in lines {
                let _ = writeln!(text, "{thing}: {line}");
            }
            let _ = match self.rows.get(thing) {
                Some(Rows::Counted(rows)) if counted(thing) => writeln!(text, "{thing}: {rows} rows"),
                Some(Rows::Estimated(rows)) if counted(thing) => writeln!(text, "{thing}: about {rows} rows"),
                _ => Ok(()),
            };
        }
        text
    }

    fn add(&mut self, kind: &str, schema: &str, of: Option<&str>, lines: impl IntoIterator<Item = String>) {
        let name = of.map_or_else(|| clean(schema), |of| format!("{}.{}", clean(schema), clean(of)));
        let lines = lines.into_iter().map(|line| clean(&line).trim_end().to_owned()).filter(|line| !line.is_empty());
        self.things.entry(format!("{kind} {name}")).or_default().extend(lines);
    }
}

impl Database {
    /// Reads the schema, and counts the rows of every table if `rows`.
    ///
    /// # Errors
    /// If it could not be read.
    pub async fn snapshot(&self, rows: bool) -> Result<Snapshot, DatabaseError> {
        let mut snapshot = Snapshot::default();
        for row in
            self.ours("SCHEMATA", "SCHEMA_NAME", &["DEFAULT_CHARACTER_SET_NAME", "DEFAULT_COLLATION_NAME"]).await?
        {
            snapshot.add("database", &row[0], None, [format!("charset {}, collation {}", row[1], row[2])]);
        }
        self.tables(&mut snapshot, rows).await?;
        self.views(&mut snapshot).await?;
        self.routines(&mut snapshot).await?;
        self.triggers_and_events(&mut snapshot).await?;
        Ok(snapshot)
    }

    /// Columns of a view of `information_schema`, but for schemas that are left out. The first is that of the schema.
    async fn ours(&self, view: &str, schema: &str, columns: &[&str]) -> Result<Vec<Vec<String>>, DatabaseError> {
        let columns = [&[schema], columns].concat().join(", ");
        let mut rows = self.texts(&format!("SELECT {columns} FROM information_schema.{view}")).await?;
        rows.retain(|row| !LEFT_OUT.contains(&row[0].to_ascii_lowercase().as_str()));
        Ok(rows)
    }

    async fn tables(&self, snapshot: &mut Snapshot, count: bool) -> Result<(), DatabaseError> {
        let until = Instant::now() + COUNT_ALL;
        let found = self.ours("TABLES", "TABLE_SCHEMA", &["TABLE_NAME", "TABLE_TYPE", "TABLE_ROWS"]).await?;
        for table in found.iter().filter(|table| !table[2].ends_with("VIEW")) {
            let place = format!("{}.{}", name(&table[0]), name(&table[1]));
            let made = match self.texts(&format!("SHOW CREATE TABLE {place}")).await {
                Ok(rows) => rows.into_iter().next().and_then(|row| row.into_iter().nth(1)).unwrap_or_default(),
                // It is gone since.
                Err(DatabaseError::Server { code: 1146, .. }) => continue,
                Err(error) => return Err(error),
            };
            snapshot.add("table", &table[0], Some(&table[1]), table_lines(&made));
            if count {
                let rows = match self.count(&place, until).await? {
                    Some(rows) => Rows::Counted(rows),
                    None => Rows::Estimated(table[3].parse().unwrap_or_default()),
                };
                snapshot.rows.insert(format!("table {}.{}", clean(&table[0]), clean(&table[1])), rows);
            }
        }
        Ok(())
    }

    /// The rows of a table; none if to count them takes too long.
    async fn count(&self, place: &str, until: Instant) -> Result<Option<u64>, DatabaseError> {
        let limit = COUNT.min(until.saturating_duration_since(Instant::now()));
        if limit.is_zero() {
            return Ok(None);
        }
        // Each of the two servers reads one of the two limits, and takes the other for a comment.
        let question = format!(
            "/*M! SET STATEMENT max_statement_time = {} FOR */ SELECT /*+ MAX_EXECUTION_TIME({}) */ COUNT(*) FROM {place}",
            limit.as_secs().max(1),
            limit.as_millis().max(1),
        );
        match self.texts(&question).await {
            Ok(rows) => Ok(rows.first().and_then(|row| row[0].parse().ok())),
            // It took too long: of MySQL, of MariaDB.
            Err(DatabaseError::Server { code: 3024 | 1969, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn views(&self, snapshot: &mut Snapshot) -> Result<(), DatabaseError> {
        let columns = ["TABLE_NAME", "CHECK_OPTION", "SECURITY_TYPE", "VIEW_DEFINITION"];
        for row in self.ours("VIEWS", "TABLE_SCHEMA", &columns).await? {
            let how = format!("check option {}, security {}", row[2], row[3]);
            snapshot.add("view", &row[0], Some(&row[1]), [how, row[4].clone()]);
        }
        Ok(())
    }

    async fn routines(&self, snapshot: &mut Snapshot) -> Result<(), DatabaseError> {
        let columns = ["SPECIFIC_NAME", "ROUTINE_TYPE", "PARAMETER_MODE", "PARAMETER_NAME", "DTD_IDENTIFIER"];
        let mut parameters: BTreeMap<_, Vec<String>> = BTreeMap::new();
        let mut found =
            self.ours("PARAMETERS", "SPECIFIC_SCHEMA", &[&columns[..], &["ORDINAL_POSITION"]].concat()).await?;
        found.sort_by_key(|row| row[6].parse::<u32>().unwrap_or_default());
        // What a function gives back is its parameter 0.
        for row in found.into_iter().filter(|row| row[6] != "0") {
            let parameter = format!("{} {} {}", row[3], row[4], row[5]).trim().to_owned();
            parameters.entry([row[0].clone(), row[1].clone(), row[2].clone()]).or_default().push(parameter);
        }
        let columns = [
            "ROUTINE_NAME",
            "ROUTINE_TYPE",
            "DTD_IDENTIFIER",
            "IS_DETERMINISTIC",
            "SQL_DATA_ACCESS",
            "SECURITY_TYPE",
            "ROUTINE_DEFINITION",
        ];
        for row in self.ours("ROUTINES", "ROUTINE_SCHEMA", &columns).await? {
            let key = [row[0].clone(), row[1].clone(), row[2].clone()];
            let takes = parameters.remove(&key).unwrap_or_default().join(", ");
            let gives = if row[3].is_empty() { String::new() } else { format!(" returns {}", row[3]) };
            let how = format!("deterministic {}, {}, security {}", row[4], row[5], row[6]);
            let lines = [format!("({takes}){gives}"), how].into_iter().chain(body(&row[7]));
            snapshot.add(&row[2].to_lowercase(), &row[0], Some(&row[1]), lines);
        }
        Ok(())
    }

    async fn triggers_and_events(&self, snapshot: &mut Snapshot) -> Result<(), DatabaseError> {
        let columns = [
            "TRIGGER_NAME",
            "ACTION_TIMING",
            "EVENT_MANIPULATION",
            "EVENT_OBJECT_TABLE",
            "ACTION_ORDER",
            "ACTION_STATEMENT",
        ];
        for row in self.ours("TRIGGERS", "TRIGGER_SCHEMA", &columns).await? {
            let when = format!("{} {} on {}, number {}", row[2], row[3], row[4], row[5]);
            snapshot.add("trigger", &row[0], Some(&row[1]), [when].into_iter().chain(body(&row[6])));
        }
        let columns = [
            "EVENT_NAME",
            "EVENT_TYPE",
            "INTERVAL_VALUE",
            "INTERVAL_FIELD",
            "STATUS",
            "ON_COMPLETION",
            "EVENT_DEFINITION",
        ];
        for row in self.ours("EVENTS", "EVENT_SCHEMA", &columns).await? {
            let every = if row[3].is_empty() { String::new() } else { format!(" every {} {}", row[3], row[4]) };
            let when = format!("{}{every}, {}, then {}", row[2], row[5], row[6]);
            snapshot.add("event", &row[0], Some(&row[1]), [when].into_iter().chain(body(&row[7])));
        }
        Ok(())
    }
}

fn body(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(|line| format!("| {line}"))
}

/// The lines of a table as `SHOW CREATE TABLE` gives them: one for each column, key and check, and those of the options. A
/// comma says that another line follows, which is no difference.
fn table_lines(made: &str) -> Vec<String> {
    let lines = made.lines().skip(1).map(|line| {
        let line = line.trim().trim_end_matches(',');
        match line.strip_prefix(") ") {
            Some(options) => without_counter(options),
            None => line.to_owned(),
        }
    });
    lines.collect()
}

/// Options of a table without the next number of its counter.
fn without_counter(options: &str) -> String {
    const COUNTER: &str = "AUTO_INCREMENT=";
    let (settings, comment) = options.split_at(options.find("COMMENT=").unwrap_or(options.len()));
    let kept: Vec<_> = settings.split(' ').filter(|word| !word.starts_with(COUNTER)).collect();
    format!("{}{comment}", kept.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_a_line_for_each_of_its_parts() {
        let made = "CREATE TABLE `orders` (\n  `id` int(11) NOT NULL AUTO_INCREMENT,\n  `note` text DEFAULT 'a,',\n  \
                    PRIMARY KEY (`id`)\n) ENGINE=InnoDB AUTO_INCREMENT=4012 DEFAULT CHARSET=utf8mb4 COMMENT='AUTO_INCREMENT=1'\n \
                    PARTITION BY HASH (`id`)\nPARTITIONS 4";
        assert_eq!(
            table_lines(made),
            [
                "`id` int(11) NOT NULL AUTO_INCREMENT",
                "`note` text DEFAULT 'a,'",
                "PRIMARY KEY (`id`)",
                "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='AUTO_INCREMENT=1'",
                "PARTITION BY HASH (`id`)",
                "PARTITIONS 4",
            ]
        );
    }

    #[test]
    fn every_line_says_what_it_belongs_to() {
        let mut snapshot = Snapshot::default();
        snapshot.add("view", "shop", Some("v\u{1b}"), ["select 1".to_owned(), String::new()]);
        snapshot.add("database", "shop", None, ["charset utf8mb4".to_owned()]);
        snapshot.rows.insert("view shop.v".into(), Rows::Counted(2));
        let want =
            "database shop\ndatabase shop: charset utf8mb4\nview shop.v\nview shop.v: select 1\nview shop.v: 2 rows\n";
        assert_eq!(snapshot.text(), want);
    }
}
