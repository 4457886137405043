//! Lengths of time in recipes.

use jiff::SignedDuration;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use crate::aurora::span;

/// A length of time, as in `45m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub SignedDuration);

impl Span {
    /// So many minutes.
    pub(super) const fn mins(minutes: i64) -> Self {
        Self(SignedDuration::from_mins(minutes))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        span::parse(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Span {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A length of time: 90s, 25m, 4h, 1h30m, 7d",
            "pattern": r"^\s*(\d+[smhdwSMHDW]\s*)+$",
        })
    }
}
