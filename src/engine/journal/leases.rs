//! The rows of leases.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::engine::lease::{Cancel, Holder, Lease, Standing, is_dead};
use crate::engine::task::TaskId;

/// Whether somebody else holds the lease of `task`, as far as is known.
pub fn is_held(connection: &Connection, task: &TaskId, holder: &Holder, now: Timestamp) -> rusqlite::Result<bool> {
    let row: Option<(String, i64)> = connection
        .query_row("SELECT holder, until FROM leases WHERE task = ?1", [task.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    Ok(row.is_some_and(|(held_by, until)| {
        held_by != holder.as_str() && until > now.as_millisecond() && !is_dead(&held_by)
    }))
}

/// Takes the lease of `task`, whoever had it before.
pub fn take(transaction: &Transaction<'_>, task: &TaskId, holder: &Holder, now: Timestamp) -> rusqlite::Result<Lease> {
    let epoch = transaction.query_row(
        "INSERT INTO leases (task, holder, epoch, until) VALUES (?1, ?2, 1, ?3)
         ON CONFLICT (task) DO UPDATE SET holder = excluded.holder, epoch = epoch + 1, until = excluded.until
         RETURNING epoch",
        params![task.as_str(), holder.as_str(), holder.until(now).as_millisecond()],
        |row| row.get(0),
    )?;
    Ok(Lease { task: task.clone(), holder: holder.clone(), epoch })
}

/// Whether nobody has taken `lease` since. It may have run out: as long as nobody wanted it, it holds.
pub fn holds(transaction: &Transaction<'_>, lease: &Lease) -> rusqlite::Result<bool> {
    transaction
        .query_row(
            "SELECT 1 FROM leases WHERE task = ?1 AND holder = ?2 AND epoch = ?3",
            params![lease.task.as_str(), lease.holder.as_str(), lease.epoch],
            |_| Ok(()),
        )
        .optional()
        .map(|row| row.is_some())
}

/// Renews a lease that [`holds`].
pub fn renew_one(transaction: &Transaction<'_>, lease: &Lease, now: Timestamp) -> rusqlite::Result<()> {
    let until = lease.holder.until(now).as_millisecond();
    transaction.execute("UPDATE leases SET until = ?2 WHERE task = ?1", params![lease.task.as_str(), until]).map(|_| ())
}

/// Renews all leases of `holder`.
pub fn renew(transaction: &Transaction<'_>, holder: &Holder, now: Timestamp) -> rusqlite::Result<Standing> {
    let until = holder.until(now).as_millisecond();
    transaction.execute("UPDATE leases SET until = ?2 WHERE holder = ?1", params![holder.as_str(), until])?;
    let mut standing = Standing::default();
    let mut query = transaction.prepare_cached("SELECT task, epoch FROM leases WHERE holder = ?1")?;
    let mut rows = query.query([holder.as_str()])?;
    while let Some(row) = rows.next()? {
        if let Ok(task) = row.get::<_, String>(0)?.parse() {
            standing.held.insert(task, row.get(1)?);
        }
    }
    let mut query =
        transaction.prepare_cached("SELECT id, asked FROM tasks WHERE asked IS NOT NULL AND ended_at IS NULL")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        if let (Ok(task), Some(cancel)) = (row.get::<_, String>(0)?.parse(), Cancel::read(&row.get::<_, String>(1)?)) {
            standing.asked.insert(task, cancel);
        }
    }
    Ok(standing)
}

const FREE: &str = "UPDATE leases SET holder = '', until = 0 WHERE holder = ?1";

/// Gives back one lease. The row stays for its epoch.
pub fn release(transaction: &Transaction<'_>, lease: &Lease) -> rusqlite::Result<()> {
    let one = format!("{FREE} AND task = ?2 AND epoch = ?3");
    transaction.execute(&one, params![lease.holder.as_str(), lease.task.as_str(), lease.epoch]).map(|_| ())
}

/// Gives back all leases of `holder`.
pub fn release_all(transaction: &Transaction<'_>, holder: &Holder) -> rusqlite::Result<()> {
    transaction.execute(FREE, [holder.as_str()]).map(|_| ())
}
