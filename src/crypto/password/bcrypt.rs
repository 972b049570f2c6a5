//! bcrypt, plain and as Django wraps it.

use std::fmt;

use ::bcrypt::bcrypt;
use base64::Engine;
use base64::alphabet::BCRYPT;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::error::HashRefused;

/// 1.4 s of a core; each step doubles it.
const MOST_COST: u32 = 14;
const LEAST_COST: u32 = 4;

/// What bcrypt reads of a password, its final NUL included.
const READ: usize = 72;

/// Systems differ in the bits of the last character that stand for nothing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &BCRYPT,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// A bcrypt hash.
pub struct Bcrypt {
    /// Whether what was hashed is the SHA-256 of the password, in hexadecimal: Django's `bcrypt_sha256`.
    of_digest: bool,
    cost: u32,
    salt: [u8; 16],
    output: [u8; 23],
}

impl Bcrypt {
    /// Reads `$2b$12$` and 53 characters. `$2a$` and `$2y$` compute the same for UTF-8; `$2x$` does not, and is refused.
    pub fn parse(text: &str, of_digest: bool) -> Result<Self, HashRefused> {
        let malformed = |part| HashRefused::Malformed { family: "bcrypt", part };
        let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|prefix| text.strip_prefix(prefix));
        let (cost, rest) = rest.ok_or(malformed("the version"))?.split_once('$').ok_or(malformed("the cost"))?;
        let cost: u32 = cost.parse().ok().filter(|cost| *cost >= LEAST_COST).ok_or(malformed("the cost"))?;
        HashRefused::above("the cost", cost.into(), MOST_COST.into())?;
        let (salt, output) = rest.split_at_checked(22).ok_or(malformed("the salt"))?;
        let decode = |text: &str| BASE64.decode(text).unwrap_or_default();
        Ok(Self {
            of_digest,
            cost,
            salt: decode(salt).try_into().map_err(|_| malformed("the salt"))?,
            output: decode(output).try_into().map_err(|_| malformed("the hash"))?,
        })
    }

    /// The hash of `password`. Of more than 72 bytes the first 72 count, as they did where the hash was made: otherwise
    /// its owner could not sign in, and from then on a hash of ours has all of them.
    pub fn output(&self, password: &[u8]) -> Vec<u8> {
        let mut read = Zeroizing::new(Vec::with_capacity(READ.max(password.len()) + 1));
        match self.of_digest {
            true => Sha256::digest(password).iter().for_each(|byte| read.extend(format!("{byte:02x}").bytes())),
            false => read.extend(password),
        }
        read.push(0);
        read.truncate(READ);
        bcrypt(self.cost, self.salt, &read).into_iter().take(self.output.len()).collect()
    }

    /// What [`Bcrypt::output`] has to be.
    pub fn expected(&self) -> &[u8] {
        &self.output
    }

    /// Whether this can be the password at all: most systems end it at a NUL, or refuse it.
    pub fn may_be(&self, password: &[u8]) -> bool {
        self.of_digest || !password.contains(&0)
    }
}

/// As it is stored.
impl fmt::Display for Bcrypt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wrapped = if self.of_digest { "bcrypt_sha256$" } else { "" };
        let (salt, output) = (BASE64.encode(self.salt), BASE64.encode(self.output));
        write!(f, "{wrapped}$2b${:02}${salt}{output}", self.cost)
    }
}
