//! What a person does with the dashboard, from the first key to the last.

use rstest::rstest;

use super::terminal::{Size, Start, Terminal};

/// The demo, its fleet shown. A minute of the account goes by in a tenth of a second.
fn demo(size: Size) -> Terminal {
    let terminal = Start::aurewind(&["demo", "--speed", "600"]).size(size).open();
    terminal.wait_for_fleet();
    terminal
}

/// Waits until the task pane has `title` as done.
#[track_caller]
pub fn wait_for_done(terminal: &Terminal, title: &str) {
    terminal.wait_until(&format!("`{title}` is done"), |screen| {
        screen.contents().lines().any(|line| line.contains("✓ done  ") && line.contains(title))
    });
}

/// Back to the table. An Esc that is followed by more in the same breath would be read as Alt.
#[track_caller]
pub fn to_the_fleet(terminal: &mut Terminal) {
    terminal.keys("\x1b");
    terminal.wait_for("Enter details");
}

#[rstest]
#[case::small((80, 24))]
#[case::usual((120, 36))]
#[case::large((200, 50))]
fn a_clone_is_made_rewound_by_the_timeline_and_deleted(#[case] size: Size) {
    let mut terminal = demo(size);
    assert!(!terminal.modes_are_as_before(), "no raw mode");
    terminal.choose("orders-staging");
    terminal.keys("c");
    terminal.wait_for("[ Clone ]");
    terminal.keys("\x15orders-lab");
    terminal.wait_for("`orders-lab` is free");
    terminal.keys("\r");
    wait_for_done(&terminal, "clone orders-staging as orders-lab");

    terminal.choose("orders-lab");
    // A window begins with the cluster: there has to be something to go back to.
    terminal.wait_until("the window is a few seconds long", |screen| {
        let text = screen.contents();
        let windows = text.split(" window ").filter_map(|rest| rest.split_once("s, growing to 1d"));
        windows.filter_map(|(seconds, _)| seconds.parse().ok()).any(|seconds: u32| seconds >= 3)
    });
    terminal.keys("t\x1b[D");
    terminal.wait_for("Left/Right second");
    terminal.keys("R");
    terminal.wait_for("[ Rewind ]");
    let plan = terminal.wait_for("inside the window of");
    assert!(plan.contains("open connections"), "{plan}");
    terminal.keys("\t\r");
    wait_for_done(&terminal, "rewind orders-lab to");

    to_the_fleet(&mut terminal);
    terminal.choose("orders-lab");
    terminal.keys("D");
    let plan = terminal.wait_for("[ Delete ]");
    assert!(plan.contains("the data is gone for good"), "{plan}");
    terminal.keys("\t\r");
    wait_for_done(&terminal, "delete orders-lab");
    terminal.wait_for("No cluster passes the filter");

    terminal.choose("orders-prod");
    for (key, title) in [("R", "Rewind orders-prod"), ("D", "Delete orders-prod")] {
        terminal.keys(key);
        terminal.wait_for(title);
        let refusal = terminal.wait_for("This will not be done");
        assert!(refusal.contains("protected pattern `*prod*`"), "{refusal}");
        assert!(refusal.contains("Tasks 3"), "{refusal}");
        terminal.keys("\r");
        terminal.wait_until("it is closed", |screen| !screen.contents().contains("This will not be done"));
    }
    terminal.quit();
}

#[test]
fn leaving_while_a_task_runs_asks_and_says_which() {
    let mut terminal = Start::aurewind(&["demo", "--speed", "1"]).open();
    terminal.wait_for_fleet();
    terminal.choose("orders-staging");
    terminal.keys("c");
    terminal.wait_for("[ Clone ]");
    terminal.keys("\x15orders-lab");
    terminal.wait_for("`orders-lab` is free");
    terminal.keys("\r");
    terminal.wait_for("1 running of 1");

    terminal.keys("q");
    let question = terminal.wait_for("Leave? 1 task runs");
    let boxed = question.lines().skip_while(|line| !line.contains("Leave?")).take(3).collect::<String>();
    assert!(boxed.contains("clone orders-staging as orders-lab"), "{question}");
    // Enter is the harmless answer.
    terminal.keys("\r");
    terminal.wait_until("it stays", |screen| !screen.contents().contains("Leave?"));
    terminal.keys("q");
    terminal.wait_for("Leave? 1 task runs");
    terminal.keys("y");
    assert_eq!(terminal.end(), 0);
}

#[rstest]
#[case::a_letter("j")]
#[case::an_arrow("\x1b[B")]
fn no_press_of_a_held_key_is_lost(#[case] down: &str) {
    let mut terminal = Start::aurewind(&["demo", "--fleet", "400"]).open();
    terminal.wait_for_fleet();
    let first = terminal.wait_for_cursor_off("");
    terminal.keys("G");
    let last = terminal.wait_for_cursor_off(&first);
    terminal.keys("k");
    let but_one = terminal.wait_for_cursor_off(&last);
    terminal.keys("g");
    terminal.wait_for_cursor(&first);
    terminal.keys(&down.repeat(398));
    terminal.wait_for_cursor(&but_one);
    terminal.quit();
}
