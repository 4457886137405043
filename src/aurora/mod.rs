//! The domain: what Aurora clusters, clones and backtrack windows are, and what may be done with them.
//!
//! Pure and synchronous. No SDK, no async, no terminal, no clock: the present moment is always a parameter.

pub mod cluster;
pub mod cost;
pub mod discard;
pub mod event;
pub mod filter;
pub mod fleet;
pub mod history;
pub mod iam;
pub mod ids;
pub mod lineage;
pub mod mark;
pub mod ownership;
pub mod plan;
pub mod policy;
pub mod pressure;
pub mod request;
pub mod rewind;
pub mod secure;
pub mod span;
pub mod stack;
pub mod stay;
pub mod sweep;
pub mod text;
pub mod time;
pub mod undo;
pub mod usual;
pub mod window;

pub use cluster::{Binlog, Cluster, ClusterStatus, Engine, Health, Instance, Member};
pub use discard::{Discards, Past, discards};
pub use event::ClusterEvent;
pub use fleet::Fleet;
pub use ids::{ClusterId, InvalidId, ResourceId};
pub use mark::{Kept, Mark, MarkName};
pub use ownership::{Keep, Ours, Ownership};
pub use plan::{Check, Level, Plan};
pub use policy::{Deed, Fresh, Permit, Policy, Refusal, Ruling};
pub use pressure::{Pressure, Sample, Samples};
pub use request::{CloneRequest, CloneSpec, DeleteRequest, MarkRequest, RewindRequest};
pub use rewind::{Rewind, RewindStatus};
pub use secure::{MasterPassword, MasterSecret, SecureRequest};
pub use stack::{Stack, StackName, StackSpec};
pub use stay::{Stay, StayRequest};
pub use window::{Backtrack, OutOfReach, Reach};
