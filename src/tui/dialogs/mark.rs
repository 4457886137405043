//! The form for a mark.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::field::{Field, FieldName, find};
use super::{Clock, Dialog, Intent, Template};
use crate::aurora::cluster::Cluster;
use crate::aurora::mark::MarkName;
use crate::aurora::plan::Desk;
use crate::aurora::request::MarkRequest;
use crate::aurora::time;

impl Dialog {
    /// The question whether to take the mark `name` off `cluster`.
    pub fn unmark(cluster: &Cluster, name: &MarkName, desk: Desk<'_>, zone: &TimeZone) -> Self {
        let mut dialog = Self::new(Intent::Unmark, cluster, Vec::new(), Template::Unmark(name.clone()), desk);
        dialog.replan(desk, zone);
        dialog
    }
}

/// The request that takes `name` off.
pub(super) fn removal(cluster: &Cluster, name: &MarkName) -> MarkRequest {
    let (cluster, resource) = (cluster.id.clone(), cluster.resource_id.clone());
    MarkRequest { cluster, resource, name: name.clone(), at: None }
}

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
