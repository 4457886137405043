//! Subnet groups: create, describe, delete.

use std::collections::BTreeSet;

use super::super::account::network::{Subnet, SubnetGroup};
use super::super::protocol::{ApiError, Code, Filter, Form, Page, Xml};
use super::super::rules::tags;
use super::{Call, view};

/// What CreateDBSubnetGroup knows.
pub const PARAMETERS: &[&str] = &["DBSubnetGroupDescription", "DBSubnetGroupName", "SubnetIds", "Tags"];

/// The most groups of an account, and the most subnets of a group (User Guide, Quotas).
pub const MOST_GROUPS: usize = 50;
pub const MOST_SUBNETS: usize = 20;

/// Makes a group of subnets of one VPC in at least two zones (API reference, CreateDBSubnetGroup).
pub fn create(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let form = call.form;
    let name = name(form)?;
    let description = form.required("DBSubnetGroupDescription")?.to_owned();
    let ids = form.list("SubnetIds", "SubnetIdentifier")?;
    let tags = tags::read(form)?;
    let around = &call.account.surroundings;
    if around.subnet_group(&name).is_some() {
        let message = format!("The DB subnet group '{name}' already exists.");
        return Err(ApiError::new(Code::SubnetGroupAlreadyExists, message));
    }
    if around.subnet_groups.len() >= MOST_GROUPS {
        let message = format!("DB subnet group quota exceeded: {MOST_GROUPS}");
        return Err(ApiError::new(Code::SubnetGroupQuotaExceeded, message));
    }
    let (vpc, subnets) = subnets(call, &ids)?;
    let default_security_group = around.network.vpcs.get(&vpc).cloned().unwrap_or_default();
    let group = SubnetGroup { name, vpc, description, default_security_group, subnets, tags };
    view::subnet_group(xml, &call.account.surroundings, &group);
    call.account.surroundings.subnet_groups.push(group);
    Ok(())
}

fn name(form: &Form) -> Result<String, ApiError> {
    let name = form.required("DBSubnetGroupName")?;
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ' ');
    if name.len() > 255 || !name.chars().all(legal) || name.eq_ignore_ascii_case("default") {
        return Err(ApiError::value(
            "The parameter DBSubnetGroupName must be at most 255 letters, digits, periods, underscores, spaces and \
             hyphens, and must not be \"default\".",
        ));
    }
    Ok(name.to_ascii_lowercase())
}

fn subnets(call: &Call<'_>, ids: &[&str]) -> Result<(String, Vec<Subnet>), ApiError> {
    if ids.len() > MOST_SUBNETS {
        let message = format!("A DB subnet group can have at most {MOST_SUBNETS} subnets");
        return Err(ApiError::new(Code::SubnetQuotaExceeded, message));
    }
    let known = &call.account.surroundings.network.subnets;
    let strange: Vec<&str> = ids.iter().copied().filter(|id| !known.contains_key(*id)).collect();
    if !strange.is_empty() {
        let message = format!("Some input subnets in :[{}] are invalid.", strange.join(", "));
        return Err(ApiError::new(Code::InvalidSubnet, message));
    }
    let found: Vec<_> = ids.iter().filter_map(|id| known.get(*id).map(|subnet| (*id, subnet))).collect();
    let vpcs: BTreeSet<&str> = found.iter().map(|(_, subnet)| subnet.vpc.as_str()).collect();
    if vpcs.len() > 1 {
        return Err(ApiError::new(Code::InvalidSubnet, "The subnets of a DB subnet group must be in one VPC"));
    }
    let zones: BTreeSet<&str> = found.iter().map(|(_, subnet)| subnet.zone.as_str()).collect();
    if zones.len() < 2 {
        let covered: Vec<&str> = zones.into_iter().collect();
        return Err(ApiError::new(
            Code::NotEnoughZones,
            format!(
                "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: {}. \
                 Add subnets to cover at least 2 AZs.",
                covered.join(", ")
            ),
        ));
    }
    let subnets = found.iter().map(|(id, own)| Subnet { id: (*id).to_owned(), zone: own.zone.clone() }).collect();
    Ok((vpcs.into_iter().next().unwrap_or_default().to_owned(), subnets))
}

/// Lists subnet groups (API reference, DescribeDBSubnetGroups).
pub fn describe(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let page = Page::read(call.form, "subnet-groups")?;
    Filter::read(call.form, &[])?;
    let around = &call.account.surroundings;
    let one = call.form.text("DBSubnetGroupName").map(|name| find(call, name)).transpose()?;
    let mut rows: Vec<&SubnetGroup> = match one {
        Some(one) => vec![one],
        None => around.subnet_groups.iter().collect(),
    };
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    rows.retain(|group| page.after().is_none_or(|last| group.name.as_str() > last));
    page.write(
        xml,
        "subnet-groups",
        "DBSubnetGroups",
        rows.into_iter(),
        |group| group.name.clone(),
        |xml, group| view::subnet_group(xml, around, group),
    );
    Ok(())
}

fn find<'a>(call: &'a Call<'_>, name: &str) -> Result<&'a SubnetGroup, ApiError> {
    let around = &call.account.surroundings;
    let key = around.name_in_arn("subgrp", name).unwrap_or_else(|| name.to_ascii_lowercase());
    let missing = || ApiError::new(Code::SubnetGroupNotFound, format!("DB subnet group '{name}' does not exist."));
    around.subnet_group(&key).ok_or_else(missing)
}

/// Deletes a group that no cluster is in (API reference, DeleteDBSubnetGroup).
pub fn delete(call: &mut Call<'_>, _: &mut Xml) -> Result<(), ApiError> {
    let name = find(call, call.form.required("DBSubnetGroupName")?)?.name.clone();
    if name == "default" {
        let message = "The default DB subnet group cannot be deleted.";
        return Err(ApiError::new(Code::InvalidSubnetGroupState, message));
    }
    if let Some(cluster) = call.account.clusters(None).find(|cluster| cluster.settings.subnet_group == name) {
        return Err(ApiError::new(
            Code::InvalidSubnetGroupState,
            format!(
                "Cannot delete the subnet group '{name}' because at least one database instance: {} is still using it.",
                cluster.members.first().unwrap_or(&cluster.id)
            ),
        ));
    }
    call.account.surroundings.subnet_groups.retain(|group| group.name != name);
    Ok(())
}
