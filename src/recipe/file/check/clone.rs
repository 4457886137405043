//! What the clone is asked to be.

use super::{Notes, short, way};
use crate::aurora::ids::ClusterId;
use crate::aurora::span;
use crate::recipe::model::{Action, LONGEST_USER, Recipe, Target, Window};

/// Days that automated backups can be kept (API reference, RestoreDBClusterToPointInTime, BackupRetentionPeriod).
const RETENTION: std::ops::RangeInclusive<u32> = 1..=35;
/// A resource has 50 tags at most (API reference, Tag), and those that prove whose a clone is are among them.
const MOST_TAGS: usize = 40;
/// A run's id where one is needed to see how long a name gets: all are of this length.
pub const SOME_RUN: &str = "t0123456789ab";

pub fn all(recipe: &Recipe, notes: &mut Notes) {
    name(recipe, notes);
    moment(recipe, notes);
    window(recipe, notes);
    life(recipe, notes);
    network(recipe, notes);
    tags(recipe, notes);
}

fn name(recipe: &Recipe, notes: &mut Notes) {
    let pattern = &recipe.clone.name;
    let longest = pattern.fill(&recipe.name, &"u".repeat(LONGEST_USER), SOME_RUN);
    if let Err(error) = longest.parse::<ClusterId>() {
        let mend = "start with a letter and keep it short, as in `test-{recipe}-{run}`";
        notes.wrong(way!["clone", "name"], short(&error), mend);
    } else if !pattern.as_str().contains("{run}") {
        let mend = "add `{run}` to it";
        notes.odd(way!["clone", "name"], "a second run has to wait until the clone of the first is gone", mend);
    }
}

fn moment(recipe: &Recipe, notes: &mut Notes) {
    let Some(at) = &recipe.clone.at else { return };
    if !matches!(at.parse(), Ok(Target::Ago(_) | Target::At(_))) {
        let mend = "write a length as in `-2h`, or a moment as in `2026-11-22T14:32:10Z`";
        notes.wrong(way!["clone", "at"], "this is no moment of the past", mend);
    }
}

fn window(recipe: &Recipe, notes: &mut Notes) {
    if !recipe.clone.window.is_some_and(Window::is_off) {
        return;
    }
    for (index, step) in recipe.step.iter().enumerate() {
        let key = match step.action {
            Action::Rewind(_) => "rewind",
            Action::Repeat(_) => "repeat",
            _ => continue,
        };
        let mend = "leave `clone.window` out, or give it a length as in `24h`";
        notes.wrong(way!["step", index, key], "`clone.window` is zero: the clone cannot be rewound", mend);
    }
}

fn life(recipe: &Recipe, notes: &mut Notes) {
    let (ttl, deadline) = (recipe.clone.life(), recipe.teardown.deadline.0);
    let at = if recipe.clone.ttl.is_some() { way!["clone", "ttl"] } else { way!["limits", "total"] };
    if let Some(total) = recipe.limits.total
        && ttl < total.0.saturating_add(deadline)
    {
        let what = format!("the clone lives {}, and the run may take {} with its teardown", span::exact(ttl), {
            span::exact(total.0.saturating_add(deadline))
        });
        notes.odd(at, what, "let it live longer, or a sweep may delete it while it is used");
    }
    if recipe.clone.retention_days.is_some_and(|days| !RETENTION.contains(&days)) {
        notes.wrong(way!["clone", "retention-days"], "backups are kept 1 to 35 days", "write 1");
    }
}

fn network(recipe: &Recipe, notes: &mut Notes) {
    let clone = &recipe.clone;
    for (index, group) in clone.security_groups.iter().enumerate() {
        let number = group.strip_prefix("sg-").unwrap_or_default();
        let way = way!["clone", "security-groups", index];
        if number.len() < 8 || !number.chars().all(|c| c.is_ascii_hexdigit()) {
            notes.wrong(way, "this is no id of a security group", "write its id, as in `sg-0a7b6c5d4e3f20119`");
        } else if clone.security_groups[..index].contains(group) {
            notes.wrong(way, "it is there already", "leave one of them out");
        }
    }
    let words = [
        ("class", &clone.class, "write for example \"db.r6g.large\""),
        ("subnet-group", &clone.subnet_group, "write the name of a DB subnet group"),
        ("parameter-group", &clone.parameter_group, "write the name of a cluster parameter group"),
    ];
    for (key, value, mend) in words {
        let Some(value) = value else { continue };
        let odd = |c: char| c.is_control() || (c.is_whitespace() && key != "subnet-group");
        if value.trim().is_empty() || value.chars().any(odd) || (key == "class" && !value.starts_with("db.")) {
            notes.wrong(way!["clone", key], "nothing is called so", format!("{mend}, or leave it out"));
        }
    }
}

/// What keys and values may be: API reference, Tag.
fn tags(recipe: &Recipe, notes: &mut Notes) {
    let legal = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c));
    for (key, value) in &recipe.clone.tags {
        let way = way!["clone", "tags", key.as_str()];
        let lower = key.to_lowercase();
        if lower.starts_with("aws:") || lower.starts_with("aurewind:") {
            notes.wrong(way, "this beginning is taken", "call the tag otherwise");
        } else if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            notes.wrong(way, "a tag has a key of 1 to 128 characters and a value of up to 256", "make it shorter");
        } else if !legal(key) || !legal(value) {
            notes.wrong(way, "a tag cannot hold this", "use letters, digits, spaces and _ . : / = + - @");
        }
    }
    if recipe.clone.tags.len() > MOST_TAGS {
        notes.wrong(way!["clone", "tags"], "these are too many tags", format!("leave {MOST_TAGS} of them at most"));
    }
}
