//! Commands around clones: what keeps order, and what is asked for before the first one.

use std::num::NonZeroU32;

use clap::Args;
use jiff::SignedDuration;

use super::ChangeArgs;
use crate::aurora::iam::Feature;
use crate::aurora::ids::ClusterId;
use crate::aurora::span;
use crate::aurora::stay::KeepFor;

#[derive(Debug, Args)]
pub struct IamArgs {
    /// What is to be done: clone, rewind, tags, delete, metrics, test (clones of test runs), managed (their passwords in Secrets
    /// Manager), environment (their stacks), kms; reading is always allowed
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "clone,rewind,tags,delete,metrics,test")]
    pub features: Vec<Feature>,
    /// What the names of clones begin with; nothing else may be changed; repeatable
    #[arg(long, value_name = "TEXT", default_values = ["clone-", "test-"], value_parser = prefix)]
    pub prefix: Vec<String>,
    /// Clusters that may be cloned, with `*`; repeatable
    #[arg(long, value_name = "PATTERN", default_value = "*", value_parser = pattern)]
    pub source: Vec<String>,
    /// Account id
    #[arg(long, value_name = "ID", default_value = "*", value_parser = account)]
    pub account: String,
}

#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// Only say whether the settings can be used; exit code 2 if not
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Args)]
pub struct SweepArgs {
    /// The most to delete, the longest expired first; otherwise the setting sweep.limit
    #[arg(long, value_name = "N")]
    pub limit: Option<NonZeroU32>,
    /// Tell of what expires within this time; otherwise the setting sweep.warn
    #[arg(long, value_name = "SPAN", value_parser = span::parse)]
    pub warn: Option<SignedDuration>,
    /// Print the plan and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Stop after the first call of each; `aurewind tasks resume` goes on
    #[arg(long)]
    pub no_wait: bool,
    /// Stop waiting after this time
    #[arg(long, value_name = "SPAN", value_parser = span::parse)]
    pub timeout: Option<SignedDuration>,
}

#[derive(Debug, Args)]
pub struct KeepArgs {
    /// The clone
    pub id: ClusterId,
    /// For how long from now; `off` ends it
    #[arg(value_name = "SPAN|forever|off", value_parser = KeepFor::parse)]
    pub length: KeepFor,
    #[command(flatten)]
    pub change: ChangeArgs,
}

#[derive(Debug, Args)]
pub struct ExtendArgs {
    /// The clone
    pub id: ClusterId,
    /// By how much: after its expiry, or after now if that is over
    #[arg(value_name = "SPAN", value_parser = span::parse)]
    pub more: SignedDuration,
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// Nothing that would end the part of an ARN, or reach further than it says.
fn prefix(text: &str) -> Result<String, String> {
    let legal = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    if legal && begins { Ok(text.to_ascii_lowercase()) } else { Err("write the beginning of an identifier".into()) }
}

fn pattern(text: &str) -> Result<String, String> {
    let legal = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-*?".contains(c));
    if legal { Ok(text.to_ascii_lowercase()) } else { Err("write an identifier, with `*` and `?`".into()) }
}

fn account(text: &str) -> Result<String, String> {
    let number = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    if number || text == "*" { Ok(text.to_owned()) } else { Err("write the twelve digits of an account".into()) }
}
