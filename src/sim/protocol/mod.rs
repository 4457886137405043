//! The AWS query protocol: forms in, XML out, error codes and paging; and JSON and CBOR made to look like it. Knows
//! nothing about clusters.

pub mod error;
pub mod filter;
pub mod form;
pub mod page;
pub mod rpc;
pub mod tree;
pub mod xml;

pub use error::{ApiError, Code};
pub use filter::Filter;
pub use form::Form;
pub use page::Page;
pub use rpc::Wire;
pub use tree::Node;
pub use xml::Xml;
