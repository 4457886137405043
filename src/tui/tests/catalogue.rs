//! The catalogue itself.

use std::collections::HashSet;

use super::fixture::{full, ready};
use crate::tui::catalogue::{Context, entries};

#[test]
fn no_key_means_two_things_in_one_place() {
    for context in Context::ALL {
        let mut seen = HashSet::new();
        for entry in entries().filter(|entry| entry.context == context) {
            for key in entry.keys {
                assert!(seen.insert(key), "{context:?}: {key}");
            }
        }
    }
}

#[test]
fn every_context_has_keys_and_every_key_a_sentence() {
    for context in Context::ALL {
        assert!(entries().any(|entry| entry.context == context), "{context:?}");
    }
    assert!(entries().all(|entry| !entry.title.is_empty() && !entry.keys.is_empty()));
}

#[test]
fn the_help_shows_every_line_and_what_is_not_possible_now() {
    let mut harness = ready(120, 320);
    harness.keys("? ");
    let help = harness.screen();
    for entry in entries() {
        let words: String = entry.title.chars().take(30).collect();
        assert!(help.contains(words.trim()), "{}", entry.title);
    }
    assert!(help.contains("not now: there is no task yet"));
}

#[test]
fn what_destroys_is_a_capital_or_behind_a_question() {
    let mut harness = full(120, 36);
    for key in ["r", "d", "c"] {
        assert!(harness.keys(key).iter().all(|effect| !matches!(effect, crate::tui::Effect::Start { .. })));
        harness.keys("Esc");
    }
}
