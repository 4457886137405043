//! The timeline in a table cell.

use jiff::Timestamp;
use ratatui::text::{Line, Span as Piece};

use super::scale::{Span, column_of};
use crate::aurora::Reach;
use crate::tui::glyphs::{Glyphs, TimelineGlyphs};
use crate::tui::theme::{Role, Theme};

/// The window in `width` columns: the target as ghost, what is reachable filled, its marks, now at the right; `off`
/// without one.
pub fn compact(reach: Option<Reach>, marks: &[Timestamp], width: u16, theme: &Theme, glyphs: &Glyphs) -> Line<'static> {
    let Some(reach) = reach else { return Line::styled("off", theme.style(Role::Dim)) };
    let signs = &glyphs.timeline;
    let Some(bar) = width.checked_sub(1).filter(|bar| *bar > 0) else { return Line::default() };
    let mut cells = window(reach, usize::from(bar), signs);
    let span = Span { start: reach.ghost, end: reach.now };
    for column in marks.iter().filter_map(|at| column_of(&span, bar, *at)) {
        cells[usize::from(column)] = (signs.mark, Role::Mark);
    }
    cells.push((signs.now, Role::Now));
    let runs = cells.chunk_by(|a, b| a == b);
    let piece = |run: &[(&'static str, Role)]| Piece::styled(run[0].0.repeat(run.len()), theme.style(run[0].1));
    runs.map(piece).collect()
}

/// The target window in `bar` cells.
fn window(reach: Reach, bar: usize, signs: &TimelineGlyphs) -> Vec<(&'static str, Role)> {
    let filled = eighths(reach, bar);
    let (ghosts, full) = if filled == bar * 8 { (0, bar) } else { (bar - filled.div_ceil(8), (filled - 1) / 8) };
    let edge = if reach.wall == Some(reach.floor) {
        Some((signs.wall, Role::Wall))
    } else if ghosts > 0 || full < bar {
        // No reversed signs here: the row of the cursor is reversed as a whole.
        let (sign, _) = signs.left[match filled % 8 {
            1 | 2 => 0,
            3..=6 => 3,
            _ => 7,
        }];
        // A window that writes have shortened is worth a look.
        Some((sign, if reach.shrunk() { Role::Warn } else { Role::Window }))
    } else {
        None
    };
    let mut cells = vec![(signs.ghost, Role::Ghost); ghosts];
    cells.extend(edge);
    cells.resize(bar, (signs.full, Role::Window));
    cells
}

/// Eighths of a column that are reachable, at least one.
fn eighths(reach: Reach, bar: usize) -> usize {
    let target = reach.now.duration_since(reach.ghost).as_millis().max(1);
    let actual = reach.actual().as_millis().clamp(0, target);
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
        compact(reach, &[], width, &Theme::mono(), glyphs).to_string()
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
    fn marks_are_seen_where_they_can_be_reached_or_could_be() {
        let ago = |minutes| at(NOW) - SignedDuration::from_mins(minutes);
        let marks = [ago(400), ago(350), ago(40), ago(0)];
        let line = compact(Some(reach(360, 234, 9999)), &marks, 11, &Theme::mono(), &Glyphs::unicode());
        assert_eq!(line.to_string(), "◆░░▐████◆◆▏", "one is older than the window, and has no place");
    }

    #[test]
    fn a_shrunk_window_is_warned_about() {
        let theme = Theme::named("ansi-dark").unwrap();
        let line = compact(Some(reach(360, 234, 9999)), &[], 11, &theme, &Glyphs::unicode());
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
