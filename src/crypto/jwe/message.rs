//! A JWT that is encrypted to us, as it came.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::algorithm::{Encryption, KeyManagement};
use crate::crypto::CryptoError;
use crate::crypto::jwt::MAX_LENGTH;
use crate::crypto::strict_json::is_unambiguous_object;

/// The bytes of a key that is encrypted with RSA of 2048 bits: we have no others.
const RSA_LENGTH: usize = 256;

/// What AES Key Wrap adds to the key (RFC 3394 §2.2.1).
const WRAPPED_MORE: usize = 8;

/// A JWT in the compact form of RFC 7516 §7.1, which nobody has opened yet. All that is public about it was checked: the
/// algorithms are known, and each part is as long as they demand, so that what opens it need not look at lengths.
#[derive(Debug)]
pub struct EncryptedJwt {
    pub(super) encryption: Encryption,
    kid: Option<String>,
    /// The sender's half of an agreement, where the algorithm is one.
    pub(super) sender: Option<Sender>,
    /// The header as it was sent: it is authenticated with the content.
    pub(super) header: String,
    pub(super) encrypted_key: Vec<u8>,
    pub(super) iv: Vec<u8>,
    pub(super) ciphertext: Vec<u8>,
    pub(super) tag: Vec<u8>,
}

/// What the sender of one message brings to the agreement on its key (RFC 7518 §4.6.1).
#[derive(Debug)]
pub(super) struct Sender {
    /// `epk`: a point of P-256, or so it says.
    pub(super) x: Vec<u8>,
    pub(super) y: Vec<u8>,
    /// `apu`, empty where it is missing.
    pub(super) apu: Vec<u8>,
    /// `apv`, the same.
    pub(super) apv: Vec<u8>,
}

impl EncryptedJwt {
    /// Whether a JWT says by its form that it is encrypted: it has five parts (RFC 7516 §9).
    pub fn looks_like(compact: &str) -> bool {
        compact.bytes().filter(|byte| *byte == b'.').count() == 4
    }

    /// Reads one of at most 16 KiB. No extension is understood (`crit`), and none is compressed (`zip`): a few bytes could become
    /// gigabytes, and what is compressed shows by its length what is inside (RFC 8725 §3.6).
    ///
    /// # Errors
    /// [`CryptoError::Malformed`]; all of it is visible to everybody, so that it may say what is wrong.
    pub fn read(compact: &str) -> Result<Self, CryptoError> {
        if compact.len() > MAX_LENGTH {
            return Err(CryptoError::Malformed("it is too long"));
        }
        let parts: Vec<&str> = compact.split('.').collect();
        let &[header, encrypted_key, iv, ciphertext, tag] = parts.as_slice() else {
            return Err(CryptoError::Malformed("it does not have five parts"));
        };
        let members = object(&decode(header)?)?;
        if ["crit", "zip", "b64"].iter().any(|name| members.contains_key(*name)) {
            return Err(CryptoError::Malformed("header demands an extension (crit, zip, b64)"));
        }
        let unknown = |_| CryptoError::Malformed("alg or enc is none that we decrypt");
        let alg: KeyManagement = text(&members, "alg")?.unwrap_or_default().parse().map_err(unknown)?;
        let enc = text(&members, "enc")?.unwrap_or_default().parse().map_err(unknown)?;
        let message = Self {
            encryption: Encryption { alg, enc },
            kid: text(&members, "kid")?.map(str::to_owned),
            sender: if alg.is_rsa() { None } else { Some(Sender::read(&members)?) },
            header: header.to_owned(),
            encrypted_key: decode(encrypted_key)?,
            iv: decode(iv)?,
            ciphertext: decode(ciphertext)?,
            tag: decode(tag)?,
        };
        let lengths = (message.encrypted_key.len(), message.iv.len(), message.tag.len());
        match lengths == (key_part_length(message.encryption), enc.iv_length(), enc.tag_length()) {
            true => Ok(message),
            false => Err(CryptoError::Malformed("a part does not have the length that alg and enc demand")),
        }
    }

    /// How it says that it is encrypted.
    pub const fn encryption(&self) -> Encryption {
        self.encryption
    }

    /// The key that it says it is for.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }
}

/// How long the second part is.
const fn key_part_length(Encryption { alg, enc }: Encryption) -> usize {
    match alg {
        KeyManagement::RsaOaep | KeyManagement::RsaOaep256 => RSA_LENGTH,
        // What is agreed on is the key itself (RFC 7518 §4.6).
        KeyManagement::EcdhEs => 0,
        KeyManagement::EcdhEsA128Kw | KeyManagement::EcdhEsA256Kw => enc.key_length() + WRAPPED_MORE,
    }
}

impl Sender {
    fn read(header: &Map<String, Value>) -> Result<Self, CryptoError> {
        const NO_POINT: CryptoError = CryptoError::Malformed("epk is no public key on P-256");
        let Some(Value::Object(epk)) = header.get("epk") else { return Err(NO_POINT) };
        if text(epk, "kty")? != Some("EC") || text(epk, "crv")? != Some("P-256") {
            return Err(NO_POINT);
        }
        let bytes = |of: &Map<String, Value>, name: &str| decode(text(of, name)?.unwrap_or_default());
        let (x, y) = (bytes(epk, "x")?, bytes(epk, "y")?);
        if (x.len(), y.len()) != (32, 32) {
            return Err(NO_POINT);
        }
        Ok(Self { x, y, apu: bytes(header, "apu")?, apv: bytes(header, "apv")? })
    }
}

fn object(json: &[u8]) -> Result<Map<String, Value>, CryptoError> {
    let read = is_unambiguous_object(json).then(|| serde_json::from_slice(json).ok()).flatten();
    read.ok_or(CryptoError::Malformed("header is no unambiguous JSON object"))
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, CryptoError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(CryptoError::Malformed("a member of the header is no text")),
    }
}

/// Strict base64url: no padding, no white space, no second spelling of the same bytes (RFC 7515 §2).
fn decode(part: &str) -> Result<Vec<u8>, CryptoError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| CryptoError::Malformed("a part is not base64url"))
}
