//! Parameters of the model that an ordinary Aurora cluster refuses, and those that name what no simulated account has.

use super::super::protocol::{ApiError, Code, Form};

/// What only Limitless clusters take.
pub const LIMITLESS: &[&str] = &[
    "EnablePerformanceInsights",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
];

/// What only Multi-AZ DB clusters take, which are not Aurora.
pub const MULTI_AZ: &[&str] = &["DBClusterInstanceClass", "Iops", "PubliclyAccessible"];

/// What names a directory.
pub const DIRECTORY: &[&str] = &["Domain", "DomainIAMRoleName"];

/// What belongs to kinds of clusters that are no more, or not yet.
pub const OTHER_KINDS: &[&str] = &["RdsCustomClusterConfiguration", "ScalingConfiguration"];

/// Refuses what a restored cluster can't have (API reference, RestoreDBClusterToPointInTime and
/// RestoreDBClusterFromSnapshot). A switch that is off is no wish.
pub fn check_restored(form: &Form) -> Result<(), ApiError> {
    if LIMITLESS.iter().any(|name| is_wish(form, name)) {
        return Err(ApiError::combination(
            "You can enable Performance Insights or set the Enhanced Monitoring interval only when restoring from a \
             source Aurora Limitless DB cluster",
        ));
    }
    check(form)
}

/// Refuses what no Aurora cluster can have.
pub fn check(form: &Form) -> Result<(), ApiError> {
    if let Some(name) = MULTI_AZ.iter().find(|name| is_wish(form, name)) {
        return Err(ApiError::combination(format!("{name} is only valid for Multi-AZ DB clusters, not for Aurora.")));
    }
    if let Some(domain) = DIRECTORY.iter().find_map(|name| form.text(name)) {
        return Err(ApiError::new(Code::DomainNotFound, format!("Domain {domain} not found.")));
    }
    if form.text("EngineMode").is_some_and(|mode| mode != "provisioned") {
        return Err(ApiError::value("The simulator only has the engine mode provisioned"));
    }
    let sent = |wanted: &str| form.names().any(|name| name == wanted);
    if sent("ScalingConfiguration") {
        return Err(ApiError::combination("ScalingConfiguration is only valid for the engine mode serverless."));
    }
    if sent("RdsCustomClusterConfiguration") {
        return Err(ApiError::combination("RdsCustomClusterConfiguration is reserved and can't be set for Aurora."));
    }
    Ok(())
}

fn is_wish(form: &Form, name: &str) -> bool {
    form.text(name).is_some_and(|value| !matches!(value, "" | "0" | "false"))
}
