//! ModifyDBCluster.

use super::super::account::cluster::{Cluster, ClusterStatus};
use super::super::account::intent::{Intent, Password};
use super::super::account::lifecycle::Lifecycle;
use super::super::protocol::{ApiError, Code, Form, Xml};
use super::super::rules::timing::Work;
use super::super::rules::{identifier, password, window};
use super::{Call, secrets, settings, view};

/// What it knows; new engine versions are not simulated.
pub const PARAMETERS: &[&str] = &[
    "ApplyImmediately",
    "BacktrackWindow",
    "BackupRetentionPeriod",
    "CopyTagsToSnapshot",
    "DBClusterIdentifier",
    "DBClusterParameterGroupName",
    "DeletionProtection",
    "ManageMasterUserPassword",
    "MasterUserPassword",
    "NewDBClusterIdentifier",
    "Port",
    "RotateMasterUserPassword",
    "VpcSecurityGroupIds",
];

/// What a request changes, checked.
struct Changes {
    backtrack_target: Option<i64>,
    retention: Option<i64>,
    copy_tags: Option<bool>,
    parameter_group: Option<String>,
    protection: Option<bool>,
    password: bool,
    secret: Option<secrets::Wanted>,
    port: Option<u16>,
    security_groups: Vec<String>,
    name: Option<String>,
}

impl Changes {
    fn read(form: &Form, call: &Call<'_>, cluster: &Cluster) -> Result<Self, ApiError> {
        let at_once = form.flag("ApplyImmediately")?;
        if let Some(text) = form.text("MasterUserPassword") {
            password::check(text)?;
        }
        let secret = secrets::wanted(form, cluster, at_once)?;
        Ok(Self {
            backtrack_target: target(form, &call.account.surroundings.region, cluster)?,
            retention: settings::retention(form)?,
            copy_tags: form.boolean("CopyTagsToSnapshot")?,
            parameter_group: settings::parameter_group(
                form,
                &call.account.surroundings,
                cluster.engine,
                &cluster.version,
            )?,
            protection: form.boolean("DeletionProtection")?,
            password: form.text("MasterUserPassword").is_some() || secret == Some(secrets::Wanted::Made),
            secret,
            port: settings::port(form)?,
            security_groups: settings::security_groups(form)?,
            name: new_name(form, call, at_once)?,
        })
    }

    /// The status that the changes bring; switches that touch no database bring none.
    fn status(&self) -> Option<ClusterStatus> {
        let work = self.backtrack_target.is_some()
            || self.retention.is_some()
            || self.parameter_group.is_some()
            || self.port.is_some()
            || !self.security_groups.is_empty();
        match (self.password, work) {
            (true, _) => Some(ClusterStatus::ResettingMasterCredentials),
            (false, true) => Some(ClusterStatus::Modifying),
            (false, false) => None,
        }
    }

    fn is_nothing(&self) -> bool {
        self.status().is_none() && self.name.is_none() && self.copy_tags.is_none() && self.protection.is_none()
    }

    fn apply(self, cluster: &mut Cluster, now: jiff::Timestamp) {
        let to = &mut cluster.settings;
        to.backup_retention_days = self.retention.unwrap_or(to.backup_retention_days);
        to.copy_tags_to_snapshot = self.copy_tags.unwrap_or(to.copy_tags_to_snapshot);
        to.deletion_protection = self.protection.unwrap_or(to.deletion_protection);
        to.port = self.port.unwrap_or(to.port);
        if let Some(group) = self.parameter_group {
            to.parameter_group = group;
        }
        if !self.security_groups.is_empty() {
            to.security_groups = self.security_groups;
        }
        match self.backtrack_target {
            // Off is off for ever, and the records are thrown away (User Guide, disabling Backtrack).
            Some(0) => cluster.backtrack = None,
            Some(target) => {
                if let Some(backtrack) = cluster.backtrack.as_mut() {
                    backtrack.retarget(target, now);
                }
            }
            None => {}
        }
    }
}

/// The new identifier. Without ApplyImmediately the service waits for the maintenance window
/// (API reference, ModifyDBCluster, NewDBClusterIdentifier); that is not simulated.
fn new_name(form: &Form, call: &Call<'_>, at_once: bool) -> Result<Option<String>, ApiError> {
    let Some(name) = form.text("NewDBClusterIdentifier") else {
        return Ok(None);
    };
    let name = identifier::stored("NewDBClusterIdentifier", name, identifier::RESOURCE)?;
    call.account.check_cluster_name(&name)?;
    if !at_once {
        let message = "The simulator renames a cluster at once or not at all: send ApplyImmediately.";
        return Err(ApiError::new(Code::NotImplemented, message));
    }
    Ok(Some(name))
}

/// The new target window: the length of an enabled one can change, and it can be switched off, but never on
/// (API reference, ModifyDBCluster, BacktrackWindow).
fn target(form: &Form, region: &str, cluster: &Cluster) -> Result<Option<i64>, ApiError> {
    let Some(sent) = form.text("BacktrackWindow") else {
        return Ok(None);
    };
    let target = window::target(Some(sent))?;
    window::may_enable(region, cluster.engine, &cluster.version, target, Some(cluster.backtrack.is_some()))?;
    Ok(Some(target))
}

/// Changes settings (API reference, ModifyDBCluster). The answer still shows the status from before.
pub fn modify(call: &mut Call<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let cluster = call.available_cluster("DBClusterIdentifier")?;
    let (id, resource_id) = (cluster.id.clone(), cluster.resource_id.clone());
    let changes = Changes::read(call.form, call, cluster)?;
    if changes.is_nothing() {
        return Err(ApiError::combination("No modifications were requested"));
    }
    let (status, name) = (changes.status(), changes.name.clone());
    if let Some(password) = call.form.text("MasterUserPassword") {
        call.account.intend(Intent::Password(resource_id.clone(), Password(password.to_owned())));
    }
    if let Some(wanted) = changes.secret {
        let secret = (wanted == secrets::Wanted::Made).then(|| secrets::make(call, &resource_id));
        if let Some(secret) = &secret {
            call.account.intend(Intent::Password(resource_id.clone(), Password(secret.password.clone())));
        }
        call.account.cluster_mut(&id)?.secret = secret;
    }
    changes.apply(call.account.cluster_mut(&id)?, call.now);
    call.account.watch_window(&id, call.now);
    view::cluster(xml, call.account, call.account.cluster(&id)?, call.now);
    if let Some(name) = name {
        call.account.rename_cluster(&id, &name, call.now);
    } else if let Some(status) = status {
        let done = call.account.end_of(Work::Modify, &resource_id, call.now);
        call.account.steer_cluster(&id, Lifecycle::until(status, done, ClusterStatus::Available));
    }
    Ok(())
}
