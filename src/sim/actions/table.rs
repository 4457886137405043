//! Action → function, and which parameters each knows.

use super::super::protocol::{ApiError, Code, Form, VERSION, Xml};
use super::{Call, backtracks, clusters, delete, events, instances, modify, restore, tags};

/// What an action does: change the account, write the content of its result.
pub type Handler = fn(&mut Call<'_>, &mut Xml) -> Result<(), ApiError>;

/// One action of the API.
pub struct Action {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it does.
    pub run: Handler,
    /// Whether its answer has a `…Result` element.
    pub has_result: bool,
    parameters: &'static [&'static [&'static str]],
}

const PAGING: &[&str] = &["MaxRecords", "Marker", "Filters"];

const ACTIONS: &[Action] = &[
    silent("AddTagsToResource", tags::add, &[&["ResourceName", "Tags"]]),
    answering("BacktrackDBCluster", backtracks::backtrack, &[backtracks::PARAMETERS]),
    answering("CreateDBCluster", clusters::create, &[clusters::PARAMETERS, super::settings::PARAMETERS]),
    answering("CreateDBInstance", instances::create, &[instances::PARAMETERS, instances::OF_THE_CLUSTER]),
    answering("DeleteDBCluster", delete::cluster, &[delete::CLUSTER_PARAMETERS]),
    answering("DeleteDBInstance", delete::instance, &[delete::INSTANCE_PARAMETERS]),
    answering(
        "DescribeDBClusterBacktracks",
        backtracks::describe,
        &[&["DBClusterIdentifier", "BacktrackIdentifier"], PAGING],
    ),
    answering("DescribeDBClusters", clusters::describe, &[&["DBClusterIdentifier", "IncludeShared"], PAGING]),
    answering("DescribeDBInstances", instances::describe, &[&["DBInstanceIdentifier"], PAGING]),
    answering("DescribeEvents", events::describe, &[events::PARAMETERS, PAGING]),
    answering("ListTagsForResource", tags::list, &[&["ResourceName", "Filters"]]),
    answering("ModifyDBCluster", modify::modify, &[modify::PARAMETERS]),
    silent("RemoveTagsFromResource", tags::remove, &[&["ResourceName", "TagKeys"]]),
    answering(
        "RestoreDBClusterToPointInTime",
        restore::restore,
        &[restore::PARAMETERS, restore::LIMITLESS_ONLY, super::settings::PARAMETERS],
    ),
];

/// Actions of the real service that clients of clones are likely to try, and that are not simulated.
const NOT_SIMULATED: &[&str] = &[
    "CopyDBClusterSnapshot",
    "CreateDBClusterEndpoint",
    "CreateDBClusterParameterGroup",
    "CreateDBClusterSnapshot",
    "CreateDBSubnetGroup",
    "DeleteDBClusterSnapshot",
    "DescribeAccountAttributes",
    "DescribeCertificates",
    "DescribeDBClusterAutomatedBackups",
    "DescribeDBClusterEndpoints",
    "DescribeDBClusterParameterGroups",
    "DescribeDBClusterParameters",
    "DescribeDBClusterSnapshots",
    "DescribeDBEngineVersions",
    "DescribeDBParameterGroups",
    "DescribeDBSubnetGroups",
    "DescribeEventCategories",
    "DescribeGlobalClusters",
    "DescribeOrderableDBInstanceOptions",
    "DescribePendingMaintenanceActions",
    "FailoverDBCluster",
    "ModifyDBInstance",
    "RebootDBCluster",
    "RebootDBInstance",
    "RestoreDBClusterFromS3",
    "RestoreDBClusterFromSnapshot",
    "StartDBCluster",
    "StopDBCluster",
];

const fn answering(name: &'static str, run: Handler, parameters: &'static [&'static [&'static str]]) -> Action {
    Action { name, run, has_result: true, parameters }
}

const fn silent(name: &'static str, run: Handler, parameters: &'static [&'static [&'static str]]) -> Action {
    Action { name, run, has_result: false, parameters }
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
    if version != VERSION {
        return Err(unknown(name, version));
    }
    if NOT_SIMULATED.contains(&name) {
        return Err(ApiError::new(
            Code::NotImplemented,
            format!("The simulator does not implement the action {name}."),
        ));
    }
    let action = ACTIONS.iter().find(|action| action.name == name).ok_or_else(|| unknown(name, version))?;
    action.check_parameters(form)?;
    Ok(action)
}

impl Action {
    /// Whether it may leave the account different from how time alone would have left it.
    pub fn changes(&self) -> bool {
        !self.name.starts_with("Describe") && !self.name.starts_with("List")
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
