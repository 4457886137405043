//! The forms for the protection and the life of a clone.

use jiff::{SignedDuration, Timestamp};

use super::field::{Field, FieldName, find};
use crate::aurora::cluster::Cluster;
use crate::aurora::ownership::Keep;
use crate::aurora::span;
use crate::aurora::stay::{KeepFor, StayRequest};

/// What is kept for a while is mostly kept over the weekend.
const KEPT_FOR: &str = "7d";

/// The line for its protection: of a clone that is kept already, the way to take it off.
pub(super) fn keep_fields(cluster: &Cluster, now: Timestamp) -> Vec<Field> {
    let kept = cluster.ownership().ours().and_then(|ours| ours.keep).is_some_and(|keep: Keep| keep.holds(now));
    vec![Field::new(FieldName::Keep, if kept { "off" } else { KEPT_FOR })]
}

/// The line for a longer life.
pub(super) fn more_fields(more: SignedDuration) -> Vec<Field> {
    vec![Field::new(FieldName::More, span::exact(more))]
}

/// The request that the fields ask for.
pub(super) fn read(cluster: &Cluster, fields: &mut [Field], now: Timestamp) -> Option<StayRequest> {
    if let Some(field) = find(fields, FieldName::Keep) {
        let kept = field.parse(KeepFor::parse).ok()?;
        field.error = kept.is_none().then(|| "say for how long".into());
        return Some(StayRequest::new(cluster, kept?.from(now)));
    }
    let field = find(fields, FieldName::More)?;
    let more = field.parse(span::parse).ok()?;
    field.error = more.is_none().then(|| "say by how much".into());
    Some(StayRequest::extend(cluster, more?, now))
}
