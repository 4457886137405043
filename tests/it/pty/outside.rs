//! The dashboard on an endpoint: one of another process, a slow one, one that is not there, and a hostile one.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;

use aurewind::sim::Options;

use super::terminal::Start;
use crate::support::Account;

/// A process that ends with this.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The dashboard on `url`.
fn on(url: &str) -> Start {
    Start::aurewind(&["--region", "eu-west-1", "--endpoint-url", url])
}

#[test]
fn the_fleet_of_another_process_is_shown() {
    let simulator = Command::new(env!("CARGO_BIN_EXE_aurewind"))
        .args(["sim", "--quiet", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut simulator = Ended(simulator);
    let mut line = String::new();
    BufReader::new(simulator.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("simulated account at ").unwrap();
    let terminal = on(url).open();
    let screen = terminal.wait_for_fleet();
    assert!(screen.contains("catalog-prod"), "{screen}");
    assert!(!screen.contains("SIMULATED"), "{screen}");
    terminal.quit();
}

#[test]
fn keys_answer_while_nothing_has_come_yet() {
    let faults = vec!["latency:DescribeDBClusters=10m".parse().unwrap()];
    let account = Account::with(Options { faults, ..Options::default() });
    let mut terminal = on(&account.url).open();
    terminal.wait_for("Reading clusters");
    terminal.keys("?");
    terminal.wait_for("The cluster under the cursor");
    terminal.keys("q");
    terminal.wait_for("Reading clusters");
    terminal.quit();
}

#[test]
fn missing_credentials_are_named_and_the_demo_with_them() {
    let terminal = Start::aurewind(&["--region", "eu-west-1"]).open();
    let screen = terminal.wait_for("No credentials");
    assert!(screen.contains("`aurewind demo`"), "{screen}");
    terminal.quit();
}

#[test]
fn an_endpoint_that_is_not_there_is_told_and_keys_answer() {
    let mut terminal = on("http://127.0.0.1:1").open();
    terminal.wait_for("Unreachable");
    terminal.keys("?");
    terminal.wait_for("The cluster under the cursor");
    terminal.keys("q");
    terminal.wait_for("Unreachable");
    terminal.quit();
}

#[test]
fn without_a_terminal_there_is_a_message_and_exit_code_2() {
    let run = Account::empty().run(&[]);
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{run:?}");
    assert!(run.err.contains("needs a terminal"), "{run:?}");
}

#[test]
fn a_dumb_terminal_is_told_and_left_alone() {
    let terminal = Start::aurewind(&["demo"]).env("TERM", "dumb").open();
    terminal.wait_for("this terminal cannot show the dashboard");
    assert_eq!(terminal.end(), 2);
    assert!(!terminal.raw().contains(&0x1b));
}

/// What would clear the screen, set a title, recolour and turn the text around, each if it arrived as it is.
const HOSTILE: &str = "&#27;[2J&#27;]0;gone&#7;&#155;31m&#8238;&#8;";

/// An endpoint that does not mean well: one cluster with a tag, and an error for everything else.
fn hostile_endpoint() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // It ends with the process; nothing waits for it.
    thread::spawn(move || listener.incoming().flatten().for_each(answer));
    url
}

fn answer(mut stream: TcpStream) {
    let (mut request, mut bytes) = (String::new(), [0; 4096]);
    // The body comes with the name of the action.
    while !request.contains("Action=") {
        match stream.read(&mut bytes) {
            Ok(count @ 1..) => request.push_str(&String::from_utf8_lossy(&bytes[..count])),
            _ => return,
        }
    }
    let (status, body) = if request.contains("Action=DescribeDBClusters&") {
        let body = format!(
            "<DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters><DBCluster>\
             <DBClusterIdentifier>victim</DBClusterIdentifier><DbClusterResourceId>cluster-V</DbClusterResourceId>\
             <DBClusterArn>arn:aws:rds:eu-west-1:1:cluster:victim</DBClusterArn>\
             <Engine>aurora-mysql</Engine><EngineVersion>8.0{HOSTILE}</EngineVersion><Status>available</Status>\
             <TagList><Tag><Key>team{HOSTILE}</Key><Value>blue{HOSTILE}</Value></Tag></TagList>\
             </DBCluster></DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>"
        );
        ("200 OK", body)
    } else {
        let error = format!("<Error><Type>Sender</Type><Code>Bad</Code><Message>it is{HOSTILE}so</Message></Error>");
        ("400 Bad Request", format!("<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"))
    };
    let length = body.len();
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    let _ = stream.write_all(answer.as_bytes());
}

#[test]
fn what_an_endpoint_says_cannot_steer_the_terminal() {
    let mut terminal = on(&hostile_endpoint()).size((200, 50)).open();
    terminal.wait_for("victim");
    terminal.keys("\r");
    terminal.wait_for("blue[2J");
    terminal.keys("D");
    terminal.wait_for("Delete victim");
    let raw = String::from_utf8(terminal.raw()).unwrap();
    for part in ["\x1b[2J\x1b]", "\x1b]", "\x07", "\x08", "\u{9b}", "\u{202e}"] {
        assert!(!raw.contains(part), "{part:?} was written");
    }
    terminal.keys("\x03");
    terminal.wait_until("the dialog is closed", |screen| !screen.contents().contains("Delete victim"));
    terminal.quit();
}

#[test]
fn a_quiet_command_shows_the_plan_that_it_asks_about() {
    let account = Account::demo();
    let words = ["delete", "clone-orders-loadtest", "--quiet", "--endpoint-url", &account.url];
    let mut terminal = Start::aurewind(&words).open();
    terminal.wait_for("Go on? [y/N]");
    let screen = terminal.wait_for("aws rds delete-db-cluster");
    assert!(screen.contains("policy"), "{screen}");
    terminal.keys("n\r");
    assert_eq!(terminal.end(), 3);
}
