//! The shop of the demo: rows that somebody may miss, and trade that goes on.

use super::sql::Sql;

/// The tables and the first rows.
const OPENING: &str = include_str!("../../../config/sim/shop.sql");

/// What is sold in a second: some orders with their lines, and a payment.
const TRADE: &str = include_str!("../../../config/sim/trade.sql");

/// Fills a new database with the shop.
pub async fn open(sql: &mut Sql) -> Result<(), sqlx::Error> {
    sql.run(OPENING.to_owned()).await
}

/// Sells something.
pub async fn trade(sql: &mut Sql) -> Result<(), sqlx::Error> {
    let sold = sql.run(TRADE.to_owned()).await;
    if sold.is_err() {
        // A transaction that stays open would hold its locks.
        sql.run("ROLLBACK".to_owned()).await?;
    }
    sold
}
