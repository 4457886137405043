//! `Filters.Filter.N`: names and values are case-sensitive and know no wildcards (API reference, Filters).

use super::{ApiError, Form};

/// One filter of a describe call: any of its values may match.
#[derive(Debug, PartialEq, Eq)]
pub struct Filter<'a> {
    /// One of the names that the call knows.
    pub name: &'a str,
    /// At least one value.
    pub values: Vec<&'a str>,
}

impl<'a> Filter<'a> {
    /// The filters of a request; a name that the call does not know is refused.
    pub fn read(form: &'a Form, known: &[&str]) -> Result<Vec<Self>, ApiError> {
        form.members("Filters", "Filter")?.into_values().map(|fields| Self::from_fields(&fields, known)).collect()
    }

    fn from_fields(fields: &[(&'a str, &'a str)], known: &[&str]) -> Result<Self, ApiError> {
        let mut name = None;
        let mut values = Vec::new();
        for (field, value) in fields {
            match *field {
                "Name" => name = Some(*value),
                other if other.starts_with("Values.Value.") => values.push(*value),
                other => return Err(ApiError::value(format!("A filter has no field {other}"))),
            }
        }
        let name = name.ok_or_else(|| ApiError::value("A filter needs a Name"))?;
        if !known.contains(&name) {
            return Err(ApiError::value(format!("Unrecognized filter name: {name}")));
        }
        if values.is_empty() {
            return Err(ApiError::value(format!("The filter {name} needs at least one value")));
        }
        Ok(Self { name, values })
    }

    /// Whether one of the values is `text`.
    pub fn has(&self, text: &str) -> bool {
        self.values.contains(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<usize, ApiError> {
        Filter::read(&Form::parse(body.as_bytes()).unwrap(), &["engine"]).map(|filters| filters.len())
    }

    #[test]
    fn filters_are_checked_before_anything_is_listed() {
        assert_eq!(read(""), Ok(0));
        assert_eq!(read("Filters.Filter.1.Name=engine&Filters.Filter.1.Values.Value.1=a"), Ok(1));
        for body in [
            "Filters.Filter.1.Name=Engine&Filters.Filter.1.Values.Value.1=a",
            "Filters.Filter.1.Name=engine",
            "Filters.Filter.1.Values.Value.1=a",
            "Filters.Filter.1.Name=engine&Filters.Filter.1.Value=a",
        ] {
            assert!(read(body).is_err(), "{body}");
        }
    }
}
