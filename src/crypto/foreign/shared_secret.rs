//! A secret that others sign with and that we know too (RFC 7518 §3.2).

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

use super::algorithm::SecretAlgorithm;
use crate::crypto::CryptoError;
use crate::foundation::SecretString;

/// The secret of a client, as a key for HMAC: its text's bytes (OpenID Connect Core §10.1). A type of its own, and nothing makes
/// one of a public key: so an HMAC over the text of a public key proves nothing here.
pub struct SharedSecret(SecretString);

impl SharedSecret {
    /// The secret of a client.
    pub fn of_client(secret: SecretString) -> Self {
        Self(secret)
    }

    /// Compares in constant time.
    pub(super) fn verify(&self, algorithm: SecretAlgorithm, input: &[u8], mac: &[u8]) -> Result<(), CryptoError> {
        let secret = self.0.expose().as_bytes();
        if secret.len() < algorithm.shortest() {
            return Err(CryptoError::Key("the client's secret is too short for this algorithm (RFC 7518 section 3.2)"));
        }
        macro_rules! verify {
            ($hash:ty) => {
                Hmac::<$hash>::new_from_slice(secret)
                    .map_err(|_| CryptoError::Internal("HMAC refused its key"))?
                    .chain_update(input)
                    .verify_slice(mac)
                    .map_err(|_| CryptoError::Signature)
            };
        }
        match algorithm {
            SecretAlgorithm::Hs256 => verify!(Sha256),
            SecretAlgorithm::Hs384 => verify!(Sha384),
            SecretAlgorithm::Hs512 => verify!(Sha512),
        }
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(…)")
    }
}
