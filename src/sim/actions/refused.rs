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

/// Refuses what a restored cluster can't have (API reference, RestoreDBClusterToPointInTime). A switch that is off is no
/// wish.
pub fn check(form: &Form) -> Result<(), ApiError> {
    let sent = |name: &&&str| form.text(name).is_some_and(|value| !matches!(value, "" | "0" | "false"));
    if LIMITLESS.iter().any(|name| sent(&name)) {
        return Err(ApiError::combination(
            "You can enable Performance Insights or set the Enhanced Monitoring interval only when restoring from a \
             source Aurora Limitless DB cluster",
        ));
    }
    if let Some(name) = MULTI_AZ.iter().find(sent) {
        return Err(ApiError::combination(format!("{name} is only valid for Multi-AZ DB clusters, not for Aurora.")));
    }
    if let Some(domain) = DIRECTORY.iter().find_map(|name| form.text(name)) {
        return Err(ApiError::new(Code::DomainNotFound, format!("Domain {domain} not found.")));
    }
    if form.text("EngineMode").is_some_and(|mode| mode != "provisioned") {
        return Err(ApiError::value("The simulator only has the engine mode provisioned"));
    }
    Ok(())
}
