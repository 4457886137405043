//! JUnit: the report of a run, and the files of the tests that it ran.

mod read;
mod write;

pub use read::{Found, read};
pub(super) use write::write;
