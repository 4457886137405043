//! DescribeDBInstances and CreateDBInstance.

use super::super::account::cluster::{Cluster, ClusterStatus};
use super::super::account::instance::{Instance, InstanceStatus};
use super::super::account::lifecycle::{Lifecycle, Next};
use super::super::account::network::Surroundings;
use super::super::account::parameters::GroupKind;
use super::super::account::{Account, MOST_MEMBERS};
use super::super::protocol::{ApiError, Code, Filter, Form, Page, Xml};
use super::super::rules::engine::CERTIFICATES;
use super::super::rules::timing::Work;
use super::super::rules::{identifier, tags};
use super::super::twists::Turn;
use super::settings::require_family;
use super::{Call, view};

/// What CreateDBInstance knows.
pub const PARAMETERS: &[&str] = &[
    "AutoMinorVersionUpgrade",
    "AvailabilityZone",
    "CACertificateIdentifier",
    "CopyTagsToSnapshot",
    "DBClusterIdentifier",
    "DBInstanceClass",
    "DBInstanceIdentifier",
    "DBParameterGroupName",
    "DBSubnetGroupName",
    "EnablePerformanceInsights",
    "Engine",
    "EngineVersion",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
    "PreferredMaintenanceWindow",
    "PromotionTier",
    "PubliclyAccessible",
    "Tags",
];

/// What the cluster decides for its instances; sending it is an error (API reference, CreateDBInstance).
pub const OF_THE_CLUSTER: &[&str] = &[
    "AllocatedStorage",
    "BackupRetentionPeriod",
    "DBName",
    "DeletionProtection",
    "EnableCloudwatchLogsExports",
    "EnableIAMDatabaseAuthentication",
    "Iops",
    "KmsKeyId",
    "MasterUserPassword",
    "MasterUsername",
    "MultiAZ",
    "Port",
    "PreferredBackupWindow",
    "StorageEncrypted",
    "StorageType",
    "VpcSecurityGroupIds",
];

const FILTERS: &[&str] = &["db-cluster-id", "db-instance-id", "dbi-resource-id", "domain", "engine"];

/// Lists instances (API reference, DescribeDBInstances).
pub fn describe(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let page = Page::read(call.form, "instances")?;
    let filters = Filter::read(call.form, FILTERS)?;
    let account = &*call.account;
    let one = call.form.text("DBInstanceIdentifier").map(|reference| account.instance(reference)).transpose()?;
    let all = one.is_none().then(|| account.instances(page.after()));
    let rows = one.into_iter().chain(all.into_iter().flatten());
    // An instance whose cluster is missing can't be; if it were, it would not be shown half.
    let rows = rows.filter_map(|instance| Some((instance, account.cluster(&instance.cluster).ok()?)));
    let rows =
        rows.filter(|(instance, cluster)| filters.iter().all(|filter| matches(account, instance, cluster, filter)));
    page.write(
        xml,
        "instances",
        "DBInstances",
        rows,
        |(instance, _)| instance.id.clone(),
        |xml, (instance, cluster)| {
            view::instance(xml, account, instance, cluster);
        },
    );
    Ok(())
}

fn matches(account: &Account, instance: &Instance, cluster: &Cluster, filter: &Filter<'_>) -> bool {
    let named = |kind: &str, id: &str| filter.has(id) || filter.has(&account.surroundings.arn(kind, id));
    match filter.name {
        "db-cluster-id" => named("cluster", &cluster.id),
        "db-instance-id" => named("db", &instance.id),
        "dbi-resource-id" => filter.has(&instance.resource_id),
        "engine" => filter.has(cluster.engine.name()),
        // No simulated instance is in a directory's domain.
        _ => false,
    }
}

/// Makes an instance of a cluster that is available; the first becomes its writer
/// (API reference, CreateDBInstance and RestoreDBClusterToPointInTime).
pub fn create(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let form = call.form;
    let id = identifier::stored("DBInstanceIdentifier", form.required("DBInstanceIdentifier")?, identifier::RESOURCE)?;
    let class = form.required("DBInstanceClass")?;
    let engine = form.required("Engine")?;
    if form.text("DBClusterIdentifier").is_none() {
        return Err(ApiError::new(
            Code::NotImplemented,
            "The simulator only makes instances of Aurora clusters: DBClusterIdentifier is missing.",
        ));
    }
    refuse_what_the_cluster_decides(form)?;
    let cluster = call.available_cluster("DBClusterIdentifier")?.clone();
    check_fit(&cluster, engine, class)?;
    check_same(form, &call.account.surroundings, &cluster)?;
    let certificate = certificate(form)?;
    if call.twists.is_full(class) {
        let message = "The specified DB instance class isn't available in the specified Availability Zone.";
        return Err(ApiError::new(Code::InsufficientInstanceCapacity, message));
    }
    let zone = zone(form, call.account, &cluster)?;
    let monitoring_interval = monitoring(form)?;
    let promotion_tier = form.integer("PromotionTier", 0..=15)?.unwrap_or(1);
    let minor_upgrades = form.boolean("AutoMinorVersionUpgrade")?.unwrap_or(true);
    let (public, performance_insights) = (form.flag("PubliclyAccessible")?, form.flag("EnablePerformanceInsights")?);
    let tags = tags::read(form)?;
    let parameter_group = parameter_group(form, call.account, &cluster)?;
    call.account.check_room_for_instance(&id)?;
    call.account.check_server_for(&cluster)?;
    let resource_id = call.account.new_resource_id("db");
    let life = birth(call, &resource_id, &cluster, monitoring_interval > 0);
    call.account.add_instance(Instance {
        id: id.clone(),
        resource_id,
        cluster: cluster.id.clone(),
        class: class.to_owned(),
        life,
        created: None,
        zone,
        promotion_tier,
        parameter_group,
        public,
        monitoring_interval,
        performance_insights,
        minor_upgrades,
        certificate: certificate.to_owned(),
        maintenance_window: form
            .text("PreferredMaintenanceWindow")
            .unwrap_or(&cluster.settings.maintenance_window)
            .to_owned(),
        tags,
    });
    view::instance(xml, call.account, call.account.instance(&id)?, call.account.cluster(&cluster.id)?);
    Ok(())
}

/// The engine's default group unless another is named, which must exist and fit.
fn parameter_group(form: &Form, account: &Account, cluster: &Cluster) -> Result<String, ApiError> {
    let Some(name) = form.text("DBParameterGroupName") else {
        return Ok(cluster.engine.default_parameter_group(&cluster.version));
    };
    let group = account.surroundings.parameter_group(GroupKind::Instance, name);
    let group = group
        .ok_or_else(|| ApiError::new(Code::ParameterGroupNotFound, format!("DBParameterGroup not found: {name}")))?;
    require_family(&group, cluster.engine, &cluster.version)?;
    Ok(group.name)
}

/// `creating`, then whatever has to be configured, then `available`.
fn birth(call: &Call<'_>, resource_id: &str, cluster: &Cluster, monitored: bool) -> Lifecycle<InstanceStatus> {
    if call.twists.take(Turn::StuckCreating) {
        return Lifecycle::steady(InstanceStatus::Creating);
    }
    let work = if call.twists.take(Turn::SlowRecovery) { Work::RecoverInstance } else { Work::CreateInstance };
    let mut due = call.account.end_of(work, resource_id, call.now);
    let mut upcoming = Vec::new();
    let to_configure = [
        (!cluster.settings.log_exports.is_empty(), InstanceStatus::ConfiguringLogExports),
        (monitored, InstanceStatus::ConfiguringEnhancedMonitoring),
    ];
    for (_, status) in to_configure.into_iter().filter(|(wanted, _)| *wanted) {
        upcoming.push((due, Next::Become(status)));
        due = call.account.end_of(Work::ConfigureInstance, resource_id, due);
    }
    upcoming.push((due, Next::Become(InstanceStatus::Available)));
    Lifecycle::moving(InstanceStatus::Creating, upcoming)
}

fn refuse_what_the_cluster_decides(form: &Form) -> Result<(), ApiError> {
    let sent: Vec<&str> = form.names().filter(|name| OF_THE_CLUSTER.contains(name)).collect();
    sent.first().map_or(Ok(()), |name| {
        Err(ApiError::combination(format!(
            "The requested DB Instance will be a member of a DB Cluster. Set {name} for the DB Cluster."
        )))
    })
}

fn check_fit(cluster: &Cluster, engine: &str, class: &str) -> Result<(), ApiError> {
    if engine != cluster.engine.name() {
        return Err(ApiError::combination(format!(
            "The engine name requested for your DB instance ({engine}) doesn't match the engine name of your DB cluster ({}).",
            cluster.engine.name()
        )));
    }
    if !class.strip_prefix("db.").is_some_and(|rest| rest == "serverless" || rest.contains('.')) {
        return Err(ApiError::value(format!("Invalid DB Instance class: {class}")));
    }
    if class == "db.serverless" && cluster.settings.serverless.is_none() {
        return Err(ApiError::combination(
            "Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB instance.",
        ));
    }
    if cluster.members.len() >= MOST_MEMBERS {
        return Err(ApiError::new(
            Code::InstanceQuotaExceeded,
            format!("DBCluster {} already has a writer and {} readers", cluster.id, MOST_MEMBERS - 1),
        ));
    }
    debug_assert_eq!(cluster.status(), ClusterStatus::Available);
    Ok(())
}

/// What an instance can only have as its cluster has it, if it is sent at all (API reference, CreateDBInstance).
fn check_same(form: &Form, around: &Surroundings, cluster: &Cluster) -> Result<(), ApiError> {
    if let Some(group) = form.text("DBSubnetGroupName")
        && around.subnet_group(&group.to_ascii_lowercase()).is_none()
    {
        return Err(ApiError::new(Code::SubnetGroupNotFound, format!("DB subnet group '{group}' does not exist.")));
    }
    for (name, of_cluster) in
        [("EngineVersion", &cluster.version), ("DBSubnetGroupName", &cluster.settings.subnet_group)]
    {
        if form.text(name).is_some_and(|sent| !sent.eq_ignore_ascii_case(of_cluster)) {
            return Err(ApiError::combination(format!(
                "The {name} of the DB instance must be the same as that of its DB cluster: {of_cluster}."
            )));
        }
    }
    Ok(())
}

fn certificate(form: &Form) -> Result<&str, ApiError> {
    let sent = form.text("CACertificateIdentifier").unwrap_or(CERTIFICATES[0]);
    if CERTIFICATES.contains(&sent) {
        return Ok(sent);
    }
    Err(ApiError::new(Code::CertificateNotFound, format!("Certificate not found: {sent}")))
}

/// One of the zones of the cluster's storage that its subnets reach; without a wish they are filled in turn.
fn zone(form: &Form, account: &Account, cluster: &Cluster) -> Result<String, ApiError> {
    let around = &account.surroundings;
    let reached = |zone: &&str| around.reaches(&cluster.settings.subnet_group, zone);
    let zones: Vec<&str> = view::zones(around, &cluster.settings).filter(reached).collect();
    match form.text("AvailabilityZone") {
        Some(zone) if zones.contains(&zone) => Ok(zone.to_owned()),
        Some(zone) => {
            Err(ApiError::value(format!("Invalid availability zone: {zone}. Must be one of {}", zones.join(", "))))
        }
        None => Ok(zones.get(cluster.members.len() % zones.len().max(1)).copied().unwrap_or_default().to_owned()),
    }
}

fn monitoring(form: &Form) -> Result<i64, ApiError> {
    let interval = form.integer("MonitoringInterval", 0..=60)?.unwrap_or(0);
    if ![0, 1, 5, 10, 15, 30, 60].contains(&interval) {
        return Err(ApiError::value(format!(
            "Invalid value {interval} for MonitoringInterval. Must be one of 0, 1, 5, 10, 15, 30, 60"
        )));
    }
    if interval > 0 && form.text("MonitoringRoleArn").is_none() {
        return Err(ApiError::combination(
            "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.",
        ));
    }
    Ok(interval)
}
