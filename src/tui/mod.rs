//! Room `tui`.

pub mod format;
pub mod glyphs;
pub mod picture;
pub mod terminal;
pub mod theme;
pub mod widgets;
