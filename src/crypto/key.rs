//! Keys that sign and verify. Making one costs far more than using it, so both kinds are made once and cloned.

use std::fmt;
use std::sync::Arc;

use josekit::jws::{ES256, JwsSigner, JwsVerifier, RS256};
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, PointConversionForm};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::Rsa;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use zeroize::Zeroizing;

use super::jwk::Members;
use super::{Algorithm, CryptoError, PublicJwk};

/// Bits of a generated RSA key: what RFC 7518 §3.3 demands; 3072 would make every signature three times as slow.
const RSA_BITS: u32 = 2048;

/// A new key pair, not yet stored.
pub struct GeneratedKey {
    /// The half to publish.
    pub jwk: PublicJwk,
    /// The other half: PKCS #8, DER. To be sealed before it is stored.
    pub private_der: Zeroizing<Vec<u8>>,
}

impl GeneratedKey {
    /// Makes a key pair with OpenSSL's own generator, which the operating system seeds. RSA takes 30 to 150 ms:
    /// not to be called on an async thread.
    ///
    /// # Errors
    /// When OpenSSL fails.
    pub fn generate(algorithm: Algorithm) -> Result<Self, CryptoError> {
        let failed = |_: ErrorStack| CryptoError::Internal("key generation failed");
        let key = match algorithm {
            Algorithm::Rs256 => Rsa::generate(RSA_BITS).and_then(PKey::from_rsa),
            Algorithm::Es256 => p256().and_then(|group| EcKey::generate(&group)).and_then(PKey::from_ec_key),
        };
        let key = key.map_err(failed)?;
        let private_der = Zeroizing::new(key.private_key_to_pkcs8().map_err(failed)?);
        Ok(Self { jwk: public_half(&key)?, private_der })
    }
}

impl fmt::Debug for GeneratedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GeneratedKey({})", self.jwk.kid())
    }
}

/// A private key, ready to sign ([`SigningKey::sign`] is in `jwt.rs`). Clones share it.
#[derive(Clone)]
pub struct SigningKey {
    algorithm: Algorithm,
    kid: Arc<str>,
    signer: Signer,
}

/// What makes the signatures.
#[derive(Clone)]
enum Signer {
    Rsa(Arc<dyn JwsSigner>),
    /// ring, which TLS uses too, signs with P-256 in two thirds of OpenSSL's time.
    P256(Arc<EcdsaKeyPair>),
}

impl SigningKey {
    /// Reads a private key (PKCS #8, DER) that was stored as `kid`.
    ///
    /// # Errors
    /// When the bytes are not a private key for `algorithm`, or not the one whose thumbprint is `kid`: signing with
    /// another key than the published one would break every client.
    pub fn from_der(algorithm: Algorithm, kid: &str, der: &[u8]) -> Result<Self, CryptoError> {
        let unreadable = CryptoError::Key("private key is not PKCS #8 for its algorithm");
        let key = PKey::private_key_from_pkcs8(der).map_err(|_| unreadable)?;
        let public = public_half(&key)?;
        if public.algorithm() != algorithm || public.kid() != kid {
            return Err(CryptoError::Key("private key is not the one its kid names"));
        }
        let unusable = CryptoError::Key("private key is not usable for signing");
        let signer = match algorithm {
            Algorithm::Rs256 => Signer::Rsa(Arc::new(RS256.signer_from_der(der).map_err(|_| unusable)?)),
            Algorithm::Es256 => Signer::P256(Arc::new(p256_signer(&key).ok_or(unusable)?)),
        };
        Ok(Self { algorithm, kid: kid.into(), signer })
    }

    /// Reads a private key on P-256 (PKCS #8, PEM) that others have given us and call `kid`: it signs for them alone.
    ///
    /// # Errors
    /// When the bytes are no such key.
    pub fn of_others(kid: &str, pem: &[u8]) -> Result<Self, CryptoError> {
        let unusable = CryptoError::Key("the private key is not one on P-256 in the form of PKCS #8 (PEM)");
        let key = PKey::private_key_from_pem(pem).map_err(|_| unusable.clone())?;
        let on_p256 = |key: &EcKey<Private>| key.group().curve_name() == Some(Nid::X9_62_PRIME256V1);
        if !key.ec_key().is_ok_and(|key| on_p256(&key)) {
            return Err(unusable);
        }
        let signer = Signer::P256(Arc::new(p256_signer(&key).ok_or(unusable)?));
        Ok(Self { algorithm: Algorithm::Es256, kid: kid.into(), signer })
    }

    /// The algorithm it signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The id under which its public half is published.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub(super) fn signature(&self, input: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let failed = CryptoError::Internal("signing failed");
        match &self.signer {
            Signer::Rsa(signer) => signer.sign(input).map_err(|_| failed),
            Signer::P256(pair) => match pair.sign(&SystemRandom::new(), input) {
                Ok(signature) => Ok(signature.as_ref().to_vec()),
                Err(_) => Err(failed),
            },
        }
    }
}

/// The key for ring, which wants the private number and the public point as they are.
fn p256_signer(key: &PKey<Private>) -> Option<EcdsaKeyPair> {
    let key = key.ec_key().ok()?;
    let private = Zeroizing::new(key.private_key().to_vec_padded(32).ok()?);
    let mut context = BigNumContext::new().ok()?;
    let public = key.public_key().to_bytes(key.group(), PointConversionForm::UNCOMPRESSED, &mut context).ok()?;
    let random = SystemRandom::new();
    EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, &private, &public, &random).ok()
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} {})", self.algorithm, self.kid)
    }
}

/// A public key, ready to verify. Clones share it.
#[derive(Clone)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    kid: Arc<str>,
    verifier: Arc<dyn JwsVerifier>,
}

impl VerifyingKey {
    /// Prepares a published key.
    ///
    /// # Errors
    /// When it is not a valid key, such as a point that is not on the curve.
    pub fn from_jwk(jwk: &PublicJwk) -> Result<Self, CryptoError> {
        let parameters: Vec<(&str, &str)> = match jwk.members() {
            Members::Rsa { n, e } => vec![("kty", "RSA"), ("n", n), ("e", e)],
            Members::P256 { x, y } => vec![("kty", "EC"), ("crv", "P-256"), ("x", x), ("y", y)],
        };
        let map: serde_json::Map<_, _> =
            parameters.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let unusable = |_| CryptoError::Key("public key is not valid");
        // Without `kid` and `alg`: the caller of `matches` has chosen the key and compared the algorithm already.
        let bare = josekit::jwk::Jwk::from_map(map).map_err(unusable)?;
        let verifier: Arc<dyn JwsVerifier> = match jwk.algorithm() {
            Algorithm::Rs256 => Arc::new(RS256.verifier_from_jwk(&bare).map_err(unusable)?),
            Algorithm::Es256 => Arc::new(ES256.verifier_from_jwk(&bare).map_err(unusable)?),
        };
        Ok(Self { algorithm: jwk.algorithm(), kid: jwk.kid().into(), verifier })
    }

    /// The one algorithm that its signatures may have.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The id by which tokens name it.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Checks that `signature` was made over `message` by the private half.
    ///
    /// # Errors
    /// [`CryptoError::Signature`] when it was not.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        self.verifier.verify(message, signature).map_err(|_| CryptoError::Signature)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({} {})", self.algorithm, self.kid)
    }
}

fn p256() -> Result<EcGroup, ErrorStack> {
    EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)
}

fn public_half(key: &PKey<Private>) -> Result<PublicJwk, CryptoError> {
    let failed = |_| CryptoError::Key("private key is not usable");
    match key.id() {
        Id::RSA => {
            let rsa = key.rsa().map_err(failed)?;
            PublicJwk::rsa(&rsa.n().to_vec(), &rsa.e().to_vec())
        }
        Id::EC => {
            let (x, y) = coordinates(key).map_err(failed)?;
            PublicJwk::p256(&x, &y)
        }
        _ => Err(CryptoError::Key("private key is neither RSA nor P-256")),
    }
}

/// The public point, each coordinate padded to the curve's 32 bytes (RFC 7518 §6.2.1.2). A key on another curve gives
/// coordinates of another curve, which no P-256 signer accepts.
fn coordinates(key: &PKey<Private>) -> Result<(Vec<u8>, Vec<u8>), ErrorStack> {
    let key = key.ec_key()?;
    let (mut x, mut y) = (BigNum::new()?, BigNum::new()?);
    key.public_key().affine_coordinates(key.group(), &mut x, &mut y, &mut *BigNumContext::new()?)?;
    Ok((x.to_vec_padded(32)?, y.to_vec_padded(32)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_signs_what_its_published_half_verifies() {
        for algorithm in Algorithm::ALL {
            let key = GeneratedKey::generate(algorithm).unwrap();
            assert_eq!(key.jwk.algorithm(), algorithm);
            let signing = SigningKey::from_der(algorithm, key.jwk.kid(), &key.private_der).unwrap();
            let verifying = VerifyingKey::from_jwk(&key.jwk).unwrap();
            let mut signature = signing.signature(b"message").unwrap();
            assert_eq!(verifying.verify(b"message", &signature), Ok(()));
            assert_eq!(verifying.verify(b"massage", &signature), Err(CryptoError::Signature));
            signature.push(0);
            assert_eq!(verifying.verify(b"message", &signature), Err(CryptoError::Signature));
            assert_eq!(verifying.verify(b"message", &[0; 64]), Err(CryptoError::Signature));
            assert_eq!(verifying.verify(b"message", b""), Err(CryptoError::Signature));
        }
    }

    #[test]
    fn nothing_private_is_published_or_printed() {
        for algorithm in Algorithm::ALL {
            let key = GeneratedKey::generate(algorithm).unwrap();
            let json = serde_json::to_value(&key.jwk).unwrap();
            for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
                assert!(json.get(private).is_none(), "{private}");
            }
            let signing = SigningKey::from_der(algorithm, key.jwk.kid(), &key.private_der).unwrap();
            assert_eq!(format!("{key:?}"), format!("GeneratedKey({})", key.jwk.kid()));
            assert_eq!(format!("{signing:?}"), format!("SigningKey({algorithm} {})", key.jwk.kid()));
        }
    }

    #[test]
    fn a_private_key_of_another_kid_or_algorithm_is_refused() {
        let (one, two) =
            (GeneratedKey::generate(Algorithm::Es256).unwrap(), GeneratedKey::generate(Algorithm::Es256).unwrap());
        assert!(SigningKey::from_der(Algorithm::Es256, two.jwk.kid(), &one.private_der).is_err());
        assert!(SigningKey::from_der(Algorithm::Rs256, one.jwk.kid(), &one.private_der).is_err());
        assert!(SigningKey::from_der(Algorithm::Es256, one.jwk.kid(), b"not a key").is_err());
    }

    #[test]
    fn a_key_on_another_curve_is_refused() {
        let group = EcGroup::from_curve_name(Nid::SECP256K1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let kid = public_half(&key).unwrap().kid().to_owned();
        assert!(SigningKey::from_der(Algorithm::Es256, &kid, &key.private_key_to_pkcs8().unwrap()).is_err());
    }

    #[test]
    fn a_point_off_the_curve_is_refused() {
        let jwk = PublicJwk::p256(&[7; 32], &[9; 32]).unwrap();
        assert!(VerifyingKey::from_jwk(&jwk).is_err());
    }
}
