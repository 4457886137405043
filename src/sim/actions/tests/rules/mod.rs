//! Rules of Aurora, each with the test that names it. The numbers are those of the topics: 1 cloning, 2 Backtrack,
//! 3 lifecycle and names.

mod backtrack;
mod cloning;
mod later;
mod limits;
mod restoring;
mod storage;
mod windows;

use super::{Bench, Code, FleetSpec, RESTORE, count, field};

const REWIND: &str = "BacktrackDBCluster";

/// The moment in a field, in seconds.
fn second(xml: &str, name: &str) -> i64 {
    field(xml, name).unwrap().parse::<jiff::Timestamp>().unwrap().as_second()
}

/// What a clone of `orders` is asked with, besides what is given.
fn clone_of_orders(id: &str, more: &str) -> String {
    format!("DBClusterIdentifier={id} SourceDBClusterIdentifier=orders RestoreType=copy-on-write {more}")
}
