//! Keys of our own that others encrypt to.

use std::fmt;

use openssl::aes::{AesKey, unwrap_key};
use openssl::derive::Deriver;
use openssl::ec::{EcGroup, EcKey};
use openssl::encrypt::Decrypter;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rand::rand_bytes;
use openssl::rsa::Padding;
use serde::Serialize;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::algorithm::KeyManagement;
use super::content;
use super::message::{EncryptedJwt, Sender};
use crate::crypto::CryptoError;
use crate::crypto::algorithm::Family;
use crate::crypto::jwk::Members;
use crate::crypto::key::{pair, public_members};

/// The public half of such a key, as it is published (RFC 7517 §4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EncryptionJwk {
    kty: &'static str,
    kid: String,
    r#use: &'static str,
    alg: KeyManagement,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
}

/// A private key, ready to open what was encrypted to its public half, with one algorithm alone (RFC 8725 §3.1).
#[derive(Clone)]
pub struct DecryptionKey {
    algorithm: KeyManagement,
    jwk: EncryptionJwk,
    private: PKey<Private>,
}

impl DecryptionKey {
    /// Makes a key pair: PKCS #8, DER, to be sealed before it is stored. RSA takes 30 to 150 ms: not to be called on an async
    /// thread.
    ///
    /// # Errors
    /// When OpenSSL fails.
    pub fn generate(algorithm: KeyManagement) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let der = pair(family(algorithm))?.private_key_to_pkcs8();
        der.map(Zeroizing::new).map_err(|_| CryptoError::Internal("key generation failed"))
    }

    /// Reads a private key (PKCS #8, DER).
    ///
    /// # Errors
    /// When the bytes are not a private key for `algorithm`.
    pub fn from_der(algorithm: KeyManagement, der: &[u8]) -> Result<Self, CryptoError> {
        let unreadable = |_| CryptoError::Key("private key is not PKCS #8 for its algorithm");
        let private = PKey::private_key_from_pkcs8(der).map_err(unreadable)?;
        let jwk = EncryptionJwk::new(algorithm, public_members(family(algorithm), &private)?)?;
        Ok(Self { algorithm, jwk, private })
    }

    /// What it decrypts.
    pub const fn algorithm(&self) -> KeyManagement {
        self.algorithm
    }

    /// The id under which its public half is published: the thumbprint of the key (RFC 7638).
    pub fn kid(&self) -> &str {
        &self.jwk.kid
    }

    /// The half to publish.
    pub const fn jwk(&self) -> &EncryptionJwk {
        &self.jwk
    }

    /// What is inside of a message that is encrypted to this key.
    ///
    /// # Errors
    /// [`CryptoError::UnknownKey`] when it is for another algorithm, which everybody can see; otherwise
    /// [`CryptoError::Decryption`], whatever the reason.
    pub fn open(&self, message: &EncryptedJwt) -> Result<Vec<u8>, CryptoError> {
        if message.encryption.alg != self.algorithm {
            return Err(CryptoError::UnknownKey);
        }
        let key = match self.content_key(message) {
            Some(key) => key,
            // What comes after takes as long, and fails as what was changed does (RFC 7516 §11.5, RFC 3218 §2.3.2).
            None => random_key(message.encryption.enc.key_length())?,
        };
        content::open(message, &key).ok_or(CryptoError::Decryption)
    }

    /// The key of this one message.
    fn content_key(&self, message: &EncryptedJwt) -> Option<Zeroizing<Vec<u8>>> {
        let (enc, sender) = (message.encryption.enc, message.sender.as_ref());
        match self.algorithm {
            KeyManagement::RsaOaep => self.oaep(MessageDigest::sha1(), &message.encrypted_key),
            KeyManagement::RsaOaep256 => self.oaep(MessageDigest::sha256(), &message.encrypted_key),
            KeyManagement::EcdhEs => self.agreed(sender?, enc.name(), enc.key_length()),
            KeyManagement::EcdhEsA128Kw => unwrapped(&self.agreed(sender?, self.algorithm.name(), 16)?, message),
            KeyManagement::EcdhEsA256Kw => unwrapped(&self.agreed(sender?, self.algorithm.name(), 32)?, message),
        }
    }

    /// RSAES-OAEP; the mask is made with the same hash (RFC 7518 §4.3).
    fn oaep(&self, hash: MessageDigest, encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut decrypter = Decrypter::new(&self.private).ok()?;
        decrypter.set_rsa_padding(Padding::PKCS1_OAEP).ok()?;
        decrypter.set_rsa_oaep_md(hash).ok()?;
        decrypter.set_rsa_mgf1_md(hash).ok()?;
        let mut key = Zeroizing::new(vec![0; decrypter.decrypt_len(encrypted).ok()?]);
        let length = decrypter.decrypt(encrypted, &mut key).ok()?;
        key.truncate(length);
        Some(key)
    }

    /// What both sides agree on: ECDH with a point that is on the curve, and the Concat KDF (RFC 7518 §4.6.2).
    fn agreed(&self, sender: &Sender, algorithm: &str, length: usize) -> Option<Zeroizing<Vec<u8>>> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).ok()?;
        let [x, y] = [&sender.x, &sender.y].map(|number| openssl::bn::BigNum::from_slice(number).ok());
        // OpenSSL checks that it is a point of the curve: with others a few questions would give our key away.
        let point = EcKey::from_public_key_affine_coordinates(&group, x?.as_ref(), y?.as_ref()).ok()?;
        let point = PKey::from_ec_key(point).ok()?;
        let mut deriver = Deriver::new(&self.private).ok()?;
        deriver.set_peer(&point).ok()?;
        let secret = Zeroizing::new(deriver.derive_to_vec().ok()?);
        concat_kdf(&secret, algorithm, sender, length)
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptionKey({} {})", self.algorithm, self.jwk.kid)
    }
}

impl EncryptionJwk {
    fn new(alg: KeyManagement, members: Members) -> Result<Self, CryptoError> {
        members.check()?;
        let kid = members.thumbprint();
        let (kty, n, e, crv, x, y) = match members {
            Members::Rsa { n, e } => ("RSA", Some(n), Some(e), None, None, None),
            Members::P256 { x, y } => ("EC", None, None, Some("P-256"), Some(x), Some(y)),
            _ => return Err(CryptoError::Key("nobody encrypts to a key of this kind")),
        };
        Ok(Self { kty, kid, r#use: "enc", alg, n, e, crv, x, y })
    }
}

const fn family(algorithm: KeyManagement) -> Family {
    match algorithm.is_rsa() {
        true => Family::Rsa,
        false => Family::P256,
    }
}

/// The Concat KDF of NIST SP 800-56A with SHA-256, as RFC 7518 §4.6.2 fills it in.
fn concat_kdf(secret: &[u8], algorithm: &str, sender: &Sender, length: usize) -> Option<Zeroizing<Vec<u8>>> {
    let number = |number: usize| u32::try_from(number).ok().map(u32::to_be_bytes);
    let mut info = Vec::new();
    for part in [algorithm.as_bytes(), &sender.apu, &sender.apv] {
        info.extend_from_slice(&number(part.len())?);
        info.extend_from_slice(part);
    }
    info.extend_from_slice(&number(length.checked_mul(8)?)?);
    let mut key = Zeroizing::new(Vec::with_capacity(64));
    for round in 1..=length.div_ceil(32) {
        let hash = Sha256::new().chain_update(number(round)?).chain_update(secret).chain_update(&info).finalize();
        key.extend_from_slice(&hash);
    }
    key.truncate(length);
    Some(key)
}

/// The key inside of a wrapping (RFC 3394), whose length was looked at when the message was read.
fn unwrapped(wrapping: &[u8], message: &EncryptedJwt) -> Option<Zeroizing<Vec<u8>>> {
    let mut key = Zeroizing::new(vec![0; message.encryption.enc.key_length()]);
    unwrap_key(&AesKey::new_decrypt(wrapping).ok()?, None, &mut key, &message.encrypted_key).ok()?;
    Some(key)
}

fn random_key(length: usize) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let mut key = Zeroizing::new(vec![0; length]);
    rand_bytes(&mut key).map_err(|_| CryptoError::Internal("there is no randomness"))?;
    Ok(key)
}

#[cfg(test)]
#[path = "decryption_tests.rs"]
mod tests;
