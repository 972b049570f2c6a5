//! Public keys as we publish them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::algorithm::Family;
use super::{Algorithm, CryptoError};

/// A public signing key in its published form (RFC 7517): `kty`, `kid`, `use`, `alg` and the public members. Private
/// members have no field here, so they cannot be published.
///
/// Reading one from JSON checks it: the members fit the algorithm, and `kid` is the key's own thumbprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct PublicJwk {
    kid: String,
    algorithm: Algorithm,
    members: Members,
}

/// The public members, base64url (RFC 7518 §6.2.1, §6.3.1; RFC 8037 §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Members {
    Rsa { n: String, e: String },
    P256 { x: String, y: String },
    P384 { x: String, y: String },
    Ed25519 { x: String },
}

impl PublicJwk {
    /// A key for `algorithm`.
    ///
    /// # Errors
    /// When the members are those of another kind of key, or not safe to use.
    pub(super) fn new(algorithm: Algorithm, members: Members) -> Result<Self, CryptoError> {
        if members.family() != algorithm.family() {
            return Err(CryptoError::Key("JWK members do not fit alg"));
        }
        members.check()?;
        Ok(Self { kid: members.thumbprint(), algorithm, members })
    }

    /// The key's id: its SHA-256 thumbprint (RFC 7638), so that two different keys never share one.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm this key is used with (RFC 8725 §3.1).
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(super) fn members(&self) -> &Members {
        &self.members
    }
}

impl Members {
    /// An RSA key with this modulus and public exponent, big-endian without leading zeros.
    pub(super) fn rsa(n: &[u8], e: &[u8]) -> Self {
        Self::Rsa { n: URL_SAFE_NO_PAD.encode(n), e: URL_SAFE_NO_PAD.encode(e) }
    }

    /// A key on P-256 with these coordinates, 32 bytes each.
    pub(super) fn p256(x: &[u8], y: &[u8]) -> Self {
        Self::P256 { x: URL_SAFE_NO_PAD.encode(x), y: URL_SAFE_NO_PAD.encode(y) }
    }

    /// A key on P-384 with these coordinates, 48 bytes each.
    pub(super) fn p384(x: &[u8], y: &[u8]) -> Self {
        Self::P384 { x: URL_SAFE_NO_PAD.encode(x), y: URL_SAFE_NO_PAD.encode(y) }
    }

    /// An Ed25519 key: its 32 bytes as RFC 8032 §5.1.5 encodes them.
    pub(super) fn ed25519(x: &[u8]) -> Self {
        Self::Ed25519 { x: URL_SAFE_NO_PAD.encode(x) }
    }

    fn family(&self) -> Family {
        match self {
            Self::Rsa { .. } => Family::Rsa,
            Self::P256 { .. } => Family::P256,
            Self::P384 { .. } => Family::P384,
            Self::Ed25519 { .. } => Family::Ed25519,
        }
    }

    /// Sizes that are safe to use: RSA of 2048 bits or more (RFC 7518 §3.3), but not so large that a verification is
    /// an attack of its own; coordinates of exactly the curve's bytes (§6.2.1.2).
    pub(super) fn check(&self) -> Result<(), CryptoError> {
        match self {
            Self::Rsa { n, e } => {
                let (n, e) = (decode(n)?, decode(e)?);
                let odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
                let minimal = |number: &[u8]| number.first().is_some_and(|byte| *byte != 0);
                // 512 bytes are 4096 bits.
                if !(256..=512).contains(&n.len()) || !minimal(&n) || !odd(&n) {
                    return Err(CryptoError::Key("RSA modulus must be odd and have 2048 to 4096 bits"));
                }
                if e.len() > 4 || !minimal(&e) || !odd(&e) || e == [1] {
                    return Err(CryptoError::Key("RSA exponent must be odd, above 1 and at most 32 bits"));
                }
            }
            Self::P256 { x, y } => {
                if decode(x)?.len() != 32 || decode(y)?.len() != 32 {
                    return Err(CryptoError::Key("P-256 coordinates must have 32 bytes"));
                }
            }
            Self::P384 { x, y } => {
                if decode(x)?.len() != 48 || decode(y)?.len() != 48 {
                    return Err(CryptoError::Key("P-384 coordinates must have 48 bytes"));
                }
            }
            Self::Ed25519 { x } => {
                if decode(x)?.len() != 32 {
                    return Err(CryptoError::Key("an Ed25519 key must have 32 bytes"));
                }
            }
        }
        Ok(())
    }

    /// RFC 7638 §3: the required members only, sorted by name, no white space. Written out by hand because `josekit`
    /// makes `serde_json` keep insertion order; the values are base64url, so nothing needs escaping.
    pub(super) fn thumbprint(&self) -> String {
        let canonical = match self {
            Self::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            Self::P256 { x, y } => format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#),
            Self::P384 { x, y } => format!(r#"{{"crv":"P-384","kty":"EC","x":"{x}","y":"{y}"}}"#),
            Self::Ed25519 { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#),
        };
        URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
    }
}

fn decode(member: &str) -> Result<Vec<u8>, CryptoError> {
    URL_SAFE_NO_PAD.decode(member).map_err(|_| CryptoError::Key("JWK member is not base64url"))
}

/// The JSON form. Members of the other key type are absent, not null.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    kty: String,
    kid: String,
    #[serde(rename = "use")]
    usage: String,
    alg: Algorithm,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    y: Option<String>,
}

impl TryFrom<Wire> for PublicJwk {
    type Error = CryptoError;

    fn try_from(wire: Wire) -> Result<Self, CryptoError> {
        let members = match (wire.kty.as_str(), wire.n, wire.e, wire.crv.as_deref(), wire.x, wire.y) {
            ("RSA", Some(n), Some(e), None, None, None) => Members::Rsa { n, e },
            ("EC", None, None, Some("P-256"), Some(x), Some(y)) => Members::P256 { x, y },
            ("EC", None, None, Some("P-384"), Some(x), Some(y)) => Members::P384 { x, y },
            ("OKP", None, None, Some("Ed25519"), Some(x), None) => Members::Ed25519 { x },
            _ => return Err(CryptoError::Key("JWK members do not fit kty")),
        };
        if wire.usage != "sig" {
            return Err(CryptoError::Key("JWK must have use = sig"));
        }
        let jwk = Self::new(wire.alg, members)?;
        match jwk.kid == wire.kid {
            true => Ok(jwk),
            false => Err(CryptoError::Key("kid is not the key's thumbprint")),
        }
    }
}

impl From<PublicJwk> for Wire {
    fn from(jwk: PublicJwk) -> Self {
        let alg = jwk.algorithm();
        let (kty, n, e, crv, x, y) = match jwk.members {
            Members::Rsa { n, e } => ("RSA", Some(n), Some(e), None, None, None),
            Members::P256 { x, y } => ("EC", None, None, Some("P-256"), Some(x), Some(y)),
            Members::P384 { x, y } => ("EC", None, None, Some("P-384"), Some(x), Some(y)),
            Members::Ed25519 { x } => ("OKP", None, None, Some("Ed25519"), Some(x), None),
        };
        let crv = crv.map(str::to_owned);
        Self { kty: kty.to_owned(), kid: jwk.kid, usage: "sig".to_owned(), alg, n, e, crv, x, y }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7638 §3.1.
    const N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

    fn rsa() -> PublicJwk {
        PublicJwk::new(Algorithm::Rs256, Members::rsa(&decode(N).unwrap(), &[1, 0, 1])).unwrap()
    }

    #[test]
    fn the_kid_is_the_thumbprint_of_rfc_7638_section_3_1() {
        assert_eq!(rsa().kid(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn the_kid_of_an_ed25519_key_is_the_thumbprint_of_rfc_8037_appendix_a_3() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let jwk = PublicJwk::new(Algorithm::EdDsa, Members::Ed25519 { x: x.to_owned() }).unwrap();
        assert_eq!(jwk.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        let json = serde_json::to_value(&jwk).unwrap();
        let whole =
            serde_json::json!({"kty": "OKP", "kid": jwk.kid(), "use": "sig", "alg": "EdDSA", "crv": "Ed25519", "x": x});
        assert_eq!(json, whole);
        assert_eq!(serde_json::from_value::<PublicJwk>(json).unwrap(), jwk);
    }

    #[test]
    fn a_key_says_which_one_algorithm_of_its_kind_it_is_for() {
        let members = || Members::rsa(&decode(N).unwrap(), &[1, 0, 1]);
        for algorithm in Algorithm::ALL {
            let made = PublicJwk::new(algorithm, members());
            assert_eq!(made.is_ok(), algorithm.family() == Family::Rsa, "{algorithm}");
            let Ok(jwk) = made else { continue };
            let json = serde_json::to_value(&jwk).unwrap();
            assert_eq!(json.get("alg").unwrap(), algorithm.name());
            assert_eq!(serde_json::from_value::<PublicJwk>(json).unwrap().algorithm(), algorithm);
        }
    }

    #[test]
    fn the_json_form_has_exactly_the_public_members_and_reads_back() {
        let json = serde_json::to_value(rsa()).unwrap();
        let names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["kty", "kid", "use", "alg", "n", "e"]);
        assert_eq!(serde_json::from_value::<PublicJwk>(json).unwrap(), rsa());

        let ec = PublicJwk::new(Algorithm::Es256, Members::p256(&[7; 32], &[9; 32])).unwrap();
        let json = serde_json::to_string(&ec).unwrap();
        assert_eq!(serde_json::from_str::<PublicJwk>(&json).unwrap(), ec);
        let json = serde_json::to_value(ec).unwrap();
        let names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["kty", "kid", "use", "alg", "crv", "x", "y"]);
    }

    #[test]
    fn a_jwk_that_contradicts_itself_is_refused() {
        let good = serde_json::to_value(rsa()).unwrap();
        let with = |name: &str, value: &str| {
            let mut json = good.clone();
            json.as_object_mut().unwrap().insert(name.to_owned(), value.into());
            serde_json::from_value::<PublicJwk>(json)
        };
        assert!(with("alg", "RS256").is_ok());
        for (name, value) in [
            ("alg", "ES256"),
            ("alg", "HS256"),
            ("kty", "EC"),
            ("kid", "another"),
            ("use", "enc"),
            ("d", "AQAB"),
            ("e", "AQ"),
            ("e", "AQAC"),
            ("n", "AQAB"),
            ("n", "not base64!"),
            ("crv", "P-256"),
        ] {
            assert!(with(name, value).is_err(), "{name}={value}");
        }
    }

    #[test]
    fn coordinates_of_another_length_are_refused() {
        assert!(PublicJwk::new(Algorithm::Es256, Members::p256(&[7; 31], &[9; 33])).is_err());
        assert!(PublicJwk::new(Algorithm::Es384, Members::p384(&[7; 47], &[9; 48])).is_err());
        assert!(PublicJwk::new(Algorithm::EdDsa, Members::ed25519(&[7; 31])).is_err());
    }
}
