//! The domain: what Aurora clusters, clones and backtrack windows are, and what may be done with them.
//!
//! Pure and synchronous. No SDK, no async, no terminal, no clock: the present moment is always a parameter.

pub mod cluster;
pub mod cost;
pub mod event;
pub mod filter;
pub mod fleet;
pub mod ids;
pub mod lineage;
pub mod ownership;
pub mod plan;
pub mod policy;
pub mod request;
pub mod rewind;
pub mod span;
pub mod text;
pub mod time;
pub mod undo;
pub mod window;

pub use cluster::{Cluster, ClusterStatus, Engine, Health, Instance, Member};
pub use event::ClusterEvent;
pub use fleet::Fleet;
pub use ids::{ClusterId, InvalidId, ResourceId};
pub use ownership::{Keep, Ours, Ownership};
pub use plan::{Check, Level, Plan};
pub use policy::{Deed, Fresh, Permit, Policy, Refusal, Ruling};
pub use request::{CloneRequest, CloneSpec, DeleteRequest, RewindRequest};
pub use rewind::{Rewind, RewindStatus};
pub use window::{Backtrack, OutOfReach, Reach};
