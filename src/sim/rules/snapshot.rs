//! The final snapshot of a deleted cluster (API reference, DeleteDBCluster).

use super::super::protocol::ApiError;
use super::identifier;

/// The name of the final snapshot to take, if any; `SkipFinalSnapshot` is off unless asked for.
pub fn final_name(skip: bool, name: Option<&str>) -> Result<Option<String>, ApiError> {
    match (skip, name) {
        (true, None) => Ok(None),
        (false, Some(name)) => identifier::stored("FinalDBSnapshotIdentifier", name, identifier::SNAPSHOT).map(Some),
        (false, None) => {
            Err(ApiError::combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."))
        }
        (true, Some(_)) => Err(ApiError::combination(
            "FinalDBSnapshotIdentifier cannot be specified when SkipFinalSnapshot is specified.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_skip_or_a_name_but_not_both() {
        assert_eq!(final_name(true, None), Ok(None));
        assert_eq!(final_name(false, Some("Last-One")), Ok(Some("last-one".into())));
        assert!(final_name(false, None).is_err());
        assert!(final_name(true, Some("last-one")).is_err());
        assert!(final_name(false, Some("last--one")).is_err());
    }
}
