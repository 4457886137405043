//! AddTagsToResource, RemoveTagsFromResource and ListTagsForResource: resources are named by ARN.

use super::super::protocol::{ApiError, Xml};
use super::super::rules::tags::{Tags, merge, read};
use super::{Call, view};

/// What an ARN names.
enum Resource {
    Cluster(String),
    Instance(String),
}

impl Resource {
    fn read(call: &Call<'_>) -> Result<Self, ApiError> {
        let arn = call.form.required("ResourceName")?;
        match arn.split(':').nth(5) {
            Some("cluster") if arn.starts_with("arn:aws:rds:") => {
                Ok(Self::Cluster(call.account.cluster(arn)?.id.clone()))
            }
            Some("db") if arn.starts_with("arn:aws:rds:") => Ok(Self::Instance(call.account.instance(arn)?.id.clone())),
            _ => Err(ApiError::value(format!("Invalid resource name: {arn}"))),
        }
    }

    fn tags<'a>(&self, call: &'a Call<'_>) -> Result<&'a Tags, ApiError> {
        match self {
            Self::Cluster(id) => call.account.cluster(id).map(|cluster| &cluster.tags),
            Self::Instance(id) => call.account.instance(id).map(|instance| &instance.tags),
        }
    }

    fn replace(&self, call: &mut Call<'_>, tags: Tags) -> Result<(), ApiError> {
        match self {
            Self::Cluster(id) => call.account.cluster_mut(id)?.tags = tags,
            Self::Instance(id) => call.account.instance_mut(id)?.tags = tags,
        }
        Ok(())
    }
}

/// Writes tags over those that are there (API reference, AddTagsToResource).
pub fn add(call: &mut Call<'_>, _: &mut Xml) -> Result<(), ApiError> {
    let resource = Resource::read(call)?;
    let added = read(call.form)?;
    if added.is_empty() {
        return Err(ApiError::value("The parameter Tags must be provided and must not be blank."));
    }
    let tags = merge(resource.tags(call)?, added)?;
    resource.replace(call, tags)
}

/// Removes tags by their keys; a key that is not there is no error (API reference, RemoveTagsFromResource).
pub fn remove(call: &mut Call<'_>, _: &mut Xml) -> Result<(), ApiError> {
    let resource = Resource::read(call)?;
    let keys = call.form.list("TagKeys", "member")?;
    if keys.is_empty() {
        return Err(ApiError::value("The parameter TagKeys must be provided and must not be blank."));
    }
    let mut tags = resource.tags(call)?.clone();
    tags.retain(|key, _| !keys.contains(&key.as_str()));
    resource.replace(call, tags)
}

/// Lists the tags of a resource (API reference, ListTagsForResource).
pub fn list(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    if call.form.names().any(|name| name == "Filters") {
        return Err(ApiError::value("Filters are not supported for ListTagsForResource"));
    }
    view::tags(xml, Resource::read(call)?.tags(call)?);
    Ok(())
}
