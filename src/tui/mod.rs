//! Room `tui`.

pub mod format;
pub mod glyphs;
pub mod picture;
pub mod theme;
pub mod widgets;
