//! What is wrong with a recipe, and at which key.

use std::fmt;

/// One part of the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A key of a table.
    Key(String),
    /// A place in an array, from 0 on.
    Index(usize),
}

impl From<&str> for Part {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Part {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// Something that is wrong with a recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The way to the value, from the outermost table on.
    pub at: Vec<Part>,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub mend: String,
}

impl Wrong {
    /// Something wrong with the value at a key.
    pub fn at<P: Into<Part>>(
        at: impl IntoIterator<Item = P>,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self { at: at.into_iter().map(Into::into).collect(), what: what.into(), mend: mend.into() }
    }

    /// The same, seen from further out.
    #[must_use]
    pub fn within(mut self, outer: &[Part]) -> Self {
        self.at.splice(0..0, outer.iter().cloned());
        self
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.mend)
    }
}

/// Everything that is wrong with a part of a recipe; there is at least one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrongs(pub Vec<Wrong>);

impl fmt::Display for Wrongs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&all.join("\n"))
    }
}
