//! Marks: named moments on a cluster to return to.
//!
//! A mark is a tag on the cluster, so that everybody who may read it sees it. What cannot be a tag, because the cluster is
//! not ours or has no room for more, is kept in the journal of this machine.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use unicode_general_category::{GeneralCategory, get_general_category};

use super::cluster::Cluster;
use super::ownership::TAG_MARK;
use super::time::{self, InvalidTime};

/// A tag key has 128 characters at most (API reference, Tag).
const LONGEST: usize = 128 - TAG_MARK.len();
/// How many marks of a cluster are tags. A resource has 50 tags at most (API reference, Tag), and they are not all ours.
pub const MOST_AS_TAGS: usize = 20;
/// A mark becomes a tag only while this many tags of any kind are left for others.
const MOST_TAGS: usize = 45;
/// What a mark cannot be called, because a rewind takes it for a moment.
const RESERVED: [&str; 2] = ["earliest", "now"];

/// The name of a mark: legal as the end of a tag key, and no moment by itself, so that `rewind --to` can tell them apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MarkName(String);

/// Why a text cannot name a mark.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidMark {
    /// Nothing is left of it.
    #[error("a mark needs a name")]
    Empty,
    /// A tag key cannot hold it.
    #[error("a mark's name has {LONGEST} characters at most, this one has {0}")]
    TooLong(usize),
    /// Not legal in a tag key (API reference, Tag).
    #[error("`{0}` cannot be in a mark's name; letters, digits, spaces and _ . : / = + - @ can")]
    Character(char),
    /// It would be taken for an option of the command line.
    #[error("a mark's name does not begin with `-`")]
    Option,
    /// A rewind would take it for a moment.
    #[error("`{0}` reads as a moment, so it cannot name a mark")]
    Moment(String),
}

impl MarkName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of its tag.
    pub fn tag_key(&self) -> String {
        format!("{TAG_MARK}{}", self.0)
    }
}

impl TryFrom<&str> for MarkName {
    type Error = InvalidMark;

    fn try_from(text: &str) -> Result<Self, InvalidMark> {
        let name = text.trim();
        if name.is_empty() {
            return Err(InvalidMark::Empty);
        }
        let length = name.chars().count();
        if length > LONGEST {
            return Err(InvalidMark::TooLong(length));
        }
        let legal = |c: char| is_letter_or_number(c) || " _.:/=+-@".contains(c);
        if let Some(odd) = name.chars().find(|c| !legal(*c)) {
            return Err(InvalidMark::Character(if odd.is_control() { '?' } else { odd }));
        }
        if name.starts_with('-') {
            return Err(InvalidMark::Option);
        }
        if RESERVED.iter().any(|word| name.eq_ignore_ascii_case(word)) || is_moment(name) {
            return Err(InvalidMark::Moment(name.to_owned()));
        }
        Ok(Self(name.to_owned()))
    }
}

/// Whether AWS takes it for a letter or a number: `\p{L}` or `\p{N}` (API reference, Tag). What merely looks like one, as a
/// letter in a circle or a vowel sign, is neither.
fn is_letter_or_number(c: char) -> bool {
    use GeneralCategory as G;
    let letters = [G::UppercaseLetter, G::LowercaseLetter, G::TitlecaseLetter, G::ModifierLetter, G::OtherLetter];
    let numbers = [G::DecimalNumber, G::LetterNumber, G::OtherNumber];
    let category = get_general_category(c);
    letters.contains(&category) || numbers.contains(&category)
}

/// Whether `name` has the form of a time, in whatever zone it is read.
fn is_moment(name: &str) -> bool {
    let anywhere = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
    !matches!(time::parse(name, &anywhere), Err(InvalidTime::Unknown(_)))
}

impl TryFrom<String> for MarkName {
    type Error = InvalidMark;

    fn try_from(text: String) -> Result<Self, InvalidMark> {
        Self::try_from(text.as_str())
    }
}

impl From<MarkName> for String {
    fn from(name: MarkName) -> Self {
        name.0
    }
}

impl FromStr for MarkName {
    type Err = InvalidMark;

    fn from_str(text: &str) -> Result<Self, InvalidMark> {
        Self::try_from(text)
    }
}

impl fmt::Display for MarkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Where a mark is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kept {
    /// As a tag on the cluster.
    Tag,
    /// In the journal of this machine.
    Journal,
    /// With the test run that set it.
    Run,
}

impl Kept {
    /// The word in JSON and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Journal => "journal",
            Self::Run => "run",
        }
    }
}

/// A named moment on a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What it is called.
    pub name: MarkName,
    /// The moment, on a whole second.
    pub at: Timestamp,
    /// Where it is kept.
    pub kept: Kept,
}

/// The marks of a cluster, earliest first: those of its tags, and those of `journal`. A name stands for one moment; the tag
/// goes before the journal. Marks from before the cluster's creation are left out, and stand before none: they were
/// inherited from a source. So are tags that a mark of this name would not be written to.
pub fn marks(cluster: &Cluster, journal: &[Mark]) -> Vec<Mark> {
    let tags = cluster.tags.iter().filter_map(|(key, value)| {
        let name = MarkName::try_from(key.strip_prefix(TAG_MARK)?).ok().filter(|name| name.tag_key() == *key)?;
        Some(Mark { name, at: value.parse().ok()?, kept: Kept::Tag })
    });
    let own = |mark: &Mark| cluster.created_at.is_none_or(|made| mark.at >= made);
    let journal = journal.iter().map(|mark| Mark { kept: Kept::Journal, ..mark.clone() });
    let by_name: BTreeMap<MarkName, Mark> =
        journal.chain(tags).filter(own).map(|mark| (mark.name.clone(), mark)).collect();
    let mut marks: Vec<Mark> = by_name.into_values().collect();
    marks.sort_by(|a, b| (a.at, &a.name).cmp(&(b.at, &b.name)));
    marks
}

/// The mark called `text`, whatever its case where no other differs from it by case alone.
pub fn named<'a>(marks: &'a [Mark], text: &str) -> Option<&'a Mark> {
    let text = text.trim();
    let same = |mark: &&Mark| mark.name.as_str().eq_ignore_ascii_case(text);
    let exact = marks.iter().find(|mark| mark.name.as_str() == text);
    exact.or_else(|| marks.iter().find(same).filter(|_| marks.iter().filter(same).count() == 1))
}

/// Whether a tag of this name still fits on the cluster; one that is there already is only given another value.
pub fn fits(cluster: &Cluster, name: &MarkName) -> bool {
    let key = name.tag_key();
    let marks = cluster.tags.keys().filter(|key| key.starts_with(TAG_MARK)).count();
    cluster.tags.contains_key(&key) || (marks < MOST_AS_TAGS && cluster.tags.len() < MOST_TAGS)
}

/// From how little time left on a mark is about to fall off the window.
pub const LAST_CALL: SignedDuration = SignedDuration::from_hours(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aurora::fleet::tests::cluster;
    use proptest::prelude::*;

    #[rstest::rstest]
    #[case("v2.41", true)]
    #[case("before the release", true)]
    #[case("größe", true)]
    #[case("a/b:c=d+e-f@g", true)]
    #[case(" trimmed ", true)]
    #[case("2026", true)]
    #[case("", false)]
    #[case("  ", false)]
    #[case("-x", false)]
    #[case("-25m", false)]
    #[case("earliest", false)]
    #[case("NOW", false)]
    #[case("14:32", false)]
    #[case("1h30m ago", false)]
    #[case("2026-11-22 14:32", false)]
    #[case("2026-11-22T14:32:10Z", false)]
    #[case("a,b", false)]
    #[case("日本 ½ Ⅷ ʰ", true)]
    #[case("Ⓐ", false)]
    #[case("हिन्दी", false)]
    #[case("(x)", false)]
    #[case("a\u{1b}b", false)]
    #[case("tab\there", false)]
    fn names(#[case] text: &str, #[case] legal: bool) {
        assert_eq!(MarkName::try_from(text).is_ok(), legal, "{text}");
    }

    #[test]
    fn a_name_fits_in_a_tag_key() {
        assert_eq!(MarkName::try_from("x".repeat(114).as_str()).unwrap().tag_key().len(), 128);
        let error = MarkName::try_from("x".repeat(115).as_str()).unwrap_err();
        assert_eq!(error.to_string(), "a mark's name has 114 characters at most, this one has 115");
        assert_eq!(MarkName::try_from("a\u{1b}").unwrap_err(), InvalidMark::Character('?'));
    }

    fn mark(name: &str, clock: &str) -> Mark {
        Mark {
            name: name.parse().unwrap(),
            at: format!("2026-11-22T{clock}:00Z").parse().unwrap(),
            kept: Kept::Journal,
        }
    }

    fn tagged(tags: &[(&str, &str)]) -> Cluster {
        let mut clone = cluster("c");
        clone.created_at = "2026-11-22T10:00:00Z".parse().ok();
        clone.tags.extend(tags.iter().map(|(k, v)| (format!("{TAG_MARK}{k}"), format!("2026-11-22T{v}:00Z"))));
        clone
    }

    #[test]
    fn marks_come_in_order_each_name_once_and_not_from_before_the_birth() {
        let clone = tagged(&[
            ("late", "11:30"),
            ("early", "11:00"),
            ("inherited", "09:00"),
            ("bad", "25:99"),
            (" odd ", "11:10"),
        ]);
        let journal = [mark("local", "11:15"), mark("late", "11:59"), mark("old", "08:00"), mark("inherited", "11:20")];
        let found: Vec<_> =
            marks(&clone, &journal).into_iter().map(|mark| (mark.name.to_string(), mark.kept)).collect();
        let want = [("early", Kept::Tag), ("local", Kept::Journal), ("inherited", Kept::Journal), ("late", Kept::Tag)];
        assert_eq!(found, want.map(|(name, kept)| (name.to_owned(), kept)));
        assert_eq!(marks(&clone, &journal)[3].at, mark("x", "11:30").at, "the tag goes before the journal");
    }

    #[rstest::rstest]
    #[case("Seeded", Some("Seeded"))]
    #[case("seeded", Some("seeded"))]
    #[case("SEEDED", None)]
    #[case("v1", Some("V1"))]
    #[case("other", None)]
    fn a_mark_is_found_by_its_name(#[case] text: &str, #[case] want: Option<&str>) {
        let marks = [mark("Seeded", "11:00"), mark("seeded", "11:05"), mark("V1", "11:10")];
        assert_eq!(named(&marks, text).map(|mark| mark.name.as_str()), want);
    }

    #[test]
    fn there_is_room_for_twenty_marks_and_some_for_others() {
        let mut clone = tagged(&[]);
        let name = |n: usize| MarkName::try_from(format!("m{n}").as_str()).unwrap();
        for n in 0..MOST_AS_TAGS {
            assert!(fits(&clone, &name(n)));
            clone.tags.insert(name(n).tag_key(), "2026-11-22T11:00:00Z".into());
        }
        assert!(!fits(&clone, &name(99)));
        assert!(fits(&clone, &name(3)), "a mark that is there can be moved");
        let mut crowded = tagged(&[]);
        crowded.tags.extend((0..MOST_TAGS).map(|n| (format!("team:{n}"), String::new())));
        assert!(!fits(&crowded, &name(1)));
    }

    proptest! {
        #[test]
        fn every_name_is_a_legal_tag_key_and_read_back(text in "\\PC{0,130}") {
            if let Ok(name) = MarkName::try_from(text.as_str()) {
                prop_assert!(name.tag_key().chars().count() <= 128);
                prop_assert_eq!(MarkName::try_from(name.as_str()), Ok(name.clone()));
                let json = serde_json::to_string(&name).unwrap();
                prop_assert_eq!(serde_json::from_str::<MarkName>(&json).unwrap(), name);
            }
        }
    }
}
