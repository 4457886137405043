//! The XML of answers, through quick-xml's writer.

use std::fmt::Display;

use jiff::Timestamp;
use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

/// XML being written: elements nest by closures, text is escaped.
pub struct Xml {
    writer: Writer<Vec<u8>>,
}

impl Xml {
    /// An empty piece of XML.
    pub fn new() -> Self {
        Self { writer: Writer::new(Vec::new()) }
    }

    /// An element around what `content` writes.
    pub fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.event(Event::Start(BytesStart::new(name)));
        content(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// The outermost element, which declares the namespace.
    pub fn root(&mut self, name: &str, namespace: &str, content: impl FnOnce(&mut Self)) {
        let mut start = BytesStart::new(name);
        start.push_attribute(("xmlns", namespace));
        self.event(Event::Start(start));
        content(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// An element with text.
    pub fn text(&mut self, name: &str, value: &str) {
        let value = legal(value);
        self.element(name, |xml| xml.event(Event::Text(BytesText::new(&value))));
    }

    /// An element with a number, a boolean or anything else that prints.
    pub fn value(&mut self, name: &str, value: impl Display) {
        self.text(name, &value.to_string());
    }

    /// An element that is left out when there is nothing to say.
    pub fn optional(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.value(name, value);
        }
    }

    /// A moment, with milliseconds as RDS sends them.
    pub fn time(&mut self, name: &str, at: Timestamp) {
        self.text(name, &format!("{at:.3}"));
    }

    /// A moment that is left out when there is none.
    pub fn optional_time(&mut self, name: &str, at: Option<Timestamp>) {
        if let Some(at) = at {
            self.time(name, at);
        }
    }

    /// A list of texts: `<name><member>…</member>…</name>`.
    pub fn texts<'a>(&mut self, name: &str, member: &str, values: impl IntoIterator<Item = &'a str>) {
        self.element(name, |xml| {
            for value in values {
                xml.text(member, value);
            }
        });
    }

    /// Everything written into `other`, which must be complete elements.
    pub fn append(&mut self, other: Self) {
        self.writer.get_mut().extend_from_slice(&other.into_bytes());
    }

    /// What has been written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.writer.into_inner()
    }

    fn event(&mut self, event: Event<'_>) {
        // A Vec takes every write; the result exists for sinks that can fail.
        let _always_ok = self.writer.write_event(event);
    }
}

/// XML 1.0 has no way to write most control characters, not even escaped; messages may quote them from a request.
fn legal(text: &str) -> std::borrow::Cow<'_, str> {
    let illegal =
        |c: char| (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    if text.contains(illegal) { text.replace(illegal, "\u{fffd}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_stays_legal() {
        let mut xml = Xml::new();
        xml.text("Message", "a <b> & \"c\"\u{1}");
        let written = String::from_utf8(xml.into_bytes()).unwrap();
        assert_eq!(written, "<Message>a &lt;b&gt; &amp; &quot;c&quot;\u{fffd}</Message>");
    }

    #[test]
    fn elements_nest_and_absent_values_leave_no_trace() {
        let mut xml = Xml::new();
        xml.root("R", "urn:x", |xml| {
            xml.texts("Zones", "Zone", ["a", "b"]);
            xml.optional("Port", None::<u16>);
            xml.time("At", "2026-11-22T01:02:03Z".parse().unwrap());
        });
        let written = String::from_utf8(xml.into_bytes()).unwrap();
        assert_eq!(
            written,
            "<R xmlns=\"urn:x\"><Zones><Zone>a</Zone><Zone>b</Zone></Zones><At>2026-11-22T01:02:03.000Z</At></R>"
        );
    }
}
