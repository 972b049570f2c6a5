//! `[secrets]`: what protects the data at rest.

use std::collections::BTreeSet;

use super::reader::Reader;
use crate::foundation::{SecretString, text};

const SHORTEST: usize = 32;
const FEWEST_DIFFERENT: usize = 8;

/// What protects the data at rest.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// The master key's text: at least 32 characters.
    pub master_key: SecretString,
}

impl Secrets {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let (key, file_key) = ("secrets.master_key", "secrets.master_key_file");
        let master_key = from.secret(key, file_key)?;
        if let Some(blemish) = text::in_secret(master_key.expose()) {
            from.refuse(key, blemish);
            return None;
        }
        if let Some(weakness) = weakness(master_key.expose()) {
            from.refuse(key, format!("{weakness}: use the output of `openssl rand -base64 32`"));
            return None;
        }
        Some(Self { master_key })
    }
}

/// Why this cannot be a random secret. A typed placeholder can be recognised, a weak derivation cannot.
fn weakness(text: &str) -> Option<String> {
    let length = text.chars().count();
    if length < SHORTEST {
        return Some(format!("has {length} characters, at least {SHORTEST} are needed"));
    }
    if text.chars().collect::<BTreeSet<_>>().len() < FEWEST_DIFFERENT {
        return Some("repeats a few characters, which is no secret".into());
    }
    let plain: String = text.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let placeholders = ["changeme", "replaceme", "yoursecret", "yourkey", "yourmasterkey", "insertkey"];
    let placeholder = placeholders.iter().find(|word| plain.contains(*word))?;
    Some(format!("contains \"{placeholder}\", so it looks like a placeholder"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_repeated_and_placeholder_secrets_are_weak() {
        assert!(weakness("tooshort").is_some());
        assert!(weakness(&"ab".repeat(32)).is_some());
        assert!(weakness("please-change-me-to-something-random-0123456789").is_some());
        assert_eq!(weakness("8ChfKqZ1rUoKcM1XzGv1Wv0yqzR2sW6zNf4pE0uT3bI="), None);
    }
}
