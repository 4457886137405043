//! From TOML to a recipe: every key known, every value of its type.

use serde::de::DeserializeOwned;
use toml::de::{DeArray, DeValue};

use super::error::Finding;
use super::serde_words;
use super::tree::{self, MOST, Node};
use crate::recipe::model::raw;
use crate::recipe::model::{Leaf, Part, Recipe, Step, Wrongs};

/// Reads the recipe.
///
/// # Errors
/// Everything that is not as the format has it.
pub fn read(root: &Node) -> Result<Recipe, Vec<Finding>> {
    let mut found = Vec::new();
    let mut rest = root.clone();
    if let Some(steps) = tree::get(root, "step").filter(|steps| steps.get_ref().is_array()) {
        found.extend(list::<raw::Step, Step>(root, steps, "step"));
        rest = tree::with(&rest, "step", DeValue::Array(DeArray::new()));
    }
    if let Some(steps) = tree::get(root, "always").filter(|steps| steps.get_ref().is_array()) {
        found.extend(list::<raw::Leaf, Leaf>(root, steps, "always"));
        rest = tree::with(&rest, "always", DeValue::Array(DeArray::new()));
    }
    found.extend(strict::<Recipe>(root, rest, &[]));
    if !found.is_empty() {
        found.truncate(MOST);
        return Err(found);
    }
    // Whatever was found would have been found above.
    serde::Deserialize::deserialize(tree::deserializer(root))
        .map_err(|error: toml::de::Error| vec![Finding::spanned(error.span().unwrap_or(0..0), error.message(), "")])
}

/// What is wrong with the steps of a list.
fn list<R, S>(root: &Node, steps: &Node, key: &str) -> Vec<Finding>
where
    R: DeserializeOwned,
    S: TryFrom<R, Error = Wrongs>,
{
    let mut found = Vec::new();
    for (index, step) in steps.get_ref().as_array().into_iter().flatten().enumerate() {
        let outer: [Part; 2] = [key.into(), index.into()];
        let wrong = strict::<R>(root, step.clone(), &outer);
        if wrong.is_empty()
            && let Ok(raw) = R::deserialize(tree::deserializer(step))
            && let Err(wrongs) = S::try_from(raw)
        {
            found.extend(wrongs.0.into_iter().map(|wrong| Finding::wrong(root, wrong.within(&outer))));
        }
        found.extend(wrong);
        if found.len() >= MOST {
            break;
        }
    }
    found
}

/// Everything that keeps `node` from being a `T`: what is wrong is told, taken out, and the rest tried again.
pub fn strict<T: DeserializeOwned>(root: &Node, mut node: Node, outer: &[Part]) -> Vec<Finding> {
    let mut found = Vec::new();
    while found.len() < MOST {
        let Err(error) = T::deserialize(tree::deserializer(&node)) else { break };
        let span = error.span().unwrap_or_else(|| node.span());
        let (inner, is_key) = if span == node.span() { None } else { tree::way_to(&node, &span) }.unwrap_or_default();
        let at: Vec<Part> = outer.iter().cloned().chain(inner.clone()).collect();
        found.push(serde_words::explain(root, &error, at, is_key));
        if let (true, Some(missing)) = (inner.is_empty(), serde_words::missing(error.message())) {
            match stand_in(missing) {
                Some((key, value)) => node = tree::with(&node, key, value),
                None => break,
            }
        } else if inner.is_empty() {
            break;
        } else {
            node = tree::without(&node, &inner);
            // A key of the recipe that is wrong is not missing, too.
            if let [Part::Key(key)] = inner.as_slice()
                && let Some((key, value)) = stand_in(key)
            {
                node = tree::with(&node, key, value);
            }
        }
    }
    found
}

/// A value for a key of the recipe that is missing, so that the others are looked at, too.
fn stand_in(missing: &str) -> Option<(&'static str, DeValue<'static>)> {
    match missing {
        "schema" => Some(("schema", DeValue::parse("1").ok()?.into_inner())),
        "name" => Some(("name", DeValue::String("recipe".into()))),
        "step" => Some(("step", DeValue::Array(DeArray::new()))),
        _ => None,
    }
}
