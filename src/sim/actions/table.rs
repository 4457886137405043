//! Action → function, and which parameters each knows.

use super::super::cloudformation::actions as stacks;
use super::super::protocol::{ApiError, Code, Form, Node, Xml};
use super::api::Api;
use super::{
    Call, backtracks, backups, clusters, delete, events, instances, metrics, modify, offers, parameters, power,
    refused, replicas, restore, restore_snapshot, roles, secrets, snapshots, sts, subnet_groups, tags,
};

/// What an action does: change the account, write the content of its result.
pub type Handler = fn(&mut Call<'_>, &mut Xml) -> Result<(), ApiError>;

/// The same for an action that is answered in more than one protocol.
pub type Grower = fn(&mut Call<'_>) -> Result<Node, ApiError>;

/// One action of an API.
pub struct Action {
    /// Whose it is.
    pub api: Api,
    /// Its name on the wire.
    pub name: &'static str,
    /// What it does, asked by a form.
    pub run: Handler,
    /// What it does, asked by JSON or CBOR, where its service speaks them.
    pub grow: Option<Grower>,
    /// Whether its answer has a `…Result` element.
    pub has_result: bool,
    parameters: &'static [&'static [&'static str]],
}

const PAGING: &[&str] = &["MaxRecords", "Marker", "Filters"];

const ACTIONS: &[Action] = &[
    silent("AddRoleToDBCluster", roles::add, &[roles::PARAMETERS]),
    silent("AddTagsToResource", tags::add, &[&["ResourceName", "Tags"]]),
    answering("BacktrackDBCluster", backtracks::backtrack, &[backtracks::PARAMETERS]),
    answering(
        "CreateDBCluster",
        clusters::create,
        &[
            clusters::PARAMETERS,
            refused::MULTI_AZ,
            refused::DIRECTORY,
            refused::OTHER_KINDS,
            replicas::PARAMETERS,
            super::settings::PARAMETERS,
        ],
    ),
    answering("CreateDBClusterParameterGroup", parameters::create_for_clusters, &[parameters::OF_A_NEW_GROUP]),
    answering(
        "CreateDBClusterSnapshot",
        snapshots::create,
        &[&["DBClusterIdentifier", "DBClusterSnapshotIdentifier", "Tags"]],
    ),
    answering("CreateDBInstance", instances::create, &[instances::PARAMETERS, instances::OF_THE_CLUSTER]),
    answering("CreateDBParameterGroup", parameters::create_for_instances, &[parameters::OF_A_NEW_GROUP]),
    answering("CreateDBSubnetGroup", subnet_groups::create, &[subnet_groups::PARAMETERS]),
    answering("DeleteDBCluster", delete::cluster, &[delete::CLUSTER_PARAMETERS]),
    silent("DeleteDBClusterParameterGroup", parameters::delete_of_clusters, &[&["DBClusterParameterGroupName"]]),
    answering("DeleteDBClusterSnapshot", snapshots::delete, &[&["DBClusterSnapshotIdentifier"]]),
    answering("DeleteDBInstance", delete::instance, &[delete::INSTANCE_PARAMETERS]),
    silent("DeleteDBParameterGroup", parameters::delete_of_instances, &[&["DBParameterGroupName"]]),
    silent("DeleteDBSubnetGroup", subnet_groups::delete, &[&["DBSubnetGroupName"]]),
    answering("DescribeAccountAttributes", offers::account_attributes, &[]),
    answering(
        "DescribeDBClusterBacktracks",
        backtracks::describe,
        &[&["DBClusterIdentifier", "BacktrackIdentifier"], PAGING],
    ),
    answering("DescribeDBClusterAutomatedBackups", backups::describe, &[backups::PARAMETERS, PAGING]),
    answering(
        "DescribeDBClusterParameterGroups",
        parameters::describe_of_clusters,
        &[&["DBClusterParameterGroupName"], PAGING],
    ),
    answering("DescribeDBClusterParameters", parameters::list, &[&["DBClusterParameterGroupName", "Source"], PAGING]),
    answering("DescribeDBClusterSnapshots", snapshots::describe, &[snapshots::PARAMETERS, PAGING]),
    answering("DescribeDBClusters", clusters::describe, &[&["DBClusterIdentifier", "IncludeShared"], PAGING]),
    answering("DescribeDBEngineVersions", offers::versions, &[offers::VERSIONS, PAGING]),
    answering("DescribeDBInstances", instances::describe, &[&["DBInstanceIdentifier"], PAGING]),
    answering("DescribeDBParameterGroups", parameters::describe_of_instances, &[&["DBParameterGroupName"], PAGING]),
    answering("DescribeDBSubnetGroups", subnet_groups::describe, &[&["DBSubnetGroupName"], PAGING]),
    answering("DescribeEvents", events::describe, &[events::PARAMETERS, PAGING]),
    answering("DescribeOrderableDBInstanceOptions", offers::orderable, &[offers::ORDERABLE, PAGING]),
    answering("ListTagsForResource", tags::list, &[&["ResourceName", "Filters"]]),
    answering("ModifyDBCluster", modify::modify, &[modify::PARAMETERS]),
    answering("ModifyDBClusterParameterGroup", parameters::modify, &[&["DBClusterParameterGroupName", "Parameters"]]),
    answering("RebootDBInstance", power::reboot, &[&["DBInstanceIdentifier", "ForceFailover"]]),
    silent("RemoveRoleFromDBCluster", roles::remove, &[roles::PARAMETERS]),
    silent("RemoveTagsFromResource", tags::remove, &[&["ResourceName", "TagKeys"]]),
    answering(
        "ResetDBClusterParameterGroup",
        parameters::reset,
        &[&["DBClusterParameterGroupName", "Parameters", "ResetAllParameters"]],
    ),
    answering(
        "RestoreDBClusterFromSnapshot",
        restore_snapshot::restore,
        &[
            restore_snapshot::PARAMETERS,
            refused::LIMITLESS,
            refused::MULTI_AZ,
            refused::DIRECTORY,
            refused::OTHER_KINDS,
            super::settings::OF_RESTORES,
            super::settings::PARAMETERS,
        ],
    ),
    answering(
        "RestoreDBClusterToPointInTime",
        restore::restore,
        &[
            restore::PARAMETERS,
            refused::LIMITLESS,
            refused::MULTI_AZ,
            refused::DIRECTORY,
            refused::OTHER_KINDS,
            super::settings::OF_RESTORES,
            super::settings::PARAMETERS,
        ],
    ),
    answering("StartDBCluster", power::start, &[&["DBClusterIdentifier"]]),
    answering("StopDBCluster", power::stop, &[&["DBClusterIdentifier"]]),
    answering("CreateStack", stacks::create, &[stacks::CREATE]).of(Api::CloudFormation),
    silent("DeleteStack", stacks::delete, &[&["ClientRequestToken", "RetainResources", "StackName"]])
        .of(Api::CloudFormation),
    answering("DescribeStackEvents", stacks::events, &[&["NextToken", "StackName"]]).of(Api::CloudFormation),
    answering(
        "DescribeStackResources",
        stacks::resources,
        &[&["LogicalResourceId", "PhysicalResourceId", "StackName"]],
    )
    .of(Api::CloudFormation),
    answering("DescribeStacks", stacks::describe, &[&["NextToken", "StackName"]]).of(Api::CloudFormation),
    answering("GetTemplate", stacks::get_template, &[&["StackName"]]).of(Api::CloudFormation),
    answering("ListStacks", stacks::list, &[&["NextToken", "StackStatusFilter"]]).of(Api::CloudFormation),
    answering("ListStackResources", stacks::list_resources, &[&["NextToken", "StackName"]]).of(Api::CloudFormation),
    answering("UpdateTerminationProtection", stacks::protect, &[&["EnableTerminationProtection", "StackName"]])
        .of(Api::CloudFormation),
    answering("ValidateTemplate", stacks::validate, &[&["TemplateBody"]]).of(Api::CloudFormation),
    Action {
        grow: Some(metrics::grow),
        ..answering("GetMetricData", metrics::get, &[metrics::PARAMETERS]).of(Api::CloudWatch)
    },
    Action {
        grow: Some(secrets::grow),
        ..answering("GetSecretValue", secrets::refuse_form, &[secrets::PARAMETERS]).of(Api::SecretsManager)
    },
    answering("GetCallerIdentity", sts::get_caller_identity, &[]).of(Api::Sts),
];

/// Actions of the real service that clients of clones are likely to try, and that are not simulated.
const NOT_SIMULATED: &[(Api, &[&str])] = &[
    (
        Api::Rds,
        &[
            "CopyDBClusterSnapshot",
            "CreateDBClusterEndpoint",
            "DescribeCertificates",
            "DescribeDBClusterEndpoints",
            "DescribeEventCategories",
            "DescribeGlobalClusters",
            "DescribePendingMaintenanceActions",
            "FailoverDBCluster",
            "ModifyDBInstance",
            "RebootDBCluster",
            "RestoreDBClusterFromS3",
        ],
    ),
    (Api::CloudFormation, &["CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet", "UpdateStack"]),
    (Api::CloudWatch, &["DescribeAlarms", "GetMetricStatistics", "ListMetrics", "PutMetricData"]),
    (Api::SecretsManager, &["DescribeSecret", "ListSecrets", "RotateSecret"]),
    (Api::Sts, &["AssumeRole", "GetSessionToken"]),
];

const fn answering(name: &'static str, run: Handler, parameters: &'static [&'static [&'static str]]) -> Action {
    Action { api: Api::Rds, name, run, grow: None, has_result: true, parameters }
}

const fn silent(name: &'static str, run: Handler, parameters: &'static [&'static [&'static str]]) -> Action {
    Action { has_result: false, ..answering(name, run, parameters) }
}

/// The names of all actions there are.
pub fn names() -> impl Iterator<Item = &'static str> {
    ACTIONS.iter().map(|action| action.name)
}

/// The action of a request, once everything that can be said without the account has been checked.
pub fn find(form: &Form) -> Result<&'static Action, ApiError> {
    let name = form
        .text("Action")
        .filter(|name| !name.is_empty())
        .ok_or_else(|| ApiError::new(Code::MissingAction, "The request is missing the parameter Action"))?;
    let version = form.text("Version").unwrap_or("NO_VERSION_SPECIFIED");
    let Some(api) = Api::of_version(version) else {
        return Err(unknown(name, version));
    };
    if NOT_SIMULATED.iter().any(|(own, names)| *own == api && names.contains(&name)) {
        return Err(ApiError::new(
            Code::NotImplemented,
            format!("The simulator does not implement the action {name}."),
        ));
    }
    let action =
        ACTIONS.iter().find(|action| action.api == api && action.name == name).ok_or_else(|| unknown(name, version))?;
    action.check_parameters(form)?;
    Ok(action)
}

impl Action {
    /// Whether it may leave the account different from how time alone would have left it.
    pub fn changes(&self) -> bool {
        !["Describe", "Get", "List"].iter().any(|reading| self.name.starts_with(reading))
    }

    /// The same action of another service.
    const fn of(self, api: Api) -> Self {
        Self { api, ..self }
    }

    /// A parameter that would silently be without effect is refused.
    fn check_parameters(&self, form: &Form) -> Result<(), ApiError> {
        let known = |name: &str| {
            ["Action", "Version"].contains(&name) || self.parameters.iter().any(|some| some.contains(&name))
        };
        form.names().find(|name| !known(name)).map_or(Ok(()), |name| {
            let message = format!("The simulator does not implement the parameter {name} of {}.", self.name);
            Err(ApiError::new(Code::NotImplemented, message))
        })
    }
}

fn unknown(name: &str, version: &str) -> ApiError {
    ApiError::new(Code::InvalidAction, format!("Could not find operation {name} for version {version}"))
}
