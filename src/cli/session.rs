//! What every command that talks to AWS starts from: settings, connection, engine.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::args::Global;
use super::error::CliError;
use super::output::Output;
use crate::aurora::fleet::Fleet;
use crate::aurora::policy::Policy;
use crate::aws::{Aws, Connection, Timeouts};
use crate::config::{CloudWatch, Paths, Settings};
use crate::engine::journal::Journal;
use crate::engine::store::Store;
use crate::engine::{Clock, Engine, Rules, Tempo, system_clock};
use crate::recipe::run::TakeOver;

/// Settings and flags of one run.
pub struct Session {
    /// Where to say what.
    pub output: Output,
    /// Settings.
    pub settings: Settings,
    /// Files.
    pub paths: Paths,
    /// How to reach AWS.
    pub connection: Connection,
    /// Rules.
    pub rules: Rules,
    /// The clock.
    pub clock: Clock,
}

/// Reads an environment variable; what is empty or no text is not set.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Session {
    /// Reads the settings.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(global: &Global) -> Result<Self, CliError> {
        let output = Output { json: global.json, quiet: global.quiet };
        let paths = Paths::find(&environment)
            .ok_or_else(|| CliError::usage("there is no home directory; set AUREWIND_STATE_DIR and AUREWIND_CONFIG"))?;
        let settings = Settings::load(global.config.as_deref(), &environment)
            .map_err(|error| CliError::usage(error.to_string()))?;
        let connection = Connection {
            profile: global.profile.clone().or_else(|| environment("AWS_PROFILE")),
            region: global.region.clone(),
            // Known here and not only to the SDK: what is on this machine is treated otherwise than AWS.
            endpoint: global.endpoint_url.clone().or_else(|| environment("AWS_ENDPOINT_URL")),
            rds_endpoint: environment("AWS_ENDPOINT_URL_RDS").filter(|_| global.endpoint_url.is_none()),
            demo: false,
            timeouts: Timeouts {
                connect: settings.aws.connect_timeout,
                attempt: settings.aws.attempt_timeout,
                call: settings.aws.call_timeout,
                metadata: settings.aws.imds_timeout,
            },
            no_metrics: settings.metrics.cloudwatch == CloudWatch::Off,
            metrics_endpoint: environment("AWS_ENDPOINT_URL_CLOUDWATCH"),
            stacks_endpoint: environment("AWS_ENDPOINT_URL_CLOUDFORMATION").filter(|_| global.endpoint_url.is_none()),
            calls_per_minute: Some(settings.aws.calls_per_minute),
        };
        let policy = settings.policy(global.read_only);
        let rules = Rules { policy, prices: settings.prices(), ..Rules::default() };
        Ok(Self { output, settings, paths, connection, rules, clock: system_clock() })
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The present moment in the zone that times are read in.
    pub fn zoned(&self) -> Zoned {
        let zone = if self.settings.ui.utc { TimeZone::UTC } else { TimeZone::system() };
        self.now().to_zoned(zone)
    }

    /// Rules of the policy.
    pub fn policy(&self) -> &Policy {
        &self.rules.policy
    }

    /// Whether anything may be changed: asked before a task is taken up that could not go on.
    ///
    /// # Errors
    /// If not.
    pub fn may_change(&self) -> Result<(), CliError> {
        if self.policy().read_only {
            return Err(CliError::refused("this is read-only mode").next("start without --read-only"));
        }
        Ok(())
    }

    /// Opens a connection.
    ///
    /// # Errors
    /// What is missing.
    pub async fn aws(&self) -> Result<Aws, CliError> {
        Ok(self.connection.open().await?)
    }

    /// Opens the journal.
    ///
    /// # Errors
    /// If it cannot be used.
    pub fn journal(&self) -> Result<Journal, CliError> {
        let journal = Journal::open(&self.paths.state_dir)?;
        if let Some(notice) = journal.notice() {
            self.output.say(&format!("aurewind: {notice}"));
        }
        Ok(journal)
    }

    /// An engine on `aws`, with the journal.
    ///
    /// # Errors
    /// If the journal cannot be used.
    pub fn engine(&self, aws: &Aws) -> Result<Engine, CliError> {
        let local = aws.place().is_local();
        let tempo = if local { Tempo::LOCAL } else { Tempo::default() };
        let rules = if local { self.rules.clone().local() } else { self.rules.clone() };
        let engine = Engine::new(aws.clone(), Arc::new(self.journal()?), rules, tempo, self.clock.clone());
        Ok(engine.with_supervisor(Arc::new(TakeOver::new(aws.clone()))))
    }
}

/// Reads the whole fleet.
///
/// # Errors
/// What AWS answered.
pub async fn read_fleet(aws: &Aws) -> Result<Fleet, CliError> {
    Ok(aws.fleet().await?)
}
