//! The algorithms that others may sign with (RFC 7518 §3.1, RFC 8037 §3.1). Those of keys and those of secrets are two
//! types: what is verified with a public key can never be verified with the text of that key as a secret (RFC 8725 §3.1).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The fully specified name of EdDSA with Ed25519 (RFC 9864 §2.2). With EdDSA we take no other curve, so both names say the same;
/// libraries sign with the one or the other.
const ED25519: &str = "Ed25519";

/// An algorithm of a key pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// Ed25519, by its older name.
    EdDsa,
}

/// An algorithm of a secret that both sides know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretAlgorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

/// Either, as a header or a registration names it. `none` is not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum ForeignAlgorithm {
    /// Of a key pair.
    Key(KeyAlgorithm),
    /// Of a secret.
    Secret(SecretAlgorithm),
}

impl KeyAlgorithm {
    /// Every one of them.
    pub const ALL: [Self; 10] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// Whether a verification takes milliseconds: too long for a thread that answers requests.
    pub const fn is_costly(self) -> bool {
        matches!(self, Self::Es384 | Self::Es512)
    }

    /// Its name in a header.
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
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }
}

impl SecretAlgorithm {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Hs256, Self::Hs384, Self::Hs512];

    /// Its name in a header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    /// The fewest bytes of its secret: as many as the hash has (RFC 7518 §3.2).
    pub const fn shortest(self) -> usize {
        match self {
            Self::Hs256 => 32,
            Self::Hs384 => 48,
            Self::Hs512 => 64,
        }
    }
}

impl ForeignAlgorithm {
    /// Every one of them: those of keys first.
    pub fn all() -> impl Iterator<Item = Self> {
        KeyAlgorithm::ALL.into_iter().map(Self::Key).chain(SecretAlgorithm::ALL.into_iter().map(Self::Secret))
    }

    /// Its name in a header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key(algorithm) => algorithm.name(),
            Self::Secret(algorithm) => algorithm.name(),
        }
    }

    /// Every name that one of them has.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::all().map(Self::name).chain([ED25519])
    }

    /// The same of those of key pairs.
    pub fn names_of_keys() -> impl Iterator<Item = &'static str> {
        KeyAlgorithm::ALL.into_iter().map(KeyAlgorithm::name).chain([ED25519])
    }

    /// Reads a name, which is compared byte for byte.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            ED25519 => Some(Self::Key(KeyAlgorithm::EdDsa)),
            _ => Self::all().find(|algorithm| algorithm.name() == name),
        }
    }
}

impl fmt::Display for ForeignAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TryFrom<String> for ForeignAlgorithm {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::parse(&name).ok_or("no algorithm that others may sign with")
    }
}

impl From<ForeignAlgorithm> for &'static str {
    fn from(algorithm: ForeignAlgorithm) -> Self {
        algorithm.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_nothing_else_does() {
        for algorithm in ForeignAlgorithm::all() {
            assert_eq!(ForeignAlgorithm::parse(algorithm.name()), Some(algorithm));
            let json = serde_json::to_value(algorithm).unwrap();
            assert_eq!(serde_json::from_value::<ForeignAlgorithm>(json).unwrap(), algorithm);
        }
        assert_eq!(ForeignAlgorithm::parse("Ed25519"), Some(ForeignAlgorithm::Key(KeyAlgorithm::EdDsa)));
        assert!(ForeignAlgorithm::names().all(|name| ForeignAlgorithm::parse(name).is_some()));
        for other in ["none", "Ed448", "ed25519", "None", "rs256", "RS1", "ES256K", "HS1", "", " RS256"] {
            assert_eq!(ForeignAlgorithm::parse(other), None, "{other}");
        }
    }
}
