//! The public keys of somebody else (RFC 7517 §5).

use serde_json::Value;
use thiserror::Error;

use super::algorithm::KeyAlgorithm;
use super::jwk::{ForeignJwk, JwkRefused};
use crate::crypto::CryptoError;
use crate::crypto::strict_json::is_unambiguous_object;

/// The most bytes of a document.
pub const LONGEST: usize = 64 * 1024;
/// The most keys: those that sign and those that are encrypted to, the last ones and the next.
const MOST: usize = 20;
/// What the tries of one signature may cost together, in the units of [`ForeignJwk::cost`]: ten of the cheap keys are tried, and two
/// on P-521. Whoever has more of them names the one that has signed.
const BUDGET: usize = 20;

/// The keys of a set that we use. The others mean nothing here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignJwkSet(Vec<ForeignJwk>);

/// Why a set of keys is refused where somebody can still mend it. The texts hold nothing of the keys.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum JwkSetRefused {
    /// Not a set.
    #[error("is no JWK Set: an object with an array \"keys\", in which no member appears twice")]
    Form,
    /// Longer than [`LONGEST`].
    #[error("has more than {LONGEST} bytes")]
    TooLong,
    /// More keys than [`MOST`].
    #[error("has more than {MOST} keys")]
    TooMany,
    /// One of its keys.
    #[error("has a key (the {0}. of them) that {1}")]
    Key(usize, JwkRefused),
    /// No key of a kind that we know.
    #[error("has no key of a supported type: RSA, EC on P-256, P-384 or P-521, or OKP on Ed25519")]
    Nothing,
}

impl ForeignJwkSet {
    /// Those keys of a set that we use.
    pub fn read(set: &Value) -> Self {
        let keys = set.get("keys").and_then(Value::as_array).into_iter().flatten();
        Self(keys.filter_map(|key| ForeignJwk::read(key).ok()).take(MOST).collect())
    }

    /// Reads a document that was fetched. Keys that we do not use are left out (RFC 7517 §5), so that one of a new kind does not
    /// make the others useless.
    ///
    /// # Errors
    /// When it is no set at all, or too large.
    pub fn parse(document: &[u8]) -> Result<Self, JwkSetRefused> {
        if document.len() > LONGEST {
            return Err(JwkSetRefused::TooLong);
        }
        if !is_unambiguous_object(document) {
            return Err(JwkSetRefused::Form);
        }
        let set: Value = serde_json::from_slice(document).map_err(|_| JwkSetRefused::Form)?;
        match set.get("keys").is_some_and(Value::is_array) {
            true => Ok(Self::read(&set)),
            false => Err(JwkSetRefused::Form),
        }
    }

    /// Whether a set can be registered: strict, because whoever registers it can mend it.
    ///
    /// # Errors
    /// Names what is wrong.
    pub fn check(set: &Value) -> Result<(), JwkSetRefused> {
        if set.to_string().len() > LONGEST {
            return Err(JwkSetRefused::TooLong);
        }
        let keys = set.get("keys").and_then(Value::as_array).ok_or(JwkSetRefused::Form)?;
        if keys.len() > MOST {
            return Err(JwkSetRefused::TooMany);
        }
        let mut used = 0;
        for (key, number) in keys.iter().zip(1..) {
            match ForeignJwk::read(key).and_then(|key| key.check_point()) {
                Ok(()) => used += 1,
                Err(JwkRefused::Unknown) => {}
                Err(why) => return Err(JwkSetRefused::Key(number, why)),
            }
        }
        match used {
            0 => Err(JwkSetRefused::Nothing),
            _ => Ok(()),
        }
    }

    /// Its keys.
    pub fn keys(&self) -> &[ForeignJwk] {
        &self.0
    }

    /// Whether one of its keys is for signatures, of `algorithm` if that is given.
    pub fn verifies(&self, algorithm: Option<KeyAlgorithm>) -> bool {
        self.0.iter().any(|key| algorithm.map_or_else(|| key.verifies_something(), |which| key.verifies(which)))
    }

    /// Verifies a signature with the key that `kid` names, or with any whose name does not contradict: a key need not have a
    /// name, and neither need a signature (RFC 7515 §4.1.4).
    ///
    /// # Errors
    /// [`CryptoError::UnknownKey`] when there is no such key, or none of those without a name fits: one may have been added
    /// meanwhile. [`CryptoError::Signature`] when the key that is named has made another signature.
    pub(super) fn verify(
        &self,
        algorithm: KeyAlgorithm,
        kid: Option<&str>,
        input: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let fits =
            |key: &&ForeignJwk| key.verifies(algorithm) && (kid.is_none() || key.kid().is_none() || key.kid() == kid);
        let is_named = |key: &ForeignJwk| kid.is_some() && key.kid() == kid;
        // Those that are named first, so that the budget is not spent on others.
        let (named, others): (Vec<_>, Vec<_>) = self.0.iter().filter(fits).partition(|key| is_named(key));
        let (mut outcome, mut left) = (CryptoError::UnknownKey, BUDGET);
        for key in named.into_iter().chain(others) {
            let Some(rest) = left.checked_sub(key.cost()) else { break };
            left = rest;
            match key.verify(algorithm, input, signature) {
                Ok(()) => return Ok(()),
                Err(why) if is_named(key) => outcome = why,
                Err(_) => {}
            }
        }
        Err(outcome)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn p256(kid: &str) -> Value {
        // RFC 7515 §A.3.1.
        json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})
    }

    #[test]
    fn keys_of_other_kinds_are_left_out_of_what_is_fetched() {
        let set = json!({"keys": [{"kty": "new"}, p256("a"), {"kty": "oct", "k": "AAAA"}, 7, {"kty": "EC"}]});
        assert_eq!(ForeignJwkSet::parse(set.to_string().as_bytes()).unwrap().keys().len(), 1);
        let empty = ForeignJwkSet::parse(b"{\"keys\":[]}").unwrap();
        assert!(empty.keys().is_empty() && !empty.verifies(None));
        for other in ["[]", "{}", "{\"keys\":{}}", "", "{\"keys\":[],\"keys\":[]}"] {
            assert_eq!(ForeignJwkSet::parse(other.as_bytes()), Err(JwkSetRefused::Form), "{other}");
        }
        let long = format!("{{\"keys\":[],\"pad\":\"{}\"}}", "x".repeat(LONGEST));
        assert_eq!(ForeignJwkSet::parse(long.as_bytes()), Err(JwkSetRefused::TooLong));
    }

    #[test]
    fn what_is_registered_has_no_key_that_should_not_be_there() {
        let check = |keys: Value| ForeignJwkSet::check(&json!({ "keys": keys }));
        assert_eq!(check(json!([p256("a"), {"kty": "new"}])), Ok(()));
        let mut private = p256("a");
        private["d"] = json!("AAAA");
        assert_eq!(check(json!([p256("a"), private])), Err(JwkSetRefused::Key(2, JwkRefused::Private)));
        let secret = json!({"kty": "oct", "k": "AAAA"});
        assert_eq!(check(json!([secret])), Err(JwkSetRefused::Key(1, JwkRefused::Symmetric)));
        let mut off = p256("a");
        off["y"] = off["x"].clone();
        assert_eq!(check(json!([off])), Err(JwkSetRefused::Key(1, JwkRefused::Point)));
        assert_eq!(check(json!([])), Err(JwkSetRefused::Nothing));
        assert_eq!(check(json!([{"kty": "new"}])), Err(JwkSetRefused::Nothing));
        assert_eq!(check(json!(vec![p256("a"); MOST + 1])), Err(JwkSetRefused::TooMany));
        assert_eq!(ForeignJwkSet::check(&json!([])), Err(JwkSetRefused::Form));
        let long = json!({"keys": [p256("a")], "pad": "x".repeat(LONGEST)});
        assert_eq!(ForeignJwkSet::check(&long), Err(JwkSetRefused::TooLong));
    }
}
