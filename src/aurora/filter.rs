//! The filter of the fleet: words and `field:value` terms, all of which must hold.

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use super::cluster::{Cluster, Engine};
use super::span;

/// A filter as typed: `orders status:available engine:mysql owner:ana owned:yes age>2d clone:yes tag:team=shop`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq)]
enum Term {
    Word(String),
    Status(String),
    Engine(String),
    Owner(String),
    Owned(bool),
    Clone(bool),
    Backtrack(bool),
    Expired(bool),
    Tag(String, Option<String>),
    Older(SignedDuration),
    Younger(SignedDuration),
}

/// Why a text is no filter.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidFilter {
    /// An unknown field.
    #[error("`{0}` is not a field; use status, engine, owner, owned, clone, backtrack, expired, tag, age> or age<")]
    Field(String),
    /// A value that the field cannot have.
    #[error("`{value}` is not a value of `{field}`; {mend}")]
    Value {
        /// The field.
        field: String,
        /// What was typed.
        value: String,
        /// What to write instead.
        mend: &'static str,
    },
}

impl Filter {
    /// Reads a filter; an empty text matches everything.
    ///
    /// # Errors
    /// Names the field or value that is not understood.
    pub fn parse(text: &str) -> Result<Self, InvalidFilter> {
        let terms = text.split_whitespace().map(term).collect::<Result<_, _>>()?;
        Ok(Self { terms })
    }

    /// Whether nothing is filtered.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether `cluster` passes at `now`; `is_clone` is what the lineage says of it.
    pub fn passes(&self, cluster: &Cluster, is_clone: bool, now: Timestamp) -> bool {
        self.terms.iter().all(|term| term.passes(cluster, is_clone, now))
    }
}

fn term(text: &str) -> Result<Term, InvalidFilter> {
    let age = |value: &str| {
        span::parse(value).map_err(|_| InvalidFilter::Value {
            field: "age".into(),
            value: value.to_owned(),
            mend: "write a length such as 90s, 2h or 7d",
        })
    };
    if let Some(value) = text.strip_prefix("age>") {
        return age(value).map(Term::Older);
    }
    if let Some(value) = text.strip_prefix("age<") {
        return age(value).map(Term::Younger);
    }
    let Some((field, value)) = text.split_once(':') else {
        return Ok(Term::Word(text.to_lowercase()));
    };
    let lower = value.to_lowercase();
    match field {
        "status" => Ok(Term::Status(lower)),
        "engine" => Ok(Term::Engine(lower)),
        "owner" => Ok(Term::Owner(lower)),
        "owned" => flag(field, &lower).map(Term::Owned),
        "clone" => flag(field, &lower).map(Term::Clone),
        "backtrack" => flag(field, &lower).map(Term::Backtrack),
        "expired" => flag(field, &lower).map(Term::Expired),
        "tag" => Ok(match value.split_once('=') {
            Some((key, value)) => Term::Tag(key.to_owned(), Some(value.to_owned())),
            None => Term::Tag(value.to_owned(), None),
        }),
        _ => Err(InvalidFilter::Field(super::text::clean(field))),
    }
}

fn flag(field: &str, value: &str) -> Result<bool, InvalidFilter> {
    match value {
        "yes" | "true" | "on" => Ok(true),
        "no" | "false" | "off" => Ok(false),
        _ => {
            Err(InvalidFilter::Value { field: field.into(), value: super::text::clean(value), mend: "write yes or no" })
        }
    }
}

impl Term {
    fn passes(&self, cluster: &Cluster, is_clone: bool, now: Timestamp) -> bool {
        match self {
            Self::Word(word) => has_word(cluster, word),
            Self::Status(word) => cluster.status.as_str().starts_with(word.as_str()),
            Self::Engine(word) => engine(cluster.engine, word),
            Self::Owner(word) => {
                let ownership = cluster.ownership();
                let owner = ownership.ours().and_then(|ours| ours.owner.as_deref());
                owner.is_some_and(|owner| owner.to_lowercase().contains(word))
            }
            Self::Owned(want) => cluster.ownership().ours().is_some() == *want,
            Self::Clone(want) => is_clone == *want,
            Self::Backtrack(want) => cluster.backtrack.enabled() == *want,
            Self::Expired(want) => {
                let ownership = cluster.ownership();
                let expires = ownership.ours().and_then(|ours| ours.expires_at);
                expires.is_some_and(|at| at <= now) == *want
            }
            Self::Tag(key, value) => {
                cluster.tags.get(key).is_some_and(|have| value.as_ref().is_none_or(|want| want == have))
            }
            Self::Older(span) => cluster.age(now).is_some_and(|age| age > *span),
            Self::Younger(span) => cluster.age(now).is_some_and(|age| age < *span),
        }
    }
}

fn has_word(cluster: &Cluster, word: &str) -> bool {
    cluster.id.as_str().contains(word)
        || cluster.status.as_str().contains(word)
        || cluster.engine.as_str().contains(word)
        || cluster.resource_id.as_str().to_lowercase().contains(word)
}

fn engine(engine: Engine, word: &str) -> bool {
    engine.as_str().strip_prefix("aurora-").is_some_and(|name| name.starts_with(word)) || engine.as_str() == word
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::fleet::tests::cluster;
    use crate::aurora::ownership::{TAG_CLONE, TAG_EXPIRES, TAG_OWNER};
    use proptest::prelude::*;

    #[rstest::rstest]
    #[case("", true)]
    #[case("orders", true)]
    #[case("ORDERS clone", true)]
    #[case("billing", false)]
    #[case("status:avail", true)]
    #[case("status:creating", false)]
    #[case("engine:mysql", true)]
    #[case("engine:postgres", false)]
    #[case("owner:ana", true)]
    #[case("owned:yes clone:yes backtrack:no expired:yes", true)]
    #[case("owned:no", false)]
    #[case("tag:team", true)]
    #[case("tag:team=shop", true)]
    #[case("tag:team=ops", false)]
    #[case("age>2h", true)]
    #[case("age<2h", false)]
    fn terms(#[case] text: &str, #[case] want: bool) {
        let mut clone = cluster("orders-clone");
        clone.tags.insert(TAG_CLONE.into(), "orders-clone".into());
        clone.tags.insert(TAG_OWNER.into(), "ana@laptop".into());
        clone.tags.insert(TAG_EXPIRES.into(), "2026-11-22T01:00:00Z".into());
        clone.tags.insert("team".into(), "shop".into());
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        assert_eq!(Filter::parse(text).unwrap().passes(&clone, true, now), want);
    }

    #[rstest::rstest]
    #[case("colour:red", "colour")]
    #[case("owned:maybe", "write yes or no")]
    #[case("age>old", "write a length")]
    fn errors_name_the_mend(#[case] text: &str, #[case] want: &str) {
        let error = Filter::parse(text).unwrap_err().to_string();
        assert!(error.contains(want), "{error}");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = Filter::parse(&text);
        }
    }
}
