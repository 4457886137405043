//! DescribeDBClusterAutomatedBackups: each cluster has one, as long as it lives.

use jiff::Timestamp;

use super::super::account::cluster::Cluster;
use super::super::account::network::Surroundings;
use super::super::protocol::{ApiError, Code, Filter, Page, Xml};
use super::{Call, view};

/// What it knows besides paging.
pub const PARAMETERS: &[&str] = &["DBClusterIdentifier", "DbClusterResourceId"];

const FILTERS: &[&str] = &["db-cluster-id", "db-cluster-resource-id", "status"];

/// Lists automated backups (API reference, DescribeDBClusterAutomatedBackups). Those of deleted clusters are deleted
/// with them here, so none is `retained`.
pub fn describe(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let form = call.form;
    let page = Page::read(form, "automated-backups")?;
    let filters = Filter::read(form, FILTERS)?;
    let around = &call.account.surroundings;
    let name = form.text("DBClusterIdentifier").map(|reference| call.account.key("cluster", reference));
    let resource = form.text("DbClusterResourceId");
    let rows: Vec<&Cluster> = call
        .account
        .clusters(page.after())
        .filter(|cluster| cluster.engine.is_aurora() && cluster.restored.is_some())
        .filter(|cluster| name.as_ref().is_none_or(|name| cluster.id == *name))
        .filter(|cluster| resource.is_none_or(|id| cluster.resource_id == id))
        .collect();
    if rows.is_empty()
        && let Some(named) = resource.or(name.as_deref())
    {
        let message = format!("DBClusterAutomatedBackup not found: {named}");
        return Err(ApiError::new(Code::ClusterAutomatedBackupNotFound, message));
    }
    let rows = rows.into_iter().filter(|cluster| filters.iter().all(|filter| matches(around, cluster, filter)));
    page.write(
        xml,
        "automated-backups",
        "DBClusterAutomatedBackups",
        rows,
        |cluster| cluster.id.clone(),
        |xml, cluster| backup(xml, around, cluster, call.now),
    );
    Ok(())
}

fn matches(around: &Surroundings, cluster: &Cluster, filter: &Filter<'_>) -> bool {
    match filter.name {
        "db-cluster-id" => filter.has(&cluster.id) || filter.has(&around.arn("cluster", &cluster.id)),
        "db-cluster-resource-id" => filter.has(&cluster.resource_id),
        _ => filter.has(STATUS),
    }
}

/// The status of a backup whose cluster lives.
const STATUS: &str = "active";

fn backup(xml: &mut Xml, around: &Surroundings, cluster: &Cluster, now: Timestamp) {
    let set = &cluster.settings;
    xml.element("DBClusterAutomatedBackup", |xml| {
        xml.text("DBClusterIdentifier", &cluster.id);
        xml.text("DBClusterArn", &around.arn("cluster", &cluster.id));
        xml.text("DbClusterResourceId", &cluster.resource_id);
        let own = cluster.resource_id.trim_start_matches("cluster-").to_ascii_lowercase();
        xml.text("DBClusterAutomatedBackupsArn", &around.arn("cluster-auto-backup", &format!("ab-{own}")));
        xml.text("Status", STATUS);
        xml.text("Region", &around.region);
        xml.text("Engine", cluster.engine.name());
        xml.text("EngineMode", "provisioned");
        xml.text("EngineVersion", &cluster.version);
        xml.text("LicenseModel", cluster.engine.license());
        xml.text("MasterUsername", &cluster.master_username);
        xml.time("ClusterCreateTime", cluster.created);
        let range = cluster.restorable(now);
        xml.element("RestoreWindow", |xml| {
            xml.optional_time("EarliestTime", range.map(|(earliest, _)| earliest));
            xml.optional_time("LatestTime", range.map(|(_, latest)| latest));
        });
        xml.optional("VpcId", around.subnet_group(&set.subnet_group).map(|group| &group.vpc));
        xml.texts("AvailabilityZones", "AvailabilityZone", view::zones(around, set));
        xml.value("AllocatedStorage", 1);
        xml.value("Port", set.port);
        xml.value("BackupRetentionPeriod", set.backup_retention_days);
        xml.text("PreferredBackupWindow", &set.backup_window);
        xml.value("StorageEncrypted", set.kms_key.is_some());
        xml.optional("KmsKeyId", set.kms_key.as_ref());
        xml.text("StorageType", if set.io_optimized { "aurora-iopt1" } else { "aurora" });
        xml.value("IAMDatabaseAuthenticationEnabled", set.iam_authentication);
        view::tags(xml, &set.backup_tags);
    });
}
