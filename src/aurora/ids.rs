//! Names of clusters: the identifier people type, and the resource id that never changes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The longest cluster or instance identifier that RDS takes (API reference, CreateDBCluster).
pub const MAX_IDENTIFIER: usize = 63;

/// A cluster (or instance) identifier: 1–63 letters, digits and hyphens, a letter first, no hyphen last, no two in a
/// row; RDS stores it in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClusterId(String);

/// Why a text is no cluster identifier.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{text}` is not a cluster identifier: {why}; use 1–63 letters, digits and single hyphens, starting with a letter"
)]
pub struct InvalidId {
    text: String,
    why: &'static str,
}

impl ClusterId {
    /// The identifier as RDS stores it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The identifier of this cluster's nth instance, counted from one, cut so that it stays legal.
    #[must_use]
    pub fn instance(&self, number: usize) -> Self {
        let tail = format!("-{number}");
        let keep = MAX_IDENTIFIER - tail.len();
        let stem: String = self.0.chars().take(keep).collect();
        Self(format!("{}{tail}", stem.trim_end_matches('-')))
    }
}

impl FromStr for ClusterId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let refuse = |why| Err(InvalidId { text: super::text::clean(text), why });
        let Some(first) = text.chars().next() else { return refuse("it is empty") };
        if text.len() > MAX_IDENTIFIER {
            return refuse("it is longer than 63 characters");
        }
        if !first.is_ascii_alphabetic() {
            return refuse("it does not start with a letter");
        }
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return refuse("it has a character other than letters, digits and hyphens");
        }
        if text.ends_with('-') || text.contains("--") {
            return refuse("it ends with a hyphen or has two in a row");
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

impl TryFrom<String> for ClusterId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<ClusterId> for String {
    fn from(id: ClusterId) -> Self {
        id.0
    }
}

impl fmt::Display for ClusterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// `DbClusterResourceId` (`cluster-…`): survives a rename, so everything is keyed by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceId(String);

impl ResourceId {
    /// Takes the id as AWS reports it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id as AWS reports it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("orders-prod", Some("orders-prod"))]
    #[case("Orders-PROD", Some("orders-prod"))]
    #[case("a", Some("a"))]
    #[case("", None)]
    #[case("1a", None)]
    #[case("-a", None)]
    #[case("a-", None)]
    #[case("a--b", None)]
    #[case("a_b", None)]
    #[case("a b", None)]
    #[case("ä", None)]
    fn identifiers(#[case] text: &str, #[case] want: Option<&str>) {
        assert_eq!(text.parse::<ClusterId>().ok().as_ref().map(ClusterId::as_str), want);
    }

    #[test]
    fn identifier_length_is_63_at_most() {
        assert!("a".repeat(63).parse::<ClusterId>().is_ok());
        assert!("a".repeat(64).parse::<ClusterId>().is_err());
    }

    #[test]
    fn instance_names_stay_legal() {
        let long: ClusterId = format!("{}-b", "a".repeat(61)).parse().unwrap();
        let instance = long.instance(1);
        assert!(instance.as_str().parse::<ClusterId>().is_ok(), "{instance}");
        assert_eq!("orders".parse::<ClusterId>().unwrap().instance(2).as_str(), "orders-2");
    }

    #[test]
    fn an_error_names_the_value_and_the_mend_without_control_characters() {
        let error = "bad\u{1b}[31m".parse::<ClusterId>().unwrap_err().to_string();
        assert!(error.contains("`bad[31m`") && error.contains("use 1–63 letters"), "{error}");
        assert!(!error.contains('\u{1b}'));
    }
}
