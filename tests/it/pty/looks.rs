//! What is written to the terminal: other sizes, no colours, ASCII only.

use super::terminal::{Start, Terminal, under_cursor};

#[test]
fn another_size_draws_anew_and_the_cursor_stays_on_its_cluster() {
    let mut terminal = Start::aurewind(&["demo"]).open();
    terminal.wait_for_fleet();
    terminal.keys("jjjjjj");
    let name = "clone-catalog-pr-4287";
    terminal.wait_for_cursor(name);
    terminal.wait_for(&format!("─ {name} ─"));
    terminal.resize((80, 24));
    terminal.wait_until("there is no room for the details", |screen| {
        let text = screen.contents();
        text.contains(&format!("─ Timeline · {name} ─")) && !text.contains(&format!("─ {name} ─"))
    });
    terminal.wait_for_cursor(name);
    terminal.resize((50, 10));
    let small = terminal.wait_for("needs 60x16");
    assert!(small.contains("this is 50x10") && !small.contains("Fleet"), "{small}");
    terminal.resize((120, 36));
    terminal.wait_for(&format!("─ {name} ─"));
    terminal.wait_for_cursor(name);
    terminal.quit();
}

/// Waits until the first and the last row of the window are those of the dashboard.
#[track_caller]
fn wait_for_fit(terminal: &Terminal) {
    terminal.wait_until("the screen fits the window", |screen| {
        let (_, columns) = screen.size();
        let rows: Vec<_> = screen.rows(0, columns.get()).collect();
        rows[0].starts_with(" aurewind") && rows[rows.len() - 1].contains("Enter details")
    });
}

#[test]
fn a_window_that_changes_before_the_first_frame_is_noticed() {
    for _ in 0..5 {
        let terminal = Start::aurewind(&["demo"]).open();
        terminal.wait_until("it begins", vt100::Screen::alternate_screen);
        terminal.resize((80, 24));
        wait_for_fit(&terminal);
        terminal.quit();
    }
}

#[test]
fn a_window_that_changes_while_it_is_drawn_on_ends_nothing() {
    let mut terminal = Start::aurewind(&["demo"]).open();
    terminal.wait_for_fleet();
    for _ in 0..20 {
        // The frame for the key meets a window that is smaller than the program has been told.
        for (key, size) in [("j", (80, 24)), ("k", (120, 36))] {
            terminal.keys(key);
            terminal.resize(size);
            wait_for_fit(&terminal);
        }
        // Back before the program has looked: the size is the same, what was shown is not.
        terminal.resize((60, 16));
        terminal.resize((120, 36));
        wait_for_fit(&terminal);
    }
    terminal.quit();
}

/// Opens whatever there is, so that every kind of screen is written once.
fn look_around(terminal: &mut Terminal) {
    terminal.wait_for_fleet();
    terminal.choose("orders-staging");
    for (key, shown) in
        [("?", "The cluster under the cursor"), ("!", "Messages"), ("c", "[ Clone ]"), ("R", "[ Close ]")]
    {
        terminal.keys(key);
        terminal.wait_for(shown);
        terminal.keys("\x03");
        terminal.wait_until("it is closed", |screen| !screen.contents().contains(shown));
    }
    terminal.keys("t[");
    terminal.wait_for("Left/Right second");
}

#[test]
fn no_color_is_obeyed_and_the_selected_row_still_stands_out() {
    let mut terminal = Start::aurewind(&["demo"]).size((120, 60)).env("NO_COLOR", "1").open();
    look_around(&mut terminal);
    terminal.keys("\x1b");
    terminal.wait_for("Enter details");
    // The first column is the pointer's.
    terminal.wait_until("the row of the cursor is reversed, others are not", |screen| {
        let (rows, columns) = screen.size();
        let reversed = |row: &u16| (1..columns.get() / 2).all(|column| screen.cell(*row, column).unwrap().inverse());
        let reversed: Vec<_> = (0..rows.get()).filter(reversed).collect();
        reversed.len() == 1 && under_cursor(screen).is_some()
    });
    let raw = terminal.raw();
    let raw = String::from_utf8_lossy(&raw);
    let mut styles = 0;
    for rest in raw.split("\x1b[").skip(1) {
        let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap();
        if rest[end..].starts_with('m') {
            styles += 1;
            for number in rest[..end].split([';', ':']) {
                // Nothing is the same as 0; 39, 49 and 59 give the terminal its own colours back.
                let plain = number.is_empty() || matches!(number.parse(), Ok(0..=29u16 | 39 | 49 | 59));
                assert!(plain, "a colour: {:?}", &rest[..=end]);
            }
        }
    }
    assert!(styles > 10, "{styles}");
    terminal.quit();
}

#[test]
fn a_terminal_of_ascii_gets_ascii() {
    let mut terminal = Start::aurewind(&["demo"]).env("LANG", "C").open();
    look_around(&mut terminal);
    let raw = String::from_utf8(terminal.raw()).unwrap();
    let others: std::collections::BTreeSet<char> = raw.chars().filter(|c| !c.is_ascii()).collect();
    assert!(others.is_empty(), "{others:?}");
    terminal.quit();
}
