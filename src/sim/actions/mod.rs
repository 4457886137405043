//! The actions of the RDS API, one file per family, and the table that names them.

pub mod backtracks;
pub mod call;
pub mod clusters;
pub mod delete;
pub mod events;
pub mod instances;
pub mod modify;
pub mod restore;
mod settings;
pub mod table;
pub mod tags;
mod view;

#[cfg(test)]
mod tests;

pub use call::Call;
