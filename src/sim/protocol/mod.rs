//! The RDS query protocol: forms in, XML out, error codes and paging. Knows nothing about clusters.

pub mod error;
pub mod filter;
pub mod form;
pub mod page;
pub mod xml;

pub use error::{ApiError, Code};
pub use filter::Filter;
pub use form::Form;
pub use page::Page;
pub use xml::Xml;

/// The only version of the API there is.
pub const VERSION: &str = "2014-10-31";

/// The namespace that every answer declares.
pub const NAMESPACE: &str = "http://rds.amazonaws.com/doc/2014-10-31/";
