//! `aurewind doctor`: looks at everything that a run depends on, and says what to do about it. Changes nothing.

use std::io::IsTerminal;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::args::Global;
use super::change::PRINTED;
use super::error::{CliError, Exit};
use super::json;
use super::output::check_lines;
use super::session::{Session, environment};
use crate::aurora::cluster::{Binlog, Cluster};
use crate::aurora::plan::{Check, Level};
use crate::aurora::span;
use crate::aws::{Aws, AwsError};
use crate::engine::store::Store;
#[cfg(unix)]
use crate::sim::DataPlane;
use crate::tui::terminal::Capabilities;

/// From this difference on AWS refuses signatures (General Reference, Signature Version 4: five minutes).
const REFUSED_SKEW: SignedDuration = SignedDuration::from_mins(5);
/// From this one on times on screen are wrong enough to mislead.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// What was found.
#[derive(Default)]
struct Findings {
    checks: Vec<Check>,
    /// How the first that failed ends the process.
    exit: Option<Exit>,
}

impl Findings {
    fn pass(&mut self, name: &'static str, message: impl Into<String>) {
        self.add(name, Level::Pass, message.into(), None);
    }

    fn warn(&mut self, name: &'static str, message: impl Into<String>, mend: impl Into<String>) {
        self.add(name, Level::Warn, message.into(), Some(mend.into()));
    }

    fn fail(&mut self, name: &'static str, exit: Exit, message: impl Into<String>, mend: impl Into<String>) {
        self.add(name, Level::Fail, message.into(), Some(mend.into()));
        self.exit.get_or_insert(exit);
    }

    fn add(&mut self, name: &'static str, level: Level, message: String, mend: Option<String>) {
        self.checks.push(Check { name, level, message, mend });
    }

    fn refused(&mut self, name: &'static str, error: &AwsError) {
        self.fail(name, Exit::Aws, error.message.clone(), error.mend());
    }
}

/// Looks at everything.
pub async fn run(session: &Session, global: &Global) -> Result<(), CliError> {
    let mut found = Findings::default();
    found.pass("version", format!("aurewind {}", env!("CARGO_PKG_VERSION")));
    settings(session, global, &mut found);
    journal(session, &mut found);
    terminal(&mut found);
    #[cfg(unix)]
    databases(session, &mut found);
    match session.aws().await {
        Ok(aws) => {
            place(&aws, &mut found);
            if identity(session, &aws, &mut found).await {
                permissions(session, &aws, &mut found).await;
            }
        }
        Err(error) => {
            let mend = error.next_steps.first().cloned().unwrap_or_default();
            found.fail("region", error.exit, error.message, mend);
        }
    }
    report(session, &found)
}

fn settings(session: &Session, global: &Global, found: &mut Findings) {
    let path = global.config.as_ref().unwrap_or(&session.paths.config_file);
    let file = path.display();
    if path.exists() {
        found.pass("settings", file.to_string());
    } else {
        found.pass("settings", format!("the defaults; there is no {file}"));
    }
}

fn journal(session: &Session, found: &mut Findings) {
    let unfinished = session.journal().and_then(|journal| Ok(journal.unfinished()?));
    match unfinished {
        Ok(tasks) if tasks.is_empty() => found.pass("journal", format!("{}", session.paths.state_dir.display())),
        Ok(tasks) => {
            let message = format!("{} unfinished in {}", tasks.len(), session.paths.state_dir.display());
            found.warn("journal", message, "`aurewind tasks` lists them, `aurewind tasks resume` goes on");
        }
        Err(error) => {
            let mend = error.next_steps.first().cloned().unwrap_or_default();
            found.fail("journal", error.exit, error.message, mend);
        }
    }
}

fn terminal(found: &mut Findings) {
    let terminal = Capabilities::find(&environment);
    if !std::io::stdout().is_terminal() {
        return found.pass("terminal", "none here: commands only");
    }
    if terminal.dumb {
        return found.warn("terminal", "it can show no dashboard; commands work", "set TERM, to xterm-256color maybe");
    }
    let colours = match (terminal.no_color, terminal.truecolor) {
        (true, _) => "no colours",
        (false, true) => "24-bit colours",
        (false, false) => "256 colours",
    };
    if terminal.utf8 {
        found.pass("terminal", format!("{colours}, UTF-8"));
    } else {
        found.warn("terminal", format!("{colours}, ASCII signs only"), "set a UTF-8 locale: LANG=C.UTF-8");
    }
}

/// The simulated account can do without; only a test against real databases cannot.
#[cfg(unix)]
fn databases(session: &Session, found: &mut Findings) {
    let Ok(program) = std::env::current_exe() else { return };
    match DataPlane::new(session.paths.state_dir.clone(), program).server() {
        Ok(server) => found.pass("mariadbd", format!("{server}, for `aurewind sim --data-plane mariadb`")),
        Err(error) => found.warn("mariadbd", "`aurewind sim --data-plane mariadb` has no rows here", error.to_string()),
    }
}

fn place(aws: &Aws, found: &mut Findings) {
    let place = aws.place();
    found.pass("region", place.region.clone().unwrap_or_default());
    match &place.endpoint {
        None => found.pass("endpoint", "that of AWS"),
        Some(url) if place.is_local() => found.pass("endpoint", format!("{url}, on this machine")),
        Some(url) => found.pass("endpoint", url.clone()),
    }
}

/// Says whether it is worth going on.
async fn identity(session: &Session, aws: &Aws, found: &mut Findings) -> bool {
    let (identity, clock) = aws.identity().await;
    if let Some(clock) = clock {
        skew(clock, session.now(), found);
    }
    match identity {
        Ok(identity) => {
            found.pass("credentials", format!("{} in account {}", identity.arn, identity.account));
            true
        }
        // An endpoint of RDS alone does not know it; whether the credentials do is seen by what is read.
        Err(error) if aws.place().endpoint.is_some() => {
            found.warn("credentials", format!("this endpoint does not say whose: {error}"), error.mend());
            true
        }
        Err(error) => {
            found.refused("credentials", &error);
            false
        }
    }
}

fn skew(theirs: Timestamp, ours: Timestamp, found: &mut Findings) {
    let difference = ours.duration_since(theirs);
    let (length, way) = (span::short(difference), if difference.is_negative() { "behind" } else { "ahead of" });
    let message = format!("this machine is {length} {way} AWS");
    // A date has whole seconds, and the answer took its time.
    if difference.abs() >= REFUSED_SKEW {
        found.fail("clock", Exit::Aws, message, "set the clock of this machine: AWS refuses its signatures");
    } else if difference.abs() >= SKEW {
        found.warn("clock", message, "set the clock of this machine: times shown as `now` are not");
    } else {
        found.pass("clock", "as that of AWS");
    }
}

/// Tries what can be tried without harm: everything that reads. RDS has no dry run for what changes something.
async fn permissions(session: &Session, aws: &Aws, found: &mut Findings) {
    let clusters = match aws.all_clusters().await {
        Ok(clusters) => clusters,
        Err(error) => return found.refused("clusters", &error),
    };
    found.pass("clusters", format!("{} of Aurora", clusters.len()));
    let Some(sample) = clusters.iter().find(|cluster| cluster.backtrack.enabled()).or(clusters.first()) else {
        return found.warn("reading", "not tried: there is no Aurora cluster here", "check profile and region");
    };
    match aws.instances(std::slice::from_ref(&sample.id)).await {
        Ok(instances) => found.pass("instances", format!("{} of {}", instances.len(), sample.id)),
        Err(error) => found.refused("instances", &error),
    }
    history(aws, sample, found).await;
    match aws.metrics(sample, session.now()).await {
        Ok(Some(_)) => found.pass("metrics", format!("CloudWatch answers for {}", sample.id)),
        Ok(None) => found.pass("metrics", "CloudWatch is not asked, or has nothing"),
        Err(error) => found.warn("metrics", error.message.clone(), "`aurewind iam-policy` names what is needed"),
    }
    if session.policy().read_only {
        found.pass("changes", "none: this is read-only mode");
    } else {
        found.pass("changes", "not tried: RDS has no dry run; `aurewind iam-policy` names what they need");
    }
}

async fn history(aws: &Aws, sample: &Cluster, found: &mut Findings) {
    let history = match aws.history(sample).await {
        Ok(history) => history,
        Err(error) => return found.refused("history", &error),
    };
    for missing in &history.missing {
        found.warn("history", missing.clone(), "`aurewind iam-policy` names what is needed");
    }
    if history.missing.is_empty() {
        let (rewinds, events) = (history.rewinds.len(), history.events.len());
        found.pass("history", format!("{rewinds} rewinds and {events} events of {}", sample.id));
    }
    if sample.backtrack.enabled() && history.binlog == Binlog::Unknown {
        let mend = "allow rds:DescribeDBClusterParameters, or say --force where it is on";
        found.warn("parameters", "whether binary logging is on cannot be read", mend);
    }
}

fn report(session: &Session, found: &Findings) -> Result<(), CliError> {
    let checks: Vec<_> = found.checks.iter().map(json::check).collect();
    let object = json!({ "checks": checks, "healthy": found.exit.is_none() });
    let text = || found.checks.iter().flat_map(check_lines).collect::<Vec<_>>().join("\n");
    let Some(exit) = found.exit else {
        session.output.result(object, text)?;
        return Ok(());
    };
    let failed: Vec<_> = found.checks.iter().filter(|check| check.level == Level::Fail).collect();
    let names = failed.iter().map(|check| check.name).collect::<Vec<_>>().join(", ");
    let mut error = CliError::new(exit, "unhealthy", format!("not as it should be: {names}"));
    error.next_steps = failed.iter().filter_map(|check| check.mend.clone()).collect();
    if session.output.json {
        session.output.error_with(&error, object);
    } else {
        session.output.result(object, text)?;
        session.output.error(&error);
    }
    Err(CliError { code: PRINTED, ..error })
}
