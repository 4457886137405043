//! Names of clusters, instances and snapshots (API reference, DBClusterIdentifier).

use super::super::protocol::ApiError;

/// The longest identifier of a cluster or an instance.
pub const RESOURCE: usize = 63;

/// The longest identifier of a snapshot.
pub const SNAPSHOT: usize = 255;

/// The identifier as it is stored, in lower case, or why it is none.
pub fn stored(parameter: &str, name: &str, longest: usize) -> Result<String, ApiError> {
    let legal = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !name.ends_with('-')
        && !name.contains("--");
    if !legal {
        return Err(ApiError::value(format!(
            "The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must contain \
             only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
        )));
    }
    if name.len() > longest {
        return Err(ApiError::value(format!(
            "The parameter {parameter} is not a valid identifier because it is longer than {longest} characters."
        )));
    }
    Ok(name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_stored_in_lower_case() {
        assert_eq!(stored("P", "Clone-Of-Orders2", RESOURCE).unwrap(), "clone-of-orders2");
    }

    #[test]
    fn illegal_identifiers_are_refused() {
        let long = "a".repeat(64);
        for name in ["", "1a", "-a", "a-", "a--b", "a_b", "a.b", "ä", "a b", long.as_str()] {
            assert!(stored("P", name, RESOURCE).is_err(), "{name}");
        }
        assert!(stored("P", &long, SNAPSHOT).is_ok());
    }
}
