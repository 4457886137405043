//! The demo with real rows: a table that a person drops on a clone, sees back, and loses again.

use aurewind::sim::FLEET_PASSWORD;
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, Row};

use super::session::{to_the_fleet, wait_for_done};
use super::terminal::{Start, Terminal};
use crate::dataplane::installed;

/// What the pane of the chosen cluster says of its endpoint; each cluster has the port of MySQL.
fn endpoint(terminal: &Terminal) -> String {
    let screen = terminal.wait_until("the endpoint is shown", |screen| address(&screen.contents()).is_some());
    format!("{}:3306", address(&screen).unwrap())
}

fn address(screen: &str) -> Option<String> {
    let word = screen.split("endpoint").nth(1)?.split_whitespace().next()?;
    word.starts_with("127.").then(|| word.to_owned())
}

/// The answer of a database, as a client of MySQL gets it: the first number, or nothing for a table that is not there.
fn ask(at: &str, statement: &str) -> Option<i64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let url = format!("mysql://admin:{FLEET_PASSWORD}@{at}/shop?ssl-mode=disabled");
    runtime.block_on(async {
        let mut connection = MySqlConnection::connect(&url).await.unwrap();
        let row = connection.fetch_optional(AssertSqlSafe(statement.to_owned())).await.ok()??;
        row.try_get(0).ok()
    })
}

#[test]
fn a_table_that_was_dropped_on_a_clone_is_seen_back_and_undone() {
    if !installed() {
        return;
    }
    let mut terminal = Start::aurewind(&["demo", "--data-plane", "mariadb", "--speed", "600"]).size((140, 44)).open();
    let screen = terminal.wait_for_fleet();
    assert!(screen.contains("MariaDB") && screen.contains("not Aurora MySQL"), "{screen}");
    terminal.choose("shop-prod");
    terminal.keys("c");
    terminal.wait_for("[ Clone ]");
    terminal.keys("\x15shop-lab");
    terminal.wait_for("`shop-lab` is free");
    terminal.keys("\r");
    wait_for_done(&terminal, "clone shop-prod as shop-lab");

    terminal.choose("shop-lab");
    let at = endpoint(&terminal);
    let rows = ask(&at, "SELECT COUNT(*) FROM order_lines").unwrap();
    assert!(rows >= 12_000, "{rows}");
    terminal.wait_until("there is something to go back to", |screen| {
        let text = screen.contents();
        let window = text.split("\n window ").nth(1).and_then(|rest| rest.split_once("s, growing to 1d"));
        window.is_some_and(|(seconds, _)| seconds.parse().is_ok_and(|seconds: u32| seconds >= 9))
    });
    ask(&at, "DROP TABLE order_lines");
    assert_eq!(ask(&at, "SELECT COUNT(*) FROM order_lines"), None);

    // Some seconds back on the timeline.
    terminal.keys("t\x1b[D");
    terminal.wait_for("Left/Right second");
    terminal.keys("\x1b[D\x1b[D\x1b[D\x1b[D");
    terminal.keys("R");
    terminal.wait_for("[ Rewind ]");
    terminal.wait_for("inside the window of");
    terminal.keys("\t\r");
    wait_for_done(&terminal, "rewind shop-lab to");
    assert_eq!(ask(&at, "SELECT COUNT(*) FROM order_lines"), Some(rows));

    to_the_fleet(&mut terminal);
    terminal.choose("shop-lab");
    terminal.keys("U");
    terminal.wait_for("[ Undo ]");
    terminal.wait_for("inside the window of");
    terminal.keys("\t\r");
    terminal.wait_until("both rewinds are done", |screen| {
        let text = screen.contents();
        text.lines().filter(|line| line.contains("✓ done  ") && line.contains("shop-lab to")).count() == 2
    });
    assert_eq!(ask(&at, "SELECT COUNT(*) FROM order_lines"), None);
    terminal.quit();
}
