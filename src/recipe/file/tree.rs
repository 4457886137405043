//! A recipe as TOML, with where everything stands.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::error::Finding;
use crate::recipe::model::Part;

/// So many things are told at once; a file with more of them is something else.
pub const MOST: usize = 40;

/// A value with where it stands.
pub type Node<'t> = Spanned<DeValue<'t>>;

/// Reads TOML.
///
/// # Errors
/// Every place that is no TOML.
pub fn parse(text: &str) -> Result<Node<'_>, Vec<Finding>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let span = table.span();
        return Ok(Spanned::new(span, DeValue::Table(table.into_inner())));
    }
    let found = errors.iter().take(MOST).map(|error| {
        let span = error.span().unwrap_or(0..0);
        Finding::spanned(span, error.message(), "this is no TOML; see https://toml.io")
    });
    Err(found.collect())
}

/// The value as serde reads it.
pub fn deserializer<'t>(node: &Node<'t>) -> ValueDeserializer<'t> {
    ValueDeserializer::from(node.clone())
}

/// The value at `key` of a table.
pub fn get<'n, 't>(node: &'n Node<'t>, key: &str) -> Option<&'n Node<'t>> {
    node.get_ref().as_table()?.get(key)
}

/// The way to the key or value that stands exactly at `span`, and whether it is the key.
pub fn way_to(node: &Node, span: &Range<usize>) -> Option<(Vec<Part>, bool)> {
    let mut open = vec![(Vec::new(), node)];
    // What is further in goes first: a table that has one value only may stand at the place of that value.
    let mut found = None;
    while let Some((way, node)) = open.pop() {
        if node.span() == *span {
            found = Some((way.clone(), false));
        }
        let further = |part: Part| way.iter().cloned().chain([part]).collect::<Vec<_>>();
        match node.get_ref() {
            DeValue::Table(table) => {
                for (key, value) in table {
                    let way = further(Part::Key(key.get_ref().to_string()));
                    if key.span() == *span {
                        return Some((way, true));
                    }
                    open.push((way, value));
                }
            }
            DeValue::Array(array) => {
                open.extend(array.iter().enumerate().map(|(index, value)| (further(index.into()), value)));
            }
            _ => {}
        }
    }
    found
}

/// Where the value at the end of `way` stands, or what is nearest to it, and its key, if it has one.
pub fn place(node: &Node, way: &[Part]) -> (Range<usize>, Option<Range<usize>>) {
    let (mut node, mut key) = (node, None);
    for part in way {
        let next = match (part, node.get_ref()) {
            (Part::Key(name), DeValue::Table(table)) => {
                table.get_key_value(name.as_str()).map(|(key, value)| (value, Some(key.span())))
            }
            (Part::Index(index), DeValue::Array(array)) => array.get(*index).map(|value| (value, None)),
            _ => None,
        };
        let Some((further, own)) = next else { break };
        (node, key) = (further, own);
    }
    (node.span(), key)
}

/// Whether there is a value at the end of `way`.
pub fn is_there(node: &Node, way: &[Part]) -> bool {
    way.iter().try_fold(node, further).is_some()
}

/// The value that is one part further in.
fn further<'n, 't>(node: &'n Node<'t>, part: &Part) -> Option<&'n Node<'t>> {
    match part {
        Part::Key(name) => get(node, name),
        Part::Index(index) => node.get_ref().as_array()?.get(*index),
    }
}

/// What the value at the end of `way` is, or what is nearest to it: `string`, `integer`, `table` and so on.
pub fn kind(node: &Node, way: &[Part]) -> &'static str {
    let mut node = node;
    for part in way {
        let Some(next) = further(node, part) else { break };
        node = next;
    }
    node.get_ref().type_str()
}

/// Where values stand that people use for secrets: what is given to commands and to stacks.
pub fn secrets(node: &Node) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open = vec![(node, false)];
    while let Some((node, secret)) = open.pop() {
        match node.get_ref() {
            DeValue::Table(table) => open.extend(table.iter().map(|(key, value)| {
                let own = ["env", "parameters"].contains(&key.get_ref().as_ref());
                (value, secret || own)
            })),
            DeValue::Array(array) => open.extend(array.iter().map(|value| (value, secret))),
            _ if secret => found.push(node.span()),
            _ => {}
        }
    }
    found
}

/// The tree without what stands at the end of `way`.
pub fn without<'t>(node: &Node<'t>, way: &[Part]) -> Node<'t> {
    let Some((first, rest)) = way.split_first() else { return node.clone() };
    let less = match (node.get_ref(), first) {
        (DeValue::Table(table), Part::Key(name)) => {
            let mut table = table.clone();
            if rest.is_empty() {
                table.remove(name.as_str());
            } else if let Some(value) = table.get_mut(name.as_str()) {
                *value = without(value, rest);
            }
            DeValue::Table(table)
        }
        (DeValue::Array(array), Part::Index(index)) => {
            let kept = array.iter().enumerate().filter_map(|(at, value)| match (at == *index, rest.is_empty()) {
                (true, true) => None,
                (true, false) => Some(without(value, rest)),
                (false, _) => Some(value.clone()),
            });
            DeValue::Array(kept.collect())
        }
        (other, _) => other.clone(),
    };
    Spanned::new(node.span(), less)
}

/// Where values stand that are not in the text.
const NOWHERE: Range<usize> = usize::MAX..usize::MAX;

/// The tree with `value`, which is not in the text, at `key`.
pub fn with<'t>(node: &Node<'t>, key: &'t str, value: DeValue<'t>) -> Node<'t> {
    let mut table = node.get_ref().as_table().cloned().unwrap_or_default();
    table.insert(Spanned::new(NOWHERE, key.into()), Spanned::new(NOWHERE, value));
    Spanned::new(node.span(), DeValue::Table(table))
}
