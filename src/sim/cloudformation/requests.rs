//! Resources of RDS as requests of its API, the way CloudFormation's own handlers make them.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::account::Account;
use super::super::actions::Call;
use super::super::actions::api::Api;
use super::super::actions::{table, view};
use super::super::faults::{Faults, Strike};
use super::super::protocol::{ApiError, Code, Form, Xml};
use super::super::rules::tags::Tags;
use super::functions::text;
use super::resources::{Kind, Progress};
use super::template::Deletion;

/// Who asks: one resource of one stack, at one moment.
pub struct Asking<'a> {
    pub account: &'a mut Account,
    /// What goes wrong with its calls.
    pub faults: &'a mut Faults,
    pub now: Timestamp,
    pub stack: &'a str,
    /// The stack's own tags, which its resources get, too.
    pub tags: &'a Tags,
    pub logical: &'a str,
}

type Fields = Vec<(String, String)>;

/// Calls that make what has tags.
const TAGGED: [&str; 5] = [
    "CreateDBCluster",
    "CreateDBInstance",
    "CreateDBSubnetGroup",
    "RestoreDBClusterFromSnapshot",
    "RestoreDBClusterToPointInTime",
];

fn is_key(field: &str) -> bool {
    field.starts_with("Tags.") && field.ends_with(".Key")
}

impl Asking<'_> {
    /// Makes a call of the RDS API.
    pub fn ask(&mut self, action: &str, fields: &[(&str, &str)]) -> Result<(), ApiError> {
        self.send(action, fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// CloudFormation waits out what is throttled or breaks off; what is denied stays so.
    fn send(&mut self, action: &str, mut fields: Fields) -> Result<(), ApiError> {
        if TAGGED.contains(&action) {
            self.add_tags(&mut fields);
        }
        fields.push(("Action".to_owned(), action.to_owned()));
        fields.push(("Version".to_owned(), Api::Rds.version().to_owned()));
        let form = Form::of(fields)?;
        let action = table::find(&form)?;
        let verdict = self.faults.judge(action.name);
        if let Some(denied) = verdict.strike.filter(|strike| *strike == Strike::Denied).and_then(|it| it.error(action))
        {
            return Err(denied);
        }
        let (now, twists) = (self.now, &verdict.twists);
        (action.run)(&mut Call { account: self.account, form: &form, now, twists }, &mut Xml::new())
    }

    /// The stack's tags, but for those that the resource has under the same key (User Guide, resource tags).
    fn add_tags(&self, fields: &mut Fields) {
        let own = |key: &str| fields.iter().any(|(name, value)| is_key(name) && value == key);
        let more: Vec<_> = self.tags.iter().filter(|(key, _)| !own(key)).collect();
        let count = fields.iter().filter(|(name, _)| is_key(name)).count();
        for (number, (key, value)) in more.into_iter().enumerate() {
            let of = |part: &str| format!("Tags.Tag.{}.{part}", count + number + 1);
            fields.extend([(of("Key"), key.clone()), (of("Value"), value.clone())]);
        }
    }

    /// A name for what the template gives none: stack, logical id and something of its own.
    fn invented(&mut self) -> String {
        let own = self.account.new_network_id("x");
        let part =
            |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(22).collect::<String>();
        let name = format!("{}-{}-{}", part(self.stack), part(self.logical), own.get(2..14).unwrap_or("0"));
        name.to_lowercase().replace("--", "-")
    }
}

/// A call's end for what is deleted.
pub fn outcome(answer: Result<(), ApiError>) -> Progress {
    match answer {
        Ok(()) => Progress::Done,
        Err(error) if is_missing(&error) => Progress::Done,
        Err(error) => Progress::Failed(reason(&error)),
    }
}

fn is_missing(error: &ApiError) -> bool {
    let missing =
        [Code::ClusterNotFound, Code::InstanceNotFound, Code::SubnetGroupNotFound, Code::ParameterGroupNotFound];
    missing.contains(&error.code)
}

/// As CloudFormation passes an answer of RDS on.
fn reason(error: &ApiError) -> String {
    let (code, status) = error.code.wire();
    format!("{} (Service: Rds, Status Code: {status}, Error Code: {code})", error.message)
}

/// How a property is spelled in a form.
#[derive(Clone, Copy)]
enum Spelling {
    Text,
    List(&'static str),
    Structure,
    Tags,
}

/// Properties whose parameters have the same name.
const CLUSTER: &[(&str, Spelling)] = &[
    ("BackupRetentionPeriod", Spelling::Text),
    ("CopyTagsToSnapshot", Spelling::Text),
    ("DBClusterIdentifier", Spelling::Text),
    ("DBClusterParameterGroupName", Spelling::Text),
    ("DBSubnetGroupName", Spelling::Text),
    ("DatabaseName", Spelling::Text),
    ("DeletionProtection", Spelling::Text),
    ("EnableCloudwatchLogsExports", Spelling::List("member")),
    ("EnableIAMDatabaseAuthentication", Spelling::Text),
    ("Engine", Spelling::Text),
    ("EngineMode", Spelling::Text),
    ("EngineVersion", Spelling::Text),
    ("KmsKeyId", Spelling::Text),
    ("MasterUserPassword", Spelling::Text),
    ("MasterUsername", Spelling::Text),
    ("NetworkType", Spelling::Text),
    ("Port", Spelling::Text),
    ("PreferredBackupWindow", Spelling::Text),
    ("PreferredMaintenanceWindow", Spelling::Text),
    ("RestoreToTime", Spelling::Text),
    ("RestoreType", Spelling::Text),
    ("ServerlessV2ScalingConfiguration", Spelling::Structure),
    ("SnapshotIdentifier", Spelling::Text),
    ("SourceDBClusterIdentifier", Spelling::Text),
    ("StorageEncrypted", Spelling::Text),
    ("StorageType", Spelling::Text),
    ("Tags", Spelling::Tags),
    ("UseLatestRestorableTime", Spelling::Text),
    ("VpcSecurityGroupIds", Spelling::List("VpcSecurityGroupId")),
    ("BacktrackWindow", Spelling::Text),
];

const INSTANCE: &[(&str, Spelling)] = &[
    ("AutoMinorVersionUpgrade", Spelling::Text),
    ("AvailabilityZone", Spelling::Text),
    ("DBClusterIdentifier", Spelling::Text),
    ("DBInstanceClass", Spelling::Text),
    ("DBInstanceIdentifier", Spelling::Text),
    ("DBParameterGroupName", Spelling::Text),
    ("DBSubnetGroupName", Spelling::Text),
    ("EnablePerformanceInsights", Spelling::Text),
    ("Engine", Spelling::Text),
    ("EngineVersion", Spelling::Text),
    ("MonitoringInterval", Spelling::Text),
    ("MonitoringRoleArn", Spelling::Text),
    ("PromotionTier", Spelling::Text),
    ("PubliclyAccessible", Spelling::Text),
    ("Tags", Spelling::Tags),
];

const SUBNET_GROUP: &[(&str, Spelling)] = &[
    ("DBSubnetGroupDescription", Spelling::Text),
    ("DBSubnetGroupName", Spelling::Text),
    ("SubnetIds", Spelling::List("SubnetIdentifier")),
    ("Tags", Spelling::Tags),
];

/// Properties of what RDS does not make, and of what is spelled otherwise.
const OTHERS: &[(Kind, &[&str])] = &[
    (Kind::Vpc, &["CidrBlock", "EnableDnsHostnames", "EnableDnsSupport", "InstanceTenancy", "Tags"]),
    (Kind::Subnet, &["AvailabilityZone", "CidrBlock", "MapPublicIpOnLaunch", "Tags", "VpcId"]),
    (
        Kind::SecurityGroup,
        &["GroupDescription", "GroupName", "SecurityGroupEgress", "SecurityGroupIngress", "Tags", "VpcId"],
    ),
    (Kind::ClusterParameterGroup, &["DBClusterParameterGroupName", "Description", "Family", "Parameters", "Tags"]),
];

/// Refuses a property that the type does not have, before anything is made.
pub fn check_properties(kind: Kind, properties: &Map<String, Value>) -> Result<(), String> {
    let spelled = match kind {
        Kind::Cluster => CLUSTER,
        Kind::Instance => INSTANCE,
        Kind::SubnetGroup => SUBNET_GROUP,
        _ => &[],
    };
    let others = OTHERS.iter().find(|(own, _)| *own == kind).map_or(&[][..], |(_, names)| names);
    let known = |name: &String| spelled.iter().any(|(own, _)| own == name) || others.contains(&name.as_str());
    properties.keys().find(|name| !known(name)).map_or(Ok(()), |name| {
        Err(format!(
            "Properties validation failed for resource with message: [#: extraneous key [{name}] is not permitted]"
        ))
    })
}

fn spell(table: &[(&str, Spelling)], properties: &Map<String, Value>, without: &[&str]) -> Fields {
    let mut fields = Fields::new();
    for (name, spelling) in table.iter().filter(|(name, _)| !without.contains(name)) {
        let Some(value) = properties.get(*name) else { continue };
        match (spelling, value) {
            (Spelling::Text, value) => fields.push(((*name).to_owned(), text(value))),
            (Spelling::List(member), Value::Array(rows)) => {
                let row = |(number, row)| (format!("{name}.{member}.{}", number + 1), text(row));
                fields.extend(rows.iter().enumerate().map(row));
            }
            (Spelling::List(member), one) => fields.push((format!("{name}.{member}.1"), text(one))),
            (Spelling::Tags, Value::Array(rows)) => {
                for (number, row) in rows.iter().enumerate() {
                    for part in ["Key", "Value"] {
                        let value = row.get(part).map(text).unwrap_or_default();
                        fields.push((format!("Tags.Tag.{}.{part}", number + 1), value));
                    }
                }
            }
            (Spelling::Structure, Value::Object(map)) => {
                fields.extend(map.iter().map(|(part, value)| (format!("{name}.{part}"), text(value))));
            }
            (Spelling::Tags | Spelling::Structure, _) => {}
        }
    }
    fields
}

fn named(fields: &mut Fields, parameter: &str, invented: impl FnOnce() -> String) -> String {
    if let Some((_, name)) = fields.iter().find(|(field, _)| field == parameter) {
        return name.to_lowercase();
    }
    let name = invented();
    fields.push((parameter.to_owned(), name.clone()));
    name
}

/// AWS::RDS::DBSubnetGroup.
pub fn subnet_group(asking: &mut Asking<'_>, properties: &Map<String, Value>) -> Result<String, String> {
    let mut fields = spell(SUBNET_GROUP, properties, &[]);
    let name = named(&mut fields, "DBSubnetGroupName", || asking.invented());
    asking.send("CreateDBSubnetGroup", fields).map_err(|error| reason(&error))?;
    Ok(name)
}

/// AWS::RDS::DBClusterParameterGroup.
pub fn parameter_group(asking: &mut Asking<'_>, properties: &Map<String, Value>) -> Result<String, String> {
    let property = |name: &str| properties.get(name).map(text).unwrap_or_default();
    let given = property("DBClusterParameterGroupName").to_lowercase();
    let name = if given.is_empty() { asking.invented() } else { given };
    let group = [
        ("DBClusterParameterGroupName", name.as_str()),
        ("DBParameterGroupFamily", &property("Family")),
        ("Description", &property("Description")),
    ];
    asking.ask("CreateDBClusterParameterGroup", &group).map_err(|error| reason(&error))?;
    let parameters = properties.get("Parameters").and_then(Value::as_object).cloned().unwrap_or_default();
    for (parameter, value) in &parameters {
        let of = |part: &str| format!("Parameters.Parameter.1.{part}");
        let fields = vec![
            ("DBClusterParameterGroupName".to_owned(), name.clone()),
            (of("ParameterName"), parameter.clone()),
            (of("ParameterValue"), text(value)),
            (of("ApplyMethod"), "pending-reboot".to_owned()),
        ];
        asking.send("ModifyDBClusterParameterGroup", fields).map_err(|error| reason(&error))?;
    }
    Ok(name)
}

/// What the handler of a restored cluster leaves to a ModifyDBCluster afterwards (the resource provider's source).
const AFTER_RESTORE: &[&str] = &[
    "BackupRetentionPeriod",
    "BacktrackWindow",
    "DBClusterParameterGroupName",
    "DeletionProtection",
    "MasterUserPassword",
];

/// AWS::RDS::DBCluster: made empty, from a snapshot or from another cluster. Without Port it gets 3306, whatever its
/// engine (the resource type's schema).
pub fn cluster(asking: &mut Asking<'_>, properties: &Map<String, Value>) -> Result<String, String> {
    let (action, without): (&str, &[&str]) = if properties.contains_key("SourceDBClusterIdentifier") {
        (
            "RestoreDBClusterToPointInTime",
            &[
                "BackupRetentionPeriod",
                "BacktrackWindow",
                "DBClusterParameterGroupName",
                "DatabaseName",
                "DeletionProtection",
                "EnableIAMDatabaseAuthentication",
                "Engine",
                "EngineVersion",
                "MasterUserPassword",
                "MasterUsername",
                "PreferredMaintenanceWindow",
                "StorageEncrypted",
            ],
        )
    } else if properties.contains_key("SnapshotIdentifier") {
        (
            "RestoreDBClusterFromSnapshot",
            &["MasterUserPassword", "MasterUsername", "PreferredMaintenanceWindow", "StorageEncrypted"],
        )
    } else {
        ("CreateDBCluster", &[])
    };
    let mut fields = spell(CLUSTER, properties, without);
    let name = named(&mut fields, "DBClusterIdentifier", || asking.invented());
    if !properties.contains_key("Port") {
        fields.push(("Port".to_owned(), "3306".to_owned()));
    }
    asking.send(action, fields).map_err(|error| reason(&error))?;
    Ok(name)
}

/// The change that follows a restore once the cluster is available, when there is one. The backup retention of a stack is
/// one day unless it says otherwise (the resource type's schema).
pub fn after_restore(asking: &mut Asking<'_>, id: &str, properties: &Map<String, Value>) -> Result<bool, String> {
    if !properties.contains_key("SourceDBClusterIdentifier") {
        return Ok(false);
    }
    let left: Vec<&str> = CLUSTER.iter().map(|(name, _)| *name).filter(|name| !AFTER_RESTORE.contains(name)).collect();
    let mut fields = spell(CLUSTER, properties, &left);
    if !properties.contains_key("BackupRetentionPeriod") {
        fields.push(("BackupRetentionPeriod".to_owned(), "1".to_owned()));
    }
    fields.push(("DBClusterIdentifier".to_owned(), id.to_owned()));
    asking.send("ModifyDBCluster", fields).map_err(|error| reason(&error))?;
    Ok(true)
}

/// AWS::RDS::DBInstance, of a cluster.
pub fn instance(asking: &mut Asking<'_>, properties: &Map<String, Value>) -> Result<String, String> {
    let mut fields = spell(INSTANCE, properties, &[]);
    let name = named(&mut fields, "DBInstanceIdentifier", || asking.invented());
    asking.send("CreateDBInstance", fields).map_err(|error| reason(&error))?;
    Ok(name)
}

/// Deletes a cluster, leaving a snapshot where its policy says so.
pub fn delete_cluster(asking: &mut Asking<'_>, id: &str, deletion: Deletion) -> Progress {
    let snapshot = asking.invented();
    let end = match deletion {
        Deletion::Snapshot => ("FinalDBSnapshotIdentifier", snapshot.as_str()),
        Deletion::Delete | Deletion::Retain => ("SkipFinalSnapshot", "true"),
    };
    outcome(asking.ask("DeleteDBCluster", &[("DBClusterIdentifier", id), end]))
}

/// An attribute of a cluster or an instance.
pub fn attribute(account: &Account, kind: Kind, id: &str, name: &str) -> Option<String> {
    if kind == Kind::Instance {
        let instance = account.instance(id).ok()?;
        let cluster = account.cluster(&instance.cluster).ok()?;
        let (address, port) = view::instance_address(account, instance, cluster);
        return match name {
            "Endpoint.Address" => Some(address),
            "Endpoint.Port" => Some(port.to_string()),
            "DbiResourceId" => Some(instance.resource_id.clone()),
            "DBInstanceArn" => Some(account.surroundings.arn("db", id)),
            _ => None,
        };
    }
    let cluster = account.cluster(id).ok()?;
    let [writer, reader] = view::cluster_addresses(account, cluster);
    match name {
        "Endpoint.Address" => Some(writer.0),
        "Endpoint.Port" => Some(writer.1.to_string()),
        "ReadEndpoint.Address" => Some(reader.0),
        "DBClusterArn" => Some(account.surroundings.arn("cluster", id)),
        "DBClusterResourceId" => Some(cluster.resource_id.clone()),
        _ => None,
    }
}
