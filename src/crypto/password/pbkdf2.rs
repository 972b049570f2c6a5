//! PBKDF2 (RFC 8018) with HMAC, in the forms of PHC, passlib, Django and Keycloak.

use std::fmt;

use openssl::hash::MessageDigest;
use openssl::pkcs5::pbkdf2_hmac;

use super::encoding::{decode, encode};
use super::error::{HashRefused, PasswordError};

/// The hash that HMAC is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

/// A PBKDF2 hash.
pub struct Pbkdf2 {
    hash: Hash,
    iterations: u32,
    salt: Vec<u8>,
    output: Vec<u8>,
}

const FAMILY: &str = "PBKDF2";

fn malformed(part: &'static str) -> HashRefused {
    HashRefused::Malformed { family: FAMILY, part }
}

impl Hash {
    fn digest(self) -> MessageDigest {
        match self {
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }

    /// About 1.2 s of a core where these have no instructions of their own.
    fn most_iterations(self) -> u64 {
        match self {
            Self::Sha1 | Self::Sha256 => 2_000_000,
            Self::Sha512 => 1_000_000,
        }
    }

    /// As PHC strings name it.
    fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "pbkdf2-sha1",
            Self::Sha256 => "pbkdf2-sha256",
            Self::Sha512 => "pbkdf2-sha512",
        }
    }
}

impl Pbkdf2 {
    /// Checks the parts. Of a longer output the first block is kept: each further one is a computation of its own, which
    /// an attacker need not do, and so neither do we.
    pub fn new(hash: Hash, iterations: &str, salt: Vec<u8>, output: &[u8]) -> Result<Self, HashRefused> {
        let iterations: u32 =
            iterations.parse().ok().filter(|n| *n > 0).ok_or(malformed("the number of iterations"))?;
        HashRefused::above("the number of iterations", iterations.into(), hash.most_iterations())?;
        if salt.is_empty() || salt.len() > 1024 {
            return Err(malformed("the salt"));
        }
        if !(16..=1024).contains(&output.len()) {
            return Err(malformed("the hash"));
        }
        let output = output.iter().copied().take(hash.digest().size()).collect();
        Ok(Self { hash, iterations, salt, output })
    }

    /// Reads `i=1000,l=32$SALT$HASH` (PHC) or `1000$SALT$HASH` (passlib), what follows the name of the algorithm. The
    /// length only says how long the hash is.
    pub fn parse(hash: Hash, text: &str) -> Result<Self, HashRefused> {
        let mut parts = text.split('$');
        let (Some(params), Some(salt), Some(output), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed("one of its parts"));
        };
        let iterations = params.split(',').find_map(|one| one.strip_prefix("i=")).unwrap_or(params);
        let salt = decode(salt).ok_or(malformed("the salt"))?;
        Self::new(hash, iterations, salt, &decode(output).ok_or(malformed("the hash"))?)
    }

    /// Reads `1000$SALT$HASH` as Django writes it, where the salt is text.
    pub fn parse_django(hash: Hash, text: &str) -> Result<Self, HashRefused> {
        let mut parts = text.split('$');
        let (Some(iterations), Some(salt), Some(output), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed("one of its parts"));
        };
        let output = decode(output).ok_or(malformed("the hash"))?;
        Self::new(hash, iterations, salt.as_bytes().to_vec(), &output)
    }

    /// The hash of `password`.
    pub fn output(&self, password: &[u8]) -> Result<Vec<u8>, PasswordError> {
        let mut output = vec![0; self.output.len()];
        let iterations = usize::try_from(self.iterations).map_err(|_| PasswordError::Failed)?;
        pbkdf2_hmac(password, &self.salt, iterations, self.hash.digest(), &mut output)
            .map_err(|_| PasswordError::Failed)?;
        Ok(output)
    }

    /// What [`Pbkdf2::output`] has to be.
    pub fn expected(&self) -> &[u8] {
        &self.output
    }
}

/// As it is stored: a PHC string.
impl fmt::Display for Pbkdf2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, salt, output) = (self.hash.name(), encode(&self.salt), encode(&self.output));
        write!(f, "${name}$i={}${salt}${output}", self.iterations)
    }
}
