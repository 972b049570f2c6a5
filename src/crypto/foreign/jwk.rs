//! One public key of somebody else (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::Public;
use openssl::sha::sha512;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Map, Value};
use thiserror::Error;

use super::algorithm::{ForeignAlgorithm, KeyAlgorithm};
use crate::crypto::CryptoError;
use crate::crypto::jwe::KeyManagement;

/// The longest `kid` that is kept.
const KID_MAX: usize = 256;

/// A public key, as bytes: a thousand of them cost what their documents do. Whether a point is on its curve is looked at when it
/// is used, and by [`ForeignJwk::check_point`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignJwk {
    kid: Option<String>,
    alg: Option<String>,
    usage: Usage,
    material: Material,
}

/// What a key is for, as it says itself (RFC 7517 §4.2, §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Usage {
    /// It does not say.
    Any,
    /// To verify signatures.
    Signature,
    /// To encrypt to.
    Encryption,
    /// Something else.
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    /// Modulus and exponent, big-endian without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// A point, uncompressed.
    Ec { curve: Curve, point: Vec<u8> },
    /// Of Ed25519.
    Ed25519(Vec<u8>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Curve {
    P256,
    P384,
    P521,
}

/// Why a key is not one that we use. The texts hold nothing of the key.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum JwkRefused {
    /// Its holder has given away more than the public half.
    #[error("has private members: publish the public half alone, and make a new key, since this one is known now")]
    Private,
    /// A secret, which is no key to publish.
    #[error("is a symmetric key (kty oct), which cannot be published")]
    Symmetric,
    /// Of a type or on a curve that we do not know. Such keys are left out (RFC 7517 §5).
    #[error("is of a type (kty, crv) that is not supported")]
    Unknown,
    /// A member is missing, of another type, or no base64url.
    #[error("lacks a member, or has one of the wrong form: {0}")]
    Member(&'static str),
    /// Too small to be safe, or so large that verifying is an attack of its own.
    #[error("has a size that is not accepted: RSA keys have 2048 to 4096 bits and an odd exponent from 3 to 32 bits")]
    Size,
    /// Not a point of its curve.
    #[error("is not a point of its curve")]
    Point,
}

impl Curve {
    const fn bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    const fn nid(self) -> Nid {
        match self {
            Self::P256 => Nid::X9_62_PRIME256V1,
            Self::P384 => Nid::SECP384R1,
            Self::P521 => Nid::SECP521R1,
        }
    }
}

impl ForeignJwk {
    /// Reads a key.
    ///
    /// # Errors
    /// When it is none that we use.
    pub fn read(jwk: &Value) -> Result<Self, JwkRefused> {
        let jwk = jwk.as_object().ok_or(JwkRefused::Member("a key is an object"))?;
        if ["d", "p", "q", "dp", "dq", "qi", "oth"].iter().any(|name| jwk.contains_key(*name)) {
            return Err(JwkRefused::Private);
        }
        let kty = text(jwk, "kty")?.ok_or(JwkRefused::Member("kty"))?;
        if kty == "oct" || jwk.contains_key("k") {
            return Err(JwkRefused::Symmetric);
        }
        let (kid, alg) = (text(jwk, "kid")?, text(jwk, "alg")?);
        if kid.is_some_and(|kid| kid.len() > KID_MAX) {
            return Err(JwkRefused::Member("kid has more than 256 bytes"));
        }
        let material = match (kty, text(jwk, "crv")?) {
            ("RSA", _) => rsa(number(jwk, "n")?, number(jwk, "e")?)?,
            ("EC", Some("P-256")) => point(jwk, Curve::P256)?,
            ("EC", Some("P-384")) => point(jwk, Curve::P384)?,
            ("EC", Some("P-521")) => point(jwk, Curve::P521)?,
            ("OKP", Some("Ed25519")) => match bytes(jwk, "x")? {
                x if x.len() == 32 => Material::Ed25519(x),
                _ => return Err(JwkRefused::Member("x must have 32 bytes")),
            },
            _ => return Err(JwkRefused::Unknown),
        };
        Ok(Self { kid: kid.map(str::to_owned), alg: alg.map(str::to_owned), usage: usage(jwk)?, material })
    }

    /// Its name, if it has one.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether it is for verifying signatures of this algorithm, as far as it says so itself.
    pub fn verifies(&self, algorithm: KeyAlgorithm) -> bool {
        let fits = match &self.material {
            Material::Rsa { .. } => matches!(
                algorithm,
                KeyAlgorithm::Rs256
                    | KeyAlgorithm::Rs384
                    | KeyAlgorithm::Rs512
                    | KeyAlgorithm::Ps256
                    | KeyAlgorithm::Ps384
                    | KeyAlgorithm::Ps512
            ),
            Material::Ec { curve: Curve::P256, .. } => algorithm == KeyAlgorithm::Es256,
            Material::Ec { curve: Curve::P384, .. } => algorithm == KeyAlgorithm::Es384,
            Material::Ec { curve: Curve::P521, .. } => algorithm == KeyAlgorithm::Es512,
            Material::Ed25519(_) => algorithm == KeyAlgorithm::EdDsa,
        };
        let meant = self
            .alg
            .as_deref()
            .is_none_or(|alg| ForeignAlgorithm::parse(alg) == Some(ForeignAlgorithm::Key(algorithm)));
        fits && meant && matches!(self.usage, Usage::Any | Usage::Signature)
    }

    /// Whether it is for verifying signatures of any algorithm.
    pub fn verifies_something(&self) -> bool {
        KeyAlgorithm::ALL.into_iter().any(|algorithm| self.verifies(algorithm))
    }

    /// Whether it is for encrypting to its holder with this algorithm, as far as it says so itself.
    pub fn receives(&self, alg: KeyManagement) -> bool {
        let fits = match &self.material {
            Material::Rsa { .. } => alg.is_rsa(),
            Material::Ec { .. } => !alg.is_rsa(),
            Material::Ed25519(_) => false,
        };
        let meant = self.alg.as_deref().is_none_or(|own| own == alg.name());
        fits && meant && self.usage != Usage::Signature && self.usage != Usage::Other
    }

    /// Whether it says that it is for that.
    pub(super) fn is_for_encryption(&self) -> bool {
        self.usage == Usage::Encryption
    }

    /// The members of its kind alone: what it says of its use was looked at already.
    pub(super) fn members(&self) -> Vec<(&'static str, String)> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.material {
            Material::Rsa { n, e } => vec![("kty", "RSA".to_owned()), ("n", text(n)), ("e", text(e))],
            Material::Ec { curve, point } => {
                let (x, y) = point.get(1..).and_then(|both| both.split_at_checked(curve.bytes())).unwrap_or_default();
                let members =
                    [("kty", "EC".to_owned()), ("crv", curve.name().to_owned()), ("x", text(x)), ("y", text(y))];
                members.to_vec()
            }
            Material::Ed25519(x) => {
                vec![("kty", "OKP".to_owned()), ("crv", "Ed25519".to_owned()), ("x", text(x))]
            }
        }
    }

    /// Whether a point is on its curve: too dear to ask each time that a client is read, and not needed, since a verification
    /// fails with one that is not.
    ///
    /// # Errors
    /// When it is not.
    pub fn check_point(&self) -> Result<(), JwkRefused> {
        let Material::Ec { curve, point } = &self.material else { return Ok(()) };
        on_curve(*curve, point).map(drop).map_err(|_| JwkRefused::Point)
    }

    /// What a verification with it costs, roughly: 10 is about a millisecond.
    pub(super) fn cost(&self) -> usize {
        match &self.material {
            Material::Rsa { n, .. } if n.len() > 256 => 4,
            Material::Rsa { .. } | Material::Ed25519(_) | Material::Ec { curve: Curve::P256, .. } => 2,
            Material::Ec { curve: Curve::P384, .. } => 5,
            Material::Ec { curve: Curve::P521, .. } => 10,
        }
    }

    /// Verifies a signature of `algorithm`.
    ///
    /// # Errors
    /// [`CryptoError::Key`] when it is no key for that, [`CryptoError::Signature`] when the signature is another one.
    pub(super) fn verify(&self, algorithm: KeyAlgorithm, input: &[u8], signed: &[u8]) -> Result<(), CryptoError> {
        if !self.verifies(algorithm) {
            return Err(CryptoError::Key("the key is not for this algorithm"));
        }
        let outcome = match (&self.material, algorithm) {
            (Material::Rsa { n, e }, algorithm) => {
                let parameters = match algorithm {
                    KeyAlgorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
                    KeyAlgorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
                    KeyAlgorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
                    KeyAlgorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
                    KeyAlgorithm::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
                    KeyAlgorithm::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
                    _ => return Err(CryptoError::Key("the key is not for this algorithm")),
                };
                RsaPublicKeyComponents { n, e }.verify(parameters, input, signed)
            }
            (Material::Ec { curve: Curve::P256, point }, _) => {
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).verify(input, signed)
            }
            (Material::Ec { curve: Curve::P384, point }, _) => {
                UnparsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, point).verify(input, signed)
            }
            (Material::Ed25519(x), _) => UnparsedPublicKey::new(&signature::ED25519, x).verify(input, signed),
            // ring does not know this curve.
            (Material::Ec { curve: Curve::P521, point }, _) => return p521(point, input, signed),
        };
        outcome.map_err(|_| CryptoError::Signature)
    }
}

fn p521(point: &[u8], input: &[u8], signed: &[u8]) -> Result<(), CryptoError> {
    // RFC 7518 §3.4: both numbers in full length.
    let halves = signed.split_at_checked(Curve::P521.bytes()).filter(|(_, s)| s.len() == Curve::P521.bytes());
    let (r, s) = halves.ok_or(CryptoError::Signature)?;
    let key = on_curve(Curve::P521, point).map_err(|_| CryptoError::Key("public key is not valid"))?;
    let (r, s) = (BigNum::from_slice(r), BigNum::from_slice(s));
    let signature = r.and_then(|r| EcdsaSig::from_private_components(r, s?));
    match signature.and_then(|signature| signature.verify(&sha512(input), &key)) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(CryptoError::Signature),
    }
}

/// A point that is on its curve, as a key. That is all there is to check: these curves have no points of another order (their
/// cofactor is 1), so it need not be multiplied by the order, as OpenSSL does when it reads a key.
fn on_curve(curve: Curve, point: &[u8]) -> Result<EcKey<Public>, ErrorStack> {
    let group = EcGroup::from_curve_name(curve.nid())?;
    let point = EcPoint::from_bytes(&group, point, &mut *BigNumContext::new()?)?;
    EcKey::from_public_key(&group, &point)
}

/// A modulus of 2048 to 4096 bits and an exponent of at most 32: one verification with the largest takes well below a
/// millisecond.
fn rsa(n: Vec<u8>, e: Vec<u8>) -> Result<Material, JwkRefused> {
    let odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    let bits = |number: &[u8]| {
        number.first().map_or(0, |first| number.len() * 8 - usize::try_from(first.leading_zeros()).unwrap_or(8))
    };
    let fits = (2048..=4096).contains(&bits(&n)) && odd(&n) && (2..=32).contains(&bits(&e)) && odd(&e);
    match fits {
        true => Ok(Material::Rsa { n, e }),
        false => Err(JwkRefused::Size),
    }
}

fn point(jwk: &Map<String, Value>, curve: Curve) -> Result<Material, JwkRefused> {
    let (x, y) = (bytes(jwk, "x")?, bytes(jwk, "y")?);
    // RFC 7518 §6.2.1.2: exactly as long as the curve's coordinates are.
    if x.len() != curve.bytes() || y.len() != curve.bytes() {
        return Err(JwkRefused::Member("x and y must be as long as the coordinates of the curve"));
    }
    Ok(Material::Ec { curve, point: [[4].as_slice(), &x, &y].concat() })
}

fn usage(jwk: &Map<String, Value>) -> Result<Usage, JwkRefused> {
    let named = text(jwk, "use")?;
    let operations = match jwk.get("key_ops") {
        None | Some(Value::Null) => None,
        Some(Value::Array(all)) => Some(all),
        Some(_) => return Err(JwkRefused::Member("key_ops must be an array")),
    };
    let does = |name: &str| operations.is_none_or(|all| all.iter().any(|one| one == name));
    Ok(match named {
        Some("sig") if does("verify") => Usage::Signature,
        Some("enc") => Usage::Encryption,
        None if operations.is_none() => Usage::Any,
        None if does("verify") => Usage::Signature,
        None if ["encrypt", "wrapKey", "deriveKey", "deriveBits"].into_iter().any(does) => Usage::Encryption,
        _ => Usage::Other,
    })
}

/// `null` is as if it were not there.
fn text<'a>(jwk: &'a Map<String, Value>, name: &'static str) -> Result<Option<&'a str>, JwkRefused> {
    match jwk.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwkRefused::Member(name)),
    }
}

/// At most 1024 bytes: twice what the largest number has.
fn bytes(jwk: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JwkRefused> {
    let encoded = text(jwk, name)?.filter(|text| text.len() <= 1366).ok_or(JwkRefused::Member(name))?;
    URL_SAFE_NO_PAD.decode(encoded).map_err(|_| JwkRefused::Member(name))
}

/// RFC 7518 §2 forbids leading zeros; some write one all the same, as the sign of a positive number.
fn number(jwk: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JwkRefused> {
    let mut number = bytes(jwk, name)?;
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.drain(..zeros);
    Ok(number)
}

#[cfg(test)]
#[path = "jwk_tests.rs"]
mod tests;
