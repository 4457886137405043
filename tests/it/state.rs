//! The simulated account in a file: the real program, stopped and killed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::until;

/// `aurewind sim` on a free port.
struct Sim {
    child: Child,
    address: String,
}

impl Sim {
    fn start(state: &Path, words: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_aurewind"))
            .args(["sim", "--listen", "127.0.0.1:0", "--speed", "1000", "--state"])
            .arg(state)
            .args(words)
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit("http://").next().unwrap().to_owned();
        Self { child, address }
    }

    fn call(&self, form: &str) -> String {
        let body = format!("Version=2014-10-31&{form}");
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = "POST / HTTP/1.1\r\nHost: sim\r\nConnection: close\r\nContent-Length:";
        write!(stream, "{head} {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn tag(&self, key: &str) {
        let arn = "arn:aws:rds:eu-west-1:123456789012:cluster:orders-prod";
        let tags = format!("Tags.Tag.1.Key={key}&Tags.Tag.1.Value=v");
        let answer = self.call(&format!("Action=AddTagsToResource&ResourceName={arn}&{tags}"));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    fn has_tag(&self, key: &str) -> bool {
        let answer = self.call("Action=DescribeDBClusters&DBClusterIdentifier=orders-prod");
        answer.contains(&format!("<Key>{key}</Key>"))
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[test]
fn an_account_survives_being_killed_again_and_again() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("account.json");
    for round in 0..4 {
        let sim = Sim::start(&state, &[]);
        for before in 0..round {
            assert!(sim.has_tag(&format!("round-{before}")), "round {before} is kept");
        }
        sim.tag(&format!("round-{round}"));
        let written = format!("round-{round}");
        until("it is written", || std::fs::read_to_string(&state).is_ok_and(|content| content.contains(&written)));
        // Whatever is on its way when it dies, the file is whole.
        for number in 0..20 {
            sim.tag(&format!("late-{number}"));
        }
        sim.kill();
    }
    Sim::start(&state, &[]).kill();
}

#[cfg(unix)]
#[test]
fn an_account_loses_nothing_when_it_is_told_to_stop() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("account.json");
    let mut sim = Sim::start(&state, &[]);
    for number in 0..10 {
        sim.tag(&format!("last-{number}"));
    }
    let id = rustix::process::Pid::from_child(&sim.child);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    assert_eq!(sim.child.wait().unwrap().code(), Some(143));
    let again = Sim::start(&state, &["--fleet", "empty", "--seed", "9"]);
    assert!((0..10).all(|number| again.has_tag(&format!("last-{number}"))));
}

#[test]
fn a_file_that_holds_something_else_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("notes.json");
    std::fs::write(&state, "{\"my\":\"notes\"}").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_aurewind"))
        .args(["sim", "--listen", "127.0.0.1:0", "--state"])
        .arg(&state)
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("notes.json") && message.contains("no simulated account"), "{message}");
    assert_eq!(std::fs::read_to_string(&state).unwrap(), "{\"my\":\"notes\"}");
}
