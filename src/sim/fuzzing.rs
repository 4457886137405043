//! What fuzzing drives: requests against an account in this process, without HTTP. Built for the fuzz targets and for
//! the test that runs what they have found.

use std::cell::RefCell;

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::Clock;
use super::account::Account;
use super::actions::api::Api;
use super::fleet::{self, FleetSpec};
use super::options::Options;
use super::protocol::Wire;
use super::service::{Answer, Service};

/// The most requests of one input: enough to make, change and delete.
const MOST: usize = 40;

thread_local! {
    /// Building the fleet takes far longer than a request.
    static ACCOUNT: RefCell<Option<Account>> = const { RefCell::new(None) };
}

fn clock() -> Clock {
    Clock::manual(Timestamp::from_second(1_795_348_800).unwrap_or(Timestamp::UNIX_EPOCH))
}

fn service(clock: &Clock) -> Option<Service> {
    let account = ACCOUNT.with_borrow_mut(|kept| {
        if kept.is_none() {
            let options = Options { fleet: FleetSpec::Demo, clock: clock.clone(), ..Options::default() };
            *kept = fleet::build(&options).ok();
        }
        kept.clone()
    });
    account.map(|account| Service::new(account, Vec::new(), clock.clone()))
}

/// Sends each line as the body of a request; `@N` lets N seconds pass.
///
/// # Panics
/// When an answer is not well-formed or the account is damaged: that is what fuzzing looks for.
pub fn requests(data: &[u8]) {
    let clock = clock();
    let Some(service) = service(&clock) else { return };
    for line in data.split(|byte| *byte == b'\n').take(MOST) {
        let jump = std::str::from_utf8(line).ok().and_then(|line| line.strip_prefix('@')?.parse::<u32>().ok());
        match jump {
            Some(seconds) => clock.advance(SignedDuration::from_secs(i64::from(seconds % 1_000_000))),
            None => check(service.answer(line).now_or_never().flatten()),
        }
    }
    let mut state = service.state();
    state.account.settle(clock.now());
    assert_eq!(state.account.check_whole(), Ok(()));
}

/// Sends a body to CloudWatch in both of the protocols that are no forms.
///
/// # Panics
/// When a request is not answered.
pub fn metrics(data: &[u8]) {
    let Some(service) = service(&clock()) else { return };
    for wire in [Wire::Json, Wire::Cbor] {
        check(service.answer_rpc(wire, (Api::CloudWatch, "GetMetricData"), data).now_or_never().flatten());
    }
}

fn check(answer: Option<Answer>) {
    let answer = answer.expect("without faults every request is answered at once");
    assert!(matches!(answer.status, 200 | 400..=499 | 501), "{}", answer.status);
    if answer.wire == Wire::Query {
        let text = std::str::from_utf8(&answer.body).expect("an answer is text");
        let mut reader = Reader::from_str(text);
        while !matches!(reader.read_event().expect("an answer is well-formed"), Event::Eof) {}
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn what_fuzzing_has_found_is_still_answered() {
        for (folder, target) in [("requests", requests as fn(&[u8])), ("metrics", metrics)] {
            let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(folder);
            let mut seen = 0;
            for entry in fs::read_dir(&corpus).unwrap() {
                target(&fs::read(entry.unwrap().path()).unwrap());
                seen += 1;
            }
            assert!(seen > 5, "{seen} inputs in {}", corpus.display());
        }
    }
}
