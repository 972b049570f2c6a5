//! How we prove to a provider who we are.

use std::time::Duration;

use serde::Serialize;

use crate::crypto::{CryptoError, SigningKey};
use crate::foundation::{SecretString, Timestamp};

/// How we prove to a provider who we are.
#[derive(Clone, Debug)]
pub enum ClientProof {
    /// By a secret that it gave us.
    Secret(SecretString),
    /// By a JWT of ours in the place of a secret (Apple).
    Signed(SignedSecret),
}

/// What a secret that we sign is made of
/// (<https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret>).
#[derive(Clone, Debug)]
pub struct SignedSecret {
    /// Who signs: the team.
    pub team: String,
    /// With what.
    pub key: SigningKey,
    /// For whom.
    pub audience: String,
}

/// Each is used at once; the time is for a clock that differs.
const LIFE: Duration = Duration::from_secs(300);

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    iat: i64,
    exp: i64,
    aud: &'a str,
    sub: &'a str,
}

impl ClientProof {
    /// The `client_secret` for a call at `now`.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn secret(&self, client_id: &str, now: Timestamp) -> Result<SecretString, CryptoError> {
        match self {
            Self::Secret(secret) => Ok(secret.clone()),
            Self::Signed(SignedSecret { team, key, audience }) => {
                let (iat, exp) = (now.as_secs(), now.after(LIFE).as_secs());
                let claims = Claims { iss: team, iat, exp, aud: audience, sub: client_id };
                key.sign("JWT", &claims).map(SecretString::new)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    use super::*;
    use crate::crypto::{Algorithm, GeneratedKey};

    fn pem(algorithm: Algorithm) -> String {
        let der = GeneratedKey::generate(algorithm).unwrap().private_der;
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(&*der))
    }

    fn key(kid: &str) -> SigningKey {
        SigningKey::of_others(kid, pem(Algorithm::Es256).as_bytes()).unwrap()
    }

    #[test]
    fn a_secret_that_we_sign_names_the_team_the_key_and_the_client_and_holds_for_minutes() {
        let (key, team) = (key("ABC123DEFG"), "TEAM123456".into());
        let signed = SignedSecret { team, key, audience: "https://appleid.apple.com".into() };
        let secret = ClientProof::Signed(signed).secret("com.example.web", Timestamp::from_secs(1_000)).unwrap();
        let parts: Vec<Value> = secret
            .expose()
            .split('.')
            .take(2)
            .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
            .collect();
        let expected = [
            json!({"typ": "JWT", "alg": "ES256", "kid": "ABC123DEFG"}),
            json!({"iss": "TEAM123456", "iat": 1_000, "exp": 1_300, "aud": "https://appleid.apple.com", "sub": "com.example.web"}),
        ];
        assert_eq!(parts, expected);
    }

    #[test]
    fn another_kind_of_key_is_refused() {
        for other in ["", "secret", &pem(Algorithm::Es256)[..60], &pem(Algorithm::Rs256)] {
            assert!(SigningKey::of_others("k", other.as_bytes()).is_err(), "{other}");
        }
    }

    #[test]
    fn the_key_is_not_in_the_debug_form() {
        let signed = ClientProof::Signed(SignedSecret { team: "t".into(), key: key("k"), audience: "a".into() });
        assert_eq!(
            format!("{signed:?}"),
            r#"Signed(SignedSecret { team: "t", key: SigningKey(ES256 k), audience: "a" })"#
        );
    }
}
