//! What a template says, checked as a whole before anything is made.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::protocol::{ApiError, Code};
use super::resources::Kind;
use super::yaml;

/// A template.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Template {
    pub description: Option<String>,
    pub parameters: BTreeMap<String, Parameter>,
    pub resources: BTreeMap<String, Resource>,
    pub outputs: BTreeMap<String, Output>,
}

/// A declared parameter; constraints are texts as the template has them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parameter {
    pub default: Option<String>,
    pub no_echo: bool,
    pub description: Option<String>,
    pub is_list: bool,
    pub constraints: BTreeMap<String, Value>,
}

/// A declared resource.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Resource {
    pub kind: Kind,
    pub properties: Map<String, Value>,
    /// The resources that must be there first, named or referred to.
    pub needs: BTreeSet<String>,
    pub deletion: Deletion,
}

/// What becomes of a resource whose stack is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deletion {
    Delete,
    Retain,
    Snapshot,
}

/// A declared output.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output {
    pub value: Value,
    pub description: Option<String>,
}

/// Sections that are read.
const SECTIONS: [&str; 6] =
    ["AWSTemplateFormatVersion", "Description", "Metadata", "Outputs", "Parameters", "Resources"];

/// Names that every template can refer to.
pub const PSEUDO: [&str; 7] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

impl Template {
    /// Reads and checks a template.
    pub fn read(text: &str) -> Result<Self, ApiError> {
        let root = yaml::read(text)?;
        if let Some(section) = root.keys().find(|name| !SECTIONS.contains(&name.as_str())) {
            return Err(match section.as_str() {
                "Conditions" | "Mappings" | "Rules" | "Transform" | "Hooks" => {
                    not_simulated(&format!("the section {section}"))
                }
                _ => broken(&format!("Invalid template property or properties [{section}]")),
            });
        }
        if text_of(&root, "AWSTemplateFormatVersion").is_some_and(|version| version != "2010-09-09") {
            return Err(broken("Template format error: unsupported value for AWSTemplateFormatVersion."));
        }
        let resources = section(&root, "Resources")?;
        if resources.is_empty() {
            return Err(broken("Template format error: At least one Resources member must be defined."));
        }
        let mut template = Self {
            description: text_of(&root, "Description").map(str::to_owned),
            parameters: members(&section(&root, "Parameters")?, |_, own| parameter(own))?,
            resources: members(&resources, resource)?,
            outputs: members(&section(&root, "Outputs")?, output)?,
        };
        template.check_references()?;
        template.check_order()?;
        Ok(template)
    }

    /// Everything that is referred to must be there. What is a parameter is nothing to wait for.
    fn check_references(&mut self) -> Result<(), ApiError> {
        let (mut named, mut strange) = (BTreeMap::new(), BTreeSet::new());
        for (id, resource) in &self.resources {
            let mut all = resource.needs.clone();
            references(&Value::Object(resource.properties.clone()), &mut all);
            named.insert(id.clone(), all);
        }
        let mut outputs = BTreeSet::new();
        self.outputs.values().for_each(|output| references(&output.value, &mut outputs));
        let known = |name: &String| {
            self.resources.contains_key(name) || self.parameters.contains_key(name) || PSEUDO.contains(&name.as_str())
        };
        strange.extend(named.values().flatten().chain(&outputs).filter(|name| !known(name)).cloned());
        if !strange.is_empty() {
            let list = strange.into_iter().collect::<Vec<_>>().join(", ");
            return Err(broken(&format!(
                "Template format error: Unresolved resource dependencies [{list}] in the Resources block of the template"
            )));
        }
        let made: BTreeSet<String> = self.resources.keys().cloned().collect();
        for (id, all) in named {
            if let Some(resource) = self.resources.get_mut(&id) {
                resource.needs = all.intersection(&made).cloned().collect();
            }
        }
        Ok(())
    }

    /// Nothing may wait for itself.
    fn check_order(&self) -> Result<(), ApiError> {
        let mut done: BTreeSet<&String> = BTreeSet::new();
        loop {
            let ready: Vec<&String> = self
                .resources
                .iter()
                .filter(|(id, own)| !done.contains(id) && own.needs.iter().all(|need| done.contains(need)))
                .map(|(id, _)| id)
                .collect();
            if ready.is_empty() {
                break;
            }
            done.extend(ready);
        }
        let left: Vec<&str> = self.resources.keys().filter(|id| !done.contains(id)).map(String::as_str).collect();
        if left.is_empty() {
            return Ok(());
        }
        Err(broken(&format!("Circular dependency between resources: [{}]", left.join(", "))))
    }
}

fn section(root: &Map<String, Value>, name: &str) -> Result<Map<String, Value>, ApiError> {
    match root.get(name) {
        None => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map.clone()),
        Some(_) => Err(broken(&format!("Template format error: {name} must be a map."))),
    }
}

/// The members of a section, each read.
fn members<T>(
    section: &Map<String, Value>,
    read: impl Fn(&str, &Value) -> Result<T, ApiError>,
) -> Result<BTreeMap<String, T>, ApiError> {
    section.iter().map(|(name, own)| Ok((name.clone(), read(name, own)?))).collect()
}

fn text_of<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    map.get(name).and_then(Value::as_str)
}

fn parameter(own: &Value) -> Result<Parameter, ApiError> {
    let map = own.as_object().ok_or_else(|| broken("Template format error: every Parameters object must be a map."))?;
    let kind = text_of(map, "Type")
        .ok_or_else(|| broken("Template format error: Every Parameters object must contain a Type member."))?;
    let constraints = ["AllowedValues", "MaxLength", "MaxValue", "MinLength", "MinValue"];
    let mut found: BTreeMap<String, Value> =
        constraints.iter().filter_map(|name| Some(((*name).to_owned(), map.get(*name)?.clone()))).collect();
    if kind == "Number" {
        found.insert("Number".to_owned(), Value::Bool(true));
    }
    Ok(Parameter {
        default: text_of(map, "Default").map(str::to_owned),
        no_echo: text_of(map, "NoEcho").is_some_and(|text| text.eq_ignore_ascii_case("true")),
        description: text_of(map, "Description").map(str::to_owned),
        is_list: kind == "CommaDelimitedList" || kind.starts_with("List<"),
        constraints: found,
    })
}

fn resource(name: &str, own: &Value) -> Result<Resource, ApiError> {
    let map = own.as_object().ok_or_else(|| broken("Template format error: every Resources object must be a map."))?;
    let kind = text_of(map, "Type")
        .ok_or_else(|| broken("Template format error: Every Resources object must contain a Type member."))?;
    let kind = Kind::read(kind).ok_or_else(|| not_simulated(&format!("the resource type {kind} of {name}")))?;
    for member in map.keys() {
        match member.as_str() {
            "Type" | "Properties" | "DependsOn" | "DeletionPolicy" | "UpdateReplacePolicy" | "Metadata" => {}
            "Condition" | "CreationPolicy" | "UpdatePolicy" => {
                return Err(not_simulated(&format!("{member} of {name}")));
            }
            _ => return Err(broken(&format!("Invalid template resource property '{member}'"))),
        }
    }
    let needs = match map.get("DependsOn") {
        None => BTreeSet::new(),
        Some(Value::String(one)) => BTreeSet::from([one.clone()]),
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(_) => return Err(broken("Template format error: DependsOn must be a string or list of strings.")),
    };
    let properties = map.get("Properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let deletion = match text_of(map, "DeletionPolicy") {
        None => kind.default_deletion(&properties),
        Some("Delete" | "RetainExceptOnCreate") => Deletion::Delete,
        Some("Retain") => Deletion::Retain,
        Some("Snapshot") if kind == Kind::Cluster => Deletion::Snapshot,
        Some(other) => return Err(broken(&format!("Template error: DeletionPolicy {other} is not valid for {name}"))),
    };
    Ok(Resource { kind, properties, needs, deletion })
}

fn output(name: &str, own: &Value) -> Result<Output, ApiError> {
    let map = own.as_object();
    let value = map.and_then(|map| map.get("Value"));
    let value = value.ok_or_else(|| broken(&format!("Template format error: Output {name} is malformed.")))?;
    let description = map.and_then(|map| text_of(map, "Description")).map(str::to_owned);
    Ok(Output { value: value.clone(), description })
}

/// The names that a value refers to.
fn references(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Array(rows) => rows.iter().for_each(|row| references(row, into)),
        Value::Object(map) => {
            for (name, inner) in map {
                match (name.as_str(), inner) {
                    ("Ref", Value::String(target)) => {
                        into.insert(target.clone());
                    }
                    ("Fn::GetAtt", Value::Array(parts)) => {
                        into.extend(parts.first().and_then(Value::as_str).map(str::to_owned));
                    }
                    ("Fn::Sub", Value::String(text)) => into.extend(holes(text, &Map::new())),
                    ("Fn::Sub", Value::Array(parts)) => {
                        let own = parts.get(1).and_then(Value::as_object).cloned().unwrap_or_default();
                        into.extend(
                            parts.first().and_then(Value::as_str).into_iter().flat_map(|text| holes(text, &own)),
                        );
                        own.values().for_each(|value| references(value, into));
                    }
                    _ => references(inner, into),
                }
            }
        }
        _ => {}
    }
}

/// The names in the `${…}` of a text, without those that it brings along and without their attributes.
fn holes(text: &str, own: &Map<String, Value>) -> Vec<String> {
    let names = text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    let names = names.filter(|name| !name.starts_with('!') && !own.contains_key(*name));
    names.map(|name| name.split('.').next().unwrap_or(name).to_owned()).collect()
}

fn broken(message: &str) -> ApiError {
    ApiError::validation(message)
}

fn not_simulated(what: &str) -> ApiError {
    ApiError::new(Code::NotImplemented, format!("The simulator does not implement {what}."))
}
