//! Test recipes: clone, release, test, rewind, report, and always tear down.
//!
//! `model` is what a recipe says. Changes of AWS are tasks of the engine, made by its own machines.

pub mod database;
pub mod environment;
pub mod file;
pub mod model;
pub mod outcome;
pub mod process;
pub mod redact;
pub mod report;
pub mod run;
