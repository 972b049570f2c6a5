//! The signature algorithms we use.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::CryptoError;

/// A JWS signature algorithm (RFC 7518 §3.1, RFC 8037 §3.1). The set is closed: `none` and the HMAC family have no value
/// here, so no token can select them (RFC 8725 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: what every OpenID Connect client understands.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    #[serde(rename = "RS384")]
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    #[serde(rename = "RS512")]
    Rs512,
    /// RSASSA-PSS with SHA-256: RSA as FAPI wants it.
    #[serde(rename = "PS256")]
    Ps256,
    /// RSASSA-PSS with SHA-384.
    #[serde(rename = "PS384")]
    Ps384,
    /// RSASSA-PSS with SHA-512.
    #[serde(rename = "PS512")]
    Ps512,
    /// ECDSA with P-256 and SHA-256: a tenth of the cost, a quarter of the size.
    #[serde(rename = "ES256")]
    Es256,
    /// ECDSA with P-384 and SHA-384.
    #[serde(rename = "ES384")]
    Es384,
    /// EdDSA with Ed25519 (RFC 8037), and with no other curve.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// What kind of key an algorithm takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Rsa,
    P256,
    P384,
    Ed25519,
}

/// The hash function of an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    /// Every algorithm, in the order in which discovery lists them.
    pub const ALL: [Self; 9] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// The value of `alg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    pub(super) const fn family(self) -> Family {
        match self {
            Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Ps256 | Self::Ps384 | Self::Ps512 => Family::Rsa,
            Self::Es256 => Family::P256,
            Self::Es384 => Family::P384,
            Self::EdDsa => Family::Ed25519,
        }
    }

    /// The hash function that the algorithm is defined with: for Ed25519 the one that it has inside (RFC 8032 §5.1).
    pub(super) const fn hash(self) -> Hash {
        match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 => Hash::Sha256,
            Self::Rs384 | Self::Ps384 | Self::Es384 => Hash::Sha384,
            Self::Rs512 | Self::Ps512 | Self::EdDsa => Hash::Sha512,
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = CryptoError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = CryptoError::Key("algorithm must be RS, PS or ES with 256, 384 or 512 (not ES512), or EdDSA");
        Self::ALL.into_iter().find(|one| one.name() == text).ok_or(unknown)
    }
}

/// Some of the algorithms: those for which a server has keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Algorithms(u16);

impl Algorithms {
    /// What no server is without: OpenID Connect Core §15.1 demands RS256, and access tokens are signed with ES256.
    pub const ALWAYS: Self = Self(Algorithm::Rs256.bit() | Algorithm::Es256.bit());

    /// Whether this one is among them.
    pub const fn contains(self, algorithm: Algorithm) -> bool {
        self.0 & algorithm.bit() != 0
    }

    /// Each of them, in the order of [`Algorithm::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Algorithm> {
        Algorithm::ALL.into_iter().filter(move |algorithm| self.contains(*algorithm))
    }

    /// The name of each.
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(Algorithm::name).collect()
    }
}

impl FromIterator<Algorithm> for Algorithms {
    fn from_iter<I: IntoIterator<Item = Algorithm>>(all: I) -> Self {
        Self(all.into_iter().fold(0, |bits, algorithm| bits | algorithm.bit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_nothing_else_does() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.name().parse(), Ok(algorithm));
            assert_eq!(serde_json::to_string(&algorithm).unwrap(), format!("\"{algorithm}\""));
        }
        for other in ["none", "None", "HS256", "es256", "ES512", "ES256K", "Ed25519", "RSA1_5", ""] {
            assert!(other.parse::<Algorithm>().is_err(), "{other}");
        }
    }

    #[test]
    fn a_set_has_what_was_put_into_it_once_and_in_one_order() {
        let two: Algorithms = [Algorithm::EdDsa, Algorithm::Ps256, Algorithm::EdDsa].into_iter().collect();
        assert_eq!(two.names(), ["PS256", "EdDSA"]);
        assert!(two.contains(Algorithm::EdDsa) && !two.contains(Algorithm::Rs256));
        assert_eq!(Algorithm::ALL.into_iter().collect::<Algorithms>().names(), Algorithm::ALL.map(Algorithm::name));
        assert_eq!(Algorithms::ALWAYS.names(), ["RS256", "ES256"]);
        assert_eq!(Algorithms::default().iter().next(), None);
    }
}
