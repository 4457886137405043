//! What things look like: a role for every meaning, a style for every role.
//!
//! Themes are ANSI first and leave the terminal's own text and background colours alone. No role is told apart by its
//! colour only: whoever draws adds a glyph or a word.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use thiserror::Error;

use crate::aurora::text;

/// Declares the roles once: the enum, the list of all and the names in theme files.
macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident = $name:literal),* $(,)?) => {
        /// What a piece of the screen means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Role {
            $($(#[$doc])* $role),*
        }

        impl Role {
            /// Every role, in the order of the theme files.
            pub const ALL: &'static [Self] = &[$(Self::$role),*];

            /// The name in a theme file.
            pub fn name(self) -> &'static str {
                match self { $(Self::$role => $name),* }
            }
        }
    };
}

roles! {
    /// Plain text.
    Text = "text",
    /// Text that may be overlooked.
    Dim = "dim",
    /// Titles and column heads.
    Title = "title",
    /// What draws the eye.
    Accent = "accent",
    /// The selected row.
    Selected = "selected",
    /// Border of a pane.
    Border = "border",
    /// Border of the pane that has the keys.
    BorderFocus = "border-focus",
    /// A key to press.
    Key = "key",
    /// Ready, done, allowed.
    Good = "good",
    /// Under way.
    Busy = "busy",
    /// Failed, refused, broken.
    Bad = "bad",
    /// Worth a look.
    Warn = "warn",
    /// A protected cluster.
    Prod = "prod",
    /// The target window where it is not reachable.
    Ghost = "ghost",
    /// The actual window.
    Window = "window",
    /// The floor.
    Floor = "floor",
    /// A clone's own creation.
    Wall = "wall",
    /// A past rewind.
    Seam = "seam",
    /// The cursor of the timeline.
    Cursor = "cursor",
    /// The present moment.
    Now = "now",
    /// A mark.
    Mark = "mark",
    /// Something that RDS reported.
    Event = "event",
    /// A span that a rewind undid.
    Undone = "undone",
    /// What a rewind to the cursor would take back.
    Discard = "discard",
    /// The part of a name that the filter hit.
    Match = "match",
    /// A short word on a ground of its own.
    Badge = "badge",
    /// The write rate.
    Rate = "rate",
    /// The range of point-in-time restore.
    Backup = "backup",
}

/// The themes that are built in, each with its file.
const BUILT_IN: [(&str, &str); 5] = [
    ("ansi-dark", include_str!("../../config/themes/ansi-dark.toml")),
    ("ansi-light", include_str!("../../config/themes/ansi-light.toml")),
    ("dusk", include_str!("../../config/themes/dusk.toml")),
    ("high-contrast", include_str!("../../config/themes/high-contrast.toml")),
    ("mono", include_str!("../../config/themes/mono.toml")),
];

/// A style for every role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    styles: Vec<Style>,
}

/// Why there is no such theme.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ThemeError {
    /// No theme has this name.
    #[error("there is no theme `{name}`; there are auto, {}", Theme::names().join(", "))]
    Unknown {
        /// The name.
        name: String,
    },
    /// Not a theme file.
    #[error("not a theme: {0}")]
    Syntax(String),
    /// A role that does not exist.
    #[error("there is no role `{role}` to style; there are {}", role_names())]
    Role {
        /// The role.
        role: String,
    },
    /// A word that is neither a colour nor a way of writing.
    #[error("`{role} = \"{value}\"`: `{word}` is neither a colour nor one of {MODIFIER_NAMES}")]
    Style {
        /// The role.
        role: String,
        /// Its value.
        value: String,
        /// The word that is not understood.
        word: String,
    },
}

fn role_names() -> String {
    Role::ALL.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ")
}

/// A theme file: which theme it starts from, and what it says differently.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ThemeFile {
    base: Option<String>,
    #[serde(default)]
    roles: BTreeMap<String, String>,
}

impl Theme {
    /// The style of `role`.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// The theme without any colour: bold, dim, reverse and underline only.
    ///
    /// With `NO_COLOR` set crossterm writes an empty sequence for every colour, which a terminal takes for "reset all"
    /// and which so destroys bold and reverse. Where no colour is ever set, nothing of that kind is written.
    pub fn mono() -> Self {
        let mut theme = Self { styles: vec![Style::new(); Role::ALL.len()] };
        for role in Role::ALL {
            if let Some(style) = theme.styles.get_mut(*role as usize) {
                *style = Style::new().add_modifier(mono_modifier(*role));
            }
        }
        theme
    }

    /// The built-in theme of that name.
    ///
    /// # Errors
    /// Lists the names that exist.
    pub fn named(name: &str) -> Result<Self, ThemeError> {
        let found = BUILT_IN.iter().find(|(known, _)| *known == name);
        found.map_or_else(|| Err(ThemeError::Unknown { name: text::clean(name) }), |(_, file)| Self::parse(file))
    }

    /// The theme for the setting `ui.theme`, where `auto` goes by the terminal's background. Without colours it is
    /// always [`Theme::mono`], whatever was asked for.
    ///
    /// # Errors
    /// Lists the names that exist.
    pub fn choose(setting: &str, no_color: bool, light: bool) -> Result<Self, ThemeError> {
        let asked = match setting {
            "auto" if light => Self::named("ansi-light"),
            "auto" => Self::named("ansi-dark"),
            name => Self::named(name),
        }?;
        Ok(if no_color { Self::mono() } else { asked })
    }

    /// The same for terminals without 24-bit colours: each one becomes the nearest of the 6×6×6 cube.
    #[must_use]
    pub fn in_256_colours(mut self) -> Self {
        for style in &mut self.styles {
            style.fg = style.fg.map(nearest_indexed);
            style.bg = style.bg.map(nearest_indexed);
        }
        self
    }

    /// The names of the built-in themes.
    pub fn names() -> [&'static str; BUILT_IN.len()] {
        BUILT_IN.map(|(name, _)| name)
    }

    /// Reads a theme file. What it leaves out comes from its `base`, or from [`Theme::mono`].
    ///
    /// # Errors
    /// Names the line, role or word that is not understood.
    pub fn parse(toml: &str) -> Result<Self, ThemeError> {
        let file: ThemeFile = toml::from_str(toml).map_err(|error| ThemeError::Syntax(error.to_string()))?;
        let mut theme = match file.base.as_deref() {
            // Built-in themes have no base, so this ends.
            Some(base) => Self::named(base)?,
            None => Self::mono(),
        };
        for (name, value) in &file.roles {
            let role = Role::ALL.iter().find(|role| role.name() == name);
            let role = *role.ok_or_else(|| ThemeError::Role { role: text::clean(name) })?;
            if let Some(style) = theme.styles.get_mut(role as usize) {
                *style = parse_style(name, value)?;
            }
        }
        Ok(theme)
    }
}

fn nearest_indexed(colour: Color) -> Color {
    let Color::Rgb(red, green, blue) = colour else { return colour };
    // The cube's levels are 0, 95, 135, 175, 215 and 255.
    let level = |part: u8| match part {
        0..48 => 0,
        48..115 => 1,
        _ => (part - 35) / 40,
    };
    Color::Indexed(16 + 36 * level(red) + 6 * level(green) + level(blue))
}

/// What a role looks like where there is no colour.
fn mono_modifier(role: Role) -> Modifier {
    match role {
        Role::Text
        | Role::Window
        | Role::Event
        | Role::Rate
        | Role::Good
        | Role::Border
        | Role::Seam
        | Role::Undone
        | Role::Discard => Modifier::empty(),
        Role::Dim | Role::Ghost | Role::Backup => Modifier::DIM,
        Role::Title
        | Role::Accent
        | Role::BorderFocus
        | Role::Key
        | Role::Busy
        | Role::Warn
        | Role::Floor
        | Role::Wall
        | Role::Now
        | Role::Mark => Modifier::BOLD,
        Role::Match | Role::Bad | Role::Prod => Modifier::BOLD.union(Modifier::UNDERLINED),
        Role::Selected | Role::Badge => Modifier::REVERSED,
        Role::Cursor => Modifier::BOLD.union(Modifier::REVERSED),
    }
}

const MODIFIER_NAMES: &str = "bold, dim, italic, underline, reverse";

fn modifier(word: &str) -> Option<Modifier> {
    Some(match word {
        "bold" => Modifier::BOLD,
        "dim" => Modifier::DIM,
        "italic" => Modifier::ITALIC,
        "underline" => Modifier::UNDERLINED,
        "reverse" => Modifier::REVERSED,
        _ => return None,
    })
}

/// Reads `bold cyan`, `white on red`, `#e0af68`, `plain`.
fn parse_style(role: &str, value: &str) -> Result<Style, ThemeError> {
    let mut style = Style::new();
    let mut words = value.split_whitespace();
    while let Some(word) = words.next() {
        let unknown = |word: &str| ThemeError::Style {
            role: text::clean(role),
            value: text::clean(value),
            word: text::clean(word),
        };
        if word == "plain" {
        } else if let Some(modifier) = modifier(word) {
            style = style.add_modifier(modifier);
        } else if word == "on" {
            let ground = words.next().ok_or_else(|| unknown(word))?;
            style = style.bg(ground.parse::<Color>().map_err(|_| unknown(ground))?);
        } else {
            style = style.fg(word.parse::<Color>().map_err(|_| unknown(word))?);
        }
    }
    Ok(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_theme_is_read_and_styles_every_role_of_the_timeline() {
        for name in Theme::names() {
            let theme = Theme::named(name).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(theme.styles.len(), Role::ALL.len(), "{name}");
            for role in [Role::Selected, Role::Cursor, Role::Bad, Role::Match] {
                assert_ne!(theme.style(role), Style::new(), "{name}: {}", role.name());
            }
        }
    }

    #[test]
    fn mono_sets_no_colour_and_equals_its_file() {
        let mono = Theme::mono();
        for role in Role::ALL {
            let style = mono.style(*role);
            assert_eq!((style.fg, style.bg, style.underline_color), (None, None, None), "{}", role.name());
        }
        assert_eq!(Theme::named("mono"), Ok(mono));
    }

    #[test]
    fn no_built_in_theme_sets_the_colour_of_plain_text() {
        for name in Theme::names() {
            let text = Theme::named(name).unwrap().style(Role::Text);
            assert!(name == "dusk" || text.fg.is_none() && text.bg.is_none(), "{name}");
        }
    }

    #[rstest::rstest]
    #[case("auto", false, false, "ansi-dark")]
    #[case("auto", false, true, "ansi-light")]
    #[case("dusk", false, true, "dusk")]
    #[case("dusk", true, true, "mono")]
    #[case("auto", true, false, "mono")]
    fn no_color_beats_every_setting(
        #[case] setting: &str,
        #[case] no_color: bool,
        #[case] light: bool,
        #[case] want: &str,
    ) {
        assert_eq!(Theme::choose(setting, no_color, light), Theme::named(want));
    }

    #[rstest::rstest]
    #[case("[roles]\ngood = \"bold green\"", Role::Good, Style::new().fg(Color::Green).add_modifier(Modifier::BOLD))]
    #[case("[roles]\nprod = \"white on red\"", Role::Prod, Style::new().fg(Color::White).bg(Color::Red))]
    #[case("[roles]\nnow = \"#ff8800\"", Role::Now, Style::new().fg(Color::Rgb(255, 136, 0)))]
    #[case("[roles]\nselected = \"plain\"", Role::Selected, Style::new())]
    #[case("base = \"mono\"", Role::Selected, Style::new().add_modifier(Modifier::REVERSED))]
    fn styles_are_read(#[case] file: &str, #[case] role: Role, #[case] want: Style) {
        assert_eq!(Theme::parse(file).unwrap().style(role), want);
    }

    #[rstest::rstest]
    #[case("[roles]\ngood = \"blurple\"", "`blurple` is neither a colour")]
    #[case("[roles]\ngood = \"red on\"", "`on` is neither a colour")]
    #[case("[roles]\ngodo = \"red\"", "no role `godo`")]
    #[case("base = \"nope\"", "no theme `nope`")]
    #[case("colour = 1", "unknown field")]
    #[case("[roles", "not a theme")]
    fn what_is_wrong_is_named(#[case] file: &str, #[case] part: &str) {
        let error = Theme::parse(file).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}
