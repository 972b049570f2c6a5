//! Signed JWTs of others in the compact form (RFC 7515 §7.1): what clients prove who they are with, and signed requests.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::algorithm::{ForeignAlgorithm, KeyAlgorithm, SecretAlgorithm};
use super::jwk_set::ForeignJwkSet;
use super::shared_secret::SharedSecret;
use crate::crypto::CryptoError;
use crate::crypto::jwt::MAX_LENGTH;
use crate::crypto::strict_json::is_unambiguous_object;

/// A JWT that was read but not verified. Of its payload only [`ForeignJws::unproven`] gives anything away.
#[derive(Debug)]
pub struct ForeignJws {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    /// Header and payload, as they were signed.
    input: String,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// The payload of a JWT whose signature was verified, or which may go without one: one JSON object without repeated names.
#[derive(Debug)]
pub struct ProvenJws<'a>(&'a ForeignJws);

impl ForeignJws {
    /// Reads a JWT of at most 16 KiB. Keys in the header or places of keys (`jwk`, `jku`, `x5c`, `x5u`) mean nothing here, and no
    /// extension is understood (`crit`, RFC 7515 §4.1.11).
    ///
    /// # Errors
    /// [`CryptoError::Malformed`].
    pub fn read(compact: &str) -> Result<Self, CryptoError> {
        if compact.len() > MAX_LENGTH {
            return Err(CryptoError::Malformed("it is too long"));
        }
        let parts = CryptoError::Malformed("it does not have three parts");
        let (input, signature) = compact.rsplit_once('.').ok_or(parts.clone())?;
        let (header, payload) = input.split_once('.').filter(|(_, rest)| !rest.contains('.')).ok_or(parts)?;
        let header = object(&decode(header)?).ok_or(CryptoError::Malformed("header is no unambiguous JSON object"))?;
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(CryptoError::Malformed("header demands an extension (crit, b64)"));
        }
        let text = |name: &str| match header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(CryptoError::Malformed("alg, kid or typ in the header is no text")),
        };
        let (kid, typ) = (text("kid")?, text("typ")?);
        let alg = text("alg")?.ok_or(CryptoError::Malformed("header lacks alg"))?;
        let (payload, signature) = (decode(payload)?, decode(signature)?);
        match is_unambiguous_object(&payload) {
            true => Ok(Self { alg, kid, typ, input: input.to_owned(), payload, signature }),
            false => Err(CryptoError::Malformed("payload is not a JSON object, or repeats a name")),
        }
    }

    /// Claims that came without a header and a signature of their own, inside of what was encrypted: as if the header said `none`.
    ///
    /// # Errors
    /// [`CryptoError::Malformed`].
    pub fn bare(claims: Vec<u8>) -> Result<Self, CryptoError> {
        match is_unambiguous_object(&claims) {
            true => Ok(Self {
                alg: "none".to_owned(),
                kid: None,
                typ: None,
                input: String::new(),
                payload: claims,
                signature: Vec::new(),
            }),
            false => Err(CryptoError::Malformed("payload is not a JSON object, or repeats a name")),
        }
    }

    /// The algorithm that the header names, if it is one that others may sign with.
    pub fn algorithm(&self) -> Option<ForeignAlgorithm> {
        ForeignAlgorithm::parse(&self.alg)
    }

    /// Whether it takes milliseconds to verify it ([`KeyAlgorithm::is_costly`]).
    pub fn is_costly(&self) -> bool {
        matches!(self.algorithm(), Some(ForeignAlgorithm::Key(algorithm)) if algorithm.is_costly())
    }

    /// The header's `alg`, as written.
    pub fn alg(&self) -> &str {
        &self.alg
    }

    /// The header's `kid`, as written.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether the header names this `typ`.
    pub fn names_type(&self, typ: &str) -> bool {
        self.typ.is_some() && self.is_typed(&[typ])
    }

    /// Whether the header's `typ` is one of `types`, or missing. A media type may leave out `application/`, and its case does not
    /// count (RFC 7515 §4.1.9).
    pub fn is_typed(&self, types: &[&str]) -> bool {
        let Some(typ) = &self.typ else { return true };
        let short = match typ.split_at_checked("application/".len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
            _ => typ,
        };
        types.iter().any(|known| known.eq_ignore_ascii_case(short))
    }

    /// A claim, which nobody has proven: good for nothing but finding out whose keys to try.
    pub fn unproven(&self, claim: &str) -> Option<String> {
        Some(object(&self.payload)?.get(claim)?.as_str()?.to_owned())
    }

    /// Verifies it with a public key.
    ///
    /// # Errors
    /// [`CryptoError::UnknownKey`] when it is none of `keys`, as far as that is known; otherwise why it does not hold.
    pub fn verify(&self, algorithm: KeyAlgorithm, keys: &ForeignJwkSet) -> Result<ProvenJws<'_>, CryptoError> {
        if self.algorithm() != Some(ForeignAlgorithm::Key(algorithm)) {
            return Err(CryptoError::Malformed("alg is another one"));
        }
        keys.verify(algorithm, self.kid(), self.input.as_bytes(), &self.signature)?;
        Ok(ProvenJws(self))
    }

    /// It as it is, if it says itself that it is not signed (`none`, RFC 7518 §3.6): where it may go without.
    ///
    /// # Errors
    /// When it says anything else, or has a signature all the same.
    pub fn unsigned(&self) -> Result<ProvenJws<'_>, CryptoError> {
        match self.alg == "none" && self.signature.is_empty() {
            true => Ok(ProvenJws(self)),
            false => Err(CryptoError::Malformed("alg is not none, or there is a signature")),
        }
    }

    /// Verifies it with a secret.
    ///
    /// # Errors
    /// When it does not hold.
    pub fn verify_by_secret(
        &self,
        algorithm: SecretAlgorithm,
        secret: &SharedSecret,
    ) -> Result<ProvenJws<'_>, CryptoError> {
        if self.algorithm() != Some(ForeignAlgorithm::Secret(algorithm)) {
            return Err(CryptoError::Malformed("alg is another one"));
        }
        secret.verify(algorithm, self.input.as_bytes(), &self.signature)?;
        Ok(ProvenJws(self))
    }
}

impl ProvenJws<'_> {
    /// Reads the claims.
    ///
    /// # Errors
    /// [`CryptoError::Malformed`] when they do not have the shape of `T`.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, CryptoError> {
        serde_json::from_slice(&self.0.payload)
            .map_err(|_| CryptoError::Malformed("claims do not have the expected form"))
    }
}

fn object(json: &[u8]) -> Option<Map<String, Value>> {
    is_unambiguous_object(json).then(|| serde_json::from_slice(json).ok()).flatten()
}

/// Strict base64url: no padding, no white space, no second spelling of the same bytes (RFC 7515 §2).
fn decode(part: &str) -> Result<Vec<u8>, CryptoError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| CryptoError::Malformed("a part is not base64url"))
}

#[cfg(test)]
#[path = "jws_tests.rs"]
mod tests;
