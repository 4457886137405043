//! One request of the RDS API from its body to its answer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use fastrand::Rng;
use jiff::Timestamp;
use tokio::sync::Notify;

use super::Clock;
use super::account::Account;
use super::actions::Call;
use super::actions::api::Api;
use super::actions::table::{self, Action};
use super::cloudformation;
#[cfg(unix)]
use super::dataplane::{DataPlaneError, Plane};
use super::faults::{Faults, Strike, Verdict};
use super::ledger::{self, Entry, Ledger};
use super::protocol::{ApiError, Form, Node, Wire, Xml, rpc};
use super::rules::chance;
use super::twists::Twists;

/// What all connections share.
pub struct Service {
    /// What time it is.
    pub clock: Clock,
    state: Mutex<State>,
    changes: Notify,
}

/// The account and what is known about the calls to it.
pub struct State {
    /// The simulated account.
    pub account: Account,
    /// What goes wrong.
    pub faults: Faults,
    /// What was called.
    pub ledger: Ledger,
    request_ids: Rng,
    /// The databases behind the account, if it has any.
    #[cfg(unix)]
    plane: Option<Plane>,
}

/// An answer to send.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Whether it breaks off in its middle.
    pub truncated: bool,
    /// Goes into the header, too.
    pub request_id: String,
    /// How the body is written.
    pub wire: Wire,
    /// The code for clients that know a service from before it spoke JSON or CBOR.
    pub query_error: Option<String>,
    /// The document.
    pub body: Vec<u8>,
}

/// What an action answered.
enum Content {
    Xml(Xml),
    Tree(Wire, Node),
}

impl Service {
    /// A service over an account.
    pub fn new(account: Account, faults: Vec<super::Fault>, clock: Clock) -> Self {
        let seed = account.pace.seed;
        let state = State {
            account,
            faults: Faults::new(faults, chance::of(seed, &["faults"])),
            ledger: Ledger::default(),
            request_ids: chance::of(seed, &["requests"]),
            #[cfg(unix)]
            plane: None,
        };
        Self { clock, state: Mutex::new(state), changes: Notify::new() }
    }

    /// Puts databases behind the account.
    #[cfg(unix)]
    pub fn put_behind(&self, mut plane: Plane) {
        let mut state = self.state();
        plane.adopt(&mut state.account, self.clock.now());
        state.plane = Some(plane);
    }

    /// The state. A panic in one request must not take the others with it.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that the account is no longer what it was.
    pub fn note_change(&self) {
        self.changes.notify_one();
    }

    /// Waits until the account has changed since the last time that this returned.
    pub async fn changed(&self) {
        self.changes.notified().await;
    }

    /// Answers a form, or closes the connection: `None`.
    pub async fn answer(&self, body: &[u8]) -> Option<Answer> {
        self.answer_form(Wire::Query, Form::parse(body)).await
    }

    /// Answers a request in JSON or CBOR, or closes the connection: `None`.
    pub async fn answer_rpc(&self, wire: Wire, (api, action): (Api, &str), body: &[u8]) -> Option<Answer> {
        self.answer_form(wire, rpc::read(wire, action, api.version(), body)).await
    }

    async fn answer_form(&self, wire: Wire, form: Result<Form, ApiError>) -> Option<Answer> {
        let form = match form {
            Ok(form) => form,
            Err(error) => return Some(self.refuse(wire, &Form::default(), &error)),
        };
        let action = match table::find(&form) {
            Ok(action) => action,
            Err(error) => return Some(self.refuse(wire, &form, &error)),
        };
        let verdict = self.state().faults.judge(action.name);
        if !verdict.latency.is_zero() {
            tokio::time::sleep(verdict.latency).await;
        }
        self.perform(wire, action, &form, verdict)
    }

    /// Answers a request that never gets as far as the account.
    pub fn refuse(&self, wire: Wire, form: &Form, error: &ApiError) -> Answer {
        let api = form.text("Version").and_then(Api::of_version).unwrap_or(Api::Rds);
        let mut state = self.state();
        let answer = state.error(wire, api, error);
        state.record(&self.clock, form, Some(answer.status), Some(error), None);
        answer
    }

    fn perform(&self, wire: Wire, action: &Action, form: &Form, verdict: Verdict) -> Option<Answer> {
        let mut state = self.state();
        let run = |state: &mut State| state.run(wire, action, form, (self.clock.now(), &verdict.twists));
        let outcome = match verdict.strike {
            Some(Strike::Reset) => None,
            Some(strike) => Some(strike.error(action).map_or_else(|| run(&mut state), Err)),
            None => Some(run(&mut state)),
        };
        if action.changes() && matches!(outcome, Some(Ok(_))) {
            self.note_change();
        }
        let (answer, error) = match outcome {
            None => (None, None),
            Some(Ok(content)) => (Some(state.success(action, content)), None),
            Some(Err(error)) => (Some(state.error(wire, action.api, &error)), Some(error)),
        };
        let mut answer = answer.filter(|_| verdict.strike != Some(Strike::Lost));
        if let Some(answer) = answer.as_mut() {
            answer.truncated = verdict.strike == Some(Strike::Truncate);
        }
        let status = answer.as_ref().map(|answer| answer.status);
        state.record(&self.clock, form, status, error.as_ref(), verdict.strike);
        answer
    }
}

impl State {
    fn run(
        &mut self,
        wire: Wire,
        action: &Action,
        form: &Form,
        (now, twists): (Timestamp, &Twists),
    ) -> Result<Content, ApiError> {
        self.catch_up(now);
        let content = self.act(wire, action, form, (now, twists));
        self.order(now);
        content
    }

    /// Brings the account to `now`, and what its databases say into it.
    pub fn catch_up(&mut self, now: Timestamp) {
        #[cfg(unix)]
        if let Some(plane) = &mut self.plane {
            plane.report(&mut self.account, now);
        }
        cloudformation::settle(&mut self.account, &mut self.faults, now);
    }

    /// Whether the databases have done all that they were told, or why one could not be made.
    #[cfg(unix)]
    pub fn databases_are_ready(&self) -> Result<bool, DataPlaneError> {
        self.plane.as_ref().map_or(Ok(true), Plane::is_ready)
    }

    /// Tells the databases what the account wants by now.
    fn order(&mut self, now: Timestamp) {
        #[cfg(unix)]
        if let Some(plane) = &mut self.plane {
            plane.follow(&mut self.account, now);
        }
        // Where there are none, nobody waits for it.
        self.account.take_intents();
    }

    fn act(
        &mut self,
        wire: Wire,
        action: &Action,
        form: &Form,
        (now, twists): (Timestamp, &Twists),
    ) -> Result<Content, ApiError> {
        let mut call = Call { account: &mut self.account, form, now, twists };
        if let (Wire::Json | Wire::Cbor, Some(grow)) = (wire, action.grow) {
            return grow(&mut call).map(|tree| Content::Tree(wire, tree));
        }
        let mut content = Xml::new();
        (action.run)(&mut call, &mut content)?;
        Ok(Content::Xml(content))
    }

    fn success(&mut self, action: &Action, content: Content) -> Answer {
        let request_id = self.new_request_id();
        let (wire, body) = match content {
            Content::Tree(wire, tree) => (wire, tree.encode(wire)),
            Content::Xml(content) => {
                let mut xml = Xml::new();
                xml.root(&format!("{}Response", action.name), action.api.namespace(), |xml| {
                    if action.has_result {
                        xml.element(&format!("{}Result", action.name), |xml| xml.append(content));
                    }
                    xml.element("ResponseMetadata", |xml| xml.text("RequestId", &request_id));
                });
                (Wire::Query, xml.into_bytes())
            }
        };
        Answer { status: 200, request_id, wire, query_error: None, truncated: false, body }
    }

    fn error(&mut self, wire: Wire, api: Api, error: &ApiError) -> Answer {
        let request_id = self.new_request_id();
        let body = match wire {
            Wire::Query => error.document(api.namespace(), &request_id),
            Wire::Json | Wire::Cbor => error.tree().encode(wire),
        };
        let query_error = (wire != Wire::Query).then(|| error.query_code());
        Answer { status: error.status(), body, wire, query_error, truncated: false, request_id }
    }

    fn new_request_id(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.request_ids.u128(..).to_be_bytes()).into_uuid().to_string()
    }

    fn record(
        &mut self,
        clock: &Clock,
        form: &Form,
        status: Option<u16>,
        error: Option<&ApiError>,
        strike: Option<Strike>,
    ) {
        self.ledger.record(Entry {
            at: clock.now(),
            action: form.text("Action").map(|name| name.chars().take(100).collect()),
            parameters: ledger::parameters(form),
            status,
            code: error.map(|error| error.code.wire().0.to_owned()),
            fault: strike.map(Strike::name),
        });
    }
}
