//! What a terminal can show, as far as the environment tells.

use crate::tui::glyphs::Glyphs;
use crate::tui::theme::{Theme, ThemeError};

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// No colours are wanted or known.
    pub no_color: bool,
    /// No cursor addressing either: the dashboard cannot be shown.
    pub dumb: bool,
    /// Characters beyond ASCII arrive.
    pub utf8: bool,
    /// 24-bit colours are known.
    pub truecolor: bool,
    /// The ground is light, as far as is known.
    pub light: bool,
}

impl Capabilities {
    /// Reads the environment.
    pub fn find(env: &dyn Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        // No TERM at all is the rule on Windows and a broken set-up elsewhere.
        let dumb = set("TERM").map_or(!cfg!(windows), |term| term == "dumb");
        // The first of these that is set decides (POSIX, locale).
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default().to_ascii_lowercase();
        let utf8 = locale.contains("utf-8") || locale.contains("utf8") || cfg!(windows);
        let truecolor = set("COLORTERM").is_some_and(|value| matches!(value.as_str(), "truecolor" | "24bit"));
        // `15;0` or `15;default;0`: text, then ground. 7 and 15 are the two whites.
        let light = set("COLORFGBG").is_some_and(|value| matches!(value.rsplit(';').next(), Some("7" | "15")));
        Self { no_color: dumb || set("NO_COLOR").is_some(), dumb, utf8, truecolor, light }
    }

    /// The theme for the setting `ui.theme` on this terminal.
    ///
    /// # Errors
    /// If there is no such theme.
    pub fn theme(&self, setting: &str) -> Result<Theme, ThemeError> {
        let theme = Theme::choose(setting, self.no_color, self.light)?;
        Ok(if self.truecolor { theme } else { theme.in_256_colours() })
    }

    /// The signs for this terminal; `ascii` is the setting `ui.ascii`.
    pub fn glyphs(&self, ascii: bool) -> Glyphs {
        Glyphs::pick(ascii || !self.utf8)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::tui::theme::Role;
    use ratatui::style::Color;

    fn find(env: &[(&str, &str)]) -> Capabilities {
        Capabilities::find(&|name| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    const PLAIN: Capabilities =
        Capabilities { no_color: false, dumb: false, utf8: true, truecolor: false, light: false };

    #[rstest::rstest]
    #[case::usual(&[("TERM", "xterm-256color"), ("LANG", "en_US.UTF-8")], PLAIN)]
    #[case::no_color(&[("TERM", "xterm"), ("LANG", "C.utf8"), ("NO_COLOR", "1")], Capabilities { no_color: true, ..PLAIN })]
    #[case::empty_no_color(&[("TERM", "xterm"), ("LANG", "C.utf8"), ("NO_COLOR", "")], PLAIN)]
    #[case::dumb(&[("TERM", "dumb"), ("LANG", "C.UTF-8")], Capabilities { no_color: true, dumb: true, ..PLAIN })]
    #[case::no_term(&[("LANG", "C.UTF-8")], Capabilities { no_color: true, dumb: true, ..PLAIN })]
    #[case::posix(&[("TERM", "xterm")], Capabilities { utf8: false, ..PLAIN })]
    #[case::latin(&[("TERM", "xterm"), ("LANG", "de_DE.ISO-8859-1")], Capabilities { utf8: false, ..PLAIN })]
    #[case::the_first_decides(&[("TERM", "xterm"), ("LC_ALL", "C"), ("LANG", "C.UTF-8")], Capabilities { utf8: false, ..PLAIN })]
    #[case::empty_is_not_set(&[("TERM", "xterm"), ("LC_ALL", ""), ("LC_CTYPE", "UTF-8")], PLAIN)]
    #[case::truecolor(
        &[("TERM", "xterm"), ("LANG", "C.UTF-8"), ("COLORTERM", "truecolor")],
        Capabilities { truecolor: true, ..PLAIN }
    )]
    #[case::light(
        &[("TERM", "rxvt"), ("LANG", "C.UTF-8"), ("COLORFGBG", "0;default;15")],
        Capabilities { light: true, ..PLAIN }
    )]
    #[case::dark(&[("TERM", "rxvt"), ("LANG", "C.UTF-8"), ("COLORFGBG", "15;0")], PLAIN)]
    fn what_the_environment_tells(#[case] env: &[(&str, &str)], #[case] want: Capabilities) {
        assert_eq!(find(env), want);
    }

    #[test]
    fn looks_follow_the_terminal() {
        assert_eq!(Capabilities { no_color: true, ..PLAIN }.theme("dusk"), Ok(Theme::mono()));
        assert_eq!(Capabilities { light: true, ..PLAIN }.theme("auto"), Theme::named("ansi-light"));
        let [full, reduced] = [true, false].map(|truecolor| Capabilities { truecolor, ..PLAIN }.theme("dusk").unwrap());
        assert!(matches!(full.style(Role::Window).fg, Some(Color::Rgb(..))));
        assert!(matches!(reduced.style(Role::Window).fg, Some(Color::Indexed(_))));
        assert!(!Capabilities { utf8: false, ..PLAIN }.glyphs(false).unicode);
        assert!(!PLAIN.glyphs(true).unicode && PLAIN.glyphs(false).unicode);
    }
}
