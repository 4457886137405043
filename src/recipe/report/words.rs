//! Parts of an outcome in words, the same in every report.

use jiff::SignedDuration;

use crate::aurora::span;
use crate::recipe::outcome::{Case, LimitOutcome, LockOutcome, RewindOutcome, StepOutcome};

/// A length of time: with a tenth of a second where that tells something.
pub fn seconds(seconds: f64) -> String {
    if seconds.abs() < 10.0 {
        return format!("{:.1}s", seconds.abs());
    }
    span::short(SignedDuration::from_secs(seconds as i64))
}

/// Where a rewind landed, and whether the data shows it.
pub fn rewind(rewind: &RewindOutcome) -> String {
    let side = match rewind.delta_seconds {
        0.0 => "exactly there".to_owned(),
        delta => format!("{} {}", precise(delta.abs()), if delta < 0.0 { "before" } else { "after" }),
    };
    let allowed = format!("{}{} allowed", if rewind.off() { "only " } else { "" }, precise(rewind.within_seconds));
    let proved = match rewind.proved {
        Some(true) => "proved by the data",
        Some(false) => "not what the data shows",
        None => "no SQL to prove it with",
    };
    format!("asked for {}, landed {side} ({allowed}), {proved}", rewind.asked)
}

/// Seconds to three places, without those that say nothing.
pub fn precise(seconds: f64) -> String {
    let text = format!("{seconds:.3}");
    format!("{}s", text.trim_end_matches('0').trim_end_matches('.'))
}

/// What was seen of locks and DDL.
pub fn locks(locks: &LockOutcome) -> String {
    let statement = locks.statement.as_ref().map(|text| format!(" ({text})")).unwrap_or_default();
    let mut parts = match (locks.samples, locks.longest_seconds) {
        (0, _) => vec!["locks could not be watched".to_owned()],
        (samples, 0.0) => vec![format!("no lock waits seen, looked {samples} times")],
        (samples, longest) => {
            vec![format!("longest lock wait {}{statement}, looked {samples} times", precise(longest))]
        }
    };
    parts.extend(locks.ddl.iter().map(|(text, longest)| format!("DDL {}: {text}", precise(*longest))));
    parts.extend(locks.notes.iter().cloned());
    parts.join("; ")
}

/// What is allowed, and what was measured.
pub fn limit(limit: &LimitOutcome) -> String {
    let amount = |value: f64| match limit.name {
        "cost-usd" => format!("${value:.2}"),
        _ if value < 60.0 => precise(value),
        _ => seconds(value),
    };
    let measured = limit.measured.map_or_else(|| "not measured".to_owned(), amount);
    format!(
        "{}: {measured} of {}{}",
        limit.name,
        amount(limit.allowed),
        if limit.exceeded() { ", exceeded" } else { "" }
    )
}

/// A test case by its names.
pub fn case(case: &Case) -> String {
    let names = [&case.suite, &case.class, &case.name].map(String::as_str);
    let mut shown: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    // Suites are often called as the class of their tests.
    shown.dedup();
    shown.join(" / ")
}

/// Everything that a step has to say in one line.
pub fn step(step: &StepOutcome) -> String {
    let mut parts: Vec<String> = step.message.clone().into_iter().filter(|text| !text.is_empty()).collect();
    parts.extend(step.rewind.iter().map(rewind));
    let quiet = |locks: &&LockOutcome| {
        locks.samples > 0 && locks.longest_seconds == 0.0 && locks.ddl.is_empty() && locks.notes.is_empty()
    };
    parts.extend(step.locks.iter().filter(|locks| !quiet(locks)).map(locks));
    parts.extend(step.diff.iter().map(|diff| {
        let what = if diff.text.is_empty() { "no differences" } else { "differences" };
        let expected = if diff.as_expected { "as expected" } else { "not as expected" };
        format!("{what} to {}, {expected}", diff.against)
    }));
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}
