//! Paging with `Marker` and `MaxRecords` (20–100, default 100).

use super::{ApiError, Form, Xml};

/// Which part of a listing was asked for. The marker names the last row of the page before, so that rows which come and
/// go between two pages are neither repeated nor skipped.
#[derive(Debug)]
pub struct Page {
    size: usize,
    after: Option<String>,
}

impl Page {
    /// Reads the paging parameters; `kind` keeps a marker from being used with another call.
    pub fn read(form: &Form, kind: &str) -> Result<Self, ApiError> {
        Self::read_up_to(form, kind, 100)
    }

    /// The same for a call whose pages may be longer.
    pub fn read_up_to(form: &Form, kind: &str, most: i64) -> Result<Self, ApiError> {
        let size = form.integer("MaxRecords", 20..=most)?.unwrap_or(100);
        let after = match form.text("Marker") {
            None | Some("") => None,
            Some(marker) => Some(decode(kind, marker).ok_or_else(|| {
                ApiError::value(format!("The parameter Marker is not a valid marker: {}", shortened(marker)))
            })?),
        };
        Ok(Self { size: usize::try_from(size).unwrap_or(100), after })
    }

    /// The key of the last row of the page before.
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Writes one page of `rows`, which begin behind [`Page::after`], and the marker of the next one if there is more.
    pub fn write<T>(
        &self,
        xml: &mut Xml,
        kind: &str,
        list: &str,
        rows: impl Iterator<Item = T>,
        key: impl Fn(&T) -> String,
        row: impl Fn(&mut Xml, &T),
    ) {
        let mut rows = rows.peekable();
        let mut end = None;
        xml.element(list, |xml| {
            for item in rows.by_ref().take(self.size) {
                row(xml, &item);
                end = Some(key(&item));
            }
        });
        if let (Some(end), Some(_)) = (end, rows.peek()) {
            xml.text("Marker", &encode(kind, &end));
        }
    }
}

/// A marker that only the same call takes back.
pub fn encode(kind: &str, key: &str) -> String {
    format!("{kind}/{key}")
        .bytes()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// What a marker of this kind names.
pub fn decode(kind: &str, marker: &str) -> Option<String> {
    let digits = marker.as_bytes().chunks_exact(2);
    if !digits.remainder().is_empty() {
        return None;
    }
    let bytes: Option<Vec<u8>> =
        digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    String::from_utf8(bytes?).ok()?.strip_prefix(kind)?.strip_prefix('/').map(str::to_owned)
}

fn shortened(marker: &str) -> String {
    marker.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(body: &str, rows: &[u32]) -> String {
        let page = Page::read(&Form::parse(body.as_bytes()).unwrap(), "n").unwrap();
        let from: u32 = page.after().map_or(0, |key| key.parse().unwrap());
        let mut xml = Xml::new();
        let rest = rows.iter().filter(|row| **row > from);
        page.write(&mut xml, "n", "L", rest, ToString::to_string, |xml, row| {
            xml.value("r", row);
        });
        String::from_utf8(xml.into_bytes()).unwrap()
    }

    #[test]
    fn the_last_full_page_has_no_marker() {
        let rows: Vec<u32> = (1..=40).collect();
        let first = listing("MaxRecords=20", &rows);
        let marker = first.split("<Marker>").nth(1).unwrap().split('<').next().unwrap();
        let second = listing(&format!("MaxRecords=20&Marker={marker}"), &rows);
        assert!(second.starts_with("<L><r>21</r>") && second.ends_with("<r>40</r></L>"), "{second}");
    }

    #[test]
    fn foreign_and_broken_markers_are_refused() {
        let foreign = encode("events", "7");
        for marker in [foreign.as_str(), "garbage", "abc", "ff"] {
            assert!(Page::read(&Form::parse(format!("Marker={marker}").as_bytes()).unwrap(), "n").is_err(), "{marker}");
        }
    }
}
