//! What a recipe may not say although every key is known and every value of its type.

mod clone;
mod disk;
mod names;
mod sections;
mod stack;
mod steps;
mod variables;

use std::path::Path;

pub use variables::may_be_secret;

use super::error::Finding;
use super::tree::{self, Node};
use crate::recipe::model::{Part, Recipe, Wrong};

/// The way to a value.
macro_rules! way {
    ($($part:expr),* $(,)?) => { vec![$(crate::recipe::model::Part::from($part)),*] };
}
use way;

/// What was found so far.
#[derive(Debug, Default)]
struct Notes {
    wrong: Vec<Wrong>,
    odd: Vec<Wrong>,
}

impl Notes {
    /// The recipe cannot be used.
    fn wrong(&mut self, at: Vec<Part>, what: impl Into<String>, mend: impl Into<String>) {
        self.wrong.push(Wrong::at(at, what, mend));
    }

    /// It can, but that is probably not what is meant.
    fn odd(&mut self, at: Vec<Part>, what: impl Into<String>, mend: impl Into<String>) {
        self.odd.push(Wrong::at(at, what, mend));
    }

    fn findings(self, root: &Node) -> Vec<Finding> {
        let wrong = self.wrong.into_iter().map(|wrong| Finding::wrong(root, wrong));
        wrong.chain(self.odd.into_iter().map(|odd| Finding::wrong(root, odd).into_warning())).collect()
    }
}

/// What an error says, without its advice: a recipe has its own.
fn short(error: &impl ToString) -> String {
    let text = error.to_string();
    text.split_once("; ").map_or(text.clone(), |(what, _)| what.to_owned())
}

/// Looks at everything that the recipe says by itself, and gives steps without a name a name of their own.
pub fn sense(recipe: &mut Recipe, root: &Node) -> Vec<Finding> {
    let mut notes = Notes::default();
    names::all(recipe, |way| tree::is_there(root, way), &mut notes);
    sections::all(recipe, &mut notes);
    clone::all(recipe, &mut notes);
    stack::all(recipe, &mut notes);
    variables::all(recipe, &mut notes);
    steps::all(recipe, &mut notes);
    notes.findings(root)
}

/// Looks whether the files are there that the recipe names.
pub fn files(recipe: &Recipe, directory: &Path, root: &Node) -> Vec<Finding> {
    let mut notes = Notes::default();
    disk::all(recipe, directory, &mut notes);
    notes.findings(root)
}
