//! The encryption algorithms we use.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::crypto::CryptoError;

/// How the key of one message is given to its reader (RFC 7518 §4.1). The set is closed: RSA1_5, which can be broken by asking
/// often enough (RFC 8725 §3.2), passwords (PBES2, whose cost the sender chooses), shared secrets and `dir` have no value here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyManagement {
    /// RSAES-OAEP with SHA-1, which is no weakness there.
    #[serde(rename = "RSA-OAEP")]
    RsaOaep,
    /// RSAES-OAEP with SHA-256.
    #[serde(rename = "RSA-OAEP-256")]
    RsaOaep256,
    /// Diffie-Hellman with a key for this one message; what comes of it is the message's key.
    #[serde(rename = "ECDH-ES")]
    EcdhEs,
    /// The same, and AES Key Wrap with 128 bits.
    #[serde(rename = "ECDH-ES+A128KW")]
    EcdhEsA128Kw,
    /// The same with 256 bits.
    #[serde(rename = "ECDH-ES+A256KW")]
    EcdhEsA256Kw,
}

/// How the message itself is encrypted (RFC 7518 §5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContentEncryption {
    /// AES-128 in CBC mode with HMAC-SHA-256: what is meant where only `alg` was registered (OpenID Connect Registration §2).
    #[default]
    #[serde(rename = "A128CBC-HS256")]
    A128CbcHs256,
    /// AES-256 in CBC mode with HMAC-SHA-512.
    #[serde(rename = "A256CBC-HS512")]
    A256CbcHs512,
    /// AES-128 in GCM.
    #[serde(rename = "A128GCM")]
    A128Gcm,
    /// AES-256 in GCM.
    #[serde(rename = "A256GCM")]
    A256Gcm,
}

/// Some of the ways to give a key: those for which a server has keys of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyManagements(u8);

/// How something is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encryption {
    /// `alg`.
    pub alg: KeyManagement,
    /// `enc`.
    pub enc: ContentEncryption,
}

impl KeyManagement {
    /// Every one, in the order in which discovery lists them.
    pub const ALL: [Self; 5] = [Self::RsaOaep, Self::RsaOaep256, Self::EcdhEs, Self::EcdhEsA128Kw, Self::EcdhEsA256Kw];

    /// The value of `alg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA128Kw => "ECDH-ES+A128KW",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
        }
    }

    /// Whether it takes an RSA key; the others take one on an elliptic curve.
    pub const fn is_rsa(self) -> bool {
        matches!(self, Self::RsaOaep | Self::RsaOaep256)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl KeyManagements {
    /// Whether this one is among them.
    pub const fn contains(self, alg: KeyManagement) -> bool {
        self.0 & alg.bit() != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them, in the order of [`KeyManagement::ALL`].
    pub fn iter(self) -> impl Iterator<Item = KeyManagement> {
        KeyManagement::ALL.into_iter().filter(move |alg| self.contains(*alg))
    }

    /// The name of each.
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(KeyManagement::name).collect()
    }
}

impl FromIterator<KeyManagement> for KeyManagements {
    fn from_iter<I: IntoIterator<Item = KeyManagement>>(all: I) -> Self {
        Self(all.into_iter().fold(0, |bits, alg| bits | alg.bit()))
    }
}

impl ContentEncryption {
    /// Every one, in the order in which discovery lists them.
    pub const ALL: [Self; 4] = [Self::A128CbcHs256, Self::A256CbcHs512, Self::A128Gcm, Self::A256Gcm];

    /// The value of `enc`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A256CbcHs512 => "A256CBC-HS512",
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// How many bytes the key of a message has: in CBC mode both that of the HMAC and that of AES (RFC 7518 §5.2.2.1).
    pub(super) const fn key_length(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A128CbcHs256 | Self::A256Gcm => 32,
            Self::A256CbcHs512 => 64,
        }
    }

    /// How many bytes the initialization vector has (RFC 7518 §5.2.2.1, §5.3).
    pub(super) const fn iv_length(self) -> usize {
        match self {
            Self::A128CbcHs256 | Self::A256CbcHs512 => 16,
            Self::A128Gcm | Self::A256Gcm => 12,
        }
    }

    /// How many bytes the authentication tag has (RFC 7518 §5.2.3, §5.2.5, §5.3). A shorter one could be guessed.
    pub(super) const fn tag_length(self) -> usize {
        match self {
            Self::A128CbcHs256 | Self::A128Gcm | Self::A256Gcm => 16,
            Self::A256CbcHs512 => 32,
        }
    }
}

impl fmt::Display for KeyManagement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for ContentEncryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KeyManagement {
    type Err = CryptoError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|one| one.name() == text).ok_or(CryptoError::Key("alg of encryption is unknown"))
    }
}

impl FromStr for ContentEncryption {
    type Err = CryptoError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|one| one.name() == text).ok_or(CryptoError::Key("enc of encryption is unknown"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_what_is_unsafe_has_none() {
        for alg in KeyManagement::ALL {
            assert_eq!(alg.name().parse(), Ok(alg));
            assert_eq!(serde_json::to_value(alg).unwrap(), alg.name());
        }
        for enc in ContentEncryption::ALL {
            assert_eq!(enc.name().parse(), Ok(enc));
            assert_eq!(serde_json::to_value(enc).unwrap(), enc.name());
        }
        for unsafe_or_unknown in ["RSA1_5", "dir", "A128KW", "PBES2-HS256+A128KW", "none", "rsa-oaep", ""] {
            assert!(unsafe_or_unknown.parse::<KeyManagement>().is_err(), "{unsafe_or_unknown}");
        }
        assert!("A192GCM".parse::<ContentEncryption>().is_err());
        assert_eq!(ContentEncryption::default().name(), "A128CBC-HS256", "OpenID Connect Registration section 2");
    }

    #[test]
    fn a_set_has_what_was_put_into_it_once_and_in_one_order() {
        let two: KeyManagements =
            [KeyManagement::EcdhEs, KeyManagement::RsaOaep, KeyManagement::EcdhEs].into_iter().collect();
        assert_eq!(two.names(), ["RSA-OAEP", "ECDH-ES"]);
        assert!(two.contains(KeyManagement::EcdhEs) && !two.contains(KeyManagement::RsaOaep256));
        assert!(KeyManagements::default().is_empty() && !two.is_empty());
    }
}
