//! Keyed hashes.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::CryptoError;

/// A key for HMAC-SHA256 (RFC 2104), made by [`MasterKey::derive`](super::MasterKey::derive), or kept. The keyed state is
/// computed once and cloned for each message.
#[derive(Clone)]
pub struct MacKey(Hmac<Sha256>);

impl MacKey {
    /// A key from bytes that are already unpredictable.
    ///
    /// # Errors
    /// None in practice: HMAC takes keys of any length.
    pub fn new(key: &[u8]) -> Result<Self, CryptoError> {
        Hmac::new_from_slice(key).map(Self).map_err(|_| CryptoError::Internal("HMAC refused its key"))
    }

    /// The MAC over `parts`. Each is preceded by its length in 8 bytes, so that `["ab", "c"]` and `["a", "bc"]` differ.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.over(parts).finalize().into_bytes().into()
    }

    /// Whether `mac` is the MAC over `parts`, compared in constant time.
    pub fn verify(&self, parts: &[&[u8]], mac: &[u8; 32]) -> bool {
        self.over(parts).verify_slice(mac).is_ok()
    }

    fn over(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut state = self.0.clone();
        for part in parts {
            state.update(&(part.len() as u64).to_be_bytes());
            state.update(part);
        }
        state
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(key: &[u8], message: &[u8]) -> String {
        let mut state = MacKey::new(key).unwrap().0;
        state.update(message);
        state.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_underlying_hmac_agrees_with_rfc_4231() {
        let cases: [(&[u8], &[u8], &str); 3] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, message, mac) in cases {
            assert_eq!(plain(key, message), mac);
        }
    }

    #[test]
    fn parts_are_length_prefixed() {
        let key = MacKey::new(b"Jefe").unwrap();
        let prefixed = key.mac(&[b"ab", b"c"]).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(prefixed, plain(b"Jefe", b"\0\0\0\0\0\0\0\x02ab\0\0\0\0\0\0\0\x01c"));
        assert_ne!(key.mac(&[b"ab", b"c"]), key.mac(&[b"a", b"bc"]));
        assert_ne!(key.mac(&[b"abc"]), key.mac(&[b"abc", b""]));
    }

    #[test]
    fn a_mac_is_verified_for_its_own_parts_and_key() {
        let (key, other) = (MacKey::new(b"Jefe").unwrap(), MacKey::new(b"jefe").unwrap());
        let mut mac = key.mac(&[b"ab", b"c"]);
        assert!(key.verify(&[b"ab", b"c"], &mac));
        assert!(!key.verify(&[b"a", b"bc"], &mac) && !other.verify(&[b"ab", b"c"], &mac));
        mac[31] ^= 1;
        assert!(!key.verify(&[b"ab", b"c"], &mac));
    }

    #[test]
    fn the_key_is_not_printed() {
        assert_eq!(format!("{:?}", MacKey::new(b"Jefe").unwrap()), "MacKey(…)");
    }
}
