//! The lists of past rewinds and marks.

use jiff::SignedDuration;

use super::fixture::{ago, cluster, full, history, list, ours, ready, resource, select, tasks, window};
use crate::aurora::mark::{Kept, Mark};
use crate::aurora::rewind::{Rewind, RewindStatus};
use crate::aws::History;
use crate::tui::Event;
use crate::tui::harness::Harness;
use crate::tui::state::Focus;

fn cursor(harness: &Harness) -> Option<jiff::Timestamp> {
    harness.state.timeline.at(&harness.state.cluster().unwrap().resource_id)
}

#[test]
fn a_past_rewind_is_told_whole_and_leads_to_just_before_it() {
    let mut harness = full(120, 36);
    harness.keys("H");
    let screen = harness.screen();
    for part in ["Past rewinds of clone-orders-release", "06:00:00 → 05:00:00", "1h 00m", "undo for 18h 00m"] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    assert!(screen.contains("asked      not known"), "{screen}");
    harness.keys("Enter");
    assert_eq!((harness.state.focus, cursor(&harness)), (Focus::Timeline, Some(ago("6h"))));
}

#[test]
fn what_was_asked_is_known_of_our_own_rewinds() {
    let mut harness = full(120, 36);
    let mut task = tasks().remove(1);
    task.backtrack_id = Some("b1".into());
    let mut past = history();
    past.rewinds[0].to = Some(ago("7h") - SignedDuration::from_secs(3));
    let id = resource("clone-orders-release");
    harness.send(Event::Task(Box::new(task)));
    harness.send(Event::History { id, result: Ok(past) });
    harness.keys("H");
    let screen = harness.screen();
    assert!(screen.contains("2026-11-22 05:00:00 UTC, it landed -3.0 s from there"), "{screen}");
}

#[test]
fn a_rewind_that_failed_leads_nowhere() {
    let mut harness = full(120, 36);
    let failed = Rewind { status: RewindStatus::Failed, ..history().rewinds[0].clone() };
    let past = History { rewinds: vec![failed], ..history() };
    harness.send(Event::History { id: resource("clone-orders-release"), result: Ok(past) });
    harness.keys("H Enter");
    assert!(harness.state.picker().is_some());
    assert!(harness.screen().contains("this rewind changed nothing"), "{}", harness.screen());
}

fn with_marks() -> Harness {
    let mut harness = ready(120, 36);
    let mut clone = window(cluster("clone-a", "30d"), 24, "24h");
    for (name, at) in [("early", ago("23h30m")), ("late", ago("2h")), ("gone", ago("3d"))] {
        clone.tags.insert(format!("aurewind:mark/{name}"), at.to_string());
    }
    list(&mut harness, vec![clone]);
    harness.keys("Esc");
    select(&mut harness, "clone-a");
    harness
}

#[test]
fn marks_say_how_long_they_can_be_reached() {
    let mut harness = with_marks();
    harness.keys("M");
    let screen = harness.screen();
    let row = |name: &str| screen.lines().find(|line| line.contains(&format!("◆ {name}"))).unwrap().to_owned();
    assert!(row("late").contains("22h 00m left"), "{screen}");
    assert!(row("early").contains("▲ 30m 00s left"), "{screen}");
    assert!(row("gone").contains("out of reach"), "{screen}");
    assert!(screen.contains("for another 22h 00m, at most, as the window slides"), "{screen}");
    harness.keys("j R");
    assert_eq!(harness.state.dialog().unwrap().moment(), Some(ago("23h30m")));
    harness.keys("Esc Enter");
    assert_eq!(cursor(&harness), Some(ago("23h30m")));
}

#[test]
fn the_cursor_of_the_list_stays_with_its_mark() {
    let mut harness = with_marks();
    harness.keys("M j");
    let mut clone = window(cluster("clone-a", "30d"), 24, "24h");
    for (name, at) in [("early", ago("23h30m")), ("late", ago("2h")), ("new", ago("1m"))] {
        clone.tags.insert(format!("aurewind:mark/{name}"), at.to_string());
    }
    list(&mut harness, vec![clone]);
    let mark = harness.state.picker().unwrap().mark(&harness.state).unwrap();
    assert_eq!(mark.name.as_str(), "early");
}

#[test]
fn a_mark_is_warned_about_once_before_it_falls_off() {
    let mut harness = with_marks();
    let said = |harness: &Harness| {
        let all = harness.state.messages.newest_first();
        all.filter(|(_, notice)| notice.text.contains("the mark `early` on `clone-a` can be reached for 30m 00s more"))
            .count()
    };
    assert_eq!(said(&harness), 1);
    let again = harness.state.fleet.data.iter().cloned().collect();
    list(&mut harness, again);
    assert_eq!(said(&harness), 1);
}

#[test]
fn a_mark_of_the_journal_is_warned_about_too() {
    let mut harness = with_marks();
    let name = "kept-here".parse().unwrap();
    let mark = Mark { name, at: ago("23h40m"), kept: Kept::Journal };
    harness.send(Event::Marks { id: resource("clone-a"), marks: vec![mark] });
    let again = harness.state.fleet.data.iter().cloned().collect();
    list(&mut harness, again);
    let said = "the mark `kept-here` on `clone-a` can be reached for 20m 00s more";
    assert!(harness.state.messages.newest_first().any(|(_, notice)| notice.text.contains(said)));
}

#[test]
fn a_mark_is_taken_off_where_it_is_listed() {
    let mut harness = with_marks();
    let clone = harness.state.cluster().unwrap().clone();
    list(&mut harness, vec![ours(clone, "orders-prod", "ana@laptop", None)]);
    assert!(harness.keys("M j x Enter").is_empty(), "the plan is seen first, and Enter is the safe side");
    assert!(harness.keys("x").is_empty());
    let screen = harness.screen();
    assert!(screen.contains("Take the mark `early` off clone-a") && screen.contains("[ Unmark ]"), "{screen}");
    let effects = harness.keys("Tab Enter");
    assert!(harness.state.picker().is_some(), "the list is there again");
    assert!(matches!(&effects[..], [crate::tui::Effect::Mark(request)]
        if request.name.as_str() == "early" && request.at.is_none() && request.resource == resource("clone-a")));
    let mut harness = full(120, 36);
    assert!(harness.keys("H x").is_empty());
    assert!(harness.screen().contains("only a mark can be taken off"), "{}", harness.screen());
    harness.keys("Esc H Down");
    let screen = harness.screen();
    assert!(screen.contains("rewind there") && !screen.contains("take off"), "{screen}");
}

#[test]
fn in_read_only_mode_a_tag_stays_and_the_journal_is_ours() {
    let mut harness = with_marks();
    let mark = Mark { name: "kept-here".parse().unwrap(), at: ago("1h"), kept: Kept::Journal };
    harness.send(Event::Marks { id: resource("clone-a"), marks: vec![mark] });
    harness.state.setup.policy.read_only = true;
    harness.keys("M x");
    assert!(harness.state.dialog().is_some(), "{}", harness.screen());
    harness.keys("Esc j x");
    assert!(harness.screen().contains("this is read-only mode") && harness.state.picker().is_some());
}

#[test]
fn marks_need_no_window() {
    let mut harness = ready(120, 36);
    select(&mut harness, "billing");
    assert!(matches!(&harness.keys("m before Enter")[..], [crate::tui::Effect::Mark(_)]));
    let mark = Mark { name: "before".parse().unwrap(), at: ago("1h"), kept: Kept::Journal };
    harness.send(Event::Marks { id: resource("billing"), marks: vec![mark] });
    harness.keys("M");
    assert!(harness.screen().contains("before"), "{}", harness.screen());
    harness.keys("Enter");
    assert!(harness.state.picker().is_some() && harness.screen().contains("has no Backtrack"), "{}", harness.screen());
}

#[test]
fn a_list_leads_to_its_own_cluster_wherever_the_cursor_went() {
    let mut harness = full(120, 36);
    harness.keys("/ clone-orders-release Enter H");
    let mut renamed: Vec<_> = harness.state.fleet.data.iter().cloned().collect();
    for cluster in &mut renamed {
        if cluster.id.as_str() == "clone-orders-release" {
            cluster.id = "clone-orders-other".parse().unwrap();
        } else if cluster.id.as_str() == "users-eu" {
            cluster.id = "clone-orders-release".parse().unwrap();
        }
    }
    list(&mut harness, renamed);
    assert_ne!(harness.state.cluster().unwrap().resource_id, resource("clone-orders-release"));
    harness.keys("Enter");
    assert!(harness.screen().contains("not shown in the fleet any more"), "{}", harness.screen());
    assert_eq!(cursor(&harness), None, "another cluster's cursor stays where it is");
}

#[test]
fn a_mark_set_anew_is_warned_about_anew() {
    let mut harness = with_marks();
    let before = harness.state.messages.newest_first().count();
    let mut clone = window(cluster("clone-a", "30d"), 24, "24h");
    clone.tags.insert("aurewind:mark/early".into(), ago("23h20m").to_string());
    list(&mut harness, vec![clone]);
    let news: Vec<_> = harness.state.messages.newest_first().map(|(_, notice)| notice.text.clone()).collect();
    assert_eq!(news.len(), before + 1, "{news:?}");
    assert!(news[0].contains("the mark `early` on `clone-a` can be reached for 40m 00s more"), "{news:?}");
}
