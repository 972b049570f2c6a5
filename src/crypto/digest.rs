//! SHA-2 as the protocols use it, and comparison in constant time; and SHA-1 where another's protocol has it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

use super::algorithm::{Algorithm, Hash};

/// The `S256` transformation of a PKCE verifier: base64url(SHA-256(ASCII(verifier))) (RFC 7636 §4.2).
pub fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// The `at_hash`, `c_hash` or `s_hash` of a value in an ID token that is signed with this algorithm: base64url of the left
/// half of the algorithm's own hash over the value's ASCII text (OpenID Connect Core §3.1.3.6, §3.3.2.11). For Ed25519
/// that hash is SHA-512, which it has inside (RFC 8032 §5.1).
pub fn half_hash(algorithm: Algorithm, value: &str) -> String {
    match algorithm.hash() {
        Hash::Sha256 => left_half(&Sha256::digest(value)),
        Hash::Sha384 => left_half(&Sha384::digest(value)),
        Hash::Sha512 => left_half(&Sha512::digest(value)),
    }
}

fn left_half(digest: &[u8]) -> String {
    let (left, _) = digest.split_at(digest.len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}

/// SHA-1 as 40 hexadecimal digits in capitals: the name under which lists of stolen passwords are asked for one. It
/// protects nothing.
pub fn sha1_name(text: &str) -> String {
    openssl::sha::sha1(text.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Compares two texts in a time that depends on their lengths alone.
pub fn equal(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s256_agrees_with_rfc_7636_appendix_b() {
        assert_eq!(s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn half_hash_agrees_with_the_example_of_openid_connect_core_appendix_a() {
        assert_eq!(
            half_hash(Algorithm::Rs256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
        assert_eq!(
            half_hash(Algorithm::Rs256, "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk"),
            "LDktKdoQak3Pk0cnXxCltA"
        );
    }

    #[test]
    fn sha1_agrees_with_fips_180() {
        assert_eq!(sha1_name("abc"), "A9993E364706816ABA3E25717850C26C9CD0D89D");
    }

    #[test]
    fn equal_is_equality() {
        assert!(equal("", ""));
        assert!(equal("abc", "abc"));
        assert!(!equal("abc", "abd"));
        assert!(!equal("abc", "ab"));
    }
}
