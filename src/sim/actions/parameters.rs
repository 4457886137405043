//! Parameter groups: create, describe, modify, reset, delete.

use super::super::account::parameters::{GroupKind, ParameterGroup};
use super::super::protocol::{ApiError, Code, Filter, Form, Page, Xml};
use super::super::rules::parameters::{self, FAMILIES, Parameter};
use super::super::rules::{identifier, tags};
use super::Call;

/// What the two create calls know.
pub const OF_A_NEW_GROUP: &[&str] =
    &["DBClusterParameterGroupName", "DBParameterGroupFamily", "DBParameterGroupName", "Description", "Tags"];

/// The most groups that an account makes (User Guide, Quotas).
pub const MOST_GROUPS: usize = 50;

/// The most parameters of one request (API reference, ModifyDBClusterParameterGroup).
const MOST_PARAMETERS: usize = 20;

/// The longest name of a group.
const LONGEST: usize = 255;

impl GroupKind {
    const fn parameter(self) -> &'static str {
        match self {
            Self::Cluster => "DBClusterParameterGroupName",
            Self::Instance => "DBParameterGroupName",
        }
    }

    const fn element(self) -> &'static str {
        match self {
            Self::Cluster => "DBClusterParameterGroup",
            Self::Instance => "DBParameterGroup",
        }
    }

    const fn arn(self) -> &'static str {
        match self {
            Self::Cluster => "cluster-pg",
            Self::Instance => "pg",
        }
    }
}

/// CreateDBClusterParameterGroup.
pub fn create_for_clusters(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    create(call, xml, GroupKind::Cluster)
}

/// CreateDBParameterGroup.
pub fn create_for_instances(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    create(call, xml, GroupKind::Instance)
}

fn create(call: &mut Call<'_>, xml: &mut Xml, kind: GroupKind) -> Result<(), ApiError> {
    let form = call.form;
    let name = identifier::stored(kind.parameter(), form.required(kind.parameter())?, LONGEST)?;
    let family = form.required("DBParameterGroupFamily")?;
    if !FAMILIES.contains(&family) {
        return Err(ApiError::value(format!("ParameterGroupFamily {family} is not a valid parameter group family")));
    }
    let group = ParameterGroup::new(&name, family, form.required("Description")?, tags::read(form)?);
    let around = &mut call.account.surroundings;
    if around.parameter_group(kind, &name).is_some() {
        let message = format!("Parameter group {name} already exists");
        return Err(ApiError::new(Code::ParameterGroupAlreadyExists, message));
    }
    if around.own_group_count(kind) >= MOST_GROUPS {
        let message = format!("Parameter group quota exceeded: {MOST_GROUPS}");
        return Err(ApiError::new(Code::ParameterGroupQuotaExceeded, message));
    }
    write(xml, call, kind, &group);
    call.account.surroundings.own_groups_mut(kind).push(group);
    Ok(())
}

fn write(xml: &mut Xml, call: &Call<'_>, kind: GroupKind, group: &ParameterGroup) {
    xml.element(kind.element(), |xml| {
        xml.text(kind.parameter(), &group.name);
        xml.text("DBParameterGroupFamily", &group.family);
        xml.text("Description", &group.description);
        let arn = call.account.surroundings.arn(kind.arn(), &group.name);
        xml.text(&format!("{}Arn", kind.element()), &arn);
    });
}

/// DescribeDBClusterParameterGroups.
pub fn describe_of_clusters(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    describe(call, xml, GroupKind::Cluster)
}

/// DescribeDBParameterGroups.
pub fn describe_of_instances(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    describe(call, xml, GroupKind::Instance)
}

fn describe(call: &mut Call<'_>, xml: &mut Xml, kind: GroupKind) -> Result<(), ApiError> {
    let page = Page::read(call.form, kind.arn())?;
    Filter::read(call.form, &[])?;
    let one = call.form.text(kind.parameter()).map(|name| find(call, kind, name)).transpose()?;
    let all = call.account.surroundings.parameter_groups(kind);
    let behind = |group: &&ParameterGroup| page.after().is_none_or(|last| group.name.as_str() > last);
    let rows: Vec<&ParameterGroup> = match &one {
        Some(one) => vec![one],
        None => all.values().filter(behind).collect(),
    };
    let list = format!("{}s", kind.element());
    page.write(
        xml,
        kind.arn(),
        &list,
        rows.into_iter(),
        |group| group.name.clone(),
        |xml, group| {
            write(xml, call, kind, group);
        },
    );
    Ok(())
}

fn find(call: &Call<'_>, kind: GroupKind, name: &str) -> Result<ParameterGroup, ApiError> {
    let name = call.account.surroundings.name_in_arn(kind.arn(), name).unwrap_or_else(|| name.to_owned());
    call.account.surroundings.parameter_group(kind, &name).ok_or_else(|| not_found(kind, &name))
}

fn not_found(kind: GroupKind, name: &str) -> ApiError {
    ApiError::new(Code::ParameterGroupNotFound, format!("{} not found: {name}", kind.element()))
}

/// Lists the parameters of a group, changed or not (API reference, DescribeDBClusterParameters).
pub fn list(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let page = Page::read(call.form, "parameters")?;
    let filters = Filter::read(call.form, &["parameter-name"])?;
    let group = find(call, GroupKind::Cluster, call.form.required("DBClusterParameterGroupName")?)?;
    let source = match call.form.text("Source") {
        None | Some("") => None,
        Some(known @ ("user" | "engine-default" | "system" | "customer")) => Some(known),
        Some(other) => return Err(ApiError::value(format!("Invalid source: {other}"))),
    };
    let rows = parameters::of_family(&group.family).iter().filter(|parameter| {
        page.after().is_none_or(|last| parameter.name > last)
            && filters.iter().all(|filter| filter.has(parameter.name))
            && source.is_none_or(|source| source == source_of(&group, parameter))
    });
    page.write(
        xml,
        "parameters",
        "Parameters",
        rows,
        |parameter| parameter.name.to_owned(),
        |xml, parameter| write_parameter(xml, &group, parameter),
    );
    Ok(())
}

fn source_of(group: &ParameterGroup, parameter: &Parameter) -> &'static str {
    if group.changed.contains_key(parameter.name) { "user" } else { "engine-default" }
}

fn write_parameter(xml: &mut Xml, group: &ParameterGroup, parameter: &Parameter) {
    xml.element("Parameter", |xml| {
        xml.text("ParameterName", parameter.name);
        xml.optional("ParameterValue", group.value(parameter));
        xml.text("Description", parameter.description);
        xml.text("Source", source_of(group, parameter));
        xml.text("ApplyType", if parameter.is_static { "static" } else { "dynamic" });
        xml.text("DataType", parameter.data_type);
        xml.optional("AllowedValues", parameter.allowed);
        xml.value("IsModifiable", parameter.modifiable);
        xml.text("ApplyMethod", if parameter.is_static { "pending-reboot" } else { "immediate" });
        xml.texts("SupportedEngineModes", "member", ["provisioned"]);
    });
}

/// What a request says about one parameter.
struct Change<'a> {
    parameter: &'static Parameter,
    value: Option<&'a str>,
    apply: Option<&'a str>,
}

fn changes<'a>(form: &'a Form, family: &str) -> Result<Vec<Change<'a>>, ApiError> {
    let members = form.members("Parameters", "Parameter")?;
    if members.len() > MOST_PARAMETERS {
        return Err(ApiError::value(format!("At most {MOST_PARAMETERS} parameters can be modified in one request")));
    }
    let read = |fields: Vec<(&'a str, &'a str)>| {
        let field = |name: &str| fields.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
        let name = field("ParameterName").ok_or_else(|| ApiError::value("A parameter needs a ParameterName"))?;
        let parameter = parameters::find(family, name)?;
        Ok(Change { parameter, value: field("ParameterValue"), apply: field("ApplyMethod") })
    };
    members.into_values().map(read).collect()
}

/// A group that somebody made; those of the families can't be changed.
fn own<'a>(call: &'a mut Call<'_>) -> Result<&'a mut ParameterGroup, ApiError> {
    let group = find(call, GroupKind::Cluster, call.form.required("DBClusterParameterGroupName")?)?;
    refuse_default(&group)?;
    let groups = call.account.surroundings.own_groups_mut(GroupKind::Cluster);
    groups.iter_mut().find(|own| own.name == group.name).ok_or_else(|| not_found(GroupKind::Cluster, &group.name))
}

fn refuse_default(group: &ParameterGroup) -> Result<(), ApiError> {
    if !group.is_default() {
        return Ok(());
    }
    let message = format!("The parameter group {} is a default group and cannot be modified or deleted.", group.name);
    Err(ApiError::new(Code::InvalidParameterGroupState, message))
}

/// Changes parameters. Dynamic ones take effect at once, static ones when the writer restarts
/// (API reference, ModifyDBClusterParameterGroup).
pub fn modify(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let form = call.form;
    let group = own(call)?;
    let changes = changes(form, &group.family)?;
    if changes.is_empty() {
        return Err(ApiError::value("The parameter Parameters must be provided and must not be blank."));
    }
    for change in &changes {
        let value = change.value.ok_or_else(|| ApiError::value("A parameter needs a ParameterValue"))?;
        let apply = change.apply.ok_or_else(|| ApiError::value("A parameter needs an ApplyMethod"))?;
        change.parameter.check(value, apply)?;
    }
    for change in changes {
        group.changed.insert(change.parameter.name.to_owned(), change.value.unwrap_or_default().to_owned());
    }
    xml.text("DBClusterParameterGroupName", &group.name);
    Ok(())
}

/// Gives parameters, or all of them, back to the engine (API reference, ResetDBClusterParameterGroup).
pub fn reset(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let form = call.form;
    let all = form.flag("ResetAllParameters")?;
    let group = own(call)?;
    let changes = changes(form, &group.family)?;
    match (all, changes.is_empty()) {
        (true, true) => group.changed.clear(),
        (false, false) => group.changed.retain(|name, _| changes.iter().all(|change| change.parameter.name != name)),
        _ => {
            return Err(ApiError::combination("Either ResetAllParameters or a list of Parameters must be specified"));
        }
    }
    xml.text("DBClusterParameterGroupName", &group.name);
    Ok(())
}

/// DeleteDBClusterParameterGroup.
pub fn delete_of_clusters(call: &mut Call<'_>, _: &mut Xml) -> Result<(), ApiError> {
    delete(call, GroupKind::Cluster)
}

/// DeleteDBParameterGroup.
pub fn delete_of_instances(call: &mut Call<'_>, _: &mut Xml) -> Result<(), ApiError> {
    delete(call, GroupKind::Instance)
}

/// A group that a cluster or an instance uses can't be deleted (API reference, DeleteDBClusterParameterGroup).
fn delete(call: &mut Call<'_>, kind: GroupKind) -> Result<(), ApiError> {
    let group = find(call, kind, call.form.required(kind.parameter())?)?;
    refuse_default(&group)?;
    let in_use = match kind {
        GroupKind::Cluster => call.account.clusters(None).any(|own| own.settings.parameter_group == group.name),
        GroupKind::Instance => call.account.instances(None).any(|own| own.parameter_group == group.name),
    };
    if in_use {
        return Err(ApiError::new(
            Code::InvalidParameterGroupState,
            format!(
                "One or more database instances are still members of this parameter group {}, so the group cannot be \
                 deleted",
                group.name
            ),
        ));
    }
    call.account.surroundings.own_groups_mut(kind).retain(|own| own.name != group.name);
    Ok(())
}
