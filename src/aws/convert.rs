//! From the SDK's types to the domain's. Every text is cleaned here, so that nothing from AWS steers a terminal.

use aws_sdk_rds::primitives::DateTime;
use aws_sdk_rds::types;
use jiff::Timestamp;

use crate::aurora::cluster::{Cluster, ClusterStatus, Engine, Instance, Member, Network, Settings};
use crate::aurora::event::ClusterEvent;
use crate::aurora::ids::ResourceId;
use crate::aurora::rewind::{Rewind, RewindStatus};
use crate::aurora::secure::MasterSecret;
use crate::aurora::text::clean;
use crate::aurora::window::Backtrack;

pub(super) fn moment(at: &DateTime) -> Option<Timestamp> {
    Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()
}

pub(super) fn date_time(at: Timestamp) -> DateTime {
    DateTime::from_secs_and_nanos(at.as_second(), u32::try_from(at.subsec_nanosecond()).unwrap_or_default())
}

fn text(value: Option<&str>) -> Option<String> {
    value.map(clean).filter(|text| !text.is_empty())
}

fn texts<'a>(values: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    values.into_iter().map(|value| clean(value)).collect()
}

/// The cluster, if it is one of Aurora's. Clusters that other accounts share come with few fields (User Guide,
/// cross-account cloning); without an identifier and a resource id there is nothing to show.
pub(super) fn cluster(from: &types::DbCluster) -> Option<Cluster> {
    let engine = Engine::from_wire(from.engine()?)?;
    let id = from.db_cluster_identifier()?.parse().ok()?;
    let resource_id = ResourceId::new(text(from.db_cluster_resource_id())?);
    let restorable =
        from.earliest_restorable_time().and_then(moment).zip(from.latest_restorable_time().and_then(moment));
    Some(Cluster {
        id,
        resource_id,
        arn: text(from.db_cluster_arn()).unwrap_or_default(),
        engine,
        engine_version: text(from.engine_version()).unwrap_or_default(),
        status: ClusterStatus::from_wire(&clean(from.status().unwrap_or("unknown"))),
        created_at: from.cluster_create_time().and_then(moment),
        clone_group: text(from.clone_group_id()),
        global: from.global_cluster_identifier().is_some_and(|id| !id.is_empty()),
        members: from.db_cluster_members().iter().filter_map(member).collect(),
        backtrack: Backtrack {
            target_seconds: from.backtrack_window().unwrap_or_default(),
            earliest: from.earliest_backtrack_time().and_then(moment),
            change_records: from.backtrack_consumed_change_records(),
        },
        restorable,
        restarts_at: from.automatic_restart_time().and_then(moment),
        network: network(from),
        settings: settings(from),
        tags: from
            .tag_list()
            .iter()
            .filter_map(|tag| Some((clean(tag.key()?), clean(tag.value().unwrap_or_default()))))
            .collect(),
    })
}

/// The account that a cluster's ARN names, of whatever engine it is; those that other accounts share do not count.
pub(super) fn account(from: &types::DbCluster) -> Option<String> {
    from.db_cluster_identifier()?;
    text(from.db_cluster_arn()?.split(':').nth(4))
}

fn member(from: &types::DbClusterMember) -> Option<Member> {
    Some(Member { id: text(from.db_instance_identifier())?, writer: from.is_cluster_writer().unwrap_or_default() })
}

fn network(from: &types::DbCluster) -> Network {
    let groups = from.vpc_security_groups().iter();
    Network {
        endpoint: text(from.endpoint()),
        reader_endpoint: text(from.reader_endpoint()),
        port: from.port().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0),
        subnet_group: text(from.db_subnet_group()),
        security_groups: groups.filter_map(|group| text(group.vpc_security_group_id())).collect(),
        availability_zones: texts(from.availability_zones()),
    }
}

fn settings(from: &types::DbCluster) -> Settings {
    let capacity = from.serverless_v2_scaling_configuration();
    Settings {
        parameter_group: text(from.db_cluster_parameter_group()),
        parameters_pending: from
            .db_cluster_members()
            .iter()
            .any(|member| member.db_cluster_parameter_group_status() == Some("pending-reboot")),
        iam_auth: from.iam_database_authentication_enabled().unwrap_or_default(),
        log_exports: texts(from.enabled_cloudwatch_logs_exports()),
        deletion_protection: from.deletion_protection().unwrap_or_default(),
        storage_type: text(from.storage_type()),
        serverless: capacity.and_then(|c| Some((c.min_capacity()?, c.max_capacity()?))),
        backup_retention_days: from.backup_retention_period().and_then(|days| u16::try_from(days).ok()),
        encrypted: from.storage_encrypted().unwrap_or_default(),
        master_secret: from.master_user_secret().and_then(|secret| {
            let active = secret.secret_status() == Some("active");
            Some(MasterSecret { arn: text(secret.secret_arn())?, active })
        }),
        changes_pending: from
            .pending_modified_values()
            .is_some_and(|pending| *pending != types::ClusterPendingModifiedValues::builder().build()),
        master_user: text(from.master_username()),
    }
}

/// The instance, if it belongs to a cluster.
pub(super) fn instance(from: &types::DbInstance) -> Option<Instance> {
    Some(Instance {
        id: text(from.db_instance_identifier())?,
        cluster: from.db_cluster_identifier()?.parse().ok()?,
        class: text(from.db_instance_class()).unwrap_or_default(),
        status: ClusterStatus::from_wire(&clean(from.db_instance_status().unwrap_or("unknown"))),
        parameter_group: from.db_parameter_groups().first().and_then(|group| text(group.db_parameter_group_name())),
        public: from.publicly_accessible().unwrap_or_default(),
    })
}

pub(super) fn rewind(from: &types::DbClusterBacktrack) -> Option<Rewind> {
    Some(Rewind {
        id: text(from.backtrack_identifier())?,
        to: from.backtrack_to().and_then(moment),
        from: from.backtracked_from().and_then(moment),
        requested_at: from.backtrack_request_creation_time().and_then(moment),
        status: RewindStatus::from_wire(&clean(from.status().unwrap_or("unknown"))),
    })
}

pub(super) fn event(from: &types::Event) -> Option<ClusterEvent> {
    Some(ClusterEvent {
        at: from.date().and_then(moment)?,
        source: text(from.source_identifier()).unwrap_or_default(),
        categories: texts(from.event_categories()),
        message: text(from.message())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_engines_and_nameless_clusters_are_left_out() {
        let named = |engine: &str| {
            types::DbCluster::builder()
                .engine(engine)
                .db_cluster_identifier("a")
                .db_cluster_resource_id("cluster-A")
                .build()
        };
        assert!(cluster(&named("aurora-mysql")).is_some());
        assert!(cluster(&named("neptune")).is_none());
        assert!(cluster(&named("docdb")).is_none());
        assert!(cluster(&types::DbCluster::builder().engine("aurora-mysql").build()).is_none());
    }

    #[test]
    fn control_characters_stop_at_the_boundary() {
        let tag = types::Tag::builder().key("te\u{1b}am").value("sh\u{7}op").build();
        let from = types::DbCluster::builder()
            .engine("aurora-mysql")
            .db_cluster_identifier("a")
            .db_cluster_resource_id("cluster-A")
            .status("avail\u{1b}[31mable")
            .tag_list(tag)
            .build();
        let cluster = cluster(&from).unwrap();
        assert_eq!(cluster.status.as_str(), "avail[31mable");
        assert_eq!(cluster.tags.get("team").map(String::as_str), Some("shop"));
    }

    #[rstest::rstest]
    #[case("pending-reboot", true)]
    #[case("in-sync", false)]
    fn parameters_that_wait_for_a_restart_are_noticed(#[case] status: &str, #[case] want: bool) {
        let member = types::DbClusterMember::builder().db_cluster_parameter_group_status(status).build();
        let from = types::DbCluster::builder().db_cluster_members(member).build();
        assert_eq!(settings(&from).parameters_pending, want);
    }

    #[test]
    fn moments_keep_their_fraction() {
        let at: Timestamp = "2026-11-22T12:00:00.123456789Z".parse().unwrap();
        assert_eq!(moment(&date_time(at)), Some(at));
    }
}
