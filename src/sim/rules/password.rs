//! Master passwords: checked, never kept.

use super::super::protocol::ApiError;

/// 8–41 printable ASCII characters except `/`, `"`, `@` and space (API reference, ModifyDBCluster, MasterUserPassword).
/// The message never repeats the password.
pub fn check(password: &str) -> Result<(), ApiError> {
    if !(8..=41).contains(&password.chars().count()) {
        return Err(ApiError::value(
            "The parameter MasterUserPassword is not a valid password because it must be from 8 to 41 characters long.",
        ));
    }
    if password.chars().any(|c| !c.is_ascii_graphic() || matches!(c, '/' | '"' | '@')) {
        return Err(ApiError::value(
            "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', \
             '@', '\"', ' ' may be used.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_have_a_length_and_an_alphabet() {
        for password in ["eightchr", "with-$ymbols!and~more", &"x".repeat(41)] {
            assert!(check(password).is_ok(), "{password}");
        }
        for password in
            ["seven77", "has/slash", "has\"quote", "has@sign1", "has space", "h\u{e4}s-umlaut", &"x".repeat(42)]
        {
            let error = check(password).unwrap_err();
            assert!(!error.message.contains(password), "{password}");
        }
    }
}
