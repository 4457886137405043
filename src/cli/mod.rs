//! The front door: reads the command line and runs one command, one file each. Everything here prints; nothing decides.

mod adopt;
mod args;
mod change;
mod clone;
mod config;
mod delete;
mod doctor;
mod error;
mod iam_policy;
mod json;
mod list;
mod mark;
mod marks;
mod output;
mod pictures;
mod rewind;
mod serve;
mod session;
mod show;
mod stay;
mod sweep;
mod tasks;
mod test;
mod test_check;
mod undo;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use tokio::runtime::Runtime;

use args::{Cli, Command};
use error::{CliError, Exit};
use output::Output;
use session::Session;

/// An isolated environment to try clones in.
const TEMPLATE: &str = include_str!("../../config/environment.yaml");

/// Runs the program; gives back how the process ends.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            if !error.use_stderr() {
                let _ = error.print();
                return ExitCode::from(Exit::Done as u8);
            }
            // What was to be parsed is not, so the flag is looked for in what was typed.
            if std::env::args().any(|word| word == "--json") {
                let message = error.render().to_string();
                let first = message.lines().next().unwrap_or_default().trim_start_matches("error: ");
                Output { json: true, quiet: true }.error(&CliError::usage(first));
            } else {
                let _ = error.print();
            }
            return ExitCode::from(Exit::Usage as u8);
        }
    };
    let output = Output { json: cli.global.json, quiet: cli.global.quiet };
    match run(cli) {
        Ok(()) => ExitCode::from(Exit::Done as u8),
        Err(error) => {
            if error.code != change::PRINTED {
                output.error(&error);
            }
            ExitCode::from(error.exit as u8)
        }
    }
}

fn run(cli: Cli) -> Result<(), CliError> {
    match cli.command {
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "aurewind", &mut script);
            output::print(&String::from_utf8_lossy(&script))?;
            return Ok(());
        }
        Some(Command::Man) => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            output::print(&String::from_utf8_lossy(&page))?;
            return Ok(());
        }
        Some(Command::Template) => {
            output::print(TEMPLATE)?;
            return Ok(());
        }
        Some(Command::IamPolicy(args)) => {
            let output = Output { json: cli.global.json, quiet: cli.global.quiet };
            return iam_policy::run(output, &cli.global, &args);
        }
        #[cfg(unix)]
        Some(Command::DatabaseKeeper { parent, program, arguments }) => {
            return Err(crate::sim::become_server(parent, &program, &arguments).into());
        }
        _ => {}
    }
    let session = Session::new(&cli.global)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let done = dispatch(&runtime, session, &cli);
    let _ = std::io::stdout().flush();
    // A dead name server would otherwise hold the process for seconds.
    runtime.shutdown_background();
    done
}

fn dispatch(runtime: &Runtime, session: Session, cli: &Cli) -> Result<(), CliError> {
    let Some(command) = &cli.command else {
        return serve::dashboard(runtime, &session);
    };
    if cli.global.verbose > 0 {
        log_to_stderr(cli.global.verbose);
    }
    match command {
        Command::Demo(args) => serve::demo(runtime, &session, args),
        Command::Sim(args) => runtime.block_on(serve::sim(&session, args)),
        Command::List(args) => runtime.block_on(list::run(&session, args)),
        Command::Show(args) => runtime.block_on(show::run(&session, args)),
        Command::Clone(args) => runtime.block_on(clone::run(&session, args)),
        Command::Rewind(args) => runtime.block_on(rewind::run(&session, args)),
        Command::Undo(args) => runtime.block_on(undo::run(&session, args)),
        Command::Mark(args) => runtime.block_on(mark::run(&session, args)),
        Command::Marks(args) => runtime.block_on(marks::run(&session, args)),
        Command::Adopt(args) => runtime.block_on(adopt::run(&session, args)),
        Command::Delete(args) => runtime.block_on(delete::run(&session, args)),
        Command::Sweep(args) => runtime.block_on(sweep::run(&session, args)),
        Command::Keep(args) => runtime.block_on(stay::keep(&session, args)),
        Command::Extend(args) => runtime.block_on(stay::extend(&session, args)),
        Command::Test(args) => runtime.block_on(test::run(&session, &cli.global, args)),
        Command::Tasks(args) => runtime.block_on(tasks::run(&session, args)),
        Command::Doctor => runtime.block_on(doctor::run(&session, &cli.global)),
        Command::Config(args) => config::run(&session, &cli.global, args),
        Command::Completions { .. } | Command::Man | Command::Template | Command::IamPolicy(_) => Ok(()),
        #[cfg(unix)]
        Command::DatabaseKeeper { .. } => Ok(()),
    }
}

/// Messages of this program; those of the SDK are left out, because they may carry whole requests.
fn log_to_stderr(verbose: u8) {
    use tracing_subscriber::prelude::*;
    let level = if verbose > 1 { tracing::Level::DEBUG } else { tracing::Level::INFO };
    let ours = tracing_subscriber::filter::Targets::new().with_target("aurewind", level);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(ours);
    // A second subscriber in one process is no reason to stop.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}
