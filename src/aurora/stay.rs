//! How long a clone stays: what is asked for, and the tag that says it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::cluster::Cluster;
use super::ids::{ClusterId, ResourceId};
use super::ownership::{Keep, TAG_EXPIRES, TAG_KEEP, whole_second};
use super::span;

/// How long a clone stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stay {
    /// It is protected from sweep and delete.
    Keep(Keep),
    /// The protection comes off.
    Release,
    /// It expires at this moment.
    Expire(Timestamp),
}

impl Stay {
    /// The tag that says it, and its value; without one the tag comes off.
    pub fn tag(self) -> (&'static str, Option<String>) {
        match self {
            Self::Keep(keep) => (TAG_KEEP, Some(keep.to_string())),
            Self::Release => (TAG_KEEP, None),
            Self::Expire(at) => (TAG_EXPIRES, Some(at.to_string())),
        }
    }

    /// `keep` or `extend`.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Keep(_) | Self::Release => "keep",
            Self::Expire(_) => "extend",
        }
    }

    /// Whether the tags of `cluster` say so already.
    pub fn holds(self, cluster: &Cluster) -> bool {
        let (key, value) = self.tag();
        cluster.tags.get(key) == value.as_ref()
    }
}

/// A clone that is to stay longer, or to be protected for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayRequest {
    /// Identifier of the cluster.
    pub cluster: ClusterId,
    /// Its resource id: the request is bound to it.
    pub resource: ResourceId,
    /// How long it stays.
    pub stay: Stay,
}

impl StayRequest {
    /// `stay` for `cluster`.
    pub fn new(cluster: &Cluster, stay: Stay) -> Self {
        Self { cluster: cluster.id.clone(), resource: cluster.resource_id.clone(), stay }
    }

    /// `cluster` for another `more`: after its expiry, or after `now` where that is over or there is none.
    pub fn extend(cluster: &Cluster, more: SignedDuration, now: Timestamp) -> Self {
        let expiry = cluster.ownership().ours().and_then(|ours| ours.expires_at);
        let from = expiry.map_or(now, |at| at.max(now));
        Self::new(cluster, Stay::Expire(whole_second(from + more)))
    }
}

/// For how long something is to be kept, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepFor {
    /// For this time.
    Span(SignedDuration),
    /// Until somebody takes the protection off.
    Forever,
    /// Not any more.
    Off,
}

/// Why a text does not say for how long.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}; or `forever`, or `off`")]
pub struct InvalidKeep(span::InvalidSpan);

impl KeepFor {
    /// Reads `2h`, `7d`, `forever`, `off`.
    ///
    /// # Errors
    /// If the text is anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidKeep> {
        match text.trim().to_ascii_lowercase().as_str() {
            "forever" => Ok(Self::Forever),
            "off" => Ok(Self::Off),
            length => span::parse(length).map(Self::Span).map_err(InvalidKeep),
        }
    }

    /// What it comes to from `now` on.
    pub fn from(self, now: Timestamp) -> Stay {
        match self {
            Self::Span(span) => Stay::Keep(Keep::Until(whole_second(now + span))),
            Self::Forever => Stay::Keep(Keep::Forever),
            Self::Off => Stay::Release,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::fleet::tests::cluster;
    use crate::aurora::ownership::TAG_CLONE;

    fn noon() -> Timestamp {
        "2026-11-22T12:00:00.5Z".parse().unwrap()
    }

    #[rstest::rstest]
    #[case("2h", Some("2026-11-22T14:00:00Z"))]
    #[case(" FOREVER ", Some("forever"))]
    #[case("off", None)]
    fn protection_as_it_is_typed_becomes_a_tag(#[case] text: &str, #[case] want: Option<&str>) {
        let (key, value) = KeepFor::parse(text).unwrap().from(noon()).tag();
        assert_eq!((key, value.as_deref()), (TAG_KEEP, want));
    }

    #[test]
    fn anything_else_is_told_what_would_do() {
        let error = KeepFor::parse("tomorrow").unwrap_err().to_string();
        assert!(error.contains("`tomorrow`") && error.ends_with("or `forever`, or `off`"), "{error}");
    }

    #[rstest::rstest]
    #[case::not_over_yet(Some("2026-11-22T15:00:00Z"), "2026-11-22T19:00:00Z")]
    #[case::over(Some("2026-11-21T15:00:00Z"), "2026-11-22T16:00:00Z")]
    #[case::never(None, "2026-11-22T16:00:00Z")]
    fn a_life_is_extended_from_its_end_or_from_now(#[case] expiry: Option<&str>, #[case] want: &str) {
        let mut clone = cluster("clone-a");
        clone.tags.insert(TAG_CLONE.into(), clone.resource_id.to_string());
        clone.tags.extend(expiry.map(|at| (TAG_EXPIRES.to_owned(), at.to_owned())));
        let request = StayRequest::extend(&clone, SignedDuration::from_hours(4), noon());
        assert_eq!(request.stay.tag(), (TAG_EXPIRES, Some(want.to_owned())));
        assert!(!request.stay.holds(&clone));
        clone.tags.insert(TAG_EXPIRES.into(), want.into());
        assert!(request.stay.holds(&clone));
    }
}
