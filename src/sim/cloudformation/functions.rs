//! Intrinsic functions: what a property says once parameters and resources are known.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What functions may ask for.
pub struct Scope<'a> {
    /// Parameters and pseudo parameters.
    pub values: BTreeMap<String, Value>,
    /// The physical ids of the resources that are there.
    pub ids: BTreeMap<String, String>,
    /// An attribute of such a resource.
    pub attribute: Box<dyn Fn(&str, &str) -> Option<String> + 'a>,
    /// The zones of the Region.
    pub zones: Vec<String>,
}

/// Why a function has no value.
pub type Refusal = String;

/// The value without functions; `None` stands for `AWS::NoValue`, which takes its property away.
pub fn resolve(value: &Value, scope: &Scope<'_>) -> Result<Option<Value>, Refusal> {
    match value {
        Value::Array(rows) => {
            let rows: Result<Vec<_>, _> = rows.iter().map(|row| resolve(row, scope)).collect();
            Ok(Some(Value::Array(rows?.into_iter().flatten().collect())))
        }
        Value::Object(map) => match map.iter().next() {
            Some((name, inner)) if map.len() == 1 && (name == "Ref" || name.starts_with("Fn::")) => {
                function(name, inner, scope)
            }
            _ => {
                let mut resolved = Map::new();
                for (name, inner) in map {
                    if let Some(inner) = resolve(inner, scope)? {
                        resolved.insert(name.clone(), inner);
                    }
                }
                Ok(Some(Value::Object(resolved)))
            }
        },
        plain => Ok(Some(plain.clone())),
    }
}

fn function(name: &str, inner: &Value, scope: &Scope<'_>) -> Result<Option<Value>, Refusal> {
    match name {
        "Ref" => reference(inner.as_str().unwrap_or_default(), scope),
        "Fn::GetAtt" => attribute(inner, scope).map(Some),
        "Fn::Sub" => substitute(inner, scope).map(Some),
        "Fn::Join" => {
            let [separator, rows] = pair(name, inner, scope)?;
            let rows = rows.as_array().ok_or("Template error: every Fn::Join object requires two parameters")?;
            let texts: Vec<String> = rows.iter().map(text).collect();
            Ok(Some(json!(texts.join(separator.as_str().unwrap_or_default()))))
        }
        "Fn::Select" => {
            let [index, rows] = pair(name, inner, scope)?;
            let index: Option<usize> = text(&index).parse().ok();
            let row = index.zip(rows.as_array()).and_then(|(index, rows)| rows.get(index).cloned());
            row.map(Some).ok_or_else(|| "Template error: Fn::Select cannot select nonexistent value".to_owned())
        }
        "Fn::Split" => {
            let [separator, whole] = pair(name, inner, scope)?;
            let whole = text(&whole);
            Ok(Some(whole.split(separator.as_str().unwrap_or(",")).map(|part| json!(part)).collect()))
        }
        "Fn::GetAZs" => Ok(Some(json!(scope.zones))),
        _ => Err(format!("Template error: the simulator does not implement {name}")),
    }
}

fn pair(name: &str, inner: &Value, scope: &Scope<'_>) -> Result<[Value; 2], Refusal> {
    let rows = inner.as_array().filter(|rows| rows.len() == 2);
    let rows = rows.ok_or_else(|| format!("Template error: every {name} object requires two parameters"))?;
    let resolved: Result<Vec<_>, _> = rows.iter().map(|row| resolve(row, scope)).collect();
    let mut resolved = resolved?.into_iter().map(Option::unwrap_or_default);
    Ok([resolved.next().unwrap_or_default(), resolved.next().unwrap_or_default()])
}

fn reference(name: &str, scope: &Scope<'_>) -> Result<Option<Value>, Refusal> {
    if name == "AWS::NoValue" {
        return Ok(None);
    }
    let found = scope.values.get(name).cloned().or_else(|| scope.ids.get(name).map(|id| json!(id)));
    found.map(Some).ok_or_else(|| format!("Template error: instance of Ref references unresolved {name}"))
}

fn attribute(inner: &Value, scope: &Scope<'_>) -> Result<Value, Refusal> {
    let parts = inner.as_array().map(Vec::as_slice).unwrap_or_default();
    let (resource, attribute) = match parts {
        [resource, attribute] => (text(resource), text(attribute)),
        _ => return Err("Template error: every Fn::GetAtt object requires two non-empty parameters".to_owned()),
    };
    named_attribute(&resource, &attribute, scope)
}

fn named_attribute(resource: &str, attribute: &str, scope: &Scope<'_>) -> Result<Value, Refusal> {
    (scope.attribute)(resource, attribute).map(Value::String).ok_or_else(|| {
        format!("Template error: resource {resource} does not support attribute type {attribute} in Fn::GetAtt")
    })
}

fn substitute(inner: &Value, scope: &Scope<'_>) -> Result<Value, Refusal> {
    let (template, own) = match inner {
        Value::String(template) => (template.clone(), Map::new()),
        Value::Array(parts) => {
            let own = parts.get(1).map(|own| resolve(own, scope)).transpose()?.flatten();
            let own = own.and_then(|own| own.as_object().cloned()).unwrap_or_default();
            (parts.first().and_then(Value::as_str).unwrap_or_default().to_owned(), own)
        }
        _ => return Err("Template error: Fn::Sub needs a text".to_owned()),
    };
    let mut parts = template.split("${");
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').ok_or("Template error: Fn::Sub has an unclosed ${")?;
        if let Some(literal) = name.strip_prefix('!') {
            result.extend(["${", literal, "}"]);
        } else if let Some(value) = own.get(name) {
            result.push_str(&text(value));
        } else if let Some((resource, attribute)) = name.split_once('.') {
            result.push_str(&text(&named_attribute(resource, attribute, scope)?));
        } else {
            result.push_str(&text(&reference(name, scope)?.unwrap_or_default()));
        }
        result.push_str(rest);
    }
    Ok(json!(result))
}

/// A value where a text is wanted.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(rows) => rows.iter().map(text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn scope() -> Scope<'static> {
        Scope {
            values: BTreeMap::from([("P".into(), json!("x")), ("L".into(), json!(["a", "b"]))]),
            ids: BTreeMap::from([("Vpc".into(), "vpc-1".into())]),
            attribute: Box::new(|resource, name| (resource == "Vpc" && name == "Id").then(|| "vpc-1".to_owned())),
            zones: vec!["z-a".into(), "z-b".into()],
        }
    }

    #[rstest]
    #[case(json!({"Ref": "P"}), json!("x"))]
    #[case(json!({"Ref": "Vpc"}), json!("vpc-1"))]
    #[case(json!({"Fn::Select": ["1", {"Fn::GetAZs": ""}]}), json!("z-b"))]
    #[case(json!({"Fn::Join": ["-", ["a", {"Ref": "P"}]]}), json!("a-x"))]
    #[case(json!({"Fn::Join": ["", {"Ref": "L"}]}), json!("ab"))]
    #[case(json!({"Fn::Split": [",", "a,b"]}), json!(["a", "b"]))]
    #[case(json!({"Fn::Sub": "${P}/${Vpc}/${Vpc.Id}/${!P}"}), json!("x/vpc-1/vpc-1/${P}"))]
    #[case(json!({"Fn::Sub": ["${A}", {"A": {"Ref": "P"}}]}), json!("x"))]
    #[case(json!({"A": {"Ref": "AWS::NoValue"}, "B": ["1"]}), json!({"B": ["1"]}))]
    fn functions_have_values(#[case] value: Value, #[case] expected: Value) {
        assert_eq!(resolve(&value, &scope()), Ok(Some(expected)));
    }

    #[rstest]
    #[case(json!({"Ref": "Nope"}))]
    #[case(json!({"Fn::GetAtt": ["Vpc", "Nope"]}))]
    #[case(json!({"Fn::Select": ["9", ["a"]]}))]
    #[case(json!({"Fn::Sub": "${P"}))]
    #[case(json!({"Fn::ImportValue": "x"}))]
    fn others_say_why_not(#[case] value: Value) {
        assert!(resolve(&value, &scope()).is_err());
    }
}
