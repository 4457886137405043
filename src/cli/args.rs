//! The command line as clap reads it.

mod upkeep;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::SignedDuration;

use crate::aurora::ids::ClusterId;
use crate::aurora::mark::MarkName;
use crate::aurora::span;
use crate::engine::TaskId;
#[cfg(unix)]
use crate::sim::KEEPER;
use crate::sim::{Fault, FleetSpec};

pub use upkeep::{ConfigArgs, ExtendArgs, IamArgs, KeepArgs, SweepArgs};

/// Clone, rewind and delete Amazon Aurora clusters without fear.
#[derive(Debug, Parser)]
#[command(name = "aurewind", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Where to look and how to answer.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// AWS profile
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// AWS region
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,
    /// Endpoint instead of AWS's own, such as `aurewind sim`
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Settings file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Refuse every change
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Print one JSON object on standard output and nothing else there
    #[arg(long, global = true)]
    pub json: bool,
    /// No progress on standard error; a question and the plan that it is about are shown all the same
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Say more on standard error; twice for still more
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The dashboard on a simulated account: nothing needed, nothing kept
    Demo(DemoArgs),
    /// Serve a simulated account for other programs
    Sim(SimArgs),
    /// List clusters and their clones
    List(ListArgs),
    /// Show one cluster with its marks, rewinds and events
    Show(ShowArgs),
    /// Clone a cluster (copy-on-write), or copy a past moment of it
    Clone(CloneArgs),
    /// Take a cluster back in time, in place
    Rewind(RewindArgs),
    /// Take back the last rewind of a cluster, while its window holds the state before it
    Undo(UndoArgs),
    /// Name a moment of a cluster to return to: as a tag on a clone of yours, else in the journal here
    Mark(MarkArgs),
    /// List the marks of a cluster, and how long each can still be rewound to
    Marks(MarksArgs),
    /// Finish a clone that was begun here or elsewhere, by what its tags prove
    Adopt(AdoptArgs),
    /// Delete clusters with their instances
    Delete(DeleteArgs),
    /// Delete clones of yours that have expired; shows the plan first
    Sweep(SweepArgs),
    /// Protect a clone of yours from sweep and delete for a while, or no longer
    Keep(KeepArgs),
    /// Let a clone of yours live longer
    Extend(ExtendArgs),
    /// Run a test recipe: clone, release, test, rewind, report, and always tear down
    Test(TestArgs),
    /// List, show, resume, cancel or await tasks
    Tasks(TasksArgs),
    /// Look at everything that a run depends on, and say what to do about it; changes nothing
    Doctor,
    /// Print the least that AWS has to allow, as an IAM policy
    IamPolicy(IamArgs),
    /// Print a CloudFormation template of an isolated environment to try clones in
    Template,
    /// Print where files are and every setting with where it comes from
    Config(ConfigArgs),
    /// Print a completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// Become a database server that ends with the simulator
    #[cfg(unix)]
    #[command(name = KEEPER, hide = true)]
    DatabaseKeeper {
        /// The process number of the simulator
        parent: i32,
        /// The server
        program: PathBuf,
        /// What it is started with
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<std::ffi::OsString>,
    },
}

#[derive(Debug, Args)]
pub struct DemoArgs {
    #[command(flatten)]
    pub account: AccountArgs,
    /// Write pictures of the real screens into this folder instead of opening the dashboard
    #[arg(long, value_name = "DIR")]
    pub pictures: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct AccountArgs {
    /// Clusters: the demo fleet, none, or that many
    #[arg(long, value_name = "demo|empty|N", default_value = "demo")]
    pub fleet: FleetSpec,
    /// How much faster than AWS things happen; timestamps stay real
    #[arg(long, value_name = "X", value_parser = speed)]
    pub speed: Option<f64>,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Real databases behind the Aurora MySQL clusters: local MariaDB servers, which are not Aurora MySQL
    #[cfg(unix)]
    #[arg(long, value_name = "mariadb", value_enum)]
    pub data_plane: Option<DataPlaneKind>,
    /// A fault to inject, such as throttle=0.3 or lost:RestoreDBClusterToPointInTime=1; repeatable
    #[arg(long, value_name = "NAME[:ACTION]=VALUE")]
    pub fault: Vec<Fault>,
}

/// What stands behind simulated clusters.
#[cfg(unix)]
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum DataPlaneKind {
    /// MariaDB servers of this machine.
    Mariadb,
}

#[derive(Debug, Args)]
pub struct SimArgs {
    /// Address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4577")]
    pub listen: SocketAddr,
    /// Let other machines in: the simulator asks nobody for a password
    #[arg(long)]
    pub allow_remote: bool,
    /// Number of the account, of 12 digits; its Region is that of --region
    #[arg(long, value_name = "NUMBER")]
    pub account_number: Option<String>,
    /// Keep the account in this file; when it is there, it counts and not --fleet, --seed, --region and --account-number
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    #[command(flatten)]
    pub account: AccountArgs,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// Clones only
    #[arg(long)]
    pub clones: bool,
    /// Words and terms that must all hold, such as "orders status:available age>2d owned:yes"
    #[arg(long, value_name = "EXPR", default_value = "")]
    pub filter: String,
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The cluster
    pub id: ClusterId,
}

/// What every command that changes something takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Changing something")]
pub struct ChangeArgs {
    /// Print the plan and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// The identifier of the cluster, where the policy wants it typed; repeatable
    #[arg(long, value_name = "ID")]
    pub confirm: Vec<ClusterId>,
    /// Stop after the first call; `aurewind tasks resume` goes on
    #[arg(long)]
    pub no_wait: bool,
    /// Stop waiting after this time
    #[arg(long, value_name = "SPAN", value_parser = span::parse)]
    pub timeout: Option<SignedDuration>,
}

#[derive(Debug, Args)]
pub struct CloneArgs {
    /// The cluster to clone
    pub source: ClusterId,
    /// Name of the clone
    #[arg(long, value_name = "ID")]
    pub name: Option<ClusterId>,
    /// Instance class, such as db.r6g.large; otherwise that of the source's writer
    #[arg(long, value_name = "CLASS")]
    pub class: Option<String>,
    /// How long it may live, such as 4h, or `never`
    #[arg(long, value_name = "SPAN", value_parser = life)]
    pub ttl: Option<Life>,
    /// Backtrack window, such as 24h; 0 is off
    #[arg(long, value_name = "SPAN", value_parser = window)]
    pub window: Option<SignedDuration>,
    /// DB subnet group
    #[arg(long, value_name = "NAME")]
    pub subnet_group: Option<String>,
    /// VPC security group; repeatable
    #[arg(long, value_name = "ID")]
    pub security_group: Vec<String>,
    /// Cluster parameter group
    #[arg(long, value_name = "NAME")]
    pub parameter_group: Option<String>,
    /// Leave the clone without an instance
    #[arg(long)]
    pub no_instance: bool,
    /// A full copy of a past moment instead of a clone: slow, and with its own storage
    #[arg(long, requires = "at")]
    pub full_copy: bool,
    /// The moment of the full copy
    #[arg(long, value_name = "TIME", requires = "full_copy", allow_hyphen_values = true)]
    pub at: Option<String>,
    #[command(flatten)]
    pub change: ChangeArgs,
}

#[derive(Debug, Args)]
pub struct RewindArgs {
    /// The cluster
    pub id: ClusterId,
    /// A time (14:32, -25m, 2026-11-22T14:32:10Z), a mark, or `earliest`
    #[arg(long, value_name = "TIME|MARK|earliest", allow_hyphen_values = true)]
    pub to: String,
    /// Exit with 8 if it lands further away than this
    #[arg(long, value_name = "SPAN", value_parser = span::parse, default_value = "10s")]
    pub tolerance: SignedDuration,
    /// Go on although binary logging is on: what reads the binary log never hears of the rewind
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub change: ChangeArgs,
}

#[derive(Debug, Args)]
pub struct MarkArgs {
    /// The cluster
    pub id: ClusterId,
    /// Name of the mark
    pub name: MarkName,
    /// The moment that it stands for; otherwise the present one
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub at: Option<String>,
    /// Take the mark off
    #[arg(long, conflicts_with = "at")]
    pub remove: bool,
    #[command(flatten)]
    pub change: ChangeArgs,
}

#[derive(Debug, Args)]
pub struct MarksArgs {
    /// The cluster
    pub id: ClusterId,
}

#[derive(Debug, Args)]
pub struct UndoArgs {
    /// The cluster
    pub id: ClusterId,
    /// Exit with 8 if it lands further away than this
    #[arg(long, value_name = "SPAN", value_parser = span::parse, default_value = "10s")]
    pub tolerance: SignedDuration,
    #[command(flatten)]
    pub change: ChangeArgs,
}

#[derive(Debug, Args)]
pub struct TestArgs {
    /// The recipe; several with --check
    #[arg(required_unless_present = "schema", value_name = "RECIPE")]
    pub recipe: Vec<PathBuf>,
    /// Only say whether the recipes can be used; asks nothing of AWS
    #[arg(long)]
    pub check: bool,
    /// Print the JSON schema of recipes, for editors
    #[arg(long, conflicts_with_all = ["recipe", "check"])]
    pub schema: bool,
    /// Write all reports into this folder
    #[arg(long, value_name = "DIR")]
    pub report_dir: Option<PathBuf>,
    /// Leave the clone of a run that fails for so long, such as 2h, to look at it
    #[arg(long, value_name = "SPAN", value_parser = span::parse)]
    pub keep_on_failure: Option<SignedDuration>,
    #[command(flatten)]
    pub change: ChangeArgs,
}

#[derive(Debug, Args)]
pub struct AdoptArgs {
    /// The clone
    pub id: ClusterId,
    /// Class of the instance that it gets if it has none; otherwise that of the source's writer
    #[arg(long, value_name = "CLASS")]
    pub class: Option<String>,
    /// Leave it without an instance
    #[arg(long, conflicts_with = "class")]
    pub no_instance: bool,
    #[command(flatten)]
    pub change: ChangeArgs,
}

#[derive(Debug, Args)]
pub struct DeleteArgs {
    /// The clusters
    #[arg(required = true)]
    pub ids: Vec<ClusterId>,
    /// Keep the data as a manual snapshot of this name; for one cluster only
    #[arg(long, value_name = "NAME")]
    pub final_snapshot: Option<ClusterId>,
    #[command(flatten)]
    pub change: ChangeArgs,
}

#[derive(Debug, Args)]
pub struct TasksArgs {
    #[command(subcommand)]
    pub command: Option<TasksCommand>,
}

#[derive(Debug, Subcommand)]
pub enum TasksCommand {
    /// One task with its steps
    Show {
        /// The task
        task: TaskId,
    },
    /// Drive unfinished tasks to their end
    Resume {
        /// The task, also one that was cancelled with --keep; otherwise every unfinished one of this account and region
        task: Option<TaskId>,
    },
    /// End a task before its time, whichever process drives it
    Cancel(CancelArgs),
    /// Wait for the end of a task, whichever process drives it
    Wait(WaitArgs),
}

#[derive(Debug, Args)]
pub struct CancelArgs {
    /// The task
    pub task: TaskId,
    /// Delete what a half-built clone consists of (the default for a clone)
    #[arg(long, conflicts_with = "keep")]
    pub tear_down: bool,
    /// Stop watching and leave the rest to AWS (the default for everything else)
    #[arg(long)]
    pub keep: bool,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct WaitArgs {
    /// The task
    pub task: TaskId,
    /// Stop waiting after this time
    #[arg(long, value_name = "SPAN", value_parser = span::parse)]
    pub timeout: Option<SignedDuration>,
}

/// The life of a clone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It never expires.
    Never,
    /// It expires after this time.
    For(SignedDuration),
}

fn life(text: &str) -> Result<Life, span::InvalidSpan> {
    if text == "never" { Ok(Life::Never) } else { span::parse(text).map(Life::For) }
}

fn window(text: &str) -> Result<SignedDuration, span::InvalidSpan> {
    if matches!(text, "0" | "off") { Ok(SignedDuration::ZERO) } else { span::parse(text) }
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed.is_finite() && (0.1..=10_000.0).contains(&speed) => Ok(speed),
        _ => Err("write a number from 0.1 to 10000".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// Command lines in the examples of schedules are understood.
    #[rstest::rstest]
    #[case::actions(include_str!("../../docs/schedules/github-actions.yaml"))]
    #[case::systemd(include_str!("../../docs/schedules/aurewind-sweep.service"))]
    #[case::cron(include_str!("../../docs/schedules/crontab"))]
    #[case::build(include_str!("../../docs/schedules/buildspec.yaml"))]
    #[case::page(include_str!("../../docs/schedules/README.md"))]
    fn examples(#[case] text: &str) {
        let lines: Vec<_> = text.lines().filter_map(|line| line.split_once("aurewind sweep --")).collect();
        assert!(!lines.is_empty());
        for (_, rest) in lines {
            let rest = rest.split(['|', '>', '#', '`', '"']).next().unwrap_or_default();
            let line = format!("aurewind sweep --{rest}");
            assert!(Cli::try_parse_from(line.split_whitespace()).is_ok(), "{line}");
        }
    }

    #[rstest::rstest]
    #[case(&["rewind", "a", "--to", "-25m"], true)]
    #[case(&["rewind", "a"], false)]
    #[case(&["clone", "a", "--ttl", "4x"], false)]
    #[case(&["clone", "a", "--ttl", "never", "--window", "0"], true)]
    #[case(&["clone", "a", "--at", "-1h"], false)]
    #[case(&["clone", "a", "--full-copy", "--at", "-1h"], true)]
    #[case(&["clone", "a--b"], false)]
    #[case(&["delete"], false)]
    #[case(&["mark", "a", "v2", "--at", "-25m"], true)]
    #[case(&["mark", "a", "v2", "--at", "-25m", "--remove"], false)]
    #[case(&["mark", "a", "14:32"], false)]
    #[case(&["mark", "a"], false)]
    #[case(&["keep", "a", "2h"], true)]
    #[case(&["keep", "a", "off"], true)]
    #[case(&["keep", "a", "tuesday"], false)]
    #[case(&["extend", "a", "forever"], false)]
    #[case(&["sweep", "--limit", "0"], false)]
    #[case(&["sweep", "--limit", "3", "--warn", "2h"], true)]
    #[case(&["iam-policy", "--features", "clone,rewind", "--prefix", "ci-", "--source", "orders-*"], true)]
    #[case(&["iam-policy", "--features", "everything"], false)]
    #[case(&["iam-policy", "--prefix", "*"], false)]
    #[case(&["iam-policy", "--prefix", ""], false)]
    #[case(&["iam-policy", "--source", "a:b"], false)]
    #[case(&["iam-policy", "--account", "12"], false)]
    #[case(&["tasks", "show", "nonsense"], false)]
    #[case(&["sim", "--speed", "0"], false)]
    #[case(&["list", "--json", "--profile", "ci"], true)]
    fn lines(#[case] words: &[&str], #[case] good: bool) {
        let line = std::iter::once("aurewind").chain(words.iter().copied());
        assert_eq!(Cli::try_parse_from(line).is_ok(), good, "{words:?}");
    }
}
