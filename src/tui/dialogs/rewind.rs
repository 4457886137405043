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
    /// Go on although binary logging is on.
    pub force: bool,
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

/// The request that the fields ask for.
pub(super) fn read(cluster: &Cluster, aim: &mut Aim, fields: &mut [Field], clock: &Clock) -> Option<RewindRequest> {
    let understood = moment(&mut aim.to, fields, clock);
    understood.then(|| RewindRequest { force: aim.force, ..request(cluster, aim.to) })
}

/// Reads the moment into `at` when it is typed, and keeps it: `-25m` must not wander while somebody reads the plan. Says
/// whether it is understood.
pub(super) fn moment(at: &mut Timestamp, fields: &mut [Field], clock: &Clock) -> bool {
    let Some(field) = find(fields, FieldName::Time) else { return false };
    if field.touched {
        field.touched = false;
        let now = clock.now.to_zoned(clock.zone.clone());
        match field.parse(|text| time::parse(text, &now)) {
            Ok(Some(typed)) => *at = typed,
            Ok(None) => field.error = Some("type the moment".into()),
            Err(()) => {}
        }
    }
    field.error.is_none()
}
