//! How a stack goes on: what can be made is made, what fails is rolled back, what is deleted goes in the reverse order.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::super::account::Account;
use super::super::clock::after;
use super::super::faults::Faults;
use super::functions::{Scope, resolve, text};
use super::requests::{self, Asking};
use super::resources::{Kind, Progress};
use super::stack::{OnFailure, Secrets, Stack, Status};
use super::template::Deletion;

/// How often a stack looks after its resources, at speed 1.
const INTERVAL: f64 = 5.0;

/// What stands for a secret that went with a restart of the simulator. Nobody can log in with a password anyway.
const STAND_IN: &str = "****************";

/// Where a stack stands, and what goes wrong there.
struct Site<'a> {
    account: &'a mut Account,
    faults: &'a mut Faults,
}

impl Site<'_> {
    fn asking<'a>(&'a mut self, stack: &'a Stack, logical: &'a str, now: Timestamp) -> Asking<'a> {
        Asking { account: self.account, faults: self.faults, now, stack: &stack.name, tags: &stack.tags, logical }
    }
}

/// One step of a stack at its time.
pub fn step(account: &mut Account, faults: &mut Faults, id: &str, now: Timestamp) {
    let Some(mut stack) = account.stacks.remove(id) else { return };
    stack.next = None;
    match stack.status {
        Status::CreateInProgress => create(&mut Site { account, faults }, &mut stack, now),
        Status::RollbackInProgress | Status::DeleteInProgress => delete(&mut Site { account, faults }, &mut stack, now),
        _ => {}
    }
    if matches!(stack.status, Status::CreateInProgress | Status::RollbackInProgress | Status::DeleteInProgress) {
        stack.next = Some(after(now, interval(account, &stack, now)));
    }
    account.stacks.insert(id.to_owned(), stack);
}

/// The longer something takes, the less often it is looked at; nothing that is stuck is asked for ever at full pace.
fn interval(account: &Account, stack: &Stack, now: Timestamp) -> SignedDuration {
    let waited = now.duration_since(stack.since).as_secs_f64() / 20.0;
    let seconds = (INTERVAL / account.pace.speed).max(waited).max(0.001);
    SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::from_secs(5))
}

fn create(site: &mut Site<'_>, stack: &mut Stack, now: Timestamp) {
    for logical in stack.in_status(Status::CreateInProgress) {
        follow(site, stack, &logical, now);
    }
    let failed = stack.in_status(Status::CreateFailed);
    if failed.is_empty() {
        for logical in ready(stack) {
            begin(site, stack, &logical, now);
        }
    }
    let failed = stack.in_status(Status::CreateFailed);
    let late = stack.timeout.is_some_and(|timeout| now >= timeout);
    if !failed.is_empty() || late {
        let why = if late {
            "Stack creation time exceeded the specified timeout".to_owned()
        } else {
            failure(&failed, "create")
        };
        give_up(stack, why, now);
    } else if stack.in_status(Status::CreateComplete).len() == stack.template.resources.len() {
        complete(site.account, stack, now);
    }
}

/// The resources that nothing keeps from being made.
fn ready(stack: &Stack) -> Vec<String> {
    let done = |need: &String| stack.status_of(need) == Some(Status::CreateComplete);
    let resources = stack.template.resources.iter();
    let open = resources.filter(|(logical, own)| stack.status_of(logical).is_none() && own.needs.iter().all(done));
    open.map(|(logical, _)| logical.clone()).collect()
}

fn begin(site: &mut Site<'_>, stack: &mut Stack, logical: &str, now: Timestamp) {
    let Some(own) = stack.template.resources.get(logical).cloned() else { return };
    let shown =
        properties(site.account, stack, &own.properties, true).map(|map| json!(blackened(&map)).to_string()).ok();
    stack.mark(logical, Status::CreateInProgress, None, now, shown.clone());
    let outcome = properties(site.account, stack, &own.properties, false).and_then(|properties| {
        let mut asking = site.asking(stack, logical, now);
        own.kind.create(&mut asking, &properties)
    });
    match outcome {
        Ok(physical) => {
            if let Some(made) = stack.resources.get_mut(logical) {
                made.physical = Some(physical);
            }
            let reason = Some("Resource creation Initiated".to_owned());
            stack.mark(logical, Status::CreateInProgress, reason, now, shown);
        }
        Err(reason) => {
            let reason = format!("Resource handler returned message: \"{reason}\"");
            stack.mark(logical, Status::CreateFailed, Some(reason), now, shown);
        }
    }
}

/// Looks whether a resource has been made; a restored cluster is changed once before it counts.
fn follow(site: &mut Site<'_>, stack: &mut Stack, logical: &str, now: Timestamp) {
    let Some(own) = stack.template.resources.get(logical).cloned() else { return };
    let made = stack.resources.get(logical);
    let Some((physical, asked)) = made.and_then(|made| Some((made.physical.clone()?, made.asked))) else { return };
    match own.kind.created(site.account, &physical) {
        Progress::Working => {}
        Progress::Failed(reason) => stack.mark(logical, Status::CreateFailed, Some(reason), now, None),
        Progress::Done if own.kind == Kind::Cluster && !asked => {
            let outcome = properties(site.account, stack, &own.properties, false).and_then(|properties| {
                let mut asking = site.asking(stack, logical, now);
                requests::after_restore(&mut asking, &physical, &properties)
            });
            match outcome {
                Ok(true) => {
                    if let Some(made) = stack.resources.get_mut(logical) {
                        made.asked = true;
                    }
                }
                Ok(false) => stack.mark(logical, Status::CreateComplete, None, now, None),
                Err(reason) => stack.mark(logical, Status::CreateFailed, Some(reason), now, None),
            }
        }
        Progress::Done => stack.mark(logical, Status::CreateComplete, None, now, None),
    }
}

fn failure(resources: &[String], what: &str) -> String {
    format!("The following resource(s) failed to {what}: [{}]. ", resources.join(", "))
}

fn give_up(stack: &mut Stack, why: String, now: Timestamp) {
    for logical in stack.in_status(Status::CreateInProgress) {
        stack.mark(&logical, Status::CreateFailed, Some("Resource creation cancelled".to_owned()), now, None);
    }
    let (status, why) = match stack.on_failure {
        OnFailure::DoNothing => (Status::CreateFailed, why),
        OnFailure::Rollback => (Status::RollbackInProgress, format!("{why}Rollback requested by user.")),
        OnFailure::Delete => (Status::DeleteInProgress, format!("{why}Delete requested by user.")),
    };
    stack.secrets = Secrets::default();
    stack.since = now;
    stack.turn(status, Some(why), now);
}

fn complete(account: &Account, stack: &mut Stack, now: Timestamp) {
    let mut outputs = BTreeMap::new();
    let mut broken = None;
    {
        let scope = scope(account, stack, true);
        for (name, output) in &stack.template.outputs {
            match resolve(&output.value, &scope) {
                Ok(value) => {
                    outputs.insert(name.clone(), value.as_ref().map(text).unwrap_or_default());
                }
                Err(reason) => broken = Some(reason),
            }
        }
    }
    if let Some(reason) = broken {
        give_up(stack, format!("{reason}. "), now);
        return;
    }
    stack.outputs = outputs;
    stack.secrets = Secrets::default();
    stack.turn(Status::CreateComplete, None, now);
}

fn delete(site: &mut Site<'_>, stack: &mut Stack, now: Timestamp) {
    for logical in stack.template.resources.keys().cloned().collect::<Vec<_>>() {
        if is_standing(stack, &logical) && nothing_stands_on(stack, &logical) {
            take_down(site, stack, &logical, now);
        }
    }
    if !stack.in_status(Status::DeleteInProgress).is_empty() || !open(stack).is_empty() {
        return;
    }
    let failed = stack.in_status(Status::DeleteFailed);
    let rolled_back = stack.status == Status::RollbackInProgress;
    let (status, reason) = match (failed.is_empty(), rolled_back) {
        (true, true) => (Status::RollbackComplete, None),
        (true, false) => (Status::DeleteComplete, None),
        (false, true) => (Status::RollbackFailed, Some(failure(&failed, "delete"))),
        (false, false) => (Status::DeleteFailed, Some(failure(&failed, "delete"))),
    };
    stack.deleted = (status == Status::DeleteComplete).then_some(now);
    stack.turn(status, reason, now);
}

/// Whether a resource is still there, or may be.
fn is_standing(stack: &Stack, logical: &str) -> bool {
    stack.resources.get(logical).is_some_and(|made| {
        made.physical.is_some()
            && !matches!(made.status, Status::DeleteComplete | Status::DeleteSkipped | Status::DeleteFailed)
    })
}

/// A resource goes after those that need it; one that could not go keeps what it needs.
fn nothing_stands_on(stack: &Stack, logical: &str) -> bool {
    let above = stack.template.resources.iter().filter(|(_, own)| own.needs.contains(logical));
    let stands = |other: &String| is_standing(stack, other) || stack.status_of(other) == Some(Status::DeleteFailed);
    above.map(|(other, _)| other).all(|other| !stands(other))
}

/// What can go now and has not been asked to.
fn open(stack: &Stack) -> Vec<&String> {
    let all = stack.template.resources.keys();
    all.filter(|logical| is_standing(stack, logical) && nothing_stands_on(stack, logical)).collect()
}

fn take_down(site: &mut Site<'_>, stack: &mut Stack, logical: &str, now: Timestamp) {
    let Some(own) = stack.template.resources.get(logical).cloned() else { return };
    let Some(physical) = stack.resources.get(logical).and_then(|made| made.physical.clone()) else { return };
    if own.deletion == Deletion::Retain || stack.retained.contains(logical) {
        stack.mark(logical, Status::DeleteSkipped, None, now, None);
        return;
    }
    if stack.status_of(logical) != Some(Status::DeleteInProgress) {
        stack.mark(logical, Status::DeleteInProgress, None, now, None);
        set_asked(stack, logical, false);
    }
    if !stack.resources.get(logical).is_some_and(|made| made.asked) {
        let mut asking = site.asking(stack, logical, now);
        match own.kind.delete(&mut asking, &physical, own.deletion) {
            Progress::Working => return,
            Progress::Done => set_asked(stack, logical, true),
            Progress::Failed(reason) => {
                let reason = format!("Resource handler returned message: \"{reason}\"");
                stack.mark(logical, Status::DeleteFailed, Some(reason), now, None);
                return;
            }
        }
    }
    if own.kind.deleted(site.account, &physical) {
        stack.mark(logical, Status::DeleteComplete, None, now, None);
    }
}

fn set_asked(stack: &mut Stack, logical: &str, asked: bool) {
    if let Some(made) = stack.resources.get_mut(logical) {
        made.asked = asked;
    }
}

fn properties(
    account: &Account,
    stack: &Stack,
    raw: &Map<String, Value>,
    masked: bool,
) -> Result<Map<String, Value>, String> {
    let resolved = resolve(&Value::Object(raw.clone()), &scope(account, stack, masked))?;
    Ok(resolved.and_then(|value| value.as_object().cloned()).unwrap_or_default())
}

fn scope<'a>(account: &'a Account, stack: &'a Stack, masked: bool) -> Scope<'a> {
    let around = &account.surroundings;
    let mut values: BTreeMap<String, Value> = [
        ("AWS::AccountId", around.account.as_str()),
        ("AWS::Partition", "aws"),
        ("AWS::Region", around.region.as_str()),
        ("AWS::StackId", stack.id.as_str()),
        ("AWS::StackName", stack.name.as_str()),
        ("AWS::URLSuffix", "amazonaws.com"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), json!(value)))
    .collect();
    for (name, value) in &stack.parameters {
        let own = stack.template.parameters.get(name);
        let is_list = own.is_some_and(|own| own.is_list);
        let hidden = !masked && own.is_some_and(|own| own.no_echo);
        let secret = stack.secrets.0.get(name).map_or(STAND_IN, String::as_str);
        let value = if hidden { secret } else { value };
        let value = if is_list { value.split(',').map(|part| json!(part.trim())).collect() } else { json!(value) };
        values.insert(name.clone(), value);
    }
    let ids = stack.resources.iter().filter_map(|(name, made)| Some((name.clone(), made.physical.clone()?))).collect();
    let attribute = move |logical: &str, name: &str| {
        let own = stack.template.resources.get(logical)?;
        let physical = stack.resources.get(logical)?.physical.as_ref()?;
        let told = || own.properties.get(name).filter(|_| name == "CidrBlock")?.as_str().map(str::to_owned);
        own.kind.attribute(account, physical, name).or_else(told)
    };
    Scope { values, ids, attribute: Box::new(attribute), zones: around.all_zones() }
}

/// Properties for everybody's eyes: no password, not even one that a template names openly.
fn blackened(map: &Map<String, Value>) -> Map<String, Value> {
    let shown = |(name, value): (&String, &Value)| {
        let secret = name.to_ascii_lowercase().contains("password");
        (name.clone(), if secret { json!("****") } else { value.clone() })
    };
    map.iter().map(shown).collect()
}
