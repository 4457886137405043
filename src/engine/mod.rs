//! Durable tasks: what is asked for, the steps towards it, and the driver that takes them.

pub mod task;

pub use task::{Request, Step, StepState, Task, TaskError, TaskId, TaskResult, TaskState};
