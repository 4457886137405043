//! The form for a clone.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::Clock;
use super::field::{Field, FieldName, find};
use crate::aurora::cluster::Cluster;
use crate::aurora::ids::ClusterId;
use crate::aurora::request::{CloneRequest, DEFAULT_WINDOW};
use crate::aurora::{span, time};

pub(super) fn fields(request: &CloneRequest, source: &Cluster, zone: &TimeZone) -> Vec<Field> {
    let ttl = request.ttl.map(span::exact).unwrap_or_default();
    // Left empty where the source has no window: there is nothing to choose.
    let window = source.backtrack.enabled().then(|| spoken(source.backtrack.target().min(DEFAULT_WINDOW)));
    let window = window.unwrap_or_default();
    let time = request.full_copy_at.map(|at| Field::new(FieldName::CopyTime, time::date_text(at, zone)));
    let mut fields = vec![Field::new(FieldName::Name, request.name.as_str())];
    fields.extend(time);
    fields.extend([
        Field::new(FieldName::Ttl, ttl),
        Field::new(FieldName::Window, window),
        Field::new(FieldName::Class, request.class.clone().unwrap_or_default()),
    ]);
    fields
}

/// The request that the fields ask for; `template` keeps what was last understood.
pub(super) fn read(template: &mut CloneRequest, fields: &mut [Field], clock: &Clock) -> Option<CloneRequest> {
    let mut complete = true;
    let mut note = |ok: bool| complete &= ok;
    if let Some(field) = find(fields, FieldName::Name) {
        match field.parse(str::parse::<ClusterId>) {
            Ok(Some(name)) => template.name = name,
            Ok(None) => {
                field.error = Some("the clone needs a name".into());
                note(false);
            }
            Err(()) => note(false),
        }
    }
    if let Some(field) = find(fields, FieldName::CopyTime) {
        // As the moment of a rewind, it is read when it is typed, and kept.
        if field.touched {
            field.touched = false;
            let now = clock.now.to_zoned(clock.zone.clone());
            match field.parse(|text| time::parse(text, &now)) {
                Ok(Some(at)) => template.full_copy_at = Some(at),
                Ok(None) => field.error = Some("type the moment to copy".into()),
                Err(()) => {}
            }
        }
        note(field.error.is_none());
    }
    if let Some(field) = find(fields, FieldName::Ttl) {
        match field.parse(span::parse) {
            Ok(ttl) => template.ttl = ttl,
            Err(()) => note(false),
        }
    }
    if let Some(field) = find(fields, FieldName::Window) {
        match field.parse(window) {
            Ok(window) => template.window = window,
            Err(()) => note(false),
        }
    }
    if let Some(field) = find(fields, FieldName::Class) {
        template.class = field.text().map(str::to_owned);
    }
    complete.then(|| template.clone())
}

/// Windows are spoken of in hours: `24h`, not `1d`.
fn spoken(window: SignedDuration) -> String {
    let seconds = window.as_secs();
    if seconds % 3_600 == 0 { format!("{}h", seconds / 3_600) } else { span::exact(window) }
}

fn window(text: &str) -> Result<SignedDuration, span::InvalidSpan> {
    match text {
        "off" | "0" => Ok(SignedDuration::ZERO),
        text => span::parse(text),
    }
}
