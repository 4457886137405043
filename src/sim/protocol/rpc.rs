//! Requests in CBOR and JSON, spelled out as the query protocol spells them: one action reads all three.

use ciborium::Value as Cbor;
use jiff::Timestamp;
use serde_json::Value as Json;

use super::{ApiError, Code, Form};

/// How a request is written, and so its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// A form, answered in XML.
    Query,
    /// AWS JSON 1.0.
    Json,
    /// Smithy RPC v2 CBOR.
    Cbor,
}

/// Deeper structures than any request has.
const DEEPEST: usize = 16;

/// The form of a request body, with the action that the path or the header named.
pub fn read(wire: Wire, action: &str, version: &str, body: &[u8]) -> Result<Form, ApiError> {
    let mut fields = Fields(vec![("Action".to_owned(), action.to_owned()), ("Version".to_owned(), version.to_owned())]);
    match wire {
        Wire::Query => return Form::parse(body),
        // An action without parameters may come with no body at all.
        _ if body.is_empty() => {}
        Wire::Json => {
            let value = serde_json::from_slice(body).map_err(|_| broken("The body is not JSON"))?;
            fields.json("", &value, 0)?;
        }
        Wire::Cbor => {
            let value = ciborium::from_reader(body).map_err(|_| broken("The body is not CBOR"))?;
            fields.cbor("", &value, 0)?;
        }
    }
    Form::of(fields.0)
}

struct Fields(Vec<(String, String)>);

impl Fields {
    fn push(&mut self, path: &str, value: impl Into<String>) {
        self.0.push((path.to_owned(), value.into()));
    }

    fn json(&mut self, path: &str, value: &Json, depth: usize) -> Result<(), ApiError> {
        check(path, depth, value.is_object())?;
        match value {
            Json::Null => {}
            Json::Bool(flag) => self.push(path, flag.to_string()),
            // A number that stands for a moment is told by its name alone.
            Json::Number(number) if path.ends_with("Time") => {
                self.push(path, moment(number.as_f64().unwrap_or(f64::NAN))?);
            }
            Json::Number(number) => self.push(path, number.to_string()),
            Json::String(text) => self.push(path, text),
            Json::Array(rows) => {
                for (number, row) in rows.iter().enumerate() {
                    self.json(&format!("{path}.member.{}", number + 1), row, depth + 1)?;
                }
            }
            Json::Object(members) => {
                for (name, member) in members {
                    self.json(&below(path, name), member, depth + 1)?;
                }
            }
        }
        Ok(())
    }

    fn cbor(&mut self, path: &str, value: &Cbor, depth: usize) -> Result<(), ApiError> {
        check(path, depth, value.is_map())?;
        match value {
            Cbor::Null => {}
            Cbor::Bool(flag) => self.push(path, flag.to_string()),
            Cbor::Integer(number) => self.push(path, i128::from(*number).to_string()),
            Cbor::Float(number) => self.push(path, number.to_string()),
            Cbor::Text(text) => self.push(path, text),
            Cbor::Tag(1, at) => self.push(path, moment(number(at))?),
            Cbor::Array(rows) => {
                for (number, row) in rows.iter().enumerate() {
                    self.cbor(&format!("{path}.member.{}", number + 1), row, depth + 1)?;
                }
            }
            Cbor::Map(members) => {
                for (name, member) in members {
                    let name = name.as_text().ok_or_else(|| broken("A name is not a text"))?;
                    self.cbor(&below(path, name), member, depth + 1)?;
                }
            }
            _ => return Err(broken(&format!("{path} has a type that no parameter has"))),
        }
        Ok(())
    }
}

fn check(path: &str, depth: usize, is_structure: bool) -> Result<(), ApiError> {
    if path.is_empty() && !is_structure {
        return Err(broken("The body is not a structure"));
    }
    if depth > DEEPEST { Err(broken("The body is nested too deeply")) } else { Ok(()) }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn number(value: &Cbor) -> f64 {
    match value {
        Cbor::Integer(number) => i128::from(*number) as f64,
        Cbor::Float(number) => *number,
        _ => f64::NAN,
    }
}

fn moment(seconds: f64) -> Result<String, ApiError> {
    let millis = (seconds * 1000.0).round();
    let at = millis.is_finite().then(|| Timestamp::from_millisecond(millis as i64).ok()).flatten();
    at.map(|at| at.to_string()).ok_or_else(|| broken("A moment is no number of seconds since the epoch"))
}

fn broken(message: &str) -> ApiError {
    ApiError::new(Code::Serialization, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ciborium::cbor;
    use proptest::prelude::*;
    use serde_json::json;

    fn cbor_bytes(value: &Cbor) -> Vec<u8> {
        let mut bytes = Vec::new();
        ciborium::into_writer(value, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn cbor_and_json_spell_the_same_form() {
        let json = json!({"StartTime": 1_795_309_323.5, "Q": [{"Id": "a", "P": 60, "R": true, "N": null}]});
        let at = Cbor::Tag(1, Box::new(Cbor::Float(1_795_309_323.5)));
        let row = cbor!({"Id" => "a", "P" => 60, "R" => true, "N" => null}).unwrap();
        let body = Cbor::Map(vec![("StartTime".into(), at), ("Q".into(), Cbor::Array(vec![row]))]);
        let one = read(Wire::Json, "A", "V", json.to_string().as_bytes()).unwrap();
        let other = read(Wire::Cbor, "A", "V", &cbor_bytes(&body)).unwrap();
        let fields = |form: &Form| form.fields().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>();
        assert_eq!(fields(&one), fields(&other));
        assert_eq!(
            fields(&one),
            [
                "Action=A",
                "Q.member.1.Id=a",
                "Q.member.1.P=60",
                "Q.member.1.R=true",
                "StartTime=2026-11-22T01:02:03.5Z",
                "Version=V"
            ]
        );
    }

    #[test]
    fn what_is_no_structure_is_refused() {
        for body in ["[]", "1", "{", "{\"StartTime\": 1e300}"] {
            assert_eq!(read(Wire::Json, "A", "V", body.as_bytes()).unwrap_err().code, Code::Serialization, "{body}");
        }
        let deep = format!("{}1{}", "{\"a\":".repeat(30), "}".repeat(30));
        assert!(read(Wire::Json, "A", "V", deep.as_bytes()).is_err());
        assert!(read(Wire::Cbor, "A", "V", &[0xff]).is_err());
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(Wire::Cbor, "A", "V", &body);
            let _ = read(Wire::Json, "A", "V", &body);
        }
    }
}
