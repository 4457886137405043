//! The calls that change something. Each uses up a permit, and no other file may make one of these calls.
//!
//! None of them is retried by the SDK: they have no client token, so a repeated call could do the work twice. Whoever
//! calls looks first at what is there, then calls again.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{Capability, OnFailure, Parameter, Tag as StackTag};
use aws_sdk_rds::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_rds::config::retry::RetryConfig;
use aws_sdk_rds::config::{Builder, ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_rds::error::BoxError;
use aws_sdk_rds::types::{ServerlessV2ScalingConfiguration, Tag};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::classify::classify;
use super::error::{AwsError, ErrorKind};
use super::{Aws, convert};
use crate::aurora::cluster::{Cluster, Instance};
use crate::aurora::ids::{ClusterId, ResourceId};
use crate::aurora::ownership::{TAG_EXPIRES, TAG_KEEP, TAG_MARK};
use crate::aurora::policy::{Deed, Permit, StackDeed, StackPermit};
use crate::aurora::request::{CloneSpec, CopyKind, InstanceSpec};
use crate::aurora::rewind::{Rewind, RewindStatus};
use crate::aurora::secure::MasterPassword;
use crate::aurora::stack::StackSpec;

/// Stops a call that is not on its way in time.
#[derive(Debug)]
struct Deadline(Instant);

impl Intercept for Deadline {
    fn name(&self) -> &'static str {
        "Deadline"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if Instant::now() > self.0 {
            return Err("this process was held up, and the call was not made".into());
        }
        Ok(())
    }
}

/// A permit for another deed is a mistake of ours; the call must not go out.
fn demand(permit: &Permit, deed: Deed) -> Result<(), AwsError> {
    if permit.deed() == deed {
        return Ok(());
    }
    let message = format!("the permit is for `{}` to be {}, not to be {deed}", permit.cluster(), permit.deed());
    Err(AwsError::new(ErrorKind::Invalid, message))
}

/// The same for a permit on another cluster.
fn demand_on(permit: &Permit, deed: Deed, cluster: &ClusterId) -> Result<(), AwsError> {
    demand(permit, deed)?;
    if permit.cluster() == cluster {
        return Ok(());
    }
    Err(AwsError::new(ErrorKind::Invalid, format!("the permit is for `{}`, not for `{cluster}`", permit.cluster())))
}

/// The same for what is called by an ARN.
fn demand_arn(permit: &Permit, deed: Deed, arn: &str) -> Result<(), AwsError> {
    demand(permit, deed)?;
    if permit.arn() == arn {
        return Ok(());
    }
    let message = format!("the permit is for `{}`, not for {}", permit.cluster(), crate::aurora::text::clean(arn));
    Err(AwsError::new(ErrorKind::Invalid, message))
}

/// The same for a permit on a stack.
fn demand_stack(permit: &StackPermit, deed: StackDeed) -> Result<(), AwsError> {
    if permit.deed() == deed {
        return Ok(());
    }
    let message = format!("the permit is for the stack `{}` to be {}, not to be {deed}", permit.name(), permit.deed());
    Err(AwsError::new(ErrorKind::Invalid, message))
}

/// What a change of these tags takes: a permit to mark for those of marks alone, one of its own for those that say how
/// long a clone stays, and for all others one to equip what the same task has made.
fn deed_of<'a>(mut keys: impl Iterator<Item = &'a str>) -> Deed {
    let deed = |key: &str| match key {
        TAG_EXPIRES | TAG_KEEP => Deed::Stay,
        key if key.starts_with(TAG_MARK) => Deed::Mark,
        _ => Deed::Equip,
    };
    let first = keys.next().map_or(Deed::Equip, deed);
    if keys.all(|key| deed(key) == first) { first } else { Deed::Equip }
}

fn tags(from: &BTreeMap<String, String>) -> Vec<Tag> {
    from.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

impl Aws {
    /// The configuration of one call: no retries, and not too late.
    fn once(&self) -> Builder {
        let once = Builder::new().retry_config(RetryConfig::disabled());
        match self.until {
            Some(until) => once.interceptor(Deadline(until)),
            None => once,
        }
    }

    /// The same for a call of CloudFormation.
    fn stack_once(&self) -> aws_sdk_cloudformation::config::Builder {
        let once = aws_sdk_cloudformation::config::Builder::new().retry_config(RetryConfig::disabled());
        match self.until {
            Some(until) => once.interceptor(Deadline(until)),
            None => once,
        }
    }

    /// Asks for a clone or a full copy; every parameter is sent (see [`CloneSpec`]).
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn restore(&self, permit: Permit, spec: &CloneSpec) -> Result<Cluster, AwsError> {
        demand_on(&permit, Deed::Copy, &spec.source)?;
        let call = self
            .rds
            .restore_db_cluster_to_point_in_time()
            .db_cluster_identifier(spec.name.as_str())
            .source_db_cluster_identifier(spec.source.as_str())
            .port(i32::from(spec.port))
            .set_db_subnet_group_name(spec.subnet_group.clone())
            .set_vpc_security_group_ids((!spec.security_groups.is_empty()).then(|| spec.security_groups.clone()))
            .set_db_cluster_parameter_group_name(spec.parameter_group.clone())
            .enable_iam_database_authentication(spec.iam_auth)
            .set_enable_cloudwatch_logs_exports((!spec.log_exports.is_empty()).then(|| spec.log_exports.clone()))
            .set_storage_type(spec.storage_type.clone())
            .set_serverless_v2_scaling_configuration(spec.serverless.map(|(min, max)| {
                ServerlessV2ScalingConfiguration::builder().min_capacity(min).max_capacity(max).build()
            }))
            .set_backtrack_window((spec.window_seconds > 0).then_some(spec.window_seconds))
            .deletion_protection(false)
            .set_tags(Some(tags(&spec.tags)));
        // A clone cannot have a time (API reference, RestoreToTime); without a type it would be a full copy.
        let call = match spec.kind {
            CopyKind::CopyOnWrite => call.restore_type("copy-on-write").use_latest_restorable_time(true),
            CopyKind::FullCopy(at) => call.restore_type("full-copy").restore_to_time(convert::date_time(at)),
        };
        let answer = call.customize().config_override(self.once()).send().await;
        let answer = answer.map_err(|error| classify("RestoreDBClusterToPointInTime", &error))?;
        answer.db_cluster().and_then(convert::cluster).ok_or_else(|| empty_answer("RestoreDBClusterToPointInTime"))
    }

    /// Asks for an instance of the cluster that the permit names.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn create_instance(
        &self,
        permit: Permit,
        spec: &InstanceSpec,
        with: &BTreeMap<String, String>,
    ) -> Result<(), AwsError> {
        demand(&permit, Deed::Equip)?;
        self.rds
            .create_db_instance()
            .db_instance_identifier(spec.id.as_str())
            .db_cluster_identifier(permit.cluster().as_str())
            .db_instance_class(&spec.class)
            .engine(&spec.engine)
            .set_db_parameter_group_name(spec.parameter_group.clone())
            .publicly_accessible(spec.public)
            .set_tags(Some(tags(with)))
            .customize()
            .config_override(self.once())
            .send()
            .await
            .map_err(|error| classify("CreateDBInstance", &error))?;
        Ok(())
    }

    /// Adds tags to the cluster that the permit names; `arn` has to be that cluster's.
    ///
    /// # Errors
    /// If it is another's, or what AWS answered.
    pub async fn tag(&self, permit: Permit, arn: &str, with: &BTreeMap<String, String>) -> Result<(), AwsError> {
        demand_arn(&permit, deed_of(with.keys().map(String::as_str)), arn)?;
        self.rds
            .add_tags_to_resource()
            .resource_name(arn)
            .set_tags(Some(tags(with)))
            .customize()
            .config_override(self.once())
            .send()
            .await
            .map_err(|error| classify("AddTagsToResource", &error))?;
        Ok(())
    }

    /// Takes a tag off the cluster that the permit names; `arn` has to be that cluster's. Only the tags of marks and of
    /// protection ever come off.
    ///
    /// # Errors
    /// If it is another's, or another tag, or what AWS answered.
    pub async fn untag(&self, permit: Permit, arn: &str, key: &str) -> Result<(), AwsError> {
        demand_arn(&permit, deed_of([key].into_iter()), arn)?;
        if !key.starts_with(TAG_MARK) && key != TAG_KEEP {
            return Err(AwsError::new(ErrorKind::Invalid, format!("the tag `{key}` never comes off")));
        }
        self.rds
            .remove_tags_from_resource()
            .resource_name(arn)
            .tag_keys(key)
            .customize()
            .config_override(self.once())
            .send()
            .await
            .map_err(|error| classify("RemoveTagsFromResource", &error))?;
        Ok(())
    }

    /// Asks for another master password of the cluster that the permit names, or for one that Secrets Manager keeps, and for
    /// how long backups are kept. All of it is to be in force at once.
    ///
    /// # Errors
    /// If there is no password to rotate to, or what AWS answered.
    pub async fn secure(
        &self,
        permit: Permit,
        master: MasterPassword,
        password: Option<&SecretString>,
        retention_days: Option<u16>,
    ) -> Result<(), AwsError> {
        demand(&permit, Deed::Secure)?;
        let password = match (master, password) {
            (MasterPassword::Rotate, None) => {
                let message = "the new password was known only to the process that made it";
                return Err(AwsError::new(ErrorKind::Invalid, message));
            }
            (MasterPassword::Rotate, Some(password)) => Some(password.expose_secret().to_owned()),
            _ => None,
        };
        self.rds
            .modify_db_cluster()
            .db_cluster_identifier(permit.cluster().as_str())
            .set_master_user_password(password)
            .set_manage_master_user_password((master == MasterPassword::Managed).then_some(true))
            .set_backup_retention_period(retention_days.map(i32::from))
            .apply_immediately(true)
            .customize()
            .config_override(self.once())
            .send()
            .await
            .map_err(|error| classify("ModifyDBCluster", &error))?;
        Ok(())
    }

    /// Asks for a rewind of the cluster that the permit names. With `earliest` Aurora goes to the earliest moment if `to`
    /// is out of reach by then; without it that is an error. With `force` it goes on although binary logging is on.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn backtrack(
        &self,
        permit: Permit,
        to: Timestamp,
        earliest: bool,
        force: bool,
    ) -> Result<Rewind, AwsError> {
        demand(&permit, Deed::Rewind)?;
        let answer = self
            .rds
            .backtrack_db_cluster()
            .db_cluster_identifier(permit.cluster().as_str())
            .backtrack_to(convert::date_time(to))
            .set_use_earliest_time_on_point_in_time_unavailable(earliest.then_some(true))
            .set_force(force.then_some(true))
            .customize()
            .config_override(self.once())
            .send()
            .await
            .map_err(|error| classify("BacktrackDBCluster", &error))?;
        Ok(Rewind {
            id: answer
                .backtrack_identifier()
                .map(crate::aurora::text::clean)
                .ok_or_else(|| empty_answer("BacktrackDBCluster"))?,
            to: answer.backtrack_to().and_then(convert::moment),
            from: answer.backtracked_from().and_then(convert::moment),
            requested_at: answer.backtrack_request_creation_time().and_then(convert::moment),
            status: RewindStatus::from_wire(answer.status().unwrap_or("pending")),
        })
    }

    /// Asks for the deletion of one instance of the cluster that the permit names.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn delete_instance(&self, permit: Permit, instance: &Instance) -> Result<(), AwsError> {
        demand_on(&permit, Deed::Delete, &instance.cluster)?;
        // An Aurora instance has no final snapshot of its own (CLI reference, delete-db-instance).
        self.rds
            .delete_db_instance()
            .db_instance_identifier(&instance.id)
            .skip_final_snapshot(true)
            .customize()
            .config_override(self.once())
            .send()
            .await
            .map_err(|error| classify("DeleteDBInstance", &error))?;
        Ok(())
    }

    /// Asks for the deletion of the cluster that the permit names, which must be `resource`.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn delete_cluster(
        &self,
        permit: Permit,
        resource: &ResourceId,
        final_snapshot: Option<&ClusterId>,
    ) -> Result<(), AwsError> {
        demand(&permit, Deed::Delete)?;
        if permit.resource() != resource {
            let message = format!("`{}` is now another cluster than {resource}", permit.cluster());
            return Err(AwsError::new(ErrorKind::Invalid, message));
        }
        let call = self.rds.delete_db_cluster().db_cluster_identifier(permit.cluster().as_str());
        let call = match final_snapshot {
            Some(name) => call.skip_final_snapshot(false).final_db_snapshot_identifier(name.as_str()),
            None => call.skip_final_snapshot(true),
        };
        let answer = call.customize().config_override(self.once()).send().await;
        answer.map_err(|error| classify("DeleteDBCluster", &error))?;
        Ok(())
    }

    /// Asks for the stack that the permit names; gives back its id. With a `token` that went out before it is the same
    /// stack (API reference, CreateStack, ClientRequestToken). What fails is left as it is, so that the reason can be read
    /// before it is deleted.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn build_stack(&self, permit: StackPermit, spec: &StackSpec, token: &str) -> Result<String, AwsError> {
        demand_stack(&permit, StackDeed::Create)?;
        let parameters = spec
            .parameters
            .iter()
            .map(|(name, value)| Parameter::builder().parameter_key(name).parameter_value(value.expose()).build());
        let capabilities = spec.capabilities.iter().map(|name| Capability::from(name.as_str()));
        let tags = spec.tags.iter().map(|(key, value)| StackTag::builder().key(key).value(value).build());
        let answer = self
            .cloudformation()?
            .create_stack()
            .stack_name(permit.name().as_str())
            .template_body(&spec.template)
            .set_parameters(Some(parameters.collect()))
            .set_capabilities(Some(capabilities.collect()))
            .set_tags(Some(tags.collect()))
            .on_failure(OnFailure::DoNothing)
            .client_request_token(token)
            .customize()
            .config_override(self.stack_once())
            .send()
            .await
            .map_err(|error| classify("CreateStack", &error))?;
        answer.stack_id().map(crate::aurora::text::clean).ok_or_else(|| empty_answer("CreateStack"))
    }

    /// Asks for the deletion of the stack that the permit names, by its id.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn unbuild_stack(&self, permit: StackPermit) -> Result<(), AwsError> {
        demand_stack(&permit, StackDeed::Delete)?;
        self.cloudformation()?
            .delete_stack()
            .set_stack_name(permit.id().map(str::to_owned))
            .customize()
            .config_override(self.stack_once())
            .send()
            .await
            .map_err(|error| classify("DeleteStack", &error))?;
        Ok(())
    }
}

fn empty_answer(action: &str) -> AwsError {
    AwsError::new(ErrorKind::Transient, format!("{action}: the answer does not name what was made"))
}
