//! The heartbeat: a row on the clone that shows in the data on which side of a mark a rewind landed.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use tokio::time::sleep;

use super::{Database, DatabaseError};

/// The schema that is made for it on the clone; comparisons leave it out.
pub(super) const SCHEMA: &str = "aurewind_heartbeat";

/// What was written to the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    /// How often the run has written it.
    pub number: u64,
    /// When, by the server's clock.
    pub at: Timestamp,
}

/// A mark: a moment that nothing was written around, and the beat that was the last before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The moment, by the server's clock: a whole second, as finely as Backtrack goes.
    pub at: Timestamp,
    /// The last beat before it.
    pub beat: Beat,
}

/// Nothing is written for so long before and after a mark: Backtrack goes by seconds, and to the nearest consistent moment
/// (User Guide, Overview of Backtracking).
const BEFORE: SignedDuration = SignedDuration::from_secs(2);
const AFTER: SignedDuration = SignedDuration::from_secs(1);

impl Database {
    /// Writes the row of this run; gives back what it wrote.
    ///
    /// # Errors
    /// If it could not be written.
    pub async fn beat(&self, run: &str) -> Result<Beat, DatabaseError> {
        self.run(format!("CREATE DATABASE IF NOT EXISTS {SCHEMA}")).await?;
        self.run(format!(
            "CREATE TABLE IF NOT EXISTS {SCHEMA}.beats \
             (run VARCHAR(64) NOT NULL PRIMARY KEY, number BIGINT UNSIGNED NOT NULL, at DATETIME(6) NOT NULL) ENGINE=InnoDB"
        ))
        .await?;
        let write = format!(
            "INSERT INTO {SCHEMA}.beats VALUES (?, 1, UTC_TIMESTAMP(6)) \
             ON DUPLICATE KEY UPDATE number = number + 1, at = UTC_TIMESTAMP(6)"
        );
        let written = sqlx::query(sqlx::AssertSqlSafe(write)).bind(run).execute(&self.pool).await;
        written.map_err(|error| self.error(&error))?;
        let beat = self.read_beat(run).await?;
        beat.ok_or_else(|| DatabaseError::Broken(self.login.at(), "the heartbeat was not kept".into()))
    }

    /// The row of this run; none, if there is none: the database was rewound to before it.
    ///
    /// # Errors
    /// If it could not be read.
    pub async fn read_beat(&self, run: &str) -> Result<Option<Beat>, DatabaseError> {
        let read = format!("SELECT CAST(number AS CHAR), CAST(at AS CHAR) FROM {SCHEMA}.beats WHERE run = ?");
        let row = match sqlx::query(sqlx::AssertSqlSafe(read)).bind(run).fetch_optional(&self.pool).await {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(None),
            Err(error) => {
                return match self.error(&error) {
                    // Neither the table nor its schema is there.
                    DatabaseError::Server { code: 1146, .. } | DatabaseError::NoDatabase { .. } => Ok(None),
                    other => Err(other),
                };
            }
        };
        let text = |column: usize| row.try_get_unchecked::<String, _>(column).map_err(|error| self.error(&error));
        let number = text(0)?;
        let number = number.parse().map_err(|_| DatabaseError::Broken(self.login.at(), format!("beat {number}?")))?;
        Ok(Some(Beat { number, at: self.moment(&text(1)?)? }))
    }
}

/// Sets a mark: a beat, a guard, a whole second, another guard, then a beat that is newer. After a rewind to the second the
/// data has the first beat and not the second.
///
/// # Errors
/// If a beat could not be written.
pub async fn mark(database: &Database, run: &str) -> Result<Moment, DatabaseError> {
    let beat = database.beat(run).await?;
    let at = second_after(beat.at + BEFORE);
    let over = at + AFTER;
    loop {
        let left = over.duration_since(database.now().await?);
        match left.try_into() {
            Ok(left) if left > std::time::Duration::ZERO => sleep(left).await,
            _ => break,
        }
    }
    database.beat(run).await?;
    Ok(Moment { at, beat })
}

/// Whether the data is that of the mark: it has the last beat before it, and none that came after.
///
/// # Errors
/// If it could not be read.
pub async fn proves(database: &Database, run: &str, moment: &Moment) -> Result<bool, DatabaseError> {
    Ok(database.read_beat(run).await? == Some(moment.beat))
}

/// Looks at where a rewind landed: whether the data is that of the mark, if it was one that was rewound to. Then it writes a
/// newer beat: the row is that of the mark again, and without it a later rewind that does nothing would seem to be proved.
///
/// # Errors
/// If it could not be read or written.
pub async fn landed(database: &Database, run: &str, moment: Option<&Moment>) -> Result<Option<bool>, DatabaseError> {
    let proved = match moment {
        Some(moment) => Some(proves(database, run, moment).await?),
        None => None,
    };
    database.beat(run).await?;
    Ok(proved)
}

/// The first whole second that is not before `at`.
fn second_after(at: Timestamp) -> Timestamp {
    let begun = i64::from(at.subsec_nanosecond() != 0);
    Timestamp::from_second(at.as_second() + begun).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("2026-11-22T14:32:10Z", "2026-11-22T14:32:10Z")]
    #[case("2026-11-22T14:32:10.000001Z", "2026-11-22T14:32:11Z")]
    #[case("2026-11-22T14:32:59.999999Z", "2026-11-22T14:33:00Z")]
    fn marks_stand_on_whole_seconds(#[case] at: Timestamp, #[case] want: Timestamp) {
        assert_eq!(second_after(at), want);
    }
}
