//! The dialog for a deletion.

use super::field::{Field, FieldName, find};
use crate::aurora::cluster::Cluster;
use crate::aurora::ids::ClusterId;
use crate::aurora::plan::{self, Desk, Plan};
use crate::aurora::request::DeleteRequest;

pub(super) fn fields() -> Vec<Field> {
    vec![Field::new(FieldName::Snapshot, "")]
}

pub(super) fn plan(cluster: &Cluster, final_snapshot: Option<ClusterId>, desk: Desk<'_>) -> Plan {
    plan::delete(&request(cluster, final_snapshot), desk)
}

fn request(cluster: &Cluster, final_snapshot: Option<ClusterId>) -> DeleteRequest {
    DeleteRequest { final_snapshot, ..DeleteRequest::new(cluster) }
}

/// The request that the fields ask for.
pub(super) fn read(cluster: &Cluster, fields: &mut [Field]) -> Option<DeleteRequest> {
    let field = find(fields, FieldName::Snapshot)?;
    let snapshot = field.parse(str::parse::<ClusterId>).ok()?;
    Some(request(cluster, snapshot))
}
