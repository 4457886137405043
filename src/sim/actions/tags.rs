//! AddTagsToResource, RemoveTagsFromResource and ListTagsForResource: resources are named by ARN.

use super::super::account::parameters::GroupKind;
use super::super::protocol::{ApiError, Code, Xml};
use super::super::rules::tags::{Tags, merge, read};
use super::{Call, view};

/// The kinds of resources that carry tags, as their ARNs name them.
const KINDS: [&str; 6] = ["cluster", "cluster-pg", "cluster-snapshot", "db", "pg", "subgrp"];

/// What an ARN names.
struct Resource {
    kind: &'static str,
    name: String,
}

impl Resource {
    fn read(call: &mut Call<'_>) -> Result<Self, ApiError> {
        let arn = call.form.required("ResourceName")?;
        let invalid = || ApiError::value(format!("Invalid resource name: {arn}"));
        let named = arn.split(':').nth(5).filter(|_| arn.starts_with("arn:aws:rds:"));
        let kind = KINDS.into_iter().find(|kind| named == Some(kind)).ok_or_else(invalid)?;
        let resource = Self { kind, name: call.account.key(kind, arn) };
        resource.tags(call)?;
        Ok(resource)
    }

    /// The tags, to read or to replace.
    fn tags<'a>(&self, call: &'a mut Call<'_>) -> Result<&'a mut Tags, ApiError> {
        let name = &self.name;
        let (account, missing) =
            (&mut *call.account, |code, what: &str| ApiError::new(code, format!("{what} not found: {name}")));
        match self.kind {
            "cluster" => account.cluster_mut(name).map(|cluster| &mut cluster.tags),
            "db" => account.instance_mut(name).map(|instance| &mut instance.tags),
            "cluster-snapshot" => account.snapshot_mut(name).map(|snapshot| &mut snapshot.tags),
            "subgrp" => {
                let group = account.surroundings.subnet_groups.iter_mut().find(|group| group.name == *name);
                group.map(|group| &mut group.tags).ok_or_else(|| missing(Code::SubnetGroupNotFound, "DBSubnetGroup"))
            }
            kind => {
                let of = if kind == "pg" { GroupKind::Instance } else { GroupKind::Cluster };
                let group = account.surroundings.own_groups_mut(of).iter_mut().find(|group| group.name == *name);
                group
                    .map(|group| &mut group.tags)
                    .ok_or_else(|| missing(Code::ParameterGroupNotFound, "DBParameterGroup"))
            }
        }
    }
}

/// Writes tags over those that are there (API reference, AddTagsToResource).
pub fn add(call: &mut Call<'_>, _: &mut Xml) -> Result<(), ApiError> {
    let resource = Resource::read(call)?;
    let added = read(call.form)?;
    if added.is_empty() {
        return Err(ApiError::value("The parameter Tags must be provided and must not be blank."));
    }
    let tags = resource.tags(call)?;
    *tags = merge(tags, added)?;
    Ok(())
}

/// Removes tags by their keys; a key that is not there is no error (API reference, RemoveTagsFromResource).
pub fn remove(call: &mut Call<'_>, _: &mut Xml) -> Result<(), ApiError> {
    let resource = Resource::read(call)?;
    let keys = call.form.list("TagKeys", "member")?;
    if keys.is_empty() {
        return Err(ApiError::value("The parameter TagKeys must be provided and must not be blank."));
    }
    resource.tags(call)?.retain(|key, _| !keys.contains(&key.as_str()));
    Ok(())
}

/// Lists the tags of a resource (API reference, ListTagsForResource).
pub fn list(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    if call.form.names().any(|name| name == "Filters") {
        return Err(ApiError::value("Filters are not supported for ListTagsForResource"));
    }
    view::tags(xml, Resource::read(call)?.tags(call)?);
    Ok(())
}
