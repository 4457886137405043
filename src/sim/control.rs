//! `/_sim/…`: what tests and demos may ask of the simulator itself. JSON, and never part of the RDS API.

use hyper::Method;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Fault;
use super::cloudformation;
use super::service::{Service, State};

/// Where the control calls begin.
pub const PREFIX: &str = "/_sim/";

/// The longest jump of the clock: ten years.
const LONGEST_JUMP: i64 = 10 * 366 * 86_400;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultList {
    faults: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Jump {
    seconds: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Endpoint {
    address: String,
    port: u16,
}

/// Answers a control call with an HTTP status and a JSON document.
pub fn answer(service: &Service, method: &Method, path: &str, body: &[u8]) -> (u16, Value) {
    let call = path.strip_prefix(PREFIX).unwrap_or(path);
    let outcome = match (method, call) {
        (&Method::GET, "calls") => Ok(calls(service)),
        (&Method::PUT, "faults") => faults(service, body),
        (&Method::POST, "clock/advance") => advance(service, body),
        (&Method::PUT, _) if call.starts_with("endpoint/") => endpoint(service, call, body),
        _ => return (404, refusal(&format!("no control call {method} {path}"))),
    };
    outcome.map_or_else(|message| (400, refusal(&message)), |value| (200, value))
}

fn refusal(message: &str) -> Value {
    json!({ "error": { "message": message } })
}

fn calls(service: &Service) -> Value {
    let state = service.state();
    json!({ "calls": state.ledger.entries().collect::<Vec<_>>() })
}

fn faults(service: &Service, body: &[u8]) -> Result<Value, String> {
    let wanted: FaultList = read(body, r#"{"faults":["throttle=0.3"]}"#)?;
    let list: Result<Vec<Fault>, _> = wanted.faults.iter().map(|text| text.parse::<Fault>()).collect();
    let list = list.map_err(|error| error.to_string())?;
    let names: Vec<String> = list.iter().map(ToString::to_string).collect();
    service.state().faults.list = list;
    Ok(json!({ "faults": names }))
}

fn advance(service: &Service, body: &[u8]) -> Result<Value, String> {
    let jump: Jump = read(body, r#"{"seconds":60}"#)?;
    if !(0..=LONGEST_JUMP).contains(&jump.seconds) {
        return Err(format!("seconds: {} is out of range; take 0 to {LONGEST_JUMP}", jump.seconds));
    }
    service.clock.advance(SignedDuration::from_secs(jump.seconds));
    let now = service.clock.now();
    service.state().catch_up(now);
    service.note_change();
    Ok(json!({ "now": now }))
}

fn endpoint(service: &Service, call: &str, body: &[u8]) -> Result<Value, String> {
    let id = call.strip_prefix("endpoint/").unwrap_or_default();
    let to: Endpoint = read(body, r#"{"address":"127.0.0.1","port":3306}"#)?;
    let host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    if to.address.is_empty() || to.address.len() > 255 || !to.address.chars().all(host) {
        return Err(format!("address: {:?} is no host name or IP address", to.address));
    }
    let mut state = service.state();
    let now = service.clock.now();
    let State { account, faults, .. } = &mut *state;
    cloudformation::settle(account, faults, now);
    let cluster = state.account.cluster_mut(id).map_err(|error| error.message)?;
    cluster.endpoint = Some((to.address.clone(), to.port));
    service.note_change();
    Ok(json!({ "cluster": cluster.id, "address": to.address, "port": to.port }))
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8], example: &str) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("the body is not understood: {error}; write {example}"))
}
