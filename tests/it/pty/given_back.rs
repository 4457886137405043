//! The terminal is as it was before, however the dashboard ends or pauses.

use std::thread;

use aurewind::tui::terminal::Guard;
use ratatui::widgets::Paragraph;
use rstest::rstest;
use rustix::process::Signal;

use super::terminal::{Start, Terminal, is_given_back};

#[rstest]
#[case::terminated(Signal::TERM, 143)]
#[case::hung_up(Signal::HUP, 143)]
#[case::interrupted(Signal::INT, 130)]
#[case::quit(Signal::QUIT, 143)]
fn a_signal_ends_it_and_gives_the_terminal_back(#[case] signal: Signal, #[case] code: u32) {
    let terminal = Start::aurewind(&["demo"]).open();
    terminal.wait_for_fleet();
    terminal.wait_until("the modes are on", |screen| {
        screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste()
    });
    terminal.signal(signal);
    assert_eq!(terminal.end(), code);
}

/// Waits until the shell asks for a line, for the `count`th time. What is typed before may go to the program.
#[track_caller]
fn wait_for_prompt(shell: &Terminal, count: usize) {
    shell.wait_until("the shell is back", |screen| {
        is_given_back(screen) && screen.contents().matches("ready>").count() == count
    });
}

#[test]
fn ctrl_z_stops_it_and_fg_brings_all_of_it_back() {
    let program = env!("CARGO_BIN_EXE_aurewind");
    let start = Start::program("/bin/sh", &["-i"]).env("PS1", "ready> ").env("PATH", "/usr/bin:/bin");
    let mut shell = start.open();
    wait_for_prompt(&shell, 1);
    // Compared by the shell: in between it may have modes of its own, for the line that is typed.
    shell.keys("before=$(stty -g)\r");
    wait_for_prompt(&shell, 2);
    shell.keys(&format!("'{program}' demo\r"));
    shell.wait_for_fleet();
    shell.keys("jjjjjj");
    shell.wait_for_cursor("clone-catalog-pr-4287");
    shell.keys("\x1a");
    wait_for_prompt(&shell, 3);
    shell.keys("test \"$(stty -g)\" = \"$before\" && echo as be\"\"fore\r");
    wait_for_prompt(&shell, 4);
    shell.wait_for("as before");
    shell.keys("fg\r");
    let screen = shell.wait_until("the dashboard is back", |screen| screen.alternate_screen() && screen.hide_cursor());
    for part in ["SIMULATED ACCOUNT", "─ Fleet", "analytics-prod", "─ Timeline", "─ Tasks", "Enter details"] {
        assert!(shell.wait_for(part).contains(part), "{screen}");
    }
    shell.wait_for_cursor("clone-catalog-pr-4287");
    shell.keys("j");
    shell.wait_for_cursor_off("clone-catalog-pr-4287");
    shell.keys("q");
    wait_for_prompt(&shell, 5);
    shell.keys("echo \"code $?\"\r");
    shell.wait_for("code 0");
}

/// Set for the process that panics with the dashboard's guard in its hands.
const PANICS: &str = "AUREWIND_TEST_PANICS";

#[test]
fn a_panic_gives_the_terminal_back_and_is_legible() {
    if std::env::var_os(PANICS).is_some() {
        let mut guard = Guard::enter(true).unwrap();
        let _ = thread::spawn(|| panic!("elsewhere")).join();
        guard.draw(|frame| frame.render_widget(Paragraph::new("undisturbed"), frame.area())).unwrap();
        guard.draw(|_| panic!("while drawing")).unwrap();
    }
    let this = std::env::current_exe().unwrap();
    let name = "pty::given_back::a_panic_gives_the_terminal_back_and_is_legible";
    let terminal = Start::program(this, &["--exact", name, "--nocapture"]).env(PANICS, "1").open();
    terminal.wait_for("while drawing");
    assert_eq!(terminal.end(), 101);
    let screen = terminal.wait_for("elsewhere");
    assert!(!screen.contains("undisturbed"), "{screen}");
    let raw = String::from_utf8(terminal.raw()).unwrap();
    assert!(raw.contains("undisturbed"), "{raw}");
}
