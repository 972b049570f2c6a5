//! Hashes that other systems made, in the forms in which those write them. Each is brought into one form when it comes,
//! is compared as it is, and replaced by one of ours at its owner's next sign-in.

use std::fmt;

use subtle::ConstantTimeEq;

use super::argon2::Stored;
use super::bcrypt::Bcrypt;
use super::error::{HashRefused, PasswordError};
use super::keycloak::{self, Credential};
use super::pbkdf2::{Hash, Pbkdf2};
use super::scrypt::Scrypt;

/// A hash that another system made, within our limits and in the form in which it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct ImportedHash(String);

impl ImportedHash {
    /// Reads a hash in any of the forms that docs/people.md lists.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, HashRefused> {
        Ok(Self(match Scheme::parse(text.trim())? {
            Scheme::Argon2(stored) => stored.to_phc().map_err(|_| HashRefused::Unknown)?,
            Scheme::Bcrypt(hash) => hash.to_string(),
            Scheme::Pbkdf2(hash) => hash.to_string(),
            Scheme::Scrypt(hash) => hash.to_string(),
        }))
    }

    /// What is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ImportedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImportedHash(…)")
    }
}

/// How a stored hash is compared.
pub enum Scheme {
    Argon2(Stored),
    Bcrypt(Bcrypt),
    Pbkdf2(Pbkdf2),
    Scrypt(Scrypt),
}

impl Scheme {
    /// Reads a hash that is stored, or one that is to be.
    pub fn parse(text: &str) -> Result<Self, HashRefused> {
        if text.starts_with('{') {
            return Ok(match keycloak::parse(text)? {
                Credential::Argon2(stored) => Self::Argon2(stored),
                Credential::Pbkdf2(hash) => Self::Pbkdf2(hash),
            });
        }
        // Django writes the algorithm in front, a PHC string has a dollar there.
        match text.split_once('$').ok_or(HashRefused::Unknown)? {
            ("", rest) => Self::parse_phc(text, rest),
            ("argon2", rest) => Stored::parse(&format!("${rest}")).map(Self::Argon2),
            ("bcrypt", rest) => Bcrypt::parse(rest, false).map(Self::Bcrypt),
            ("bcrypt_sha256", rest) => Bcrypt::parse(rest, true).map(Self::Bcrypt),
            ("pbkdf2_sha1", rest) => Pbkdf2::parse_django(Hash::Sha1, rest).map(Self::Pbkdf2),
            ("pbkdf2_sha256", rest) => Pbkdf2::parse_django(Hash::Sha256, rest).map(Self::Pbkdf2),
            ("scrypt", rest) => Scrypt::parse_django(rest).map(Self::Scrypt),
            _ => Err(HashRefused::Unknown),
        }
    }

    fn parse_phc(whole: &str, rest: &str) -> Result<Self, HashRefused> {
        match rest.split_once('$').ok_or(HashRefused::Unknown)? {
            ("argon2id" | "argon2i" | "argon2d", _) => Stored::parse(whole).map(Self::Argon2),
            ("2a" | "2b" | "2y" | "2x", _) => Bcrypt::parse(whole, false).map(Self::Bcrypt),
            ("pbkdf2" | "pbkdf2-sha1", rest) => Pbkdf2::parse(Hash::Sha1, rest).map(Self::Pbkdf2),
            ("pbkdf2-sha256", rest) => Pbkdf2::parse(Hash::Sha256, rest).map(Self::Pbkdf2),
            ("pbkdf2-sha512", rest) => Pbkdf2::parse(Hash::Sha512, rest).map(Self::Pbkdf2),
            ("scrypt", rest) => Scrypt::parse(rest).map(Self::Scrypt),
            _ => Err(HashRefused::Unknown),
        }
    }

    /// Whether `password` has this hash; never of argon2, which needs a work area.
    pub fn matches(&self, password: &[u8]) -> Result<bool, PasswordError> {
        let equal = |output: &[u8], expected: &[u8]| bool::from(output.ct_eq(expected));
        match self {
            Self::Argon2(_) => Err(PasswordError::Failed),
            Self::Bcrypt(hash) => Ok(equal(&hash.output(password), hash.expected()) && hash.may_be(password)),
            Self::Pbkdf2(hash) => Ok(equal(&hash.output(password)?, hash.expected())),
            Self::Scrypt(hash) => Ok(equal(&hash.output(password)?, hash.expected())),
        }
    }
}

#[cfg(test)]
#[path = "imported_tests.rs"]
mod tests;
