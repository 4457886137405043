//! Whole screens as text, and a few with their styles.

use insta::{assert_debug_snapshot, assert_snapshot};
use ratatui::layout::Size;

use super::fixture::{cluster, empty, full, list, now, ready, select, setup, tasks, ui};
use crate::aws::{AwsError, ErrorKind, FleetEvent};
use crate::tui::Event;
use crate::tui::harness::Harness;
use crate::tui::theme::Theme;

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 36), (200, 50)];

/// The same dashboard in another outfit.
fn dressed(mut harness: Harness, ascii: bool, theme: Theme) -> Harness {
    harness.state.ui = ui(ascii, theme);
    harness
}

#[test]
fn the_whole_dashboard_at_every_size() {
    for (width, height) in SIZES {
        assert_snapshot!(format!("full_{width}x{height}"), full(width, height).screen());
    }
}

#[test]
fn the_whole_dashboard_in_ascii() {
    for (width, height) in SIZES {
        let screen = dressed(full(width, height), true, Theme::mono()).screen();
        assert!(screen.is_ascii(), "{screen}");
        assert_snapshot!(format!("full_ascii_{width}x{height}"), screen);
    }
}

#[test]
fn the_first_frame_is_drawn_from_nothing() {
    for (width, height) in SIZES {
        assert_snapshot!(format!("first_{width}x{height}"), empty(width, height).screen());
    }
}

#[test]
fn below_the_smallest_size_there_is_a_message() {
    for (width, height) in [(59, 16), (60, 15), (20, 5), (1, 1), (0, 0)] {
        let screen = full(width, height).screen();
        assert!(!screen.contains("Fleet"), "{screen}");
    }
    assert_snapshot!("too_small", full(40, 6).screen());
}

#[test]
fn pages_come_in_while_the_screen_is_alive() {
    let mut harness = empty(100, 24);
    harness.send(Event::Fleet(FleetEvent::Begun));
    harness.send(Event::Fleet(FleetEvent::Clusters(vec![cluster("orders", "3d"), cluster("users", "4d")])));
    assert_snapshot!("loading", harness.screen());
}

#[rstest::rstest]
#[case("no_credentials", ErrorKind::NoCredentials, "no credentials were found, and no profile is named")]
#[case("denied", ErrorKind::Denied, "User ana is not authorized to perform rds:DescribeDBClusters")]
fn what_is_missing_is_said_calmly(#[case] name: &str, #[case] kind: ErrorKind, #[case] message: &str) {
    for (width, height) in [(60, 16), (100, 30)] {
        let mut harness = empty(width, height);
        harness.send(Event::Fleet(FleetEvent::Begun));
        harness.send(Event::Fleet(FleetEvent::Failed(AwsError::new(kind, message))));
        assert_snapshot!(format!("{name}_{width}x{height}"), harness.screen());
    }
}

#[test]
fn an_account_without_clusters_says_so() {
    let mut harness = empty(80, 24);
    list(&mut harness, Vec::new());
    assert_snapshot!("no_clusters", harness.screen());
}

#[test]
fn the_demo_and_read_only_have_badges() {
    let mut setup = setup();
    setup.place.demo = true;
    setup.policy.read_only = true;
    let mut harness = Harness::new(setup, ui(false, Theme::mono()), Size::new(120, 24), now());
    list(&mut harness, super::fixture::clusters());
    harness.keys("c");
    assert_snapshot!("badges", harness.screen());
}

#[rstest::rstest]
#[case("clone", "orders-prod", "c")]
#[case("rewind", "clone-orders-hotfix", "R")]
#[case("mark", "clone-orders-hotfix", "m v2.41")]
#[case("rewind_guarded", "users-eu", "R")]
#[case("delete", "clone-orders-hotfix", "D")]
#[case("delete_guarded", "orders-loadtest", "D")]
#[case("refused", "orders-prod", "D")]
#[case("calls", "clone-orders-hotfix", "D F2")]
fn dialogs_show_their_plan(#[case] name: &str, #[case] id: &str, #[case] keys: &str) {
    for (width, height) in [(60, 16), (80, 24), (120, 36)] {
        let mut harness = ready(width, height);
        select(&mut harness, id);
        harness.keys(keys);
        assert_snapshot!(format!("dialog_{name}_{width}x{height}"), harness.screen());
    }
}

#[rstest::rstest]
#[case("help", "?")]
#[case("details", "Enter")]
#[case("details_end", "Enter End")]
#[case("timeline", "t { { p")]
#[case("typing_a_time", "t @ -25m")]
#[case("a_time_that_is_none", "t @ 25:99")]
#[case("at_the_floor", "t Home Left")]
#[case("filter", "/ orders")]
#[case("filter_error", "/ orders Space colour:red")]
#[case("filter_none", "/ zzz")]
#[case("past_rewinds", "H")]
#[case("marks", "M")]
#[case("tasks", "Shift-Tab j")]
#[case("quit", "q")]
fn panes_and_overlays(#[case] name: &str, #[case] keys: &str) {
    for (width, height) in [(80, 24), (120, 36)] {
        let mut harness = full(width, height);
        harness.keys(keys);
        assert_snapshot!(format!("{name}_{width}x{height}"), harness.screen());
    }
}

#[test]
fn tasks_in_full() {
    for (index, name) in ["running", "done", "failed"].into_iter().enumerate() {
        let mut harness = full(120, 36);
        harness.keys("Shift-Tab");
        for _ in 0..index {
            harness.keys("j");
        }
        harness.keys("Enter");
        assert_snapshot!(format!("task_{name}"), harness.screen());
    }
}

#[test]
fn messages_keep_what_was_said() {
    let mut harness = ready(100, 24);
    let mut failed = tasks().remove(2);
    failed.ended_at = Some(harness.now);
    harness.send(Event::Task(Box::new(failed)));
    assert_snapshot!("message_line", harness.screen());
    harness.keys("!");
    assert_snapshot!("messages", harness.screen());
}

#[test]
fn styles_with_and_without_colours() {
    let theme = |name: &str| Theme::named(name).unwrap();
    for name in ["ansi-dark", "mono"] {
        assert_debug_snapshot!(format!("styles_{name}"), dressed(full(80, 24), false, theme(name)).buffer());
    }
    let mut harness = dressed(ready(80, 24), false, theme("ansi-dark"));
    select(&mut harness, "users-eu");
    harness.keys("R");
    assert_debug_snapshot!("styles_dialog", harness.buffer());
}

/// Every combination of size, signs and pane is drawn: what panics does so here.
#[test]
fn no_size_panics() {
    for keys in ["", "?", "t", "H", "M", "m", "F", "Enter", "c", "R", "D", "Shift-Tab", "/ a:b"] {
        let mut harness = full(120, 36);
        harness.keys(keys);
        for width in [0, 1, 5, 59, 60, 61, 79, 109, 110, 133, 300] {
            for height in [0, 1, 4, 15, 16, 17, 19, 20, 23, 24, 30, 44, 90] {
                harness.resize(width, height);
                harness.screen();
            }
        }
    }
}
