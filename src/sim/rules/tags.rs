//! Tags: what may be written, how many, and how they merge (API reference, Tag and AddTagsToResource).

use std::collections::{BTreeMap, BTreeSet};

use super::super::protocol::{ApiError, Form};

/// The tags of one resource by key.
pub type Tags = BTreeMap<String, String>;

/// The most tags that a resource can carry.
pub const MOST: usize = 50;

/// The tags that a request carries under `Tags.Tag.N`, checked.
pub fn read(form: &Form) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    for fields in form.members("Tags", "Tag")?.into_values() {
        let field = |name| fields.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
        let key = field("Key").ok_or_else(|| ApiError::value("A tag needs a Key"))?;
        let value = field("Value").unwrap_or_default();
        check(key, value)?;
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(ApiError::value(format!("Duplicate tag key: {key}")));
        }
    }
    merge(&Tags::new(), tags)
}

/// The tags of a resource after `added` have been written over them, or why there would be too many.
pub fn merge(present: &Tags, added: Tags) -> Result<Tags, ApiError> {
    let keys: BTreeSet<&String> = present.keys().chain(added.keys()).collect();
    if keys.len() > MOST {
        return Err(ApiError::value(format!(
            "The resource would have {} tags. A resource can have at most {MOST} tags",
            keys.len()
        )));
    }
    let mut merged = present.clone();
    merged.extend(added);
    Ok(merged)
}

fn check(key: &str, value: &str) -> Result<(), ApiError> {
    let lower = key.to_ascii_lowercase();
    if lower.starts_with("aws:") || lower.starts_with("rds:") {
        return Err(ApiError::value(format!("The tag key {key} begins with a prefix that is reserved")));
    }
    if !(1..=128).contains(&key.chars().count()) {
        return Err(ApiError::value("A tag key must be from 1 to 128 characters long"));
    }
    if value.chars().count() > 256 {
        return Err(ApiError::value(format!("The value of the tag {key} is longer than 256 characters")));
    }
    if !key.chars().chain(value.chars()).all(is_legal) {
        return Err(ApiError::value(format!(
            "The tag {key} may only contain letters, digits, whitespace and _ . : / = + - @"
        )));
    }
    Ok(())
}

fn is_legal(c: char) -> bool {
    c.is_alphabetic() || c.is_numeric() || c == ' ' || "_.:/=+-@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_tags_pass_and_others_do_not() {
        for (key, value) in [
            ("aurewind:expires-at", "2026-11-22T01:02:03Z"),
            ("team", "Größe 7 / a=b+c-d@e_f.g:h"),
            ("x", ""),
            (&"k".repeat(128), &"v".repeat(256)),
        ] {
            assert!(check(key, value).is_ok(), "{key}={value}");
        }
        for (key, value) in [
            ("", "v"),
            ("aws:x", "v"),
            ("RDS:x", "v"),
            ("json", "{}"),
            ("list", "a,b"),
            ("quote", "\"a\""),
            ("paren", "(a)"),
            (&"k".repeat(129), "v"),
            ("k", &"v".repeat(257)),
        ] {
            assert!(check(key, value).is_err(), "{key}={value}");
        }
    }

    #[test]
    fn a_resource_carries_at_most_fifty_tags() {
        let many: Tags = (0..50).map(|n| (format!("k{n}"), String::new())).collect();
        let again = Tags::from([("k1".to_owned(), "new".to_owned())]);
        assert_eq!(merge(&many, again).unwrap().get("k1").map(String::as_str), Some("new"));
        assert!(merge(&many, Tags::from([("one-more".to_owned(), String::new())])).is_err());
    }

    #[test]
    fn a_key_given_twice_is_refused() {
        let form = Form::parse(b"Tags.Tag.1.Key=a&Tags.Tag.2.Key=a").unwrap();
        assert!(read(&form).is_err());
    }
}
