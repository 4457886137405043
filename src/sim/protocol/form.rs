//! Requests: a form whose names spell out lists and structures (`Tags.Tag.1.Key`).

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::{ApiError, Code};

/// The most members that any list of a request may have; RDS's own lists are far shorter.
const LONGEST_LIST: u32 = 1000;

/// The members of a list by their numbers, each with its fields by name.
pub type Members<'a> = BTreeMap<u32, Vec<(&'a str, &'a str)>>;

/// The decoded parameters of one request.
#[derive(Debug, Default)]
pub struct Form {
    fields: BTreeMap<String, String>,
}

impl Form {
    /// Decodes a body; anything that is not a form is refused, never guessed at.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        if !body.is_ascii() || !escapes_are_whole(body) {
            return Err(malformed("The body is not a valid application/x-www-form-urlencoded form"));
        }
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            // The decoder replaces broken UTF-8 silently; a real replacement character is not worth accepting.
            if name.contains('\u{fffd}') || value.contains('\u{fffd}') {
                return Err(malformed("The form holds text that is not UTF-8"));
            }
            if fields.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                return Err(malformed(&format!("The parameter {name} is given more than once")));
            }
        }
        Ok(Self { fields })
    }

    /// A form of fields that are already decoded.
    pub fn of(fields: impl IntoIterator<Item = (String, String)>) -> Result<Self, ApiError> {
        let mut form = Self::default();
        for (name, value) in fields {
            if form.fields.contains_key(&name) {
                return Err(malformed(&format!("The parameter {name} is given more than once")));
            }
            form.fields.insert(name, value);
        }
        Ok(form)
    }

    /// Every parameter by its full name.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The names of the parameters without the parts that spell lists and structures.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(|name| name.split('.').next().unwrap_or(name))
    }

    /// A text, when it was sent.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// A text that must be there and say something.
    pub fn required(&self, name: &str) -> Result<&str, ApiError> {
        match self.text(name) {
            Some("") => Err(ApiError::value(format!("The parameter {name} must be provided and must not be blank."))),
            Some(text) => Ok(text),
            None => {
                Err(ApiError::new(Code::MissingParameter, format!("The request must contain the parameter {name}")))
            }
        }
    }

    /// `true` or `false`, when it was sent.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, ApiError> {
        self.text(name).map_or(Ok(None), |text| match text {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => Err(ApiError::value(format!("Invalid value {text} for {name}. Must be true or false"))),
        })
    }

    /// A switch that is off unless asked for.
    pub fn flag(&self, name: &str) -> Result<bool, ApiError> {
        Ok(self.boolean(name)?.unwrap_or(false))
    }

    /// A whole number within `range`, when it was sent.
    pub fn integer(&self, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match text.parse::<i64>() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(ApiError::value(format!(
                "Invalid value {text} for {name}. Must be between {} and {}",
                range.start(),
                range.end()
            ))),
        }
    }

    /// A decimal number, when it was sent.
    pub fn decimal(&self, name: &str) -> Result<Option<f64>, ApiError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(ApiError::value(format!("Invalid value {text} for {name}. Must be a number"))),
        }
    }

    /// A moment, when it was sent: RFC 3339 with any fraction, or without seconds; without a zone it is UTC.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, ApiError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let local = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
        match text.parse::<Timestamp>().ok().or_else(local) {
            Some(at) => Ok(Some(at)),
            None => Err(ApiError::value(format!("Invalid value {text} for {name}. Must be an ISO 8601 time in UTC"))),
        }
    }

    /// The texts of a list, in the order of their numbers.
    pub fn list(&self, name: &str, member: &str) -> Result<Vec<&str>, ApiError> {
        let members = self.members(name, member)?;
        members
            .into_values()
            .map(|fields| match fields.as_slice() {
                [("", value)] => Ok(*value),
                _ => Err(malformed(&format!("{name} must be a list of texts"))),
            })
            .collect()
    }

    /// The members of a list by their numbers; each has its fields by name, or one with the name "" when it is a text.
    pub fn members(&self, name: &str, member: &str) -> Result<Members<'_>, ApiError> {
        let prefix = format!("{name}.");
        let mut members = Members::new();
        for (key, value) in self.fields.range(prefix.clone()..) {
            let Some(rest) = key.strip_prefix(&prefix) else {
                break;
            };
            let (number, field) = numbered(rest, member).ok_or_else(|| {
                malformed(&format!("{key} is not a member of the list {name}; write {name}.{member}.1"))
            })?;
            members.entry(number).or_default().push((field, value));
        }
        Ok(members)
    }
}

/// `Tag.3.Key` as (3, `Key`), `Tag.3` as (3, "").
fn numbered<'a>(rest: &'a str, member: &str) -> Option<(u32, &'a str)> {
    let rest = rest.strip_prefix(member)?.strip_prefix('.')?;
    let (number, field) = rest.split_once('.').unwrap_or((rest, ""));
    let number = number.parse().ok().filter(|number| (1..=LONGEST_LIST).contains(number))?;
    Some((number, field))
}

fn escapes_are_whole(body: &[u8]) -> bool {
    body.iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'%')
        .all(|(at, _)| body.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)))
}

fn malformed(message: &str) -> ApiError {
    ApiError::new(Code::MalformedQueryString, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> Form {
        Form::parse(body.as_bytes()).unwrap()
    }

    #[test]
    fn what_is_not_a_form_is_refused() {
        for body in ["a=%4", "a=%zz", "a=%ff", "a=1&a=2", "a=\u{e9}"] {
            assert_eq!(Form::parse(body.as_bytes()).unwrap_err().code, Code::MalformedQueryString, "{body}");
        }
    }

    #[test]
    fn lists_keep_the_order_of_their_numbers() {
        let form = form("L.member.10=k&L.member.2=b&L.member.1=a&Lx=1");
        assert_eq!(form.list("L", "member").unwrap(), ["a", "b", "k"]);
        assert!(form.list("None", "member").unwrap().is_empty());
    }

    #[test]
    fn a_list_under_another_name_is_an_error_and_not_an_empty_list() {
        for body in ["Tags.member.1.Key=a", "Tags.Tag.0.Key=a", "Tags.Tag.x.Key=a", "Tags.Tag.99999.Key=a"] {
            assert!(form(body).members("Tags", "Tag").is_err(), "{body}");
        }
    }

    #[test]
    fn times_come_in_every_form_that_clients_send() {
        for text in [
            "2025-01-02T03:04:05Z",
            "2025-01-02T03:04:05.000000Z",
            "2025-01-02T03:04:05",
            "2025-01-02T04:04:05%2B01:00",
        ] {
            let at = form(&format!("T={text}")).time("T").unwrap().unwrap();
            assert_eq!(at.to_string(), "2025-01-02T03:04:05Z", "{text}");
        }
        assert_eq!(form("T=2025-01-02T03:04Z").time("T").unwrap().unwrap().to_string(), "2025-01-02T03:04:00Z");
        assert!(form("T=yesterday").time("T").is_err());
    }

    #[test]
    fn missing_and_blank_are_told_apart() {
        assert_eq!(form("").required("A").unwrap_err().code, Code::MissingParameter);
        assert_eq!(form("A=").required("A").unwrap_err().code, Code::InvalidParameterValue);
    }

    #[test]
    fn numbers_and_switches_are_checked() {
        assert_eq!(form("N=20").integer("N", 20..=100).unwrap(), Some(20));
        for body in ["N=19", "N=101", "N=x", "N="] {
            assert!(form(body).integer("N", 20..=100).is_err(), "{body}");
        }
        assert!(form("B=TRUE").boolean("B").is_err());
        assert_eq!(form("B=true").boolean("B").unwrap(), Some(true));
        assert!(form("D=NaN").decimal("D").is_err());
    }
}
