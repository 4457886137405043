//! A simulated account on a free port, and the real program against it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use aurewind::sim::{Clock, Fault, FleetSpec, Options, Simulator};
use rusqlite::types::FromSql;
use rusqlite::{Connection, OpenFlags};
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

/// One call as the simulator remembers it.
#[derive(Debug, Clone)]
pub struct Made {
    pub action: String,
    pub parameters: Value,
    /// Whether the work was done, answered or not.
    pub done: bool,
}

impl Account {
    /// A control call of the simulator.
    pub fn control(&self, method: &str, path: &str, body: &str) -> Value {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} /_sim/{path} HTTP/1.1\r\nHost: sim\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// A call of the RDS API, which has to succeed.
    pub fn api(&self, action: &str, parameters: &[(&str, &str)]) -> String {
        api(&self.url, action, parameters)
    }

    /// Replaces the faults in force.
    pub fn faults(&self, faults: &[&str]) {
        self.control("PUT", "faults", &serde_json::json!({ "faults": faults }).to_string());
    }

    /// The ledger.
    pub fn calls(&self) -> Vec<Made> {
        let calls = self.control("GET", "calls", "");
        let made = |call: &Value| Made {
            action: call["action"].as_str().unwrap_or_default().to_owned(),
            parameters: call["parameters"].clone(),
            done: call["status"] == 200 || (call["fault"] == "lost" && call["code"].is_null()),
        };
        calls["calls"].as_array().unwrap().iter().map(made).collect()
    }

    /// How often the work of `action` was done, for calls in which a parameter has this value.
    pub fn done(&self, action: &str, parameter: &str, value: &str) -> usize {
        let hit = |call: &&Made| call.done && call.action == action && call.parameters[parameter] == value;
        self.calls().iter().filter(hit).count()
    }

    /// A question to the journal, while others write it.
    pub fn journal<T: FromSql>(&self, question: &str) -> Option<T> {
        let path = self.state.path().join("journal.db");
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        connection.busy_timeout(Duration::from_secs(5)).ok()?;
        connection.query_row(question, [], |row| row.get(0)).ok()
    }
}

/// A call of the RDS API, without a client's retries; it has to succeed.
pub fn api(url: &str, action: &str, parameters: &[(&str, &str)]) -> String {
    api_of(url, "2014-10-31", action, parameters)
}

/// The same of the service whose API has this version.
pub fn api_of(url: &str, version: &str, action: &str, parameters: &[(&str, &str)]) -> String {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.append_pair("Action", action).append_pair("Version", version).extend_pairs(parameters);
    let body = body.finish();
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: sim\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{action}: {answer}");
    answer
}

/// Waits for something, without an eye on the clock; gives up after a minute or so.
pub fn until(what: &str, mut seen: impl FnMut() -> bool) {
    for _ in 0..12_000 {
        if seen() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("waited in vain until {what}");
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
