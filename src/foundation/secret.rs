//! Secrets that cannot be printed, copied or stored by accident.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::Random;

/// A bearer secret that we made: a code, a token, a cookie's value. 256 random bits, shown once as 43 base64url
/// characters; only its hash is ever stored.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A new secret.
    pub fn generate(random: &Random) -> Self {
        Self(random.bytes())
    }

    /// A secret from bytes that are already unpredictable, such as the output of a MAC.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What the holder is given: 43 base64url characters.
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The hash under which it is stored: that of its text, so that presenting it needs no decoding.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.reveal())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// SHA-256 of a presented secret's text. Safe to store and to compare: the text has 256 random bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of a secret as its holder presents it: every byte counts (CVE-2026-27840).
    pub fn of(presented: &str) -> Self {
        Self(Sha256::digest(presented.as_bytes()).into())
    }

    /// A hash that was stored earlier; `None` when it does not have 32 bytes.
    pub fn from_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 32 bytes to store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Compares in constant time.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

/// Text that must not be printed: a password, a key from the configuration, a presented token.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SecretString(String);

impl SecretString {
    /// Wraps `text`.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself. Every call is a place to look at in a review.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretString(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_again_by_the_hash_of_its_text() {
        let secret = Secret::generate(&Random::System);
        assert_eq!(secret.reveal().len(), 43);
        assert!(SecretHash::of(&secret.reveal()).matches(&secret.hash()));
    }

    #[test]
    fn nothing_of_a_secret_is_in_its_debug_form() {
        assert_eq!(format!("{:?}", SecretString::new("hunter2".into())), "SecretString(…)");
    }
}
