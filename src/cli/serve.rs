//! `aurewind sim`, `aurewind demo` and the dashboard: what stays until it is told to stop.

use std::io::Write;

use tokio::runtime::Runtime;

use super::args::{AccountArgs, DemoArgs, SimArgs};
use super::change::interrupted;
use super::error::{CliError, Exit};
use super::session::Session;
use crate::sim::{Clock, Options, SimError, Simulator};

/// As slow as AWS, for programs that are tested against it.
const SIM_SPEED: f64 = 1.0;

fn options(account: &AccountArgs, speed: f64) -> Options {
    Options {
        fleet: account.fleet.clone(),
        speed: account.speed.unwrap_or(speed),
        seed: account.seed,
        faults: account.fault.clone(),
        clock: Clock::system(),
        ..Options::default()
    }
}

impl From<SimError> for CliError {
    fn from(error: SimError) -> Self {
        Self::usage(error.to_string())
    }
}

/// Serves a simulated account until Ctrl-C or SIGTERM.
pub async fn sim(session: &Session, args: &SimArgs) -> Result<(), CliError> {
    let mut options = options(&args.account, SIM_SPEED);
    options.listen = args.listen;
    options.allow_remote = args.allow_remote;
    let simulator = Simulator::start(options).await?;
    {
        let mut out = std::io::stdout().lock();
        writeln!(out, "simulated account at {}", simulator.url())?;
        out.flush()?;
    }
    session.output.say(&format!("use it with: AWS_ENDPOINT_URL={} AWS_REGION=eu-west-1 aurewind", simulator.url()));
    session.output.say("any credentials will do; Ctrl-C ends it");
    let exit = interrupted().await;
    simulator.stop().await;
    match exit {
        Exit::Interrupted => Ok(()),
        exit => Err(CliError::new(exit, super::change::PRINTED, "terminated")),
    }
}

/// The dashboard on a simulated account.
pub fn demo(_runtime: &Runtime, _session: Session, _args: &DemoArgs) -> Result<(), CliError> {
    Ok(())
}

/// The dashboard on AWS.
pub fn dashboard(_runtime: &Runtime, _session: Session) -> Result<(), CliError> {
    Ok(())
}
