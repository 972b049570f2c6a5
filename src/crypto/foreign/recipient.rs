//! Encrypting to somebody else's key (RFC 7516).

use josekit::jwe::{
    ECDH_ES, ECDH_ES_A128KW, ECDH_ES_A256KW, JweContext, JweEncrypter, JweHeader, RSA_OAEP, RSA_OAEP_256,
};
use serde_json::{Map, Value};

use super::jwk::ForeignJwk;
use super::jwk_set::ForeignJwkSet;
use crate::crypto::CryptoError;
use crate::crypto::jwe::{Encryption, KeyManagement};

impl ForeignJwkSet {
    /// The key to encrypt to: one that says it is for that, before one that says nothing (RFC 7517 §4.2).
    pub fn recipient(&self, alg: KeyManagement) -> Option<&ForeignJwk> {
        let fitting = || self.keys().iter().filter(|key| key.receives(alg));
        fitting().find(|key| key.is_for_encryption()).or_else(|| fitting().next())
    }
}

impl ForeignJwk {
    /// Encrypts a signed JWT, or another text, to the holder of this key. With an `issuer` the header says, for whoever sorts what
    /// they get before they open it, who sent it (RFC 7519 §5.3).
    ///
    /// # Errors
    /// [`CryptoError::Key`] when the key is not for that, or no point of its curve.
    pub fn encrypt(
        &self,
        encryption: Encryption,
        text: &str,
        is_jwt: bool,
        issuer: Option<&str>,
    ) -> Result<String, CryptoError> {
        let Encryption { alg, enc } = encryption;
        if !self.receives(alg) {
            return Err(CryptoError::Key("the key is not for this algorithm"));
        }
        let encrypter = self.encrypter(alg)?;
        let mut header = JweHeader::new();
        header.set_content_encryption(enc.name());
        if is_jwt {
            // RFC 7519 §5.2: what is inside is a JWT again.
            header.set_content_type("JWT");
        }
        if let Some(issuer) = issuer {
            header.set_issuer(issuer);
        }
        if let Some(kid) = self.kid() {
            header.set_key_id(kid);
        }
        let sealed = JweContext::new().serialize_compact(text.as_bytes(), &header, &*encrypter);
        sealed.map_err(|_| CryptoError::Key("the key cannot be encrypted to"))
    }

    fn encrypter(&self, alg: KeyManagement) -> Result<Box<dyn JweEncrypter>, CryptoError> {
        let members: Map<String, Value> =
            self.members().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let unusable = |_| CryptoError::Key("the key cannot be encrypted to");
        let jwk = josekit::jwk::Jwk::from_map(members).map_err(unusable)?;
        Ok(match alg {
            KeyManagement::RsaOaep => Box::new(RSA_OAEP.encrypter_from_jwk(&jwk).map_err(unusable)?),
            KeyManagement::RsaOaep256 => Box::new(RSA_OAEP_256.encrypter_from_jwk(&jwk).map_err(unusable)?),
            KeyManagement::EcdhEs => Box::new(ECDH_ES.encrypter_from_jwk(&jwk).map_err(unusable)?),
            KeyManagement::EcdhEsA128Kw => Box::new(ECDH_ES_A128KW.encrypter_from_jwk(&jwk).map_err(unusable)?),
            KeyManagement::EcdhEsA256Kw => Box::new(ECDH_ES_A256KW.encrypter_from_jwk(&jwk).map_err(unusable)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::crypto::jwe::ContentEncryption;

    /// RFC 7515 §A.3.1.
    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    fn key(kid: &str, more: &Value) -> Value {
        let mut key = json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": kid});
        for (name, value) in more.as_object().unwrap() {
            key[name] = value.clone();
        }
        key
    }

    fn chosen(keys: &[Value], alg: KeyManagement) -> Option<String> {
        let set = ForeignJwkSet::read(&json!({ "keys": keys }));
        set.recipient(alg).and_then(ForeignJwk::kid).map(str::to_owned)
    }

    #[test]
    fn the_key_that_says_it_is_for_encryption_comes_first_and_one_for_signatures_never() {
        let (any, enc) = (key("any", &json!({})), key("enc", &json!({"use": "enc"})));
        let sig = key("sig", &json!({"use": "sig"}));
        let alg = KeyManagement::EcdhEs;
        assert_eq!(chosen(&[sig.clone(), any.clone(), enc], alg).as_deref(), Some("enc"));
        assert_eq!(chosen(&[sig.clone(), any.clone()], alg).as_deref(), Some("any"));
        assert_eq!(chosen(&[sig], alg), None);
        assert_eq!(chosen(&[any], KeyManagement::RsaOaep), None, "of another kind");
    }

    #[test]
    fn a_key_that_names_another_algorithm_is_left_alone() {
        let named = |alg: &str| [key("k", &json!({"alg": alg}))];
        assert_eq!(chosen(&named("ECDH-ES+A256KW"), KeyManagement::EcdhEsA256Kw).as_deref(), Some("k"));
        assert_eq!(chosen(&named("ECDH-ES"), KeyManagement::EcdhEsA256Kw), None);
        assert_eq!(chosen(&named("ES256"), KeyManagement::EcdhEs), None);
    }

    #[test]
    fn nothing_is_encrypted_to_what_is_no_point_of_the_curve_or_for_something_else() {
        let encryption = Encryption { alg: KeyManagement::EcdhEs, enc: ContentEncryption::A128Gcm };
        let good = ForeignJwk::read(&key("k", &json!({}))).unwrap();
        assert_eq!(good.encrypt(encryption, "text", false, None).unwrap().split('.').count(), 5);
        let off = ForeignJwk::read(&key("k", &json!({"y": X}))).unwrap();
        assert!(matches!(off.encrypt(encryption, "text", false, None), Err(CryptoError::Key(_))));
        let rsa = Encryption { alg: KeyManagement::RsaOaep, ..encryption };
        assert!(matches!(good.encrypt(rsa, "text", false, None), Err(CryptoError::Key(_))));
    }
}
