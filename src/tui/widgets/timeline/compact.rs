//! The timeline in a table cell.

use jiff::Timestamp;
use ratatui::text::{Line, Span as Piece};

use crate::aurora::Reach;
use crate::tui::glyphs::Glyphs;
use crate::tui::theme::{Role, Theme};

/// The window in `width` columns: the target as ghost, what is reachable filled, now at the right; `off` without one.
pub fn compact(reach: Option<Reach>, now: Timestamp, width: u16, theme: &Theme, glyphs: &Glyphs) -> Line<'static> {
    let Some(reach) = reach else { return Line::styled("off", theme.style(Role::Dim)) };
    let signs = &glyphs.timeline;
    let Some(bar) = width.checked_sub(1).filter(|bar| *bar > 0) else { return Line::default() };
    let bar = usize::from(bar);
    let filled = eighths(reach, now, bar);
    let (ghosts, full) = if filled == bar * 8 { (0, bar) } else { (bar - filled.div_ceil(8), (filled - 1) / 8) };
    let edge = if reach.wall == Some(reach.floor) {
        Some((signs.wall, Role::Wall))
    } else if ghosts > 0 || full < bar {
        let sign = match filled % 8 {
            1 | 2 => signs.left[0],
            3..=6 => signs.left[1],
            _ => signs.left[2],
        };
        // A window that writes have shortened is worth a look.
        Some((sign, if reach.shrunk() { Role::Warn } else { Role::Window }))
    } else {
        None
    };
    let full = bar - ghosts - usize::from(edge.is_some());
    let mut pieces = vec![Piece::styled(signs.ghost.repeat(ghosts), theme.style(Role::Ghost))];
    pieces.extend(edge.map(|(sign, role)| Piece::styled(sign, theme.style(role))));
    pieces.push(Piece::styled(signs.full.repeat(full), theme.style(Role::Window)));
    pieces.push(Piece::styled(signs.now, theme.style(Role::Now)));
    pieces.retain(|piece| !piece.content.is_empty());
    Line::from(pieces)
}

/// Eighths of a column that are reachable, at least one.
fn eighths(reach: Reach, now: Timestamp, bar: usize) -> usize {
    let target = now.duration_since(reach.ghost).as_millis().max(1);
    let actual = now.duration_since(reach.floor).as_millis().clamp(0, target);
    let all = i128::try_from(bar).unwrap_or(0) * 8;
    usize::try_from(actual * all / target).unwrap_or(0).clamp(1, bar * 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::widgets::timeline::tests::{NOW, at, reach};
    use jiff::SignedDuration;
    use proptest::prelude::*;

    fn text(reach: Option<Reach>, width: u16, glyphs: &Glyphs) -> String {
        compact(reach, at(NOW), width, &Theme::mono(), glyphs).to_string()
    }

    #[rstest::rstest]
    #[case::full(reach(360, 360, 9999), "██████████▏", "==========>")]
    #[case::shrunk(reach(360, 234, 9999), "░░░▐██████▏", "...[======>")]
    #[case::nearly_full(reach(360, 350, 9999), "▐█████████▏", "[=========>")]
    #[case::nearly_gone(reach(360, 1, 9999), "░░░░░░░░░▕▏", ".........[>")]
    #[case::young(reach(360, 90, 90), "░░░░░░░┃██▏", ".......|==>")]
    #[case::just_made(reach(360, 0, 0), "░░░░░░░░░┃▏", ".........|>")]
    fn windows_in_eleven_columns(#[case] reach: Reach, #[case] unicode: &str, #[case] ascii: &str) {
        assert_eq!(text(Some(reach), 11, &Glyphs::unicode()), unicode);
        assert_eq!(text(Some(reach), 11, &Glyphs::ascii()), ascii);
    }

    #[test]
    fn off_says_so() {
        assert_eq!(text(None, 11, &Glyphs::unicode()), "off");
    }

    #[test]
    fn a_shrunk_window_is_warned_about() {
        let theme = Theme::named("ansi-dark").unwrap();
        let line = compact(Some(reach(360, 234, 9999)), at(NOW), 11, &theme, &Glyphs::unicode());
        assert_eq!(line.spans[1].style, theme.style(Role::Warn));
    }

    proptest! {
        #[test]
        fn every_window_fills_its_cell(target in 1i64..4_320, actual in 0i64..4_320, made in 0i64..9_999, width in 2u16..40) {
            let mut reach = reach(target, actual.min(target), made);
            reach.now = at(NOW) + SignedDuration::from_secs(0);
            for glyphs in [Glyphs::unicode(), Glyphs::ascii()] {
                prop_assert_eq!(crate::tui::format::width(&text(Some(reach), width, &glyphs)), usize::from(width));
            }
        }
    }
}
