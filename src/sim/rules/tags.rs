//! Tags: what may be written, how many, and how they merge (API reference, Tag and AddTagsToResource).

use std::collections::{BTreeMap, BTreeSet};

use super::super::protocol::{ApiError, Form};

/// The tags of one resource by key.
pub type Tags = BTreeMap<String, String>;

/// The most tags that a resource can carry.
pub const MOST: usize = 50;

/// What a cluster's automated backup is called where tags are specified.
const OF_BACKUPS: &str = "cluster-auto-backup";

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

/// The tags that `TagSpecifications` has for the automated backup of a new cluster, the only thing that is made with it
/// (API reference, CreateDBCluster and RestoreDBClusterToPointInTime, TagSpecifications).
pub fn read_of_backup(form: &Form) -> Result<Tags, ApiError> {
    let mut found: Option<Tags> = None;
    for fields in form.members("TagSpecifications", "item")?.into_values() {
        let kind = fields.iter().find(|(field, _)| *field == "ResourceType").map_or("", |(_, value)| *value);
        if kind != OF_BACKUPS || found.is_some() {
            return Err(ApiError::value(format!(
                "Invalid resource type {kind} in TagSpecifications. It must be {OF_BACKUPS}, once"
            )));
        }
        let tags = fields.iter().filter(|(field, _)| *field != "ResourceType");
        let own = Form::of(tags.map(|(field, value)| ((*field).to_owned(), (*value).to_owned())))?;
        if let Some(name) = own.names().find(|name| *name != "Tags") {
            return Err(ApiError::value(format!("A tag specification has no field {name}")));
        }
        found = Some(read(&own)?);
    }
    Ok(found.unwrap_or_default())
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

    #[rstest::rstest]
    #[case::none("", Some(0))]
    #[case::one(
        "TagSpecifications.item.1.ResourceType=cluster-auto-backup&TagSpecifications.item.1.Tags.Tag.1.Key=a",
        Some(1)
    )]
    #[case::no_tags("TagSpecifications.item.1.ResourceType=cluster-auto-backup", Some(0))]
    #[case::of_an_instance("TagSpecifications.item.1.ResourceType=auto-backup", None)]
    #[case::no_type("TagSpecifications.item.1.Tags.Tag.1.Key=a", None)]
    #[case::a_strange_field(
        "TagSpecifications.item.1.ResourceType=cluster-auto-backup&TagSpecifications.item.1.X=a",
        None
    )]
    #[case::a_bad_tag(
        "TagSpecifications.item.1.ResourceType=cluster-auto-backup&TagSpecifications.item.1.Tags.Tag.1.Key=aws:a",
        None
    )]
    fn tags_of_the_automated_backup(#[case] body: &str, #[case] tags: Option<usize>) {
        let read = read_of_backup(&Form::parse(body.as_bytes()).unwrap());
        assert_eq!(read.ok().map(|tags| tags.len()), tags);
    }

    #[test]
    fn a_key_given_twice_is_refused() {
        let form = Form::parse(b"Tags.Tag.1.Key=a&Tags.Tag.2.Key=a").unwrap();
        assert!(read(&form).is_err());
    }
}
