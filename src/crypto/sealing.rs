//! Encryption of what is stored but must be read again: signing keys, seeds, tokens of other providers.

use std::collections::HashSet;
use std::fmt;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

use super::{CryptoError, MacKey};
use crate::foundation::{Random, SecretString};

/// The first byte of everything sealed; another layout gets another number.
const VERSION: u8 = 1;
const NONCE: usize = 12;
const TAG: usize = 16;
/// The fewest characters of a master key.
const SHORTEST: usize = 32;
/// The most bytes of a master key.
const LONGEST: usize = 1024;
/// The fewest different bytes of a master key; random ones have far more.
const FEWEST_DISTINCT: usize = 8;
/// Separates our keys from those of any other program that is given the same secret (RFC 5869 §3.1).
const SALT: &[u8] = b"latchkey secrets.master_key v1";

/// The key that seals every stored secret that must be read again. Every other server key is derived from it.
pub struct MasterKey(Zeroizing<Vec<u8>>);

/// Why a text is not a master key.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum MasterKeyError {
    /// Fewer than [`SHORTEST`] characters.
    #[error("secrets.master_key has fewer than 32 characters; `openssl rand -base64 32` makes a good one")]
    Short,
    /// Longer than any secret.
    #[error("secrets.master_key has more than 1024 bytes; `openssl rand -base64 32` makes a good one")]
    Long,
    /// Long enough, but anyone could guess it.
    #[error("secrets.master_key repeats a few characters; `openssl rand -base64 32` makes a good one")]
    Weak,
}

impl MasterKey {
    /// Reads a master key. 32 to 64 random bytes as base64, base64url (padded or not) or hex are decoded; any other
    /// text of 32 characters or more is used as it is. A text does not show whether it is random, so only an obviously
    /// weak one is refused. White space around it is ignored, since files end with a line break.
    ///
    /// # Errors
    /// When it is too short or too long, or repeats a few characters.
    pub fn parse(text: &SecretString) -> Result<Self, MasterKeyError> {
        let text = text.expose().trim();
        if text.chars().count() < SHORTEST {
            return Err(MasterKeyError::Short);
        }
        if text.len() > LONGEST {
            return Err(MasterKeyError::Long);
        }
        let decoded = decode(text).filter(|bytes| (32..=64).contains(&bytes.len()));
        let bytes = Zeroizing::new(decoded.unwrap_or_else(|| text.as_bytes().to_vec()));
        let distinct = |bytes: &[u8]| bytes.iter().collect::<HashSet<_>>().len();
        match distinct(text.as_bytes()) < FEWEST_DISTINCT || distinct(&bytes) < FEWEST_DISTINCT {
            true => Err(MasterKeyError::Weak),
            false => Ok(Self(bytes)),
        }
    }

    /// A new master key, as text to keep in a file.
    pub fn generate(random: &Random) -> SecretString {
        SecretString::new(URL_SAFE_NO_PAD.encode(Zeroizing::new(random.bytes::<32>())))
    }

    /// Seals `plaintext` with AES-256-GCM. `context` names its place, down to the row (`signing_key/KID`). Opening
    /// needs the same context, so sealed values cannot be swapped between rows. Each context has its own key, so random
    /// nonces never come near their limit.
    ///
    /// The result is one version byte, the nonce, the ciphertext and the tag.
    ///
    /// # Errors
    /// When OpenSSL fails.
    pub fn seal(&self, context: &str, plaintext: &[u8], random: &Random) -> Result<Vec<u8>, CryptoError> {
        let key = self.expand("seal", context)?;
        let nonce: [u8; NONCE] = random.bytes();
        let mut tag = [0; TAG];
        let ciphertext = encrypt_aead(Cipher::aes_256_gcm(), &*key, Some(&nonce), &bound(context), plaintext, &mut tag)
            .map_err(|_| CryptoError::Internal("sealing failed"))?;
        Ok([[VERSION].as_slice(), &nonce, &ciphertext, &tag].concat())
    }

    /// Opens what [`MasterKey::seal`] made with the same context.
    ///
    /// # Errors
    /// [`CryptoError::Sealed`] when it was altered, or sealed under another context or master key.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let (version, rest) = sealed.split_first().ok_or(CryptoError::Sealed)?;
        let (nonce, rest) = rest.split_at_checked(NONCE).ok_or(CryptoError::Sealed)?;
        let end = rest.len().checked_sub(TAG).ok_or(CryptoError::Sealed)?;
        let (ciphertext, tag) = rest.split_at_checked(end).ok_or(CryptoError::Sealed)?;
        if *version != VERSION {
            return Err(CryptoError::Sealed);
        }
        let key = self.expand("seal", context)?;
        decrypt_aead(Cipher::aes_256_gcm(), &*key, Some(nonce), &bound(context), ciphertext, tag)
            .map(Zeroizing::new)
            .map_err(|_| CryptoError::Sealed)
    }

    /// The key for one purpose. Keys with different labels are independent of each other.
    ///
    /// # Errors
    /// None in practice.
    pub fn derive(&self, label: &str) -> Result<MacKey, CryptoError> {
        MacKey::new(&*self.expand("mac", label)?)
    }

    /// HKDF-SHA256 (RFC 5869).
    fn expand(&self, use_: &str, label: &str) -> Result<Zeroizing<[u8; 32]>, CryptoError> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(SALT), &self.0)
            .expand(format!("{use_}\0{label}").as_bytes(), &mut *key)
            .map_err(|_| CryptoError::Internal("key derivation failed"))?;
        Ok(key)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// The additional authenticated data: opening needs the same.
fn bound(context: &str) -> Vec<u8> {
    [[VERSION].as_slice(), context.as_bytes()].concat()
}

fn decode(text: &str) -> Option<Vec<u8>> {
    const EITHER_PADDING: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    // Hex first: 64 hex digits would also decode as base64, to 48 other bytes.
    if text.len() >= 64 && text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect();
    }
    let engine = match text.contains(['-', '_']) {
        true => GeneralPurpose::new(&alphabet::URL_SAFE, EITHER_PADDING),
        false => GeneralPurpose::new(&alphabet::STANDARD, EITHER_PADDING),
    };
    engine.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};

    use super::*;

    fn parse(text: &str) -> Result<MasterKey, MasterKeyError> {
        MasterKey::parse(&SecretString::new(text.to_owned()))
    }

    fn key(seed: u64) -> MasterKey {
        MasterKey::parse(&MasterKey::generate(&Random::seeded(seed))).unwrap()
    }

    #[test]
    fn a_key_is_the_same_in_every_notation() {
        let bytes: [u8; 32] = Random::seeded(5).bytes();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let texts = [
            STANDARD.encode(bytes),
            STANDARD_NO_PAD.encode(bytes),
            URL_SAFE.encode(bytes),
            URL_SAFE_NO_PAD.encode(bytes),
            hex.to_uppercase(),
            format!("{hex}\n"),
        ];
        for text in texts {
            assert_eq!(*parse(&text).unwrap().0, bytes, "{text}");
        }
    }

    #[test]
    fn any_other_text_counts_as_it_is() {
        for text in
            ["correct horse battery staple and some more", "0123456789abcdef0123456789abcdef", &"é1x-ab_c".repeat(5)]
        {
            assert_eq!(*parse(text).unwrap().0, text.as_bytes(), "{text}");
        }
    }

    #[test]
    fn what_is_plainly_no_secret_is_refused() {
        for text in ["", "change-me", &"ab1".repeat(10), &format!("  {}\n", "abcdefghij".repeat(3))] {
            assert_eq!(parse(text).unwrap_err(), MasterKeyError::Short, "{text}");
        }
        for text in ["a".repeat(32), "abcd".repeat(16), STANDARD.encode([7; 32]), STANDARD.encode([0xff; 64])] {
            assert_eq!(parse(&text).unwrap_err(), MasterKeyError::Weak, "{text}");
        }
        assert_eq!(parse(&STANDARD.encode([5_u8, 77].repeat(400))).unwrap_err(), MasterKeyError::Long);
    }

    #[test]
    fn no_generated_key_is_taken_for_a_weak_one() {
        for seed in 0..1000 {
            key(seed);
        }
    }

    #[test]
    fn what_is_sealed_opens_in_its_context_only() {
        let random = Random::System;
        for plaintext in [b"".as_slice(), b"secret", &[7; 5000]] {
            let sealed = key(1).seal("totp/alice", plaintext, &random).unwrap();
            assert_eq!(sealed.len(), plaintext.len() + 29);
            assert_eq!(key(1).open("totp/alice", &sealed).unwrap().as_slice(), plaintext);
            assert_eq!(key(1).open("totp/bob", &sealed), Err(CryptoError::Sealed));
            assert_eq!(key(2).open("totp/alice", &sealed), Err(CryptoError::Sealed));
            assert_ne!(key(1).seal("totp/alice", plaintext, &random).unwrap(), sealed);
        }
    }

    #[test]
    fn every_changed_or_missing_byte_is_noticed() {
        let key = key(1);
        let sealed = key.seal("context", b"secret", &Random::System).unwrap();
        for place in 0..sealed.len() {
            for bit in 0..8 {
                let mut altered = sealed.clone();
                altered[place] ^= 1 << bit;
                assert_eq!(key.open("context", &altered), Err(CryptoError::Sealed), "{place}");
            }
            assert_eq!(key.open("context", &sealed[..place]), Err(CryptoError::Sealed));
        }
        assert_eq!(key.open("context", &[sealed.as_slice(), &[0]].concat()), Err(CryptoError::Sealed));
    }

    #[test]
    fn derived_keys_depend_on_the_label_and_the_master_key() {
        let mac = |master: &MasterKey, label| master.derive(label).unwrap().mac(&[b"message"]);
        assert_eq!(mac(&key(1), "refresh"), mac(&key(1), "refresh"));
        assert_ne!(mac(&key(1), "refresh"), mac(&key(1), "csrf"));
        assert_ne!(mac(&key(1), "refresh"), mac(&key(2), "refresh"));
    }

    #[test]
    fn the_key_is_not_printed() {
        assert_eq!(format!("{:?}", key(1)), "MasterKey(…)");
    }
}
