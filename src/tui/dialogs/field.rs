//! A line to fill in.

use tui_input::Input;

/// Which line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldName {
    /// Identifier of the clone.
    Name,
    /// How long the clone lives.
    Ttl,
    /// Its backtrack window.
    Window,
    /// Its instance class.
    Class,
    /// Name of a mark.
    Mark,
    /// For how long a clone is protected.
    Keep,
    /// By how much its life is extended.
    More,
    /// The moment of a rewind.
    Time,
    /// The moment that a full copy shows.
    CopyTime,
    /// Name of a final snapshot.
    Snapshot,
    /// The identifier that the policy asks for.
    Typed,
}

impl FieldName {
    /// The word in front of the line.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Ttl => "lives for",
            Self::Window => "window",
            Self::Class => "class",
            Self::Time => "time",
            Self::CopyTime => "as of",
            Self::Mark => "mark",
            Self::Keep => "keep for",
            Self::More => "another",
            Self::Snapshot => "snapshot",
            Self::Typed => "type the id",
        }
    }

    /// What an empty line means, or may hold.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Name => "a new identifier",
            Self::Ttl => "4h, 7d …; empty: never expires",
            Self::Window => "24h …; off; empty: as the source, 24h at most",
            Self::Class => "db.r6g.large …; empty: as the source",
            Self::Time | Self::CopyTime => "14:32, -25m, 2026-11-22 14:32:10",
            Self::Snapshot => "empty: none is kept",
            Self::Keep => "2h, 7d …; forever; off",
            Self::More => "4h, 7d …, from its expiry on",
            Self::Mark => "a name: before-release, v2.41",
            Self::Typed => "",
        }
    }
}

/// A line to fill in.
#[derive(Debug, Clone)]
pub struct Field {
    /// Which line it is.
    pub name: FieldName,
    /// What is typed.
    pub input: Input,
    /// Why it is not understood.
    pub error: Option<String>,
    /// Whether it was changed since it was last read.
    pub(super) touched: bool,
}

impl Field {
    pub(super) fn new(name: FieldName, value: impl Into<String>) -> Self {
        Self { name, input: Input::new(value.into()), error: None, touched: false }
    }

    /// The text, without the blanks around it; nothing if there is none.
    pub(super) fn text(&self) -> Option<&str> {
        Some(self.input.value().trim()).filter(|text| !text.is_empty())
    }

    /// Reads the text with `read`; what it says against the text is kept beside it.
    pub(super) fn parse<T, E: ToString>(&mut self, read: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, ()> {
        let parsed = self.text().map(read).transpose();
        self.error = None;
        parsed.map_err(|error| self.error = Some(error.to_string()))
    }
}

/// The field of this name among `fields`.
pub(super) fn find(fields: &mut [Field], name: FieldName) -> Option<&mut Field> {
    fields.iter_mut().find(|field| field.name == name)
}
