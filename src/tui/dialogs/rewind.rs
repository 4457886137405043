//! The dialog for a rewind.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Clock;
use super::field::{Field, FieldName, find};
use crate::aurora::cluster::Cluster;
use crate::aurora::plan::{self, Desk, Plan};
use crate::aurora::request::RewindRequest;
use crate::aurora::time;
use crate::tui::widgets::timeline::Span;

/// Where a rewind goes, and the part of the timeline that is looked at meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aim {
    /// The moment to go to.
    pub to: Timestamp,
    /// The visible part; none is all of it.
    pub span: Option<Span>,
}

pub(super) fn fields(to: Timestamp, zone: &TimeZone) -> Vec<Field> {
    vec![Field::new(FieldName::Time, time::date_text(to, zone))]
}

pub(super) fn plan(cluster: &Cluster, to: Timestamp, desk: Desk<'_>) -> Plan {
    plan::rewind(&request(cluster, to), desk)
}

pub(super) fn request(cluster: &Cluster, to: Timestamp) -> RewindRequest {
    RewindRequest::new(cluster, to)
}

/// The request that the fields ask for. The moment is read when it is typed and kept: `-25m` must not wander while
/// somebody reads the plan.
pub(super) fn read(
    cluster: &Cluster,
    to: &mut Timestamp,
    fields: &mut [Field],
    clock: &Clock,
) -> Option<RewindRequest> {
    let field = find(fields, FieldName::Time)?;
    if field.touched {
        field.touched = false;
        let now = clock.now.to_zoned(clock.zone.clone());
        match field.parse(|text| time::parse(text, &now)) {
            Ok(Some(at)) => *to = at,
            Ok(None) => field.error = Some("type the moment to go to".into()),
            Err(()) => {}
        }
    }
    field.error.is_none().then(|| request(cluster, *to))
}
