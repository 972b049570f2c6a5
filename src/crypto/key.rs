//! Keys that sign and verify. Making one costs far more than using it, so both kinds are made once and cloned.

use std::fmt;
use std::sync::Arc;

use josekit::jws::{ES256, ES384, EdDSA, JwsSigner, JwsVerifier, PS256, PS384, PS512, RS256, RS384, RS512};
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, PointConversionForm};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::Rsa;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair,
};
use zeroize::Zeroizing;

use super::algorithm::Family;
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
        Self::of(algorithm, &pair(algorithm.family())?)
    }

    fn of(algorithm: Algorithm, key: &PKey<Private>) -> Result<Self, CryptoError> {
        let failed = |_: ErrorStack| CryptoError::Internal("key generation failed");
        let private_der = Zeroizing::new(key.private_key_to_pkcs8().map_err(failed)?);
        Ok(Self { jwk: public_half(algorithm, key)?, private_der })
    }
}

/// Makes a key pair of this kind.
pub(super) fn pair(family: Family) -> Result<PKey<Private>, CryptoError> {
    let key = match family {
        Family::Rsa => Rsa::generate(RSA_BITS).and_then(PKey::from_rsa),
        Family::P256 => on_curve(Nid::X9_62_PRIME256V1),
        Family::P384 => on_curve(Nid::SECP384R1),
        Family::Ed25519 => PKey::generate_ed25519(),
    };
    key.map_err(|_| CryptoError::Internal("key generation failed"))
}

fn on_curve(curve: Nid) -> Result<PKey<Private>, ErrorStack> {
    EcGroup::from_curve_name(curve).and_then(|group| EcKey::generate(&group)).and_then(PKey::from_ec_key)
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
    Ec(Arc<EcdsaKeyPair>),
    /// And with Ed25519 in half of it.
    Ed25519(Arc<Ed25519KeyPair>),
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
        if public_half(algorithm, &key)?.kid() != kid {
            return Err(CryptoError::Key("private key is not the one its kid names"));
        }
        let unusable = CryptoError::Key("private key is not usable for signing");
        let signer = match algorithm {
            Algorithm::Rs256 => RS256.signer_from_der(der).ok().map(rsa),
            Algorithm::Rs384 => RS384.signer_from_der(der).ok().map(rsa),
            Algorithm::Rs512 => RS512.signer_from_der(der).ok().map(rsa),
            Algorithm::Ps256 => PS256.signer_from_der(der).ok().map(rsa),
            Algorithm::Ps384 => PS384.signer_from_der(der).ok().map(rsa),
            Algorithm::Ps512 => PS512.signer_from_der(der).ok().map(rsa),
            Algorithm::Es256 => ec_signer(&key, 32, &ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::Es384 => ec_signer(&key, 48, &ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::EdDsa => ed25519_signer(&key),
        };
        let signer = signer.ok_or(unusable)?;
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
        let signer = ec_signer(&key, 32, &ECDSA_P256_SHA256_FIXED_SIGNING).ok_or(unusable)?;
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
            Signer::Ec(pair) => match pair.sign(&SystemRandom::new(), input) {
                Ok(signature) => Ok(signature.as_ref().to_vec()),
                Err(_) => Err(failed),
            },
            Signer::Ed25519(pair) => Ok(pair.sign(input).as_ref().to_vec()),
        }
    }
}

fn rsa(signer: impl JwsSigner + 'static) -> Signer {
    Signer::Rsa(Arc::new(signer))
}

/// The key for ring, which wants the private number and the public point as they are.
fn ec_signer(key: &PKey<Private>, length: i32, algorithm: &'static EcdsaSigningAlgorithm) -> Option<Signer> {
    let key = key.ec_key().ok()?;
    let private = Zeroizing::new(key.private_key().to_vec_padded(length).ok()?);
    let mut context = BigNumContext::new().ok()?;
    let public = key.public_key().to_bytes(key.group(), PointConversionForm::UNCOMPRESSED, &mut context).ok()?;
    let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &private, &public, &SystemRandom::new());
    pair.ok().map(|pair| Signer::Ec(Arc::new(pair)))
}

fn ed25519_signer(key: &PKey<Private>) -> Option<Signer> {
    let private = Zeroizing::new(key.raw_private_key().ok()?);
    let pair = Ed25519KeyPair::from_seed_and_public_key(&private, &key.raw_public_key().ok()?);
    pair.ok().map(|pair| Signer::Ed25519(Arc::new(pair)))
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
            Members::P384 { x, y } => vec![("kty", "EC"), ("crv", "P-384"), ("x", x), ("y", y)],
            Members::Ed25519 { x } => vec![("kty", "OKP"), ("crv", "Ed25519"), ("x", x)],
        };
        let map: serde_json::Map<_, _> =
            parameters.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let unusable = |_| CryptoError::Key("public key is not valid");
        // Without `kid` and `alg`: the caller of `matches` has chosen the key and compared the algorithm already.
        let bare = josekit::jwk::Jwk::from_map(map).map_err(unusable)?;
        let verifier: Arc<dyn JwsVerifier> = match jwk.algorithm() {
            Algorithm::Rs256 => Arc::new(RS256.verifier_from_jwk(&bare).map_err(unusable)?),
            Algorithm::Rs384 => Arc::new(RS384.verifier_from_jwk(&bare).map_err(unusable)?),
            Algorithm::Rs512 => Arc::new(RS512.verifier_from_jwk(&bare).map_err(unusable)?),
            Algorithm::Ps256 => Arc::new(PS256.verifier_from_jwk(&bare).map_err(unusable)?),
            Algorithm::Ps384 => Arc::new(PS384.verifier_from_jwk(&bare).map_err(unusable)?),
            Algorithm::Ps512 => Arc::new(PS512.verifier_from_jwk(&bare).map_err(unusable)?),
            Algorithm::Es256 => Arc::new(ES256.verifier_from_jwk(&bare).map_err(unusable)?),
            Algorithm::Es384 => Arc::new(ES384.verifier_from_jwk(&bare).map_err(unusable)?),
            Algorithm::EdDsa => Arc::new(EdDSA.verifier_from_jwk(&bare).map_err(unusable)?),
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

/// The public half of a key, which must be of the kind that `algorithm` takes.
fn public_half(algorithm: Algorithm, key: &PKey<Private>) -> Result<PublicJwk, CryptoError> {
    PublicJwk::new(algorithm, public_members(algorithm.family(), key)?)
}

/// The members of the public half of a key, which must be of this kind.
pub(super) fn public_members(family: Family, key: &PKey<Private>) -> Result<Members, CryptoError> {
    let failed = |_| CryptoError::Key("private key is not usable");
    Ok(match (family, key.id()) {
        (Family::Rsa, Id::RSA) => {
            let rsa = key.rsa().map_err(failed)?;
            Members::rsa(&rsa.n().to_vec(), &rsa.e().to_vec())
        }
        (Family::P256, Id::EC) => {
            let (x, y) = coordinates(key, Nid::X9_62_PRIME256V1, 32).map_err(failed)?;
            Members::p256(&x, &y)
        }
        (Family::P384, Id::EC) => {
            let (x, y) = coordinates(key, Nid::SECP384R1, 48).map_err(failed)?;
            Members::p384(&x, &y)
        }
        (Family::Ed25519, Id::ED25519) => Members::ed25519(&key.raw_public_key().map_err(failed)?),
        _ => return Err(CryptoError::Key("private key is not of the kind that its algorithm takes")),
    })
}

/// The public point, each coordinate padded to the curve's bytes (RFC 7518 §6.2.1.2). A key on another curve than this one
/// is an error.
fn coordinates(key: &PKey<Private>, curve: Nid, length: i32) -> Result<(Vec<u8>, Vec<u8>), ErrorStack> {
    let key = key.ec_key()?;
    if key.group().curve_name() != Some(curve) {
        return Err(ErrorStack::get());
    }
    let (mut x, mut y) = (BigNum::new()?, BigNum::new()?);
    key.public_key().affine_coordinates(key.group(), &mut x, &mut y, &mut *BigNumContext::new()?)?;
    Ok((x.to_vec_padded(length)?, y.to_vec_padded(length)?))
}

#[cfg(test)]
impl GeneratedKey {
    /// As [`GeneratedKey::generate`], but with one RSA key for all its algorithms: tests go through them all.
    pub(super) fn quickly(algorithm: Algorithm) -> Self {
        static RSA: std::sync::OnceLock<PKey<Private>> = std::sync::OnceLock::new();
        match algorithm.family() {
            Family::Rsa => {
                let rsa = RSA.get_or_init(|| PKey::from_rsa(Rsa::generate(RSA_BITS).unwrap()).unwrap());
                Self::of(algorithm, rsa).unwrap()
            }
            _ => Self::generate(algorithm).unwrap(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_signs_what_its_published_half_verifies() {
        for algorithm in Algorithm::ALL {
            let key = GeneratedKey::quickly(algorithm);
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
            let key = GeneratedKey::quickly(algorithm);
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
    fn a_key_of_another_kind_or_on_another_curve_is_refused() {
        let secp256k1 = on_curve(Nid::SECP256K1).unwrap();
        let ed448 = PKey::generate_ed448().unwrap();
        let p384 = on_curve(Nid::SECP384R1).unwrap();
        for (key, fits) in [(secp256k1, None), (ed448, None), (p384, Some(Algorithm::Es384))] {
            for algorithm in Algorithm::ALL {
                assert_eq!(GeneratedKey::of(algorithm, &key).is_ok(), Some(algorithm) == fits, "{algorithm}");
            }
        }
    }

    #[test]
    fn a_signature_of_one_algorithm_is_none_of_another_with_the_same_key() {
        let rsa: Vec<_> = Algorithm::ALL.into_iter().filter(|one| one.family() == Family::Rsa).collect();
        for made in &rsa {
            let key = GeneratedKey::quickly(*made);
            let signing = SigningKey::from_der(*made, key.jwk.kid(), &key.private_der).unwrap();
            let signature = signing.signature(b"message").unwrap();
            for read in &rsa {
                let verifying = VerifyingKey::from_jwk(&GeneratedKey::quickly(*read).jwk).unwrap();
                assert_eq!(verifying.verify(b"message", &signature).is_ok(), made == read, "{made} as {read}");
            }
        }
    }

    /// RFC 7518 §3.5: the salt is as long as the hash.
    #[test]
    fn a_pss_signature_has_the_salt_and_the_mask_that_rfc_7518_demands() {
        use openssl::hash::MessageDigest;
        use openssl::rsa::Padding;
        use openssl::sign::{RsaPssSaltlen, Verifier};

        let key = GeneratedKey::quickly(Algorithm::Ps384);
        let signing = SigningKey::from_der(Algorithm::Ps384, key.jwk.kid(), &key.private_der).unwrap();
        let signature = signing.signature(b"message").unwrap();
        let public = PKey::private_key_from_pkcs8(&key.private_der).unwrap();
        for (salt, valid) in [(48, true), (32, false), (0, false)] {
            let mut verifier = Verifier::new(MessageDigest::sha384(), &public).unwrap();
            verifier.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
            verifier.set_rsa_mgf1_md(MessageDigest::sha384()).unwrap();
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::custom(salt)).unwrap();
            verifier.update(b"message").unwrap();
            assert_eq!(verifier.verify(&signature).unwrap_or(false), valid, "{salt}");
        }
    }

    #[test]
    fn an_ed25519_signature_is_that_of_rfc_8037_appendix_a_4() {
        let decode = |text| base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text).unwrap();
        let seed: Vec<u8> = decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
        let key = PKey::private_key_from_raw_bytes(&seed, Id::ED25519).unwrap();
        let key = GeneratedKey::of(Algorithm::EdDsa, &key).unwrap();
        let signing = SigningKey::from_der(Algorithm::EdDsa, key.jwk.kid(), &key.private_der).unwrap();
        let signature = signing.signature(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc").unwrap();
        let expected = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        assert_eq!(signature, decode(expected));
    }

    #[test]
    fn a_point_off_the_curve_is_refused() {
        for (algorithm, members) in [
            (Algorithm::Es256, Members::p256(&[7; 32], &[9; 32])),
            (Algorithm::Es384, Members::p384(&[7; 48], &[9; 48])),
        ] {
            let jwk = PublicJwk::new(algorithm, members).unwrap();
            assert!(VerifyingKey::from_jwk(&jwk).is_err(), "{algorithm}");
        }
    }
}
