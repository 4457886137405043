//! What steps say of each other: marks above all.

use super::{Notes, way};
use crate::recipe::file::serde_words::nearest;
use crate::recipe::model::{Action, Against, Command, Part, Recipe, Target};

/// The most rounds of a repeat: each takes a rewind of minutes.
const MOST_ROUNDS: u32 = 100;

/// Every action of the recipe but those of `always`, with the way to its step.
pub fn every(recipe: &Recipe) -> Vec<(Vec<Part>, &Action)> {
    let mut all = Vec::new();
    for (index, step) in recipe.step.iter().enumerate() {
        all.push((way!["step", index], &step.action));
        if let Action::Repeat(repeat) = &step.action {
            let inner = repeat.steps.iter().enumerate();
            all.extend(inner.map(|(at, step)| (way!["step", index, "step", at], &step.action)));
        }
    }
    all
}

pub fn all(recipe: &Recipe, notes: &mut Notes) {
    let mut marks = Marks::default();
    for (way, action) in every(recipe) {
        let key =
            |keys: &[&str]| way.iter().cloned().chain(keys.iter().map(|key| Part::from(*key))).collect::<Vec<_>>();
        match action {
            Action::Sql(_) => {}
            Action::Run(command) => run(command, &way, notes),
            Action::Mark(mark) => marks.set(&mark.mark, key(&["mark"]), notes),
            Action::Rewind(rewind) => match &rewind.to {
                Target::Mark(mark) => marks.rewind(mark, key(&["rewind"]), notes),
                Target::Ago(_) => {}
                Target::At(_) => {
                    let mend = "set a mark and rewind to it, or rewind by a length as in `-5m`";
                    let what = "a clone has no past before it is made, so that this moment is out of its reach";
                    notes.odd(key(&["rewind"]), what, mend);
                }
            },
            Action::Diff(diff) => {
                if let Against::Mark(mark) = &diff.against {
                    marks.known(mark, key(&["diff", "against"]), notes);
                }
            }
            Action::Repeat(repeat) => {
                marks.rewind(&repeat.reset, key(&["reset"]), notes);
                if repeat.times > MOST_ROUNDS {
                    let mend = format!("write {MOST_ROUNDS} at most");
                    notes.wrong(key(&["repeat"]), "these are more rounds than a clone lives", mend);
                }
            }
        }
    }
    for (index, leaf) in recipe.always.iter().enumerate() {
        if let Action::Run(command) = &leaf.action {
            run(command, &[Part::from("always"), Part::from(index)], notes);
        }
    }
}

fn run(command: &Command, way: &[Part], notes: &mut Notes) {
    let key = |key: &str| way.iter().cloned().chain([key.into()]).collect::<Vec<_>>();
    if command.words.iter().any(|word| word.contains('\0')) {
        notes.wrong(key("run"), "no command can hold this", "leave the NUL character out");
    }
    let Some(junit) = &command.junit else { return };
    if junit.is_empty() {
        notes.wrong(key("junit"), "it is empty", "name the JUnit files, as in `out/*.xml`");
    } else if let Err(error) = glob::Pattern::new(junit) {
        notes.wrong(key("junit"), format!("this is no pattern: {}", error.msg), "write for example `out/*.xml`");
    }
}

/// The marks that are set so far, and whether a rewind has gone back behind them.
#[derive(Debug, Default)]
struct Marks {
    set: Vec<(String, bool)>,
}

impl Marks {
    fn set(&mut self, name: &str, way: Vec<Part>, notes: &mut Notes) {
        if self.set.iter().any(|(other, _)| other == name) {
            notes.wrong(way, "an earlier step sets this mark already", "give every mark a name of its own");
        } else {
            self.set.push((name.to_owned(), false));
        }
    }

    /// A mark that is looked at.
    fn known(&self, name: &str, way: Vec<Part>, notes: &mut Notes) -> Option<usize> {
        let found = self.set.iter().position(|(mark, _)| mark == name);
        if found.is_none() {
            let names: Vec<_> = self.set.iter().map(|(mark, _)| mark.as_str()).collect();
            let list = names.iter().map(|mark| format!("`{mark}`")).collect::<Vec<_>>().join(", ");
            let mend = match nearest(name, &names) {
                Some(near) => format!("did you mean `{near}`?"),
                None if names.is_empty() => format!("add a step with `mark = \"{name}\"` before this one"),
                None => format!("the marks up to here are {list}"),
            };
            notes.wrong(way, "no earlier step sets this mark", mend);
        }
        found
    }

    /// A mark that is rewound to: what was marked after it is no more.
    fn rewind(&mut self, name: &str, way: Vec<Part>, notes: &mut Notes) {
        let Some(index) = self.known(name, way.clone(), notes) else { return };
        if self.set[index].1 {
            let what = "an earlier rewind goes back behind this mark: what was there is discarded";
            notes.wrong(way, what, "rewind to an earlier mark, or set another one after that rewind");
        }
        self.set.iter_mut().skip(index + 1).for_each(|(_, gone)| *gone = true);
    }
}
