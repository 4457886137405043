//! DescribeEvents.

use jiff::{SignedDuration, Timestamp};

use super::super::account::event::{Event, Source};
use super::super::clock::{after, before};
use super::super::protocol::{ApiError, Form, Page, Xml};
use super::Call;

/// What it knows besides paging.
pub const PARAMETERS: &[&str] =
    &["Duration", "EndTime", "EventCategories", "SourceIdentifier", "SourceType", "StartTime"];

const SOURCE_TYPES: &[&str] = &[
    "blue-green-deployment",
    "custom-engine-version",
    "db-cluster",
    "db-cluster-snapshot",
    "db-instance",
    "db-parameter-group",
    "db-proxy",
    "db-security-group",
    "db-snapshot",
];

/// The longest `Duration`: fourteen days of minutes.
const LONGEST: i64 = 20_160;

/// Lists events, oldest first: the last hour unless asked for more (API reference, DescribeEvents).
pub fn describe(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let form = call.form;
    let page = Page::read(form, "events")?;
    if form.names().any(|name| name == "Filters") {
        return Err(ApiError::value("Filters are not supported for DescribeEvents"));
    }
    let (from, to) = range(form, call.now)?;
    let source_type = source_type(form)?;
    let id = form.text("SourceIdentifier").map(str::to_ascii_lowercase);
    let categories = form.list("EventCategories", "EventCategory")?;
    let behind = page.after().and_then(|serial| serial.parse().ok()).unwrap_or(0);
    let rows = call.account.events.between(from, to, behind).filter(|event| {
        source_type.is_none_or(|name| name == event.source.name())
            && id.as_ref().is_none_or(|id| *id == event.id)
            && (categories.is_empty() || categories.contains(&event.category.as_str()))
    });
    let around = &call.account.surroundings;
    page.write(
        xml,
        "events",
        "Events",
        rows,
        |event| event.serial.to_string(),
        |xml, event| {
            let kind = match event.source {
                Source::Cluster => "cluster",
                Source::Instance => "db",
                Source::Snapshot => "cluster-snapshot",
            };
            write(xml, event, &around.arn(kind, &event.id));
        },
    );
    Ok(())
}

/// The time range: `StartTime` with `Duration` or `EndTime`, else the last `Duration` minutes.
fn range(form: &Form, now: Timestamp) -> Result<(Timestamp, Timestamp), ApiError> {
    let minutes = form.integer("Duration", 1..=LONGEST)?;
    let span = SignedDuration::from_mins(minutes.unwrap_or(60));
    let (from, to) = match (form.time("StartTime")?, form.time("EndTime")?) {
        (None, None) => (before(now, span), now),
        (Some(start), None) => (start, after(start, span)),
        (None, Some(end)) => (before(end, span), end),
        (Some(_), Some(_)) if minutes.is_some() => {
            return Err(ApiError::combination("Duration cannot be specified together with StartTime and EndTime"));
        }
        (Some(start), Some(end)) => (start, end),
    };
    if from > to {
        return Err(ApiError::combination("StartTime must be before EndTime"));
    }
    Ok((from, to))
}

fn source_type(form: &Form) -> Result<Option<&str>, ApiError> {
    match form.text("SourceType") {
        Some(name) if !SOURCE_TYPES.contains(&name) => {
            Err(ApiError::value(format!("Invalid value {name} for SourceType")))
        }
        None if form.text("SourceIdentifier").is_some() => {
            Err(ApiError::combination("SourceType must be specified when SourceIdentifier is"))
        }
        name => Ok(name),
    }
}

fn write(xml: &mut Xml, event: &Event, arn: &str) {
    xml.element("Event", |xml| {
        xml.text("SourceIdentifier", &event.id);
        xml.text("SourceType", event.source.name());
        xml.text("Message", &event.message);
        xml.texts("EventCategories", "EventCategory", [event.category.as_str()]);
        xml.time("Date", event.at);
        xml.text("SourceArn", arn);
    });
}
