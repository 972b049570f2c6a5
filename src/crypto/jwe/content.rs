//! The content of an encrypted JWT (RFC 7518 §5). Its tag is verified before anything is decrypted, in a time that does not
//! depend on it; what josekit has for this decrypts first, and takes tags that are too short (docs/decisions/0060).

use hmac::{Hmac, KeyInit, Mac};
use openssl::symm::{Cipher, decrypt, decrypt_aead};
use sha2::{Sha256, Sha512};

use super::algorithm::ContentEncryption;
use super::message::EncryptedJwt;

/// What is inside; `None` when the key is not the one, or something was changed.
pub(super) fn open(message: &EncryptedJwt, key: &[u8]) -> Option<Vec<u8>> {
    let enc = message.encryption.enc;
    if key.len() != enc.key_length() {
        return None;
    }
    let EncryptedJwt { iv, ciphertext, tag, header, .. } = message;
    match enc {
        ContentEncryption::A128Gcm => {
            decrypt_aead(Cipher::aes_128_gcm(), key, Some(iv), header.as_bytes(), ciphertext, tag).ok()
        }
        ContentEncryption::A256Gcm => {
            decrypt_aead(Cipher::aes_256_gcm(), key, Some(iv), header.as_bytes(), ciphertext, tag).ok()
        }
        ContentEncryption::A128CbcHs256 => {
            let (mac, aes) = halves(key)?;
            holds(Hmac::<Sha256>::new_from_slice(mac).ok()?, message)?;
            decrypt(Cipher::aes_128_cbc(), aes, Some(iv), ciphertext).ok()
        }
        ContentEncryption::A256CbcHs512 => {
            let (mac, aes) = halves(key)?;
            holds(Hmac::<Sha512>::new_from_slice(mac).ok()?, message)?;
            decrypt(Cipher::aes_256_cbc(), aes, Some(iv), ciphertext).ok()
        }
    }
}

/// The key of the HMAC, then that of AES (RFC 7518 §5.2.2.1).
fn halves(key: &[u8]) -> Option<(&[u8], &[u8])> {
    key.split_at_checked(key.len() / 2)
}

/// Whether the tag is the left half of the HMAC over the header, the vector, the content, and how many bits the header has
/// (RFC 7518 §5.2.2.1, steps 4 to 6).
fn holds<M: Mac>(mut mac: M, message: &EncryptedJwt) -> Option<()> {
    let bits = u64::try_from(message.header.len()).ok()?.checked_mul(8)?;
    mac.update(message.header.as_bytes());
    mac.update(&message.iv);
    mac.update(&message.ciphertext);
    mac.update(&bits.to_be_bytes());
    mac.verify_truncated_left(&message.tag).ok()
}
