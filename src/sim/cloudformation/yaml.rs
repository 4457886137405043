//! Templates as text: YAML with CloudFormation's short forms, or JSON; both become one tree.

use saphyr_parser::{Event, Parser, Tag};
use serde_json::{Map, Value, json};

use super::super::protocol::ApiError;

/// The biggest template that fits into a request (API reference, CreateStack, TemplateBody).
const BIGGEST: usize = 51_200;

/// Deeper nesting than any template has.
const DEEPEST: usize = 100;

/// Reads a template. Every scalar is a text: CloudFormation turns them into what a property wants.
pub fn read(text: &str) -> Result<Map<String, Value>, ApiError> {
    if text.is_empty() || text.len() > BIGGEST {
        let message = format!(
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length \
             between 1 and {BIGGEST}"
        );
        return Err(ApiError::validation(message));
    }
    // JSON is a part of YAML.
    let mut reader = Reader { events: Parser::new_from_str(text), depth: 0 };
    match reader.document()? {
        Value::Object(map) => Ok(map),
        _ => Err(broken("unsupported structure.")),
    }
}

struct Reader<'a> {
    events: Parser<'a, saphyr_parser::StrInput<'a>>,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Event<'a>, ApiError> {
        match self.events.next() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(error)) => Err(broken(&format!("YAML not well-formed. ({error})"))),
            None => Err(broken("YAML not well-formed. (it ends too early)")),
        }
    }

    fn document(&mut self) -> Result<Value, ApiError> {
        loop {
            match self.next()? {
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
                event => return self.node(event),
            }
        }
    }

    fn node(&mut self, event: Event<'a>) -> Result<Value, ApiError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(broken("it is nested too deeply."));
        }
        let value = match event {
            Event::Scalar(text, _, _, tag) => tagged(tag.as_deref(), Value::String(text.into_owned())),
            Event::SequenceStart(_, tag) => {
                let mut rows = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        event => rows.push(self.node(event)?),
                    }
                }
                tagged(tag.as_deref(), Value::Array(rows))
            }
            Event::MappingStart(_, tag) => {
                let map = self.mapping()?;
                tagged(tag.as_deref(), Value::Object(map))
            }
            // Aliases make small texts big; CloudFormation does not have them either.
            Event::Alias(_) => Err(broken("YAML aliases are not allowed in CloudFormation templates.")),
            _ => Err(broken("YAML not well-formed.")),
        };
        self.depth -= 1;
        value
    }

    fn mapping(&mut self) -> Result<Map<String, Value>, ApiError> {
        let mut map = Map::new();
        loop {
            let key = match self.next()? {
                Event::MappingEnd => return Ok(map),
                Event::Scalar(key, ..) => key.into_owned(),
                _ => return Err(broken("a key is not a text.")),
            };
            let event = self.next()?;
            let value = self.node(event)?;
            if map.insert(key.clone(), value).is_some() {
                return Err(broken(&format!("Duplicate key {key}.")));
            }
        }
    }
}

/// `!Ref X` as `{"Ref": "X"}`, `!GetAtt A.B` as `{"Fn::GetAtt": ["A", "B"]}`, and so on.
fn tagged(tag: Option<&Tag>, value: Value) -> Result<Value, ApiError> {
    let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema()) else {
        return Ok(value);
    };
    let name = format!("{}{}", tag.handle.trim_start_matches('!'), tag.suffix);
    match name.as_str() {
        "Ref" | "Condition" => Ok(json!({ name: value })),
        "GetAtt" => {
            let parts = value.as_str().and_then(|text| text.split_once('.'));
            let value = parts.map_or(value.clone(), |(resource, attribute)| json!([resource, attribute]));
            Ok(json!({ "Fn::GetAtt": value }))
        }
        "Base64" | "Cidr" | "FindInMap" | "GetAZs" | "If" | "ImportValue" | "Join" | "Select" | "Split" | "Sub"
        | "Equals" | "And" | "Or" | "Not" => Ok(json!({ format!("Fn::{name}"): value })),
        _ => Err(broken(&format!("unsupported tag !{name}."))),
    }
}

fn broken(why: &str) -> ApiError {
    ApiError::validation(format!("Template format error: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn short_forms_become_long_ones() {
        let text = "A: !Ref Vpc\nB: !GetAtt Sg.GroupId\nC: !Select [0, !GetAZs \"\"]\nD: {E: !Sub 'x-${Vpc}'}\nF: 10";
        let expected = json!({
            "A": {"Ref": "Vpc"},
            "B": {"Fn::GetAtt": ["Sg", "GroupId"]},
            "C": {"Fn::Select": ["0", {"Fn::GetAZs": ""}]},
            "D": {"E": {"Fn::Sub": "x-${Vpc}"}},
            "F": "10",
        });
        assert_eq!(Value::Object(read(text).unwrap()), expected);
        let json = r#"{"A": {"Ref": "Vpc"}, "F": 10}"#;
        assert_eq!(Value::Object(read(json).unwrap()), json!({"A": {"Ref": "Vpc"}, "F": "10"}));
    }

    #[test]
    fn what_is_no_template_is_refused() {
        let deep = format!("a: {}{}", "[".repeat(200), "]".repeat(200));
        let long = "x".repeat(BIGGEST + 1);
        for text in ["", "just text", "- a", "a: [", "a: 1\na: 2", "a: &x 1\nb: *x", "a: !Nonsense 1", &deep, &long] {
            assert!(read(text).is_err(), "{text:.40}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[ -~\n]{0,120}") {
            let _ = read(&text);
        }
    }
}
