//! scrypt (RFC 7914), as a PHC string and as Django writes it.

use std::fmt;

use openssl::pkcs5;

use super::encoding::{decode, encode};
use super::error::{HashRefused, PasswordError};
use super::large::alone;

/// 128 bytes each: 64 MiB.
const MOST_BLOCKS: u64 = 1 << 19;
/// Four times over that memory: 1.3 s of a core.
const MOST_WORK: u64 = 4 * MOST_BLOCKS;
/// What OpenSSL allocates: the above, and its own little.
const MOST_MEMORY: u64 = MOST_BLOCKS * 128 + (4 << 20);

/// An scrypt hash.
pub struct Scrypt {
    log_n: u32,
    r: u32,
    p: u32,
    salt: Vec<u8>,
    output: Vec<u8>,
}

fn malformed(part: &'static str) -> HashRefused {
    HashRefused::Malformed { family: "scrypt", part }
}

impl Scrypt {
    fn new(log_n: u32, r: &str, p: &str, salt: Vec<u8>, output: Vec<u8>) -> Result<Self, HashRefused> {
        let number = |text: &str| text.parse::<u32>().ok().filter(|n| *n > 0).ok_or(malformed("a parameter"));
        let (r, p) = (number(r)?, number(p)?);
        let n = 1u64.checked_shl(log_n).filter(|n| *n > 1).ok_or(malformed("the cost N"))?;
        let blocks = n.saturating_mul(r.into());
        HashRefused::above("the memory in KiB", blocks.saturating_mul(128) / 1024, MOST_BLOCKS / 8)?;
        HashRefused::above("N times r times p", blocks.saturating_mul(p.into()), MOST_WORK)?;
        if salt.is_empty() || salt.len() > 1024 {
            return Err(malformed("the salt"));
        }
        if !(16..=128).contains(&output.len()) {
            return Err(malformed("the hash"));
        }
        Ok(Self { log_n, r, p, salt, output })
    }

    /// Reads `ln=16,r=8,p=1$SALT$HASH`, what follows the name in a PHC string.
    pub fn parse(text: &str) -> Result<Self, HashRefused> {
        let mut parts = text.split('$');
        let (Some(params), Some(salt), Some(output), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed("one of its parts"));
        };
        let value = |name: &str| params.split(',').find_map(|one| one.strip_prefix(name)).unwrap_or_default();
        let log_n = value("ln=").parse().map_err(|_| malformed("the cost N"))?;
        let salt = decode(salt).ok_or(malformed("the salt"))?;
        Self::new(log_n, value("r="), value("p="), salt, decode(output).ok_or(malformed("the hash"))?)
    }

    /// Reads `16384$SALT$8$5$HASH` as Django writes it, where the salt is text.
    pub fn parse_django(text: &str) -> Result<Self, HashRefused> {
        let parts: Vec<_> = text.split('$').collect();
        let [n, salt, r, p, output] = parts.as_slice() else {
            return Err(malformed("one of its parts"));
        };
        let n: u64 = n.parse().ok().filter(|n: &u64| n.is_power_of_two()).ok_or(malformed("the cost N"))?;
        Self::new(n.ilog2(), r, p, salt.as_bytes().to_vec(), decode(output).ok_or(malformed("the hash"))?)
    }

    /// The hash of `password`.
    pub fn output(&self, password: &[u8]) -> Result<Vec<u8>, PasswordError> {
        let mut output = vec![0; self.output.len()];
        let (n, r, p) = (1u64 << self.log_n, self.r.into(), self.p.into());
        let _alone = alone();
        pkcs5::scrypt(password, &self.salt, n, r, p, MOST_MEMORY, &mut output).map_err(|_| PasswordError::Failed)?;
        Ok(output)
    }

    /// What [`Scrypt::output`] has to be.
    pub fn expected(&self) -> &[u8] {
        &self.output
    }
}

/// As it is stored: a PHC string.
impl fmt::Display for Scrypt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (salt, output) = (encode(&self.salt), encode(&self.output));
        write!(f, "$scrypt$ln={},r={},p={}${salt}${output}", self.log_n, self.r, self.p)
    }
}
