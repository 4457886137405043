//! The rows of marks.

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};

use crate::aurora::ids::ResourceId;
use crate::aurora::mark::{Kept, Mark, MarkName};

/// The marks of `cluster`, the earliest first. What cannot be read, because a hand has changed it, is left out.
pub fn of(connection: &Connection, cluster: &ResourceId) -> rusqlite::Result<Vec<Mark>> {
    let mut query = connection.prepare("SELECT name, at FROM marks WHERE resource = ?1")?;
    let rows = query
        .query_map([cluster.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<(String, String)>>>()?;
    let read = |(name, at): (String, String)| {
        Some(Mark { name: name.try_into().ok()?, at: at.parse().ok()?, kept: Kept::Journal })
    };
    let mut marks: Vec<Mark> = rows.into_iter().filter_map(read).collect();
    marks.sort_by_key(|mark| mark.at);
    Ok(marks)
}

/// Writes a mark, over one of the same name.
pub fn keep(
    transaction: &Transaction<'_>,
    cluster: &ResourceId,
    name: &MarkName,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let row = params![cluster.as_str(), name.as_str(), at.to_string()];
    transaction.execute("INSERT OR REPLACE INTO marks (resource, name, at) VALUES (?1, ?2, ?3)", row).map(|_| ())
}

/// Removes a mark.
pub fn forget(transaction: &Transaction<'_>, cluster: &ResourceId, name: &MarkName) -> rusqlite::Result<()> {
    let row = params![cluster.as_str(), name.as_str()];
    transaction.execute("DELETE FROM marks WHERE resource = ?1 AND name = ?2", row).map(|_| ())
}
