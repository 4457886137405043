//! Clusters and instances as XML (API reference, DBCluster and DBInstance).

use jiff::Timestamp;

use super::super::account::Account;
use super::super::account::cluster::{Cluster, ClusterStatus, Settings};
use super::super::account::instance::{Instance, InstanceStatus};
use super::super::account::network::{SubnetGroup, Surroundings};
use super::super::protocol::Xml;
use super::super::rules::support;
use super::super::rules::tags::Tags;
use super::secrets;

/// One `DBCluster`.
pub fn cluster(xml: &mut Xml, account: &Account, cluster: &Cluster, now: Timestamp) {
    xml.element("DBCluster", |xml| {
        identity(xml, account, cluster);
        endpoints(xml, account, cluster);
        restore_range(xml, cluster, now);
        settings(xml, cluster);
        roles(xml, cluster, now);
        backtrack(xml, cluster, now);
        members(xml, account, cluster);
        tags(xml, &cluster.tags);
    });
}

fn identity(xml: &mut Xml, account: &Account, cluster: &Cluster) {
    let around = &account.surroundings;
    xml.text("DBClusterIdentifier", &cluster.id);
    xml.text("DBClusterArn", &around.arn("cluster", &cluster.id));
    xml.text("DbClusterResourceId", &cluster.resource_id);
    xml.text("Status", cluster.status().name());
    xml.text("Engine", cluster.engine.name());
    xml.text("EngineVersion", &cluster.version);
    xml.text("EngineMode", "provisioned");
    xml.time("ClusterCreateTime", cluster.created);
    xml.text("MasterUsername", &cluster.master_username);
    secrets::write(xml, cluster);
    xml.optional("DatabaseName", cluster.database.as_ref());
    xml.optional("CloneGroupId", cluster.clone_group.as_ref());
    xml.value("CrossAccountClone", false);
    xml.value("AllocatedStorage", 1);
    xml.texts("AvailabilityZones", "AvailabilityZone", zones(around, &cluster.settings));
    xml.text("HostedZoneId", &around.hosted_zone);
    for list in ["DomainMemberships", "ReadReplicaIdentifiers"] {
        xml.element(list, |_| {});
    }
}

/// The zones of a cluster's storage; of one that an older file kept, those of the fleet.
pub fn zones<'a>(around: &'a Surroundings, set: &'a Settings) -> impl Iterator<Item = &'a str> {
    let own = if set.zones.is_empty() { &around.zones } else { &set.zones };
    own.iter().map(String::as_str)
}

fn endpoints(xml: &mut Xml, account: &Account, cluster: &Cluster) {
    let [writer, reader] = cluster_addresses(account, cluster);
    xml.text("Endpoint", &writer.0);
    xml.text("ReaderEndpoint", &reader.0);
    xml.value("Port", writer.1);
}

/// Where the writer and the readers of a cluster are reached.
pub fn cluster_addresses(account: &Account, cluster: &Cluster) -> [(String, u16); 2] {
    if let Some(endpoint) = &cluster.endpoint {
        return [endpoint.clone(), endpoint.clone()];
    }
    let name = |part: &str| host(account, cluster, &format!("{}.{part}-", cluster.id));
    [(name("cluster"), cluster.settings.port), (name("cluster-ro"), cluster.settings.port)]
}

fn host(account: &Account, cluster: &Cluster, beginning: &str) -> String {
    let around = &account.surroundings;
    format!("{beginning}{}.{}.{}.amazonaws.com", around.endpoint_suffix, around.region, cluster.engine.service())
}

fn restore_range(xml: &mut Xml, cluster: &Cluster, now: Timestamp) {
    let range = if cluster.status() == ClusterStatus::Creating { None } else { cluster.restorable(now) };
    xml.optional_time("EarliestRestorableTime", range.map(|(earliest, _)| earliest));
    xml.optional_time("LatestRestorableTime", range.map(|(_, latest)| latest));
    xml.optional_time("AutomaticRestartTime", cluster.restart);
}

fn settings(xml: &mut Xml, cluster: &Cluster) {
    let set = &cluster.settings;
    xml.text("DBClusterParameterGroup", &set.parameter_group);
    xml.text("DBSubnetGroup", &set.subnet_group);
    xml.element("VpcSecurityGroups", |xml| {
        for group in &set.security_groups {
            xml.element("VpcSecurityGroupMembership", |xml| {
                xml.text("VpcSecurityGroupId", group);
                xml.text("Status", "active");
            });
        }
    });
    xml.value("StorageEncrypted", set.kms_key.is_some());
    xml.optional("KmsKeyId", set.kms_key.as_ref());
    if set.io_optimized {
        xml.text("StorageType", "aurora-iopt1");
    }
    xml.value("IAMDatabaseAuthenticationEnabled", set.iam_authentication);
    if !set.log_exports.is_empty() {
        xml.texts("EnabledCloudwatchLogsExports", "member", set.log_exports.iter().map(String::as_str));
    }
    xml.value("DeletionProtection", set.deletion_protection);
    xml.value("CopyTagsToSnapshot", set.copy_tags_to_snapshot);
    xml.text("NetworkType", &set.network_type);
    xml.value("BackupRetentionPeriod", set.backup_retention_days);
    xml.text("PreferredBackupWindow", &set.backup_window);
    xml.text("PreferredMaintenanceWindow", &set.maintenance_window);
    if let Some(capacity) = set.serverless {
        xml.element("ServerlessV2ScalingConfiguration", |xml| {
            xml.value("MinCapacity", capacity.least);
            xml.value("MaxCapacity", capacity.most);
        });
    }
    if cluster.engine.is_aurora() {
        let lifecycle = if set.unextended { support::NOT_EXTENDED } else { support::EXTENDED };
        xml.text("EngineLifecycleSupport", lifecycle);
    }
    if set.internet {
        xml.value("VPCNetworkingEnabled", false);
        xml.value("InternetAccessGatewayEnabled", true);
    }
    xml.value("HttpEndpointEnabled", false);
    xml.value("AutoMinorVersionUpgrade", true);
    xml.text("ActivityStreamStatus", "stopped");
}

/// Roles take effect with their cluster, or some time after they were added (API reference, DBClusterRole.Status).
fn roles(xml: &mut Xml, cluster: &Cluster, now: Timestamp) {
    let born = cluster.status() != ClusterStatus::Creating;
    xml.element("AssociatedRoles", |xml| {
        for role in &cluster.settings.roles {
            let active = born && role.active_from.is_none_or(|at| at <= now);
            xml.element("DBClusterRole", |xml| {
                xml.text("RoleArn", &role.arn);
                xml.text("Status", if active { "ACTIVE" } else { "PENDING" });
                xml.optional("FeatureName", role.feature.as_ref());
            });
        }
    });
}

/// The target is there, if only as 0, wherever the engine has Backtrack; the rest only while it is enabled.
fn backtrack(xml: &mut Xml, cluster: &Cluster, now: Timestamp) {
    let Some(backtrack) = &cluster.backtrack else {
        if cluster.engine.has_backtrack() {
            xml.value("BacktrackWindow", 0);
        }
        return;
    };
    xml.value("BacktrackWindow", backtrack.target);
    if cluster.status() != ClusterStatus::Creating {
        xml.time("EarliestBacktrackTime", backtrack.earliest(now));
        xml.value("BacktrackConsumedChangeRecords", backtrack.consumed(now));
    }
}

fn members(xml: &mut Xml, account: &Account, cluster: &Cluster) {
    let mut zones: Vec<&str> = account.members(cluster).map(|member| member.zone.as_str()).collect();
    zones.sort_unstable();
    zones.dedup();
    xml.value("MultiAZ", zones.len() > 1);
    xml.element("DBClusterMembers", |xml| {
        for member in account.members(cluster) {
            xml.element("DBClusterMember", |xml| {
                xml.text("DBInstanceIdentifier", &member.id);
                xml.value("IsClusterWriter", cluster.writer.as_ref() == Some(&member.id));
                // What waits for a restart waits for the writer's.
                let waits = cluster.writer.as_ref() == Some(&member.id) && account.awaits_restart(cluster);
                xml.text("DBClusterParameterGroupStatus", if waits { "pending-reboot" } else { "in-sync" });
                xml.value("PromotionTier", member.promotion_tier);
            });
        }
    });
}

/// A `TagList`.
pub fn tags(xml: &mut Xml, tags: &Tags) {
    xml.element("TagList", |xml| {
        for (key, value) in tags {
            xml.element("Tag", |xml| {
                xml.text("Key", key);
                xml.text("Value", value);
            });
        }
    });
}

/// One `DBInstance`. It has neither an endpoint nor a creation time while it is being created.
pub fn instance(xml: &mut Xml, account: &Account, instance: &Instance, cluster: &Cluster) {
    xml.element("DBInstance", |xml| {
        xml.text("DBInstanceIdentifier", &instance.id);
        xml.text("DBInstanceArn", &account.surroundings.arn("db", &instance.id));
        xml.text("DbiResourceId", &instance.resource_id);
        xml.text("DBInstanceClass", &instance.class);
        xml.text("DBInstanceStatus", instance.status().name());
        xml.text("DBClusterIdentifier", &cluster.id);
        xml.text("Engine", cluster.engine.name());
        xml.text("EngineVersion", &cluster.version);
        xml.text("MasterUsername", &cluster.master_username);
        xml.optional_time("InstanceCreateTime", instance.created);
        xml.text("AvailabilityZone", &instance.zone);
        if instance.status() != InstanceStatus::Creating {
            address(xml, account, instance, cluster);
        }
        instance_settings(xml, instance, cluster);
        network(xml, account, cluster);
        tags(xml, &instance.tags);
    });
}

/// Where an instance is reached.
pub fn instance_address(account: &Account, instance: &Instance, cluster: &Cluster) -> (String, u16) {
    let own = || (host(account, cluster, &format!("{}.", instance.id)), cluster.settings.port);
    cluster.endpoint.clone().unwrap_or_else(own)
}

fn address(xml: &mut Xml, account: &Account, instance: &Instance, cluster: &Cluster) {
    let (address, port) = instance_address(account, instance, cluster);
    xml.element("Endpoint", |xml| {
        xml.text("Address", &address);
        xml.value("Port", port);
        xml.text("HostedZoneId", &account.surroundings.hosted_zone);
    });
}

fn instance_settings(xml: &mut Xml, instance: &Instance, cluster: &Cluster) {
    let set = &cluster.settings;
    xml.value("AllocatedStorage", 1);
    xml.text("StorageType", if set.io_optimized { "aurora-iopt1" } else { "aurora" });
    xml.value("StorageEncrypted", set.kms_key.is_some());
    xml.optional("KmsKeyId", set.kms_key.as_ref());
    xml.value("BackupRetentionPeriod", set.backup_retention_days);
    xml.text("PreferredBackupWindow", &set.backup_window);
    xml.text("PreferredMaintenanceWindow", &instance.maintenance_window);
    xml.element("DBParameterGroups", |xml| {
        xml.element("DBParameterGroup", |xml| {
            xml.text("DBParameterGroupName", &instance.parameter_group);
            xml.text("ParameterApplyStatus", "in-sync");
        });
    });
    xml.value("PromotionTier", instance.promotion_tier);
    xml.value("PubliclyAccessible", instance.public);
    xml.value("AutoMinorVersionUpgrade", instance.minor_upgrades);
    xml.value("MultiAZ", false);
    xml.value("MonitoringInterval", instance.monitoring_interval);
    xml.value("PerformanceInsightsEnabled", instance.performance_insights);
    xml.value("IAMDatabaseAuthenticationEnabled", set.iam_authentication);
    xml.value("DeletionProtection", false);
    xml.value("CopyTagsToSnapshot", false);
    xml.text("CACertificateIdentifier", &instance.certificate);
    xml.text("LicenseModel", cluster.engine.license());
}

fn network(xml: &mut Xml, account: &Account, cluster: &Cluster) {
    xml.element("VpcSecurityGroups", |xml| {
        for group in &cluster.settings.security_groups {
            xml.element("VpcSecurityGroupMembership", |xml| {
                xml.text("VpcSecurityGroupId", group);
                xml.text("Status", "active");
            });
        }
    });
    if let Some(group) = account.surroundings.subnet_group(&cluster.settings.subnet_group) {
        subnet_group(xml, &account.surroundings, group);
    }
}

/// One `DBSubnetGroup`.
pub fn subnet_group(xml: &mut Xml, around: &Surroundings, group: &SubnetGroup) {
    xml.element("DBSubnetGroup", |xml| {
        xml.text("DBSubnetGroupArn", &around.arn("subgrp", &group.name));
        xml.texts("SupportedNetworkTypes", "member", ["IPV4", "DUAL"]);
        xml.text("DBSubnetGroupName", &group.name);
        xml.text("DBSubnetGroupDescription", &group.description);
        xml.text("VpcId", &group.vpc);
        xml.text("SubnetGroupStatus", "Complete");
        xml.element("Subnets", |xml| {
            for subnet in &group.subnets {
                xml.element("Subnet", |xml| {
                    xml.text("SubnetIdentifier", &subnet.id);
                    xml.element("SubnetAvailabilityZone", |xml| {
                        xml.text("Name", &subnet.zone);
                    });
                    xml.text("SubnetStatus", "Active");
                });
            }
        });
    });
}
