//! Passwords that nobody has to remember.

use secrecy::SecretString;
use uuid::Uuid;

/// Allowed in a master password, which `/ " @` and blanks are not (API reference, `MasterUserPassword`), and the same in URLs,
/// in shells and in option files.
const LETTERS: [u8; 64] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// A master password has 41 at most (the same place).
const LENGTH: usize = 32;

/// A new random password, with what the usual rules of servers ask for: letters of both cases, a digit, and another sign.
pub fn new_password() -> SecretString {
    loop {
        let bytes: Vec<u8> = std::iter::repeat_with(random).flatten().take(LENGTH).collect();
        let text: String = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 64)])).collect();
        let kinds: [fn(char) -> bool; 3] =
            [|c| c.is_ascii_uppercase(), |c| c.is_ascii_lowercase(), |c| c.is_ascii_digit()];
        // An option in front would be read from a password that begins with a hyphen.
        if text.starts_with(char::is_alphanumeric)
            && text.contains(['-', '_'])
            && kinds.iter().all(|kind| text.contains(*kind))
        {
            return text.into();
        }
    }
}

/// Random bytes of the system: those of a version 4 UUID but the two that say what it is.
fn random() -> impl Iterator<Item = u8> {
    let bytes = Uuid::new_v4().into_bytes();
    (0..bytes.len()).filter(|at| ![6, 8].contains(at)).map(move |at| bytes[at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn passwords_are_allowed_everywhere_and_never_the_same() {
        let made: std::collections::BTreeSet<String> =
            (0..200).map(|_| new_password().expose_secret().to_owned()).collect();
        assert_eq!(made.len(), 200);
        for text in made {
            assert_eq!(text.len(), LENGTH);
            assert!(text.bytes().all(|byte| LETTERS.contains(&byte)), "{text}");
            assert!(text.starts_with(|c: char| c.is_ascii_alphanumeric()), "{text}");
            assert!(text.contains(|c: char| c.is_ascii_digit()) && text.contains(['-', '_']), "{text}");
        }
    }

    #[test]
    fn a_password_is_not_printed() {
        let password = new_password();
        assert!(!format!("{password:?}").contains(password.expose_secret()));
    }
}
