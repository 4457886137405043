//! For terminals that know ASCII only.

use ratatui::buffer::Buffer;

/// Replaces what a terminal of ASCII cannot show. Our own signs never need it; names, tags and messages may.
pub fn to_ascii(buffer: &mut Buffer, ellipsis: &str) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let sign = if cell.symbol() == "…" { ellipsis } else { "?" };
            cell.set_symbol(sign);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_of_ascii_gets_nothing_else() {
        let mut buffer = Buffer::with_lines(["size: größe, 東京…"]);
        to_ascii(&mut buffer, "~");
        assert_eq!(buffer, Buffer::with_lines(["size: gr??e, ? ? ~"]));
    }
}
