//! The target window and what a rewind may ask for (User Guide, Backtracking; API reference, BacktrackDBCluster).

use jiff::Timestamp;

use super::super::protocol::ApiError;
use super::engine::Engine;
use super::regions;

/// The longest target window: 72 hours.
pub const LONGEST: i64 = 259_200;

/// The target window of a request, 0 when none was sent.
pub fn target(sent: Option<&str>) -> Result<i64, ApiError> {
    let Some(text) = sent else { return Ok(0) };
    text.parse().ok().filter(|seconds| (0..=LONGEST).contains(seconds)).ok_or_else(|| {
        ApiError::value(format!(
            "The specified value ({text}) is not a valid Backtrack Window. Allowed values are within the range of 0 to \
             {LONGEST}"
        ))
    })
}

/// Whether a new cluster may have this window, in this Region; a copy only when its source has one
/// (User Guide, Backtracking; tried by the guide's own maintainers). The text about Regions is an assumption.
pub fn may_enable(
    region: &str,
    engine: Engine,
    version: &str,
    target: i64,
    source: Option<bool>,
) -> Result<(), ApiError> {
    if target > 0 && engine.has_backtrack() && !regions::has_backtrack(region) {
        return Err(ApiError::combination(format!("Backtrack is not available in the Region {region}.")));
    }
    match (target, engine.has_backtrack(), source) {
        (0, _, _) | (_, true, None | Some(true)) => Ok(()),
        (_, false, _) => Err(engine.no_backtrack(version)),
        (_, true, Some(false)) => Err(never_enabled()),
    }
}

/// The refusal to switch Backtrack on where it was not on before.
pub fn never_enabled() -> ApiError {
    ApiError::combination("Backtrack cannot currently be enabled for this cluster")
}

/// The moment that a rewind goes for, or why it is refused. `earliest` stands for
/// `UseEarliestTimeOnPointInTimeUnavailable`.
pub fn aim(asked: Timestamp, floor: Timestamp, now: Timestamp, earliest: bool) -> Result<Timestamp, ApiError> {
    if asked >= now {
        return Err(ApiError::value(format!("The specified BacktrackTo time {asked} is not in the past.")));
    }
    if asked >= floor {
        return Ok(asked);
    }
    if earliest {
        return Ok(floor);
    }
    Err(ApiError::value(format!(
        "The specified BacktrackTo time {asked} is before the earliest time that is available for Backtrack: {floor}."
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn target_windows_have_a_range() {
        assert_eq!(target(None), Ok(0));
        assert_eq!(target(Some("259200")), Ok(LONGEST));
        for text in ["-1", "259201", "1h", ""] {
            assert!(target(Some(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_copy_has_a_window_only_if_its_source_has_one() {
        let mysql = |target, source| may_enable("eu-west-1", Engine::AuroraMysql, "8.0", target, source);
        assert!(mysql(3600, None).is_ok());
        assert!(mysql(3600, Some(true)).is_ok());
        assert!(mysql(0, Some(false)).is_ok());
        assert_eq!(mysql(3600, Some(false)), Err(never_enabled()));
        assert!(may_enable("eu-west-1", Engine::AuroraPostgresql, "16.8", 3600, None).is_err());
        assert!(may_enable("eu-west-1", Engine::AuroraPostgresql, "16.8", 0, None).is_ok());
        assert!(may_enable("eu-north-1", Engine::AuroraMysql, "8.0", 3600, Some(true)).is_err());
        assert!(may_enable("eu-north-1", Engine::AuroraMysql, "8.0", 0, Some(true)).is_ok());
    }

    #[test]
    fn a_rewind_stays_between_the_floor_and_now() {
        let (floor, now) = (at(1000), at(2000));
        assert_eq!(aim(at(1500), floor, now, false), Ok(at(1500)));
        assert_eq!(aim(floor, floor, now, false), Ok(floor));
        assert!(aim(now, floor, now, true).is_err());
        assert!(aim(at(999), floor, now, false).is_err());
        assert_eq!(aim(at(999), floor, now, true), Ok(floor));
    }
}
