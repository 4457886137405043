//! The form for a mark.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Clock;
use super::field::{Field, FieldName, find};
use crate::aurora::cluster::Cluster;
use crate::aurora::mark::MarkName;
use crate::aurora::request::MarkRequest;
use crate::aurora::time;

pub(super) fn fields(at: Timestamp, zone: &TimeZone) -> Vec<Field> {
    vec![Field::new(FieldName::Mark, ""), Field::new(FieldName::Time, time::date_text(at, zone))]
}

/// The request that the fields ask for.
pub(super) fn read(cluster: &Cluster, at: &mut Timestamp, fields: &mut [Field], clock: &Clock) -> Option<MarkRequest> {
    let moment = super::rewind::moment(at, fields, clock);
    let name = find(fields, FieldName::Mark)?;
    let name = match name.parse(str::parse::<MarkName>) {
        Ok(name) => name?,
        Err(()) => return None,
    };
    let (cluster, resource) = (cluster.id.clone(), cluster.resource_id.clone());
    moment.then_some(MarkRequest { cluster, resource, name, at: Some(*at) })
}
