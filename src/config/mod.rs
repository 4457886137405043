//! Settings, and where files live. Read by the front ends and handed down as values.

mod memory;
mod merge;
mod paths;
mod settings;

pub use memory::Memory;
pub use merge::{ConfigError, Origin, Setting};
pub use paths::Paths;
pub use settings::{
    AwsSettings, CloneSettings, CloudWatch, MetricSettings, OnStart, PolicySettings, PriceSettings, RefreshSettings,
    Settings, SweepSettings, TaskSettings, UiSettings,
};

/// Looks up a variable of the environment, so that tests need not change the real one.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;
