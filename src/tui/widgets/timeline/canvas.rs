//! A part of the buffer that remembers which of its cells are taken, so that no label covers another one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::format;

/// Shorter pieces of a name say nothing.
const SHORTEST_LABEL: u16 = 4;

/// What a cell is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Free,
    /// Stays empty, to keep a label apart from lines; two labels may share it.
    Air,
    Taken,
}

/// See the module.
pub(super) struct Canvas<'b> {
    buffer: &'b mut Buffer,
    area: Rect,
    cells: Vec<Use>,
    /// Every label with its place, for the test that none covers another one.
    #[cfg(test)]
    pub labels: Vec<(u16, u16, String)>,
}

impl<'b> Canvas<'b> {
    /// A canvas over `area`, as far as the buffer has it.
    pub fn new(buffer: &'b mut Buffer, area: Rect) -> Self {
        let area = area.intersection(buffer.area);
        let cells = vec![Use::Free; usize::from(area.width) * usize::from(area.height)];
        Self {
            buffer,
            area,
            cells,
            #[cfg(test)]
            labels: Vec::new(),
        }
    }

    pub fn width(&self) -> u16 {
        self.area.width
    }

    pub fn height(&self) -> u16 {
        self.area.height
    }

    fn index(&self, row: u16, column: u16) -> Option<usize> {
        let inside = row < self.area.height && column < self.area.width;
        inside.then(|| usize::from(row) * usize::from(self.area.width) + usize::from(column))
    }

    /// Whether the columns from `start` up to `end` of `row` exist and are free.
    pub fn free(&self, row: u16, start: u16, end: u16) -> bool {
        end <= self.area.width
            && (start..end).all(|column| self.index(row, column).is_some_and(|index| self.cells[index] != Use::Taken))
    }

    /// Sets one cell, whatever was there.
    pub fn put(&mut self, row: u16, column: u16, sign: &str, style: Style) {
        if let Some(index) = self.index(row, column) {
            self.cells[index] = Use::Taken;
            self.buffer.set_string(self.area.x + column, self.area.y + row, sign, style);
        }
    }

    /// Sets one cell unless it is in use, and leaves it free for labels that come later.
    pub fn hint(&mut self, row: u16, column: u16, sign: &str, style: Style) {
        if self.index(row, column).is_some_and(|index| self.cells[index] == Use::Free) {
            self.buffer.set_string(self.area.x + column, self.area.y + row, sign, style);
        }
    }

    /// Writes `text` from `column` on, if its cells and one of air on either side are free.
    pub fn write(&mut self, row: u16, column: u16, text: &str, style: Style) -> bool {
        let end = column.saturating_add(width(text));
        let air = (column.saturating_sub(1), (end + 1).min(self.area.width));
        if end > self.area.width || !self.free(row, air.0, air.1) {
            return false;
        }
        self.fill(row, column, text, style);
        true
    }

    /// Writes `text` from `column` on, whatever was there, as far as there are columns.
    pub fn fill(&mut self, row: u16, column: u16, text: &str, style: Style) {
        let end = column.saturating_add(width(text)).min(self.area.width);
        for air in [column.checked_sub(1), Some(end)].into_iter().flatten() {
            if self.free(row, air, air.saturating_add(1))
                && let Some(index) = self.index(row, air)
            {
                self.cells[index] = Use::Air;
            }
        }
        for taken in column..end {
            if let Some(index) = self.index(row, taken) {
                self.cells[index] = Use::Taken;
            }
        }
        let room = usize::from(self.area.width.saturating_sub(column));
        #[cfg(test)]
        if room > 0 && row < self.area.height {
            self.labels.push((row, column, text.chars().take(room).collect()));
        }
        self.buffer.set_stringn(self.area.x + column, self.area.y + row, text, room, style);
    }

    /// Writes a label beside the sign at `column`: to its right, to its left, or cut short to its right. With
    /// `ellipsis` missing it is all or nothing.
    pub fn beside(&mut self, row: u16, column: u16, text: &str, style: Style, ellipsis: Option<&str>) -> bool {
        let long = width(text);
        let right = column + 2;
        let room = self.room(row, column + 1);
        if room > long {
            self.fill(row, right, text, style);
            return true;
        }
        let before = column.saturating_sub(long + 1);
        if column > long && self.free(row, before.saturating_sub(1), column) {
            self.fill(row, before, text, style);
            return true;
        }
        match ellipsis {
            Some(ellipsis) if room > SHORTEST_LABEL => {
                self.fill(row, right, &format::fit_end(text, usize::from(room - 1), ellipsis), style);
                true
            }
            _ => false,
        }
    }

    /// Free columns from `column` on, the last one kept as air unless it is the edge; the first counts as air as well.
    fn room(&self, row: u16, column: u16) -> u16 {
        let mut end = column;
        while self.free(row, end, end + 1) {
            end += 1;
        }
        let free = end - column;
        if end < self.area.width { free.saturating_sub(1) } else { free }
    }
}

/// Columns of `text`.
pub(super) fn width(text: &str) -> u16 {
    u16::try_from(format::width(text)).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(draw: impl FnOnce(&mut Canvas<'_>)) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
        let area = buffer.area;
        draw(&mut Canvas::new(&mut buffer, area));
        buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned()
    }

    #[rstest::rstest]
    #[case::right(3, 20, "   * label")]
    #[case::left(15, 20, "         label *")]
    #[case::cut(2, 9, "  * lab… |")]
    #[case::nowhere(2, 5, "  *  |")]
    fn labels_find_their_place(#[case] column: u16, #[case] wall: u16, #[case] want: &str) {
        let text = drawn(|canvas| {
            if wall < 20 {
                canvas.put(0, wall, "|", Style::new());
            }
            canvas.put(0, column, "*", Style::new());
            canvas.beside(0, column, "label", Style::new(), Some("…"));
        });
        assert_eq!(text, want);
    }

    #[test]
    fn what_is_taken_is_not_written_over() {
        let text = drawn(|canvas| {
            assert!(canvas.write(0, 5, "here", Style::new()));
            assert!(!canvas.write(0, 9, "touches", Style::new()));
            assert!(!canvas.write(0, 15, "too long", Style::new()));
            assert!(canvas.write(0, 10, "apart", Style::new()));
        });
        assert_eq!(text, "     here apart");
    }
}
