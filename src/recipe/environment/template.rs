//! What a CloudFormation template says, as far as it can be told before anything is made. CloudFormation itself is the
//! judge of the rest.

use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, Parser, ScanError, StrInput};
use serde_json::{Map, Value};

/// Deeper nesting than any template has.
const DEEPEST: usize = 100;

/// A parameter that a template declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// Whether it has a value if none is given.
    pub default: bool,
    /// Whether CloudFormation hides its value.
    pub no_echo: bool,
}

/// What a template says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its parameters.
    pub parameters: BTreeMap<String, Declared>,
    /// How many resources it makes.
    pub resources: usize,
    /// Resources that stay behind when the stack is deleted, each with how.
    pub leftovers: BTreeMap<String, &'static str>,
    /// Its outputs.
    pub outputs: BTreeSet<String>,
}

impl Template {
    /// Reads a template, YAML or JSON.
    ///
    /// # Errors
    /// If it is neither, or no template.
    pub fn read(text: &str) -> Result<Self, String> {
        // JSON is read as such where it is meant: it may be indented by tabs, which YAML does not know.
        let root = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| error.to_string())?
        } else {
            Reader { events: Parser::new_from_str(text), depth: 0 }.document()?
        };
        let section = |name: &str| match root.get(name) {
            None => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map.clone()),
            Some(_) => Err(format!("{name} is not a map")),
        };
        let resources = section("Resources")?;
        if resources.is_empty() {
            return Err("it has no Resources".into());
        }
        let leftovers = resources.iter().filter_map(|(name, own)| Some((name.clone(), stays(own)?)));
        Ok(Self {
            parameters: section("Parameters")?.iter().map(|(name, own)| (name.clone(), declared(own))).collect(),
            leftovers: leftovers.collect(),
            resources: resources.len(),
            outputs: section("Outputs")?.keys().cloned().collect(),
        })
    }
}

fn declared(own: &Value) -> Declared {
    let no_echo = match own.get("NoEcho") {
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        other => other == Some(&Value::Bool(true)),
    };
    Declared { default: own.get("Default").is_some(), no_echo }
}

/// How a resource outlives its stack: a cluster leaves a snapshot unless the template says otherwise, and so does an
/// instance that is in no cluster (CloudFormation reference, DeletionPolicy).
fn stays(own: &Value) -> Option<&'static str> {
    let kind = own.get("Type").and_then(Value::as_str).unwrap_or_default();
    match own.get("DeletionPolicy").and_then(Value::as_str) {
        Some("Retain" | "RetainExceptOnCreate") => Some("it stays, and goes on costing"),
        Some("Snapshot") => Some("a snapshot of it stays"),
        Some(_) => None,
        None => {
            let in_cluster = own.get("Properties").and_then(|of| of.get("DBClusterIdentifier")).is_some();
            let leaves = kind == "AWS::RDS::DBCluster" || (kind == "AWS::RDS::DBInstance" && !in_cluster);
            leaves.then_some("without a DeletionPolicy a snapshot of it stays")
        }
    }
}

/// Makes a tree of YAML. Functions such as `!Ref` stay what they are applied to: only what is there counts.
struct Reader<'a> {
    events: Parser<'a, StrInput<'a>>,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Event<'a>, String> {
        let told = |error: ScanError| error.to_string();
        let (event, _) = self.events.next().ok_or("it ends too early")?.map_err(told)?;
        Ok(event)
    }

    fn document(&mut self) -> Result<Value, String> {
        loop {
            match self.next()? {
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
                Event::StreamEnd => return Err("it is empty".into()),
                event => return self.node(event),
            }
        }
    }

    fn node(&mut self, event: Event<'a>) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("it is nested too deeply".into());
        }
        let value = match event {
            Event::Scalar(text, ..) => Value::String(text.into_owned()),
            Event::SequenceStart(..) => {
                let mut rows = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        event => rows.push(self.node(event)?),
                    }
                }
                Value::Array(rows)
            }
            Event::MappingStart(..) => {
                let mut map = Map::new();
                loop {
                    let key = match self.next()? {
                        Event::MappingEnd => break,
                        Event::Scalar(key, ..) => key.into_owned(),
                        _ => return Err("a key is not a text".into()),
                    };
                    let event = self.next()?;
                    map.insert(key, self.node(event)?);
                }
                Value::Object(map)
            }
            Event::Alias(_) => return Err("it has an alias, which CloudFormation does not take".into()),
            _ => return Err("it is no YAML".into()),
        };
        self.depth -= 1;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn yaml_and_json_say_the_same() {
        let yaml = "Parameters:\n  Password: {Type: String, NoEcho: true}\n  Class: {Type: String, Default: db.t3.medium}\n\
                    Resources:\n  Source: {Type: AWS::RDS::DBCluster, Properties: {MasterUserPassword: !Ref Password}}\n\
                    Outputs:\n  Id: {Value: !GetAtt Source.Arn}\n";
        let json = "{\n\t\"Parameters\": {\"Password\": {\"NoEcho\": true}, \"Class\": {\"Default\": \"x\"}},\n\
                    \t\"Resources\": {\"Source\": {\"Type\": \"AWS::RDS::DBCluster\"}},\n\t\"Outputs\": {\"Id\": {}}\n}";
        let template = Template::read(yaml).unwrap();
        assert_eq!(template, Template::read(json).unwrap());
        assert_eq!(template.parameters["Password"], Declared { default: false, no_echo: true });
        assert_eq!(template.parameters["Class"], Declared { default: true, no_echo: false });
        assert!(template.outputs.contains("Id") && template.resources == 1);
    }

    #[rstest::rstest]
    #[case("{Type: AWS::RDS::DBCluster}", true)]
    #[case("{Type: AWS::RDS::DBCluster, DeletionPolicy: Delete}", false)]
    #[case("{Type: AWS::RDS::DBCluster, DeletionPolicy: Snapshot}", true)]
    #[case("{Type: AWS::RDS::DBInstance}", true)]
    #[case("{Type: AWS::RDS::DBInstance, Properties: {DBClusterIdentifier: !Ref Source}}", false)]
    #[case("{Type: AWS::EC2::VPC}", false)]
    #[case("{Type: AWS::EC2::VPC, DeletionPolicy: Retain}", true)]
    fn what_stays_behind_is_known(#[case] resource: &str, #[case] stays: bool) {
        let template = Template::read(&format!("Resources:\n  A: {resource}\n")).unwrap();
        assert_eq!(template.leftovers.contains_key("A"), stays);
    }

    #[test]
    fn the_template_that_this_program_prints_leaves_nothing() {
        let template = Template::read(include_str!("../../../config/environment.yaml")).unwrap();
        assert!(template.leftovers.is_empty(), "{template:?}");
        assert!(template.parameters["MasterPassword"].no_echo);
        for output in ["SourceId", "SubnetGroup", "SecurityGroup"] {
            assert!(template.outputs.contains(output), "{output}");
        }
    }

    #[rstest::rstest]
    #[case("", "empty")]
    #[case("just text", "no Resources")]
    #[case("Resources: {}", "no Resources")]
    #[case("Resources: [", "")]
    #[case("Resources: 5", "not a map")]
    #[case("{\"Resources\": ", "EOF")]
    #[case("Resources: {A: &x {Type: T}, B: *x}", "alias")]
    fn what_is_no_template_is_refused(#[case] text: &str, #[case] part: &str) {
        let why = Template::read(text).unwrap_err();
        assert!(why.contains(part), "{why}");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[ -~\n\t]{0,120}") {
            let _ = Template::read(&text);
        }
    }
}
