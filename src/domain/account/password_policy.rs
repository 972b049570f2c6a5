//! Which passwords may be chosen.

use thiserror::Error;

/// Why a password may not be chosen.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PasswordRefused {
    /// Shorter than the configured minimum.
    #[error("a password needs at least {0} characters")]
    TooShort(usize),
    /// Longer than [`MAX_BYTES`].
    #[error("a password may have at most 1024 bytes")]
    TooLong,
    /// The account's own name, or one character repeated.
    #[error("this password is too easy to guess: choose another")]
    Guessable,
}

/// Long passphrases are welcome (NIST SP 800-63B asks for at least 64 characters); this bound only limits work.
pub const MAX_BYTES: usize = crate::crypto::password::MAX_PASSWORD;

/// Decides whether `password` may be chosen by somebody known as `names`: length counts, composition does not
/// (NIST SP 800-63B §3.1.1.2). Characters are code points.
///
/// # Errors
/// The reason, in words for the person who chooses.
pub fn check(password: &str, names: &[&str], min_length: usize) -> Result<(), PasswordRefused> {
    if password.len() > MAX_BYTES {
        return Err(PasswordRefused::TooLong);
    }
    if password.chars().count() < min_length {
        return Err(PasswordRefused::TooShort(min_length));
    }
    let folded = password.to_lowercase();
    let repeated = folded.chars().all(|c| folded.starts_with(c));
    match repeated || names.iter().any(|name| folded == name.to_lowercase()) {
        true => Err(PasswordRefused::Guessable),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(check("пароль", &[], 8), Err(PasswordRefused::TooShort(8)));
        assert_eq!(check("длинный пароль", &[], 8), Ok(()));
    }

    #[test]
    fn a_long_passphrase_is_welcome_up_to_the_bound() {
        assert_eq!(check(&"ab".repeat(512), &[], 8), Ok(()));
        assert_eq!(check(&"ab".repeat(513), &[], 8), Err(PasswordRefused::TooLong));
    }

    #[test]
    fn the_account_name_and_one_repeated_letter_are_refused() {
        assert_eq!(check("Alice@Example.com", &["alice@example.com"], 8), Err(PasswordRefused::Guessable));
        assert_eq!(check("aaaaaaaaaaaa", &[], 8), Err(PasswordRefused::Guessable));
    }
}
