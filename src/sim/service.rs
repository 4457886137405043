//! One request of the RDS API from its body to its answer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use fastrand::Rng;
use tokio::sync::Notify;

use super::Clock;
use super::account::Account;
use super::actions::Call;
use super::actions::table::{self, Action};
use super::faults::{Faults, Strike, Verdict};
use super::ledger::{self, Entry, Ledger};
use super::protocol::{ApiError, Form, NAMESPACE, Xml};
use super::rules::chance;

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
}

/// An answer to send.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Goes into the header, too.
    pub request_id: String,
    /// The XML document.
    pub body: Vec<u8>,
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
        };
        Self { clock, state: Mutex::new(state), changes: Notify::new() }
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

    /// Answers a request, or closes the connection: `None`.
    pub async fn answer(&self, body: &[u8]) -> Option<Answer> {
        let form = match Form::parse(body) {
            Ok(form) => form,
            Err(error) => return Some(self.refuse(&Form::default(), &error)),
        };
        let action = match table::find(&form) {
            Ok(action) => action,
            Err(error) => return Some(self.refuse(&form, &error)),
        };
        let verdict = self.state().faults.judge(action.name);
        if !verdict.latency.is_zero() {
            tokio::time::sleep(verdict.latency).await;
        }
        self.perform(action, &form, verdict)
    }

    /// Answers a request that never gets as far as the account.
    pub fn refuse(&self, form: &Form, error: &ApiError) -> Answer {
        let mut state = self.state();
        let answer = state.error(error);
        state.record(&self.clock, form, Some(answer.status), Some(error), None);
        answer
    }

    fn perform(&self, action: &Action, form: &Form, verdict: Verdict) -> Option<Answer> {
        let mut state = self.state();
        let outcome = match verdict.strike {
            Some(Strike::Reset) => None,
            Some(strike) => Some(strike.error(action.name).map_or_else(|| state.run(action, form, &self.clock), Err)),
            None => Some(state.run(action, form, &self.clock)),
        };
        if action.changes() && matches!(outcome, Some(Ok(_))) {
            self.note_change();
        }
        let (answer, error) = match outcome {
            None => (None, None),
            Some(Ok(content)) => (Some(state.success(action, content)), None),
            Some(Err(error)) => (Some(state.error(&error)), Some(error)),
        };
        let answer = answer.filter(|_| verdict.strike != Some(Strike::Lost));
        let status = answer.as_ref().map(|answer| answer.status);
        state.record(&self.clock, form, status, error.as_ref(), verdict.strike);
        answer
    }
}

impl State {
    fn run(&mut self, action: &Action, form: &Form, clock: &Clock) -> Result<Xml, ApiError> {
        let now = clock.now();
        self.account.settle(now);
        let mut content = Xml::new();
        (action.run)(&mut Call { account: &mut self.account, form, now }, &mut content)?;
        Ok(content)
    }

    fn success(&mut self, action: &Action, content: Xml) -> Answer {
        let request_id = self.new_request_id();
        let mut xml = Xml::new();
        xml.root(&format!("{}Response", action.name), NAMESPACE, |xml| {
            if action.has_result {
                xml.element(&format!("{}Result", action.name), |xml| xml.append(content));
            }
            xml.element("ResponseMetadata", |xml| xml.text("RequestId", &request_id));
        });
        Answer { status: 200, request_id, body: xml.into_bytes() }
    }

    fn error(&mut self, error: &ApiError) -> Answer {
        let request_id = self.new_request_id();
        Answer { status: error.status(), body: error.document(&request_id), request_id }
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
