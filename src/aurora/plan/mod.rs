//! What a task will do, computed before it starts: checks with their mends, the calls, the cost.
//!
//! The same function runs when a dialog opens, for `--dry-run`, and once more on fresh readings just before the first
//! call.

mod adopt;
mod call;
mod clone;
mod delete;
mod mark;
mod offer;
mod rewind;
mod secure;
mod stay;

use jiff::Timestamp;

use super::cluster::Binlog;
use super::cost::{Cost, Prices};
use super::discard::Past;
use super::fleet::Fleet;
use super::ids::{ClusterId, ResourceId};
use super::policy::{Policy, Ruling};
use super::usual::Estimate;

pub use adopt::{Adoption, adopt};
pub use clone::{MAX_CLONES, clone, default_name};
pub use delete::delete;
pub use mark::mark;
pub use offer::Offer;
pub use rewind::rewind;
pub use secure::secure;
pub use stay::stay;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Pass,
    /// Worth knowing.
    Warn,
    /// It will not be done.
    Fail,
}

impl Level {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing looked at before starting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at, in a word or two.
    pub name: &'static str,
    /// How it came out.
    pub level: Level,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub mend: Option<String>,
}

/// What a task will do.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The task in a sentence.
    pub title: String,
    /// The cluster whose identifier is typed, where the policy asks for it: the one that is changed.
    pub subject: ClusterId,
    /// Its resource id, if it exists already.
    pub resource: Option<ResourceId>,
    /// What was looked at.
    pub checks: Vec<Check>,
    /// The calls to AWS, each as a command line that does the same.
    pub calls: Vec<String>,
    /// What it costs.
    pub cost: Option<Cost>,
    /// Why the identifier must be typed, if it must.
    pub confirm: Option<String>,
    /// What can be done instead, where a check forbids the task.
    pub offers: Vec<Offer>,
}

impl Plan {
    /// A plan in which nothing has been looked at yet.
    pub fn about(title: String, subject: ClusterId, resource: Option<ResourceId>) -> Self {
        Self {
            title,
            subject,
            resource,
            checks: Vec::new(),
            calls: Vec::new(),
            cost: None,
            confirm: None,
            offers: Vec::new(),
        }
    }

    /// The checks that forbid the task.
    pub fn failures(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.level == Level::Fail)
    }

    /// What forbids the task, in a line.
    pub fn reasons(&self) -> String {
        let reasons: Vec<_> = self.failures().map(|check| format!("{}: {}", check.name, check.message)).collect();
        reasons.join("; ")
    }

    /// Whether a check forbids the task.
    pub fn blocked(&self) -> bool {
        self.failures().next().is_some()
    }
}

/// What plans are made from: readings, rules and prices of one moment.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// What has been read; it need only hold the clusters in question and their clone groups.
    pub fleet: &'a Fleet,
    /// The rules.
    pub policy: &'a Policy,
    /// The prices.
    pub prices: &'a Prices,
    /// The present moment.
    pub now: Timestamp,
    /// What is known besides of the cluster in question.
    pub known: Option<Knowledge<'a>>,
}

/// What somebody who looks closely at a cluster knows of it.
#[derive(Debug, Clone, Copy)]
pub struct Knowledge<'a> {
    /// The cluster.
    pub cluster: &'a ResourceId,
    /// Its past. Of marks, those of the journal are enough.
    pub past: Past<'a>,
    /// Connections that are open on its writer.
    pub connections: Option<u64>,
    /// Whether binary logging is on.
    pub binlog: Binlog,
    /// How long rewinds took before.
    pub usually: Option<Estimate>,
}

impl<'a> Desk<'a> {
    /// What is known of this cluster.
    fn known_of(&self, cluster: &ResourceId) -> Option<Knowledge<'a>> {
        self.known.filter(|known| known.cluster == cluster)
    }
}

/// Collects checks.
#[derive(Debug, Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn pass(&mut self, name: &'static str, message: impl Into<String>) {
        self.add(name, Level::Pass, message.into(), None);
    }

    fn warn(&mut self, name: &'static str, message: impl Into<String>, mend: impl Into<String>) {
        self.add(name, Level::Warn, message.into(), Some(mend.into()));
    }

    fn fail(&mut self, name: &'static str, message: impl Into<String>, mend: impl Into<String>) {
        self.add(name, Level::Fail, message.into(), Some(mend.into()));
    }

    /// Records that the cluster of a request is gone.
    fn missing(&mut self, cluster: &ClusterId) {
        self.fail("cluster", format!("`{cluster}` is not there any more"), "look at the list again");
    }

    /// Records the ruling on what is done to clones of ours alone: typing an identifier does not help.
    fn ours_alone(&mut self, ruling: Ruling) {
        let mend = "choose a clone of yours";
        match ruling {
            Ruling::Allowed => self.pass("policy", "a clone of ours"),
            Ruling::Confirm(why) => self.fail("policy", why, mend),
            Ruling::Refused(reasons) => self.fail("policy", format!("refused: {}", reasons.join("; ")), mend),
        }
    }

    fn add(&mut self, name: &'static str, level: Level, message: String, mend: Option<String>) {
        self.0.push(Check { name, level, message, mend });
    }

    /// Records the ruling of the policy; gives back why the identifier must be typed.
    fn policy(&mut self, ruling: Ruling) -> Option<String> {
        match ruling {
            Ruling::Allowed => {
                self.pass("policy", "a clone of ours");
                None
            }
            Ruling::Confirm(reason) => {
                self.warn("policy", reason.clone(), "type its identifier to go on (headless: --confirm ID)");
                Some(reason)
            }
            Ruling::Refused(reasons) => {
                self.fail("policy", format!("refused: {}", reasons.join("; ")), "choose a clone of yours");
                None
            }
        }
    }
}
