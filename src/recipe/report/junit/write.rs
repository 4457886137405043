//! The JUnit report of a run.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::recipe::model::Role;
use crate::recipe::outcome::{Case, LimitOutcome, Outcome, StepEnd, StepOutcome, Verdict};
use crate::recipe::report::words;

/// A test case as it is written.
struct Test {
    class: String,
    name: String,
    seconds: f64,
    end: End,
    output: String,
}

enum End {
    Passed,
    Skipped(String),
    /// A test said no: what it is about, why, and more.
    Failure(String, String, String),
    /// Something did not work.
    Error(String, String, String),
}

/// A suite as it is written.
struct Suite {
    name: String,
    properties: Vec<(&'static str, String)>,
    tests: Vec<Test>,
    seconds: f64,
}

impl Suite {
    fn counts(&self) -> [usize; 4] {
        let count = |wanted: fn(&End) -> bool| self.tests.iter().filter(|test| wanted(&test.end)).count();
        [
            self.tests.len(),
            count(|end| matches!(end, End::Failure(..))),
            count(|end| matches!(end, End::Error(..))),
            count(|end| matches!(end, End::Skipped(_))),
        ]
    }
}

/// The report: a suite of the recipe's steps, one of its limits, and those of its tests.
pub fn write(outcome: &Outcome) -> String {
    let mut suites = vec![steps(outcome)];
    suites.extend(limits(outcome));
    suites.extend(outcome.steps.iter().flat_map(|step| children(outcome, step)));
    let bad = suites.iter().map(Suite::counts).any(|[_, failures, errors, _]| failures + errors > 0);
    if outcome.verdict != Verdict::Passed && !bad {
        // Whoever only counts failures has to find one.
        let reason = outcome.reason.clone().unwrap_or_else(|| outcome.verdict.words().to_owned());
        suites[0].tests.push(Test {
            class: outcome.recipe.clone(),
            name: "verdict".into(),
            seconds: 0.0,
            end: End::Error(outcome.verdict.words().into(), reason, String::new()),
            output: String::new(),
        });
    }
    document(outcome, &suites)
}

fn steps(outcome: &Outcome) -> Suite {
    let mut tests: Vec<Test> = outcome.steps.iter().map(|step| test_of(outcome, step)).collect();
    if !outcome.leaked.is_empty() {
        tests.push(Test {
            class: outcome.recipe.clone(),
            name: "nothing is left behind".into(),
            seconds: 0.0,
            end: End::Error(
                "leak".into(),
                format!("could not be confirmed gone: {}", outcome.leaked.join(", ")),
                outcome.next_steps.join("\n"),
            ),
            output: String::new(),
        });
    }
    Suite { name: outcome.recipe.clone(), properties: properties(outcome), tests, seconds: outcome.seconds() }
}

fn properties(outcome: &Outcome) -> Vec<(&'static str, String)> {
    let some = [
        ("run", Some(outcome.run.clone())),
        ("source", outcome.source.as_ref().map(ToString::to_string)),
        ("clone", Some(outcome.clone.to_string())),
        ("stack", outcome.stack.clone()),
        ("verdict", Some(outcome.verdict.words().to_owned())),
        ("reason", outcome.reason.clone()),
        ("cost-usd", outcome.cost_usd.map(|cost| format!("{cost:.4}"))),
        ("kept-until", outcome.kept_until.map(|until| until.to_string())),
    ];
    some.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn test_of(outcome: &Outcome, step: &StepOutcome) -> Test {
    let message = step.message.clone().unwrap_or_else(|| step.end.words().to_owned());
    let mut more: Vec<String> = step.rewind.iter().map(words::rewind).collect();
    more.extend(step.locks.iter().map(words::locks));
    more.extend(step.diff.iter().filter(|diff| !diff.text.is_empty()).map(|diff| diff.text.clone()));
    let output: Vec<String> = more.iter().cloned().chain(step.tail.iter().cloned()).collect();
    let output = output.join("\n");
    let verdict = step.role == Some(Role::Test) || matches!(step.kind, "rewind" | "diff");
    let end = match step.end {
        StepEnd::Passed => End::Passed,
        StepEnd::Skipped => End::Skipped(step.message.clone().unwrap_or_else(|| "not begun".into())),
        StepEnd::Allowed => End::Skipped(format!("failed, as the recipe allows: {message}")),
        _ if !outcome.counts(step) => End::Skipped(format!("{}, made up for later: {message}", step.end.words())),
        StepEnd::Failed if verdict => End::Failure(step.kind.into(), message, output.clone()),
        StepEnd::Failed => End::Error(step.kind.into(), message, output.clone()),
        StepEnd::TimedOut | StepEnd::Interrupted => End::Error(step.end.words().into(), message, output.clone()),
    };
    // What a failure says is said once.
    let output = if matches!(end, End::Failure(..) | End::Error(..)) { String::new() } else { output };
    let class = format!("{}.{}", outcome.recipe, step.kind);
    Test { class, name: step.title(), seconds: step.seconds().unwrap_or(0.0), end, output }
}

fn limits(outcome: &Outcome) -> Option<Suite> {
    let test = |limit: &LimitOutcome| {
        let words = words::limit(limit);
        let end = match (limit.kept, limit.measured) {
            (true, _) => End::Passed,
            (false, None) => End::Skipped("not measured".into()),
            (false, Some(_)) => End::Failure("limit".into(), words.clone(), String::new()),
        };
        let class = format!("{}.limits", outcome.recipe);
        let output = if limit.exceeded() { String::new() } else { words };
        Test { class, name: limit.name.into(), seconds: 0.0, end, output }
    };
    let tests: Vec<Test> = outcome.limits.iter().map(test).collect();
    let name = format!("{} / limits", outcome.recipe);
    (!tests.is_empty()).then(|| Suite { name, properties: Vec::new(), tests, seconds: 0.0 })
}

/// The suites of a step's own tests.
fn children(outcome: &Outcome, step: &StepOutcome) -> Vec<Suite> {
    let mut named: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in &step.cases {
        named.entry(&case.suite).or_default().push(case);
    }
    let counted = outcome.counts(step);
    let suite = |(name, cases): (&str, Vec<&Case>)| {
        let name: Vec<&str> = [name].into_iter().filter(|name| !name.is_empty()).collect();
        let name = [&[outcome.recipe.as_str(), &step.title()][..], &name].concat().join(" / ");
        let tests: Vec<Test> = cases.into_iter().map(|case| test_of_case(case, counted)).collect();
        let seconds = tests.iter().map(|test| test.seconds).sum();
        Suite { name, properties: Vec::new(), tests, seconds }
    };
    named.into_iter().map(suite).collect()
}

fn test_of_case(case: &Case, counted: bool) -> Test {
    let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let end = match &case.failure {
        Some(failure) if counted => End::Failure("test".into(), first(failure), failure.clone()),
        Some(failure) => End::Skipped(format!("failed, without weight for the verdict: {}", first(failure))),
        None if case.skipped => End::Skipped("skipped".into()),
        None => End::Passed,
    };
    Test { class: case.class.clone(), name: case.name.clone(), seconds: case.seconds, end, output: String::new() }
}

fn document(outcome: &Outcome, suites: &[Suite]) -> String {
    let mut xml = Xml(Writer::new_with_indent(Vec::new(), b' ', 2));
    xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
    let total = |index: usize| suites.iter().map(|suite| suite.counts()[index]).sum::<usize>().to_string();
    let seconds = format!("{:.3}", outcome.seconds());
    let attributes = [
        ("name", outcome.recipe.as_str()),
        ("tests", &total(0)),
        ("failures", &total(1)),
        ("errors", &total(2)),
        ("time", &seconds),
    ];
    xml.element("testsuites", &attributes, |xml| suites.iter().for_each(|suite| xml.suite(outcome, suite)));
    let mut text = String::from_utf8_lossy(&xml.0.into_inner()).into_owned();
    text.push('\n');
    text
}

struct Xml(Writer<Vec<u8>>);

impl Xml {
    fn suite(&mut self, outcome: &Outcome, suite: &Suite) {
        let [tests, failures, errors, skipped] = suite.counts().map(|count| count.to_string());
        let seconds = format!("{:.3}", suite.seconds);
        // Without a zone, as readers expect it; it is UTC.
        let at = outcome.started_at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let attributes = [
            ("name", suite.name.as_str()),
            ("tests", &tests),
            ("failures", &failures),
            ("errors", &errors),
            ("skipped", &skipped),
            ("time", &seconds),
            ("timestamp", &at),
        ];
        self.element("testsuite", &attributes, |xml| {
            if !suite.properties.is_empty() {
                xml.element("properties", &[], |xml| {
                    for (name, value) in &suite.properties {
                        xml.empty("property", &[("name", name), ("value", value)]);
                    }
                });
            }
            suite.tests.iter().for_each(|test| xml.test(test));
        });
    }

    fn test(&mut self, test: &Test) {
        let seconds = format!("{:.3}", test.seconds);
        let attributes = [("classname", test.class.as_str()), ("name", &test.name), ("time", &seconds)];
        if matches!(test.end, End::Passed) && test.output.is_empty() {
            return self.empty("testcase", &attributes);
        }
        self.element("testcase", &attributes, |xml| {
            match &test.end {
                End::Passed => {}
                End::Skipped(message) => xml.empty("skipped", &[("message", message)]),
                End::Failure(kind, message, body) => {
                    xml.text("failure", &[("type", kind), ("message", message)], body);
                }
                End::Error(kind, message, body) => xml.text("error", &[("type", kind), ("message", message)], body),
            }
            if !test.output.is_empty() {
                xml.text("system-out", &[], &test.output);
            }
        });
    }

    fn element(&mut self, name: &str, attributes: &[(&str, &str)], content: impl FnOnce(&mut Self)) {
        self.event(Event::Start(start(name, attributes)));
        content(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.event(Event::Empty(start(name, attributes)));
    }

    fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        let text = legal(text);
        self.element(name, attributes, |xml| xml.event(Event::Text(BytesText::new(&text))));
    }

    fn event(&mut self, event: Event<'_>) {
        // A Vec takes every write; the result exists for sinks that can fail.
        let _always_ok = self.0.write_event(event);
    }
}

fn start(name: &str, attributes: &[(&str, &str)]) -> BytesStart<'static> {
    let mut start = BytesStart::new(name.to_owned());
    for (key, value) in attributes {
        // A reader makes a space of a line break within an attribute anyway.
        start.push_attribute((*key, legal(value).replace('\n', " ").as_str()));
    }
    start
}

/// XML 1.0 has no way to write most control characters, not even escaped.
fn legal(text: &str) -> Cow<'_, str> {
    let illegal =
        |c: char| (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    if text.contains(illegal) { text.replace(illegal, "\u{fffd}").into() } else { text.into() }
}
