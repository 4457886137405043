//! Answers of services that speak more than one protocol: one tree, written as XML, JSON or CBOR.

use ciborium::Value as Cbor;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::{Wire, Xml};

/// One value of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A text.
    Text(String),
    /// A decimal number.
    Decimal(f64),
    /// A moment.
    Time(Timestamp),
    /// A list.
    List(Vec<Node>),
    /// A structure.
    Map(Vec<(&'static str, Node)>),
}

/// CBOR's tag for seconds since the epoch (RFC 8949, 3.4.2).
const EPOCH: u64 = 1;

impl Node {
    /// The members of a structure as XML; lists have `member` elements (AWS query protocol).
    pub fn write_members(&self, xml: &mut Xml) {
        if let Self::Map(fields) = self {
            for (name, node) in fields {
                node.write(xml, name);
            }
        }
    }

    fn write(&self, xml: &mut Xml, name: &str) {
        match self {
            Self::Text(text) => xml.text(name, text),
            Self::Decimal(number) => xml.value(name, number),
            Self::Time(at) => xml.time(name, *at),
            Self::List(rows) => xml.element(name, |xml| {
                for row in rows {
                    row.write(xml, "member");
                }
            }),
            Self::Map(_) => xml.element(name, |xml| self.write_members(xml)),
        }
    }

    /// The document in a protocol that has no envelope.
    pub fn encode(&self, wire: Wire) -> Vec<u8> {
        let mut bytes = Vec::new();
        if wire == Wire::Cbor {
            // A Vec takes every write; the result exists for sinks that can fail.
            let _always_ok = ciborium::into_writer(&self.cbor(), &mut bytes);
        } else {
            bytes = self.json().to_string().into_bytes();
        }
        bytes
    }

    /// As JSON; moments are seconds since the epoch (AWS JSON protocol 1.0).
    fn json(&self) -> Json {
        match self {
            Self::Text(text) => json!(text),
            Self::Decimal(number) => json!(number),
            Self::Time(at) => json!(seconds(*at)),
            Self::List(rows) => rows.iter().map(Self::json).collect(),
            Self::Map(fields) => fields.iter().map(|(name, node)| ((*name).to_owned(), node.json())).collect(),
        }
    }

    /// As CBOR; moments are tagged seconds since the epoch (Smithy RPC v2 CBOR).
    fn cbor(&self) -> Cbor {
        match self {
            Self::Text(text) => Cbor::Text(text.clone()),
            Self::Decimal(number) => Cbor::Float(*number),
            Self::Time(at) => Cbor::Tag(EPOCH, Box::new(Cbor::Float(seconds(*at)))),
            Self::List(rows) => Cbor::Array(rows.iter().map(Self::cbor).collect()),
            Self::Map(fields) => {
                Cbor::Map(fields.iter().map(|(name, node)| (Cbor::Text((*name).to_owned()), node.cbor())).collect())
            }
        }
    }
}

fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Node {
        let at = "2026-11-22T01:02:03.5Z".parse().unwrap();
        Node::Map(vec![
            ("Label", Node::Text("a<b".into())),
            ("Timestamps", Node::List(vec![Node::Time(at)])),
            ("Values", Node::List(vec![Node::Decimal(1.5)])),
        ])
    }

    #[test]
    fn one_tree_is_written_in_three_ways() {
        let mut xml = Xml::new();
        answer().write_members(&mut xml);
        assert_eq!(
            String::from_utf8(xml.into_bytes()).unwrap(),
            "<Label>a&lt;b</Label><Timestamps><member>2026-11-22T01:02:03.500Z</member></Timestamps>\
             <Values><member>1.5</member></Values>"
        );
        assert_eq!(answer().json(), json!({"Label": "a<b", "Timestamps": [1_795_309_323.5], "Values": [1.5]}));
        let cbor = answer().cbor();
        let times = cbor.as_map().unwrap()[1].1.as_array().unwrap();
        assert_eq!(times[0], Cbor::Tag(1, Box::new(Cbor::Float(1_795_309_323.5))));
    }
}
