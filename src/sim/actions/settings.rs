//! The settings that CreateDBCluster and RestoreDBClusterToPointInTime share, with their defaults.

use std::collections::BTreeMap;

use super::super::account::cluster::{Capacity, Settings};
use super::super::account::network::{SubnetGroup, Surroundings};
use super::super::account::parameters::{GroupKind, ParameterGroup};
use super::super::protocol::{ApiError, Code, Form};
use super::super::rules::engine::Engine;
use super::super::rules::{roles, support, tags};

/// The parameters that are read here.
pub const PARAMETERS: &[&str] = &[
    "AssociatedRoles",
    "BackupRetentionPeriod",
    "CopyTagsToSnapshot",
    "DBClusterIdentifier",
    "DBClusterParameterGroupName",
    "DBSubnetGroupName",
    "DeletionProtection",
    "EnableCloudwatchLogsExports",
    "EnableIAMDatabaseAuthentication",
    "EngineLifecycleSupport",
    "KmsKeyId",
    "NetworkType",
    "OptionGroupName",
    "Port",
    "PreferredBackupWindow",
    "ServerlessV2ScalingConfiguration",
    "StorageType",
    "TagSpecifications",
    "Tags",
    "VpcSecurityGroupIds",
];

/// What only the calls that restore know.
pub const OF_RESTORES: &[&str] = &["EnableInternetAccessGateway", "EnableVPCNetworking"];

/// In how many zones the storage of a cluster is (User Guide, Aurora storage).
const ZONES: usize = 3;

/// What a new cluster takes over from where it comes from; everything else falls to its default.
pub struct Inherited<'a> {
    pub engine: Engine,
    pub version: &'a str,
    pub kms_key: Option<&'a str>,
    pub backup_retention_days: i64,
    pub backup_window: &'a str,
    pub maintenance_window: &'a str,
    /// The zones of a storage that is shared.
    pub zones: Option<&'a [String]>,
}

/// The settings of a new cluster: what the request says, else the defaults, never the source's port, groups, log
/// exports, IAM authentication or protection (API reference, RestoreDBClusterToPointInTime).
pub fn of_new_cluster(form: &Form, around: &Surroundings, from: &Inherited<'_>) -> Result<Settings, ApiError> {
    check_option_group(form, from)?;
    let subnet_group = form.text("DBSubnetGroupName").unwrap_or("default").to_ascii_lowercase();
    let group = around.subnet_group(&subnet_group).ok_or_else(|| {
        ApiError::new(Code::SubnetGroupNotFound, format!("DB subnet group '{subnet_group}' does not exist."))
    })?;
    let mut security_groups = security_groups(form)?;
    if security_groups.is_empty() {
        security_groups.push(group.default_security_group.clone());
    }
    let kms_key = match form.text("KmsKeyId") {
        Some(key) => Some(key_arn(around, key)?),
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
        io_optimized: io_optimized(form)?,
        network_type: network_type(form)?.to_owned(),
        backup_retention_days: retention(form)?.unwrap_or(from.backup_retention_days),
        backup_window: form.text("PreferredBackupWindow").unwrap_or(from.backup_window).to_owned(),
        maintenance_window: from.maintenance_window.to_owned(),
        serverless: serverless(form)?,
        zones: from.zones.map_or_else(|| zones(form, around, group), |own| Ok(own.to_vec()))?,
        roles: roles::read(form, from.engine)?,
        backup_tags: tags::read_of_backup(form)?,
        unextended: support::is_declined(form)?,
        internet: internet(form, from.engine)?,
        in_effect: BTreeMap::new(),
    })
}

/// The three zones of a new storage: those of `AvailabilityZones`, then those that its subnets reach, then others of the
/// Region (API reference, CreateDBCluster, AvailabilityZones; which others is an assumption).
fn zones(form: &Form, around: &Surroundings, group: &SubnetGroup) -> Result<Vec<String>, ApiError> {
    let (sent, all) = (form.list("AvailabilityZones", "AvailabilityZone")?, around.all_zones());
    if let Some(strange) = sent.iter().find(|zone| !all.iter().any(|known| known == *zone)) {
        return Err(ApiError::value(format!(
            "Invalid availability zone: {strange}. Must be one of {}",
            all.join(", ")
        )));
    }
    if sent.len() > ZONES {
        return Err(ApiError::value(format!("An Aurora DB cluster is in {ZONES} Availability Zones; more were sent")));
    }
    let mut zones: Vec<String> = Vec::new();
    let reached = group.subnets.iter().map(|subnet| subnet.zone.as_str());
    for zone in sent.into_iter().chain(reached).chain(all.iter().map(String::as_str)) {
        if zones.len() < ZONES && !zones.iter().any(|known| known == zone) {
            zones.push(zone.to_owned());
        }
    }
    zones.sort();
    Ok(zones)
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

/// `StorageType`: what other kinds of databases have is known and not supported; that the rest is an invalid value is an
/// assumption (API reference, StorageTypeNotSupportedFault).
fn io_optimized(form: &Form) -> Result<bool, ApiError> {
    match form.text("StorageType") {
        None | Some("aurora") => Ok(false),
        Some("aurora-iopt1") => Ok(true),
        Some(other @ ("gp2" | "gp3" | "io1" | "io2" | "standard")) => {
            let message = format!("The storage type {other} can't be associated with an Aurora DB cluster.");
            Err(ApiError::new(Code::StorageTypeNotSupported, message))
        }
        Some(other) => {
            Err(ApiError::value(format!("Invalid value {other} for StorageType. Must be one of aurora, aurora-iopt1")))
        }
    }
}

/// `NetworkType` (API reference, NetworkTypeNotSupported).
fn network_type(form: &Form) -> Result<&str, ApiError> {
    let sent = form.text("NetworkType").unwrap_or("IPV4");
    if ["IPV4", "DUAL"].contains(&sent) {
        return Ok(sent);
    }
    let message = format!("The network type {sent} is invalid. Valid network type values are IPV4 and DUAL.");
    Err(ApiError::new(Code::NetworkTypeNotSupported, message))
}

/// Aurora has no option groups but the default ones, one for each major version
/// (API reference, RestoreDBClusterToPointInTime, OptionGroupName).
fn check_option_group(form: &Form, from: &Inherited<'_>) -> Result<(), ApiError> {
    let (engine, family) = (from.engine.name(), from.engine.family(from.version));
    let only = format!("default:{engine}-{}", family.trim_start_matches(engine).replace('.', "-"));
    match form.text("OptionGroupName") {
        Some(name) if name != only => {
            Err(ApiError::new(Code::OptionGroupNotFound, format!("Specified OptionGroupName: {name} not found.")))
        }
        _ => Ok(()),
    }
}

/// Whether a restored cluster is reached over an internet access gateway instead of a VPC: both switches are sent
/// together, the VPC's off, only for Aurora PostgreSQL and with IAM authentication
/// (API reference, RestoreDBClusterToPointInTime, EnableVPCNetworking and EnableInternetAccessGateway).
fn internet(form: &Form, engine: Engine) -> Result<bool, ApiError> {
    let why = match (form.boolean("EnableVPCNetworking")?, form.boolean("EnableInternetAccessGateway")?) {
        (None, None) => return Ok(false),
        (Some(_), None) | (None, Some(_)) => "must be specified together",
        _ if engine != Engine::AuroraPostgresql => "are only valid for Aurora PostgreSQL",
        (Some(vpc), Some(gateway)) if vpc == gateway => "can't be both on or both off",
        _ if !form.flag("EnableIAMDatabaseAuthentication")? => "require EnableIAMDatabaseAuthentication",
        (_, gateway) => return Ok(gateway == Some(true)),
    };
    Err(ApiError::combination(format!("EnableVPCNetworking and EnableInternetAccessGateway {why}.")))
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

/// The ARN of a key. One of another Region can't be used (User Guide, Encrypting Aurora resources).
fn key_arn(around: &Surroundings, key: &str) -> Result<String, ApiError> {
    if key.starts_with("arn:") {
        if key.starts_with(&format!("arn:aws:kms:{}:", around.region)) {
            return Ok(key.to_owned());
        }
        let message = format!(
            "The specified KMS key [{key}] does not exist, is not enabled or you do not have permissions to access it."
        );
        return Err(ApiError::new(Code::KeyNotAccessible, message));
    }
    let name = if key.starts_with("alias/") { key.to_owned() } else { format!("key/{key}") };
    Ok(format!("arn:aws:kms:{}:{}:{name}", around.region, around.account))
}
