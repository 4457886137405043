//! The names of steps: reports and logs tell steps apart by them.

use std::collections::BTreeMap;

use super::{Notes, way};
use crate::recipe::model::{Action, Part, Recipe};

/// The longest name of a step, in characters.
const LONGEST: usize = 80;

/// Looks at the names that are written, and counts up those that were made and come more than once; `written` tells which
/// is which.
pub fn all(recipe: &mut Recipe, written: impl Fn(&[Part]) -> bool, notes: &mut Notes) {
    let (made, mine): (Vec<_>, Vec<_>) = every(recipe).into_iter().partition(|(way, _)| !written(way));
    let mut taken: BTreeMap<String, Vec<Part>> = BTreeMap::new();
    for (way, name) in mine {
        if name.trim().is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
            notes.wrong(
                way,
                "a step cannot be called so",
                format!("use 1 to {LONGEST} characters on one line, or leave the name out"),
            );
        } else if taken.contains_key(name.as_str()) {
            notes.wrong(way, "another step has this name already", "give every step a name of its own");
        } else {
            taken.insert(name.clone(), way);
        }
    }
    for (way, name) in made {
        let mut number = 2;
        let stem = name.clone();
        while taken.contains_key(name.as_str()) {
            *name = format!("{stem} ({number})");
            number += 1;
        }
        taken.insert(name.clone(), way);
    }
}

/// Every step's name with the way to it.
fn every(recipe: &mut Recipe) -> Vec<(Vec<Part>, &mut String)> {
    let mut names = Vec::new();
    for (index, step) in recipe.step.iter_mut().enumerate() {
        names.push((way!["step", index, "name"], &mut step.name));
        if let Action::Repeat(repeat) = &mut step.action {
            let inner = repeat.steps.iter_mut().enumerate();
            names.extend(inner.map(|(at, step)| (way!["step", index, "step", at, "name"], &mut step.name)));
        }
    }
    let always = recipe.always.iter_mut().enumerate();
    names.extend(always.map(|(index, leaf)| (way!["always", index, "name"], &mut leaf.name)));
    names
}
