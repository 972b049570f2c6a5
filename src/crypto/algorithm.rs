//! The signature algorithms we use.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::CryptoError;

/// A JWS signature algorithm (RFC 7518 §3.1). The set is closed: `none` and the HMAC family have no value here, so no
/// token can select them (RFC 8725 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: what every OpenID Connect client understands.
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA with P-256 and SHA-256: a tenth of the cost, a quarter of the size.
    #[serde(rename = "ES256")]
    Es256,
}

impl Algorithm {
    /// Every algorithm, in the order in which discovery lists them.
    pub const ALL: [Self; 2] = [Self::Rs256, Self::Es256];

    /// The value of `alg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
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
        Self::ALL.into_iter().find(|one| one.name() == text).ok_or(CryptoError::Key("algorithm must be RS256 or ES256"))
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
        for other in ["none", "None", "HS256", "es256", "ES384", ""] {
            assert!(other.parse::<Algorithm>().is_err(), "{other}");
        }
    }
}
