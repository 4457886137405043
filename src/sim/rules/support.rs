//! How long a major version has standard support, and what EngineLifecycleSupport makes of its end (User Guide, Amazon
//! RDS Extended Support; Aurora version calendars).

use jiff::Timestamp;

use super::super::protocol::{ApiError, Form};
use super::engine::Engine;

/// Extended Support, into which a cluster is enrolled unless its request says otherwise.
pub const EXTENDED: &str = "open-source-rds-extended-support";
/// No Extended Support: the cluster is upgraded instead.
pub const NOT_EXTENDED: &str = "open-source-rds-extended-support-disabled";

/// The ends of standard support by the beginning of the version; those of versions with many years to go are not
/// needed.
const ENDS: [(Engine, &str, &str); 6] = [
    (Engine::AuroraMysql, "5.7", "2024-10-31T00:00:00Z"),
    (Engine::AuroraPostgresql, "11", "2024-02-29T00:00:00Z"),
    (Engine::AuroraPostgresql, "12", "2025-02-28T00:00:00Z"),
    (Engine::AuroraPostgresql, "13", "2026-02-28T00:00:00Z"),
    (Engine::AuroraPostgresql, "14", "2027-02-28T00:00:00Z"),
    (Engine::AuroraPostgresql, "15", "2028-02-29T00:00:00Z"),
];

/// Whether a request does without Extended Support.
pub fn is_declined(form: &Form) -> Result<bool, ApiError> {
    match form.text("EngineLifecycleSupport") {
        None | Some(EXTENDED) => Ok(false),
        Some(NOT_EXTENDED) => Ok(true),
        Some(other) => Err(ApiError::value(format!(
            "Invalid value {other} for EngineLifecycleSupport. Must be one of {EXTENDED}, {NOT_EXTENDED}"
        ))),
    }
}

/// Whether the standard support of a version has ended.
pub fn has_ended(engine: Engine, version: &str, now: Timestamp) -> bool {
    let of =
        |beginning: &str| version.strip_prefix(beginning).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let end = ENDS.iter().find(|(own, beginning, _)| *own == engine && of(beginning));
    end.and_then(|(.., at)| at.parse::<Timestamp>().ok()).is_some_and(|at| now >= at)
}

/// Whether a new cluster may have this version: one that has ended takes Extended Support
/// (API reference, CreateDBCluster, EngineLifecycleSupport).
pub fn check_new(form: &Form, engine: Engine, version: &str, now: Timestamp) -> Result<(), ApiError> {
    if is_declined(form)? && has_ended(engine, version, now) {
        return Err(ApiError::combination(format!(
            "The standard support of {} {version} has ended, and EngineLifecycleSupport declines Extended Support.",
            engine.name()
        )));
    }
    Ok(())
}

/// The version of a restored cluster: a higher one, if its own has ended and Extended Support is declined
/// (API reference, RestoreDBClusterToPointInTime, EngineLifecycleSupport).
pub fn restored_version(engine: Engine, version: &str, declined: bool, now: Timestamp) -> &str {
    if declined && has_ended(engine, version, now) { engine.default_version() } else { version }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(Engine::AuroraMysql, "5.7.mysql_aurora.2.11.5", "2024-10-30T00:00:00Z", false)]
    #[case(Engine::AuroraMysql, "5.7.mysql_aurora.2.11.5", "2026-11-22T00:00:00Z", true)]
    #[case(Engine::AuroraMysql, "8.0.mysql_aurora.3.08.2", "2026-11-22T00:00:00Z", false)]
    #[case(Engine::AuroraPostgresql, "13.12", "2026-02-28T00:00:00Z", true)]
    #[case(Engine::AuroraPostgresql, "16.8", "2026-11-22T00:00:00Z", false)]
    #[case(Engine::AuroraPostgresql, "111.1", "2026-11-22T00:00:00Z", false)]
    fn versions_end(#[case] engine: Engine, #[case] version: &str, #[case] now: &str, #[case] ended: bool) {
        let now: Timestamp = now.parse().unwrap();
        assert_eq!(has_ended(engine, version, now), ended);
        assert_eq!(restored_version(engine, version, true, now) != version, ended);
        assert_eq!(restored_version(engine, version, false, now), version);
    }

    #[test]
    fn every_end_is_a_moment() {
        assert!(ENDS.iter().all(|(.., at)| at.parse::<Timestamp>().is_ok()));
    }
}
