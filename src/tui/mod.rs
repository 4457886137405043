//! Room `tui`.

pub mod format;
pub mod glyphs;
pub mod theme;
pub mod widgets;
