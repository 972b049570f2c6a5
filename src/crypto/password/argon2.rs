//! argon2 (RFC 9106): our own parameters, and stored hashes with these or others.

use ::argon2::{Algorithm, Params, PasswordHash, Version};

use super::error::{HashRefused, PasswordError};

/// OWASP's first choice: 19 MiB, two passes, one lane.
pub const MEMORY_KIB: u32 = 19 * 1024;
pub const PASSES: u32 = 2;
pub const LANES: u32 = 1;
pub const OUTPUT: usize = 32;

/// The most that a stored hash (perhaps imported from elsewhere) may cost: Django's default of 100 MiB, and twice as much
/// work as that takes there. More would let one row occupy a core and a machine's memory.
const MOST_MEMORY_KIB: u32 = 100 * 1024;
const MOST_WORK_KIB: u64 = 4 * MOST_MEMORY_KIB as u64;
const MOST_LANES: u32 = 8;

/// A stored hash, within our limits.
pub struct Stored {
    pub algorithm: Algorithm,
    pub version: Version,
    pub params: Params,
    pub salt: Vec<u8>,
    pub output: Vec<u8>,
}

/// The parameters of new hashes.
pub fn ours() -> Result<Params, PasswordError> {
    Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT)).map_err(|_| PasswordError::Failed)
}

impl Stored {
    /// Reads a PHC string.
    pub fn parse(phc: &str) -> Result<Self, HashRefused> {
        let malformed = |part| HashRefused::Malformed { family: "argon2", part };
        let hash = PasswordHash::new(phc).map_err(|_| malformed("the PHC string"))?;
        let params = Params::try_from(&hash).map_err(|_| malformed("the list of parameters"))?;
        let work = u64::from(params.m_cost()) * u64::from(params.t_cost());
        HashRefused::above("the memory in KiB", params.m_cost().into(), MOST_MEMORY_KIB.into())?;
        HashRefused::above("the memory in KiB times the passes", work, MOST_WORK_KIB)?;
        HashRefused::above("the number of lanes", params.p_cost().into(), MOST_LANES.into())?;
        // Shorter than 128 bits is no hash of a password; without a version it is 16 (PHC string format).
        let output = hash.hash.filter(|output| output.len() >= 16).ok_or(malformed("the hash"))?;
        Ok(Self {
            algorithm: Algorithm::new(hash.algorithm).map_err(|_| malformed("the algorithm"))?,
            version: Version::try_from(hash.version.unwrap_or(0x10)).map_err(|_| malformed("the version"))?,
            params,
            salt: hash.salt.ok_or(malformed("the salt"))?.to_vec(),
            output: output.as_ref().to_vec(),
        })
    }

    /// Whether it was made as new ones are.
    pub fn is_ours(&self) -> bool {
        self.algorithm == Algorithm::Argon2id
            && self.version == Version::V0x13
            && ours().is_ok_and(|ours| self.params == ours)
            && self.salt.len() >= 16
    }

    /// The PHC string.
    pub fn to_phc(&self) -> Result<String, PasswordError> {
        Ok(PasswordHash {
            algorithm: self.algorithm.ident(),
            version: Some(self.version.into()),
            params: (&self.params).try_into().map_err(|_| PasswordError::Failed)?,
            salt: Some(self.salt.as_slice().try_into().map_err(|_| PasswordError::Failed)?),
            hash: Some(self.output.as_slice().try_into().map_err(|_| PasswordError::Failed)?),
        }
        .to_string())
    }
}
