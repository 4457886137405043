//! Pictures of the screen: a buffer as text with colours, and as SVG.

use std::fmt::Write as _;

use anstyle_svg::{Palette, Term, WIN10_CONSOLE};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// Red, green, blue.
type Rgb = (u8, u8, u8);

/// Ground, text and the sixteen colours of a terminal.
struct Scheme {
    ground: Rgb,
    text: Rgb,
    colours: [Rgb; 16],
}

const DARK: Scheme = Scheme {
    ground: (0x16, 0x18, 0x21),
    text: (0xd5, 0xd8, 0xe4),
    colours: [
        (0x16, 0x18, 0x21),
        (0xe2, 0x78, 0x78),
        (0xa0, 0xc9, 0x80),
        (0xe2, 0xa4, 0x78),
        (0x6f, 0x9b, 0xd8),
        (0xa0, 0x93, 0xc7),
        (0x89, 0xb8, 0xc2),
        (0xc6, 0xc8, 0xd1),
        (0x6b, 0x70, 0x89),
        (0xf2, 0x8b, 0x8b),
        (0xb8, 0xdd, 0x98),
        (0xf0, 0xc0, 0x7f),
        (0x84, 0xb0, 0xf0),
        (0xc3, 0xa6, 0xf0),
        (0x8f, 0xd3, 0xe0),
        (0xff, 0xff, 0xff),
    ],
};

const LIGHT: Scheme = Scheme {
    ground: (0xfb, 0xfb, 0xf8),
    text: (0x2b, 0x2f, 0x3a),
    colours: [
        (0x2b, 0x2f, 0x3a),
        (0xb4, 0x2d, 0x3d),
        (0x3b, 0x7d, 0x2b),
        (0x9a, 0x67, 0x00),
        (0x2d, 0x5f, 0xb0),
        (0x83, 0x47, 0xad),
        (0x1f, 0x78, 0x83),
        (0xb9, 0xbc, 0xc4),
        (0x73, 0x78, 0x84),
        (0xc9, 0x3d, 0x4d),
        (0x4a, 0x92, 0x38),
        (0xb0, 0x7a, 0x10),
        (0x3d, 0x72, 0xc9),
        (0x97, 0x59, 0xc4),
        (0x2a, 0x8c, 0x99),
        (0xfb, 0xfb, 0xf8),
    ],
};

/// In this size the block elements of common monospace fonts are as high as a line of `anstyle_svg`, so that bars and
/// frames have no gaps.
const FONT_PX: f64 = 15.4;

/// Width of a column in that size.
const COLUMN_PX: f64 = FONT_PX * 0.602;

/// Fonts whose lines, blocks and braille are all as wide as their letters.
const FONTS: &str = "Menlo, 'DejaVu Sans Mono', 'Cascadia Mono', 'JetBrains Mono', 'Noto Sans Mono', monospace";

/// The buffer as an SVG picture, on a dark or a light ground.
pub fn svg(buffer: &Buffer, title: &str, light: bool) -> String {
    let scheme = if light { &LIGHT } else { &DARK };
    let palette = palette(&scheme.colours);
    let [ground, text] = [scheme.ground, scheme.text].map(|rgb| palette_of(rgb).0[0]);
    let width = (f64::from(buffer.area.width) * COLUMN_PX).ceil() as usize;
    let term = Term::new().palette(palette).bg_color(ground.into()).fg_color(text.into()).min_width_px(width);
    let picture = term.render_svg(&ansi(buffer));
    // What `anstyle_svg` has no switch for; and `opacity` means nothing to a piece of SVG text.
    let picture = set_font(&picture).replace(".dimmed { opacity: 0.4; }", ".dimmed { fill-opacity: 0.55; }");
    picture.replacen('>', &format!(" role=\"img\">\n  <title>{}</title>", escape(title)), 1)
}

fn palette(colours: &[Rgb; 16]) -> Palette {
    let mut palette = WIN10_CONSOLE;
    for (slot, (red, green, blue)) in palette.0.iter_mut().zip(*colours) {
        (slot.0, slot.1, slot.2) = (red, green, blue);
    }
    palette
}

fn palette_of(rgb: Rgb) -> Palette {
    palette(&[rgb; 16])
}

/// Replaces the `font:` line of the style sheet.
fn set_font(picture: &str) -> String {
    let Some(start) = picture.find("font: ") else { return picture.to_owned() };
    let end = picture[start..].find(';').map_or(picture.len(), |length| start + length);
    format!("{}font: {FONT_PX}px {FONTS}{}", &picture[..start], &picture[end..])
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The buffer as text with escape sequences, one line for each row, without spaces at the ends that show nothing.
pub fn ansi(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width.max(1));
    let lines: Vec<String> = buffer.content.chunks(width).map(line).collect();
    lines.join("\n")
}

fn line(row: &[Cell]) -> String {
    let blank = |cell: &Cell| cell.symbol() == " " && sgr(cell).is_empty();
    let end = row.iter().rposition(|cell| !blank(cell)).map_or(0, |last| last + 1);
    let mut text = String::new();
    let mut current = String::new();
    let mut hidden = 0;
    for cell in &row[..end] {
        // The cells behind a wide character are blank in the buffer and not on the screen.
        if hidden > 0 {
            hidden -= 1;
            continue;
        }
        hidden = cell.symbol().width().saturating_sub(1);
        let style = sgr(cell);
        if style != current {
            let _ = write!(text, "\u{1b}[0{style}m");
            current = style;
        }
        text.push_str(cell.symbol());
    }
    if !current.is_empty() {
        text.push_str("\u{1b}[0m");
    }
    text
}

/// The parameters that select a cell's style, each with its semicolon in front; empty for plain text.
fn sgr(cell: &Cell) -> String {
    const MODIFIERS: [(Modifier, u8); 7] = [
        (Modifier::BOLD, 1),
        (Modifier::DIM, 2),
        (Modifier::ITALIC, 3),
        (Modifier::UNDERLINED, 4),
        (Modifier::REVERSED, 7),
        (Modifier::HIDDEN, 8),
        (Modifier::CROSSED_OUT, 9),
    ];
    let mut codes = String::new();
    for (modifier, code) in MODIFIERS {
        if cell.modifier.contains(modifier) {
            let _ = write!(codes, ";{code}");
        }
    }
    codes.push_str(&colour(cell.fg, 30));
    codes.push_str(&colour(cell.bg, 40));
    codes
}

/// The parameters of a colour; `base` is 30 for text and 40 for ground.
fn colour(colour: Color, base: u8) -> String {
    let simple = |index: u8| format!(";{}", if index < 8 { base + index } else { base + 52 + index });
    match colour {
        Color::Reset => String::new(),
        Color::Rgb(red, green, blue) => format!(";{};2;{red};{green};{blue}", base + 8),
        Color::Indexed(index) => format!(";{};5;{index}", base + 8),
        Color::Black => simple(0),
        Color::Red => simple(1),
        Color::Green => simple(2),
        Color::Yellow => simple(3),
        Color::Blue => simple(4),
        Color::Magenta => simple(5),
        Color::Cyan => simple(6),
        Color::Gray => simple(7),
        Color::DarkGray => simple(8),
        Color::LightRed => simple(9),
        Color::LightGreen => simple(10),
        Color::LightYellow => simple(11),
        Color::LightBlue => simple(12),
        Color::LightMagenta => simple(13),
        Color::LightCyan => simple(14),
        Color::White => simple(15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    fn buffer() -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 3));
        buffer.set_string(0, 0, "plain", Style::new());
        buffer.set_string(6, 0, "bold", Style::new().fg(Color::LightBlue).add_modifier(Modifier::BOLD));
        buffer.set_string(0, 1, "日本<&>", Style::new());
        buffer.set_string(0, 2, "  ", Style::new().bg(Color::Rgb(1, 2, 3)));
        buffer
    }

    #[test]
    fn text_keeps_styles_and_columns() {
        assert_eq!(ansi(&buffer()), "plain \u{1b}[0;1;94mbold\u{1b}[0m\n日本<&>\n\u{1b}[0;48;2;1;2;3m  \u{1b}[0m");
    }

    #[test]
    fn a_picture_has_a_title_its_own_font_and_the_text() {
        let picture = svg(&buffer(), "a <fleet>", false);
        assert!(picture.starts_with("<svg ") && picture.contains("<title>a &lt;fleet&gt;</title>"), "{picture}");
        assert!(picture.contains("font: 15.4px Menlo") && picture.contains("日本&lt;&amp;&gt;"), "{picture}");
        assert!(picture.contains("#84B0F0"), "{picture}");
        assert_ne!(picture, svg(&buffer(), "a <fleet>", true));
    }
}
