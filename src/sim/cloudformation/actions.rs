//! The actions of the CloudFormation API.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::super::actions::Call;
use super::super::clock::after;
use super::super::protocol::page::{decode, encode};
use super::super::protocol::{ApiError, Code, Form, Xml};
use super::super::rules::tags::{self, Tags};
use super::stack::{OnFailure, Secrets, Stack, StackEvent, Status};
use super::template::{Parameter, Template};

/// What CreateStack knows.
pub const CREATE: &[&str] = &[
    "Capabilities",
    "ClientRequestToken",
    "DisableRollback",
    "EnableTerminationProtection",
    "OnFailure",
    "Parameters",
    "StackName",
    "Tags",
    "TemplateBody",
    "TimeoutInMinutes",
];

/// What stands in the place of a value that is not echoed (API reference, Parameter.NoEcho).
const MASK: &str = "****";

/// Events on one page.
const PAGE: usize = 100;

/// Begins to create a stack (API reference, CreateStack).
pub fn create(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let form = call.form;
    let name = stack_name(form)?;
    let body = form.required("TemplateBody")?;
    let template = Template::read(body)?;
    let on_failure = on_failure(form)?;
    let protected = form.flag("EnableTerminationProtection")?;
    let minutes = form.integer("TimeoutInMinutes", 1..=43_200)?;
    let tags = read_tags(form)?;
    let (parameters, secrets) = parameters(form, &template)?;
    let token = form.text("ClientRequestToken").map(str::to_owned);
    if let Some(there) = call.account.stacks.values().find(|stack| stack.name == name && !stack.is_gone()) {
        if token.is_some() && there.token == token {
            xml.text("StackId", &there.id);
            return Ok(());
        }
        return Err(ApiError::new(Code::AlreadyExists, format!("Stack [{name}] already exists")));
    }
    let around = &call.account.surroundings;
    let arn = format!("arn:aws:cloudformation:{}:{}:stack/{name}", around.region, around.account);
    let id = format!("{arn}/{}", call.account.new_uuid());
    let mut stack = Stack {
        id: id.clone(),
        name,
        template,
        body: body.to_owned(),
        parameters,
        secrets,
        tags,
        token,
        status: Status::CreateInProgress,
        reason: None,
        created: call.now,
        deleted: None,
        timeout: minutes.map(|minutes| after(call.now, SignedDuration::from_mins(minutes))),
        on_failure,
        protected,
        retained: std::collections::BTreeSet::new(),
        resources: BTreeMap::new(),
        outputs: BTreeMap::new(),
        events: Vec::new(),
        since: call.now,
        next: Some(call.now),
    };
    stack.turn(Status::CreateInProgress, Some("User Initiated".to_owned()), call.now);
    xml.text("StackId", &id);
    call.account.stacks.insert(id, stack);
    Ok(())
}

fn stack_name(form: &Form) -> Result<String, ApiError> {
    let name = form.required("StackName")?;
    let legal = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && name.len() <= 128;
    if legal {
        return Ok(name.to_owned());
    }
    Err(ApiError::validation(format!(
        "1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
    )))
}

fn on_failure(form: &Form) -> Result<OnFailure, ApiError> {
    match (form.flag("DisableRollback")?, form.text("OnFailure")) {
        (true, Some(_)) => {
            Err(ApiError::validation("You can specify either DisableRollback or OnFailure, but not both."))
        }
        (true, None) | (false, Some("DO_NOTHING")) => Ok(OnFailure::DoNothing),
        (false, None | Some("ROLLBACK")) => Ok(OnFailure::Rollback),
        (false, Some("DELETE")) => Ok(OnFailure::Delete),
        (false, Some(other)) => Err(ApiError::validation(format!("Invalid value {other} for OnFailure"))),
    }
}

fn read_tags(form: &Form) -> Result<Tags, ApiError> {
    let fields = form.members("Tags", "member")?.into_iter().flat_map(|(number, fields)| {
        fields.into_iter().map(move |(name, value)| (format!("Tags.Tag.{number}.{name}"), value.to_owned()))
    });
    tags::read(&Form::of(fields)?).map_err(|error| ApiError::validation(error.message))
}

fn parameters(form: &Form, template: &Template) -> Result<(BTreeMap<String, String>, Secrets), ApiError> {
    let mut sent = BTreeMap::new();
    for fields in form.members("Parameters", "member")?.into_values() {
        let field = |name: &str| fields.iter().find(|(field, _)| *field == name).map(|(_, value)| (*value).to_owned());
        let key = field("ParameterKey").ok_or_else(|| ApiError::validation("A parameter needs a ParameterKey"))?;
        sent.insert(key, field("ParameterValue").unwrap_or_default());
    }
    let strange: Vec<&str> =
        sent.keys().filter(|name| !template.parameters.contains_key(*name)).map(String::as_str).collect();
    if !strange.is_empty() {
        let message = format!("Parameters: [{}] do not exist in the template", strange.join(", "));
        return Err(ApiError::validation(message));
    }
    let (mut values, mut secrets, mut missing) = (BTreeMap::new(), Secrets::default(), Vec::new());
    for (name, own) in &template.parameters {
        match sent.remove(name).or_else(|| own.default.clone()) {
            None => missing.push(name.as_str()),
            Some(value) => {
                check(name, own, &value)?;
                let shown = if own.no_echo { MASK.to_owned() } else { value.clone() };
                if own.no_echo {
                    secrets.0.insert(name.clone(), value);
                }
                values.insert(name.clone(), shown);
            }
        }
    }
    if missing.is_empty() {
        return Ok((values, secrets));
    }
    Err(ApiError::validation(format!("Parameters: [{}] must have values", missing.join(", "))))
}

/// Holds a value against the constraints of its parameter (CloudFormation reference, Parameters). The message never
/// repeats the value.
fn check(name: &str, own: &Parameter, value: &str) -> Result<(), ApiError> {
    let limit = |constraint: &str| {
        own.constraints.get(constraint).and_then(Value::as_str).and_then(|text| text.parse::<f64>().ok())
    };
    let length = value.chars().count() as f64;
    let number = value.parse::<f64>().ok();
    let broken = |what: String| Err(ApiError::validation(format!("Parameter '{name}' must {what}")));
    if own.constraints.contains_key("Number") && number.is_none() {
        return broken("be a number.".to_owned());
    }
    if let Some(least) = limit("MinLength").filter(|least| length < *least) {
        return broken(format!("contain at least {least} characters"));
    }
    if let Some(most) = limit("MaxLength").filter(|most| length > *most) {
        return broken(format!("contain at most {most} characters"));
    }
    if let Some(least) = limit("MinValue").filter(|least| number.is_some_and(|number| number < *least)) {
        return broken(format!("be a number not less than {least}"));
    }
    if let Some(most) = limit("MaxValue").filter(|most| number.is_some_and(|number| number > *most)) {
        return broken(format!("be a number not greater than {most}"));
    }
    let allowed = own.constraints.get("AllowedValues").and_then(Value::as_array);
    if let Some(allowed) = allowed.filter(|words| !words.iter().any(|word| word.as_str() == Some(value))) {
        let words: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
        return broken(format!("be one of AllowedValues [{}]", words.join(", ")));
    }
    Ok(())
}

/// The stack of a name or an id; one that is gone is found by its id alone.
fn find<'a>(call: &'a Call<'_>, reference: &str) -> Result<&'a Stack, ApiError> {
    let named = |stack: &&Stack| stack.id == reference || (stack.name == reference && !stack.is_gone());
    let missing = || ApiError::validation(format!("Stack with id {reference} does not exist"));
    call.account.stacks.values().find(named).ok_or_else(missing)
}

/// Lists stacks, newest first, or describes one (API reference, DescribeStacks).
pub fn describe(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let mut stacks: Vec<&Stack> = match call.form.text("StackName") {
        Some(reference) => vec![find(call, reference)?],
        None => call.account.stacks.values().filter(|stack| !stack.is_gone()).collect(),
    };
    stacks.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.name.cmp(&b.name)));
    xml.element("Stacks", |xml| stacks.into_iter().for_each(|stack| write(xml, stack)));
    Ok(())
}

fn write(xml: &mut Xml, stack: &Stack) {
    xml.element("member", |xml| {
        xml.text("StackId", &stack.id);
        xml.text("StackName", &stack.name);
        xml.optional("Description", stack.template.description.as_ref());
        xml.element("Parameters", |xml| {
            for (name, value) in &stack.parameters {
                xml.element("member", |xml| {
                    xml.text("ParameterKey", name);
                    xml.text("ParameterValue", value);
                });
            }
        });
        xml.time("CreationTime", stack.created);
        xml.optional_time("DeletionTime", stack.deleted);
        xml.text("StackStatus", stack.status.name());
        xml.optional("StackStatusReason", stack.reason.as_ref());
        xml.value("DisableRollback", stack.on_failure == OnFailure::DoNothing);
        xml.value("EnableTerminationProtection", stack.protected);
        xml.element("Outputs", |xml| {
            for (name, value) in &stack.outputs {
                xml.element("member", |xml| {
                    xml.text("OutputKey", name);
                    xml.text("OutputValue", value);
                    let description = stack.template.outputs.get(name).and_then(|own| own.description.as_ref());
                    xml.optional("Description", description);
                });
            }
        });
        xml.element("Tags", |xml| {
            for (key, value) in &stack.tags {
                xml.element("member", |xml| {
                    xml.text("Key", key);
                    xml.text("Value", value);
                });
            }
        });
    });
}

/// Lists stacks, deleted ones too, newest first (API reference, ListStacks).
pub fn list(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let wanted = call.form.list("StackStatusFilter", "member")?;
    let mut stacks: Vec<&Stack> = call.account.stacks.values().collect();
    stacks.retain(|stack| wanted.is_empty() || wanted.contains(&stack.status.name()));
    stacks.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.name.cmp(&b.name)));
    xml.element("StackSummaries", |xml| {
        for stack in stacks {
            xml.element("member", |xml| {
                xml.text("StackId", &stack.id);
                xml.text("StackName", &stack.name);
                xml.optional("TemplateDescription", stack.template.description.as_ref());
                xml.time("CreationTime", stack.created);
                xml.optional_time("DeletionTime", stack.deleted);
                xml.text("StackStatus", stack.status.name());
                xml.optional("StackStatusReason", stack.reason.as_ref());
            });
        }
    });
    Ok(())
}

/// Protects a stack from being deleted, or no longer (API reference, UpdateTerminationProtection).
pub fn protect(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    call.form.required("EnableTerminationProtection")?;
    let protected = call.form.flag("EnableTerminationProtection")?;
    let id = find(call, call.form.required("StackName")?)?.id.clone();
    xml.text("StackId", &id);
    if let Some(stack) = call.account.stacks.get_mut(&id) {
        stack.protected = protected;
    }
    Ok(())
}

/// Lists what happened to a stack, newest first (API reference, DescribeStackEvents).
pub fn events(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let stack = find(call, call.form.required("StackName")?)?;
    let from = match call.form.text("NextToken") {
        None | Some("") => 0,
        Some(token) => decode("stack-events", token)
            .and_then(|from| from.parse::<usize>().ok())
            .ok_or_else(|| ApiError::validation("The NextToken is not valid."))?,
    };
    // What is new since the first page stands before it and moves nothing that has been shown.
    let end = if from == 0 { stack.events.len() } else { from.min(stack.events.len()) };
    let begin = end.saturating_sub(PAGE);
    let rows = stack.events.get(begin..end).unwrap_or_default();
    xml.element("StackEvents", |xml| rows.iter().rev().for_each(|event| write_event(xml, stack, event)));
    if begin > 0 {
        xml.text("NextToken", &encode("stack-events", &begin.to_string()));
    }
    Ok(())
}

fn write_event(xml: &mut Xml, stack: &Stack, event: &StackEvent) {
    xml.element("member", |xml| {
        xml.text("StackId", &stack.id);
        xml.text("EventId", &event.id);
        xml.text("StackName", &stack.name);
        xml.text("LogicalResourceId", &event.logical);
        xml.text("PhysicalResourceId", &event.physical);
        xml.text("ResourceType", &event.kind);
        xml.time("Timestamp", event.at);
        xml.text("ResourceStatus", event.status.name());
        xml.optional("ResourceStatusReason", event.reason.as_ref());
        xml.optional("ResourceProperties", event.properties.as_ref());
    });
}

/// DescribeStackResources.
pub fn resources(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let only = call.form.text("LogicalResourceId");
    let stack = match (call.form.text("StackName"), call.form.text("PhysicalResourceId")) {
        (Some(reference), None) => find(call, reference)?,
        (None, Some(physical)) => {
            let holds =
                |stack: &&Stack| stack.resources.values().any(|made| made.physical.as_deref() == Some(physical));
            let missing = || ApiError::validation(format!("Stack for {physical} does not exist"));
            call.account.stacks.values().find(holds).ok_or_else(missing)?
        }
        _ => return Err(ApiError::validation("Either StackName or PhysicalResourceId must be specified")),
    };
    xml.element("StackResources", |xml| {
        for logical in stack.resources.keys().filter(|logical| only.is_none_or(|only| only == *logical)) {
            xml.element("member", |xml| {
                xml.text("StackId", &stack.id);
                xml.text("StackName", &stack.name);
                write_resource(xml, stack, logical, "Timestamp");
            });
        }
    });
    Ok(())
}

/// ListStackResources.
pub fn list_resources(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let stack = find(call, call.form.required("StackName")?)?;
    xml.element("StackResourceSummaries", |xml| {
        for logical in stack.resources.keys() {
            xml.element("member", |xml| write_resource(xml, stack, logical, "LastUpdatedTimestamp"));
        }
    });
    Ok(())
}

fn write_resource(xml: &mut Xml, stack: &Stack, logical: &str, when: &str) {
    let Some((made, own)) = stack.resources.get(logical).zip(stack.template.resources.get(logical)) else { return };
    xml.text("LogicalResourceId", logical);
    xml.optional("PhysicalResourceId", made.physical.as_ref());
    xml.text("ResourceType", own.kind.name());
    xml.time(when, made.at);
    xml.text("ResourceStatus", made.status.name());
    xml.optional("ResourceStatusReason", made.reason.as_ref());
}

/// Begins to delete a stack. One that is not there is no error (API reference, DeleteStack).
pub fn delete(call: &mut Call<'_>, _: &mut Xml) -> Result<(), ApiError> {
    let form = call.form;
    let reference = form.required("StackName")?;
    let retained: Vec<&str> = form.list("RetainResources", "member")?;
    let Ok(stack) = find(call, reference) else { return Ok(()) };
    let (id, now) = (stack.id.clone(), call.now);
    if stack.is_gone() || stack.status == Status::DeleteInProgress {
        return Ok(());
    }
    if stack.protected {
        return Err(ApiError::validation(format!(
            "Stack [{}] cannot be deleted while TerminationProtection is enabled",
            stack.name
        )));
    }
    if !retained.is_empty() && stack.status != Status::DeleteFailed {
        return Err(ApiError::validation(format!(
            "Invalid operation on stack [{}]. Resources can only be retained when the stack is in the DELETE_FAILED state.",
            stack.name
        )));
    }
    begin_deletion(call, &id, &retained, now);
    Ok(())
}

fn begin_deletion(call: &mut Call<'_>, id: &str, retained: &[&str], now: Timestamp) {
    let Some(stack) = call.account.stacks.get_mut(id) else { return };
    stack.retained = retained.iter().map(|name| (*name).to_owned()).collect();
    // What could not be deleted the last time is tried again.
    for made in stack.resources.values_mut().filter(|made| made.status == Status::DeleteFailed) {
        made.status = Status::CreateComplete;
        made.asked = false;
    }
    stack.secrets = Secrets::default();
    stack.since = now;
    stack.next = Some(now);
    stack.turn(Status::DeleteInProgress, Some("User Initiated".to_owned()), now);
}

/// Reads a template without making anything (API reference, ValidateTemplate).
pub fn validate(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let template = Template::read(call.form.required("TemplateBody")?)?;
    xml.optional("Description", template.description.as_ref());
    xml.element("Parameters", |xml| {
        for (name, own) in &template.parameters {
            xml.element("member", |xml| {
                xml.text("ParameterKey", name);
                xml.optional("DefaultValue", own.default.as_ref());
                xml.value("NoEcho", own.no_echo);
                xml.optional("Description", own.description.as_ref());
            });
        }
    });
    Ok(())
}

/// Gives a stack's template back (API reference, GetTemplate).
pub fn get_template(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let stack = find(call, call.form.required("StackName")?)?;
    xml.text("TemplateBody", &stack.body);
    xml.texts("StagesAvailable", "member", ["Original", "Processed"]);
    Ok(())
}
