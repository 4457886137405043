//! Lengths of time, moments and names in recipes.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

use crate::aurora::mark::MarkName;
use crate::aurora::span;

/// The longest Backtrack window, in hours (API reference, RestoreDBClusterToPointInTime, BacktrackWindow).
const LONGEST_WINDOW: i64 = 72;

/// Takes a text; says what it is to be where there is something else.
struct Text(&'static str);

impl Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}

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
        let text = from.deserialize_str(Text("a length of time, as in `45m`"))?;
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
            "pattern": r"^\s*(\d+[smhdwSMHDW] *)*[1-9]\d*[smhdwSMHDW] *(\d+[smhdwSMHDW] *)*$",
        })
    }
}

/// A Backtrack window: up to 72 hours, or zero for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window(pub SignedDuration);

impl Window {
    /// Whether there is none.
    pub fn is_off(self) -> bool {
        self.0.is_zero()
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = from.deserialize_str(Text("a length of time, as in `24h`"))?;
        if text.trim() == "0" {
            return Ok(Self(SignedDuration::ZERO));
        }
        let window = span::parse(&text).map_err(serde::de::Error::custom)?;
        if window > SignedDuration::from_hours(LONGEST_WINDOW) {
            return Err(serde::de::Error::custom("a Backtrack window is 72h at most; write a shorter one"));
        }
        Ok(Self(window))
    }
}

impl JsonSchema for Window {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Window".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let span = generator.subschema_for::<Span>();
        json_schema!({
            "description": "A Backtrack window: 24h, at most 72h; \"0\" for none",
            "anyOf": [span, {"type": "string", "pattern": r"^\s*0\s*$"}],
        })
    }
}

/// Where a rewind goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To a mark of the recipe.
    Mark(String),
    /// Back by so much.
    Ago(SignedDuration),
    /// To a moment.
    At(Timestamp),
}

impl FromStr for Target {
    type Err = String;

    /// The three cannot be mistaken for each other: no mark begins with `-`, and none reads as a moment.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(ago) = text.strip_prefix('-') {
            return span::parse(ago).map(Self::Ago).map_err(|error| error.to_string());
        }
        if let Ok(moment) = text.parse() {
            return Ok(Self::At(moment));
        }
        let name = MarkName::try_from(text).map_err(|error| error.to_string())?;
        Ok(Self::Mark(name.as_str().to_owned()))
    }
}

/// A pattern of names: text with `{recipe}`, `{user}` and `{run}`.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(transparent)]
pub struct Pattern(String);

/// What a pattern may ask for.
const PLACES: [&str; 3] = ["recipe", "user", "run"];
/// So much of a user's name goes into a name.
pub const LONGEST_USER: usize = 16;

impl Pattern {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name: what is filled in becomes lower-case letters, digits and single hyphens; what is written stays.
    pub fn fill(&self, recipe: &str, user: &str, run: &str) -> String {
        let user: String = plain(user).chars().take(LONGEST_USER).collect();
        let values = [plain(recipe), user.trim_end_matches('-').to_owned(), plain(run)];
        PLACES
            .iter()
            .zip(values)
            .fold(self.0.clone(), |name, (place, value)| name.replace(&format!("{{{place}}}"), &value))
    }
}

/// Lower-case letters and digits with single hyphens between them.
fn plain(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

impl Default for Pattern {
    fn default() -> Self {
        Self("test-{recipe}-{run}".into())
    }
}

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut rest = text;
        while let Some(open) = rest.find(['{', '}']) {
            let inside = rest[open..].strip_prefix('{').and_then(|after| after.split_once('}'));
            let Some((place, after)) = inside else {
                return Err("a brace is not closed, or not opened; write for example `test-{recipe}-{run}`".into());
            };
            if !PLACES.contains(&place) {
                let place = crate::aurora::text::clean(place);
                return Err(format!("`{{{place}}}` is not known; write `{{recipe}}`, `{{user}}` or `{{run}}`"));
            }
            rest = after;
        }
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("before", Some(Target::Mark("before".into())))]
    #[case(" after release ", Some(Target::Mark("after release".into())))]
    #[case("-5m", Some(Target::Ago(SignedDuration::from_mins(5))))]
    #[case("2026-11-22T14:32:10Z", Some(Target::At("2026-11-22T14:32:10Z".parse().unwrap())))]
    #[case("-soon", None)]
    #[case("now", None)]
    #[case("14:32", None)]
    #[case("", None)]
    fn targets(#[case] text: &str, #[case] want: Option<Target>) {
        assert_eq!(text.parse().ok(), want);
    }

    #[rstest::rstest]
    #[case("test-{recipe}-{run}", "test-shop-t01")]
    #[case("{user}-x", "ada-l-x")]
    #[case("fixed", "fixed")]
    fn patterns(#[case] text: &str, #[case] want: &str) {
        assert_eq!(text.parse::<Pattern>().unwrap().fill("Shop", "Ada_L.", "t01"), want);
    }

    #[rstest::rstest]
    #[case("{cluster}")]
    #[case("{run")]
    #[case("run}")]
    #[case("{{run}}")]
    fn patterns_that_are_none(#[case] text: &str) {
        assert!(text.parse::<Pattern>().is_err());
    }

    #[test]
    fn a_long_user_is_cut_and_leaves_no_hyphen_at_its_end() {
        let name = "{user}-{run}".parse::<Pattern>().unwrap().fill("r", "abcdefghijklmno.pqrstuvw", "t1");
        assert_eq!(name, "abcdefghijklmno-t1");
    }
}
