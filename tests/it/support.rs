//! A simulated account on a free port, and the real program against it.

use std::process::{Command, Output, Stdio};

use aurewind::sim::{Clock, Fault, FleetSpec, Options, Simulator};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A simulated account that lives as long as this, and a folder for the journal.
pub struct Account {
    runtime: Runtime,
    simulator: Option<Simulator>,
    pub state: TempDir,
    pub url: String,
}

impl Account {
    /// The demo fleet, far faster than AWS.
    pub fn demo() -> Self {
        Self::with(Options { speed: 3_000.0, ..Options::default() })
    }

    pub fn with_faults(faults: &[&str]) -> Self {
        let faults = faults.iter().map(|fault| fault.parse::<Fault>().unwrap()).collect();
        Self::with(Options { speed: 3_000.0, faults, ..Options::default() })
    }

    pub fn empty() -> Self {
        Self::with(Options { fleet: FleetSpec::Empty, ..Options::default() })
    }

    pub fn with(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        let url = simulator.url();
        Self { runtime, simulator: Some(simulator), state: tempfile::tempdir().unwrap(), url }
    }

    pub fn clock(&self) -> Clock {
        self.simulator.as_ref().unwrap().clock().clone()
    }

    /// A command line against this account, with nobody's credentials or settings.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aurewind"));
        command
            .args(words)
            .args(["--endpoint-url", &self.url])
            .env_clear()
            .env("AUREWIND_STATE_DIR", self.state.path())
            .env("XDG_CONFIG_HOME", self.state.path())
            .env("HOME", self.state.path())
            .env("USER", "ana")
            .env("HOSTNAME", "laptop")
            .env("TZ", "UTC")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null());
        command
    }

    /// Runs it; gives back the exit code and what it said.
    pub fn run(&self, words: &[&str]) -> Run {
        Run::of(&self.command(words).output().unwrap())
    }

    /// Runs it with `--json`.
    pub fn json(&self, words: &[&str]) -> Run {
        let mut words = words.to_vec();
        words.push("--json");
        self.run(&words)
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        if let Some(simulator) = self.simulator.take() {
            self.runtime.block_on(simulator.stop());
        }
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Run {
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// The JSON object, if the command ended with `code`.
    #[track_caller]
    pub fn value(&self, code: i32) -> Value {
        assert_eq!(self.code, Some(code), "{self:#?}");
        let value: Value = serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"));
        assert_eq!(value["schema"], 1);
        value
    }
}
