//! Signed JWTs in the compact form (RFC 7519, RFC 7515 §7.1). What the claims say is for the domain to judge.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use super::algorithm::Algorithm;
use super::strict_json::is_unambiguous_object;
use super::{CryptoError, SigningKey, VerifyingKey};

/// The longest JWT that is read at all, in bytes.
pub const MAX_LENGTH: usize = 16 * 1024;

impl SigningKey {
    /// Signs `claims` as a JWT whose header has this `typ` (RFC 8725 §3.11: `JWT`, `at+jwt`, `logout+jwt`, …).
    ///
    /// # Errors
    /// When the claims do not serialise, or OpenSSL fails.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, CryptoError> {
        let unserialisable = |_| CryptoError::Internal("claims do not serialise");
        let header = MadeHeader { typ, alg: self.algorithm().name(), kid: self.kid() };
        let header = serde_json::to_vec(&header).map_err(unserialisable)?;
        let claims = serde_json::to_vec(claims).map_err(unserialisable)?;

        // Room for both parts in base64, and for the longest signature.
        let mut jwt = String::with_capacity((header.len() + claims.len()) * 4 / 3 + 360);
        URL_SAFE_NO_PAD.encode_string(header, &mut jwt);
        jwt.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut jwt);
        let signature = self.signature(jwt.as_bytes())?;
        jwt.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut jwt);
        Ok(jwt)
    }
}

/// A JWT whose signature was verified: the only way to its payload.
///
/// Its text is not unique: the holder of an ES256 token can make another valid signature over the same claims. So a
/// token that may be used once is known by its `jti`, never by a hash of the token.
#[derive(Debug)]
pub struct VerifiedJwt {
    typ: Option<String>,
    kid: String,
    payload: Vec<u8>,
}

impl VerifiedJwt {
    /// Verifies a compact JWT with the one of `keys` that its `kid` names. The algorithm is that key's own: a header
    /// that says otherwise is refused (RFC 8725 §3.1). Keys or places of keys in the header (`jwk`, `jku`, `x5c`,
    /// `x5u`) mean nothing here, and no extension is understood (`crit`, RFC 7515 §4.1.11).
    ///
    /// The claims themselves, `typ` among them, are not checked here.
    ///
    /// # Errors
    /// [`CryptoError::Malformed`], [`CryptoError::UnknownKey`] or [`CryptoError::Signature`].
    pub fn decode(compact: &str, keys: &[VerifyingKey]) -> Result<Self, CryptoError> {
        if compact.len() > MAX_LENGTH {
            return Err(CryptoError::Malformed("it is too long"));
        }
        let parts = CryptoError::Malformed("it does not have three parts");
        let (input, signature) = compact.rsplit_once('.').ok_or(parts.clone())?;
        let (header, payload) = input.split_once('.').filter(|(_, rest)| !rest.contains('.')).ok_or(parts)?;

        let header = ReadHeader::parse(&decode(header)?)?;
        let key = keys.iter().find(|key| key.kid() == header.kid).ok_or(CryptoError::UnknownKey)?;
        if header.alg != key.algorithm().name() {
            return Err(CryptoError::Malformed("alg is not the algorithm of its key"));
        }
        key.verify(input.as_bytes(), &decode(signature)?)?;

        let payload = decode(payload)?;
        match is_unambiguous_object(&payload) {
            true => Ok(Self { typ: header.typ, kid: header.kid, payload }),
            false => Err(CryptoError::Malformed("payload is not a JSON object, or repeats a name")),
        }
    }

    /// The header's `typ`, as written.
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The `kid` of the key that signed it.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The claims as they were signed: one JSON object without repeated names.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Reads the claims.
    ///
    /// # Errors
    /// [`CryptoError::Malformed`] when they do not have the shape of `T`.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, CryptoError> {
        serde_json::from_slice(&self.payload)
            .map_err(|_| CryptoError::Malformed("claims do not have the expected form"))
    }
}

/// The header that we make.
#[derive(Serialize)]
struct MadeHeader<'a> {
    typ: &'a str,
    alg: &'a str,
    kid: &'a str,
}

/// What we look at in a header that we read. It is not trusted: it only says which of our keys to try.
#[derive(Deserialize)]
struct ReadHeader {
    #[serde(default)]
    typ: Option<String>,
    alg: String,
    kid: String,
    /// `Some` even if null or empty: any `crit` is refused.
    #[serde(default, deserialize_with = "present")]
    crit: Option<Value>,
    /// It changes what is signed (RFC 7797), so it is refused even where `crit` does not list it.
    #[serde(default, deserialize_with = "present")]
    b64: Option<Value>,
}

impl ReadHeader {
    fn parse(json: &[u8]) -> Result<Self, CryptoError> {
        if !is_unambiguous_object(json) {
            return Err(CryptoError::Malformed("header is not a JSON object, or repeats a name"));
        }
        let header: Self =
            serde_json::from_slice(json).map_err(|_| CryptoError::Malformed("header lacks alg or kid"))?;
        match header.crit.is_some() || header.b64.is_some() {
            true => Err(CryptoError::Malformed("header demands an extension (crit, b64)")),
            false => Ok(header),
        }
    }
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Strict base64url: no padding, no white space, no second spelling of the same bytes (RFC 7515 §2).
fn decode(part: &str) -> Result<Vec<u8>, CryptoError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| CryptoError::Malformed("a part is not base64url"))
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use serde_json::json;
    use sha2::Sha256;

    use super::*;
    use crate::crypto::GeneratedKey;

    fn pair(algorithm: Algorithm) -> (SigningKey, VerifyingKey) {
        let key = GeneratedKey::quickly(algorithm);
        let signing = SigningKey::from_der(algorithm, key.jwk.kid(), &key.private_der).unwrap();
        (signing, VerifyingKey::from_jwk(&key.jwk).unwrap())
    }

    /// A JWT with any header and payload, signed as it should be.
    fn forge(key: &SigningKey, header: &str, payload: &str) -> String {
        let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let signature = URL_SAFE_NO_PAD.encode(key.signature(input.as_bytes()).unwrap());
        format!("{input}.{signature}")
    }

    #[test]
    fn what_is_signed_is_read_back() {
        for algorithm in Algorithm::ALL {
            let (signing, verifying) = pair(algorithm);
            let claims = json!({"sub": "alice", "exp": 1_700_000_000});
            let jwt = signing.sign("at+jwt", &claims).unwrap();
            let header = jwt.split('.').next().unwrap();
            let header: Value = serde_json::from_slice(&decode(header).unwrap()).unwrap();
            assert_eq!(header, json!({"typ": "at+jwt", "alg": algorithm.name(), "kid": signing.kid()}));

            let (_, other) = pair(Algorithm::Es256);
            let read = VerifiedJwt::decode(&jwt, &[other, verifying]).unwrap();
            assert_eq!((read.typ(), read.kid()), (Some("at+jwt"), signing.kid()));
            assert_eq!(read.claims::<Value>().unwrap(), claims);
        }
    }

    #[test]
    fn every_changed_removed_or_added_character_is_refused() {
        for algorithm in Algorithm::ALL {
            let (signing, verifying) = pair(algorithm);
            let keys = [verifying];
            let jwt = signing.sign("JWT", &json!({"sub": "alice"})).unwrap();
            assert!(VerifiedJwt::decode(&jwt, &keys).is_ok());
            for place in 0..jwt.len() {
                let (before, after) = jwt.split_at(place);
                let (old, rest) = after.split_at(1);
                for new in ["A", "_", ".", "=", "+", " ", ""] {
                    let changed = format!("{before}{new}{rest}");
                    assert!(new == old || VerifiedJwt::decode(&changed, &keys).is_err(), "{place}: {new}");
                }
                assert!(VerifiedJwt::decode(before, &keys).is_err());
                assert!(VerifiedJwt::decode(&format!("{before}A{after}"), &keys).is_err(), "{place}");
            }
            for tail in ["=", "\n", " ", ".", ".e30", "A"] {
                assert!(VerifiedJwt::decode(&format!("{jwt}{tail}"), &keys).is_err(), "{tail:?}");
                assert!(VerifiedJwt::decode(&format!("{tail}{jwt}"), &keys).is_err(), "{tail:?}");
            }
        }
    }

    #[test]
    fn a_second_spelling_of_the_same_bytes_is_refused() {
        let (signing, verifying) = pair(Algorithm::Es256);
        let jwt = signing.sign("JWT", &json!({})).unwrap();
        // The last of 86 characters carries 4 spare bits.
        let (head, last) = jwt.split_at(jwt.len() - 1);
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let accepted = alphabet
            .chars()
            .filter(|c| VerifiedJwt::decode(&format!("{head}{c}"), std::slice::from_ref(&verifying)).is_ok());
        assert_eq!(accepted.collect::<String>(), last);
    }

    #[test]
    fn an_unsigned_token_is_refused() {
        let (signing, verifying) = pair(Algorithm::Rs256);
        for alg in ["none", "None", "NONE", "", "RS512"] {
            let header = json!({"typ": "JWT", "alg": alg, "kid": signing.kid()}).to_string();
            let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("{}"));
            for jwt in [format!("{input}."), input.clone(), format!("{input}.AA")] {
                let refused = VerifiedJwt::decode(&jwt, std::slice::from_ref(&verifying));
                assert!(matches!(refused, Err(CryptoError::Malformed(_))), "{alg}: {refused:?}");
            }
        }
        let header = json!({"alg": "RS256", "kid": signing.kid()}).to_string();
        let empty = format!("{}.{}.", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("{}"));
        assert_eq!(VerifiedJwt::decode(&empty, &[verifying]).unwrap_err(), CryptoError::Signature);
    }

    #[test]
    fn a_public_key_is_never_taken_for_an_hmac_secret() {
        let key = GeneratedKey::generate(Algorithm::Rs256).unwrap();
        let public = openssl::pkey::PKey::private_key_from_pkcs8(&key.private_der).unwrap();
        let verifying = VerifyingKey::from_jwk(&key.jwk).unwrap();
        let secrets = [
            public.public_key_to_pem().unwrap(),
            public.public_key_to_der().unwrap(),
            serde_json::to_vec(&key.jwk).unwrap(),
        ];
        for secret in secrets {
            for alg in ["HS256", "RS256"] {
                let header = json!({"alg": alg, "kid": key.jwk.kid()}).to_string();
                let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("{}"));
                let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
                mac.update(input.as_bytes());
                let jwt = format!("{input}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
                assert!(VerifiedJwt::decode(&jwt, std::slice::from_ref(&verifying)).is_err());
            }
        }
    }

    #[test]
    fn the_algorithm_is_that_of_the_key_and_not_of_the_header() {
        let (rsa, rsa_public) = pair(Algorithm::Rs256);
        let (ec, ec_public) = pair(Algorithm::Es256);
        let keys = [rsa_public, ec_public];
        // Signed by the EC key, and names it, but says RS256; and the other way round.
        let jwt = forge(&ec, &json!({"alg": "RS256", "kid": ec.kid()}).to_string(), "{}");
        assert!(matches!(VerifiedJwt::decode(&jwt, &keys), Err(CryptoError::Malformed(_))));
        let jwt = forge(&ec, &json!({"alg": "ES256", "kid": rsa.kid()}).to_string(), "{}");
        assert!(matches!(VerifiedJwt::decode(&jwt, &keys), Err(CryptoError::Malformed(_))));
        let jwt = forge(&ec, &json!({"alg": "RS256", "kid": rsa.kid()}).to_string(), "{}");
        assert_eq!(VerifiedJwt::decode(&jwt, &keys).unwrap_err(), CryptoError::Signature);
    }

    #[test]
    fn a_key_in_the_header_is_not_looked_at() {
        let (_, trusted) = pair(Algorithm::Es256);
        let attacker = GeneratedKey::generate(Algorithm::Es256).unwrap();
        let signing = SigningKey::from_der(Algorithm::Es256, attacker.jwk.kid(), &attacker.private_der).unwrap();
        for kid in [attacker.jwk.kid(), trusted.kid()] {
            let header = json!({"alg": "ES256", "kid": kid, "jwk": attacker.jwk, "jku": "https://evil.example/jwks",
                "x5u": "https://evil.example/c", "x5c": ["AA=="]});
            assert!(
                VerifiedJwt::decode(&forge(&signing, &header.to_string(), "{}"), std::slice::from_ref(&trusted))
                    .is_err()
            );
        }
    }

    #[test]
    fn an_unknown_or_missing_kid_is_refused() {
        let (signing, verifying) = pair(Algorithm::Es256);
        let jwt = forge(&signing, r#"{"alg":"ES256","kid":"../../dev/null"}"#, "{}");
        assert_eq!(VerifiedJwt::decode(&jwt, std::slice::from_ref(&verifying)).unwrap_err(), CryptoError::UnknownKey);
        let jwt = forge(&signing, r#"{"alg":"ES256"}"#, "{}");
        assert!(matches!(VerifiedJwt::decode(&jwt, &[verifying]), Err(CryptoError::Malformed(_))));
        let jwt = signing.sign("JWT", &json!({})).unwrap();
        assert_eq!(VerifiedJwt::decode(&jwt, &[]).unwrap_err(), CryptoError::UnknownKey);
    }

    #[test]
    fn extensions_and_ambiguous_json_are_refused_even_when_signed() {
        let (signing, verifying) = pair(Algorithm::Es256);
        let kid = signing.kid();
        let good = format!(r#""alg":"ES256","kid":"{kid}""#);
        for extra in [
            r#""crit":["exp"]"#,
            r#""crit":["x"],"x":1"#,
            r#""crit":[]"#,
            r#""crit":null"#,
            r#""b64":true"#,
            r#""alg":"ES256""#,
            r#""x":1,"x":1"#,
            r#""typ":7"#,
        ] {
            let jwt = forge(&signing, &format!("{{{good},{extra}}}"), "{}");
            assert!(
                matches!(VerifiedJwt::decode(&jwt, std::slice::from_ref(&verifying)), Err(CryptoError::Malformed(_))),
                "{extra}"
            );
        }
        for payload in ["", "[]", "\"alice\"", "null", "{} {}", r#"{"sub":"a","sub":"b"}"#, r#"{"a":{"b":1,"b":2}}"#] {
            let jwt = forge(&signing, &format!("{{{good}}}"), payload);
            assert!(
                matches!(VerifiedJwt::decode(&jwt, std::slice::from_ref(&verifying)), Err(CryptoError::Malformed(_))),
                "{payload}"
            );
        }
        assert!(VerifiedJwt::decode(&forge(&signing, &format!("{{{good}}}"), "{}"), &[verifying]).is_ok());
    }

    #[test]
    fn a_very_long_token_is_not_looked_at() {
        let (signing, verifying) = pair(Algorithm::Es256);
        let jwt = signing.sign("JWT", &json!({"pad": "x".repeat(MAX_LENGTH)})).unwrap();
        assert_eq!(VerifiedJwt::decode(&jwt, &[verifying]).unwrap_err(), CryptoError::Malformed("it is too long"));
    }
}
