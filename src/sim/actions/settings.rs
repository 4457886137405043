//! The settings that CreateDBCluster and RestoreDBClusterToPointInTime share, with their defaults.

use std::collections::BTreeMap;

use super::super::account::cluster::{Capacity, Settings};
use super::super::account::network::Surroundings;
use super::super::account::parameters::{GroupKind, ParameterGroup};
use super::super::protocol::{ApiError, Code, Form};
use super::super::rules::engine::Engine;

/// The parameters that are read here.
pub const PARAMETERS: &[&str] = &[
    "BackupRetentionPeriod",
    "CopyTagsToSnapshot",
    "DBClusterIdentifier",
    "DBClusterParameterGroupName",
    "DBSubnetGroupName",
    "DeletionProtection",
    "EnableCloudwatchLogsExports",
    "EnableIAMDatabaseAuthentication",
    "KmsKeyId",
    "NetworkType",
    "OptionGroupName",
    "Port",
    "PreferredBackupWindow",
    "ServerlessV2ScalingConfiguration",
    "StorageType",
    "Tags",
    "VpcSecurityGroupIds",
];

/// What a new cluster takes over from where it comes from; everything else falls to its default.
pub struct Inherited<'a> {
    pub engine: Engine,
    pub version: &'a str,
    pub kms_key: Option<&'a str>,
    pub backup_retention_days: i64,
    pub backup_window: &'a str,
    pub maintenance_window: &'a str,
}

/// The settings of a new cluster: what the request says, else the defaults, never the source's port, groups, log
/// exports, IAM authentication or protection (API reference, RestoreDBClusterToPointInTime).
pub fn of_new_cluster(form: &Form, around: &Surroundings, from: &Inherited<'_>) -> Result<Settings, ApiError> {
    let subnet_group = form.text("DBSubnetGroupName").unwrap_or("default").to_ascii_lowercase();
    let group = around.subnet_group(&subnet_group).ok_or_else(|| {
        ApiError::new(Code::SubnetGroupNotFound, format!("DB subnet group '{subnet_group}' does not exist."))
    })?;
    let mut security_groups = security_groups(form)?;
    if security_groups.is_empty() {
        security_groups.push(group.default_security_group.clone());
    }
    let kms_key = match form.text("KmsKeyId") {
        Some(key) => Some(key_arn(around, key)),
        None => from.kms_key.map(str::to_owned),
    };
    Ok(Settings {
        port: port(form)?.unwrap_or(from.engine.default_port()),
        parameter_group: parameter_group(form, around, from.engine, from.version)?
            .unwrap_or_else(|| from.engine.default_parameter_group(from.version)),
        subnet_group,
        security_groups,
        kms_key,
        iam_authentication: form.flag("EnableIAMDatabaseAuthentication")?,
        log_exports: log_exports(form, from.engine)?,
        deletion_protection: form.flag("DeletionProtection")?,
        copy_tags_to_snapshot: form.flag("CopyTagsToSnapshot")?,
        io_optimized: one_of(form, "StorageType", &["aurora", "aurora-iopt1"])? == Some("aurora-iopt1"),
        network_type: one_of(form, "NetworkType", &["IPV4", "DUAL"])?.unwrap_or("IPV4").to_owned(),
        backup_retention_days: retention(form)?.unwrap_or(from.backup_retention_days),
        backup_window: form.text("PreferredBackupWindow").unwrap_or(from.backup_window).to_owned(),
        maintenance_window: from.maintenance_window.to_owned(),
        serverless: serverless(form)?,
        in_effect: BTreeMap::new(),
    })
}

/// `Port`, 1150–65535.
pub fn port(form: &Form) -> Result<Option<u16>, ApiError> {
    Ok(form.integer("Port", 1150..=65535)?.and_then(|port| u16::try_from(port).ok()))
}

/// `BackupRetentionPeriod`, 1–35 days.
pub fn retention(form: &Form) -> Result<Option<i64>, ApiError> {
    form.integer("BackupRetentionPeriod", 1..=35)
}

/// `DBClusterParameterGroupName`, which must exist.
pub fn parameter_group(
    form: &Form,
    around: &Surroundings,
    engine: Engine,
    version: &str,
) -> Result<Option<String>, ApiError> {
    let Some(name) = form.text("DBClusterParameterGroupName") else {
        return Ok(None);
    };
    let group = around.parameter_group(GroupKind::Cluster, name).ok_or_else(|| {
        ApiError::new(Code::ClusterParameterGroupNotFound, format!("DBClusterParameterGroup not found: {name}"))
    })?;
    require_family(&group, engine, version)?;
    Ok(Some(group.name))
}

/// A group of another engine or major version fits nowhere else.
pub fn require_family(group: &ParameterGroup, engine: Engine, version: &str) -> Result<(), ApiError> {
    let wanted = engine.family(version);
    if group.family == wanted {
        return Ok(());
    }
    Err(ApiError::combination(format!(
        "The Parameter Group {} with DBParameterGroupFamily {} cannot be used for this instance. Please use a Parameter \
         Group with DBParameterGroupFamily {wanted}",
        group.name, group.family
    )))
}

/// `VpcSecurityGroupIds`, empty when none were sent.
pub fn security_groups(form: &Form) -> Result<Vec<String>, ApiError> {
    let groups = form.list("VpcSecurityGroupIds", "VpcSecurityGroupId")?;
    let legal = |id: &str| {
        id.strip_prefix("sg-")
            .is_some_and(|rest| (8..=17).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    match groups.iter().find(|id| !legal(id)) {
        Some(id) => Err(ApiError::value(format!("Invalid security group , groupId= {id}, groupName=."))),
        None => Ok(groups.into_iter().map(str::to_owned).collect()),
    }
}

/// A text that must be one of a few.
fn one_of<'a>(form: &'a Form, name: &str, allowed: &[&str]) -> Result<Option<&'a str>, ApiError> {
    match form.text(name) {
        Some(text) if !allowed.contains(&text) => {
            Err(ApiError::value(format!("Invalid value {text} for {name}. Must be one of {}", allowed.join(", "))))
        }
        text => Ok(text),
    }
}

fn log_exports(form: &Form, engine: Engine) -> Result<Vec<String>, ApiError> {
    let logs = form.list("EnableCloudwatchLogsExports", "member")?;
    match logs.iter().find(|log| !engine.log_types().contains(log)) {
        Some(log) => Err(ApiError::combination(format!(
            "You cannot use the log type '{log}' with engine {}. Supported log types: {}",
            engine.name(),
            engine.log_types().join(", ")
        ))),
        None => Ok(logs.into_iter().map(str::to_owned).collect()),
    }
}

/// `ServerlessV2ScalingConfiguration`: half steps, 0 or at least 0.5, at most 256
/// (API reference, ServerlessV2ScalingConfiguration).
fn serverless(form: &Form) -> Result<Option<Capacity>, ApiError> {
    let field = |name: &str| format!("ServerlessV2ScalingConfiguration.{name}");
    form.integer(&field("SecondsUntilAutoPause"), 300..=86400)?;
    let (least, most) = (form.decimal(&field("MinCapacity"))?, form.decimal(&field("MaxCapacity"))?);
    match (least, most) {
        (None, None) => Ok(None),
        (Some(least), Some(most)) if legal_capacity(least) && legal_capacity(most) && most >= least.max(1.0) => {
            Ok(Some(Capacity { least, most }))
        }
        _ => Err(ApiError::value(
            "Invalid Serverless v2 capacity: set MinCapacity and MaxCapacity in half steps, from 0 or 0.5 up to 256, and \
             MaxCapacity at least 1",
        )),
    }
}

fn legal_capacity(units: f64) -> bool {
    (0.0..=256.0).contains(&units) && (units * 2.0).fract() == 0.0
}

fn key_arn(around: &Surroundings, key: &str) -> String {
    if key.starts_with("arn:") {
        return key.to_owned();
    }
    let name = if key.starts_with("alias/") { key.to_owned() } else { format!("key/{key}") };
    format!("arn:aws:kms:{}:{}:{name}", around.region, around.account)
}
