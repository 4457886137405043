//! What describing and generating a fleet share.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::account::Account;
use super::super::account::cluster::{Cluster, ClusterStatus, Origin, Settings};
use super::super::account::instance::{Instance, InstanceStatus};
use super::super::account::lifecycle::Lifecycle;
use super::super::rules::engine::{CERTIFICATES, Engine};
use super::super::rules::tags::Tags;

/// A plain cluster that has been available since its creation.
pub fn cluster(account: &mut Account, id: &str, engine: Engine, version: Option<&str>, created: Timestamp) -> Cluster {
    let version = version.unwrap_or(engine.default_version());
    let resource_id = account.new_resource_id("cluster");
    Cluster {
        id: id.to_owned(),
        resource_id,
        created,
        origin: Origin::New,
        engine,
        version: version.to_owned(),
        master_username: if engine == Engine::AuroraPostgresql { "postgres" } else { "admin" }.to_owned(),
        database: None,
        life: Lifecycle::steady(ClusterStatus::Available),
        settings: settings(account, engine, version),
        clone_group: None,
        backtrack: None,
        members: Vec::new(),
        writer: None,
        tags: Tags::new(),
        restored: Some(created),
        restart: None,
        secret: None,
        endpoint: None,
    }
}

fn settings(account: &Account, engine: Engine, version: &str) -> Settings {
    let around = &account.surroundings;
    let subnet_group = "default";
    let default_group = around.subnet_group(subnet_group).map(|group| group.default_security_group.clone());
    Settings {
        port: engine.default_port(),
        parameter_group: engine.default_parameter_group(version),
        subnet_group: subnet_group.to_owned(),
        security_groups: default_group.into_iter().collect(),
        kms_key: Some(around.kms_key.clone()),
        iam_authentication: false,
        log_exports: Vec::new(),
        deletion_protection: false,
        copy_tags_to_snapshot: true,
        io_optimized: false,
        network_type: "IPV4".to_owned(),
        backup_retention_days: 7,
        backup_window: "02:14-02:44".to_owned(),
        maintenance_window: "sun:03:21-sun:03:51".to_owned(),
        serverless: None,
        zones: around.zones.clone(),
        roles: Vec::new(),
        backup_tags: Tags::new(),
        unextended: false,
        internet: false,
        in_effect: BTreeMap::new(),
    }
}

/// A plain instance of a cluster, available since `created`; `place` is its number in the cluster.
pub fn instance(
    account: &mut Account,
    of: &Cluster,
    id: &str,
    class: &str,
    place: usize,
    created: Timestamp,
) -> Instance {
    let zones = &account.surroundings.zones;
    let zone = zones.get(place % zones.len().max(1)).cloned().unwrap_or_default();
    Instance {
        id: id.to_owned(),
        resource_id: account.new_resource_id("db"),
        cluster: of.id.clone(),
        class: class.to_owned(),
        life: Lifecycle::steady(InstanceStatus::Available),
        created: Some(created),
        zone,
        promotion_tier: i64::from(place > 0),
        parameter_group: of.engine.default_parameter_group(&of.version),
        public: false,
        monitoring_interval: 0,
        performance_insights: true,
        minor_upgrades: true,
        certificate: CERTIFICATES[0].to_owned(),
        maintenance_window: of.settings.maintenance_window.clone(),
        tags: Tags::new(),
    }
}
